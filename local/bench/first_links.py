"""The links of a first run, written against a table that throttles as DynamoDB does, in simulated time.

Four workers at once, as the state machine has them: of each page half are found equal on both sides and
adopted, half are claimed, sent and settled. One answer in fifty of the table gets lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from local.bench.figures import Figure, exactly, within
from local.bench.memory_bucket import MemoryBucket
from local.memory.simulated import SimulatedTime
from local.memory.table import MemoryTable
from local.memory.throttled import WRITE_UNITS, ThrottlingClient
from payrelay.domain.groups import in_groups
from payrelay.domain.records import Change, Outcome, Record
from payrelay.domain.runs import Link, Mode, Run, Status, Trigger
from payrelay.ledger import Ledger, history
from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.deliveries import Intent, Settled, Standing
from payrelay.ledger.plans import Plans
from payrelay.ledger.table import Table

Say = Callable[[str], None]

TENANT, CONNECTION, ENTITY = "bench", "con_BENCH", "employee"
PAGE, WORKERS = 200, 4
LOST = 50
# What the state machine waits before it does a step again.
STEP_WAITS = (2, 4, 8, 16)
NOW, UNTIL = 1_700_000_000, 1_700_000_900
# The time that all of it would take one partition, and no more than that of as many as there are.
SECONDS_AT_MOST = 100


@dataclass(slots=True)
class Told:
    """What a first run came to."""

    seconds: float
    client: ThrottlingClient
    ledger: Ledger
    steps_again: int
    sent: Counter[str]


def first_run(count: int, *, write_units: int = WRITE_UNITS, lost: int = LOST) -> Told:
    """Write the links of `count` people."""
    time = SimulatedTime()
    client = ThrottlingClient(
        MemoryTable(), time, write_units=write_units, lost=lambda number: bool(lost) and number % lost == 0
    )
    table = Table(cast("Any", client), "state", sleep=time.sleep, clock=time.now)
    ledger = Ledger.over(table, Plans(cast("Any", MemoryBucket()), "plans"))
    told = Told(0.0, client, ledger, 0, Counter())
    pages = list(enumerate(in_groups([f"{n:06d}" for n in range(count)], PAGE)))
    told.seconds = time.run([partial(_worker, told, time, pages[n::WORKERS]) for n in range(WORKERS)])
    return told


def link_of(number: str) -> Link:
    """The link of one person: as large as those of the employee export."""
    digests = {name: f"{name}-{number}".ljust(32, "0") for name in ("person", "position", "contact")}
    return Link(ENTITY, f"source-{number}", number, f"9{number}", digests, {"number": number})


def _worker(told: Told, time: SimulatedTime, pages: Sequence[tuple[int, Sequence[str]]]) -> None:
    for index, numbers in pages:
        for seconds in (*STEP_WAITS, None):
            try:
                _page(told, index, numbers)
                break
            except TableBusy:
                if seconds is None:
                    raise
                told.steps_again += 1
                time.sleep(seconds)


def _page(told: Told, index: int, numbers: Sequence[str]) -> None:
    """Plan a page, and apply what it writes; to do it again changes nothing."""
    links = {number: link_of(number) for number in numbers}
    known = told.ledger.links.get(TENANT, CONNECTION, ENTITY, [one.source_id for one in links.values()])
    equal, new = numbers[::2], numbers[1::2]
    left = [links[number] for number in equal if links[number].source_id not in known]
    told.ledger.links.adopt(TENANT, CONNECTION, left)
    run, owner = _run(), f"run_1#{index}"
    intents = [Intent(f"{ENTITY}:{number}", f"source-{number}", f"f-{number}") for number in new]
    claims = told.ledger.deliveries.claim(run, owner, intents, now=NOW, until=UNTIL)
    todo = [number for number in new if claims[f"{ENTITY}:{number}"].standing is not Standing.DONE]
    told.sent.update(n for n in todo if claims[f"{ENTITY}:{n}"].standing is Standing.FRESH)
    told.ledger.deliveries.settle(run, owner, [_settled(run, links[number]) for number in todo])


def _settled(run: Run, link: Link) -> Settled:
    change = (Change("contact.jobTitle", "Trainee", "Controller"),)
    record = Record(ENTITY, link.key, f"Employee {link.key}", Outcome.CREATED, link.source_id, changes=change)
    entry = history.entry(run, record, "2026-03-02T05:00:00.000Z")
    return Settled(record.record_id, True, Outcome.CREATED, link.target_id, link=link, history=entry)


def _run() -> Run:
    at = "2026-03-02T05:00:00.000Z"
    return Run(
        TENANT, CONNECTION, "run_1", "employee_export", Trigger.MANUAL, Mode.SYNC, Status.RUNNING, "bench", at
    )


def measure(count: int, say: Say) -> Iterator[Figure]:
    """Every figure of it."""
    say(f"{count:,} links against a table that throttles")
    told = first_run(count)
    found = Counter(link.source_id for link in told.ledger.links.all(TENANT, CONNECTION, ENTITY))
    wanted = {f"source-{n:06d}" for n in range(count)}
    yield exactly("links that a first run has written", len(found), count)
    yield exactly("of them lost", len(wanted - set(found)), 0)
    twice = sum(number > 1 for number in found.values())
    twice += sum(number > 1 for (pk, _), number in told.client.puts.items() if "#LINKS#" in pk)
    yield exactly("of them there, or put, twice", twice, 0)
    yield exactly("records sent, of the half that is", len(told.sent), count // 2)
    yield exactly("of them sent twice", sum(number > 1 for number in told.sent.values()), 0)
    most = max(units for name, units in told.client.writes.taken.items() if "#LINKS#" in name)
    yield Figure("write units of the busiest partition of links", f"{most:,}")
    yield Figure(
        "transactions that were refused and done again", f"{told.client.refused['TransactWriteItems']:,}"
    )
    yield exactly("steps that gave up and were done again", told.steps_again, 0)
    limit = SECONDS_AT_MOST * max(1.0, count / 100_000)
    yield within("time of it, simulated, four workers at once", told.seconds, limit, " s", 0)
