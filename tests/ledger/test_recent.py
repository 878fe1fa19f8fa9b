"""The last runs of a flow that ended, as its standing keeps them (RUN-2)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Mode, Run, Status
from payrelay.ledger import Ledger, keys
from payrelay.ledger import recent as room
from payrelay.ledger.recent import recent
from tests.ledger.conftest import CONNECTION, FLOW, NOW, TENANT, a_run, start
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("RUN-2")
COUNTS = {"created": 0, "updated": 2, "unchanged": 0, "skipped": 0, "blocked": 1, "failed": 0}
REASONS = {
    "blocked": {"A": 1, "B": 2},
    "failed": {"B": 1, "C": 1, "D": 4, "E": 5, "F": 6},
    "skipped": {"G": 100},
}


def finish(ledger: Ledger, run: Run, **changed: Any) -> bool:
    ended = {"finished_at": "2026-03-02T06:00:00.000Z", "status": Status.PARTIAL, "counts": COUNTS}
    return ledger.runs.finish(replace(run, **ended, **changed), standing={"last_run_id": run.run_id})


def preview(number: int) -> Run:
    return a_run(number, mode=Mode.PREVIEW, lease="previews")


def last_runs(ledger: Ledger) -> list[Any]:
    return recent(ledger.connections.standing(TENANT, CONNECTION, FLOW))


def ids(ledger: Ledger) -> list[str]:
    return [one["run_id"] for one in last_runs(ledger)]


def test_a_run_that_ends_is_kept_once_with_what_a_glance_needs(ledger: Ledger) -> None:
    assert last_runs(ledger) == []
    run = start(ledger, a_run())
    assert finish(ledger, run, reasons=REASONS)
    assert not finish(ledger, run), "it is closed once more"
    assert last_runs(ledger) == [
        {
            "run_id": "run_001",
            "mode": "sync",
            "status": "partial",
            "finished_at": "2026-03-02T06:00:00.000Z",
            "counts": {"updated": 2, "blocked": 1},
            "reasons": {"F": 6, "E": 5, "D": 4, "B": 3, "A": 1},
        }
    ]


def test_the_last_thirty_are_kept_oldest_first(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert room.KEPT == 30
    monkeypatch.setattr(room, "KEPT", 4)
    for number in range(1, 7):
        finish(ledger, start(ledger, a_run(number)))
    assert ids(ledger) == [f"run_{number:03d}" for number in range(3, 7)]


def test_of_a_run_that_was_asked_for_earlier_and_ends_later_the_standing_keeps_only_that(
    ledger: Ledger,
) -> None:
    sync, told = start(ledger, a_run(1)), start(ledger, preview(2))
    finish(ledger, told)
    finish(ledger, sync)
    assert ids(ledger) == ["run_002", "run_001"]
    assert ledger.connections.standing(TENANT, CONNECTION, FLOW)["last_run_id"] == "run_002"


def test_two_that_end_at_once_are_both_kept(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The race itself: the second one has read the standing before the first one's transaction."""
    sync, told = start(ledger, a_run(1)), start(ledger, preview(2))
    table: Any = ledger.runs._table
    transact = table.transact

    def overtaken(actions: Any) -> Any:
        monkeypatch.setattr(table, "transact", transact)
        assert finish(ledger, sync)
        return transact(actions)

    monkeypatch.setattr(table, "transact", overtaken)
    assert finish(ledger, told)
    assert ids(ledger) == ["run_001", "run_002"]
    assert ledger.connections.standing(TENANT, CONNECTION, FLOW)["last_run_id"] == "run_002"
    assert list(ledger.runs.leased()) == []


def test_a_standing_of_before_they_were_kept_gets_them(ledger: Ledger) -> None:
    old = {**keys.standing(TENANT, CONNECTION, FLOW), "last_run_id": "run_000", "first_load_done": True}
    ledger.runs._table.put(old)
    finish(ledger, start(ledger, a_run(1), NOW))
    assert ids(ledger) == ["run_001"]
    standing = ledger.connections.standing(TENANT, CONNECTION, FLOW)
    assert (standing["first_load_done"], standing["last_run_id"]) == (True, "run_001")
