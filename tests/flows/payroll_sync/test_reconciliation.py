"""The reconciliation: when a run compares everybody, and what was changed in Payroll Plus (PE-9)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Run, Status, Trigger
from payrelay.domain.sensitive import MASK
from payrelay.errors import Rejected
from payrelay.flows.engine.plan import open_run
from payrelay.flows.payroll_sync.rules import Before, reconciles
from payrelay.systems.payroll_plus.employees import Employees
from tests.flows.conftest import CONNECTION, TENANT
from tests.worlds.hr import Delft, bsn, card, contract, edm
from tests.worlds.invoices import Watch
from tests.worlds.steps import Crash, event
from tests.worlds.structs import replace

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DEC_31 = date(2026, 12, 31)
DRIFT = "CHANGED_IN_PAYROLL_PLUS"
KEY = (TENANT, CONNECTION)


# --- when a run is one -----------------------------------------------------------------------------------


def at(month: int, day: int, hour: int = 4, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


LONG_AGO = at(1, 7)
# what: when it is asked, the day, the first run and the last that reconciled; whether it is one.
CASES: dict[str, tuple[datetime, int | None, Before, bool]] = {
    "the first run": (at(3, 5), 1, Before(), True),
    "the first run, with none by itself": (at(3, 5), None, Before(), True),
    "the day after the first run": (at(3, 6), 1, Before(True, at(3, 5), at(3, 5)), False),
    "the first run counts for its month": (at(3, 20), 20, Before(True, at(3, 5), at(3, 5)), False),
    "and for no other": (at(4, 20), 20, Before(True, at(3, 5), at(3, 5)), True),
    "the day itself": (at(11, 1), 1, Before(True, LONG_AGO, at(10, 1)), True),
    "the day after it was done": (at(11, 2), 1, Before(True, LONG_AGO, at(11, 1)), False),
    "the day before": (at(11, 14), 15, Before(True, LONG_AGO, at(10, 15)), False),
    "after the day, not done yet": (at(11, 17), 15, Before(True, LONG_AGO, at(10, 15)), True),
    "a manual one of this month, before the day": (at(11, 15), 15, Before(True, LONG_AGO, at(11, 3)), True),
    "a manual one of this month, after the day": (at(11, 20), 15, Before(True, LONG_AGO, at(11, 16)), False),
    "before midnight in the zone": (at(10, 31, 22, 30), 1, Before(True, LONG_AGO, at(10, 1)), False),
    "after midnight in the zone": (at(10, 31, 23, 30), 1, Before(True, LONG_AGO, at(10, 1)), True),
    "done after midnight in the zone": (at(11, 1), 1, Before(True, LONG_AGO, at(10, 31, 23, 30)), False),
    "a month without a run": (at(11, 2), 1, Before(True, LONG_AGO, at(9, 1)), True),
    "a day that no run met": (at(3, 2), 28, Before(True, LONG_AGO, at(2, 2)), True),
    "a day that no run met, made up for": (at(3, 3), 28, Before(True, LONG_AGO, at(3, 2)), False),
    "the new year": (at(1, 1, year=2027), 1, Before(True, LONG_AGO, at(12, 1)), True),
    "before the day in the new year": (at(1, 3, year=2027), 28, Before(True, LONG_AGO, at(12, 28)), False),
    "none by itself": (at(11, 1), None, Before(True, LONG_AGO, at(10, 1)), False),
    "of a connection that was made before any was kept": (at(11, 9), 1, Before(True), True),
}


@pytest.mark.requirement("PE-9", "TRG-1")
@pytest.mark.parametrize("what", CASES)
def test_the_first_scheduled_run_on_or_after_the_day_reconciles(what: str) -> None:
    asked, day, before, wanted = CASES[what]
    assert reconciles(asked, AMSTERDAM, day, before, scheduled=True) is wanted


@pytest.mark.requirement("PE-9", "TRG-1")
def test_a_run_that_nobody_scheduled_reconciles_only_as_the_first() -> None:
    before = Before(True, LONG_AGO, at(10, 1))
    assert not reconciles(at(11, 1), AMSTERDAM, 1, before, scheduled=False)
    assert reconciles(at(11, 1), AMSTERDAM, 1, Before(), scheduled=False)


# --- runs ------------------------------------------------------------------------------------------------


def scheduled(office: Delft, month: int, day: int, hour: int = 4, minute: int = 0) -> Run:
    """The scheduled run of that moment."""
    office.clock.now = at(month, day, hour, minute)  # type: ignore[misc]
    return office.run("payroll_sync", trigger=Trigger.SCHEDULE)


def by_hand(office: Delft, resource: str = "employees", number: int = 1042, **values: Any) -> None:
    """A person changes something in Payroll Plus."""
    office.edit("payroll_plus", resource, {"employeeId": str(number)}, **values)


def mobile(office: Delft) -> str | None:
    return office.in_payroll("employees", 1042)[0].get("mobile")  # type: ignore[no-any-return]


def said(office: Delft, run: Run, number: int = 1042) -> tuple[str, str]:
    record = office.records(run).get(f"employee:{number}")
    if record is None:
        return "unchanged", ""
    return record.outcome.value, record.reason.code if record.reason else ""


@pytest.mark.requirement("PE-9")
def test_what_was_changed_by_hand_is_overwritten_by_the_first_scheduled_run_of_the_month(
    office: Delft,
) -> None:
    office.settle(card())
    by_hand(office, "employments", jobTitle="Boss", typeOfEmployee="Student")
    assert said(office, scheduled(office, 3, 31, 21, 30)) == ("unchanged", "")
    assert office.in_payroll("employments", 1042)[0]["jobTitle"] == "Boss"
    by_hand(office, mobile="0699999999", csn=bsn(1077))
    preview = office.people("preview", full=True)
    run = scheduled(office, 3, 31, 22, 30)
    assert run.reconciles
    (planned,) = office.ledger.plans.writes(*KEY, preview.run_id, 0)
    for record in (planned.record, office.records(run)["employee:1042"]):
        assert (record.outcome.value, record.reason.code) == ("updated", DRIFT)
        assert record.reason.message == (
            "Employee 1042 (Hanneke de Graaf): what was changed in Exact Payroll Plus since it was last sent "
            "is overwritten: Mobile, CSN/SSN, Job title."
        )
        changes = {change.field: (change.old, change.new) for change in record.changes}
        assert changes["mobile"] == ("0699999999", "0612345678")
        assert all(MASK[0] in str(text) for text in changes["csn"])
    assert mobile(office) == "0612345678"
    # What is not synchronised stays.
    assert office.in_payroll("employments", 1042)[0]["typeOfEmployee"] == "Student"
    by_hand(office, "employments", jobTitle="Boss")
    assert said(office, scheduled(office, 4, 30)) == ("unchanged", "")
    assert said(office, scheduled(office, 5, 3)) == ("updated", DRIFT)


EMPLOYMENTS: list[tuple[dict[str, Any], str]] = [
    ({"jobTitle": "Boss"}, "Job title"),
    ({"costCentre": "009"}, "Cost centre"),
    ({"employed": "2020-02-01"}, "Employed"),
    ({"termDate": None}, "Term date"),
    ({"jobTitle": "Boss", "termDate": None}, "Job title, Term date"),
]


@pytest.mark.requirement("PE-9", "PE-5")
@pytest.mark.parametrize(("changed", "fields"), EMPLOYMENTS)
def test_what_was_changed_of_an_employment_alone_is_said_too(
    office: Delft, changed: dict[str, Any], fields: str
) -> None:
    office.settle(card(InactiveDate=edm(DEC_31)), Contract=[contract(end=DEC_31)])
    (before,) = office.in_payroll("employments", 1042)
    assert before["termDate"] == "2026-12-31"
    by_hand(office, "employments", **changed)
    run = scheduled(office, 4, 1)
    assert said(office, run) == ("updated", DRIFT)
    assert office.records(run)["employee:1042"].reason.message.endswith(f"is overwritten: {fields}.")
    assert office.in_payroll("employments", 1042) == [before]


@pytest.mark.requirement("PE-9", "PE-8")
def test_another_term_date_that_somebody_entered_is_left_alone_and_said_each_time(office: Delft) -> None:
    office.settle(card(InactiveDate=edm(DEC_31)), Contract=[contract(end=DEC_31)])
    by_hand(office, "employments", termDate="2027-01-15")
    for month in (4, 5):
        run = scheduled(office, month, 1)
        assert said(office, run) == ("unchanged", "TERM_DATE_KEPT")
    by_hand(office, mobile="0699999999")
    run = scheduled(office, 6, 1)
    assert office.records(run)["employee:1042"].reason.message.endswith(
        "is overwritten: Mobile. The term date 2027-01-15 there is left alone."
    )
    # Nor is it taken for one that was sent when the date in Synergy moves.
    office.card(1042, InactiveDate=edm(date(2026, 12, 20)))
    office.edit("synergy", "Contract", {"ResourceID": 1042}, EndDate=edm(date(2026, 12, 20)))
    assert said(office, scheduled(office, 6, 2)) == ("unchanged", "TERM_DATE_KEPT")
    assert office.in_payroll("employments", 1042)[0]["termDate"] == "2027-01-15"


@pytest.mark.requirement("PE-9", "PE-3")
def test_a_concept_that_somebody_changed_is_said_and_what_a_conversion_leaves_is_none(office: Delft) -> None:
    office.hire(card())
    office.people()
    by_hand(office, "conceptEmployees", mobile="0699999999")
    assert said(office, scheduled(office, 3, 3)) == ("updated", DRIFT)
    assert said(office, scheduled(office, 3, 4)) == ("unchanged", "STILL_CONCEPT")
    office.convert(1042)
    assert said(office, scheduled(office, 4, 1)) == ("updated", "")


def held(office: Delft) -> None:
    office.settings(brake={"people": 0, "share": 0})
    assert scheduled(office, 4, 1).status.value == "held"
    office.settings(brake={"people": 100, "share": 1})


def stopped(office: Delft) -> None:
    """Its people are read, and somebody stops it."""
    office.clock.now = at(4, 1)  # type: ignore[misc]
    run = office.start("payroll_sync", trigger=Trigger.SCHEDULE)
    office.invoke(open_run, office.engine, {"run": event(run)})
    office.planned(run)
    office.engine.halt(office.get(run), reason("CONNECTION_DISCONNECTED"), Status.STOPPED)
    assert office.drive(run).status is Status.STOPPED


def previewed(office: Delft) -> None:
    office.clock.now = at(4, 1)  # type: ignore[misc]
    office.people("preview", full=True)


def of_one(office: Delft) -> None:
    office.clock.now = at(4, 1)  # type: ignore[misc]
    office.people(employees=["1043"], full=True)


@pytest.mark.requirement("PE-9", "RUN-10")
@pytest.mark.parametrize("before", [held, stopped, previewed, of_one])
def test_one_that_wrote_nothing_or_saw_not_everybody_does_not_count(office: Delft, before: Any) -> None:
    office.settle(card(), card(1043))
    by_hand(office, typeOfEmployee="Student")
    before(office)
    assert said(office, scheduled(office, 4, 2)) == ("updated", DRIFT)


@pytest.mark.requirement("PE-9")
@pytest.mark.parametrize("off", [False, True])
def test_a_full_run_by_hand_counts_and_null_turns_it_off(office: Delft, off: bool) -> None:
    office.settle(card())
    if off:
        office.settings(reconcile_day=None)
    else:
        office.clock.now = at(4, 1)  # type: ignore[misc]
        office.people(full=True)
    by_hand(office, "employments", jobTitle="Boss")
    run = scheduled(office, 4, 2)
    assert (said(office, run), run.reconciles) == (("unchanged", ""), False)
    assert office.in_payroll("employments", 1042)[0]["jobTitle"] == "Boss"


@pytest.mark.requirement("PE-9", "RUN-5")
def test_what_it_could_not_overwrite_the_next_run_does(
    office: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.settle(card())
    by_hand(office, mobile="0699999999")

    def refuses(*_: Any) -> None:
        raise Rejected("payroll_plus", "not now")

    with monkeypatch.context() as patch:
        patch.setattr(Employees, "put_employee", refuses)
        assert said(office, scheduled(office, 4, 1))[0] == "failed"
    assert said(office, scheduled(office, 4, 2)) == ("updated", DRIFT)
    assert mobile(office) == "0612345678"


@pytest.mark.requirement("PE-9", "PE-8")
def test_what_it_found_blocked_stays_blocked_until_it_is_mended(office: Delft) -> None:
    """A person ended the only employment in Payroll Plus, of somebody who is active in Synergy."""
    office.settle(card())
    by_hand(office, "employments", termDate="2026-03-15")
    for day in (1, 2, 3):
        assert said(office, scheduled(office, 4, day)) == ("blocked", "ALL_EMPLOYMENTS_INACTIVE")
    by_hand(office, "employments", termDate=None)
    assert said(office, scheduled(office, 4, 4)) == ("unchanged", "")


@pytest.mark.requirement("PE-9", "RUN-5")
def test_a_value_that_a_dead_run_may_have_sent_and_that_was_taken_back_is_put_right(office: Delft) -> None:
    """Synergy has again what was last sent, and Payroll Plus has what the dead run sent: nobody's change."""
    office.settle(card())
    office.card(1042, Mobile="0699999999")
    office.clock.now = at(3, 4)  # type: ignore[misc]
    run = office.start("payroll_sync")

    def dies() -> None:
        raise Crash

    calm = office.door
    office.door = replace(calm, observer=Watch(dies, "payroll_plus", writes=True, after=True))
    office.invoke = lambda function, *arguments: function(*arguments)  # type: ignore[method-assign]
    with pytest.raises(Crash):
        office.act(run)
    office.__dict__.pop("invoke")
    office.door = calm
    assert mobile(office) == "0699999999"
    office.card(1042, Mobile="0612345678")
    assert said(office, scheduled(office, 3, 5)) == ("updated", "")
    assert mobile(office) == "0612345678"


@pytest.mark.requirement("PE-9", "RUN-11")
def test_a_run_of_some_does_not_hide_what_moved_of_others(office: Delft) -> None:
    office.settle(card(), card(1043))
    scheduled(office, 3, 4)
    office.clock.now = at(3, 5)  # type: ignore[misc]
    office.card(1043, Mobile="0699999999")
    office.clock.now = at(3, 7, 3)  # type: ignore[misc]
    office.people(employees=["1042"])
    assert said(office, scheduled(office, 3, 7, 4), 1043)[0] == "updated"


@pytest.mark.requirement("PE-9", "OPS-3")
def test_the_diagnosis_says_what_was_changed_there(office: Delft) -> None:
    office.settle(card())
    by_hand(office, mobile="0699999999")
    checks = office.opening(office.start("payroll_sync")).diagnose("1042")
    assert checks[-1].seen.endswith("is overwritten: Mobile.")
    assert "option full" in str(checks[-1].remedy)
