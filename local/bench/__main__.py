"""`python -m local.bench`: speed and memory of the employee export, each against its target."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from local.bench import imports
from local.bench.company import Company, company
from payrelay.flows.employee_sides import ROWS

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: made by `make bench` -->", "<!-- end of figures -->"
BATCH = 500
PAIRS = 3


@dataclass(frozen=True)
class Figure:
    """One target with what was measured."""

    what: str
    measured: str
    target: str
    reached: bool


def say(text: str) -> None:
    """Progress, for whoever waits."""
    print(f"  {text}", file=sys.stderr, flush=True)


@contextmanager
def recorded() -> Iterator[list[requests.PreparedRequest]]:
    """The requests that are sent within the block, ready to be sent again."""
    sent: list[requests.PreparedRequest] = []
    real = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> Any:
        sent.append(request.copy())
        return real(session, request, **more)

    requests.Session.send = send  # type: ignore[method-assign, assignment]
    try:
        yield sent
    finally:
        requests.Session.send = real  # type: ignore[method-assign]


def floor(pages: list[requests.PreparedRequest]) -> float:
    """Seconds to fetch and parse the same pages, and nothing else."""
    began = time.perf_counter()
    with requests.Session() as session:
        for page in pages:
            session.send(page, timeout=120).json()
    return time.perf_counter() - began


def in_step(size: int, bench: Company) -> list[Figure]:
    """An unchanged tenant: what it costs, and how long it takes beside the floor."""
    pages = math.ceil(size / ROWS)
    bench.forget_calls()
    bench.memory.table.written.clear()
    bench.memory.bucket.calls.clear()
    with recorded() as sent:
        run = bench.run(say)
    calls = bench.calls()
    written = sum(bench.memory.table.written.values())
    writes = sum(count for name, count in calls.items() if name.split()[1].startswith(("add", "update")))
    plans = bench.memory.bucket.calls["PutObject"] - 1
    per_page = (written - 10) / pages
    assert run.counts
    return [
        Figure("unchanged: writes at the target", str(writes), "0", writes == 0),
        Figure("unchanged: stored plans", str(plans), "0", plans == 0),
        Figure("unchanged: DynamoDB writes a page", f"{max(per_page, 0):.2f}", "at most 2", per_page <= 2),
        *timed(bench, sent),
    ]


def timed(bench: Company, reads: list[requests.PreparedRequest]) -> list[Figure]:
    """The run beside the floor, in pairs."""
    ratios = []
    for number in range(PAIRS):
        least = floor(reads)
        began = time.perf_counter()
        bench.run()
        took = time.perf_counter() - began
        say(f"pair {number + 1}: run {took:.1f} s, floor {least:.1f} s")
        ratios.append(took / least)
    ratio = statistics.median(ratios)
    return [Figure("time of a run / floor of the same pages", f"{ratio:.2f}", "at most 1.5", ratio <= 1.5)]


def changed(size: int, bench: Company) -> list[Figure]:
    """One per cent changed: calls against the least possible."""
    some = list(range(0, size, 100))
    say(f"changing {len(some)} employees")
    bench.change(some, title="Bench Controller")
    bench.forget_calls()
    run = bench.run(say)
    calls = bench.calls()
    pages = math.ceil(size / ROWS)
    batches = math.ceil(len(some) / BATCH)
    least = {
        "simployer list employee": pages + 1,
        "xledger employees": pages,
        "xledger contacts": pages,
        "xledger updateContacts": batches,
    }
    wrong = {
        name: (calls.get(name, 0), count) for name, count in least.items() if calls.get(name, 0) != count
    }
    extra = {
        name: n
        for name, n in calls.items()
        if name not in least and not name.startswith("xledger employeeGroups")
    }
    assert run.counts
    done = run.counts["updated"] == len(some)
    shown = ", ".join(f"{calls.get(name, 0)} {name}" for name in least)
    return [
        Figure("1 % changed: all written", str(run.counts["updated"]), str(len(some)), done),
        Figure("1 % changed: calls", shown, "the least possible", not wrong and not extra),
    ]


def refused(size: int, bench: Company) -> list[Figure]:
    """One whom the target refuses for ever holds nobody up, and is the only one tried again."""
    bench.change([size // 2], endDate="2001-01-01T00:00:00.000Z")
    bench.change([1, 2, 3], title="Changed with them")
    first = bench.run(say)
    bench.forget_calls()
    second = bench.run(say)
    nodes = sum(n for name, n in bench.calls().items() if name.split()[1].startswith(("add", "update")))
    assert first.counts
    assert second.counts
    right = first.counts["failed"] == 1 and first.counts["updated"] == 3
    alone = second.counts["failed"] == 1 and second.counts["unchanged"] == size - 1
    return [
        Figure("one refused for ever: the others are right", str(right), "True", right),
        Figure("one refused for ever: calls that try it again", str(nodes), "1", alone and nodes == 1),
    ]


def memory_of_a_page(urls: dict[str, str], size: int) -> float:
    """Megabytes of a page worker over its imports."""
    done = subprocess.run(
        [sys.executable, "-m", "local.bench.memory", json.dumps(urls), str(size)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def measure(size: int) -> list[Figure]:
    """Every figure for a company of that size."""
    figures: list[Figure] = []
    with company(size) as bench:
        say(f"first load of {size} employees")
        began = time.perf_counter()
        first = bench.run(say)
        assert first.counts
        loaded = first.counts["created"]
        took = time.perf_counter() - began
        figures.append(
            Figure(f"first load of {size:,}", f"{loaded:,} created in {took:.0f} s", "all", loaded == size)
        )
        figures += in_step(size, bench)
        figures += changed(size, bench)
        figures += refused(size, bench)
        large = memory_of_a_page(dict(bench.urls), size)
    with company(max(size // 10, 2000)) as small_company:
        small = memory_of_a_page(dict(small_company.urls), max(size // 10, 2000))
    figures.append(Figure("memory of a page worker", f"{large:.0f} MB", "at most 60 MB", large <= 60))
    same = abs(large - small) <= max(0.15 * large, 3)
    figures.append(Figure("memory at a tenth of the size", f"{small:.0f} MB", "the same", same))
    for handler in imports.handlers():
        say(f"importing {handler.parent.name}/{handler.stem}")
        whole, least, ratio = imports.ratio(handler)
        name = f"import of {handler.parent.name}/{handler.stem}"
        shown = f"{whole * 1000:.0f} ms / {least * 1000:.0f} ms = {ratio:.2f}"
        figures.append(Figure(name, shown, "at most 1.15", ratio <= 1.15))
    return figures


def table(figures: list[Figure]) -> str:
    """The figures as Markdown."""
    rows = ["| what | measured | target | |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {f.what} | {f.measured} | {f.target} | {'reached' if f.reached else 'MISSED'} |" for f in figures
    ]
    return "\n".join(rows)


def main() -> int:
    """0 when every target is reached, 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--employees", type=int, default=100_000, help="size of the company")
    parser.add_argument("--no-document", action="store_true", help="leave docs/benchmarks.md as it is")
    arguments = parser.parse_args()
    figures = measure(arguments.employees)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {arguments.employees:,} employees"
    text = f"{machine}\n\n{table(figures)}"
    print(text)
    if not arguments.no_document:
        head, _, rest = DOCUMENT.read_text().partition(BEGIN)
        tail = rest.partition(END)[2]
        DOCUMENT.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
