"""What is read of both systems: a row that can't be used is never passed over (REP-1)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.flows.report_pull.read import (
    PeriodRows,
    Resources,
    components_of,
    read_page,
    read_periods,
    read_resources,
)
from payrelay.systems.payroll_plus.models import Amount, PayrollRun, ReportPage, ReportRow, Status
from payrelay.systems.rows import BadRow, Listed

pytestmark = pytest.mark.requirement("REP-1", "RUN-4")

JANUARY = "2026-01"
NO_AMOUNT = "is not an amount as text with two decimals"


def row(person: str, component: str, amount: str = "1.00", **other: str) -> ReportRow:
    """What one component of a person's pay came to in January."""
    return ReportRow(
        employee_id=person,
        year=2026,
        period=other.get("period", JANUARY),
        component=component,
        description=other.get("description", component.capitalize()),
        amount=Amount(Decimal(amount)),
    )


def read(*pages: tuple[Sequence[ReportRow], Sequence[BadRow]]) -> PeriodRows:
    """What is read of January's report in these pages."""
    found, cursor = PeriodRows({}, {}), None
    for number, page in enumerate(pages, 1):
        following = None if number == len(pages) else str(number)
        source: Any = SimpleNamespace(
            component_report=lambda year, period, cursor, page=page, following=following: ReportPage(
                Listed(*page), following
            )
        )
        cursor = read_page(source, JANUARY, cursor, found)
    assert cursor is None
    return found


def test_the_rows_of_all_pages_are_put_together_by_the_id_as_it_is_spelled() -> None:
    first = [row("1", "GROSS", "30.10"), row("2", "GROSS", "-0.00", description="")]
    found = read((first, []), ([row("1", "NET", "20.05"), row("01", "NET", "1.00")], []))
    assert found.rows == {
        "1": [("GROSS", "Gross", "30.10"), ("NET", "Net", "20.05")],
        "2": [("GROSS", "GROSS", "-0.00")],
        "01": [("NET", "Net", "1.00")],
    }
    assert found.flawed == {}
    assert "30.10" not in repr(found)


COMPONENTS = [
    ("one row each", [("A", "a", "1.00"), ("B", "b", "-2.00")], {"A": ["1.00"], "B": ["-2.00"]}),
    ("two rows", [("A", "Easter", "500.00"), ("A", "Quarter", "250.00")], {"A": ["500.00", "250.00"]}),
    ("two that are alike", [("A", "a", "500.00"), ("A", "a", "500.00")], {"A": ["500.00", "500.00"]}),
    ("one that takes the other back", [("A", "a", "5.00"), ("A", "a", "-5.00")], {"A": ["5.00", "-5.00"]}),
    ("nothing", [], {}),
]


@pytest.mark.parametrize(
    ("rows", "components"), [case[1:] for case in COMPONENTS], ids=[case[0] for case in COMPONENTS]
)
def test_every_row_of_a_component_counts(
    rows: list[tuple[str, str, str]], components: dict[str, list[str]]
) -> None:
    """Two rows of a component are what payroll booked, and no mistake (faults F4)."""
    found = components_of(rows)
    assert {one: [amount.reveal() for _, amount in lines] for one, lines in found.items()} == components


FLAWS = [
    ("no amount", [], [BadRow("2", "GROSS", "amount", NO_AMOUNT)], ("GROSS", "amount", NO_AMOUNT)),
    ("no component", [], [BadRow("2", "", "component", "is missing")], ("", "component", "is missing")),
    ("another period", [row("2", "TAX", period="2025-12")], [], ("TAX", "prPeriod", "is 2025-12")),
    ("nobody", [], [BadRow("", "NET", "employeeId", "is missing")], ("NET", "employeeId", "is missing")),
]


@pytest.mark.parametrize(
    ("rows", "bad", "flaw"), [case[1:] for case in FLAWS], ids=[case[0] for case in FLAWS]
)
@pytest.mark.parametrize("on_page", [0, 1])
def test_a_row_that_can_not_be_used_is_told_of(
    rows: list[ReportRow], bad: list[BadRow], flaw: tuple[str, str, str], on_page: int
) -> None:
    pages: list[tuple[list[ReportRow], list[BadRow]]] = [([row("1", "NET")], []), ([], [])]
    pages[on_page] = (pages[on_page][0] + rows, bad)
    found = read(*pages)
    assert found.rows.keys() == {"1"}
    assert [(one.number, one.field, one.problem) for one in found.flawed.values()] == [flaw]


RUNS: list[tuple[Status, bool]] = [("Approved", True), ("Processed", False), ("Open", False)]


@pytest.mark.parametrize(("status", "counts"), RUNS)
def test_only_approved_runs_make_a_period(status: Status, counts: bool) -> None:
    run = PayrollRun(run_id="run-1", period=JANUARY, description="", status=status)
    source: Any = SimpleNamespace(payroll_runs=lambda since: Listed([run]))
    found = read_periods(source, None)
    assert (found.approved if counts else found.others) == {JANUARY}
    assert not (found.others if counts else found.approved)


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        (BadRow("run-1", JANUARY, "status", "is none of these"), JANUARY),
        (BadRow("run-1", "", "prPeriod", "is missing"), "run-1"),
    ],
)
def test_a_run_that_can_not_be_read_is_kept_by_its_period_or_its_id(bad: BadRow, name: str) -> None:
    source: Any = SimpleNamespace(payroll_runs=lambda since: Listed([], [bad]))
    assert read_periods(source, None).flawed == {name: bad}


NAMELESS = BadRow("", "", "ID", "is missing")
CARDS = [
    ("a card", [2012], [], Resources(frozenset({"2012"}))),
    (
        "a card that can't be read is there",
        [],
        [BadRow("2012", "2012", "FullName", "?")],
        Resources(frozenset({"2012"})),
    ),
    ("none", [], [], Resources(frozenset())),
    ("a card of nobody", [2012], [NAMELESS], Resources(frozenset({"2012", ""}), NAMELESS)),
]


@pytest.mark.parametrize(
    ("ids", "bad", "found"), [case[1:] for case in CARDS], ids=[case[0] for case in CARDS]
)
def test_who_is_in_synergy_is_asked_of_those_who_have_not_the_role(
    ids: list[int], bad: list[BadRow], found: Resources
) -> None:
    asked: list[list[int]] = []

    def people(numbers: list[int]) -> Listed[Any]:
        asked.append(numbers)
        return Listed([SimpleNamespace(id=one) for one in ids], bad)

    synergy: Any = SimpleNamespace(people=people)
    assert read_resources(synergy, ["2001", "2012", "x"], frozenset({2001})) == found
    assert asked == [[2012]]


def test_nobody_is_asked_for_where_all_have_the_role() -> None:
    assert read_resources(SimpleNamespace(), ["2001"], frozenset({2001})).ids == frozenset()  # type: ignore[arg-type]
