"""Room for each function: what it was measured to take, as docs/benchmarks.md has it (aws 5)."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from local.bench.room import AWAITED, USUAL, WAITED_FOR, functions
from tests.conftest import ROOT
from tests.template.stack_template import FUNCTIONS, GLOBALS

HEAD_ROOM = 1.5
ROW = re.compile(
    r"\| (\w+) \| (\d+) MB, of which imports (\d+); CPU ([\d.]+) s and ([\d.]+) s: ([^|]+)"
    r" \| (\d+) MB \| (\S+) \|"
)
WHOLE_CPU = 1769


class Measured(NamedTuple):
    """What the table says of a function: megabytes, and seconds of the CPU."""

    name: str
    peak: int
    imported: int
    starting: float
    working: float
    what: str
    size: int
    reached: str


def table() -> dict[str, Measured]:
    text = (ROOT / "docs" / "benchmarks.md").read_text()
    part = text.partition("<!-- memory figures: made by")[2].partition("<!-- end of memory figures -->")[0]
    rows = [
        Measured(name, int(peak), int(own), float(start), float(work), what, int(size), reached)
        for name, peak, own, start, work, what, size, reached in ROW.findall(part)
    ]
    return {row.name: row for row in rows}


TABLE = table()


def memory(name: str) -> int:
    return int(FUNCTIONS[name].get("MemorySize", GLOBALS["MemorySize"]))


@pytest.mark.requirement("RUN-8")
def test_every_function_was_measured_and_no_other() -> None:
    """(aws 5)"""
    assert TABLE.keys() == FUNCTIONS.keys() == functions().keys()


@pytest.mark.requirement("RUN-8")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_half_as_much_again_as_it_was_measured_to_take(name: str) -> None:
    """And Lambda's CPU, which grows with it, lets its work end in half of its time (aws 5)."""
    row, size = TABLE[name], memory(name)
    assert size == row.size, "measure it again: make bench ARGS='--only memory'"
    assert size >= HEAD_ROOM * row.peak
    assert size >= (AWAITED if name in WAITED_FOR else USUAL)
    limit = int(FUNCTIONS[name].get("Timeout", GLOBALS["Timeout"]))
    assert row.working * WHOLE_CPU / size <= limit / 2, row


@pytest.mark.requirement("RUN-8")
@pytest.mark.parametrize("name", WAITED_FOR)
def test_whoever_waits_waits_less_than_a_second_for_a_cold_start(name: str) -> None:
    assert TABLE[name].starting * WHOLE_CPU / memory(name) < 1
