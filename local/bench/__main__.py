"""`python -m local.bench`: every flow that has targets, each figure against its own."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from local.bench import (
    accruals,
    after_pay,
    cold,
    console,
    figures,
    first_links,
    invoices,
    leave,
    moved,
    payroll,
    room,
    transitions,
)
from local.bench.company import Company
from local.bench.figures import Figure, within
from local.bench.memory import Peak
from local.bench.sandboxes import sandboxes
from local.bench.story import Say, Story

LARGEST_PEAK = 60
PER_TEN = 10


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    parser.add_argument("--only", choices=tuple(PARTS), help="one part, and its figures alone")
    parser.add_argument("--documents", type=int, default=200, help="invoices whose calls are counted")
    parser.add_argument("--timed", type=int, default=60, help="invoices that are timed; 0 leaves it out")
    parser.add_argument("--employees", type=int, default=100_000, help="size of the company")
    parser.add_argument("--leave", type=int, default=5000, help="employees whose balances are synced")
    parser.add_argument("--people", type=int, default=100_000, help="people of Synergy, all sent before")
    parser.add_argument("--requests", type=int, default=10_000, help="requests of a month's end")
    parser.add_argument("--paced", type=int, default=60, help="people sent at the vendor's pace; 0: none")
    parser.add_argument("--accruals", type=int, default=20_000, help="employees of four categories each")
    parser.add_argument("--put", type=int, default=60, help="balances put at Millennium's pace; 0: none")
    parser.add_argument("--slips", type=int, default=10_000, help="pay slips of one payroll run")
    parser.add_argument("--records", type=int, default=100_000, help="records of a run that is looked at")
    parser.add_argument("--rows", type=int, default=2000, help="rows that are scrolled through")
    parser.add_argument("--links", type=int, default=100_000, help="links of a first run, throttled")
    parser.add_argument("--pairs", type=int, default=3, help="runs that are timed beside their floor")
    parser.add_argument("--turns", type=int, default=5, help="short runs timed beside full ones; 0: none")
    parser.add_argument(
        "--rounds", type=int, default=9, help="how often each handler's cold start is measured"
    )
    parser.add_argument("--no-document", action="store_true", help="leave docs/benchmarks.md as it is")
    for name, what in (
        ("demo-first", "the first `make demo`"),
        ("demo", "a later one"),
        ("check", "`make check`"),
    ):
        parser.add_argument(f"--{name}", type=float, metavar="SECONDS", help=f"what {what} took, to be noted")
    return parser.parse_args()


def measure_employees(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of the employee export and of the code, as it is known."""
    size = arguments.employees
    with sandboxes(size) as systems:
        story = Story(Company(systems), size, say)
        large = story.peaks()
        yield from story.first_load()
        yield from story.unchanged()
        yield from story.changed()
        yield from story.timed(arguments.pairs)
    with sandboxes(max(1, size // PER_TEN)) as systems:
        small = Story(Company(systems), max(1, size // PER_TEN), say).peaks()
    yield from _memory(large, small)
    yield from _transitions()
    yield from _noted(arguments)


def measure_cold(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of the cold starts, as it is known."""
    return cold.measure(arguments.rounds, say)


def measure_leave(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of the balance sync, as it is known."""
    return leave.measure(arguments.leave, say)


def measure_invoices(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of the invoice sync, as it is known."""
    return invoices.measure(arguments.documents, arguments.timed, say)


def measure_payroll(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of the payroll and the request sync, as it is known."""
    return payroll.measure(arguments.people, arguments.requests, arguments.paced, say)


def measure_after_pay(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of the pull of documents and of the journal."""
    return after_pay.measure(arguments.slips, say)


def measure_accruals(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of the accrual sync in both directions, as it is known."""
    return accruals.measure(arguments.accruals, arguments.put, say)


def measure_moved(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of runs that read only what moved."""
    return moved.measure(arguments.employees, arguments.leave, arguments.turns, say)


def measure_memory(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """What each function takes, beside what the template gives it."""
    return room.measure(vars(arguments), say)


def measure_links(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of a first run against a table that throttles."""
    return first_links.measure(arguments.links, say)


def measure_console(arguments: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """Every figure of the console in a browser."""
    return console.measure(arguments.records, arguments.rows, say)


def _memory(large: Peak, small: Peak) -> Iterator[Figure]:
    yield within("memory of a page worker over its imports", large.over_imports, LARGEST_PEAK, " MB", 0)
    tenth = small.over_imports / large.over_imports
    yield Figure(
        "the same at a tenth of the size",
        f"{small.over_imports:.0f} MB",
        f"{large.over_imports:.0f} MB ± 10 %",
        abs(tenth - 1) <= 1 / PER_TEN,
    )
    yield Figure("memory of the imports themselves", f"{large.imported:.0f} MB")


def _transitions() -> Iterator[Figure]:
    always, each = transitions.count()
    shown = f"{always}, and {each['PlanPages']} for a page, {each['ApplyPages']} for a batch of writes"
    yield Figure("state transitions of a run", shown, "grow with pages, never with records", True)


def _noted(arguments: argparse.Namespace) -> Iterator[Figure]:
    noted = (
        ("`make demo` on a fresh machine", arguments.demo_first, 180),
        ("`make demo` after that", arguments.demo, 45),
        ("`make check`", arguments.check, 60),
    )
    for what, seconds, most in noted:
        if seconds is not None:
            yield within(what, seconds, most, " s", 0)


class Part(NamedTuple):
    """A part of the figures: the name of its marks in the document, its size in words, what measures it."""

    marks: str
    size: str
    measure: Callable[[argparse.Namespace, Say], Iterator[Figure]]


PARTS = {
    "employees": Part("figures", "{employees:,} employees.", measure_employees),
    "moved": Part(
        "figures of what moved", "{employees:,} employees, {leave:,} with balances.", measure_moved
    ),
    "cold": Part("cold start figures", "Each handler {rounds} times.", measure_cold),
    "leave": Part("leave figures", "{leave:,} employees with three types of leave each.", measure_leave),
    "payroll": Part(
        "payroll figures", "{people:,} people, one in a hundred of whom changed.", measure_payroll
    ),
    "after-pay": Part("figures after the pay run", "{slips:,} slips of one payroll run.", measure_after_pay),
    "accruals": Part(
        "accrual figures", "{accruals:,} employees with four categories each.", measure_accruals
    ),
    "memory": Part(
        "memory figures", "{employees:,} employees, {accruals:,} with accruals and days off.", measure_memory
    ),
    "links": Part("figures of links", "{links:,} links of a first run.", measure_links),
    "console": Part(
        "figures of the console",
        "A run of {records:,} records, {rows:,} rows scrolled through.",
        measure_console,
    ),
    "invoices": Part("invoice figures", "{documents:,} documents, {timed:,} timed.", measure_invoices),
}


def main() -> int:
    """0 when every target is reached, 1 when one is missed."""
    arguments = _arguments()
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)

    missed = False
    for name, part in PARTS.items():
        if arguments.only in (None, name):
            found = []
            for figure in part.measure(arguments, say):
                found.append(figure)
                if figure.reached is False:
                    missed = True
                    say(f"MISSED: {figure.what}: {figure.measured}, target {figure.target}")
            size = part.size.format_map(vars(arguments))
            text = f"{size} {figures.machine()}\n\n{figures.table(found)}"
            print(text)
            if not arguments.no_document:
                figures.write(text, part.marks)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
