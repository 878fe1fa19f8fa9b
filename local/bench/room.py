"""What each function of the stack takes of memory at the largest size that is promised, beside what it has.

The rule: a function has at least twice what it took, so that a larger row, a slower garbage collection and
what Lambda itself needs fit in, and no less than USUAL, with which it has a third of a CPU. Who is waited for
has AWAITED: Lambda's CPU grows with the memory, 1,769 MB being a whole one.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from local.bench import memory
from local.bench.accruals import Clocked, Timeclock
from local.bench.after_pay import LINES, Controller, Slips
from local.bench.books import Books
from local.bench.company import CONNECTION, TENANT, Company
from local.bench.figures import Figure
from local.bench.leave import NEVER, Acme
from local.bench.memory import ROOT, Peak
from local.bench.payroll import FIRST, Delft, Exact, MonthEnd, Row, card_of
from local.bench.sandboxes import Sandboxes, sandboxes
from local.bench.story import Say
from local.seed.simployer_rows import moment, row_id
from local.seed.simployer_xledger import generate
from local.seed.time_off import simployer_time_off
from local.stack.template import read_template
from payrelay.domain.runs import Mode
from payrelay.flows.engine import close, plan, review
from payrelay.runtime.tokens import bound

USUAL, AWAITED = 512, 1024
TWICE, WHOLE_CPU = 2, 1769
# Who has somebody who waits: its cold start takes this long at most.
WAITED_FOR = ("ApiFunction", "Console", "LoginHook")
COLD_START_SECONDS = 1.0
# What a report has of everybody.
COMPONENTS = ("BRUTOLOON", "LOONHEFFING", "PENSIOEN", "NETTOLOON")
DOCUMENTS = 200
DAYS_OFF = 5

Peaks = dict[str, tuple[Peak, str]]


def functions() -> dict[str, dict[str, Any]]:
    """The template's functions by name: folder, module, MemorySize."""
    template = read_template(ROOT / "template.yaml")
    usual = template["Globals"]["Function"]["MemorySize"]
    found = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            own = resource["Properties"]
            folder, module = own["CodeUri"].rpartition("/")[2], own["Handler"].partition(".")[0]
            found[name] = {"handler": (folder, module), "memory": own.get("MemorySize", usual)}
    return found


class Room:
    """The peaks of functions, by the name that the template gives them; the largest of each counts."""

    def __init__(self, say: Say) -> None:
        self.say, self.functions = say, functions()
        self.names = {one["handler"]: name for name, one in self.functions.items()}
        self.peaks: Peaks = {}
        self.closing: Peak | None = None

    def put(self, handler: tuple[str, str], peak: Peak, what: str) -> None:
        """What a function has taken."""
        name = self.names[handler]
        self.say(f"{name}: {peak.whole:.0f} MB, {peak.imported:.0f} of them imports: {what}")
        if name not in self.peaks or self.peaks[name][0].whole < peak.whole:
            self.peaks[name] = peak, what

    def rest(self) -> None:
        """Every function that was not measured at work: it is imported, and makes its clients."""
        from local.memory.ledger import memory_ledger  # noqa: PLC0415

        for name, one in self.functions.items():
            if name not in self.peaks:
                self.say(f"{name} at rest")
                peak, what = memory.apart(memory_ledger(), {}, one["handler"], None), "at rest"
                if name == "Watch" and self.closing:
                    over = peak.over_imports + self.closing.over_imports
                    peak, what = replace(peak, over_imports=over), "at rest, and closing a run that died"
                self.put(one["handler"], peak, what)

    def figures(self) -> Iterator[Figure]:
        """A row for each function."""
        for name in sorted(self.functions):
            size, (peak, what) = self.functions[name]["memory"], self.peaks[name]
            least = least_memory(name, peak)
            shown = f"{peak.whole:.0f} MB, of which imports {peak.imported:.0f}; CPU {peak.import_cpu:.2f} s"
            yield Figure(name, f"{shown} and {peak.cpu:.2f} s: {what}", f"{size} MB", size >= least)


def least_memory(name: str, peak: Peak) -> int:
    """The MemorySize by the rule, a multiple of 128 MB."""
    sizes = [TWICE * peak.whole, AWAITED if name in WAITED_FOR else USUAL]
    if name in WAITED_FOR:
        sizes.append(WHOLE_CPU * peak.import_cpu / COLD_START_SECONDS)
    return math.ceil(max(sizes) / 128) * 128


class Steps:
    """The steps of one run of a company: some in a process of their own, and measured; the rest here."""

    def __init__(self, room: Room, company: Company, what: str, **more: Any) -> None:
        self.room, self.company, self.what = room, company, what
        self.entered = memory.entered_by(company)
        self.event = company.open(**more)

    def apart(self, module: str, folder: str = "", **more: Any) -> Mapping[str, Any]:
        """One step, measured; one that is to be done again is."""
        handler, event = (folder or self.company.flow, module), {**self.event, **more}
        while True:
            peak = memory.apart(self.company.memory, self.entered, handler, event)
            self.room.put(handler, peak, self.what)
            if peak.answer.get("status") != "later":
                return peak.answer
            time.sleep(peak.answer["wait_seconds"])

    def here(self, step: Any, **more: Any) -> None:
        """One step in this process."""
        answer = step(self.company.engine, self.company.opening, {**self.event, **more})
        if answer["status"] != "done":
            raise RuntimeError(f"a step ended as {answer}")

    def pages(self) -> None:
        """Listing, the page in the middle, and the batch that comes of it."""
        pages = self.apart("list_pages")["pages"]
        planned = self.apart("plan_page", page=pages[len(pages) // 2])
        if planned.get("writes"):
            self.apart("apply_page", batch=planned["batch"])
        self.company.abandon(self.event)

    def whole(self) -> None:
        """Every step of the run until it dies after its first batch; who closes it gives up the others."""
        self.apart("open_run", "runs")
        pages = self.apart("list_pages")["pages"]
        self.room.say(f"{self.what}: planning")
        for place, page in enumerate(pages):
            if place == len(pages) // 2:
                self.apart("plan_page", page=page)
            else:
                self.here(plan.plan, page=page)
        self.apart("plan_page")
        batches: Sequence[Any] = self.apart("review_plan", "runs")["batches"]
        self.apart("apply_page", batch=batches[0])


def measure(sizes: Mapping[str, int], say: Say) -> Iterator[Figure]:
    """A row for each function; `sizes` by the names of the arguments of the benchmark."""
    room = Room(say)
    _balances(room, sizes["employees"])
    _invoices(room)
    _accruals(room, sizes["accruals"])
    _time_off(room, sizes["accruals"])
    _exact(room, sizes)
    _employees(room, sizes["employees"])
    _console(room)
    room.rest()
    yield from room.figures()


def _employees(room: Room, size: int) -> None:
    what = f"a first load of {size:,} employees"
    room.say(what)
    with sandboxes(size) as systems:
        Steps(room, Company(systems), what).pages()


def _console(room: Room) -> None:
    """The page that begins it; it has no clients of AWS, and needs no ledger."""
    from local.memory.ledger import memory_ledger  # noqa: PLC0415

    asked = {"headers": {"accept-encoding": "gzip"}, "requestContext": {"http": {"method": "GET"}}}
    event = {"rawPath": "/console/", **asked}
    served = ("console", "serve")
    room.put(served, memory.apart(memory_ledger(), {}, served, event), "the console's page")


def _balances(room: Room, size: int) -> None:
    what = f"{size:,} employees, all of whom were paid"
    room.say(what)
    with sandboxes() as systems:
        acme = Acme(systems, size)
        acme.linked()
        acme.pay(1)
        steps = Steps(room, acme, what)
        steps.whole()
        room.say(f"{what}: closing, and telling")
        entered = steps.entered
        run = steps.event["run"]
        dead = {"detail": {"input": json.dumps({"run": run}), "status": "ABORTED"}}
        closing = memory.apart(acme.memory, entered, ("runs", "close_dead_run"), dead)
        for name in ("close_dead_run", "close_run"):
            room.put(("runs", name), closing, f"{what}, in a run that died")
        room.closing = closing
        told = ("balance_sync", "tell_express_leave")
        room.put(told, memory.apart(acme.memory, entered, told, {"detail": run}), what)
        what = f"a plan for {size:,} employees that is applied"
        _applied(room, acme, what)
    fifth = size // 5
    what = f"a diagnosis of {fifth:,} employees, more than there is time for"
    room.say(what)
    with sandboxes() as systems:
        acme = Acme(systems, fifth)
        entered = memory.entered_by(acme)
        asked = {"diagnose": True, "tenant": TENANT, "connection_id": CONNECTION, "flow": acme.flow}
        room.put(("api", "api"), memory.apart(acme.memory, entered, ("api", "api"), asked), what)


def _applied(room: Room, acme: Acme, what: str) -> None:
    """The first batch of a plan that somebody has looked at: both systems are read whole once more."""
    room.say(what)
    acme.pay(1)
    planning = Steps(room, acme, what, mode=Mode.PREVIEW)
    pages = planning.apart("list_pages")["pages"]
    for page in pages:
        planning.here(plan.plan, page=page)
    planning.here(plan.plan)
    review.review_plan(acme.engine, planning.event)
    close.close_run(acme.engine, planning.event)
    steps = Steps(room, acme, what, mode=Mode.APPLY, plan_of=planning.event["run"]["run_id"])
    batches = review.review_plan(acme.engine, steps.event)["batches"]
    steps.apart("apply_page", batch=batches[0])
    acme.abandon(steps.event)


def _exact(room: Room, sizes: Mapping[str, int]) -> None:
    with sandboxes() as systems:
        what = f"{sizes['people']:,} people of Synergy, one in a hundred of whom changed"
        room.say(what)
        delft = Delft(systems, sizes["people"])
        delft.settle()
        delft.save(Fax="015 2600001")
        Steps(room, delft, what).pages()
    for what, office in (
        (f"{sizes['requests']:,} requests of a month's end", lambda one: MonthEnd(one, sizes["requests"])),
        (f"{sizes['slips']:,} slips of one payroll run", lambda one: Slips(one, sizes["slips"], 1000)),
        ("slips of 5 MB", lambda one: Slips(one, 20, 5_000_000)),
        (f"an entry of {LINES} lines", lambda one: Controller(one, LINES)),
        (f"the report of {sizes['slips']:,} people", lambda one: Reported(one, sizes["slips"])),
    ):
        room.say(what)
        with sandboxes() as systems:
            Steps(room, office(systems), what).pages()


def _accruals(room: Room, size: int) -> None:
    for kind, way in ((Timeclock, "to TimeWorksPlus"), (Clocked, "to Millennium")):
        what = f"{size:,} employees with four categories, {way}"
        room.say(what)
        with sandboxes() as systems:
            company = kind(systems, size)
            company.run()
            company.accrue()
            Steps(room, company, what).pages()


def _invoices(room: Room) -> None:
    what = f"a session over {DOCUMENTS} documents"
    room.say(what)
    with sandboxes() as systems:
        books = Books(systems, "quickbooks", DOCUMENTS, paced=False)
        event: dict[str, Any] = books.begin()
        access = {name: secret.reveal() for name, secret in books.access.items()}
        address = books.connection.settings["quickbooks"]["base_url"]
        tokens = {**access, "refresh_token": "not used", "expires_at": NEVER}
        renewed = {"quickbooks": {**tokens, **bound("payrelay-sandbox", address)}}
        memory.put_away(books.ledger, books.connection.kind, renewed)
        app = {"client_id": "payrelay-sandbox", "client_secret": "sandbox-secret"}
        entered = {"autovu": {"integration_key": "autovu-sandbox-key"}, "quickbooks": app}
        for module in ("list_pages", "next_batch", "plan_page", "apply_page"):
            handler = ("invoice_sync", module)
            peak = memory.apart(books.memory, entered, handler, event)
            room.put(handler, peak, what)
            event |= {name: peak.answer[name] for name in ("page", "batch") if name in peak.answer}


def _time_off(room: Room, size: int) -> None:
    what = f"{DAYS_OFF} days off of {size:,} employees"
    room.say(what)
    with sandboxes() as systems:
        Steps(room, DaysOff(systems, size), what).pages()


class DaysOff(Company):
    """Everybody is in both systems, and was away for a week of this month."""

    flow = "time_off_export"

    def __init__(self, systems: Sandboxes, size: int) -> None:
        super().__init__(systems)
        both = generate(size, already_there=1.0)
        monday = _monday_of(date.today())  # noqa: DTZ011
        days = [monday + timedelta(days=day) for day in range(DAYS_OFF)]
        leave = {**simployer_time_off(monday), "leave": [], "leave-transaction": []}
        for serial in range(1, size + 1):
            leave["leave"].append(_leave(serial, days))
            leave["leave-transaction"] += [_day_off(serial, place, day) for place, day in enumerate(days)]
        systems.put("simployer", {**both.simployer, **leave})
        systems.put("xledger", both.xledger)


class Reported(Exact):
    """An approved payroll run, whose report has some components of everybody."""

    flow = "report_pull"

    def __init__(self, systems: Sandboxes, size: int) -> None:
        super().__init__(systems)
        ids = range(FIRST, FIRST + size)
        systems.put(
            "synergy",
            {
                "License": [{"Code": "YA1740", "Option": 36, "Active": True}],
                "Resource": [card_of(number) for number in ids],
                "RoleMember": [{"ResourceID": number, "RoleCode": "PAYROLLPLUS"} for number in ids],
            },
        )
        at = "2026-01-24T08:00:00Z"
        run = {"runId": "run-1", "prPeriod": "2026-01", "description": "Januari 2026", "status": "Approved"}
        report = [_component(number, code) for number in ids for code in COMPONENTS]
        systems.put(
            "payroll_plus",
            {"payrollRuns": [{**run, "processedAt": at, "approvedAt": at}], "componentReport": report},
        )


def _component(number: int, code: str) -> Row:
    period = {"year": 2026, "prPeriod": "2026-01"}
    return {"employeeId": str(number), **period, "component": code, "description": code, "amount": "3100.00"}


def _monday_of(today: date) -> date:
    """The second Monday of a month: the whole week lies in it."""
    eighth = today.replace(day=8)
    return eighth + timedelta(days=-eighth.weekday() % 7)


def _leave(serial: int, days: Sequence[date]) -> Row:
    return {
        "id": row_id("leave", serial),
        "employeeId": row_id("employee", serial),
        "typeId": row_id("leave-type", 1),
        "description": "Ferie",
        "status": "APPROVED",
        "duration": "longer",
        "startDate": moment(days[0]),
        "endDate": moment(days[-1]),
    }


def _day_off(serial: int, place: int, day: date) -> Row:
    return {
        "id": row_id("leave-transaction", serial * 1000 + place),
        "parent": {"id": row_id("leave", serial), "type": "Leave"},
        "status": "APPROVED",
        "leaveTypeId": row_id("leave-type", 1),
        "employeeId": row_id("employee", serial),
        "childId": "",
        "date": moment(day),
        "hours": 7.5,
        "extent": 100,
        "description": "Ferie",
    }
