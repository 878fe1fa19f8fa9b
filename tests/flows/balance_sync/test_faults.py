"""Bad days of Attaché Payroll and Express Leave: what waits, what ends the run, what the next one does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.leave import Acme
from tests.worlds.leave_api import employee, held, leave, user

RIGHT = {
    "E1:AL": ("107.4512", "2026-01-04"),
    "E1:SL": ("38.00", "2026-01-04"),
    "E2:AL": ("107.4512", "2026-01-04"),
    "E2:SL": ("38.00", "2026-01-04"),
}
READS = [
    ("attache", "list employees"),
    ("attache", "list leavebalances"),
    ("express_leave", "get company"),
    ("express_leave", "list leavetypes"),
    ("express_leave", "list users"),
    ("express_leave", "list balances"),
]
# Each with how often a run makes the call when nothing is wrong.
WRITES = ["create users", "change users", "change balances"]
ABOUT_SYNCS = ["create syncs", "change syncs"]


@pytest.fixture
def two(acme: Acme) -> Acme:
    """One employee is new, the other one is renamed; both get their balances."""
    acme.fill(
        employee("E1"),
        employee("E2", FullName="Renamed"),
        leave=[leave("E1"), leave("E2")],
        users=[user("u-2", "E2")],
        balances=[held("E2", "SL", "1.00")],
    )
    acme.forget_requests()
    return acme


def finished(acme: Acme) -> None:
    """Everything stands once, as payroll has it."""
    assert acme.balances() == RIGHT
    assert [row["EmployeeId"] for row in acme.rows("users")] == ["E2", "E1"]
    assert acme.user("E2")["Name"] == "Renamed"
    acme.settled()


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("operation", WRITES)
def test_a_write_whose_answer_is_lost_is_looked_up_and_not_sent_again(two: Acme, operation: str) -> None:
    two.faults("express_leave", errors=["after_write_reset"], match=operation, count=1)
    run = two.sync()
    assert run.status == "succeeded", run.error
    assert run.counts == {"created": 4, "updated": 2, "unchanged": 0, "skipped": 0, "blocked": 0, "failed": 0}
    assert two.calls(writes=True).count(operation) == 1
    finished(two)


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("error", ["reset", "timeout", 500, 503, 429])
def test_a_write_that_failed_once_is_made_by_the_same_run(two: Acme, operation: str, error: Any) -> None:
    two.faults("express_leave", errors=[error], match=operation, count=1)
    run = two.sync()
    assert run.status == "succeeded", run.error
    assert run.counts
    assert (run.counts["created"], run.counts["updated"]) == (4, 2)
    assert two.calls(writes=True).count(operation) == 2
    finished(two)


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("operation", ABOUT_SYNCS)
@pytest.mark.parametrize("error", ["after_write_reset", "reset", 429])
def test_trouble_with_the_balloons_makes_no_second_sync(two: Acme, operation: str, error: Any) -> None:
    two.faults("express_leave", errors=[error], match=operation, count=1)
    run = two.sync()
    assert run.status == "succeeded"
    assert two.waits == []
    (shown,) = two.rows("syncs")
    assert (shown["Status"], shown["Employees"]) == ("Completed", 2)
    finished(two)


@pytest.mark.requirement("RUN-4")
def test_balloons_that_hang_stop_no_balance(two: Acme) -> None:
    """Only while it is written: that the end can't be told is tried again, after the run."""
    two.faults("express_leave", errors=[503], match="change syncs", count=1)
    run = two.sync()
    assert (run.status, two.waits) == ("succeeded", [])
    assert two.calls(writes=True).count("change balances") == 1
    finished(two)


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(("system", "operation"), READS)
@pytest.mark.parametrize("error", ["reset", "timeout", 500, 503, 429])
def test_a_read_that_fails_once_is_made_again(two: Acme, system: str, operation: str, error: Any) -> None:
    if (system, error) == ("attache", 503):
        pytest.skip("that is how Attaché says that an organisation is offline")
    two.faults(system, errors=[error], match=operation, count=1)
    assert two.sync().status == "succeeded"
    finished(two)


DOWN = [*READS, *(("express_leave", operation) for operation in ("create syncs", *WRITES))]
NAMES = {"attache": "Attaché Payroll", "express_leave": "Express Leave"}


@pytest.mark.requirement("RUN-4", "RUN-5")
@pytest.mark.parametrize(("system", "operation"), DOWN)
def test_a_system_that_is_down_fails_the_run_and_the_next_login_finishes_it(
    two: Acme, system: str, operation: str
) -> None:
    two.faults(system, errors=[500], match=operation)
    two.telling = operation != "create syncs"
    run = two.sync()
    assert run.status == "failed"
    assert run.error
    assert run.error.code == "SYSTEM_UNREACHABLE"
    assert run.error.message.startswith(NAMES[system])
    assert len(two.waits) == 3
    assert [row["Status"] for row in two.rows("syncs")] == (["Failed"] if two.telling else [])
    two.calm()
    two.telling = True
    assert two.sync().status == "succeeded"
    finished(two)


@pytest.mark.requirement("RUN-4")
def test_a_pay_in_progress_is_waited_for(two: Acme) -> None:
    two.faults("attache", errors=["pay_in_progress"], match="list leavebalances", count=2)
    started = two.clock()
    run = two.sync()
    assert (run.status, two.waits) == ("succeeded", [60, 60])
    assert (two.clock() - started).total_seconds() == 121
    finished(two)


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize("operation", ["list employees", "list leavebalances"])
def test_an_organisation_that_is_offline_goes_on_at_the_next_login(two: Acme, operation: str) -> None:
    two.faults("attache", errors=["organisation_offline"], match=operation)
    run = two.sync()
    assert run.status == "failed"
    assert run.error
    assert two.waits == []
    assert "next login" in run.error.message + run.error.remedy, run.error
    assert (two.writes(), two.balances()) == ([], {"E2:SL": ("1.00", "2026-01-04")})
    two.calm()
    assert two.sync().status == "succeeded"
    finished(two)


@pytest.mark.requirement("CON-3")
def test_a_token_that_expires_in_mid_run_is_renewed(two: Acme) -> None:
    two.faults("attache", errors=["token"], match="list leavebalances", count=1)
    assert two.sync().status == "succeeded"
    assert two.renewals == 1
    two.clock.pass_by(1801)
    finished(two)
    assert two.renewals == 2


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(("system", "fault"), [("attache", "token"), ("express_leave", "key")])
def test_credentials_that_are_refused_end_the_run_and_ask_for_a_person(
    two: Acme, system: str, fault: str
) -> None:
    two.faults(system, errors=[fault], match="list")
    run = two.drive(two.start())
    assert run.error
    assert (run.status, run.error.code) == ("failed", "CREDENTIALS_REFUSED")
    assert two.connection.status == "attention"
    assert NAMES[system] in run.error.message


# --- refused rows ----------------------------------------------------------------------------------------


@pytest.fixture
def many(acme: Acme) -> Acme:
    """A hundred people with two balances each: one call."""
    codes = [f"E{number:03}" for number in range(100)]
    acme.fill(
        *(employee(code) for code in codes),
        leave=[leave(code) for code in codes],
        users=[user(f"u-{number}", code) for number, code in enumerate(codes, 1)],
    )
    acme.forget_requests()
    return acme


def deleted_there(acme: Acme) -> None:
    acme.without("express_leave", "users", EmployeeId="E007")


def by_hand_there(acme: Acme) -> None:
    acme.edit("express_leave", "users", {"EmployeeId": "E007"}, PayrollUser="")


def type_gone(acme: Acme) -> None:
    acme.without("express_leave", "leavetypes", IncomeCode="SL")


def later_there(acme: Acme) -> None:
    state = acme.state("express_leave")
    state["balances"] += [held("E007", code, "1.00", "2026-02-01") for code in ("AL", "SL")]
    acme.put("express_leave", state)


REFUSALS: list[tuple[Any, int, str, str, str]] = [
    (deleted_there, 2, "failed", "USER_MISSING", "Log in to Express Leave as an administrator"),
    (by_hand_there, 2, "blocked", "NOT_PAYROLL_USER", "Delete the user"),
    (type_gone, 100, "blocked", "LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE", "add the leave type SL"),
    (later_there, 2, "blocked", "OLDER_THAN_HELD", "Process the pay in Payroll"),
]


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(("act", "number", "outcome", "code", "remedy"), REFUSALS)
def test_a_balance_that_is_refused_says_why_and_stops_no_other(
    many: Acme, act: Any, number: int, outcome: str, code: str, remedy: str
) -> None:
    many.before_apply = lambda: act(many)
    run = many.sync()
    bad = [record for record in many.stored(run) if record.reason]
    assert {(record.outcome.value, record.reason.code) for record in bad if record.reason} == {
        (outcome, code)
    }
    assert len(bad) == number
    assert all(record.reason and remedy in record.reason.remedy for record in bad)
    assert run.counts
    assert run.counts["created"] == 200 - number
    assert (run.status, run.total) == ("partial", 300)
    assert many.calls(writes=True).count("change balances") == 1


@pytest.mark.requirement("RUN-4")
def test_a_call_refused_because_of_one_row_is_narrowed_down_to_it(many: Acme) -> None:
    many.payroll("E042", "leavebalances", ALEntitleHourAcc=999_999_999.0, ALProRataHourAcc=9.0)
    run = many.sync()
    assert run.counts
    assert run.counts["created"] == 199
    (bad,) = [record for record in many.stored(run) if record.reason]
    assert (bad.key, bad.outcome.value) == ("E042:AL", "failed")
    assert bad.reason
    assert "Express Leave refused" in bad.reason.message
    assert "BalanceHours" in bad.reason.message
    assert many.calls(writes=True).count("change balances") < 20
    assert many.balance("E041") == ("107.4512", "2026-01-04")
