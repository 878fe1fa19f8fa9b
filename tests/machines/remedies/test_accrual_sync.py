"""The remedies of the accrual sync, of both directions, each carried out as it is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.machines.cures import Cure, carry_out, nothing, then
from tests.worlds.accruals import (
    CO,
    P0,
    P1,
    P2,
    P3,
    PAID,
    SITE,
    Accruals,
    accrual,
    check,
    clocks,
    held,
    paid,
)
from tests.worlds.structs import replace
from tests.worlds.timeclock import Beta, batch, person

Step = Callable[[Any], None]
# What needs a machine or a vendor, or is told where nothing is run.
ELSEWHERE = {
    "LINK_REFUSED": (
        "tests/systems/test_timeworksplus.py::test_a_link_that_leads_elsewhere_is_refused_before_any_call"
    ),
    "TWO_CODES_TO_ONE": (
        "tests/flows/accrual_sync/test_diagnosis.py"
        "::test_two_codes_to_one_category_are_refused_in_the_one_direction_and_allowed_in_the_other"
    ),
    "RUN_BY_VENDOR": "tests/api/test_accruals.py::test_what_the_vendor_runs_is_previewed_and_never_written",
}


# --- what a person does on the screens of both -----------------------------------------------------------


def in_payroll(*rows: Any, **more: Any) -> Step:
    """This is what Millennium has."""
    return lambda company: company.payroll(*rows, **more)


def at_the_clock(*rows: Any, **more: Any) -> Step:
    """This is what TimeWorksPlus has."""
    return lambda company: company.clocked(*rows, **more)


def edited(system: str, resource: str, match: dict[str, Any], **values: Any) -> Step:
    """Somebody changes a row."""
    return lambda company: company.edit(system, resource, match, **values)


def added(system: str, resource: str, **row: Any) -> Step:
    """Somebody adds a row."""
    place = {"Co": CO} if system == "millennium" else {"siteId": SITE}

    def step(company: Accruals) -> None:
        state = company.state(system)
        company.put(system, {**state, resource: [*state[resource], {**place, **row}]})

    return step


def rule(*names: str, categories: list[str]) -> Step:
    """Somebody edits these processing rules."""
    return then(
        *(edited("timeworksplus", "processingrules", {"Name": one}, Categories=categories) for one in names)
    )


def own_accrual(code: str = "VAC", **values: Any) -> Step:
    """Somebody changes the Accrual tab of 1001."""
    return edited("millennium", "accruals", {"EmployeeId": "1001", "Code": code}, **values)


def opened(*periods: tuple[str, str]) -> Step:
    """Periods are un-finalized, one after the other."""
    return then(*(lambda company, one=one: company.finalize(one, undo=True) for one in periods))  # type: ignore[misc]


def ran(company: Accruals) -> None:
    """A run before."""
    company.sync()


UP, PUNCH = "AccrueUpScript", "PunchCategories"
ANN = paid(1001, FirstName="Ann", LastName="Lee")
VAC = (ANN, accrual(1001, "VAC", "40.0000"))
DIFFERS = then(in_payroll(*VAC, check(1001)), at_the_clock(*held(1001, "36.92 @2025-12-21")))
OLD = (ANN, accrual(1001, "VAC", "40.0000", "2025-12-26"), check(1001, "2025-12-26", P1, 87))
PARKED = then(in_payroll(*OLD), at_the_clock(*held(1001, "36.92 @2025-12-07")))
LONG_AGO = ("2024-11-25", "2024-12-08")
MOVED = (ANN, accrual(1001, "VAC", "72.0000", "2025-12-26"), check(1001, "2025-12-26", P1, 87), check(1001))
OWN = (("2025-12-15", "2025-12-28"), ("2025-12-29", "2026-01-11"))
CALLED = {"PERS": "Personal", "VAC": "Vacation"}
VOID = check(1001, Voided=True, CheckNumber="20417", BatchNumber=3)


def a_year_ago(company: Accruals) -> None:
    """A balance of a period that ended more than a year ago."""
    company.payroll(
        ANN, accrual(1001, "VAC", "40.0000", "2024-12-13"), check(1001, "2024-12-13", LONG_AGO, 60)
    )
    ended = [(LONG_AGO, True), (P0, True), (P1, True), (P2, False)]
    periods = [
        {"siteId": SITE, "BeginDate": one[0], "EndDate": one[1], "IsFinalized": is_closed}
        for one, is_closed in ended
    ]
    company.clocked(*held(1001, "36.92 @2024-11-24"), payperiods=periods)


def clock_off(minutes: int) -> Step:
    """The clock of our machine is so many minutes off."""

    def step(company: Accruals) -> None:
        wrong = lambda: company.clock() + timedelta(minutes=minutes)  # noqa: E731
        company.door = replace(company.door, now=wrong)

    return step


TO_TIMEWORKSPLUS = [
    Cure(
        "ACCRUAL_NOTE_MISSING",
        then(DIFFERS, in_payroll(*VAC, check(1001), companynotes=[])),
        added("millennium", "companynotes", Name="Accrual Note"),
        'add a note with the name "Accrual Note" to the Company Notes of ACME',
    ),
    Cure(
        "TURNED_OFF_BY_MEMO",
        then(DIFFERS, edited("millennium", "companynotes", {"Name": "Accrual Note"}, Memo="by hand")),
        edited("millennium", "companynotes", {"Name": "Accrual Note"}, Memo=""),
        "clear the Memo (Company Notes, Accrual Note)",
        scheduled=True,
    ),
    Cure(
        "CLOCK_WRONG",
        then(DIFFERS, clock_off(6)),
        clock_off(0),
        "Set the clock of the machine that Payrelay runs on",
    ),
    Cure(
        "NO_SUCH_CATEGORY",
        then(
            in_payroll(ANN, accrual(1001, "PERS", "4.0000"), check(1001), codes=CALLED),
            at_the_clock(clocks(1001)),
        ),
        rule(UP, PUNCH, categories=["Sick", "Vacation", "Personal"]),
        "Else make the two names equal",
    ),
    Cure(
        "NOT_IN_PUNCH_CATEGORIES",
        then(DIFFERS, rule(PUNCH, categories=["Sick"])),
        rule(PUNCH, categories=["Sick", "Vacation"]),
        "Add the category to PunchCategories in TimeWorksPlus",
    ),
    Cure(
        "CATEGORY_RENAMED",
        then(DIFFERS, ran, rule(UP, PUNCH, categories=["Sick", "PTO"])),
        edited("millennium", "accrualcodes", {"Code": "VAC"}, Description="PTO"),
        "Give the Description on the Accrual Code page of Millennium the new name",
    ),
    Cure(
        "CATEGORY_RENAMED",
        then(DIFFERS, ran, rule(UP, PUNCH, categories=["Sick", "PTO"])),
        rule(UP, PUNCH, categories=["Sick", "Vacation"]),
        "or rename the category in TimeWorksPlus back",
    ),
    Cure(
        "DIVISOR_NOT_ONE",
        then(DIFFERS, edited("millennium", "accrualcodes", {"Code": "VAC"}, Divisor="8")),
        edited("millennium", "accrualcodes", {"Code": "VAC"}, Divisor="1"),
        "Set the Divisor to 1 on the Accrual Setup tab",
    ),
    Cure(
        "SEVERAL_IN_EFFECT",
        then(
            in_payroll(
                ANN, accrual(1001, "SICK1", "5.0000"), accrual(1001, "SICK2", "0.0000", None), check(1001)
            ),
            at_the_clock(clocks(1001)),
        ),
        own_accrual("SICK2", EndDate="2025-12-31"),
        "End all but one of them on the employee's Accrual tab in Millennium (End Date)",
    ),
    Cure(
        "NO_LAST_ACCRUE_DATE",
        then(in_payroll(ANN, accrual(1001, "VAC", "40.0000", None), check(1001)), at_the_clock(clocks(1001))),
        own_accrual(LastAccrueDate=PAID),
        "enter the Last Accrue Date on the employee's Accrual tab in Millennium",
    ),
    Cure(
        "BALANCE_MOVED_SINCE_ACCRUAL",
        then(in_payroll(*MOVED), at_the_clock(*held(1001, "80.00 @2025-12-21"), finalized=(P0,))),
        added(
            "timeworksplus",
            "accruals",
            EmployeeCode="1001",
            category="Vacation",
            value="72.00",
            effective="2026-01-04",
        ),
        "Correct the balance of 2026-01-04 in TimeWorksPlus by hand",
    ),
    Cure(
        "BALANCE_MOVED_SINCE_ACCRUAL",
        then(in_payroll(*MOVED), at_the_clock(*held(1001, "80.00 @2025-12-21"), finalized=(P0,))),
        in_payroll(*MOVED[2:], accrual(1001, "VAC", "75.0800")),
        "or wait for the next accrual in Millennium, which settles it",
    ),
    Cure(
        "PERIOD_FINALIZED",
        then(
            in_payroll(ANN, accrual(1001, "VAC", "40.0000", "2025-12-12"), check(1001, "2025-12-12", P0, 86)),
            at_the_clock(*held(1001, "36.92 @2025-11-23")),
            edited("timeworksplus", "payperiods", {"BeginDate": P1[0]}, IsAccepted=True),
        ),
        then(edited("timeworksplus", "payperiods", {"BeginDate": P1[0]}, IsAccepted=False), opened(P1, P0)),
        "un-accept 2025-12-08 to 2025-12-21",
    ),
    Cure(
        "PERIOD_FINALIZED",
        a_year_ago,
        in_payroll(ANN, accrual(1001, "VAC", "43.0800"), check(1001)),
        "Nothing to do: the next accrual in Millennium has a later date and settles it",
    ),
    Cure(
        "NOT_IN_TIMEWORKSPLUS",
        then(in_payroll(*VAC, check(1001)), at_the_clock()),
        added("timeworksplus", "employees", EmployeeCode="1001"),
        "Add the employee in TimeWorksPlus with that employee code",
    ),
    Cure(
        "NOT_IN_MILLENNIUM",
        then(in_payroll(*VAC, check(1001)), at_the_clock(*held(1009, "36.92 @2025-12-21"))),
        at_the_clock(*held(1001, "36.92 @2025-12-21")),
        "Else make the employee code in TimeWorksPlus the employee's id in Millennium",
    ),
    Cure(
        "PARKED_VALUE_SUPERSEDED",
        then(PARKED, ran, in_payroll(*OLD[2:], accrual(1001, "VAC", "43.0800"), check(1001))),
        nothing,
        "Nothing to do.",
    ),
    Cure(
        "CHECK_OF_ANOTHER_YEAR",
        then(
            in_payroll(accrual(1001, "VAC", "40.0000", "2026-01-02"), check(1001, "2026-01-02", OWN[0], 87)),
            at_the_clock(
                *held(1001, "36.00 @2025-12-14"),
                payperiods=[{"siteId": SITE, "BeginDate": one[0], "EndDate": one[1]} for one in OWN],
            ),
        ),
        in_payroll(accrual(1001, "VAC", "43.0800", "2026-01-16"), check(1001, "2026-01-16", OWN[1], 89)),
        "wait for the check of the next period",
    ),
    Cure(
        "PERIOD_AFTER_VOIDED_WORK",
        then(
            in_payroll(
                accrual(1001, "VAC", "40.0000", "2026-01-14"), VOID, check(1001, "2026-01-14", P3, 91)
            ),
            at_the_clock(*held(1001, "36.92 @2025-12-21")),
        ),
        in_payroll(accrual(1001, "VAC", "40.0000", "2026-01-14"), VOID, check(1001, "2026-01-14", P2, 91)),
        "put it into a batch with the correct Period End Date",
    ),
    Cure(
        "DATE_OUTSIDE_PERIODS",
        then(
            in_payroll(*VAC, check(1001, PAID, ("2026-02-02", "2026-02-15"))),
            at_the_clock(*held(1001, "36.92 @2025-12-21")),
        ),
        in_payroll(*VAC, check(1001)),
        "Compare the period of that batch in Millennium with the pay periods of TimeWorksPlus",
    ),
    Cure(
        "BALANCE_BEFORE_HIRE",
        then(in_payroll(*VAC, check(1001)), at_the_clock(clocks(1001, StartDate="2026-01-07"))),
        own_accrual(Balance="0.0000", LastAccrueDate="2026-01-07"),
        "enter the balance that does, and as its Last Accrue Date the day from which it does",
    ),
]

D21, D29, D04 = "2025-12-21", "2025-12-29", "2026-01-04"
USED = {"Vacation": [("24.50", D21), ("21.50", D29)]}
FINALIZED = {"as_of": "finalized"}
WEEKLY = ("2026-01-05", "2026-01-11")


def staff(*people: Any) -> Step:
    """These are the people of both systems; without any Ann Lee, whose balances differ."""
    return lambda company: company.staff(*(people or (person("1001", USED, {"VAC": "18.4200"}),)))


def codes(**named: str) -> Step:
    """The Accrual Code page of Millennium."""
    return lambda company: company.codes(**named)


def categories(*names: str) -> Step:
    """The rules of TimeWorksPlus."""
    return lambda company: company.categories(*names)


def payroll(**values: Any) -> Step:
    """Something happens to the payroll of 9 January."""
    return lambda company: company.started(**values)


def batches(*rows: Any) -> Step:
    """These are the batches of the payroll that was started."""
    return lambda company: company.edit_state("millennium", batches=rows)


def finalized(*periods: tuple[str, str]) -> Step:
    """These pay periods are finalized, and no others."""
    return lambda company: company.finalized(*periods)


def pressed(company: Beta) -> None:
    """Update Accrual Balances."""
    company.button()


def faults(**values: Any) -> Step:
    return lambda company: company.faults("millennium", **values)


def calm(company: Beta) -> None:
    company.calm("millennium")


def two_batches(*weekly: str, biweekly: tuple[str, ...] = ()) -> Step:
    """Two open batches that end on different days."""
    return batches(
        batch(3, P2, EmployeeIds=list(biweekly)),
        batch(4, WEEKLY, Description="Weekly", EmployeeIds=list(weekly)),
    )


TO_MILLENNIUM = [
    Cure(
        "ACCRUAL_NOTE_MISSING",
        then(staff(), lambda company: company.edit_state("millennium", companynotes=[])),
        added("millennium", "companynotes", Name="Accrual Note"),
        'add a note with the name "Accrual Note" to the Company Notes of ACME',
    ),
    Cure(
        "TURNED_OFF_BY_MEMO",
        then(
            staff(),
            edited("millennium", "companynotes", {"NoteId": 5}, Memo="by hand"),
            finalized(P0, P1, P2),
        ),
        edited("millennium", "companynotes", {"NoteId": 5}, Memo=""),
        "clear the Memo (Company Notes, Accrual Note)",
        scheduled=True,
    ),
    Cure(
        "NO_PAYROLL_STARTED",
        then(staff(), payroll(PayrollStarted=False, StartedAt=None)),
        payroll(PayrollStarted=True, StartedAt="2026-01-06T15:00:00Z"),
        "Start the payroll in Millennium, then start the run again",
    ),
    Cure(
        "NO_OPEN_BATCH",
        then(staff(), batches()),
        batches(batch(3, P2)),
        "Add the batch with its period in Millennium",
    ),
    Cure(
        "NO_PERIOD_FINALIZED",
        then(staff(), finalized()),
        finalized(P0, P1, P2),
        "Finalize the pay period in TimeWorksPlus",
        FINALIZED,
    ),
    Cure(
        "PAYROLL_PERIOD_NOT_FINALIZED",
        staff(),
        finalized(P0, P1, P2),
        "or finalize the period in TimeWorksPlus before the payroll is processed",
        FINALIZED,
    ),
    Cure(
        "NO_CODE_FOR_CATEGORY",
        then(staff(), codes(VAC="VACATION", SICK="Sick")),
        codes(VAC="Vacation", SICK="Sick"),
        "Else edit the Description of its accrual code in Millennium",
    ),
    Cure(
        "TWO_CODES_FOR_CATEGORY",
        then(staff(), codes(VAC="Vacation", VAC2="Vacation", SICK="Sick")),
        codes(VAC="Vacation", VAC2="Vacation 2025", SICK="Sick"),
        "Give all but one of them another Description",
    ),
    Cure(
        "TWO_CATEGORIES",
        then(staff(), categories("Sick", "Vacation", "Vacation ")),
        categories("Sick", "Vacation"),
        "Remove one of the two in TimeWorksPlus",
    ),
    Cure(
        "DIVISOR_NOT_ONE",
        then(staff(), edited("millennium", "accrualcodes", {"Code": "VAC"}, Divisor="8")),
        edited("millennium", "accrualcodes", {"Code": "VAC"}, Divisor="1"),
        "Set the Divisor to 1 on the Accrual Setup tab",
    ),
    Cure(
        "CODE_RENAMED",
        then(staff(), pressed, codes(VAC="Holiday", SICK="Sick")),
        codes(VAC="Vacation", SICK="Sick"),
        'Set the Description of VAC back to "Vacation" in Millennium',
    ),
    Cure(
        "CODE_RENAMED",
        then(staff(), pressed, codes(SICK="Sick")),
        codes(HOL="Vacation", SICK="Sick"),
        'Give the accrual code that took its place the Description "Vacation" in Millennium',
    ),
    Cure(
        "CODE_RENAMED",
        then(staff(), pressed, codes(SICK="Sick")),
        categories("Sick"),
        "if it was given up there, take it off the list of AccrueUpScript",
    ),
    Cure(
        "CATEGORY_GONE",
        then(staff(), pressed, categories("Sick", "PTO")),
        categories("Sick", "Vacation"),
        'If it was renamed, name it "Vacation" again in TimeWorksPlus',
    ),
    Cure(
        "CATEGORY_GONE",
        then(staff(), pressed, categories("Sick", "PTO")),
        codes(VAC="PTO", SICK="Sick"),
        "or let Millennium follow: set the Description of VAC to the new name",
    ),
    Cure(
        "CATEGORY_GONE",
        then(staff(), pressed, categories("Sick")),
        codes(VAC="Old vacation", SICK="Sick"),
        "If it was given up, give VAC another Description",
    ),
    Cure(
        "CATEGORY_NEW",
        then(staff(), codes(VAC="Vacation", SICK="Sick", PTO="PTO"), pressed, categories("Sick", "PTO")),
        codes(VAC="Old vacation", SICK="Sick", PTO="PTO"),
        "give VAC another Description",
    ),
    Cure(
        "NO_BALANCE",
        staff(person("1001", {"Vacation": [("", D21)]}, {"VAC": "12.0000"})),
        nothing,
        "Nothing to do.",
        stays=True,
    ),
    Cure(
        "NO_BALANCE",
        staff(person("1001", {"Vacation": [("", D21)]}, {"VAC": "12.0000"})),
        edited("timeworksplus", "accruals", {"EmployeeCode": "1001"}, value="0.00"),
        "enter 0 as the balance in TimeWorksPlus",
    ),
    Cure(
        "NEWER_BALANCE_THERE",
        then(staff(), pressed),
        finalized(P0, P1, P2),
        "the next balance with a later day goes by itself",
        FINALIZED,
    ),
    Cure(
        "NOT_IN_MILLENNIUM",
        staff(person("1001", USED, None)),
        added("millennium", "employees", EmployeeId="1001"),
        "or add the employee in Millennium",
    ),
    Cure(
        "NOT_IN_TIMEWORKSPLUS",
        staff(person("1001", None, {"VAC": "18.4200"})),
        staff(),
        "Add the employee in TimeWorksPlus with that employee code",
    ),
    Cure(
        "IN_NO_BATCH",
        then(staff(), two_batches()),
        two_batches("1001"),
        "Add the employee to the right batch on the Payroll Entry page",
    ),
    Cure(
        "IN_TWO_BATCHES",
        then(staff(), two_batches("1001", biweekly=("1001",))),
        two_batches("1001"),
        "Remove the employee from the wrong batch on the Payroll Entry page",
    ),
    Cure(
        "PAYROLL_LOCKED",
        then(staff(), faults(errors=["payroll_locked"], match="change accruals")),
        calm,
        "it goes by itself at the next run",
    ),
    Cure(
        "CHANGED_MEANWHILE",
        then(staff(), faults(errors=["accrual_changed"])),
        calm,
        "Replay it once nobody works on the Accrual tab",
    ),
]
CURES = [*TO_TIMEWORKSPLUS, *TO_MILLENNIUM]


@pytest.mark.requirement("RUN-7", "AC-2", "AC-5", "AC-8")
@pytest.mark.parametrize("case", TO_TIMEWORKSPLUS, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures_towards_timeworksplus(company: Accruals, case: Cure) -> None:
    carry_out(company, "accrual_sync", case)


@pytest.mark.requirement("RUN-7", "AC-6", "AC-7", "AC-9")
@pytest.mark.parametrize("case", TO_MILLENNIUM, ids=lambda case: case.code)
def test_a_remedy_that_is_carried_out_cures_towards_millennium(clocked: Beta, case: Cure) -> None:
    carry_out(clocked, "accrual_sync", case)
