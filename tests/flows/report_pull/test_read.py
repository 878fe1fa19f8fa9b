"""What is read of both systems: a row that can't be used is never passed over (REP-1)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.flows.report_pull.read import Resources, read_periods, read_reports, read_resources
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


def payroll(*pages: tuple[Sequence[ReportRow], Sequence[BadRow]]) -> Any:
    """Payroll Plus with the pages of January's report."""
    cursors = [None, *map(str, range(1, len(pages)))]
    found = {
        cursor: ReportPage(Listed(*page), following)
        for cursor, page, following in zip(cursors, pages, [*cursors[1:], None], strict=True)
    }
    return SimpleNamespace(component_report=lambda year, period, cursor: found[cursor])


def test_the_components_of_all_pages_are_one_report_a_person() -> None:
    first = [row("1", "GROSS", "30.10"), row("2", "GROSS", "-0.00", description="")]
    found = read_reports(payroll((first, []), ([row("1", "NET", "20.05")], [])), JANUARY)
    assert found.whole == {
        "1": {"GROSS": ("Gross", Secret("30.10")), "NET": ("Net", Secret("20.05"))},
        "2": {"GROSS": ("GROSS", Secret("-0.00"))},
    }
    assert (found.flawed, found.anybodys) == ({}, None)


FLAWS = [
    ("no amount", [], [BadRow("2", "GROSS", "amount", NO_AMOUNT)], ("GROSS amount", NO_AMOUNT)),
    ("no component", [], [BadRow("2", "", "component", "is missing")], ("component", "is missing")),
    ("twice", [row("2", "NET")], [], ("NET", "is there twice")),
    ("another period", [row("2", "TAX", period="2025-12")], [], ("prPeriod", "is 2025-12")),
]


@pytest.mark.parametrize(
    ("rows", "bad", "flaw"), [case[1:] for case in FLAWS], ids=[case[0] for case in FLAWS]
)
@pytest.mark.parametrize("on_page", [0, 1])
def test_a_row_that_can_not_be_used_spoils_its_persons_report_alone(
    rows: list[ReportRow], bad: list[BadRow], flaw: tuple[str, str], on_page: int
) -> None:
    pages: list[tuple[list[ReportRow], list[BadRow]]] = [([row("1", "NET"), row("2", "NET")], []), ([], [])]
    pages[on_page] = (pages[on_page][0] + rows, bad)
    found = read_reports(payroll(*pages), JANUARY)
    assert found.whole.keys() == {"1"}
    assert {who: (one.field, one.problem) for who, one in found.flawed.items()} == {"2": flaw}
    assert found.anybodys is None


def test_a_row_that_names_nobody_may_be_anybodys() -> None:
    bad = BadRow("", "NET", "employeeId", "is missing")
    assert read_reports(payroll(([row("1", "NET")], []), ([], [bad])), JANUARY).anybodys


RUNS: list[tuple[Status, bool]] = [("Approved", True), ("Processed", False), ("Open", False)]


@pytest.mark.parametrize(("status", "counts"), RUNS)
def test_only_approved_runs_make_a_period(status: Status, counts: bool) -> None:
    run = PayrollRun(run_id="run-1", period=JANUARY, description="", status=status)
    source: Any = SimpleNamespace(payroll_runs=lambda since: Listed([run]))
    assert read_periods(source, None).approved == (frozenset({JANUARY}) if counts else frozenset())


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
    assert read_resources(synergy, ["2001", "2012", "02012", "x"], frozenset({2001})) == found
    assert asked == [[2012]]


def test_nobody_is_asked_for_where_all_have_the_role() -> None:
    assert read_resources(SimpleNamespace(), ["2001"], frozenset({2001})).ids == frozenset()  # type: ignore[arg-type]
