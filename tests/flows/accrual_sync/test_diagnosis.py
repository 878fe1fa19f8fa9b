"""The set-up of both sides item by item, and one employee's balances, in both directions (AC-10)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Check
from payrelay.errors import NeedsAttention, Rejected
from payrelay.flows.accrual_sync import fitting
from payrelay.flows.diagnosis import reached
from payrelay.flows.opening import open_flow
from tests.worlds.accruals import P0, P1, P2, PAID, Accruals, accrual, check, clocks, held, paid, used
from tests.worlds.structs import replace
from tests.worlds.timeclock import Beta, batch, person

D21, D29, D04 = "2025-12-21", "2025-12-29", "2026-01-04"
UP = "Settings Menu => Processing Rules => Accruals category => AccrueUpScript"
PUNCH = "Settings Menu => Processing Rules => Processing category => PunchCategories"


def diagnosis(world: Accruals, key: str | None = None, **settings: Any) -> list[Check]:
    connection = replace(world.connection, settings={**world.connection.settings, **settings})
    return list(open_flow(world, "accrual_sync", connection).diagnose(key))  # type: ignore[arg-type]


def named(checks: list[Check], part: str) -> Check:
    found = [one for one in checks if part in one.name]
    assert len(found) == 1, [one.name for one in checks]
    return found[0]


def failed(checks: list[Check]) -> list[str]:
    return [one.name for one in checks if one.passed is False]


def rule(name: str, script: str | None, *categories: str) -> dict[str, Any]:
    return {"Name": name, "Script": script, "Categories": list(categories)}


@pytest.fixture
def sound(company: Accruals) -> Accruals:
    """ACME with nothing wrong in its set-up: one employee, paid and clocked."""
    company.payroll(
        paid(1001), accrual(1001, "VAC", "40.0000"), check(1001, CheckNumber="20417", BatchNumber=3)
    )
    company.clocked(clocks(1001), *held(1001, "36.92 @2025-12-21"))
    return company


# --- the company --------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-10")
def test_before_the_first_run_the_mapping_is_proposed(sound: Accruals) -> None:
    found = diagnosis(sound)
    assert failed(found) == ["an AccrueDownScript takes off the hours used"]
    assert named(found, '"Vacation" goes').seen == 'proposed: accrual code VAC, to the category "Vacation"'
    sick = named(found, '"Sick" goes')
    assert "SICK1, SICK2, of which each employee may have one in effect" in sick.seen
    sound.sync()
    assert named(diagnosis(sound), '"Vacation" goes').seen.startswith("accrual code VAC")


@pytest.mark.requirement("AC-10")
@pytest.mark.parametrize(
    ("script", "passed"),
    [("", False), ("Vacation -= hours('Vacation')", True)],
)
def test_an_accrue_down_script_is_there(sound: Accruals, script: str, passed: bool) -> None:
    sound.edit("timeworksplus", "processingrules", {"Name": "AccrueDownScript"}, Script=script)
    found = named(diagnosis(sound), "an AccrueDownScript takes off")
    assert found.passed is passed
    if not passed:
        assert "Add an AccrueDownScript for decrementing the accrual balances" in (found.remedy or "")


@pytest.mark.requirement("AC-10", "AC-8")
@pytest.mark.parametrize(
    ("edit", "part", "passed", "words"),
    [
        (("companynotes", {}, {"Name": "Other Note"}), "Accrual Note is in", False, "Company Notes"),
        (("companynotes", {}, {"Memo": "off"}), "Memo of the", None, "clear the Memo"),
        (("companynotes", {}, {"Memo": " "}), "Memo of the", True, None),
    ],
)
def test_the_note_and_its_memo(
    sound: Accruals, edit: tuple[Any, Any, Any], part: str, passed: bool | None, words: str | None
) -> None:
    resource, match, values = edit
    sound.edit("millennium", resource, match, **values)
    found = named(diagnosis(sound), part)
    assert found.passed is passed
    assert words is None or words in (found.remedy or "")


@pytest.mark.requirement("AC-10")
@pytest.mark.parametrize(
    ("task", "runs_by", "passed"),
    [
        (None, "payrelay", True),
        ({"Enabled": False, "Companies": ["ACME"]}, "payrelay", True),
        ({"Enabled": True, "Companies": ["OTHER"]}, "payrelay", True),
        ({"Enabled": True, "Companies": ["ACME"]}, "payrelay", False),
        (None, "vendor", False),
        ({"Enabled": False, "Companies": ["ACME"]}, "vendor", False),
        ({"Enabled": True, "Companies": ["OTHER"]}, "vendor", False),
        ({"Enabled": True, "Companies": ["ACME"]}, "vendor", True),
    ],
)
def test_the_task_runs_for_the_company_as_runs_by_asks(
    sound: Accruals, task: dict[str, Any] | None, runs_by: str, passed: bool
) -> None:
    rows = [] if task is None else [{"Co": "ACME", "Name": "Accrual", "EveryMinutes": 30, **task}]
    sound.put("millennium", {**sound.state("millennium"), "scheduledtasks": rows})
    sound.settings(runs_by=runs_by)
    found = named(diagnosis(sound), 'scheduled task "Accrual"')
    assert found.passed is passed
    assert passed or "process server" in (found.remedy or "")


@pytest.mark.requirement("AC-10")
def test_without_a_schedule_that_is_said(sound: Accruals) -> None:
    assert named(diagnosis(sound), "a schedule").passed is None


@pytest.mark.requirement("AC-10", "AC-2")
@pytest.mark.parametrize(
    ("rows", "part", "passed", "words"),
    [
        pytest.param(
            [rule("AccrueUpScript", "Sick += 1", "Sick", "Vacation")],
            "AccrueUpScript lists the categories, and holds no script",
            False,
            UP,
            id="two sides calculate",
        ),
        pytest.param(
            [rule("AccrueUpScript", "")],
            "AccrueUpScript lists the categories, and",
            False,
            UP,
            id="an empty list",
        ),
        pytest.param(
            [rule("PunchCategories", None, "Regular", "Sick")],
            '"Vacation" goes to a category',
            False,
            "PunchCategories",
            id="not in PunchCategories",
        ),
        pytest.param(
            [rule("AccrueDownScript", "Sick -= 1", "Sick")],
            "stands in AccrueDownScript",
            False,
            '"Vacation"',
            id="not in AccrueDownScript",
        ),
        pytest.param(
            [
                rule("AccrueUpScript", "", "Sick", "VACATION"),
                rule("PunchCategories", None, "Sick", "VACATION"),
            ],
            '"Vacation" goes to a category',
            None,
            "make the two names equal",
            id="other case is another name",
        ),
        pytest.param(
            [rule("AccrueUpScript", "", "Sick", "Vacation", "PTO")],
            "each category of AccrueUpScript gets balances",
            None,
            UP,
            id="a category without a code",
        ),
    ],
)
def test_the_rules_of_timeworksplus(
    sound: Accruals, rows: list[dict[str, Any]], part: str, passed: bool | None, words: str
) -> None:
    state = sound.state("timeworksplus")
    others = [row for row in state["processingrules"] if row["Name"] not in {one["Name"] for one in rows}]
    state["processingrules"] = [*others, *({"siteId": "51234", **row} for row in rows)]
    sound.put("timeworksplus", state)
    found = named(diagnosis(sound), part)
    assert found.passed is passed
    assert words in (found.remedy or "")


@pytest.mark.requirement("AC-10", "AC-2")
def test_who_has_two_codes_of_one_description_is_named(sound: Accruals) -> None:
    """(AW-08)"""
    sound.payroll(
        accrual(1001, "SICK1", "5.0000"),
        accrual(1001, "SICK2", "0.0000", None),
        accrual(1002, "SICK1", "12.0000", EndDate=D21),
        accrual(1002, "SICK2", "15.0800", StartDate="2025-12-22"),
        accrual(1003, "SICK1", "7.0000"),
    )
    found = named(diagnosis(sound), "one code of a Description")
    assert (found.passed, found.keys) == (False, ("1001:Sick",))
    assert "Employee 1001 (1001), Sick" in found.seen


@pytest.mark.requirement("AC-10", "LB-7")
def test_hidden_categories_are_named(sound: Accruals) -> None:
    """(AW-15)"""
    sound.edit("timeworksplus", "accruals", {"EmployeeCode": "1001"}, isHidden=True)
    found = named(diagnosis(sound), "no category is hidden")
    assert (found.passed, found.seen) == (None, '"Vacation" (of 1 employee)')


@pytest.mark.requirement("AC-10", "AC-3")
def test_a_check_for_a_period_that_timeworksplus_does_not_have_is_named_with_its_batch(
    sound: Accruals,
) -> None:
    sound.payroll(
        accrual(1001, "VAC", "40.0000"),
        check(1001, BatchNumber=3),
        check(1002, PAID, ("2026-02-02", "2026-02-15"), BatchNumber=7),
    )
    found = named(diagnosis(sound), "the checks of the last pay days")
    assert found.passed is False
    assert found.seen == "1 check of batch 7 for 2026-02-02 to 2026-02-15: no pay period there has 2026-02-15"
    assert "correct Period End Date" in (found.remedy or "")


@pytest.mark.requirement("AC-10", "AC-6")
def test_the_set_up_of_a_company_whose_time_clock_is_the_record(clocked: Beta) -> None:
    clocked.staff(person("1001", {"Vacation": [("24.50", D21)]}, {"VAC": "18.4200"}))
    found = diagnosis(clocked)
    assert failed(found) == []
    vacation = named(found, 'category "Vacation" goes to one accrual code')
    assert vacation.seen == 'proposed: accrual code VAC "Vacation", 2 decimals'
    period = named(found, "a pay period is finalized, whose end")
    assert period.seen.startswith("2025-12-08 to 2025-12-21")
    batches = named(found, "whose batches Update Accrual Balances goes by")
    assert 'batch 3 "Biweekly" (2025-12-22 to 2026-01-04)' in batches.seen
    assert named(found, "the period of the started payroll is finalized").passed is None
    clocked.button(as_of="finalized")
    assert named(diagnosis(clocked), 'category "Vacation" goes').seen.startswith("accrual code VAC")


@pytest.mark.requirement("AC-10")
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"HasTable": True}, "Delete the accrual table"),
        ({"Setup": {"MaxBalance": "120"}}, "except for Desc, Check Stub/Desc, Divisor and Decimals"),
        ({"Model": "STD"}, "Clear all fields on the Accrual Setup tab"),
    ],
)
def test_millennium_does_not_calculate_where_timeworksplus_does(
    clocked: Beta, fields: dict[str, Any], words: str
) -> None:
    clocked.edit_state(
        "millennium",
        accrualcodes=[
            {"Code": "VAC", "Description": "Vacation", **fields},
            {"Code": "SICK", "Description": "Sick"},
        ],
    )
    found = named(diagnosis(clocked), "Millennium does not calculate VAC")
    assert found.passed is False
    assert words in (found.remedy or "")
    assert named(diagnosis(clocked), "Millennium does not calculate SICK").passed is True


@pytest.mark.requirement("AC-10")
def test_a_code_is_looked_at_although_nothing_goes_to_it_for_now(clocked: Beta) -> None:
    clocked.edit_state(
        "millennium",
        accrualcodes=[
            {"Code": "VAC", "Description": "Vacation", "Divisor": "8", "HasTable": True},
            {"Code": "S1", "Description": "Sick", "Model": "STD"},
            {"Code": "S2", "Description": "Sick "},
            {"Code": "PERS", "Description": "Personal", "HasTable": True},
        ],
    )
    found = diagnosis(clocked)
    assert named(found, '"Vacation" goes').code == "DIVISOR_NOT_ONE"
    assert [one.passed for one in found if "does not calculate" in one.name] == [False, True, False]


@pytest.mark.requirement("AC-10", "AC-7")
def test_one_balance_is_of_no_day_before_a_payroll_or_a_finalized_period(clocked: Beta) -> None:
    clocked.staff(person("1001", {"Vacation": [("24.50", D21)]}, {"VAC": "18.4200"}))
    clocked.edit_state("millennium", calendar=[], batches=[])
    clocked.edit_state("timeworksplus", payperiods=[])
    found = diagnosis(clocked, "1001:Vacation")
    assert failed(found) == []
    assert named(found, "a pay period is finalized").code == "NO_PERIOD_FINALIZED"
    assert named(found, "a payroll is started").passed is None


@pytest.mark.requirement("AC-10")
def test_a_script_that_accrues_is_there_where_timeworksplus_calculates(clocked: Beta) -> None:
    clocked.edit("timeworksplus", "processingrules", {"Name": "AccrueUpScript"}, Script="")
    found = named(diagnosis(clocked), "AccrueUpScript lists the categories, and holds the script")
    assert found.passed is False
    assert UP in (found.remedy or "")


@pytest.mark.requirement("AC-10", "AC-6", "AC-9")
def test_what_has_no_partner_and_what_is_ambiguous(clocked: Beta) -> None:
    clocked.button(as_of="finalized")
    clocked.codes(VAC="Vacation", SICK="Sick", SICK2="Sick", PERS="Personal")
    clocked.categories("Sick", "PTO", "PERSONAL")
    found = diagnosis(clocked)
    assert named(found, '"Sick" goes').code == "TWO_CODES_FOR_CATEGORY"
    gone = named(found, '"Vacation" goes')
    assert (gone.passed, gone.code) == (False, "CATEGORY_GONE")
    assert named(found, '"PTO" goes').passed is None
    alike = named(found, '"PERSONAL" goes')
    assert 'PERS "Personal"' in alike.seen
    others = named(found, "each accrual code gets a category")
    assert others.keys == ("PERS", "SICK", "SICK2", "VAC")


class _Elsewhere:
    """A client whose company is not there."""

    def organisation(self) -> str:
        raise Rejected("millennium", "There is no company NOPE.", code="NOT_FOUND")


@pytest.mark.requirement("AC-10")
def test_a_company_that_there_is_not_is_none_of_the_credentials() -> None:
    found = reached("Millennium", _Elsewhere())
    assert (found.passed, found.seen) == (False, "There is no company NOPE.")
    assert (found.remedy or "").startswith("Check the connection's settings")


# --- one employee -------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-10", "AC-3", "AC-5")
def test_one_balance_of_millennium_with_its_date_and_what_gave_it(sound: Accruals) -> None:
    found = diagnosis(sound, "1001:Vacation")
    label = "Employee 1001 (1001), Vacation"
    assert named(found, f"{label}: both balances").seen == (
        "Millennium has 40.00 (code VAC, Last Accrue Date 2026-01-09); TimeWorksPlus has 36.92 on 2026-01-04"
    )
    assert named(found, f"{label}: the effective date").seen == (
        "2026-01-04, by check 20417 of batch 3, paid 2026-01-09 for 2025-12-22 to 2026-01-04"
    )
    assert named(found, f"{label}: its pay period").seen == "2025-12-22 to 2026-01-04, open"
    assert named(found, f"{label}: what the next run would do").seen == "write 40.00 as of 2026-01-04"
    assert named(found, f"{label}: when it was last written").seen == "never by Payrelay"
    sound.sync()
    found = diagnosis(sound, "1001")
    assert named(found, f"{label}: what the next run would do").seen == "nothing: both are equal"
    assert named(found, f"{label}: when it was last written").seen.startswith(
        "40.00 as of 2026-01-04, at 2026-"
    )


@pytest.mark.requirement("AC-10", "AC-5")
def test_a_balance_that_is_kept_back_tells_since_when(sound: Accruals) -> None:
    sound.finalize(P2)
    sound.sync()
    found = diagnosis(sound, "1001:Vacation")
    kept = named(found, "what the next run would do")
    assert (kept.passed, kept.code) == (False, "PERIOD_FINALIZED")
    assert named(found, "its pay period").passed is None
    assert "40.00 as of 2026-01-04 is kept back since 2026-01-10" in named(found, "last written").seen


@pytest.mark.requirement("AC-10")
@pytest.mark.parametrize(
    ("key", "part", "passed"),
    [
        ("9999", "is an employee of Millennium", False),
        ("9999:Vacation", "is an employee of TimeWorksPlus", False),
        ("1001:Holiday", '"Holiday" goes', False),
        ("Vacation", '"Vacation" goes', True),
        ("1001:Sick", "is an employee of Millennium", True),
    ],
)
def test_a_key_may_be_an_employee_a_balance_or_a_description(
    sound: Accruals, key: str, part: str, passed: bool
) -> None:
    assert named(diagnosis(sound, key), part).passed is passed


@pytest.mark.requirement("AC-10", "AC-3")
def test_hours_that_moved_after_the_accrual_are_shown_on_both_days(company: Accruals) -> None:
    """(AW-01)"""
    company.payroll(
        accrual(1001, "VAC", "72.0000", "2025-12-26"),
        check(1001, "2025-12-26", P1, 87),
        check(1001),
        calendar=[
            {"Co": "ACME", "CalendarId": number, "CheckDate": day, "Processed": True}
            for number, day in ((87, "2025-12-26"), (88, PAID))
        ],
    )
    company.clocked(*held(1001, "80.00 @2025-12-21"), used(1001, "2025-12-30", "8"), finalized=(P0,))
    found = diagnosis(company, "1001:Vacation")
    assert "80.00 on 2025-12-21 and 72.00 on 2026-01-04" in named(found, "both balances").seen
    assert "A later check accrued nothing" in named(found, "the effective date").seen
    assert named(found, "what the next run would do").passed is True


@pytest.mark.requirement("AC-10", "AC-7")
def test_one_balance_of_timeworksplus_by_the_schedule_and_by_the_button(clocked: Beta) -> None:
    clocked.staff(person("1001", {"Vacation": [("24.50", D21), ("21.50", D29)]}, {"VAC": "18.4200"}))
    found = diagnosis(clocked, "1001:Vacation")
    label = "Ann Lee 1001 (1001), Vacation"
    button = "Update Accrual Balances"
    assert named(found, f"{label}: both balances, for a scheduled run").seen == (
        "Millennium has 18.4200, as of a day that is not said (code VAC); "
        "TimeWorksPlus has 24.50 on 2025-12-21"
    )
    assert "21.50 on 2026-01-04" in named(found, f"{label}: both balances, for {button}").seen
    assert named(found, "the day that a scheduled run goes by").seen.startswith(
        "2025-12-21, the end of the last finalized pay period: 2025-12-08 to 2025-12-21"
    )
    assert named(found, f"the day that {button} goes by").seen == (
        '2026-01-04, the end of batch 3 "Biweekly" (2025-12-22 to 2026-01-04); '
        "its pay period is not finalized, and need not be"
    )
    assert named(found, "what a scheduled run would do").seen == "write 24.50 as of 2025-12-21"
    assert named(found, f"what {button} would do").seen == "write 21.50 as of 2026-01-04"
    clocked.button()
    found = diagnosis(clocked, "1001")
    assert named(found, "when it was last written").seen.startswith("21.50 as of 2026-01-04, at 2026-01-10")
    assert named(found, "what a scheduled run would do").code == "NEWER_BALANCE_THERE"


@pytest.mark.requirement("AC-10", "AC-7")
def test_somebody_in_no_batch_is_told_so(clocked: Beta) -> None:
    clocked.staff(
        *(person(key, {"Vacation": [("24.50", D21)]}, {"VAC": "1.0000"}) for key in ("1001", "1002"))
    )
    weekly = ("2026-01-05", "2026-01-11")
    clocked.edit_state(
        "millennium", batches=[batch(3, P2, EmployeeIds=["1002"]), batch(4, weekly, EmployeeIds=["1002"])]
    )
    found = diagnosis(clocked, "1001:Vacation")
    assert named(found, "the day that Update Accrual Balances").code == "IN_NO_BATCH"
    assert named(found, "the day that a scheduled run").passed is True


# --- connecting ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-6", "CON-2")
def test_two_codes_to_one_category_are_refused_in_the_one_direction_and_allowed_in_the_other(
    clocked: Beta,
) -> None:
    clocked.codes(VAC="Vacation", SICK1="Sick", SICK2="Sick ")
    settings = clocked.connection.settings
    clients = {name: clocked.client_of("", "", settings, name) for name in ("millennium", "timeworksplus")}
    with pytest.raises(NeedsAttention) as refused:
        fitting.check(clients, settings)
    assert refused.value.code == "TWO_CODES_TO_ONE"
    assert "SICK1 and SICK2" in refused.value.message
    fitting.check(clients, {**settings, "system_of_record": "millennium"})
    clocked.categories("Vacation")
    fitting.check(clients, settings)
