"""ACME of the tests: its payroll in Millennium, its time clock in TimeWorksPlus, on 10 January 2026."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from local.memory.ledger import MemoryLedger, memory_ledger
from payrelay.domain.runs import Connection, ConnectionStatus, Mode, Run, Status, Trigger
from payrelay.domain.sensitive import Secret
from payrelay.flows.engine import apply, close, plan, review
from payrelay.ledger.plans import PlanExpired
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.registry import SYSTEMS
from tests.worlds.run import CONNECTION, TENANT, Clock, World
from tests.worlds.steps import event

Row = dict[str, Any]
CO, SITE = "ACME", "51234"
CREDENTIALS = {
    "millennium": {
        "username": Secret("payrelay-sandbox"),
        "password": Secret("sandbox-password"),
        "company": Secret(CO),
    },
    "timeworksplus": {
        "issuer_id": Secret("9001"),
        "api_secret": Secret("timeworksplus-sandbox-secret"),
        "site_id": Secret(SITE),
    },
}
NOW = datetime(2026, 1, 10, 15, 0, tzinfo=UTC)
P0, P1 = ("2025-11-24", "2025-12-07"), ("2025-12-08", "2025-12-21")
P2, P3 = ("2025-12-22", "2026-01-04"), ("2026-01-05", "2026-01-18")
# The pay day of the period P2, and its entry of the payroll calendar.
PAID, ENTRY = "2026-01-09", 88
CODES = {"VAC": "Vacation", "SICK1": "Sick", "SICK2": "Sick"}
CATEGORIES = ("Sick", "Vacation")


class Accruals(World):
    """The connection of both, with its stored credentials."""

    def client_of(self, tenant: str, connection_id: str, settings: Mapping[str, Any], system: str) -> Any:
        return SYSTEMS[system].connect(settings[system]["base_url"], CREDENTIALS[system], self.door)

    def connect(self, **settings: Any) -> Connection:
        at = self.engine.stamp()
        usual = {"company": CO, "site_id": SITE, "system_of_record": "millennium", "runs_by": "payrelay"}
        urls = {name: {"base_url": self.urls[name]} for name in CREDENTIALS}
        connection = Connection(
            TENANT,
            CONNECTION,
            "ACME",
            "millennium_timeworksplus",
            {**urls, **usual, **settings},
            ConnectionStatus.CONNECTED,
            at,
            at,
        )
        self.ledger.connections.create(connection)
        return connection

    def sync(self, mode: str = "sync", **more: Any) -> Run:
        """One run of the flow to its end."""
        return self.run("accrual_sync", mode, **more)

    def tick(self, **more: Any) -> Run:
        """One scheduled run to its end."""
        return self.sync(trigger=Trigger.SCHEDULE, **more)

    def told(self, run: Run) -> dict[str, Any]:
        """What a run says of each record, by key: what it wrote, or would write, too."""
        found = {one.key: one for one in self.stored(run)}
        if run.mode is Mode.PREVIEW or run.status is Status.HELD:
            for index in range(run.pages or 0):
                with suppress(PlanExpired):
                    writes = self.ledger.plans.writes(TENANT, CONNECTION, run.run_id, index)
                    found |= {write.record.key: write.record for write in writes}
        return found

    def previewed(self, **more: Any) -> Run:
        """A sync, of which a preview just before said the same, and wrote nothing (RUN-7)."""
        before = {system: self.state(system)["accruals"] for system in CREDENTIALS}
        preview = self.sync("preview", **more)
        assert {system: self.state(system)["accruals"] for system in CREDENTIALS} == before
        run = self.sync(**more)
        assert self.told(preview) == self.told(run)
        assert (preview.counts, bool(preview.held)) == (run.counts, bool(run.held))
        return run

    def planned_then(self, run: Run, meanwhile: Callable[[], None]) -> None:
        """A run to its end; between planning and writing somebody does something."""
        base = {"run": event(run)}
        plan.open_run(self.engine, base)
        self.planned(run)
        answer = review.review_plan(self.engine, base)
        meanwhile()
        for batch in answer["batches"]:
            self.step(apply.apply_page, {**base, "batch": batch})
        close.close_run(self.engine, base)

    # --- what is in the systems --------------------------------------------------------------------------

    def payroll(self, *rows: tuple[str, Row], codes: Mapping[str, str] = CODES, **more: list[Row]) -> None:
        """What Millennium has: rows as `accrual`, `check` and so on make them, beside codes and the note."""
        state = _state({"Co": CO}, rows, "EmployeeId")
        state["accrualcodes"] = [{"Co": CO, "Code": one, "Description": name} for one, name in codes.items()]
        state["companynotes"] = [{"Co": CO, "Name": "Accrual Note"}]
        if not any(row["CalendarId"] == ENTRY for row in state.get("calendar", ())):
            state.setdefault("calendar", []).append(
                {"Co": CO, "CalendarId": ENTRY, "CheckDate": PAID, "PayrollStarted": True, "Processed": True}
            )
        self.put("millennium", {**state, **more})

    def clocked(
        self,
        *rows: tuple[str, Row],
        categories: Iterable[str] = CATEGORIES,
        finalized: Iterable[tuple[str, str]] = (P0, P1),
        **more: list[Row],
    ) -> None:
        """What TimeWorksPlus has: rows as `held`, `used` and so on make them, beside periods and rules."""
        state = _state({"siteId": SITE}, rows, "EmployeeCode")
        closed = set(finalized)
        state.setdefault(
            "payperiods",
            [
                {"siteId": SITE, "BeginDate": one[0], "EndDate": one[1], "IsFinalized": one in closed}
                for one in (P0, P1, P2, P3)
            ],
        )
        names = list(categories)
        state["processingrules"] = [
            {"siteId": SITE, "Name": name, "Categories": names}
            for name in ("AccrueUpScript", "AccrueDownScript", "PunchCategories")
        ]
        self.put("timeworksplus", {**state, **more})

    def finalize(self, *periods: tuple[str, str], undo: bool = False) -> None:
        """Somebody finalizes these periods, or opens them again."""
        for begin, _ in periods:
            match = {"BeginDate": begin}
            self.edit("timeworksplus", "payperiods", match, IsFinalized=not undo, FinalizedAt=None)

    def kept(self, category: str = "Vacation") -> dict[str, list[str]]:
        """What was ever set of a category in TimeWorksPlus, by employee: `36.92 @2025-12-21`."""
        found: dict[str, list[str]] = {}
        for row in self.state("timeworksplus")["accruals"]:
            if row["category"] == category:
                found.setdefault(row["EmployeeCode"], []).append(f"{row['value']} @{row['effective']}")
        return {employee: sorted(rows, key=lambda one: one.split("@")[1]) for employee, rows in found.items()}

    def rows_of(self, employee: str) -> list[Row]:
        """All that was ever set of somebody in TimeWorksPlus."""
        return [one for one in self.state("timeworksplus")["accruals"] if one["EmployeeCode"] == employee]

    def sent(self, system: str = "timeworksplus") -> list[Row]:
        """The calls that changed something in a system since the last `forget_requests`."""
        return [one for one in self.requests(system) if one["writes"] and one["operation"] != "sign in"]

    def asked(self, system: str = "timeworksplus") -> list[str]:
        """The paths that were asked of a system since the last `forget_requests`."""
        return [f"{one['method']} {one['path']}" for one in self.requests(system)]


def _state(of: Row, rows: Sequence[tuple[str, Row]], person: str) -> dict[str, list[Row]]:
    """The rows by resource; whoever has one is an employee."""
    found: dict[str, list[Row]] = {"employees": []}
    for resource, row in rows:
        found.setdefault(resource, []).append({**of, **row})
    named = {row[person] for row in found["employees"]}
    others = dict.fromkeys(row[person] for _, row in rows if row.get(person, "") not in {"", *named})
    found["employees"] += [{**of, person: one} for one in others]
    return found


# --- rows of Millennium ----------------------------------------------------------------------------------


def accrual(
    employee: int, code: str, balance: str, accrued: str | None = PAID, **more: Any
) -> tuple[str, Row]:
    """A balance of payroll: `accrued` is its Last Accrue Date."""
    row = {"EmployeeId": str(employee), "Code": code, "Balance": balance, "LastAccrueDate": accrued}
    return "accruals", {**row, **more}


def check(
    employee: int, day: str = PAID, period: tuple[str, str] = P2, entry: int = ENTRY, **more: Any
) -> tuple[str, Row]:
    """A check; without more the regular one of the period P2."""
    row = {
        "EmployeeId": str(employee),
        "CheckDate": day,
        "PeriodBeginDate": period[0],
        "PeriodEndDate": period[1],
        "CalendarId": entry,
    }
    return "checks", {**row, **more}


def entry(number: int, day: str, **more: Any) -> tuple[str, Row]:
    """A payroll of the calendar."""
    return "calendar", {"CalendarId": number, "CheckDate": day, **more}


def paid(employee: int, **more: Any) -> tuple[str, Row]:
    """An employee of payroll, by name."""
    return "employees", {"EmployeeId": str(employee), **more}


# --- rows of TimeWorksPlus -------------------------------------------------------------------------------


def held(employee: int | str, *told: str, category: str = "Vacation", **more: Any) -> list[tuple[str, Row]]:
    """What was set in the time clock, each as `36.92 @2025-12-21`."""
    found = []
    for one in told:
        value, _, day = one.partition("@")
        row = {"EmployeeCode": str(employee), "category": category, "value": value.strip(), "effective": day}
        found.append(("accruals", {**row, **more}))
    return found


def used(employee: int, day: str, hours: str, category: str = "Vacation") -> tuple[str, Row]:
    """Hours used, which the AccrueDownScript takes off."""
    return "usage", {"EmployeeCode": str(employee), "category": category, "date": day, "hours": hours}


def clocks(employee: int, **more: Any) -> tuple[str, Row]:
    """An employee of the time clock."""
    return "employees", {"EmployeeCode": str(employee), **more}


Company = TypeVar("Company", bound=Accruals)


def acme(
    urls: Mapping[str, str],
    clock: Clock,
    memory: MemoryLedger | None = None,
    kind: type[Company] = Accruals,  # type: ignore[assignment]
    **settings: Any,
) -> Company:
    """A connected company with nobody in it."""
    memory = memory or memory_ledger()
    door = DoorOptions(allow_loopback=True, paced=False, sleep=lambda _: None, now=clock)
    made = kind(dict(urls), memory.ledger, memory, clock, door=door)
    for name in CREDENTIALS:
        made.calm(name)
    made.payroll()
    made.clocked()
    made.connect(**settings)
    made.forget_requests()
    return made
