"""What a login costs: calls and time beside the least possible, and the memory of reading a whole company."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from local.bench import memory, speed
from local.bench.company import CONNECTION, TENANT, Company
from local.bench.figures import Figure, exactly, within
from local.bench.sandboxes import Sandboxes, sandboxes
from local.bench.story import FULL
from payrelay.domain.runs import Link, Run
from payrelay.flows.balance_sync.named import CALLS_ALONE
from payrelay.runtime.tokens import bound

Say = Callable[[str], None]
ORGANISATION = "org-17"
TYPES = {"AL": "Annual Leave", "SL": "Sick Leave", "LSL": "Long Service Leave"}
PAYROLL_PAGE, LEAVE_PAGE = 500, 200
PAIRS = 3
LARGEST_PEAK = 256
MOST = 100_000
# What a replay is of.
NAMED = 100
# So long after a login the next one comes.
HOURS = 3
# Long after every run of the benchmark.
NEVER = "4102444800"
FIXED = ("get company", "list leavetypes", "create syncs", "change syncs")
Row = dict[str, Any]


class Acme(Company):
    """A company whose users in Express Leave are equal to payroll's employees, with three balances each."""

    kind, flow = "attache_express_leave", "balance_sync"
    tokens = {
        "attache": {
            "client_id": "payrelay-sandbox",
            "client_secret": "sandbox-secret",
            "access_token": "attache-sandbox-token",
            "refresh_token": "not used",
            "expires_at": NEVER,
            "company_id": ORGANISATION,
        },
        "express_leave": {"company_id": "c-9", "api_key": "express-leave-sandbox-key"},
    }

    def __init__(self, systems: Sandboxes, size: int) -> None:
        super().__init__(systems)
        self.renewed["attache"] = {
            **self.tokens["attache"],
            **bound("payrelay-sandbox", self.connection.settings["attache"]["base_url"]),
        }
        self.size, self.pays, self.hours = size, 0, 0
        codes = [f"E{serial:06}" for serial in range(1, size + 1)]
        self.leave = [_leave(code) for code in codes]
        self.employees = [_employee(code) for code in codes]
        self._process()
        link = {"Connected": True, "OrganisationId": ORGANISATION, "OrganisationName": "Acme"}
        self.systems.put(
            "express_leave",
            {
                "company": [
                    {"CompanyId": "c-9", "CompanyName": "Acme", "Connection": link, "LastSyncAt": None}
                ],
                "users": [_user(code) for code in codes],
                "leavetypes": [{"IncomeCode": code, "Description": name} for code, name in TYPES.items()],
                "balances": [row for leave in self.leave for row in _held(leave)],
            },
        )

    def later(self) -> None:
        """The time at which somebody logs in again."""
        self.hours += HOURS
        self.systems.later(self.hours)

    def pay(self, every: int) -> int:
        """A pay for each `every`th employee, which moves all their balances; for how many."""
        self.pays += 1
        paid, now = self.leave[self.pays % every :: every], datetime.now(UTC) + timedelta(hours=self.hours)
        for row in paid:
            row["LeaveAccrueTo"] = f"2026-02-{self.pays:02}"
            row["ALProRataHourAcc"] = round(row["ALProRataHourAcc"] + 5.8462, 4)
            row["ModifiedAt"] = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        self._process()
        return len(paid)

    def linked(self) -> None:
        """Everybody was linked by a sync before."""
        at = "2026-01-05T03:12:00+00:00"
        links = [_link(str(row["EmployeeCode"]), at) for row in self.leave]
        self.ledger.links.put_many(TENANT, CONNECTION, links)

    def _process(self) -> None:
        organisation = {"OrganisationId": ORGANISATION, "OrganisationName": "Acme", "Country": "Australia"}
        rows = {"organisations": [organisation], "employees": self.employees, "leavebalances": self.leave}
        self.systems.put("attache", {**rows, "leave": []})

    def calls(self) -> Counter[str]:
        """The calls since they were last forgotten, but for the fixed ones; `<system> <operation>`."""
        found: Counter[str] = Counter()
        for system in self.tokens:
            for request in self.systems.log(system):
                found[f"{system}: {request['operation']}"] += 1
        return found


def measure(size: int, say: Say) -> Iterator[Figure]:
    """Every figure of the balance sync, as it is known; memory also at a tenth of the size."""
    with sandboxes() as systems:
        acme = Acme(systems, size)
        say(f"the memory of reading {size:,} employees and all their balances")
        large = _peak(acme)
        say("a login with nothing changed")
        acme.run()  # whoever was saved before their link was made is sent once more
        yield from _unchanged(acme)
        say("a login after the pay of 1 %, and after that of everybody")
        yield from _paid(acme, 100)
        yield from _paid(acme, 1)
        pairs = []
        for number in range(1, PAIRS + 1):
            acme.pay(100)
            one = speed.pair(acme, "list", ("GET",), options=FULL)
            say(f"pair {number}: run {one.run:.2f} s, floor {one.floor:.2f} s, ratio {one.ratio:.2f}")
            pairs.append(one)
        yield within("1 % paid: time of the login over its floor", speed.median(pairs), 1.5)
        say(f"a replay of {NAMED} balances")
        yield _replayed(acme)
    peaks = {size: large}
    for other in (4 * size, MOST):
        say(f"the memory of reading {other:,} employees and all their balances")
        with sandboxes() as systems:
            peaks[other] = _peak(Acme(systems, other))
    shown = ", ".join(f"{peak:.0f} MB at {number:,}" for number, peak in peaks.items())
    most = peaks[MOST]
    yield Figure("memory of listing over its imports", shown, f"≤ {LARGEST_PEAK} MB", most <= LARGEST_PEAK)


def _replayed(acme: Acme) -> Figure:
    """The calls of a replay, beside those that would ask about each employee by themselves."""
    before = acme.run()
    acme.systems.forget()
    ids = tuple(f"balance:{row['EmployeeCode']}:AL" for row in acme.leave[:NAMED])
    acme.run(only=ids, replay_of=before.run_id)
    calls = acme.calls()
    for name in FIXED:
        calls.pop(f"express_leave: {name}", 0)
    most, total = CALLS_ALONE * len(ids), sum(calls.values())
    shown = f"{total} ({words(calls)})"
    return Figure(f"a replay of {len(ids)} balances: calls", shown, f"≤ {most}", total <= most)


def _peak(acme: Acme) -> float:
    """Of a login after the pay of everybody, each of whom a sync has linked: nobody is equal."""
    acme.linked()
    acme.pay(1)
    event = acme.open()
    peak = memory.invoke(acme, "list_pages", event)
    acme.abandon(event)
    return peak.over_imports


def _least(size: int, changed: int) -> dict[str, int]:
    """The fewest calls: every page of the four lists, and 200 changed balances in each write."""
    pages = math.ceil(size / PAYROLL_PAGE)
    found = {
        "attache: list employees": pages,
        "attache: list leavebalances": pages,
        "express_leave: list users": math.ceil(size / LEAVE_PAGE),
        "express_leave: list balances": math.ceil(size * len(TYPES) / LEAVE_PAGE),
    }
    writes = math.ceil(changed * len(TYPES) / LEAVE_PAGE)
    return {**found, "express_leave: change balances": writes} if writes else found


def _unchanged(acme: Acme) -> Iterator[Figure]:
    acme.systems.forget()
    run = acme.run(options=FULL)
    found, calls = counts(run), acme.calls()
    fixed = {name: calls.pop(f"express_leave: {name}", 0) for name in FIXED}
    yield exactly("nothing changed: records unchanged", found.get("unchanged"), acme.size * (1 + len(TYPES)))
    yield exactly("nothing changed: calls", words(calls), words(_least(acme.size, 0)))
    yield Figure("nothing changed: fixed calls", words(fixed))


def _paid(acme: Acme, every: int) -> Iterator[Figure]:
    what = "everybody paid" if every == 1 else "1 % paid"
    people = acme.pay(every)
    acme.systems.forget()
    run = acme.run(options=FULL)
    calls = acme.calls()
    for name in FIXED:
        calls.pop(f"express_leave: {name}", 0)
    yield exactly(f"{what}: balances updated", counts(run).get("updated"), people * len(TYPES))
    yield exactly(f"{what}: calls", words(calls), words(_least(acme.size, people)))


def counts(run: Run) -> dict[str, int]:
    """Records by outcome, those that there were."""
    return {outcome: count for outcome, count in (run.counts or {}).items() if count}


def words(counts: dict[str, int] | Counter[str]) -> str:
    """Calls by operation; what was not called is not among them."""
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()) if count)


def _link(code: str, at: str) -> Link:
    return Link("employee", f"employee:{code}", code, f"u-{code}", facts={"saved_at": at})


def _employee(code: str) -> Row:
    return {
        "EmployeeCode": code,
        "FullName": f"Name {code}",
        "AOemail": f"{code.lower()}@acme.example",
        "EnableAttacheOnline": True,
        "Location": "Sydney",
        "State": "NSW",
        "Country": "Australia",
        "HourPerDay": 7.6,
        "TerminationDate": None,
        "ModifiedAt": "2026-01-05T03:12:00Z",
    }


def _leave(code: str) -> Row:
    row: Row = {"EmployeeCode": code, "LeaveAccrueTo": "2026-01-04", "ModifiedAt": "2026-01-05T03:12:00Z"}
    for name in TYPES:
        row |= {f"{name}EntitleHourAcc": 76.0, f"{name}ProRataHourAcc": 31.4512}
    return row


def _user(code: str) -> Row:
    return {
        "UserId": f"u-{code}",
        "EmployeeId": code,
        "Name": f"Name {code}",
        "Location": "Sydney",
        "Country": "Australia",
        "State": "NSW",
        "Hours": "7.60",
        "Email": f"{code.lower()}@acme.example",
        "UserType": "Employee (Non-Approver)",
        "PayrollUser": "Yes",
    }


def _held(leave: Row) -> Iterator[Row]:
    for name in TYPES:
        yield {
            "EmployeeId": leave["EmployeeCode"],
            "IncomeCode": name,
            "BalanceHours": "107.4512",
            "AsAt": leave["LeaveAccrueTo"],
            "SyncedAt": "2026-01-05T22:00:10Z",
        }
