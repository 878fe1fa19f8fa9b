"""Pages read one by one: when they are proven to be one complete read (TO-1, RUN-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.completeness import is_complete
from payrelay.domain.records import Seen

NAMES = [f"{number:02d}" for number in range(40)]


def read(page: int, size: int, listed: Sequence[str]) -> Seen:
    """One page of a list as it stands at that moment, with the row before its own first one."""
    start = page * size
    before = listed[start - 1] if 0 < start <= len(listed) else None
    return Seen(tuple(listed[start : start + size]), before, len(listed))


@dataclass(frozen=True)
class Reading:
    """Pages of `size` rows of a list that other people change between two pages."""

    size: int
    states: list[list[str]]

    @property
    def pages(self) -> list[Seen]:
        """The pages that were planned by the length of the list at the start."""
        return [read(number, self.size, state) for number, state in enumerate(self.states)]

    @property
    def stayed(self) -> set[str]:
        """The rows that were there all the time."""
        return set.intersection(*map(set, self.states))

    @property
    def seen(self) -> list[str]:
        """The rows of all pages, one after the other."""
        return [row for page in self.pages for row in page.ids]


def _states(start: list[str], size: int, later: Sequence[list[str]]) -> list[list[str]]:
    count = max(1, -(-len(start) // size))
    return [start, *later][:count] + [start] * max(0, count - 1 - len(later))


@st.composite
def sorted_readings(draw: st.DrawFn) -> Reading:
    """A list that is sorted by id, changed in any way between any two pages."""
    size = draw(st.integers(1, 4))
    start = sorted(draw(st.sets(st.sampled_from(NAMES), max_size=12)))
    count = max(1, -(-len(start) // size))
    states = [start]
    for _ in range(count - 1):
        gone = draw(st.sets(st.sampled_from(states[-1]), max_size=2)) if states[-1] else set()
        come = draw(st.sets(st.sampled_from(NAMES), max_size=2))
        states.append(sorted((set(states[-1]) - gone) | come))
    return Reading(size, states)


@pytest.mark.requirement("TO-1")
@given(sorted_readings())
def test_a_read_that_counts_as_complete_has_missed_or_doubled_no_row_that_stayed(reading: Reading) -> None:
    if is_complete(reading.pages):
        assert len(reading.seen) == len(set(reading.seen))
        assert reading.stayed <= set(reading.seen)


@given(st.lists(st.sampled_from(NAMES), max_size=12, unique=True), st.integers(1, 5))
def test_a_list_that_holds_still_is_a_complete_read_in_pages_of_any_size(rows: list[str], size: int) -> None:
    reading = Reading(size, _states(rows, size, []))
    assert reading.seen == rows
    assert is_complete(reading.pages)


@st.composite
def one_edit(draw: st.DrawFn) -> tuple[Reading, str]:
    """A list in any order, of which one row is deleted, inserted or moved between two pages."""
    size = draw(st.integers(1, 4))
    rows = draw(st.lists(st.sampled_from(NAMES), min_size=size + 1, max_size=12, unique=True))
    count = -(-len(rows) // size)
    when = draw(st.integers(1, count - 1))
    kind = draw(st.sampled_from(["delete", "insert", "move"]))
    place, row = draw(st.integers(0, len(rows) - 1)), "new"
    changed = list(rows)
    if kind != "insert":
        row = changed.pop(place)
    if kind != "delete":
        changed.insert(draw(st.integers(0, len(changed))), row)
    return Reading(size, [rows] * when + [changed] * (count - when)), row


@given(one_edit())
def test_a_row_deleted_inserted_or_moved_between_pages_is_detected_or_does_no_harm(
    edited: tuple[Reading, str],
) -> None:
    reading, row = edited
    if is_complete(reading.pages):
        assert len(reading.seen) == len(set(reading.seen))
        assert reading.stayed - {row} <= set(reading.seen)
        assert row not in reading.stayed or row in reading.seen


@pytest.mark.parametrize(
    ("pages", "complete"),
    [
        ([], False),
        ([Seen((), None, 0)], True),
        ([Seen(("a", "b"), None, 2)], True),
        ([Seen(("a", "b"), None, 3)], False),
        ([Seen(("a", "b"), None, 3), Seen(("c",), "b", 3)], True),
        ([Seen(("a", "b"), None, 3), Seen(("c",), "a", 3)], False),
        ([Seen(("a", "b"), None, 3), Seen(("b",), "b", 3)], False),
        ([Seen(("a", "b"), None, 4), Seen(("c",), "b", 3)], False),
        ([Seen(("a", "b"), None, 2), Seen((), "b", 2)], True),
        ([Seen(("b",), "a", 1)], False),
    ],
    ids=[
        "nothing was read",
        "an empty source",
        "one whole page",
        "one page that is short of its total",
        "two pages that join",
        "a row before that is another one",
        "a row on two pages",
        "totals that differ",
        "a last page that became empty",
        "a first page that has a row before",
    ],
)
def test_pages_are_complete_only_when_they_join_and_add_up(pages: list[Seen], complete: bool) -> None:
    assert is_complete(pages) is complete
