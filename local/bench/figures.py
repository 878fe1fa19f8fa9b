"""Figures beside their targets, as a table for people and for `docs/benchmarks.md`."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured; `reached` is None where there is no target, or where nothing was measured."""

    what: str
    measured: str
    target: str = ""
    reached: bool | None = None


def within(what: str, measured: float, most: float, unit: str = "", digits: int = 2) -> Figure:
    """A figure with a largest value."""
    shown = f"{measured:,.{digits}f}{unit}"
    return Figure(what, shown, f"≤ {most:,g}{unit}", measured <= most)


def exactly(what: str, measured: object, target: object) -> Figure:
    """A figure with one right value."""
    return Figure(what, _shown(measured), _shown(target), measured == target)


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    words = {True: "reached", False: "**MISSED**", None: ""}
    rows = [f"| {f.what} | {f.measured} | {f.target} | {words[f.reached]} |" for f in figures]
    return "\n".join(["| what | measured | target | |", "| --- | --- | --- | --- |", *rows])


def machine() -> str:
    """What the figures were measured on, in plain words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} on {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {system}, Python {platform.python_version()}."


def write(text: str, name: str, document: Path = DOCUMENT) -> None:
    """Put the text between the marks of that name in the document."""
    mark, last = f"<!-- {name}: made by `make bench` -->", f"<!-- end of {name} -->"
    head, begin, rest = document.read_text().partition(mark)
    _, end, tail = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"{document} has lost its marks of the {name}")
    document.write_text(f"{head}{mark}\n\n{text}\n\n{last}{tail}")
