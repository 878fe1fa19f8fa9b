"""Disconnect: syncs stop at once, Express Leave is told, and the tokens are given back (CON-2, LB-9)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.runtime.tokens import Tokens
from tests.api.test_leave_connecting import (
    OTHER,
    linked,
    refresh_tokens,
    revoked_at_attache,
    started,
    status,
    tokens,
)
from tests.worlds.leave_api import Acme, acme, company, connected, employee, leave, leave_sandboxes

__all__ = ["acme", "connected", "leave_sandboxes"]

pytestmark = pytest.mark.requirement("CON-2")
APP = {"client_id": "payrelay-sandbox", "client_secret": "sandbox-secret"}
GONE = ("not_connected", None)


@pytest.mark.requirement("LB-9", "CON-3")
def test_disconnecting_disconnects_express_leave_and_gives_the_tokens_back(connected: Acme) -> None:
    answer = connected.call("POST", "/disconnect")
    assert (answer.status, answer.json["status"]) == (200, "not_connected")
    assert linked(connected) is None
    assert refresh_tokens(connected) == []
    assert tokens(connected) == APP
    assert connected.login().status == 409


def test_disconnecting_is_repeatable_and_then_calls_nobody(connected: Acme) -> None:
    for _ in range(2):
        assert connected.call("POST", "/disconnect").status == 200
        connected.forget_requests()
    assert connected.requests("attache") == connected.requests("express_leave") == []
    assert status(connected) == GONE


@pytest.mark.requirement("LB-9", "LB-12")
def test_disconnecting_stops_the_sync_and_every_persons_own_run(connected: Acme) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company(connected=True)])
    own = connected.call("POST", "/people/E1/refresh", {}).json["run_id"]
    login = connected.login().json["run_id"]
    assert connected.call("POST", "/disconnect").status == 200
    connected.forget_requests()
    connected.telling = False
    ended = {run.run_id: run for run in connected.settle()}
    assert ended.keys() == {own, login}
    for run in ended.values():
        assert run.status.value == "stopped"
        assert run.error
        assert run.error.code == "CONNECTION_DISCONNECTED"
    assert connected.requests("attache") == connected.requests("express_leave") == []


@pytest.mark.requirement("LB-9")
def test_a_sync_that_is_being_planned_meanwhile_writes_nothing(
    connected: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tokens are gone in the middle of a step: that is no reason to ask for attention."""
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company(connected=True)])
    login = connected.login().json["run_id"]
    sides = type(connected.opening(connected.started.runs[0]).sides)
    usual = sides.leave_types

    def then_disconnected(self: Any) -> Any:
        monkeypatch.setattr(sides, "leave_types", usual)
        assert connected.call("POST", "/disconnect").status == 200
        return usual(self)

    monkeypatch.setattr(sides, "leave_types", then_disconnected)
    connected.settle()
    run = connected.run(login)
    assert (run["status"], run["error"]["code"]) == ("stopped", "CONNECTION_DISCONNECTED")
    assert connected.state("express_leave")["users"] == []
    assert status(connected) == GONE


@pytest.mark.requirement("LB-9", "CON-3")
@pytest.mark.parametrize("system", ["attache", "express_leave"])
def test_a_system_that_is_down_gets_its_part_back_with_the_next_disconnect(
    connected: Acme, system: str
) -> None:
    connected.faults(system, error_rate=1.0, errors=[503], seed=1)
    answer = connected.call("POST", "/disconnect")
    assert (answer.status, answer.code, answer.json["system"]) == (503, "SYSTEM_UNREACHABLE", system)
    assert int(answer.headers["Retry-After"]) >= 1
    assert "is disconnected" in answer.json["detail"]
    assert status(connected) == GONE
    assert connected.login().status == 409
    connected.calm(system)
    assert connected.call("POST", "/disconnect").status == 200
    assert (linked(connected), refresh_tokens(connected), tokens(connected)) == (None, [], APP)


def expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every access token counts as about to expire."""
    monkeypatch.setattr(Tokens, "_lasts", lambda self, kept: False)


@pytest.mark.requirement("LB-9", "CON-3")
def test_a_consent_that_was_withdrawn_does_not_keep_from_disconnecting_and_choosing_anew(
    connected: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked_at_attache(connected)
    connected.clock.pass_by(1801)
    with monkeypatch.context() as patch:
        expired(patch)
        assert connected.call("POST", "/disconnect").status == 200
    assert (linked(connected), tokens(connected)) == (None, APP)
    answer = connected.connect(OTHER, confirm_organisation=True)
    assert answer.json["status"] == "connected"
    assert linked(connected) == OTHER


@pytest.mark.requirement("LB-9", "CON-3")
def test_attache_that_is_down_does_not_keep_express_leave_from_being_told(
    connected: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired(monkeypatch)
    connected.faults("attache", error_rate=1.0, errors=[503], seed=1)
    assert connected.call("POST", "/disconnect").status == 503
    assert linked(connected) is None
    connected.calm("attache")
    assert connected.call("POST", "/disconnect").status == 200
    assert (refresh_tokens(connected), tokens(connected)) == ([], APP)


@pytest.mark.requirement("LB-9", "CON-3")
def test_a_wrong_key_of_express_leave_does_not_keep_the_tokens_from_being_given_back(
    connected: Acme,
) -> None:
    wrong = {"company_id": "c-9", "api_key": "another-key"}
    assert connected.call("PATCH", "", {"credentials": {"express_leave": wrong}}).status == 200
    assert connected.call("POST", "/disconnect").status == 200
    assert (refresh_tokens(connected), tokens(connected)) == ([], APP)


@pytest.mark.requirement("LB-9")
def test_a_link_to_another_organisation_that_nobody_was_told_of_is_not_ours_to_end(
    connected: Acme,
) -> None:
    link = {"Connected": True, "OrganisationId": OTHER, "OrganisationName": "Acme New Zealand Ltd"}
    connected.fill(company=[{**company(), "Connection": link}])
    assert connected.call("POST", "/disconnect").status == 200
    assert (linked(connected), refresh_tokens(connected)) == (OTHER, [])


@pytest.mark.requirement("LB-9", "RUN-1")
def test_connecting_waits_until_a_sync_that_was_stopped_has_ended_so_that_a_full_one_follows(
    connected: Acme,
) -> None:
    """Otherwise it would join the one that is about to stop, and nothing would sync."""
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company(connected=True)])
    stopping = connected.login().json["run_id"]
    assert connected.call("POST", "/disconnect").status == 200
    given = connected.consent()
    answer = connected.call("POST", "/connect", given)
    assert (answer.status, answer.code) == (409, "RUN_IN_PROGRESS")
    assert stopping in answer.json["detail"]
    assert int(answer.headers["Retry-After"]) >= 1
    assert (status(connected), linked(connected)) == (GONE, None)
    connected.telling = False
    assert [run.run_id for run in connected.settle()] == [stopping]
    again = connected.call("POST", "/connect", given)
    assert again.status == 200, "the same consent is still good"
    assert again.json["run_id"] != stopping
    assert connected.settle()[0].status.value == "succeeded"
    assert connected.balance("E1") == ("107.4512", "2026-01-04")


@pytest.mark.requirement("LB-9", "RUN-1")
def test_connecting_waits_for_no_run_that_was_stopped_and_died(connected: Acme) -> None:
    stopping = connected.login().json["run_id"]
    assert connected.call("POST", "/disconnect").status == 200
    connected.started.runs.clear()
    connected.clock.pass_by(1801)
    answer = started(connected)
    assert answer.status == 200, answer.text
    assert answer.json["run_id"] != stopping
    assert connected.run(stopping)["status"] == "stopped"
    assert [run.status.value for run in connected.settle()] == ["succeeded"]


@pytest.mark.requirement("CON-1", "CON-3")
def test_deleting_needs_a_disconnect_and_leaves_nothing_behind(connected: Acme) -> None:
    refused = connected.call("DELETE")
    assert (refused.status, refused.code) == (409, "STILL_CONNECTED")
    assert connected.call("POST", "/disconnect").status == 200
    assert connected.call("DELETE").status == 204
    assert (linked(connected), refresh_tokens(connected)) == (None, [])
