"""The short way and the full comparison write the same, round by round, whatever happens (RUN-11, EX-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from local.memory.ledger import MemoryLedger
from tests.flows.conftest import Clock, World
from tests.worlds.export_edits import FREE, PAGE, company, deleted_by_hand, some_edits
from tests.worlds.twins import Side, Twins, play, rounds, twins

FLOW, PEOPLE = "employee_export", 40
VOLATILE = {"dbId", "createdAt", "modifiedAt", "contactDbId", "superior"}
# On the second day the clocks in Oslo are put back.
BEGINNINGS = (datetime(2026, 3, 2, 5, 0, tzinfo=UTC), datetime(2026, 10, 24, 22, 30, tzinfo=UTC))
PAUSES = (0, 0, 0, 1 / 24, 1 / 24, 1 / 72, 1, 1, 3, 8)
SETTINGS: tuple[dict[str, Any], ...] = (
    {"selection": {"require": ["email"]}},
    {"selection": {"full_rate_only": False, "employment_types": []}},
    {"employee_groups": {"permanent_employment": "FAST", "temporary_employment": "VIKAR"}},
    {"hard_coded": {"employment_type": "ORD"}},
    {"compensation_types": {}},
    {"custom_fields": {"trial_to": None}},
)


def made(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger) -> World:
    world = World(dict(urls), memory.ledger, memory, clock)
    source, target = company(PEOPLE)
    world.put("simployer", source)
    world.put("xledger", target)
    world.connect(brake={"people": 1000, "share": "1"}, compensation_types={"MONTHLY": "MONTH"})
    return world


def target(side: Side[World]) -> Any:
    """All employees of Xledger by their codes, each with the contact."""
    state = side.state("xledger")
    contacts = {row["dbId"]: plain(row) for row in state["contacts"]}
    return {row["code"]: (plain(row), contacts.get(row["contactDbId"])) for row in state["employees"]}


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in row.items() if name not in VOLATILE and one is not None}


def shared(side: Side[World]) -> set[str]:
    """The numbers that records on several pages have, in any spelling, and the ids of these records.

    Who of them is exported is judged among those of one page, which the short way and the full comparison
    cut otherwise.
    """
    found = defaultdict(list)
    rows = sorted(side.state("simployer")["employee"], key=lambda row: str(row["id"]))
    for place, row in enumerate(rows):
        number = row.get("employeeNumber", "")
        found["".join(number.split()).lstrip("0")].append((place // PAGE, number, row["id"]))
    several = [
        one
        for number, same in found.items()
        if number and len({page for page, *_ in same}) > 1
        for one in same
    ]
    return {text.strip() for _, *texts in several for text in texts} | {number for _, number, _ in several}


@pytest.fixture(params=[1, 2])
def both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twins[World]]:
    """Forty people on five pages, in each of two worlds."""
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", PAGE)
    monkeypatch.setattr("payrelay.flows.employee_export.glance.MOST", 1)
    begin = BEGINNINGS[request.param % 2]
    with twins(made, ("simployer", "xledger"), FLOW, target, request.param, begin, unclear=shared) as found:
        yield found


def another_way(both: Twins[World], dice: Random) -> None:
    """What else happens now and then between two runs, or to one."""
    match dice.randint(0, 15):
        case 0 | 1:
            both.crash()
        case 2 | 3:
            both.lose_an_answer("xledger")
        case 4:
            both.clock_of("xledger", dice.choice((-3600, 3600, 0, 18_000)))
        case 5:
            both.sync("preview")
        case 6:
            numbers = [dice.choice((str(dice.randint(101, 145)), *FREE[:3])) for _ in range(3)]
            both.sync(employees=numbers)
        case 7:
            both.settings(dice.choice(SETTINGS))
        case 8:
            both.hidden(deleted_by_hand, days=8)
        case 9:
            both.brake(*some_edits(dice))


@pytest.mark.requirement("RUN-11", "EX-4")
def test_the_short_way_and_the_full_comparison_write_the_same(both: Twins[World]) -> None:
    times = rounds(10)
    play(both, times, PAUSES, some_edits, another_way)
    assert both.short_runs > times // 3
