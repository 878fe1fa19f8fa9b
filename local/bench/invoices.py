"""What a posted document costs with each accounting package: calls, and documents a minute."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from local.bench.books import PARTIES, Books
from local.bench.figures import Figure, exactly, within
from local.bench.sandboxes import Sandboxes, sandboxes
from payrelay.systems.registry import PACKAGES, label

Say = Callable[[str], None]
LATENCY_MS = 100
TOO_MANY = 429
LEAST_SHARE = 0.8
MOST_OF_AUTOVU = 2.6
# Documents a minute; Sage takes them one by one.
LEAST_A_MINUTE = {"quickbooks": 100, "xero": 100}
MOST_CALLS = {"quickbooks": 2.0, "xero": 0.6, "sage": 2.0}
# A customer's account is read once in a session, whatever the number of its documents.
READS_CUSTOMERS = {"quickbooks": "query Customer", "xero": "GET Contacts", "sage": "get contacts"}


class Limit(NamedTuple):
    """What a system lets through in a minute: all calls, or those of one operation."""

    system: str
    calls: int
    operation: str | None = None


# The vendors' own, from the contracts; AutoVu's 5 a second and Sage's 1,296,000 a day, by the minute.
LIMITS = (
    Limit("autovu", 300),
    Limit("quickbooks", 500),
    Limit("quickbooks", 40, "batch"),
    Limit("xero", 60),
    Limit("sage", 900),
)


class Cost(NamedTuple):
    """A session: the calls that were let through by system and operation, and its seconds after `fixed`."""

    posted: int
    fixed: Mapping[str, Counter[str]]
    calls: Mapping[str, Counter[str]]
    refused: int
    seconds: float


def measure(documents: int, timed: int, say: Say) -> Iterator[Figure]:
    """Every figure of the invoices, as it is known; no times where `timed` is 0."""
    with sandboxes() as systems:
        for package in PACKAGES:
            say(f"{label(package)}: {documents:,} documents, their calls counted")
            yield from _counted(package, _session(systems, package, documents), documents)
    if not timed:
        return
    with sandboxes(rate_limits=True) as systems:
        for package in PACKAGES:
            say(f"{label(package)}: {timed:,} documents, {LATENCY_MS} ms a call, with the vendors' limits")
            yield from _timed(package, _session(systems, package, timed, LATENCY_MS))


def _session(systems: Sandboxes, package: str, documents: int, latency: int = 0) -> Cost:
    """One Auto Sync until the list is empty."""
    systems.slow_down(0)
    books = Books(systems, package, documents, paced=latency > 0)
    systems.slow_down(latency)
    systems.forget()
    event = books.begin()
    fixed, refused = _seen(books)
    systems.forget()
    began = time.perf_counter()
    run = books.finish(event)
    seconds = time.perf_counter() - began
    calls, refused_later = _seen(books)
    reads = READS_CUSTOMERS[package]
    fixed[package][reads] = calls[package].pop(reads, 0)
    return Cost((run.counts or {})["created"], fixed, calls, refused + refused_later, seconds)


def _seen(books: Books) -> tuple[dict[str, Counter[str]], int]:
    """The calls of both systems by operation, and how many more were refused as too many."""
    logs = {"autovu": books.systems.log(books.source), books.package: books.systems.log(books.package)}
    let_through = {
        system: Counter(str(call["operation"]) for call in log if call["status"] != TOO_MANY)
        for system, log in logs.items()
    }
    refused = sum(call["status"] == TOO_MANY for log in logs.values() for call in log)
    return let_through, refused


def _counted(package: str, cost: Cost, documents: int) -> Iterator[Figure]:
    name = label(package)
    calls = cost.calls[package]
    autovu = cost.calls["autovu"]
    yield exactly(f"{name}: documents posted", cost.posted, documents)
    yield within(f"{name}: calls for a document", calls.total() / cost.posted, MOST_CALLS[package])
    yield Figure(f"{name}: these calls", _words(calls))
    fixed = f"{_words(cost.fixed[package])}; AutoVu: {_words(cost.fixed['autovu'])}"
    yield Figure(f"{name}: fixed reads, {len(PARTIES)} customers", fixed)
    yield within(f"{name}: calls to AutoVu for a document", autovu.total() / cost.posted, MOST_OF_AUTOVU)
    yield Figure(f"{name}: these calls to AutoVu", _words(autovu))


def _timed(package: str, cost: Cost) -> Iterator[Figure]:
    name, measured = label(package), cost.posted / cost.seconds * 60
    least = LEAST_A_MINUTE.get(package)
    yield Figure(
        f"{name}: documents a minute, {LATENCY_MS} ms a call",
        f"{measured:.1f}",
        f"≥ {least}" if least else "",
        measured >= least if least else None,
    )
    allowed, by = _allowed(cost)
    share = measured / allowed
    yield Figure(
        f"{name}: of what is allowed",
        f"{share:.0%}",
        f"≥ {LEAST_SHARE:.0%} of {allowed:.1f}, by {by}",
        share >= LEAST_SHARE,
    )
    yield Figure(f"{name}: calls refused as too many", f"{cost.refused}")


def _allowed(cost: Cost) -> tuple[float, str]:
    """Documents a minute that the limits let through, and calls one after the other; and which it is."""
    found = []
    for limit in LIMITS:
        calls = cost.calls.get(limit.system, Counter())
        count = calls[limit.operation] if limit.operation else calls.total()
        if count:
            found.append((limit.calls * cost.posted / count, f"the limit of {label(limit.system)}"))
    found.append((60 * cost.posted / _seconds_in_turn(cost), "one call after the other"))
    return min(found, key=lambda one: round(one[0], 1))


def _seconds_in_turn(cost: Cost) -> float:
    """What the calls take at best that have to wait for one another.

    AutoVu is read at its pace. Then a document is posted and written back; while the package is called, the
    time of AutoVu's next turn passes.
    """
    turn, latency = 60 / LIMITS[0].calls, LATENCY_MS / 1000
    autovu = cost.calls["autovu"]
    written = autovu["change documents"]
    others = sum(calls.total() for system, calls in cost.calls.items() if system != "autovu")
    read = (autovu.total() - written) * max(turn, latency)
    return read + max(written * turn, (others + written) * latency)


def _words(calls: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(calls.items()) if count)
