"""A login by what moved and one by everything write the same, round by round (RUN-11, LB-8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from local.memory.ledger import MemoryLedger
from payrelay.flows.balance_sync.glance import ASKED_ALONE
from payrelay.systems.attache import client as attache
from payrelay.systems.express_leave import client as express_leave
from tests.flows.conftest import Clock
from tests.worlds import leave
from tests.worlds.balance_edits import HIDDEN, NEW, office, some_edits
from tests.worlds.leave import Acme
from tests.worlds.twins import Side, Twins, play, rounds, twins

FLOW, PEOPLE, ROWS = "balance_sync", 30, 8
VOLATILE = {"SyncedAt", "UserId", "Version", "DefaultApprover"}
BEGIN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
PAUSES = (0, 0, 0, 1 / 24, 1 / 24, 1 / 72, 1 / 4, 1)
SETTINGS: tuple[dict[str, Any], ...] = (
    {"new_user_type": "Employee (Approver)"},
    {"contractors": ["E51", "E52"]},
    {"contractors": []},
)


def made(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger) -> Acme:
    acme = leave.office(urls, clock, memory)
    payroll, there = office(PEOPLE)
    acme.put("attache", {**payroll, "tokens": acme.state("attache")["tokens"]})
    acme.put("express_leave", there)
    acme.settings(brake={"people": 1000, "share": "1"})
    return acme


def target(side: Side[Acme]) -> Any:
    """All users and balances of Express Leave; of balances also whether the last run has written them."""
    state = side.state("express_leave")
    return {
        "users": {row["EmployeeId"]: plain(row) for row in state["users"]},
        "balances": {(row["EmployeeId"], row["IncomeCode"]): plain(row) for row in state["balances"]},
    }


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in row.items() if name not in VOLATILE}


@pytest.fixture(params=[1, 2])
def both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twins[Acme]]:
    """Thirty people on four pages of payroll's lists, in each of two worlds."""
    monkeypatch.setattr(attache, "PAGE_SIZE", ROWS)
    monkeypatch.setattr(express_leave, "PAGE_SIZE", ROWS)
    monkeypatch.setattr("payrelay.flows.balance_sync.memory.CHUNK", 5)
    systems = ("attache", "express_leave")
    with twins(made, systems, FLOW, target, request.param, BEGIN, apart=ASKED_ALONE) as found:
        yield found


def another_way(both: Twins[Acme], dice: Random) -> None:
    """What else happens now and then between two runs, or to one."""
    match dice.randint(0, 15):
        case 0 | 1:
            both.crash()
        case 2 | 3:
            both.lose_an_answer("express_leave")
        case 4:
            both.clock_of("attache", dice.choice((-3600, 3600, 0, 18_000)))
        case 5:
            both.sync("preview")
        case 6:
            both.sync(employees=[dice.choice(("E01", "E07", *NEW)) for _ in range(3)])
        case 7:
            both.settings(dice.choice(SETTINGS))
        case 8 | 9:
            both.hidden(dice.choice(HIDDEN), days=1)
        case 10:
            both.brake(*some_edits(dice))


@pytest.mark.requirement("RUN-11", "LB-8")
def test_a_login_by_what_moved_and_one_by_everything_write_the_same(both: Twins[Acme]) -> None:
    times = rounds(8)
    play(both, times, PAUSES, some_edits, another_way)
    assert both.short_runs > times // 3
