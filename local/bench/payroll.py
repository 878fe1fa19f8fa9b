"""Exact Synergy to Payroll Plus: 100,000 people of whom 1,000 changed, and the requests of a month's end."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.bench import memory
from local.bench.company import CONNECTION, FINGERPRINT_KEY, TENANT, Company
from local.bench.figures import Figure, exactly, within
from local.bench.sandboxes import Sandboxes, sandboxes
from local.bench.story import Say
from payrelay.domain.clocks import Mark
from payrelay.domain.runs import Link, Run
from payrelay.domain.sensitive import Secret
from payrelay.flows.exact import ZONE
from payrelay.flows.last_run import STAMP, stamp_of
from payrelay.flows.payroll_sync.facts import BANK, EMPLOYEE, Facts
from payrelay.flows.payroll_sync.listing import PAYROLL, SYNERGY
from payrelay.flows.payroll_sync.read import account_of
from payrelay.flows.payroll_sync.wanted import Chooser, Wanted
from payrelay.ledger import keys
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.registry import SYSTEMS
from payrelay.systems.synergy.cards import ACCOUNTS, CARD, CARDS, CONTRACTS

Row = dict[str, Any]
USER = {"username": "payrelay-sandbox", "password": "sandbox-password"}
PAGE = 100  # rows of a page of Synergy
CHANGED = 100  # one in so many
A_PERSON, A_REQUEST = 4, 3
LIMIT, SHARE = 5, 0.9  # calls a second that Payroll Plus takes, and how much of that is used at least
DAYS = 20  # realised hours of one person in a month
LARGEST_PEAK = 60
FIRST = 10_001
LONG_AGO = datetime(2026, 1, 2, 9, tzinfo=UTC)
START = date(2020, 1, 1)
MARCH = date(2026, 3, 2)


class Exact(Company):
    """A connection of Exact Synergy and Exact Payroll Plus."""

    kind, paced = "synergy_payroll_plus", False
    tokens = {
        "synergy": USER,
        "payroll_plus": {**USER, "employer_id": "emp-500"},
    }

    def client_of(self, tenant: str, connection_id: str, settings: Any, system: str) -> Any:  # noqa: ARG002
        """A new client for each step, at the vendor's pace if that is wanted."""
        secrets = {name: Secret(value) for name, value in self.tokens[system].items()}
        options = DoorOptions(allow_loopback=True, paced=self.paced)
        return SYSTEMS[system].connect(settings[system]["base_url"], secrets, options)

    def calls(self) -> Counter[str]:
        """The calls since they were last forgotten, as `<system> <operation>`."""
        return Counter(
            f"{system}: {one['operation']}" for system in self.tokens for one in self.systems.log(system)
        )


class Delft(Exact):
    """People who were all sent before, so that both sides agree; those in payroll are the ones who change."""

    flow = "payroll_sync"

    def __init__(self, systems: Sandboxes, size: int, *, paced: bool = False) -> None:
        super().__init__(systems)
        self.size, self.paced = size, paced
        self.changing = range(FIRST, FIRST + size, CHANGED)
        ids = range(FIRST, FIRST + size)
        self.synergy = {
            "License": [{"Code": "YA1740", "Option": 36, "Active": True}],
            "Resource": [card_of(number) for number in ids],
            "RoleMember": [{"ResourceID": number, "RoleCode": "PAYROLLPLUS"} for number in ids],
            "Contract": [_contract(number) for number in ids],
            "BankAccount": [_account(number) for number in ids],
            **self.more(),
        }
        systems.put("synergy", self.synergy)
        systems.put("payroll_plus", self.payroll())

    def more(self) -> dict[str, list[Row]]:
        """What else is in Synergy."""
        return {}

    def payroll(self) -> dict[str, list[Row]]:
        """What is in Payroll Plus."""
        return {
            "employees": [_employee(number) for number in self.changing],
            "employments": [_employment(number) for number in self.changing],
        }

    def settle(self) -> None:
        """Everybody was sent, and the last complete run was yesterday."""
        yesterday = datetime.now(UTC) - timedelta(days=1)
        at = yesterday.isoformat(timespec="milliseconds")
        event = self.open()
        run = self.ledger.runs.get(TENANT, event["run"]["run_id"])
        assert run
        self.abandon(event)
        mark = Mark(yesterday, yesterday).stored()
        marks = {
            SYNERGY: mark,
            PAYROLL: mark,
            STAMP: stamp_of(self.ledger, run, version=True),
        }
        standing = {
            "complete_since": at,
            "full_at": at,
            "first_load_done": True,
            "complete_run_id": "run_0",
            "marks": marks,
        }
        self.memory.table.put({**keys.standing(TENANT, CONNECTION, self.flow), **standing})
        chooser = Chooser(FINGERPRINT_KEY, ZoneInfo(ZONE), date.today(), frozenset(self._ids()))  # noqa: DTZ011
        self.ledger.links.put_many(TENANT, CONNECTION, (self._sent(chooser, one) for one in self._ids()))

    def save(self, **values: str) -> None:
        """One in a hundred is saved today, with other values."""
        saved = {"ModifiedDate": moment_of(datetime.now(UTC)), **values}
        changed = frozenset(self.changing)
        self.synergy["Resource"] = [
            {**row, **saved} if row["ID"] in changed else row for row in self.synergy["Resource"]
        ]
        self.systems.put("synergy", self.synergy)

    def _ids(self) -> range:
        return range(FIRST, FIRST + self.size)

    @staticmethod
    def _sent(chooser: Chooser, number: int) -> Link:
        # As Synergy answers: a blank field is there, and null.
        blank = dict.fromkeys(CARD)
        (card,), _ = CARDS.read([{**blank, **card_of(number)}])
        (contract,), _ = CONTRACTS.read([{"EndDate": None, **_contract(number)}])
        accounts, _ = ACCOUNTS.read([_account(number)])
        one = chooser.wanted(card, [contract], account_of(accounts), None)
        assert isinstance(one, Wanted)
        facts = Facts(EMPLOYEE, None, {1: None}, "", one.contracts)
        assert one.digests[BANK]
        return Link("employee", one.number, one.number, one.number, one.digests, facts.stored())


class MonthEnd(Delft):
    """The realised hours of a month, a request a day, for people who all are employees."""

    flow = "request_sync"

    def __init__(self, systems: Sandboxes, requests: int) -> None:
        self.requests = requests
        super().__init__(systems, math.ceil(requests / DAYS))

    def more(self) -> dict[str, list[Row]]:
        days = [MARCH + timedelta(days=day) for day in range(DAYS)]
        people = [(number, day) for number in self._ids() for day in days][: self.requests]
        return {
            "RequestType": [
                {"Code": "HOURS", "HasRealise": True, "HasProcess": True, "PersonField": "All"},
            ],
            "Request": [_request(place, number, day) for place, (number, day) in enumerate(people)],
        }

    def payroll(self) -> dict[str, list[Row]]:
        ids = [str(number) for number in self._ids()]
        period = {"prPeriod": "2026-03", "startDate": "2026-03-01", "endDate": "2026-03-31", "status": "Open"}
        return {
            "employees": [_employee(number) for number in self._ids()],
            "employments": [_employment(number) for number in self._ids()],
            "payrollPeriods": [{**period, "employeeId": one} for one in ids],
            "organizationalEntities": [{"employeeId": one, "devidingUnit": "Delft"} for one in ids],
            "workDetails": [{"employeeId": one, "shift": "D1", "hoursPerWeek": "38.00"} for one in ids],
            "components": [{"component": "Uren gewerkt (uren)", "unit": "uren", "kind": "variableInput"}],
        }


def measure(people: int, requests: int, timed: int, say: Say) -> Iterator[Figure]:
    """Every figure of both flows, as it is known."""
    with sandboxes() as systems:
        say(f"{people:,} people of Synergy, all of whom were sent before")
        delft = Delft(systems, people)
        delft.settle()
        yield from _unchanged(delft)
        yield from _changed(delft)
        say("the memory of listing who moved, and of planning a page of them")
        yield from _memory(delft)
    if timed:
        say(f"{timed} of them at the pace of Payroll Plus")
        with sandboxes(rate_limits=True) as systems:
            yield _pace(Delft(systems, timed * CHANGED, paced=True))
    say(f"the realised hours of a month: {requests:,} requests")
    with sandboxes() as systems:
        yield from _hours(MonthEnd(systems, requests))


def _unchanged(delft: Delft) -> Iterator[Figure]:
    delft.systems.forget()
    delft.run()
    calls = {**_pages(delft.size, 0), "payroll_plus: list employees": 1}
    yield exactly("nothing changed: calls", words(delft.calls()), words(calls))


def _changed(delft: Delft) -> Iterator[Figure]:
    delft.save(Fax="015 2600000")
    delft.systems.forget()
    began = time.perf_counter()
    run = delft.run()
    seconds = time.perf_counter() - began
    calls, changed = delft.calls(), len(delft.changing)
    yield exactly("1 % changed: people updated", counts(run).get("updated"), changed)
    synergy = Counter({name: count for name, count in calls.items() if name.startswith("synergy")})
    yield exactly("1 % changed: calls to Synergy", words(synergy), words(_pages(delft.size, changed)))
    asked = calls.total() - synergy.total() - calls["payroll_plus: list employees"]
    each = asked / changed
    yield within("1 % changed: calls to Payroll Plus for a changed person", each, A_PERSON)
    yield Figure("1 % changed: the run without any pace", f"{seconds:.0f} s")


def _memory(delft: Delft) -> Iterator[Figure]:
    delft.save(Fax="015 2600001")
    event = delft.open()
    listing = memory.invoke(delft, "list_pages", event)
    yield within("memory of listing over its imports", listing.over_imports, LARGEST_PEAK, " MB", 0)
    page = {"index": 0, "offset": 0, "limit": 200, "ids": []}
    planning = memory.plan_one(delft, event, page)
    yield within("memory of planning a page over its imports", planning.over_imports, LARGEST_PEAK, " MB", 0)
    delft.abandon(event)


def _pace(delft: Delft) -> Figure:
    """How much of what Payroll Plus takes a second is used while it is asked and written to."""
    delft.settle()
    delft.save(Fax="015 2600000")
    delft.systems.forget()
    spent = 0.0

    def around(name: str, act: Any) -> Any:
        nonlocal spent
        began = time.perf_counter()
        answer = act()
        while answer["status"] == "later":  # As the state machine does: the step before may have called, too.
            time.sleep(answer["wait_seconds"])
            answer = act()
        if name in ("page", "batch"):
            spent += time.perf_counter() - began
        return answer

    delft.run(around)
    calls = sum(count for name, count in delft.calls().items() if name.startswith("payroll_plus"))
    used = calls / (spent * LIMIT)
    shown = f"{used:.0%} ({calls} calls in {spent:.0f} s)"
    return Figure("at the vendor's pace: of its limit is used", shown, f"≥ {SHARE:.0%}", used >= SHARE)


def _hours(office: MonthEnd) -> Iterator[Figure]:
    office.systems.forget()
    run = office.run()
    calls = office.calls()
    yield exactly("realised hours: requests processed", counts(run).get("created"), office.requests)
    each = calls.total() / office.requests
    yield within(f"realised hours, {DAYS} of a person: calls for a request", each, A_REQUEST)


def _pages(people: int, changed: int) -> dict[str, int]:
    """The fewest calls to Synergy: the pages of those who moved, and of role members and first accounts."""
    pages = math.ceil(people / PAGE)
    return {
        "synergy: list BankAccount": pages,
        "synergy: list Contract": 1,
        "synergy: list Resource": math.ceil(changed / PAGE) or 1,
        "synergy: list RoleMember": pages,
    }


def counts(run: Run) -> dict[str, int]:
    """Records by outcome, those that there were."""
    return {outcome: count for outcome, count in (run.counts or {}).items() if count}


def words(found: dict[str, int] | Counter[str]) -> str:
    """Calls as a table shows them."""
    return ", ".join(f"{name} {count:,}" for name, count in sorted(found.items()) if count)


def moment_of(at: datetime) -> str:
    """A time as Synergy writes it."""
    return f"/Date({int(at.timestamp() * 1000)})/"


def _day(day: date) -> str:
    return moment_of(datetime(day.year, day.month, day.day, tzinfo=UTC))


def card_of(number: int) -> Row:
    """A person card, saved long ago."""
    return {
        "ID": number,
        "Initials": "J.",
        "FirstName": "Jan",
        "LastName": f"Bakker {number}",
        "FullName": f"Jan Bakker {number}",
        "Gender": "M",
        "BirthDate": _day(date(1985, 4, 25)),
        "Email": f"p{number}@acme.example",
        "Mobile": "0612345678",
        "City": "Delft",
        "CountryCode": "NL",
        "MaritalStatus": "M",
        "EmployeeType": "E",
        "EmployeeStatus": "A",
        "JobTitle": "Controller",
        "CostCenter": "001",
        "StartDate": _day(START),
        "AnnualSalary": "42000.00",
        "ModifiedDate": moment_of(LONG_AGO),
    }


def _contract(number: int) -> Row:
    row = {"ResourceID": number, "StartDate": _day(START), "ModifiedDate": moment_of(LONG_AGO)}
    return {"ID": f"0a1f6c1e-0000-4000-8000-{number:012d}", **row}


def _account(number: int) -> Row:
    row = {"ResourceID": number, "SequenceNumber": 1, "IsDefault": True, "IBAN": "NL91ABNA0417164300"}
    return {"ID": f"0a1f6c1e-0000-4000-9000-{number:012d}", **row}


def _employee(number: int) -> Row:
    return {
        "employeeId": str(number),
        "initials": "J.",
        "nickname": "Jan",
        "birthName": f"Bakker {number}",
        "gender": "M",
        "dateOfBirth": "1985-04-25",
        "email": f"p{number}@acme.example",
        "mobile": "0612345678",
        "city": "Delft",
        "country": "NL",
        "maritalStatus": "Gehuwd",
        "typeOfEmployee": "Employee",
        "fiscalDetails": {"annualSalary": "42000.00"},
        "modifiedAt": f"{LONG_AGO:%Y-%m-%dT%H:%M:%SZ}",
    }


def _employment(number: int) -> Row:
    place = {"jobTitle": "Controller", "costCentre": "001", "typeOfEmployee": "Employee"}
    return {"employeeId": str(number), "payrollNoEE": 1, "employed": START.isoformat(), **place}


def _request(place: int, number: int, day: date) -> Row:
    return {
        "HID": 90_001 + place,
        "RequestTypeCode": "HOURS",
        "StatusCode": "Realised",
        "ResourceID": number,
        "StartDate": _day(day),
        "EndDate": _day(day),
        "Quantity": 7.6,
        "ModifiedDate": moment_of(LONG_AGO),
    }
