"""Absences at random: what a preview promises, the sync after it keeps (RUN-7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from payrelay.domain.records import Record
from tests.flows.conftest import World
from tests.machines.chance import NAMES, SEEDS, Chance
from tests.machines.promises import in_words, kept
from tests.worlds.people import Leave, in_xledger, person

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
MARCH_EDGES = (date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 15))


def away(chance: Chance, number: str, serial: int) -> Leave:
    """Somebody's leave, mostly a usual one."""
    first = chance.day(*MARCH_EDGES, spread=10)
    last = first + timedelta(days=chance.one(0, 0, 1, 4, chance.randint(0, 40)))
    return Leave(
        number,
        first.isoformat(),
        last.isoformat(),
        kind=chance.one("Ferie", "Ferie", "Sykmelding", "Studier", "Velferd"),
        extent=chance.one(100, 100, 100, 50, 20, 33.33, 0, 150, -100, 100.5),
        text=chance.one("Ferie", "Sick", "", *NAMES),
        serial=serial,
        days=None
        if chance.happens(70)
        else tuple(
            (first + timedelta(days=n)).isoformat()
            for n in range((last - first).days + 1)
            if chance.happens(60)
        )
        or (first.isoformat(),),
    )


def absence_at_xledger(world: World, record: Record) -> Mapping[str, Any]:
    """What Xledger has of an absence, by the names of the changes."""
    number, _, rest = record.key.partition("-")
    gone = all(change.new is None for change in record.changes)
    for row in world.absences(number):
        if f"{row['fromDate']}-{in_words(row['absenceCode'])}" == rest:
            return {change.field: in_words(row.get(change.field)) for change in record.changes}
    return {change.field: None if gone else "no absence" for change in record.changes}


@pytest.mark.requirement("RUN-7", "TO-1")
@pytest.mark.parametrize("seed", SEEDS)
def test_absences_end_up_as_the_preview_said(world: World, seed: int) -> None:
    chance = Chance(seed)
    staff = [person(str(100 + serial)) for serial in range(12)]
    numbers = [str(100 + serial) for serial in range(12)]
    leaves = [away(chance, chance.one(*numbers), serial) for serial in range(30)]
    world.settings(brake={"people": 1000, "share": 1})
    world.fresh(*staff, leaves=leaves, there=[in_xledger(one) for one in staff[:-1]])
    standing = lambda record: absence_at_xledger(world, record)  # noqa: E731
    kept(world, "time_off_export", "xledger", standing, options=MARCH)
    later = [
        away(chance, one.number, serial) if chance.happens(30) else one for serial, one in enumerate(leaves)
    ]
    world.staff(*staff, leaves=[one for one in later if not chance.happens(15)])
    kept(world, "time_off_export", "xledger", standing, options=MARCH)
