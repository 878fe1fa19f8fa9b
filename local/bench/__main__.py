"""`python -m local.bench`: speed and memory of the employee export, each figure against its target."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from local.bench import figures, imports, transitions
from local.bench.company import Company
from local.bench.figures import Figure, within
from local.bench.memory import Peak
from local.bench.sandboxes import sandboxes
from local.bench.story import Story

LARGEST_PEAK = 60
LARGEST_IMPORT = 1.15
PER_TEN = 10


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    parser.add_argument("--employees", type=int, default=100_000, help="size of the company")
    parser.add_argument("--pairs", type=int, default=3, help="runs that are timed beside their floor")
    parser.add_argument("--no-imports", action="store_true", help="leave the cold starts out")
    parser.add_argument("--no-document", action="store_true", help="leave docs/benchmarks.md as it is")
    for name, what in (
        ("demo-first", "the first `make demo`"),
        ("demo", "a later one"),
        ("check", "`make check`"),
    ):
        parser.add_argument(f"--{name}", type=float, metavar="SECONDS", help=f"what {what} took, to be noted")
    return parser.parse_args()


def measure(arguments: argparse.Namespace, say: Callable[[str], None]) -> Iterator[Figure]:
    """Every figure, as it is known."""
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
    for handler in [] if arguments.no_imports else imports.handlers():
        say(f"importing {handler.parent.name}/{handler.stem}")
        start = imports.start(handler)
        figure = within(f"cold start of {start.handler}", start.ratio, LARGEST_IMPORT)
        shown = f"{figure.measured} ({start.whole * 1000:.0f} ms over {start.others * 1000:.0f} ms)"
        yield Figure(figure.what, shown, figure.target, figure.reached)
    yield from _noted(arguments)


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


def main() -> int:
    """0 when every target is reached, 1 when one is missed."""
    arguments = _arguments()
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)

    found = []
    for figure in measure(arguments, say):
        found.append(figure)
        if figure.reached is False:
            say(f"MISSED: {figure.what}: {figure.measured}, target {figure.target}")
    text = f"{arguments.employees:,} employees. {figures.machine()}\n\n{figures.table(found)}"
    print(text)
    if not arguments.no_document:
        figures.write(text)
    return 1 if any(figure.reached is False for figure in found) else 0


if __name__ == "__main__":
    sys.exit(main())
