"""Payroll reports at random: what a preview promises, the pull after it keeps (RUN-7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from local.sandbox import Options
from payrelay.domain.records import Record
from tests.flows.conftest import Clock
from tests.machines.chance import SEEDS, SPACES, Chance
from tests.machines.promises import kept
from tests.worlds.payroll import FEBRUARY, FLOW, JANUARY, Delft, Row, delft, pay, payroll_run
from tests.worlds.sandboxes import running

AMOUNTS = ("9850.00", "-848.34", "0.00", "0.01", "99999999.99")
PEOPLE = range(2001, 2021)


@pytest.fixture
def office() -> Iterator[Delft]:
    with running(options=Options(rate_limits=False)) as served:
        yield delft(served.urls, Clock())


def report(chance: Chance) -> list[Row]:
    """The rows of a report of everybody, mostly usual ones."""
    rows = []
    for person in PEOPLE:
        for period in (JANUARY, FEBRUARY):
            for row in pay(person, period, BRUTOLOON=chance.one(*AMOUNTS), BONUS=chance.one(*AMOUNTS)):
                rows += [row] * chance.one(1, 1, 1, 1, 0, 2)
    odd = (
        lambda text: text,
        lambda text: f"00{text}",
        lambda text: f"{text}{chance.one(*SPACES)}",
        lambda _: "9999",
    )
    return [
        {**row, "employeeId": chance.one(*odd)(row["employeeId"])} if chance.happens(3) else row
        for row in rows
    ]


def nothing(_: Record) -> Mapping[str, str]:
    """Amounts are masked in records, and are not compared here."""
    return {}


@pytest.mark.requirement("RUN-7", "REP-1")
@pytest.mark.parametrize("seed", SEEDS)
def test_reports_end_up_as_the_preview_said(office: Delft, seed: int) -> None:
    chance = Chance(seed)
    office.settings(brake={"people": 1000, "share": 1})
    people = tuple(person for person in PEOPLE if not chance.happens(10))
    runs = [payroll_run(JANUARY), payroll_run(FEBRUARY, chance.one("Approved", "Processed"))]
    office.fill(report(chance), *runs, people=people)
    kept(office, FLOW, "payroll_plus", nothing)
    office.fill(report(chance), *runs, people=people)
    office.approved()
    kept(office, FLOW, "payroll_plus", nothing)
