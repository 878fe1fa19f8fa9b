"""Every route that asks an outside system answers in time although that hangs, and names it (faults H7)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from payrelay.systems.http import patience
from payrelay.systems.synergy.client import SynergyClient
from tests.conftest import template
from tests.worlds.leave_api import Acme, acme, connected, employee, leave, leave_sandboxes
from tests.worlds.reports_api import Delft

__all__ = ["acme", "connected", "leave_sandboxes"]

HANGS = 4000
WHOLE = patience.CALL_SECONDS


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The same as ever, in less time, from now on: what a test begins with may take as long as it takes."""

    def now() -> None:
        monkeypatch.setattr(patience, "CALL_SECONDS", 3.0)
        monkeypatch.setattr(patience, "ANSWER_SECONDS", 1.0)

    return now


@pytest.mark.requirement("REP-2")
def test_a_report_says_that_synergy_does_not_answer_and_when_to_try_again(
    delft: Delft, hurry: Callable[[], None]
) -> None:
    hurry()
    delft.faults("synergy", latency_ms=HANGS)
    began = time.monotonic()
    reply = delft.read(2012, 2012)
    assert time.monotonic() - began < HANGS / 1000
    assert (reply.status, reply.code, reply.json["system"]) == (503, "SYSTEM_UNREACHABLE", "synergy")
    assert reply.json["detail"].startswith("Exact Synergy could not be reached or did not answer")
    assert "Try again in" in reply.json["remedy"]
    assert int(reply.headers["Retry-After"]) > 0


@pytest.mark.requirement("LB-10")
@pytest.mark.parametrize(("hangs", "answers"), [("synergy", "payroll_plus"), ("payroll_plus", "synergy")])
def test_a_diagnosis_fails_the_check_of_who_hangs_and_does_the_rest(
    delft: Delft, hurry: Callable[[], None], hangs: str, answers: str
) -> None:
    hurry()
    names = {"synergy": "Exact Synergy", "payroll_plus": "Exact Payroll Plus"}
    delft.calm(answers)
    delft.faults(hangs, latency_ms=HANGS)
    path = f"/connections/{delft.connection_id}/diagnosis?entity=report&key=2012"
    reply = delft.get(path, 2002, "viewer")
    delft.calm(hangs)
    assert reply.status == 200
    checks = {check["name"]: check["passed"] for check in reply.json["checks"]}
    assert checks[f"{names[hangs]} accepts the credentials"] is False
    assert checks[f"{names[answers]} accepts the credentials"] is True
    (failed,) = [check for check in reply.json["checks"] if check["passed"] is False]
    assert names[hangs] in failed["remedy"]


@pytest.mark.requirement("LB-10")
def test_a_diagnosis_in_the_middle_of_which_a_system_falls_silent_keeps_what_was_seen(
    delft: Delft, hurry: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry()

    def silent(*asked: Any) -> Any:
        delft.faults("synergy", latency_ms=HANGS)
        return usual(*asked)

    usual = SynergyClient.person
    monkeypatch.setattr(SynergyClient, "person", silent)
    path = f"/connections/{delft.connection_id}/diagnosis?entity=report&key=2012"
    reply = delft.get(path, 2002, "viewer")
    delft.calm("synergy")
    assert reply.status == 200
    *seen, last = reply.json["checks"]
    assert all(check["passed"] for check in seen)
    assert len(seen) == 3
    assert (last["name"], last["passed"]) == ("Exact Synergy answers", False)
    assert "Try again in" in last["remedy"]


@pytest.mark.requirement("LB-12")
@pytest.mark.parametrize("hangs", ["attache", "express_leave"])
def test_balances_say_who_does_not_answer(connected: Acme, hurry: Callable[[], None], hangs: str) -> None:
    connected.fill(employee("E1"), leave=[leave("E1")])
    connected.sync()
    hurry()
    connected.faults(hangs, latency_ms=HANGS)
    reply = connected.world.call("GET", f"/connections/{connected.connection_id}/people/E1/balances")
    connected.calm(hangs)
    assert (reply.status, reply.code, reply.json["system"]) == (503, "SYSTEM_UNREACHABLE", hangs)
    assert connected.world.container.patience is None, "the steps of a run have nobody who waits"


def test_a_call_ends_before_the_platform_ends_it() -> None:
    timeout = template()["Resources"]["ApiFunction"]["Properties"]["Timeout"]
    assert timeout - WHOLE >= 5, "so much is left for our own state, and for saying who did not answer"
