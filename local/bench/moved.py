"""What a run costs that reads only what moved, beside a full comparison of the same company."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from local.bench import memory, moved_leave, speed
from local.bench.company import CONNECTION, TENANT, Company
from local.bench.figures import Figure, exactly, within
from local.bench.memory import Peak
from local.bench.sandboxes import Sandboxes, sandboxes
from local.bench.story import FULL, MIRROR, Say, Story, Watched
from local.seed.xledger_rows import employee_db_id
from payrelay.domain.groups import in_groups
from payrelay.domain.runs import Link
from payrelay.flows.employee_export import hidden
from payrelay.flows.employee_export.flow import EmployeeExport
from payrelay.flows.employee_export.mapping import fields_of
from payrelay.flows.employee_export.read import LARGE, ROWS
from payrelay.flows.engine import plan
from payrelay.flows.engine.bulk import NODES_PER_CALL
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.pages import PAGE_SIZE

# Beside the pages of the source: the total, the look-ups, what moved on either list there, and a proof each.
BESIDE_PAGES = 8
LARGEST_SHARE, LARGEST_MIRROR, MOST_READS, MOST_WRITES, LARGEST_PEAK, PER_TEN = 0.5, 12.0, 3, 2, 60, 10
FEWEST = LARGE * ROWS
# The first run compares everything.
MOST_RUNS = 3
# A generated employee's number is so much more than the serial; so many are read at once.
BEFORE, IDS = 1000, 1000
MEGABYTE = 1_000_000


class Days(Story):
    """A company in which time passes between two runs."""

    def __init__(self, systems: Sandboxes, size: int, say: Say) -> None:
        super().__init__(Company(systems), size, say)
        # The calls to Xledger of a run in which nothing moved.
        self.fixed: Counter[str] = Counter()

    def settle(self) -> None:
        """Everybody was exported before, and runs follow until one reads only what moved."""
        self.say(f"{self.size:,} employees who were exported before, and what follows it")
        self._exported()
        for _ in range(MOST_RUNS):
            self.later()
            if self.company.run().full is False:
                return
        raise RuntimeError("no run has read only what moved")

    def _exported(self) -> None:
        """The links of all, with what was sent of what Xledger does not show."""
        company = self.company
        flow = company.opening(None)
        for start in range(0, self.size, IDS):
            read = flow.sides.simployer.employees(start, IDS).listed.whole("Employee", "simployer")
            company.ledger.links.put_many(TENANT, CONNECTION, [_link(flow, one) for one in read])

    # --- what is counted ------------------------------------------------------------------------------------

    def unmoved(self) -> Iterator[Figure]:
        """Nothing has moved on either side: calls, the table, the mirror."""
        self.say("a run in which nothing moved, and a full comparison")
        seen, full = self.seen(), self.seen(options=FULL)
        self.fixed = _of_xledger(seen)
        yield exactly("nothing moved: records unchanged", seen.counts.get("unchanged"), self.size)
        yield exactly("nothing moved: writes at the target", seen.writes, 0)
        most = self.pages + BESIDE_PAGES
        calls = seen.calls.total()
        yield within("nothing moved: calls", calls, most, digits=0)
        yield Figure("nothing moved: these calls", words(seen.calls))
        yield Figure("full comparison: calls", f"{full.calls.total():,} ({words(full.calls)})")
        yield exactly("full comparison: what the mirror was wrong about", full.run.drift, 0)
        written = seen.written_for_a_page
        yield within("nothing moved: DynamoDB writes for a page", written, MOST_WRITES, digits=0)
        yield within(
            "nothing moved: reads of the mirror for a page, at most",
            max(seen.mirror_reads),
            MOST_READS,
            digits=0,
        )
        yield self._stored()

    def one_percent(self) -> Iterator[Figure]:
        """1 % changed at the source, then 1 % by hand in Xledger; and the run after each."""
        some = range(1, self.size + 1, 100)
        self.change(some)
        self.say(f"{len(some):,} employees changed at the source")
        yield from self._moved("1 % changed", self.seen(), len(some))
        yield from self._moved("the run after it", self.seen(), 0)
        self.say(f"{len(some):,} overtyped in Xledger")
        self.later()
        self._overtype(some)
        yield from self._moved("1 % overtyped in Xledger", self.seen(), len(some), contacts_only=True)

    def _moved(
        self, what: str, seen: Watched, moved: int, *, contacts_only: bool = False
    ) -> Iterator[Figure]:
        """What a run costs beside one in which nothing moved."""
        more = _of_xledger(seen)
        more.subtract(self.fixed)
        lists, writes = math.ceil(moved / PAGE_SIZE), math.ceil(moved / NODES_PER_CALL)
        most = {"employees": lists, "contacts": lists, "updateContacts": writes}
        most["updateEmployees"] = 0 if contacts_only else writes
        yield exactly(f"{what}: records updated", seen.counts.get("updated", 0), moved)
        yield Figure(
            f"{what}: calls to Xledger, beside those of nothing moved",
            words(more) or "none",
            f"≤ {words(most) or 'none'}",
            all(count <= most.get(name, 0) for name, count in more.items()),
        )

    def _overtype(self, serials: Sequence[int]) -> None:
        """Somebody gives employees another title in Xledger."""
        own = self.company.connection
        xledger = self.company.client_of(TENANT, CONNECTION, own.settings, "xledger")
        for group in in_groups(serials, NODES_PER_CALL):
            read = xledger.employees_by_code([number_of(serial) for serial in group])
            nodes = [
                (node.code, {"dbId": node.contact_db_id, "jobTitle": "Overtyped"})
                for node in read.whole("Employee", "xledger")
            ]
            xledger.update_contacts(nodes)

    def _stored(self) -> Figure:
        """What is kept of the mirror that is in use."""
        where = (TENANT, CONNECTION, self.company.flow)
        head = self.company.ledger.mirrors.head(*where)
        assert head
        names = {part.name for part in head.parts} | {head.loose, "head"}
        objects = self.company.memory.bucket.objects
        sizes = [
            len(body)
            for (_, key), body in objects.items()
            if f"{MIRROR}{self.company.flow}/" in key and key.rpartition("/")[2] in names
        ]
        most = LARGEST_MIRROR * max(1.0, self.size / 100_000)
        return within(f"the mirror, {len(sizes)} objects, stored", sum(sizes) / MEGABYTE, most, " MB", 1)

    # --- what is timed --------------------------------------------------------------------------------------

    def timed_in_turns(self, turns: int) -> Iterator[Figure]:
        """Nothing moved, both ways in turns; and the short way beside its floor."""
        found = []
        for number, turn in enumerate(speed.turns(self.company, turns, self.later), 1):
            self.say(f"turn {number}: {turn.short:.1f} s, full {turn.full:.1f} s, ratio {turn.ratio:.2f}")
            found.append(turn)
        yield from moved_leave.shares("nothing moved", found, LARGEST_SHARE)
        self.later()
        floor = speed.pair(self.company)
        shown = f"{floor.ratio:.2f} ({floor.run:.1f} s over {floor.floor:.1f} s)"
        yield Figure("nothing moved: time over its floor, the same pages fetched and parsed", shown)

    # --- what it takes --------------------------------------------------------------------------------------

    def taken(self) -> dict[str, Peak]:
        """The memory of a page in the middle, and of looking at what all pages have left, 1 % changed."""
        self.say("the memory of a short run's steps, each in a process of its own")
        self.change(range(1, self.size + 1, 100))
        self.later()
        event, pages = self.company.begin()
        found = {"page": memory.plan_one(self.company, event, pages[len(pages) // 2])}
        for page in pages:
            self.company.done(plan.plan(self.company.engine, self.company.opening, {**event, "page": page}))
        found["left"] = memory.invoke(self.company, "plan_page", event)
        self.company.abandon(event)
        return found


def measure(size: int, leave: int, turns: int, say: Say) -> Iterator[Figure]:
    """Every figure of what moved, as it is known, of the employee export and the balance sync.

    A size of 0 leaves one out; without turns nothing is timed or weighed.
    """
    if size:
        yield from _exported(size, turns, say)
    if leave:
        yield from moved_leave.measure(leave, turns, say)


def _exported(size: int, turns: int, say: Say) -> Iterator[Figure]:
    with sandboxes(size, alike=True) as systems:
        days = Days(systems, size, say)
        days.settle()
        yield from days.unmoved()
        yield from days.one_percent()
        if not turns:
            return
        yield from days.timed_in_turns(turns)
        large = days.taken()
    tenth = max(FEWEST, size // PER_TEN)
    with sandboxes(tenth, alike=True) as systems:
        days = Days(systems, tenth, say)
        days.settle()
        yield from _memory(large, days.taken())


def _memory(large: dict[str, Peak], small: dict[str, Peak]) -> Iterator[Figure]:
    for name, what in (("page", "a page worker"), ("left", "looking at what pages left")):
        over = large[name].over_imports
        yield within(f"memory of {what} over its imports", over, LARGEST_PEAK, " MB", 0)
        yield Figure(
            f"memory of {what}, at a tenth of the size",
            f"{small[name].over_imports:.0f} MB",
            f"{over:.0f} MB ± 10 %" if name == "page" else "",
            abs(small[name].over_imports / over - 1) <= 1 / PER_TEN if name == "page" else None,
        )


def _link(flow: EmployeeExport, employee: Employee) -> Link:
    """What is known of somebody who was exported."""
    number = str(employee.employee_number)
    sent = {
        field.target: hidden.digest(hidden.plain(value), flow.key)
        for field in fields_of(flow.settings)
        if field.held is None and (value := field.wanted(employee, flow.settings)) is not None
    }
    return Link("employee", employee.id, number, employee_db_id(int(number) - BEFORE), sent)


def number_of(serial: int) -> str:
    """The employee number of a generated employee."""
    return str(BEFORE + serial)


def words(calls: Counter[str] | dict[str, int]) -> str:
    """Calls by operation; what was not called is not among them."""
    return ", ".join(f"{name} {count:,}" for name, count in sorted(calls.items()) if count)


def _of_xledger(seen: Watched) -> Counter[str]:
    return Counter({name: count for name, count in seen.calls.items() if not name.startswith("list ")})
