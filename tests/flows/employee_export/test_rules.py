"""Which employees are exported, and how their values are written (EX-3, EX-6, EX-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.records import Outcome
from payrelay.flows.employee_export import rules
from payrelay.flows.employee_export.doubles import first_hired, one_per_number
from payrelay.flows.employee_export.rules import Employed, SelectionRule, selection
from tests.worlds.structs import replace


@dataclass(frozen=True)
class Employment:
    start_date: date | None = date(2024, 2, 19)
    end_date: date | None = None
    effective_end_date: date | None = None
    terminated: bool | None = False
    rate: Decimal | None = Decimal(100)


@dataclass(frozen=True)
class Employee:
    id: str = "a1"
    active: bool = True
    company_id: str | None = "c1"
    employee_number: str | None = "145"
    title: str | None = "Controller"
    work_email: str | None = "kari@acme.example"
    hire_date: date | None = date(2024, 2, 19)
    end_date: date | None = None
    employments: tuple[Employment, ...] = ()
    employment: Employment | None = None
    employment_type: Any = None


TODAY = date(2026, 3, 2)
FULL, HALF = Employment(), Employment(rate=Decimal(50))
LEFT = Employment(end_date=date(2026, 3, 1), rate=Decimal(80))
COUNTS: list[tuple[str, tuple[Employment, ...], Employment | None, Employment | None, int]] = [
    ("none", (), None, None, 0),
    ("the only one", (FULL,), None, FULL, 1),
    ("the one that is named", (FULL, HALF), HALF, HALF, 2),
    ("the only one that has not ended", (LEFT, FULL), LEFT, FULL, 1),
    ("the last one, while all have ended", (LEFT,), LEFT, LEFT, 0),
    ("none, of two that nobody names", (FULL, HALF), None, None, 2),
    ("it ends today", (replace(LEFT, end_date=TODAY),), None, replace(LEFT, end_date=TODAY), 1),
    ("not one that was terminated", (replace(FULL, terminated=True), HALF), None, HALF, 1),
    ("not one that ended early", (replace(FULL, effective_end_date=date(2026, 1, 1)), HALF), None, HALF, 1),
]


@pytest.mark.requirement("EX-6")
@pytest.mark.parametrize(
    ("employments", "named", "current", "count"), [row[1:] for row in COUNTS], ids=[row[0] for row in COUNTS]
)
def test_one_employment_counts(
    employments: tuple[Employment, ...], named: Employment | None, current: Employment | None, count: int
) -> None:
    found = rules.employed(Employee(employments=employments, employment=named), TODAY)
    assert (found.current, found.count, found.type_name) == (current, count, None)


PERMANENT = Employed(Employment(), 1, "permanent_employment")
SKIPPED, BLOCKED = Outcome.SKIPPED, Outcome.BLOCKED


def test_the_published_selection_takes_a_complete_employee() -> None:
    assert selection(Employee(), PERMANENT, SelectionRule(), "Employee 145") is None


REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any], Outcome, str]] = [
    ("inactive", {"active": False}, {}, SKIPPED, "NOT_ACTIVE"),
    ("no number", {"employee_number": None}, {}, BLOCKED, "REQUIRED_FIELD_MISSING"),
    ("an empty number", {"employee_number": ""}, {}, BLOCKED, "REQUIRED_FIELD_MISSING"),
    ("no company", {"company_id": None}, {}, BLOCKED, "REQUIRED_FIELD_MISSING"),
    ("no e-mail", {"work_email": None}, {}, SKIPPED, "EMAIL_MISSING"),
    ("no hire date", {"hire_date": None}, {}, SKIPPED, "HIRE_DATE_MISSING"),
    ("no job title", {"title": None}, {}, SKIPPED, "JOB_TITLE_MISSING"),
    ("no employment", {}, {"current": None, "count": 0}, SKIPPED, "EMPLOYMENT_MISSING"),
    ("two employments", {}, {"count": 2}, SKIPPED, "SEVERAL_EMPLOYMENTS"),
    ("no start date", {}, {"current": Employment(start_date=None)}, SKIPPED, "EMPLOYMENT_START_MISSING"),
    ("temporary", {}, {"type_name": "temporary_employment"}, SKIPPED, "NOT_PERMANENT"),
    ("no type", {}, {"type_name": None}, SKIPPED, "NOT_PERMANENT"),
    ("80 %", {}, {"current": Employment(rate=Decimal(80))}, SKIPPED, "NOT_FULL_RATE"),
    ("rate unknown", {}, {"current": Employment(rate=None)}, SKIPPED, "NOT_FULL_RATE"),
]


@pytest.mark.requirement("EX-6", "EX-8")
@pytest.mark.parametrize(
    ("changes", "employment", "outcome", "code"),
    [row[1:] for row in REFUSALS],
    ids=[row[0] for row in REFUSALS],
)
def test_each_refusal_has_its_own_reason(
    changes: dict[str, Any], employment: dict[str, Any], outcome: Outcome, code: str
) -> None:
    found = selection(
        replace(Employee(), **changes), replace(PERMANENT, **employment), SelectionRule(), "Employee 145"
    )
    assert found
    assert (found[0], found[1].code) == (outcome, code)
    assert "Employee 145" in found[1].message


@pytest.mark.requirement("EX-8")
@pytest.mark.parametrize(
    ("changes", "field"),
    [({"employee_number": None}, "employee number"), ({"company_id": ""}, "company")],
    ids=["no number", "no company"],
)
def test_a_missing_required_value_is_named_with_where_to_fill_it_in(
    changes: dict[str, Any], field: str
) -> None:
    found = selection(replace(Employee(), **changes), PERMANENT, SelectionRule(), "Employee a1")
    assert found
    assert field in found[1].message
    assert field in found[1].remedy
    assert "Simployer One" in found[1].remedy


RELAXED: list[tuple[str, SelectionRule, dict[str, Any], dict[str, Any]]] = [
    ("inactive ones too", SelectionRule(active_only=False), {"active": False}, {}),
    (
        "without e-mail",
        SelectionRule(require=frozenset({"hire_date", "job_title"})),
        {"work_email": None},
        {},
    ),
    ("without hire date", SelectionRule(require=frozenset({"email", "job_title"})), {"hire_date": None}, {}),
    ("without job title", SelectionRule(require=frozenset({"email", "hire_date"})), {"title": None}, {}),
    (
        "two types",
        SelectionRule(employment_types=frozenset({"permanent_employment", "temporary_employment"})),
        {},
        {"type_name": "temporary_employment"},
    ),
    ("every type", SelectionRule(employment_types=frozenset()), {}, {"type_name": None}),
    ("every rate", SelectionRule(full_rate_only=False), {}, {"current": Employment(rate=Decimal("37.5"))}),
]


@pytest.mark.requirement("EX-6")
@pytest.mark.parametrize(
    ("rule", "changes", "employment"), [row[1:] for row in RELAXED], ids=[row[0] for row in RELAXED]
)
def test_each_setting_of_the_selection_lets_through_what_the_default_refuses(
    rule: SelectionRule, changes: dict[str, Any], employment: dict[str, Any]
) -> None:
    employee, employed = replace(Employee(), **changes), replace(PERMANENT, **employment)
    assert selection(employee, employed, SelectionRule(), "Employee 145") is not None
    assert selection(employee, employed, rule, "Employee 145") is None


def test_the_rate_is_shown_as_people_write_it() -> None:
    part_time = replace(PERMANENT, current=Employment(rate=Decimal("80.00")))
    found = selection(Employee(), part_time, SelectionRule(), "Employee 145")
    assert found
    assert "80 %" in found[1].message


@pytest.mark.requirement("EX-6")
@given(st.permutations(["2019-03-01", "2022-08-15", None, "2019-03-01"]))
def test_of_several_records_with_one_number_the_one_hired_first_wins_whatever_their_order(
    hired: list[str | None],
) -> None:
    records = [
        Employee(id=f"{day}-{place}", hire_date=date.fromisoformat(day) if day else None)
        for place, day in enumerate(hired)
    ]
    winner = first_hired(records)
    assert winner.hire_date == date(2019, 3, 1)
    assert winner.id == min(one.id for one in records if one.hire_date == date(2019, 3, 1))


@pytest.mark.requirement("EX-6")
def test_of_each_number_one_is_kept_and_the_others_name_whom_they_give_way_to() -> None:
    early, late = Employee("a2", hire_date=date(2019, 3, 1)), Employee("a1", hire_date=date(2022, 8, 15))
    other = Employee("a3", employee_number="146")
    assert one_per_number([late, other, early]) == ([early, other], [(late, early)], [])


@pytest.mark.requirement("EX-3")
@pytest.mark.parametrize(
    ("first", "last", "name", "letters"),
    [
        ("Kari", "Nordmann", "Kari Nordmann", "KN"),
        ("Anne-Grethe Sofie", "von der Lippe", "Anne-Grethe Sofie von der Lippe", "AGSVDL"),
        (" Åse ", "Ødegård-Sjöström", "Åse Ødegård-Sjöström", "ÅØS"),
        ("Kari", None, "Kari", "K"),
        (None, "Nordmann", "Nordmann", "N"),
        ("  ", "", None, None),
        (None, None, None, None),
    ],
)
def test_names_become_a_full_name_and_initials(
    first: str | None, last: str | None, name: str | None, letters: str | None
) -> None:
    assert rules.full_name(first, last) == name
    assert rules.initials(first, last) == letters


@pytest.mark.requirement("EX-3")
@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("female", "F"),
        ("Male", "M"),
        ("F", "F"),
        ("m", "M"),
        ("non-binary", None),
        ("", None),
        (None, None),
    ],
)
def test_gender_is_m_or_f_and_blank_for_everything_else(said: str | None, written: str | None) -> None:
    assert rules.gender(said) == written


@pytest.mark.parametrize(
    ("value", "found"), [(" a b ", "a b"), ("a", "a"), ("  ", None), ("", None), (None, None)]
)
def test_a_text_has_no_blanks_around_it_and_an_empty_one_is_no_value(
    value: str | None, found: str | None
) -> None:
    assert rules.text(value) == found
