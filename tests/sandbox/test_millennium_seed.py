"""The two companies in Millennium: what payroll says of their people's hours, each rule with a case."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox import Options
from local.sandbox.millennium import Millennium
from local.seed import accruals
from local.seed.accruals import ACME, BETA, COMPANIES, FINALIZED, PAID
from local.seed.millennium import millennium_state
from local.seed.state import State

NOW = datetime(2026, 1, 10, 9, tzinfo=UTC)
Key = tuple[str, str]


@pytest.fixture(scope="module")
def state() -> State:
    """As the sandbox keeps it."""
    room = Millennium(Options(now=lambda: NOW))
    room.replace_state(millennium_state())
    return room.state()


def of(state: State, resource: str, company: str = "ACME", **fields: Any) -> list[dict[str, Any]]:
    rows = [row for row in state[resource] if row["Co"] == company]
    return [row for row in rows if all(row[name] == value for name, value in fields.items())]


def counting(state: State, person: str, day: str | None) -> set[str]:
    """The ends of the periods of whatever checks of that day give a balance its date."""
    blocked = {row["CalendarId"] for row in of(state, "calendar") if row["AccrualsBlocked"]}
    return {
        row["PeriodEndDate"]
        for row in of(state, "checks", EmployeeId=person, CheckDate=day)
        if not row["Voided"]
        and row["PeriodBeginDate"] != row["PeriodEndDate"]
        and row["CalendarId"] not in blocked
    }


def test_it_is_the_same_every_time_and_loses_nothing(state: State) -> None:
    given = millennium_state()
    assert json.loads(json.dumps(given)) == given == millennium_state()
    for name, rows in given.items():
        assert len(state[name]) == len(rows)
    for name in ("employees", "accruals", "batches", "checks"):
        as_given = [{field: row[field] for field in given[name][0]} for row in state[name]]
        assert sorted(map(str, as_given)) == sorted(map(str, given[name]))


def test_everybody_has_a_name_of_their_own_and_one_each_is_in_one_system_only() -> None:
    names = [f"{one.first} {one.last}" for company in COMPANIES for one in company.workers]
    assert len(set(names)) == len(names) == 86
    assert [(len(company.workers), company.site) for company in COMPANIES] == [(60, "51234"), (26, "51235")]
    for company, payroll, clock in (
        (ACME, accruals.ONLY_IN_PAYROLL, accruals.ONLY_IN_CLOCK),
        (BETA, accruals.ONLY_IN_PAYROLL_2, accruals.ONLY_IN_CLOCK_2),
    ):
        assert [one.id for one in company.workers if not one.in_clock] == [payroll]
        assert [one.id for one in company.workers if not one.in_payroll] == [clock]


def test_two_codes_are_one_category_and_one_has_no_category() -> None:
    described = list(ACME.codes.values())
    assert sorted(one for one in described if described.count(one) > 1) == ["Sick", "Sick"]
    assert set(described) - set(ACME.categories) == {"Personal"}
    assert sorted(BETA.codes.values()) == list(BETA.categories)


def test_every_accrual_has_its_date_by_a_check_of_that_day(state: State) -> None:
    """But for one of somebody whose hours never accrued."""
    without = [
        (row["EmployeeId"], row["Code"])
        for row in of(state, "accruals")
        if len(counting(state, row["EmployeeId"], row["LastAccrueDate"])) != 1
    ]
    assert without == [(accruals.AMBIGUOUS, "SICK2"), (accruals.NOT_ACCRUED, "VAC")]


@pytest.mark.parametrize(
    ("person", "ends", "checks"),
    [
        (accruals.DIFFERS, "2026-01-04", 1),
        (accruals.CORRECTED, "2026-01-04", 2),
        (accruals.BONUS, "2026-01-04", 2),
        (accruals.REISSUED, "2026-01-04", 1),
        (accruals.FINALIZED_ONE, "2025-12-21", 0),
        (accruals.LEFT, "2025-12-07", 0),
        (accruals.GIVEN_AT_ONCE, "2025-12-21", 1),
    ],
)
def test_each_rule_of_dates_has_a_person(state: State, person: str, ends: str, checks: int) -> None:
    """The odd ones have two checks on the pay day, or one that is void."""
    (accrual,) = of(state, "accruals", EmployeeId=person, Code="VAC")
    assert counting(state, person, accrual["LastAccrueDate"]) == {ends}
    on_the_day = of(state, "checks", EmployeeId=person, CheckDate=PAID[accruals.P2])
    assert len(on_the_day) == checks


def balances(state: State) -> tuple[int, set[Key]]:
    """How many agree at the end of the third period, and whose do not, where one date tells both."""
    equal, differing = 0, set()
    for one in (one for one in ACME.workers if one.in_payroll and one.in_clock):
        for row in of(state, "accruals", EmployeeId=one.id, LastAccrueDate=PAID[accruals.P2]):
            told = [said for said in one.told if said.category == row["Description"]]
            at_end = [said.value for said in told if said.effective == accruals.P2[1]]
            if row["Description"] not in ACME.categories:
                continue
            if at_end == [f"{Decimal(row['Balance']):.2f}"] or one.id == accruals.ROUNDED:
                equal += 1
            else:
                differing.add((one.id, row["Code"]))
    return equal, differing


def test_the_first_run_has_work_and_most_is_equal(state: State) -> None:
    equal, differing = balances(state)
    assert equal > 3 * len(differing) > 30
    fives = {str(number) for number in range(1005, 1060, 5)}
    assert fives <= {person for person, code in differing if code == "VAC"}
    assert {(accruals.DIFFERS, "SICK1"), (accruals.AMBIGUOUS, "SICK1"), (accruals.ENDED_PLAN, "SICK2")} <= (
        differing
    )


def test_the_other_company_is_set_up_as_the_target_and_has_a_payroll_that_is_started(state: State) -> None:
    for row in of(state, "accrualcodes", "BETA"):
        assert (row["HasTable"], row["Model"], set(row["Setup"].values())) == (False, None, {None})
    (entry,) = of(state, "calendar", "BETA", PayrollStarted=True, Processed=False)
    assert (entry["CalendarId"], entry["StartedAt"]) == (88, "2026-01-06T15:00:00Z")
    batches = of(state, "batches", "BETA", CalendarId=88)
    assert [row["PeriodEndDate"] for row in batches] == ["2026-01-04", "2025-12-31"]
    paid = [person for row in batches for person in row["EmployeeIds"]]
    there = {row["EmployeeId"] for row in of(state, "employees", "BETA")}
    assert there - set(paid) == {accruals.NO_BATCH}
    assert len(paid) == len(set(paid))
    assert {row["LastAccrueDate"] for row in of(state, "accruals", "BETA")} == {None}
    late = of(state, "accruals", "BETA", AsOfDate=FINALIZED[0][1])
    assert 0 < len(late) < len(of(state, "accruals", "BETA")) / 2
    of_vacation = {row["EmployeeId"] for row in of(state, "accruals", "BETA", Code="VAC")}
    assert there - of_vacation == {accruals.ADDED, accruals.EMPTY_ON_BOTH}


def test_both_have_the_note_and_the_vendors_task_does_not_run(state: State) -> None:
    for company in COMPANIES:
        (note,) = of(state, "companynotes", company.code, Name="Accrual Note")
        assert note["Memo"] == ""
    assert [(row["Name"], row["Enabled"]) for row in state["scheduledtasks"]] == [("Accrual", False)]
