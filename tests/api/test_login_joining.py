"""Logins that join a run, messages that come twice, and many at once (LB-2, RUN-1, TRG-3, OPS-3)."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.domain.runs import Trigger
from tests.worlds.api import Reply, load
from tests.worlds.leave_api import FLOW, Acme, acme, company, connected, employee, leave, leave_sandboxes
from tests.worlds.logins import FORMS, at_once, by_event, by_standard, counted, dead_letters, event_told, runs

__all__ = ["acme", "connected", "leave_sandboxes"]

forms = pytest.mark.parametrize("send", FORMS)
Send = Callable[..., Reply]


def run_of(answer: Reply) -> str:
    return str(answer.json["run_id"])


def own_run(acme: Acme, code: str = "E1") -> Reply:
    """A person refreshes their own balances."""
    return acme.call("POST", f"/people/{code}/refresh", {})


# Joining.


@pytest.mark.requirement("LB-2", "RUN-1")
@forms
def test_a_login_during_a_sync_joins_it(connected: Acme, send: Send) -> None:
    first = connected.login()
    second = send(connected, "msg_2")
    assert (second.status, second.json["joined"]) == (200, True)
    assert (run_of(second), second.headers["Location"]) == (run_of(first), f"/runs/{run_of(first)}")
    assert len(connected.started.runs) == 1
    assert "joined" not in first.json


@pytest.mark.requirement("LB-2")
def test_logging_out_and_in_again_starts_a_new_sync_once_the_former_has_ended(connected: Acme) -> None:
    first = connected.sync()
    second = connected.sync()
    assert first["status"] == second["status"] == "succeeded"
    assert first["run_id"] != second["run_id"]
    assert [sync["Trigger"] for sync in connected.syncs()][-2:] == ["Login", "Login"]


@pytest.mark.requirement("RUN-1")
def test_a_run_that_died_keeps_nobody_from_logging_in(connected: Acme) -> None:
    dead = connected.login()
    connected.clock.pass_by(1801)
    after = connected.login()
    assert (after.status, run_of(after) != run_of(dead)) == (202, True)
    assert connected.run(run_of(dead))["error"]["code"] == "RUN_DIED"
    late, heir = connected.started.runs
    assert (late.run_id, heir.run_id) == (run_of(dead), run_of(after))
    connected.started.runs = [heir]
    assert connected.settle()[0].status.value == "succeeded"


@pytest.mark.requirement("LB-2", "LB-12", "RUN-1")
def test_a_persons_own_run_is_not_joined_and_keeps_no_login_from_starting(connected: Acme) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")], company=[company(connected=True)])
    own = own_run(connected)
    assert own.status == 202, own.text
    answer = connected.login()
    assert (answer.status, run_of(answer) != run_of(own)) == (202, True)
    joined = connected.login()
    assert (joined.status, run_of(joined)) == (200, run_of(answer))
    assert [run.scope for run in connected.started.runs] == ["E1", ""]
    assert {run.status.value for run in connected.settle()} <= {"succeeded", "partial"}


# The same message twice.


@pytest.mark.requirement("TRG-3", "LB-2")
@forms
def test_the_same_message_again_gets_the_run_that_it_started(connected: Acme, send: Send) -> None:
    first = send(connected, "msg_1")
    assert first.status == 202
    again = send(connected, "msg_1")
    assert (again.status, run_of(again), again.json["joined"]) == (200, run_of(first), True)
    (ended,) = connected.settle()
    connected.settle()
    after = send(connected, "msg_1")
    assert (after.status, run_of(after), after.json["status"]) == (200, ended.run_id, "succeeded")
    other = connected.login()
    assert (other.status, run_of(other) != ended.run_id) == (202, True)
    during = send(connected, "msg_1")
    assert run_of(during) == ended.run_id, "and not the one that is in progress now"
    assert len(connected.started.runs) == 1


@pytest.mark.requirement("TRG-3", "LB-2")
@forms
def test_a_message_that_joined_a_run_never_starts_another(connected: Acme, send: Send) -> None:
    first = connected.login()
    assert run_of(send(connected, "msg_2")) == run_of(first)
    connected.settle()
    again = send(connected, "msg_2")
    assert (again.status, run_of(again)) == (200, run_of(first))
    assert connected.started.runs == []


@pytest.mark.requirement("TRG-3", "RUN-1")
@forms
def test_the_same_message_twice_at_once_starts_one_run(connected: Acme, send: Send) -> None:
    before = len(runs(connected))
    answers = at_once(lambda _: send(connected, "msg_1"), 2)
    assert sorted(answer.status for answer in answers) == [200, 202]
    assert len({run_of(answer) for answer in answers}) == 1
    assert len(connected.started.runs) == len(runs(connected)) - before == 1


@pytest.mark.requirement("RUN-1", "LB-2", "TRG-3")
def test_of_fifty_logins_at_once_one_starts_a_run_and_the_others_join_it(connected: Acme) -> None:
    before = len(runs(connected))
    answers = at_once(lambda number: FORMS[number % 2](connected, f"msg_{number}"), 50)
    assert sorted(answer.status for answer in answers) == [200] * 49 + [202]
    (run_id,) = {run_of(answer) for answer in answers}
    assert [run.run_id for run in connected.started.runs] == [run_id]
    assert len(runs(connected)) - before == 1
    connected.settle()
    assert {run_of(by_standard(connected, f"msg_{number}")) for number in range(0, 50, 10)} == {run_id}
    assert connected.started.runs == []


@pytest.mark.requirement("TRG-3", "CON-4")
def test_the_id_of_a_message_counts_for_one_connection_only(connected: Acme) -> None:
    first = by_event(connected, "ev-1")
    former, secret = connected.connection_id, connected.secret
    connected.settle()
    connected.make()
    connected.connect()
    other = by_event(connected, "ev-1")
    assert (other.status, run_of(other) != run_of(first)) == (202, True)
    connected.connection_id, connected.secret = former, secret
    assert run_of(by_event(connected, "ev-1")) == run_of(first)


# What a login costs.


@pytest.mark.requirement("LB-1", "TRG-3")
@forms
def test_a_login_takes_three_calls_of_the_table_at_most_and_none_of_a_vendor(
    connected: Acme, send: Send
) -> None:
    for message_id, status in (("msg_1", 202), ("msg_2", 200), ("msg_1", 200)):
        with counted(connected) as calls:
            assert send(connected, message_id).status == status
        assert 1 <= len(calls) <= 3, calls
    connected.settle()
    connected.forget_requests()
    for message_id, status in (("msg_1", 200), ("msg_3", 202)):
        with counted(connected) as calls:
            assert send(connected, message_id).status == status
        assert 1 <= len(calls) <= 3, calls
    assert connected.requests("attache") == connected.requests("express_leave") == []


@pytest.mark.requirement("LB-1")
def test_a_login_that_starts_nothing_takes_no_call_of_the_table_but_for_a_secret_that_may_be_new(
    connected: Acme,
) -> None:
    with counted(connected) as calls:
        assert connected.login("Non-Employee").status == 200
        assert event_told(connected, UserType="Non-Employee").status == 204
        assert connected.hook(b"{}", {}).status == 401
    assert calls == ["GetItem"], "a signature that is not right has the secrets read afresh"


# What could not start a run.


def redrive(letter: dict[str, str]) -> dict[str, Any]:
    """What redriving a dead letter has done."""
    handler = load("start_run", "start_run").handler
    answer: dict[str, Any] = handler(letter, SimpleNamespace(aws_request_id="lambda-id"))
    return answer


@pytest.mark.requirement("OPS-3")
@forms
def test_a_login_that_could_not_start_a_run_is_left_to_be_redriven(connected: Acme, send: Send) -> None:
    connected.started.broken = OSError("the state machines are down")
    answer = send(connected, "msg_1")
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Send the message again" in answer.json["detail"]
    assert "state machines" not in answer.text
    (letter,) = dead_letters()
    assert letter == {
        "tenant": "demo",
        "connection_id": connected.connection_id,
        "flow": FLOW,
        "trigger": "login",
    }
    connected.started.broken = None
    found = redrive(letter)
    assert found["started"] is True
    assert [run.run_id for run in connected.started.runs] == [found["run_id"]]
    (ended,) = connected.settle()
    assert (ended.trigger, ended.status.value) == (Trigger.LOGIN, "succeeded")
    again = send(connected, "msg_1")
    assert (again.status, run_of(again)) == (200, ended.run_id)


@pytest.mark.requirement("OPS-3", "TRG-3")
@forms
def test_the_same_message_again_starts_the_run_that_could_not_be_started(connected: Acme, send: Send) -> None:
    connected.started.broken = OSError("the state machines are down")
    assert send(connected, "msg_1").status == 500
    connected.started.broken = None
    again = send(connected, "msg_1")
    assert again.status in (200, 202)
    assert [run.run_id for run in connected.started.runs] == [run_of(again)]
    redrive(dead_letters()[0])
    assert [run.run_id for run in connected.started.runs] == [run_of(again)]
    assert [run.run_id for run in connected.settle()] == [run_of(again)]


@pytest.mark.requirement("OPS-3", "TRG-3")
def test_a_login_that_the_table_did_not_take_is_left_to_be_redriven_too(
    connected: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def throttled(*_: Any) -> Any:
        raise OSError("the table is throttled")

    with monkeypatch.context() as patch:
        patch.setattr(connected.world.memory.table, "transact", throttled)
        assert by_standard(connected, "msg_1").status == 500
    (letter,) = dead_letters()
    before = len(runs(connected))
    first = by_standard(connected, "msg_1")
    assert first.status == 202
    assert redrive(letter) == {"started": True, "run_id": run_of(first), "joined": True}
    assert len(runs(connected)) == before + 1


@pytest.mark.requirement("OPS-3")
def test_a_letter_of_a_login_starts_a_run_with_that_trigger_or_says_why_not(connected: Acme) -> None:
    letter = {
        "tenant": "demo",
        "connection_id": connected.connection_id,
        "flow": FLOW,
        "trigger": "login",
    }
    found = redrive(letter)
    run = connected.run(found["run_id"])
    assert (run["trigger"], run["requested_by"]) == ("login", "login")
    connected.call("POST", "/disconnect")
    assert redrive(letter) == {"started": False, "reason": "NOT_CONNECTED"}
    assert redrive({**letter, "tenant": "other"}) == {"started": False, "reason": "CONNECTION_GONE"}


@pytest.mark.requirement("OPS-3")
def test_a_login_that_is_refused_leaves_no_letter(connected: Acme) -> None:
    connected.call("POST", "/disconnect")
    assert connected.login().status == 409
    assert dead_letters() == []


@pytest.mark.requirement("OPS-3")
def test_who_redrives_a_letter_is_told_in_words_why_no_run_was_started(connected: Acme) -> None:
    """(oncall OC-17)"""
    connected.call("POST", "/disconnect")
    letter: dict[str, Any] = {"tenant": "demo", "connection_id": connected.connection_id, "flow": FLOW}
    told = redrive({**letter, "redriven": True})
    assert (told["started"], told["reason"]) == (False, "NOT_CONNECTED")
    assert "is not connected" in told["problem"]
    assert told["remedy"]
