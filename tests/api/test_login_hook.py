"""The login hook: whose login starts a sync, and what is refused before anything is done (LB-1, TRG-3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from payrelay.domain.runs import ConnectionStatus
from payrelay.domain.webhooks import new_key, sign
from payrelay.runtime.ids import connection_id as new_connection_id
from tests.worlds.api import Reply, load
from tests.worlds.leave_api import Acme, acme, connected, leave_sandboxes
from tests.worlds.logins import (
    FORMS,
    HOW_TO_CONNECT,
    LOGIN,
    event_told,
    is_problem,
    told,
    untouched,
)
from tests.worlds.structs import replace

__all__ = ["acme", "connected", "leave_sandboxes"]


@pytest.mark.requirement("LB-1", "TRG-3")
@pytest.mark.parametrize("role", ["Administrator", "HR Manager"])
def test_the_login_of_an_administrator_or_hr_manager_starts_a_sync(connected: Acme, role: str) -> None:
    answer = connected.login(role)
    assert answer.status == 202
    run_id = answer.json["run_id"]
    assert answer.headers["Location"] == f"/runs/{run_id}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == connected.run(run_id)
    facts = ("flow", "trigger", "mode", "status", "requested_by", "connection_id")
    assert [answer.json[name] for name in facts] == [
        "balance_sync",
        "login",
        "sync",
        "queued",
        "u-1",
        connected.connection_id,
    ]
    (ended,) = connected.settle()
    assert (ended.run_id, ended.status.value) == (run_id, "succeeded")


@pytest.mark.requirement("LB-1", "TRG-3")
@pytest.mark.parametrize("role", ["Administrator", "HR Manager"])
def test_so_does_one_that_is_told_in_the_form_of_express_leave(connected: Acme, role: str) -> None:
    answer = event_told(connected, UserType=role, UserId="u-7")
    assert (answer.status, answer.json["trigger"], answer.json["requested_by"]) == (202, "login", "u-7")
    assert connected.settle()[0].run_id == answer.json["run_id"]


@pytest.mark.requirement("LB-1")
@pytest.mark.parametrize(
    "role",
    [
        "administrator",
        "HR manager",
        "Hr Manager ",
        "HR\u00a0Manager",
        "hr-manager",
        "HRManager",
        "HR  MANAGER",
        "\uff21dministrator",
        "Admini\u00adstrator",
    ],
)
def test_a_role_that_starts_a_sync_does_so_however_it_is_spelled(role: str) -> None:
    """(faults C7)"""
    assert load("login_hook", "roles").starts(role).name == "SYNC"


@pytest.mark.requirement("LB-1")
def test_the_hook_takes_a_role_however_it_is_spelled(connected: Acme) -> None:
    """(faults C7)"""
    assert connected.login("HR\u00a0manager").status == 202


@pytest.mark.requirement("TRG-3")
def test_the_signature_is_checked_before_the_body_is_parsed(
    connected: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parsed(_: bytes) -> Any:
        raise AssertionError("the body was parsed")

    monkeypatch.setattr(load("login_hook", "logins"), "_parsed", parsed)
    assert connected.login(secret=new_key()).status == 401
    assert connected.login().status == 500


@pytest.mark.requirement("TRG-3")
def test_a_message_of_64_kb_is_taken_and_a_longer_one_is_not(connected: Acme) -> None:
    empty = len(json.dumps({**LOGIN, "more": ""}))
    longest = {**LOGIN, "more": "x" * (64 * 1024 - empty)}
    longer = json.dumps({**longest, "more": longest["more"] + "x"}).encode()
    answer = untouched(connected, lambda: told(connected, longer))
    assert is_problem(answer, 413, "BODY_TOO_LARGE")
    assert told(connected, json.dumps(longest).encode()).status == 202


@pytest.mark.requirement("TRG-3")
def test_fields_that_are_not_known_and_header_names_in_capitals_do_no_harm(connected: Acme) -> None:
    body = json.dumps({**LOGIN, "browser": {"name": "any"}}).encode()
    headers = sign(connected.secret, "msg_1", int(connected.clock().timestamp()), body)
    assert connected.hook(body, {name.upper(): value for name, value in headers.items()}).status == 202


# Which connection.


@pytest.mark.requirement("TRG-3", "CON-4")
@pytest.mark.parametrize("name", ["", "con_1", "con_01J/../x", "unknown", "another kind"])
def test_a_connection_that_takes_no_logins_is_not_found(connected: Acme, name: str) -> None:
    target = name or "nothing"
    if name == "unknown":
        target = new_connection_id()
    if name == "another kind":
        target = connected.world.connected()
    answer = untouched(connected, lambda: told(connected, json.dumps(LOGIN).encode(), connection_id=target))
    assert is_problem(answer, 404, "NOT_FOUND")


@pytest.mark.requirement("TRG-3", "CON-4")
def test_a_secret_of_one_connection_is_not_good_for_another(connected: Acme) -> None:
    """Neither of the same tenant nor of another: the secret names the tenant, the address does not."""
    body = {"name": "Other", "kind": "attache_express_leave", "settings": {}}
    credentials = {
        "attache": {"client_id": "a", "client_secret": "b"},
        "express_leave": {"company_id": "c-9", "api_key": "k"},
    }
    sent = json.dumps(LOGIN).encode()
    for tenant in ("demo", "other"):
        world = connected.world
        made = world.call("POST", "/connections", {**body, "credentials": credentials}, tenant=tenant)
        path = f"/connections/{made.json['connection_id']}"
        secret = world.call("POST", f"{path}/hook-secret", {}, tenant=tenant).json["secret"]
        assert untouched(connected, lambda secret=secret: connected.login(secret=secret)).status == 401
        theirs = {"connection_id": made.json["connection_id"]}
        assert untouched(connected, lambda theirs=theirs: told(connected, sent, **theirs)).status == 401
    assert connected.login().json["connection_id"] == connected.connection_id


@pytest.mark.requirement("LB-1", "LB-9")
@pytest.mark.parametrize("send", FORMS)
def test_without_a_connection_to_the_organisation_the_remedy_is_where_to_connect(
    acme: Acme, send: Callable[..., Reply]
) -> None:
    answer = untouched(acme, lambda: send(acme, "msg_1"))
    assert is_problem(answer, 409, "NOT_CONNECTED")
    assert HOW_TO_CONNECT in answer.json["remedy"]
    acme.connect()
    assert send(acme, "msg_1").status == 202, "the same message again starts what it could not before"


@pytest.mark.requirement("LB-9", "CON-2")
def test_a_connection_that_needs_attention_says_why_and_what_to_do(connected: Acme) -> None:
    ledger = connected.world.container.ledger
    found = ledger.connections.get("demo", connected.connection_id)
    assert found
    ledger.connections.save(replace(found, status=ConnectionStatus.ATTENTION, reason=None))
    answer = untouched(connected, connected.login)
    assert is_problem(answer, 409, "NOT_CONNECTED")
    assert HOW_TO_CONNECT in answer.json["remedy"]


@pytest.mark.requirement("TRG-3", "CON-1")
def test_a_deleted_connection_is_not_found(connected: Acme) -> None:
    assert connected.call("POST", "/disconnect").status == 200
    assert connected.call("DELETE").status == 204
    connected.forget_requests()
    assert is_problem(untouched(connected, connected.login), 404, "NOT_FOUND")


@pytest.mark.requirement("OPS-5", "SEC-1")
def test_logs_carry_the_ids_and_nothing_of_the_person(connected: Acme, logs: StringIO) -> None:
    answer = connected.login(user_name="Planted Name", email="planted@acme.example")
    connected.login("Non-Employee", user_name="Planted Name")
    connected.login(secret=new_key(), user_name="Planted Name")
    told(connected, b'{"user_name": "Planted Name"')
    written = logs.getvalue()
    first = json.loads(written.splitlines()[0])
    run_id = answer.json["run_id"]
    assert [first[name] for name in ("tenant", "connection_id", "run_id", "status", "request_id")] == [
        "demo",
        connected.connection_id,
        run_id,
        202,
        "lambda-id",
    ]
    last = json.loads(written.splitlines()[-1])
    assert "run_id" not in last, "the next message does not bring along what was noted for this one"
    assert "lanted" not in written + str(connected.world.stored()) + answer.text
    assert connected.secret not in written + str(connected.world.stored())
