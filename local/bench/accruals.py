"""Accruals of 20,000 employees with four categories: calls and writes in both directions, pace and memory."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from local.bench import memory
from local.bench.company import Company
from local.bench.figures import Figure, exactly, within
from local.bench.memory import Peak
from local.bench.payroll import counts, words
from local.bench.sandboxes import Sandboxes, sandboxes
from local.bench.story import Say
from payrelay.domain.sensitive import Secret
from payrelay.runtime.sessions import opened_for, sealable
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.registry import SYSTEMS
from payrelay.systems.sessions import SESSION_TOKEN, Session

Row = dict[str, Any]
CODES = {"VAC": "Vacation", "SICK": "Sick", "PERS": "Personal", "COMP": "Comp Time"}
PAGE = WRITTEN_AT_ONCE = 500
CHANGED = 100  # one in so many
LIMIT, SHARE = 5, 0.9  # calls a second that Millennium takes, and how much of that is used at least
LARGEST_PEAK = 60
PERIODS = tuple(
    (date(2025, 11, 24) + timedelta(14 * n), date(2025, 12, 7) + timedelta(14 * n)) for n in range(4)
)
FINALIZED = 2
PERIOD = timedelta(days=14)
# Those of somebody, all of the weeks that are read.
CHECKS = 2
PAY_LAG = timedelta(days=5)
LAST = PERIODS[2]
# Employees are paid in three groups, a day apart: their balances are true on as many days.
GROUPS = 3
# One in so many accrued last in the period before.
ON_LEAVE = 10
# What is read once, whatever the size.
FIXED = (
    "list accrualcodes",
    "list batches",
    "list calendar",
    "list companynotes",
    "list payperiods",
    "get processingrules",
    "get schema",
)


class Timeclock(Company):
    """A company whose balances agree, in the direction that is asked for."""

    kind, flow, record = "millennium_timeworksplus", "accrual_sync", "millennium"
    paced = False
    place: Mapping[str, str] = {"company": "BENCH", "site_id": "51234"}
    tokens = {
        "millennium": {"username": "payrelay-sandbox", "password": "sandbox-password"},
        "timeworksplus": {"issuer_id": "9001", "api_secret": "timeworksplus-sandbox-secret"},
    }

    def __init__(self, systems: Sandboxes, size: int, *, paced: bool = False) -> None:
        self.settings = {**self.place, "system_of_record": self.record, "runs_by": "payrelay"}
        super().__init__(systems)
        self.size, self.paced, self.raised = size, paced, 0
        self.balances = {str(10_001 + serial): 3600 + serial % 400 for serial in range(size)}
        systems.put("timeworksplus", self.clock())
        systems.put("millennium", self.payroll())
        # Each worker has the session that is kept, as after the first call of a connection.
        for system, told in (("millennium", "company"), ("timeworksplus", "site_id")):
            session = self.client_of("", "", self.connection.settings, system).sign_in()
            self.tokens = {
                **self.tokens,
                system: {
                    **self.tokens[system],
                    SESSION_TOKEN: session.token.reveal(),
                },
            }
            self.renewed[system] = self._session(system, told, session)

    def _session(self, system: str, told: str, session: Session) -> dict[str, str]:
        entered, address = self.entered[system], self.connection.settings[system]["base_url"]
        mark = opened_for(entered, self.place[told], address)
        return sealable(session.token.reveal(), str(session.expires_at), mark)

    def client_of(self, tenant: str, connection_id: str, settings: Any, system: str) -> Any:  # noqa: ARG002
        """A new client for each step, at the vendor's pace if that is wanted."""
        secrets = {name: Secret(value) for name, value in (*self.tokens[system].items(), *self.place.items())}
        options = DoorOptions(allow_loopback=True, paced=self.paced)
        return SYSTEMS[system].connect(settings[system]["base_url"], secrets, options)

    def calls(self) -> Counter[str]:
        """The calls since they were last forgotten, as `<system>: <operation>`."""
        return Counter(
            f"{system}: {one['operation']}" for system in self.tokens for one in self.systems.log(system)
        )

    # --- what is in the systems --------------------------------------------------------------------------

    def period_of(self, employee: str) -> tuple[date, date]:
        """The period at whose end somebody's balances are true: of one of three groups, or the one before."""
        number = int(employee)
        begin, end = PERIODS[1] if number % ON_LEAVE == 0 else LAST
        later = timedelta(days=number % GROUPS)
        return begin + later, end - timedelta(days=2) + later

    def clock(self) -> dict[str, list[Row]]:
        """What is in TimeWorksPlus."""
        site = {"siteId": self.place["site_id"]}
        rules = {
            "AccrueUpScript": "",
            "AccrueDownScript": "Vacation -= hours('Vacation')",
            "PunchCategories": "",
        }
        return {
            "sites": [{**site, "Name": "Bench"}],
            "processingrules": [
                {**site, "Name": name, "Script": script, "Categories": list(CODES.values())}
                for name, script in rules.items()
            ],
            "payperiods": [
                {**site, "BeginDate": f"{begin}", "EndDate": f"{end}", "IsFinalized": place < FINALIZED}
                for place, (begin, end) in enumerate(PERIODS)
            ],
            "employees": [
                {**site, "EmployeeCode": one, "FirstName": "Ann", "LastName": f"Lee {one}"}
                for one in self.balances
            ],
            "accruals": [
                {
                    **site,
                    "EmployeeCode": one,
                    "category": name,
                    "value": _hours(value),
                    "effective": self.told(one),
                }
                for one, value in self.balances.items()
                for name in CODES.values()
            ],
            "usage": [],
        }

    def told(self, employee: str) -> str:
        """The day of which TimeWorksPlus has somebody's balances."""
        return f"{self.period_of(employee)[1]}"

    def payroll(self) -> dict[str, list[Row]]:
        """What is in Millennium."""
        company, ids = {"Co": self.place["company"]}, list(self.balances)
        days = {self.paid(one, ago) for one in ids for ago in range(self.checks_of(one))}
        return {
            "accrualcodes": [{**company, "Code": code, "Description": name} for code, name in CODES.items()],
            "companynotes": [{**company, "Name": "Accrual Note", "Memo": ""}],
            "calendar": [
                {
                    **company,
                    "CalendarId": day.toordinal(),
                    "CheckDate": f"{day}",
                    "PayrollStarted": True,
                    "Processed": True,
                }
                for day in days
            ],
            "employees": [
                {**company, "EmployeeId": one, "FirstName": "Ann", "LastName": f"Lee {one}"} for one in ids
            ],
            "accruals": [row for one in ids for row in self.accruals(one)],
            "checks": [
                {**company, "CheckNumber": f"{one}{ago}", **self.check(one, ago)}
                for one in ids
                for ago in range(self.checks_of(one))
            ],
        }

    def paid(self, employee: str, ago: int = 0) -> date:
        """The pay day on which somebody accrued last, or so many periods before it."""
        return self.period_of(employee)[1] + PAY_LAG - ago * PERIOD

    @staticmethod
    def checks_of(employee: str) -> int:
        """How many checks somebody has: the last one, and the one before, who was not on leave then."""
        return 1 if int(employee) % ON_LEAVE == 0 else CHECKS

    def check(self, employee: str, ago: int) -> Row:
        """Somebody's check of that day."""
        begin, end = (day - ago * PERIOD for day in self.period_of(employee))
        paid = self.paid(employee, ago)
        return {
            "EmployeeId": employee,
            "CheckDate": f"{paid}",
            "PeriodBeginDate": f"{begin}",
            "PeriodEndDate": f"{end}",
            "CalendarId": paid.toordinal(),
        }

    def accruals(self, employee: str) -> Iterator[Row]:
        """Somebody's four balances."""
        for code in CODES:
            yield {
                "Co": self.place["company"],
                "EmployeeId": employee,
                "Code": code,
                "Balance": f"{_hours(self.balances[employee])}00",
                "LastAccrueDate": f"{self.paid(employee)}",
            }

    def accrue(self) -> int:
        """One in a hundred accrues three hours of each category where they are kept; how many balances."""
        changed = [one for one in self.balances if int(one) % CHANGED == 1 + self.raised]
        self.raised += 1
        self.balances |= {one: self.balances[one] + 300 for one in changed}
        self.systems.put("millennium", self.payroll())
        return len(changed) * len(CODES)


class Clocked(Timeclock):
    """The same the other way: TimeWorksPlus accrues, and a payroll has been started in Millennium."""

    record = "timeworksplus"

    def told(self, employee: str) -> str:  # noqa: ARG002
        return f"{LAST[1]}"

    def payroll(self) -> dict[str, list[Row]]:
        company = {"Co": self.place["company"]}
        begin, end = LAST
        pay = {"CalendarId": 88, "CheckDate": f"{end + PAY_LAG}", "PayrollStarted": True, "Processed": False}
        batch = {"CalendarId": 88, "BatchNumber": 3, "PeriodBeginDate": f"{begin}", "PeriodEndDate": f"{end}"}
        return {
            **super().payroll(),
            "calendar": [{**company, **pay}],
            "batches": [{**company, **batch}],
            "checks": [],
        }

    def accruals(self, employee: str) -> Iterator[Row]:
        for row in super().accruals(employee):
            yield {**row, "AsOfDate": f"{LAST[1]}", "Note": "TWP", "LastAccrueDate": None}

    def accrue(self) -> int:
        changed = [one for one in self.balances if int(one) % CHANGED == 1 + self.raised]
        self.raised += 1
        self.balances |= {one: self.balances[one] + 300 for one in changed}
        self.systems.put("timeworksplus", self.clock())
        return len(changed) * len(CODES)


def measure(size: int, timed: int, say: Say) -> Iterator[Figure]:
    """Every figure of both directions, as it is known."""
    for kind, way in ((Timeclock, "to TimeWorksPlus"), (Clocked, "to Millennium")):
        say(f"{way}: {size:,} employees with {len(CODES)} categories")
        with sandboxes() as systems:
            company = kind(systems, size)
            company.run()  # what is to be known of each balance is kept with the first run
            yield from _unchanged(company, way)
            yield from _changed(company, way)
            say(f"{way}: the memory of the steps")
            yield from _memory(company, way)
    if timed:
        say(f"{timed} balances at the pace of Millennium")
        with sandboxes(rate_limits=True) as systems:
            yield _pace(Clocked(systems, timed * CHANGED // len(CODES), paced=True))


def _unchanged(company: Timeclock, way: str) -> Iterator[Figure]:
    company.systems.forget()
    began = time.perf_counter()
    run = company.run()
    seconds = time.perf_counter() - began
    calls = company.calls()
    fixed = _without_fixed(calls)
    unchanged = counts(run).get("unchanged")
    yield exactly(f"{way}, nothing changed: records unchanged", unchanged, company.size * len(CODES))
    yield exactly(f"{way}, nothing changed: calls", words(calls), words(_pages(company)))
    yield Figure(f"{way}, nothing changed: read once", words(fixed))
    yield Figure(f"{way}, nothing changed: the run without any pace", f"{seconds:.0f} s")


def _changed(company: Timeclock, way: str) -> Iterator[Figure]:
    balances = company.accrue()
    company.systems.forget()
    run = company.run()
    calls = company.calls()
    _without_fixed(calls)
    yield exactly(f"{way}, 1 % changed: balances updated", counts(run).get("updated"), balances)
    yield exactly(
        f"{way}, 1 % changed: calls", words(calls), words(_pages(company) | _writes(company, balances))
    )


def _memory(company: Timeclock, way: str) -> Iterator[Figure]:
    company.accrue()
    event = company.open()
    listing = memory.invoke(company, "list_pages", event)
    yield _peak(f"{way}: memory of listing over its imports", listing)
    page = {"index": 0, "offset": 0, "limit": PAGE, "ids": []}
    yield _peak(f"{way}: memory of planning a page over its imports", memory.plan_one(company, event, page))
    company.abandon(event)


def _peak(what: str, peak: Peak) -> Figure:
    return within(what, peak.over_imports, LARGEST_PEAK, " MB", 0)


def _pace(company: Clocked) -> Figure:
    """How much of what Millennium takes a second is used while it is written to."""
    balances = company.accrue()
    company.systems.forget()
    spent = 0.0

    def around(name: str, act: Any) -> Any:
        nonlocal spent
        began = time.perf_counter()
        answer = act()
        while answer["status"] == "later":  # As the state machine does.
            time.sleep(answer["wait_seconds"])
            answer = act()
        if name == "batch":
            spent += time.perf_counter() - began
        return answer

    company.run(around)
    puts = company.calls()["millennium: change accruals"]
    used = puts / (spent * LIMIT)
    shown = f"{used:.0%} ({puts} calls for {balances} balances in {spent:.0f} s)"
    fine = used >= SHARE and puts == balances
    return Figure(
        "to Millennium, at its pace: of its limit is used", shown, f"≥ {SHARE:.0%}, one call each", fine
    )


def _without_fixed(calls: Counter[str]) -> Counter[str]:
    """Take out what is read once; that."""
    fixed = Counter({name: calls[name] for name in calls if name.partition(": ")[2] in FIXED})
    for name in fixed:
        del calls[name]
    return fixed


def _pages(company: Timeclock) -> dict[str, int]:
    """The fewest calls: every page of both sides, once."""
    people = math.ceil(company.size / PAGE)
    found = {
        "millennium: list accruals": math.ceil(company.size * len(CODES) / PAGE),
        "millennium: list employees": people,
    }
    if company.record == "millennium":
        return found | {
            "millennium: list checks": math.ceil(sum(map(company.checks_of, company.balances)) / PAGE),
            "timeworksplus: list activity": people,
            "timeworksplus: list employees": people,
        }
    return found | {"timeworksplus: list accruals": people}


def _writes(company: Timeclock, balances: int) -> dict[str, int]:
    if company.record == "millennium":
        return {"timeworksplus: change accruals": math.ceil(balances / WRITTEN_AT_ONCE)}
    return {"millennium: change accruals": balances}


def _hours(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}"
