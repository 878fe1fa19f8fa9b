"""What a run of each flow asks of AWS, as a formula of its pages, its batches and the records that changed.

The engine's own part is the same for every flow (`engine`); a `Shape` says what a flow adds: how many records
a page and a batch have, what is read of the ledger for each record, and what a written one leaves there.
`tests/costs` holds the formulas against runs in memory, each at two sizes; `tests/stack` against one on the
stack.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from local.costs import machines
from local.costs.units import READ_BYTES, WRITE_BYTES
from local.costs.work import total
from payrelay.flows.accrual_sync.flow import AccrualSync
from payrelay.flows.accrual_sync.to_timeworksplus.direction import PAGE_SIZE as ACCRUALS
from payrelay.flows.balance_sync.company import PEOPLE_PER_PAGE
from payrelay.flows.balance_sync.flow import BalanceSync
from payrelay.flows.document_pull.flow import DocumentPull
from payrelay.flows.employee_export.flow import EmployeeExport
from payrelay.flows.employee_export.read import LARGE
from payrelay.flows.employee_export.read import ROWS as EMPLOYEES
from payrelay.flows.flow import Flow
from payrelay.flows.invoice_sync.flow import InvoiceSync
from payrelay.flows.journal_sync.flow import PAGE_SIZE as ENTRIES
from payrelay.flows.journal_sync.flow import JournalSync
from payrelay.flows.payroll_sync.flow import PayrollSync
from payrelay.flows.payroll_sync.listing import PAGE_SIZE as PEOPLE
from payrelay.flows.report_pull.flow import ReportPull
from payrelay.flows.request_sync.flow import RequestSync
from payrelay.flows.request_sync.listing import PAGE_SIZE as REQUESTS
from payrelay.flows.time_off_export.flow import TimeOffExport
from payrelay.flows.time_off_export.read import ROWS as DAYS
from payrelay.ledger.deliveries import CLAIM_LIMIT, SETTLE_LIMIT
from payrelay.ledger.keys import LINK_SHARDS
from payrelay.ledger.parts import CHUNK
from payrelay.ledger.table import GET_LIMIT as READ_AT_ONCE

# The item of a page without what it saw, that of a run, and that of a flow's standing with its last runs, in
# bytes; and a stored record, compressed.
PAGE_ITEM, RUN_ITEM, STANDING, RECORD = 450, 900, 2000, 30
# A step that begins so many seconds after the last sign of life gives one: the lease and its place in the
# index.
SIGN_SECONDS, SIGN = 15, 2
# A page of the report pull is a period, whatever the number of its people.
PEOPLE_OF_A_PERIOD = 100_000
# So many that moved are looked at together.
TOGETHER = Flow.together
# Documents of a payroll run that are decided together.
DOCUMENTS = 200


@dataclass(frozen=True, slots=True)
class Size:
    """What a run has before it: rows that are looked at, records to be written, and how long it takes.

    Of those to be written so many are `created`; `adopted` are found equal on both sides, and linked for the
    first time. A `short` run takes what did not move from the flow's mirror.
    """

    rows: int
    changed: int
    created: int = 0
    adopted: int = 0
    seconds: float = 10.0
    short: bool = False

    @property
    def compared(self) -> int:
        """How many rows are compared on both sides."""
        return self.changed if self.short else self.rows


@dataclass(frozen=True, slots=True)
class Cut:
    """A size as a flow cuts it into pages and batches."""

    size: Size
    pages: int
    batches: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What a flow adds to the engine's part.

    `rows` a page and records a `batch`; `at` the row's own records (an employee's four balances). `read`
    units for each of these while it is planned, `planned` more for one that will be written, `claimed` for
    one that is applied, and `written` units of writing: claim, delivery, link and trail, twice each as in all
    transactions; the trail of one that is created is `longer` by so many. Where links are read as a list,
    `lists` times a run, `link` is the size of one. What a page saw is kept in `seen` bytes a row. One that
    `keeps` puts what it listed into the bucket, page by page; a page reads `objects`. One that reads only
    what has `moved` proves nothing of the rest, and one that pages `of_changed` has pages of what is to be
    written alone. `listing` are reads of its own, `calls` those to the systems, and `beside` is what else it
    asks for. One that `mirrors` keeps an object of each page of a large source, and takes what did not move
    from there.
    """

    flow: type[Flow]
    rows: int
    read: float
    written: float
    calls: Callable[[Cut], float]
    at: int = 1
    batch: int = 0
    planned: float = 0
    claimed: float = 1
    longer: float = 0
    lists: int = 0
    link: int = 0
    seen: float = 0
    keeps: bool = False
    objects: int = 1
    moved: bool = False
    of_changed: bool = False
    in_groups: bool = False
    listing: float = 0
    beside: Mapping[str, float] | None = None
    mirrors: bool = False

    def pages(self, size: Size) -> int:
        """How many pages a run has; an empty list is one."""
        return max(1, math.ceil((size.changed if self.of_changed else size.rows) / self.rows))

    def batches(self, size: Size) -> int:
        """How many batches of writes."""
        return math.ceil(size.changed / (self.batch or self.flow.batch_size))


def ledger(shape: Shape, size: Size, links: int | None = None) -> dict[str, float]:
    """Read and write units, and objects, of one run; `links` are those that are known, if not one a row."""
    pages, batches = shape.pages(size), shape.batches(size)
    page_bytes = PAGE_ITEM + shape.seen * min(size.rows, shape.rows)
    summaries = _reads(pages * page_bytes)
    known = (size.rows if links is None else links) * shape.link
    # A look whether there are any where they were kept before, and a list of each of their partitions.
    listed = shape.lists * (1 + LINK_SHARDS * _reads(known / LINK_SHARDS))
    run = math.ceil(RUN_ITEM / WRITE_BYTES)
    # Each step holds the run: itself and its lease.
    reads = {
        "start": 1,
        "open": 2 + 2,
        "list": 2 + 2 + shape.listing,
        "pages": 2 * pages + shape.read * size.compared * shape.at + shape.planned * size.changed,
        "absent": 2 + summaries,
        "links": listed,
        "review": 3 + summaries,
        "batches": 3 * batches + shape.claimed * size.changed,
        # Its run, its lease and the standing; the summaries of pages and of batches twice; and, where a run
        # looked at some records only, what is open still.
        "close": 6 + 2 * summaries + 2 * _reads(batches * PAGE_ITEM) + (5.5 if shape.moved else 0),
    }
    # A change of the run is one of its place in both indexes, too.
    change = 3 * run
    writes = {
        "start": 2 + 1 + 2 * run + 2 * run,
        "open": change,
        "list": change,
        "pages": pages * math.ceil(page_bytes / WRITE_BYTES),
        "absent": change,
        "review": change,
        "batches": batches * 2 + size.changed * (shape.written + RECORD / WRITE_BYTES),
        "created": size.created * shape.longer,
        "adopted": size.adopted * 2,
        # The run as it ended, its lease given back, and the flow's standing.
        "close": 2 * run + 2 * run + 2 + 1 + 2 * math.ceil(STANDING / WRITE_BYTES),
        "signs": SIGN * (size.seconds // SIGN_SECONDS),
        # What the calls of a step came to, added to the connection's day.
        "calls": pages + batches,
    }
    with_writes = math.ceil(size.changed / TOGETHER) if size.short else min(pages, size.changed)
    found = {
        "reads": sum(reads.values()),
        "writes": sum(writes.values()),
        "s3_puts": 1 + (pages if shape.keeps else 0) + with_writes,
        # The look-ups once more at the end; a batch that is sent in groups looks how much was sent before.
        "s3_gets": pages * shape.objects
        + 1
        + (max(batches, with_writes) if size.changed else 0)
        + (batches if shape.in_groups else 0),
    }
    return total(found, _mirror(shape, size, pages), shape.beside or {})


def _mirror(shape: Shape, size: Size, pages: int) -> dict[str, float]:
    """The objects of a mirror: each page reads its own, and puts it where that is another one now."""
    if not shape.mirrors or pages < LARGE:
        return {}
    put = min(pages, size.changed) + bool(size.changed) if size.short else pages
    return {"s3_puts": 1 + put, "s3_gets": 1 + pages + size.short}


def run(shape: Shape, size: Size) -> dict[str, float]:
    """What one run asks for, but for the time of its functions and its log lines."""
    pages, batches = shape.pages(size), shape.batches(size)
    machine = machines.sync()
    found = {
        "transitions": float(machine.transitions(pages, batches)),
        "lambda_requests": float(machine.calls(pages, batches)),
        # `RunFinished`; blocked records have events of their own, which are few.
        "events": 1.0,
    }
    return total(found, ledger(shape, size))


def table_calls(shape: Shape, size: Size) -> float:
    """How many calls of the table one run of the employee export makes, whatever they weigh."""
    pages, batches = shape.pages(size), shape.batches(size)
    # A hundred at once are read and claimed, and 25 settled; 200 records are an item.
    read = math.ceil(size.compared * bool(shape.read) / READ_AT_ONCE) + math.ceil(
        size.changed * bool(shape.planned) / READ_AT_ONCE
    )
    claims, settled = math.ceil(size.changed / CLAIM_LIMIT), math.ceil(size.changed / SETTLE_LIMIT)
    kept = math.ceil(size.changed / CHUNK)
    # Start 2, open 5, list 6, absent 5, review 5, close 9; a page its run, its lease, its item and the day's
    # calls; a batch those, and what was done of it.
    return 32 + LINK_SHARDS + 4 * pages + read + 5 * batches + kept + 2 * claims + settled


def calls(shape: Shape, size: Size) -> float:
    """How many calls to outside systems one run makes."""
    return shape.calls(Cut(size, shape.pages(size), shape.batches(size)))


def _reads(size: float) -> int:
    return max(1, math.ceil(size / READ_BYTES))


def _employees(cut: Cut) -> float:
    # The total and three look-ups; the employees of a page on both sides, and the contacts; two writes a
    # batch, and for new ones the contacts that they were given, a hundred a call. A large company is asked
    # what moved, in two calls, and in a short run two more prove it; who moved is read on both sides.
    size, moved = cut.size, 2 if cut.pages >= LARGE else 0
    writes = 2 * cut.batches + 0.03 * size.created
    if size.short:
        return 4 + moved + 2 + cut.pages + 3 * math.ceil(size.changed / TOGETHER) + writes
    return 4 + moved + 3 * cut.pages + writes


def _balances(cut: Cut) -> float:
    # The company, the types of leave and the sync; 200 users a call; 500 rows of payroll twice and 200 of
    # leave, or what moved there and a proof; 200 balances a write.
    size = cut.size
    lists = 3 if size.short else 2 * math.ceil(size.rows / 500) + math.ceil(3 * size.rows / 200)
    lists += math.ceil(size.rows / 200)
    return 3 + lists + math.ceil(size.changed / 200) + (1 if cut.batches else 0)


def _people(cut: Cut) -> float:
    # Role members and first accounts, a hundred a call; and three for each person that changed.
    return 4 + 2 * math.ceil(cut.size.rows / 100) + 3 * cut.size.changed


SHAPES: Mapping[str, Shape] = {
    "employee_export": Shape(
        EmployeeExport,
        EMPLOYEES,
        read=1,
        planned=1,
        written=8,
        longer=2,
        lists=1,
        link=320,
        seen=12,
        mirrors=True,
        calls=_employees,
    ),
    "time_off_export": Shape(
        TimeOffExport,
        DAYS,
        # What the target has not yet is not looked up while it is planned.
        read=1,
        planned=-1,
        written=8,
        lists=1,
        link=300,
        seen=12,
        calls=lambda cut: 5 + cut.pages + cut.size.rows / 100 + cut.batches,
    ),
    "balance_sync": Shape(
        BalanceSync,
        PEOPLE_PER_PAGE,
        read=0,
        written=6 + 2 / 3,
        claimed=4 / 3,
        lists=1,
        link=200,
        seen=12,
        keeps=True,
        objects=2,
        in_groups=True,
        listing=2,
        calls=_balances,
        beside={"lambda_requests": 1},
    ),
    "payroll_sync": Shape(
        PayrollSync,
        PEOPLE,
        read=0,
        planned=1,
        claimed=2,
        written=10,
        lists=1,
        link=430,
        keeps=True,
        objects=2,
        moved=True,
        of_changed=True,
        in_groups=True,
        listing=2,
        calls=_people,
    ),
    "request_sync": Shape(
        RequestSync,
        REQUESTS,
        read=1,
        claimed=2,
        written=10,
        moved=True,
        in_groups=True,
        listing=1,
        calls=lambda cut: 2 + 2.35 * cut.size.changed,
    ),
    "document_pull": Shape(
        DocumentPull,
        DOCUMENTS,
        read=1,
        written=8,
        keeps=True,
        objects=3,
        moved=True,
        in_groups=True,
        listing=9,
        seen=1,
        calls=lambda cut: 2 + 2 * cut.size.changed + 3 * cut.pages,
    ),
    "report_pull": Shape(
        ReportPull,
        PEOPLE_OF_A_PERIOD,
        # Who has a report of a period is a list of small items.
        read=0.04,
        claimed=2,
        written=10,
        moved=True,
        calls=lambda cut: 2 + cut.size.rows / 40,
        # Who has the role, and the period as it was read.
        beside={"s3_puts": 4, "s3_gets": 5},
    ),
    "journal_sync": Shape(
        JournalSync,
        ENTRIES,
        # Entries of some twenty lines, each of which is booked by itself, and stands in the trail.
        read=0,
        written=13,
        claimed=1.8,
        lists=4,
        link=200,
        moved=True,
        calls=lambda cut: 4 + (21 * cut.size.changed + 6 if cut.size.changed else 0),
    ),
    "accrual_sync": Shape(
        AccrualSync,
        ACCRUALS,
        at=4,
        read=1,
        written=8,
        moved=True,
        seen=12,
        keeps=True,
        objects=2,
        listing=1,
        calls=lambda cut: 3 + 10 * cut.pages + math.ceil(cut.size.changed / 500),
    ),
}


def session(documents: int) -> dict[str, float]:
    """One Auto Sync over clean documents, five at a time; it ends when the list is empty."""
    batches = math.ceil(documents / InvoiceSync.batch_size)
    transitions, called = machines.auto(batches)
    return {
        "transitions": transitions,
        "lambda_requests": called,
        "events": 1,
        # A batch is three steps that hold the run, what was tried, the summaries of its page and itself, and
        # what is left of the day for whom; a document is claimed, sent, linked with its account, and its
        # trail is longer than a kilobyte.
        "reads": 34 + batches * 15.25 + documents,
        "writes": 28 + batches * 3 + documents * 11,
        "s3_puts": 3 + 2 * batches,
        "s3_gets": 3 + 5 * batches,
    }


def session_calls(documents: int) -> float:
    """The calls of such a session to both systems; what waits for a person is looked at every half minute."""
    return 10 + 2.6 * documents
