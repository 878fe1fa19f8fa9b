"""Lost answers, trouble on either side, runs at once, and what people do meanwhile: both flows of pay."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from local.sandbox import Running
from payrelay.domain.runs import Run
from payrelay.flows.engine import apply, close, plan, review
from payrelay.ledger.table import ConditionFailed
from tests.flows.conftest import Clock
from tests.worlds import hr
from tests.worlds.hr import Delft, card, delft, request, stamp
from tests.worlds.invoices import Watch
from tests.worlds.payday import BEFORE, ended
from tests.worlds.steps import event
from tests.worlds.structs import replace

JAN_5 = date(2026, 1, 5)


@pytest.fixture(scope="module")
def clean(exact: tuple[Running, Clock]) -> dict[str, Any]:
    """What a run in peace leaves, of each flow."""
    served, clock = exact
    found = {}
    for flow, before in BEFORE.items():
        clock.now = Clock().now
        made = delft(served.urls, clock)
        before(made)
        made.run(flow)
        found[flow] = ended(made)
    return found


def in_peace(office: Delft, flow: str) -> dict[str, Any]:
    """What is there once all trouble is over: the next run has nothing to write any more."""
    office.wait(3600)
    office.run(flow)
    found = ended(office)
    office.forget_requests()
    office.run(flow)
    assert office.sent() == office.sent("synergy") == []
    return found


# --- answers that are lost -------------------------------------------------------------------------------

# The flow, the system, the writing call, and how many such calls go well before.
LOST: list[tuple[str, str, str, int]] = [
    ("payroll_sync", "payroll_plus", "change conceptEmployees", 0),
    ("payroll_sync", "payroll_plus", "change employees", 0),
    ("payroll_sync", "payroll_plus", "change employments", 0),
    ("payroll_sync", "payroll_plus", "change sepaBankPayments", 0),
    ("request_sync", "payroll_plus", "change payments", 0),
    ("request_sync", "payroll_plus", "change payments", 1),
    ("request_sync", "payroll_plus", "change variableInputs", 0),
    # The end of the wage before, then each `Processed`.
    ("request_sync", "synergy", "change Request", 0),
    ("request_sync", "synergy", "change Request", 1),
    ("request_sync", "synergy", "change Request", 4),
]


@pytest.mark.requirement("RUN-5", "PE-4", "RQ-8")
@pytest.mark.parametrize(("flow", "system", "call", "after"), LOST)
def test_a_lost_answer_of_each_kind_of_write(
    office: Delft, clean: dict[str, Any], flow: str, system: str, call: str, after: int
) -> None:
    """It is looked up whether it was written: nothing is sent blindly once more."""
    BEFORE[flow](office)
    office.waits.clear()
    office.faults(system, errors=["after_write_reset"], match=call, after=after, count=1)
    run = office.run(flow)
    office.calm(system)
    assert office.waits
    assert run.status.value == "succeeded"
    assert ended(office) == clean[flow]
    assert in_peace(office, flow) == clean[flow]


# --- trouble on either side ------------------------------------------------------------------------------

TROUBLE = [
    *(("synergy", fault) for fault in ("locked", "page", "restarting", 503, 429)),
    *(("payroll_plus", fault) for fault in ("unavailable", 503, 429)),
]


@pytest.mark.requirement("RUN-4", "RUN-5")
@pytest.mark.parametrize("flow", BEFORE)
@pytest.mark.parametrize(("system", "fault"), TROUBLE)
def test_trouble_of_a_system_costs_time_and_nothing_else(
    office: Delft, clean: dict[str, Any], flow: str, system: str, fault: int | str
) -> None:
    """A record that somebody locks (409), HTML in place of JSON, an application pool that restarts, 429."""
    BEFORE[flow](office)
    office.faults(system, errors=[fault], error_rate=0.4, seed=5, reset_in_seconds=1)
    office.run(flow)
    office.calm(system)
    assert in_peace(office, flow) == clean[flow]


# --- runs at once ----------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-1", "RUN-5")
@pytest.mark.parametrize("flow", BEFORE)
@pytest.mark.parametrize("in_the_middle", [False, True])
def test_a_run_that_was_given_up_and_goes_on_beside_the_next(
    office: Delft, clean: dict[str, Any], flow: str, *, in_the_middle: bool
) -> None:
    """Its lease has run out; the next run comes before its batch, or in the middle of it."""
    BEFORE[flow](office)
    run = office.start(flow)
    base = {"run": event(run)}
    office.invoke(plan.open_run, office.engine, base)
    office.planned(run)
    (batch,) = office.invoke(review.review_plan, office.engine, base)["batches"]
    later: list[Run] = []

    def the_next() -> None:
        office.clock.pass_by(office.limits.lease_seconds + 1)
        later.append(office.run(flow))

    if in_the_middle:
        watch = Watch(the_next, "payroll_plus", writes=True, after=True)
        office.door = replace(office.door, observer=watch)
    else:
        the_next()
    with suppress(ConditionFailed):  # What it sent is the next run's to tell by now.
        office.step(apply.apply_page, {**base, "batch": batch})
    with suppress(ConditionFailed):  # The state machine invokes it once more.
        office.step(apply.apply_page, {**base, "batch": batch})
    office.invoke(close.close_run, office.engine, base)
    assert later[0].run_id != run.run_id
    assert in_peace(office, flow) == clean[flow]


@pytest.mark.requirement("RUN-1", "RUN-5")
def test_both_flows_at_once_twice(office: Delft) -> None:
    """Of one person, in two threads; who asks once more meanwhile joins."""
    BEFORE["request_sync"](office)
    for flow in BEFORE:
        office.run(flow)
    clean = ended(office)
    again = delft(office.urls, office.clock)
    BEFORE["request_sync"](again)
    runs = [again.start(flow) for flow in BEFORE]
    assert [again.start(flow).run_id for flow in BEFORE] == [run.run_id for run in runs]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(again.drive, runs))
    assert [run.status.value for run in done] == ["succeeded", "succeeded"]
    assert ended(again) == clean


# --- what people do meanwhile ----------------------------------------------------------------------------

HOURS = request(90001, "HOURS", JAN_5, JAN_5, Quantity=8)
MONTHS = [
    {"prPeriod": "2026-01", "startDate": "2026-01-01", "endDate": "2026-01-31", "status": "Open"},
    {"prPeriod": "2026-02", "startDate": "2026-02-01", "endDate": "2026-02-28", "status": "Open"},
]


@pytest.fixture
def paid(office: Delft) -> Delft:
    """1042 is an employee in payroll, and has hours that are realised."""
    person = {"employeeId": "1042"}
    office.fill(
        hr.office(card(1042), Request=[HOURS]),
        {
            "employees": [{**person, "birthName": "Graaf"}],
            "employments": [{**person, "payrollNoEE": 1, "employed": "2018-01-01"}],
            "payrollPeriods": MONTHS,
            "organizationalEntities": [{**person, "devidingUnit": "Delft"}],
            "workDetails": [{**person, "shift": "D1"}],
        },
    )
    return office


def values(office: Delft) -> dict[str, str]:
    """The hours in payroll, by period."""
    return {row["prPeriod"]: row["value"] for row in office.in_payroll("variableInputs", 1042)}


def status(office: Delft) -> str | None:
    """That of the request; None for one that is not there any more."""
    return next((row["StatusCode"] for row in office.state("synergy")["Request"]), None)


def told(office: Delft, run: Run) -> tuple[str, str]:
    (record,) = office.stored(run)
    return record.outcome.value, record.reason.code if record.reason else ""


# What happens: what the run says, what is in payroll and in Synergy after the next one.
AT_THE_MOMENT = {
    "reopened": (("created", ""), {"2026-01": "0.00"}, "Reopened"),
    "rejected": (("created", ""), {"2026-01": "0.00"}, "Rejected"),
    "edited": (("blocked", "EDITED_AS_PROCESSED"), {"2026-01": "8.00"}, "Processed"),
    "deleted": (("blocked", "DELETED_MEANWHILE"), {"2026-01": "8.00"}, None),
}


@pytest.mark.requirement("RQ-8", "RQ-6", "RUN-5")
@pytest.mark.parametrize("fault", AT_THE_MOMENT)
def test_what_somebody_does_to_a_request_at_the_moment_it_is_processed(paid: Delft, fault: str) -> None:
    """Synergy has no ETag: an edit between our look and our `Processed` goes through, and is seen later."""
    said, there, then = AT_THE_MOMENT[fault]
    paid.faults("synergy", errors=[fault], count=1)
    run = paid.requests_run()
    paid.calm("synergy")
    assert told(paid, run) == said
    paid.requests_run()
    assert (values(paid), status(paid)) == (there, then)
    if fault == "deleted":
        assert "Uren gewerkt (uren) of 2026-01" in paid.stored(run)[0].reason.message
    if fault == "edited":
        for code in ("Reopened", "Realised"):
            paid.edit("synergy", "Request", {"HID": 90001}, StatusCode=code)
        paid.requests_run()
        assert (values(paid), status(paid)) == ({"2026-01": "1.00"}, "Processed")


# What is changed once payroll has answered: what payroll and Synergy have after the next run.
BEFORE_THE_LOOK = {
    "Reopened": ({"StatusCode": "Reopened"}, "0.00", "Reopened"),
    "Rejected": ({"StatusCode": "Rejected"}, "0.00", "Rejected"),
    "edited": ({"Quantity": 9}, "9.00", "Processed"),
}


@pytest.mark.requirement("RQ-8", "RQ-6")
@pytest.mark.parametrize("what", BEFORE_THE_LOOK)
def test_what_somebody_does_to_a_request_while_it_is_sent(paid: Delft, what: str) -> None:
    changed, value, then = BEFORE_THE_LOOK[what]

    def act() -> None:
        paid.edit("synergy", "Request", {"HID": 90001}, **changed, ModifiedDate=stamp(paid.clock()))

    calm = paid.door
    paid.door = replace(calm, observer=Watch(act, "payroll_plus", writes=True, after=True))
    run = paid.requests_run()
    paid.door = calm
    assert told(paid, run) == ("created", "EDITED_MEANWHILE")
    paid.requests_run()
    assert (values(paid), status(paid)) == ({"2026-01": value}, then)


@pytest.mark.requirement("RQ-3", "RQ-8")
def test_a_period_that_closes_in_mid_run_parks_the_request_and_the_next_open_one_is_offered(
    paid: Delft,
) -> None:
    """409 PeriodClosed: nothing is forced; with the dates of the open period it goes there."""
    paid.faults("payroll_plus", errors=["period_closes"], count=1)
    run = paid.requests_run()
    paid.calm("payroll_plus")
    assert told(paid, run) == ("blocked", "PAYROLL_PERIOD_CLOSED")
    assert (values(paid), status(paid)) == ({}, "Realised")
    run = paid.requests_run()
    assert told(paid, run) == ("blocked", "PAYROLL_PERIOD_CLOSED")
    why = paid.stored(run)[0].reason
    assert "2026-02" in why.message + why.remedy
    assert values(paid) == {}
    february = f"{date(2026, 2, 3)}T00:00:00"
    paid.edit("synergy", "Request", {"HID": 90001}, StartDate=february, EndDate=february)
    paid.requests_run()
    assert (values(paid), status(paid)) == ({"2026-02": "8.00"}, "Processed")
