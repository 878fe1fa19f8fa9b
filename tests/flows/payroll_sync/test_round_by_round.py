"""A run by what moved and one over everybody write the same, round by round (RUN-11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from local.memory.ledger import MemoryLedger
from tests.flows.conftest import Clock
from tests.worlds import hr
from tests.worlds.hr import Delft
from tests.worlds.payroll_edits import FIRST, HIDDEN, people, some_edits
from tests.worlds.twins import Side, Twins, play, rounds, twins

FLOW, PEOPLE = "payroll_sync", 24
BEGIN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
PAUSES = (0, 0, 0, 1 / 24, 1 / 24, 1 / 72, 1, 1, 3)
OF_PAYROLL = ("employees", "conceptEmployees", "employments", "sepaBankPayments")


def made(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger) -> Delft:
    delft = hr.delft(urls, clock, memory)
    delft.settings(brake={"people": 1000, "share": "1"})
    delft.fill(*people(PEOPLE))
    return delft


def target(side: Side[Delft]) -> Any:
    """All of Payroll Plus, without the times."""
    state = side.state("payroll_plus")
    return {
        name: dict(enumerate(sorted(map(plain, state[name]), key=lambda row: repr(sorted(row.items())))))
        for name in OF_PAYROLL
    }


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in row.items() if name != "modifiedAt" and one is not None}


@pytest.fixture(params=[1, 2])
def both(request: pytest.FixtureRequest) -> Iterator[Twins[Delft]]:
    with twins(made, ("synergy", "payroll_plus"), FLOW, target, request.param, BEGIN, partly=True) as found:
        yield found


def another_way(both: Twins[Delft], dice: Random) -> None:
    """What else happens now and then between two runs, or to one."""
    match dice.randint(0, 15):
        case 0 | 1:
            both.crash()
        case 2 | 3:
            both.lose_an_answer("payroll_plus")
        case 4:
            both.clock_of(dice.choice(("synergy", "payroll_plus")), dice.choice((-3600, 3600, 0)))
        case 5:
            both.sync("preview")
        case 6:
            both.sync(employees=[str(FIRST + dice.randint(0, PEOPLE)) for _ in range(3)])
        case 7 | 8:
            both.hidden(dice.choice(HIDDEN), told=False)
        case 9:
            both.brake(*some_edits(dice))


@pytest.mark.requirement("RUN-11", "PE-9")
def test_a_run_by_what_moved_and_one_over_everybody_write_the_same(both: Twins[Delft]) -> None:
    times = rounds(6)
    play(both, times, PAUSES, some_edits, another_way)
    assert both.short_runs > times // 3
