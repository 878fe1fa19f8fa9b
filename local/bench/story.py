"""The life of a company, run by run: first load, one refused for ever, unchanged, 1 % changed."""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.bench import memory, speed
from local.bench.company import Company
from local.bench.figures import Figure, exactly, within
from local.bench.memory import Peak
from local.bench.memory_bucket import MemoryBucket
from local.bench.speed import Pair
from payrelay.domain.runs import Run
from payrelay.flows.employee_export.read import LARGE, ROWS
from payrelay.flows.engine.bulk import NODES_PER_CALL
from payrelay.flows.engine.step import Payload

Say = Callable[[str], None]
MUTATIONS = ("add", "update", "remove")
# Part of the names of a mirror's objects, which are kept beside the plans.
MIRROR = "/mirror-"
# So long after a run the next one comes: what a run has read is asked for once more from two hours before it.
HOURS = 3
# Everything is compared, as it was before anything was known of what moved.
FULL = {"full": True}
DYNAMODB_READS = ("GetItem", "BatchGetItem", "Query")


@dataclass(slots=True)
class Watched:
    """A run with what it cost."""

    run: Run
    seconds: float
    calls: Counter[str]
    nodes: Counter[str]
    written_by_page: list[int] = field(default_factory=list)
    aws: Counter[str] = field(default_factory=Counter)
    plans: int = 0
    mirror_reads: list[int] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Records by outcome, those that there were."""
        return {outcome: count for outcome, count in (self.run.counts or {}).items() if count}

    @property
    def written_for_a_page(self) -> float:
        """Writes to DynamoDB, the median: 15 s after the last sign of life a step gives one, too."""
        return statistics.median(self.written_by_page)

    @property
    def writes(self) -> int:
        """Nodes that were sent to the target."""
        return sum(count for name, count in self.nodes.items() if name.startswith(MUTATIONS))


def watch(company: Company, **more: Any) -> Watched:
    """One run, and what it cost; `more` is of the order."""
    table, bucket = company.memory.table, company.memory.bucket
    company.systems.forget()
    objects, before = _plans(bucket), Counter(table.calls)
    by_page: list[int] = []
    mirror_reads: list[int] = []

    def around(name: str, act: Callable[[], Payload]) -> Payload:
        written, read = table.written.total(), _mirror_reads(bucket)
        answer = act()
        if name == "page":
            by_page.append(table.written.total() - written)
            mirror_reads.append(_mirror_reads(bucket) - read)
        return answer

    began = time.perf_counter()
    run = company.run(around, **more)
    seconds = time.perf_counter() - began
    calls, nodes = company.systems.seen()
    # One object beside the plans of pages: the look-ups that every page needs, read once.
    plans = _plans(bucket) - objects - 1
    return Watched(run, seconds, calls, nodes, by_page, Counter(table.calls) - before, plans, mirror_reads)


def _plans(bucket: MemoryBucket) -> int:
    return sum(MIRROR not in key for _, key in bucket.objects)


def _mirror_reads(bucket: MemoryBucket) -> int:
    return sum(count for key, count in bucket.read.items() if MIRROR in key)


class Story:
    """A company from its first load on. Its employees have the serials 1 to `size`."""

    def __init__(self, company: Company, size: int, say: Say) -> None:
        self.company, self.size, self.say = company, size, say
        self.pages = math.ceil(size / ROWS)
        self.changes, self.hours = 0, 0

    def later(self) -> None:
        """The time at which the next run is due: what the last one wrote is not what moved since."""
        self.hours += HOURS
        self.company.systems.later(self.hours)

    def seen(self, **more: Any) -> Watched:
        """The next run, and what it cost; `more` is of the order."""
        self.later()
        return watch(self.company, **more)

    def peaks(self) -> Peak:
        """The memory of planning a page in the middle whose employees are all new: no page takes more."""
        self.say("planning a page of new employees in a process of its own")
        event, pages = self.company.begin()
        peak = memory.plan_one(self.company, event, pages[len(pages) // 2])
        self.company.abandon(event)
        return peak

    def first_load(self) -> list[Figure]:
        """Everybody is created but one whom the target refuses for ever, and who alone is tried again."""
        one, ten = self.size // 2, range(1, 11)
        self.company.systems.change([one], firstName="", lastName="")
        self.say(f"first load of {self.size:,} employees, one of whom the target refuses")
        first = self.seen()
        self.change(ten)
        self.say("the next run: ten changed, one still refused")
        second = self.seen()
        self.company.systems.change([one], firstName="Kari", lastName="Nordmann{}")
        self.say("the one is mended")
        third = self.seen()
        others = {"updated": 10, "unchanged": self.size - 11, "failed": 1}
        tried = {name: n for name, n in second.nodes.items() if name.startswith(("add", "updateE"))}
        return [
            Figure("first load: time, the ledger in memory", f"{first.seconds:,.0f} s"),
            exactly(
                "one refused for ever: created in the same run", first.counts.get("created"), self.size - 1
            ),
            exactly("one refused for ever: failed", first.counts.get("failed"), 1),
            exactly("the run after it", _words(second.counts), _words(others)),
            exactly(
                "the run after it: employees tried again",
                _words(tried),
                _words({"addEmployees": 1, "updateEmployees": 10}),
            ),
            exactly("once mended", _words(third.counts), _words({"created": 1, "unchanged": self.size - 1})),
        ]

    def unchanged(self) -> list[Figure]:
        """A run in which nothing is to be done."""
        self.say("a run over an unchanged company")
        seen = self.seen(options=FULL)
        reads = sum(seen.aws[name] for name in DYNAMODB_READS) / self.pages
        return [
            exactly("unchanged: records unchanged", seen.counts.get("unchanged"), self.size),
            exactly("unchanged: writes at the target", seen.writes, 0),
            exactly("unchanged: stored plans", seen.plans, 0),
            within("unchanged: DynamoDB writes for a page", seen.written_for_a_page, 2, digits=0),
            Figure("unchanged: calls that read DynamoDB, for a page", f"{reads:.1f}"),
        ]

    def changed(self) -> list[Figure]:
        """1 % changed: every call against the least possible."""
        some = range(1, self.size + 1, 100)
        self.change(some)
        self.say(f"a run after {len(some):,} changed")
        seen = self.seen(options=FULL)
        batches = math.ceil(len(some) / NODES_PER_CALL)
        # Of a large company it is also read what moved: one page of each list.
        read = self.pages + (1 if self.pages >= LARGE else 0)
        least = {
            "list employee": self.pages,
            "employees": read,
            "contacts": read,
            "updateEmployees": batches,
            "updateContacts": batches,
        }
        fixed = Counter({name: n for name, n in seen.calls.items() if name not in least})
        fixed["list employee (the total)"] = seen.calls["list employee"] - self.pages
        exact = {name: seen.calls[name] - (1 if name == "list employee" else 0) for name in least}
        return [
            exactly("1 % changed: records updated", seen.counts.get("updated"), len(some)),
            exactly("1 % changed: calls", _words(exact), _words(least)),
            exactly("1 % changed: fixed calls (the total, the look-ups)", fixed.total(), 4),
            Figure("1 % changed: DynamoDB writes, all steps", f"{sum(seen.written_by_page):,} by pages"),
        ]

    def timed(self, pairs: int) -> list[Figure]:
        """1 % changed, run and floor page by page in turn."""
        found: list[Pair] = []
        for number in range(1, pairs + 1):
            self.change(range(1 + number, self.size + 1, 100))
            self.later()
            one = speed.pair(self.company, options=FULL)
            self.say(f"pair {number}: run {one.run:.1f} s, floor {one.floor:.1f} s, ratio {one.ratio:.2f}")
            found.append(one)
        middle = sorted(found, key=lambda one: one.ratio)[len(found) // 2]
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in middle.by_step.items())
        share = middle.run_cpu / middle.run
        return [
            within("1 % changed: time of the run over its floor", speed.median(found), 1.5),
            Figure("the pair of the median", f"{middle.run:.1f} s over {middle.floor:.1f} s"),
            Figure("its steps", steps),
            Figure("its own CPU, the rest is waiting", f"{middle.run_cpu:.1f} s ({share:.0%})"),
        ]

    def change(self, serials: range) -> None:
        """New values that call for a write of the employee and one of the contact."""
        self.changes += 1
        mail, title = f"new{self.changes}.{{}}@nordlys.example", f"Title {self.changes}"
        self.company.systems.change(serials, workEmail=mail, title=title)


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
