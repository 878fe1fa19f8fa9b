"""What is read once more for records that are named costs at most twice the least that it can (RUN-8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec import Struct

from local.memory.ledger import memory_ledger
from payrelay.domain.runs import Mode, Page, Run, Status, Trigger
from payrelay.flows.again import whole_again

RUN = Run(
    tenant="demo",
    connection_id="con_1",
    run_id="run_1",
    flow="accrual_sync",
    trigger=Trigger.MANUAL,
    mode=Mode.SYNC,
    status=Status.RUNNING,
    requested_by="Kari",
    queued_at="2026-03-02T05:00:00.000Z",
    options={},
    settings={},
)
WHOLE = 100


def at(minute: int) -> str:
    return f"2026-03-02T{5 + minute // 60:02}:{minute % 60:02}:00.000Z"


def page(minute: int) -> Page:
    """A page that is named so many minutes after five; a plan is fresh for a quarter of an hour."""
    return Page(0, ids=("a",), at=at(minute), fresh=at(minute - 15) if minute >= 15 else "")


@pytest.mark.requirement("RUN-4", "RUN-8")
@pytest.mark.parametrize(
    ("minutes", "named", "said"),
    [
        # Few, far apart: asked about one by one, however long the run takes.
        ([20, 40, 60, 80, 100], 50, "nnnnn"),
        # Batch after batch: asked about until that took as much as the lists; these serve for a while.
        ([20, 21, 22, 23, 24, 30, 36], 50, "nnWkkkk"),
        # Then it begins anew.
        ([20, 21, 22, 37, 38, 40, 41], 50, "nnWknnW"),
        # Many at once: the lists are fewer calls from the start.
        ([20, 21, 40, 41], 500, "WkWk"),
        # A replay names its records page by page, and nothing of it is old.
        ([0, 1, 2, 3, 14], 60, "nWkkk"),
    ],
    ids=["far apart", "one after the other", "for hours", "many at once", "a replay"],
)
def test_people_are_asked_about_until_the_lists_would_have_been_fewer_calls(
    minutes: list[int], named: int, said: str
) -> None:
    """(aws 4) n: asked about by name; W: all is read; k: what was read and kept serves."""
    plans, reads = memory_ledger().ledger.plans, list[int]()
    found, calls = "", 0

    def read(name: str) -> dict[str, Any]:
        assert name
        reads.append(minute)
        return {"read": minute}

    for minute in minutes:
        before = len(reads)
        told = whole_again(plans, RUN, page(minute), (named, WHOLE), read)
        whole = len(reads) > before
        found += "n" if told is None else "W" if whole else "k"
        assert told is None or told == {"read": reads[-1]}
        calls += named if told is None else WHOLE if whole else 0
    assert found == said
    assert calls <= named * len(minutes) + WHOLE, "never much more than asking about everybody"


class Part(Struct):
    """What a reading keeps of people."""

    people: list[str]


@pytest.mark.requirement("RUN-8")
def test_two_pages_that_read_all_at_the_same_time_keep_it_apart() -> None:
    """Somebody is hired between the two readings: each page finds its people in its own (aws 4)."""
    plans, told = memory_ledger().ledger.plans, dict[int, Mapping[str, Any] | None]()

    def planned(number: int, people: list[str], beside: Callable[[], None]) -> None:
        def read(name: str) -> dict[str, Any]:
            plans.keep(RUN, f"{name}-0", Part(people))
            beside()
            return {"name": name}

        told[number] = whole_again(plans, RUN, page(0), (WHOLE + 1, WHOLE), read)

    planned(0, ["b", "c"], lambda: planned(1, ["a", "b"], lambda: None))
    found = {number: plans.kept(RUN, f"{one['name']}-0", Part) for number, one in told.items() if one}
    assert found == {0: Part(["b", "c"]), 1: Part(["a", "b"])}
