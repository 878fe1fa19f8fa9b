"""Whom runs write about beside the mirrors, until a mirror tells of it (RUN-11)."""

from __future__ import annotations

from local.memory.ledger import memory_ledger
from payrelay.domain.runs import Mode, Run, Status, Trigger
from payrelay.ledger.touched import Touched
from tests.worlds.structs import replace

RUN = Run(
    "demo",
    "con_1",
    "run_1",
    "balance_sync",
    Trigger.MANUAL,
    Mode.SYNC,
    Status.RUNNING,
    "tester",
    "2026-03-02T05:00:00.000Z",
)
WHERE = ("demo", "con_1", "balance_sync")


def told(touched: Touched, era: int = 0) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.run_id, one.keys) for one in touched.of(*WHERE, era)]


def test_each_group_of_a_run_is_kept_once_and_forgotten_alone() -> None:
    touched = memory_ledger().ledger.touched
    another = replace(RUN, run_id="run_2")
    for run, keys in [(RUN, ["E1"]), (RUN, ["E2", "E3"]), (RUN, ["E1"]), (another, ["E1"])]:
        touched.put(run, keys)
    assert sorted(told(touched)) == [("run_1", ("E1",)), ("run_1", ("E2", "E3")), ("run_2", ("E1",))]
    for one in list(touched.of(*WHERE, 0)):
        if one.run_id == "run_1":
            touched.settled(another, one)
    assert told(touched) == [("run_2", ("E1",))]


def test_what_was_touched_in_another_era_or_by_another_flow_is_not_seen() -> None:
    touched = memory_ledger().ledger.touched
    touched.put(replace(RUN, era=1), ["E1"])
    touched.put(replace(RUN, flow="balance"), ["E2"])
    assert told(touched) == []
    assert told(touched, 1) == [("run_1", ("E1",))]


def test_it_is_forgotten_by_itself() -> None:
    memory = memory_ledger()
    memory.ledger.touched.put(RUN, ["E1"])
    (item,) = memory.table.everything()
    assert item["ttl"] == 1_773_291_600
