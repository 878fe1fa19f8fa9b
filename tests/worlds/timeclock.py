"""A company whose leave accrues in TimeWorksPlus and goes to Millennium, on 10 January 2026."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.memory.ledger import MemoryLedger
from payrelay.domain.runs import Connection, Run
from payrelay.flows.engine.orders import Replay, replay_order
from tests.worlds.accruals import CO, P0, P1, P2, P3, SITE, Accruals, Row, acme
from tests.worlds.run import Clock

STARTED = "2026-01-06T15:00:00Z"
CODES_HERE = {"VAC": "Vacation", "SICK": "Sick"}


class Beta(Accruals):
    """The connection, with what both systems have."""

    def connect(self, **settings: Any) -> Connection:
        self.begin()
        return super().connect(**{"system_of_record": "timeworksplus", **settings})

    def button(self, mode: str = "sync", **options: Any) -> Run:
        """Update Accrual Balances, or a run by hand with other options."""
        return self.sync(mode, options=options)

    def replay(self, run: Run, *records: str, mode: str = "sync") -> Run:
        """Named records of a run, once more."""
        asked = replay_order(self.engine, run, Replay(records=frozenset(records)), "tester")
        return self.sync(
            mode, trigger=asked.trigger, options=asked.options, replay_of=run.run_id, only=asked.only
        )

    def apply(self, run: Run) -> Run:
        """The plan of a preview, or of a run that was held."""
        return self.sync("apply", options=run.options, plan_of=run.run_id)

    # --- what is in the systems --------------------------------------------------------------------------

    def begin(self) -> None:
        """Two codes, the four periods, the note, and a payroll of 9 January that was started."""
        self.put(
            "millennium",
            _of(
                {"Co": CO},
                accrualcodes=[{"Code": code, "Description": name} for code, name in CODES_HERE.items()],
                companynotes=[{"NoteId": 5, "Name": "Accrual Note", "Memo": ""}],
                calendar=[
                    {"CalendarId": 87, "CheckDate": "2025-12-26", "Processed": True},
                    {
                        "CalendarId": 88,
                        "CheckDate": "2026-01-09",
                        "PayrollStarted": True,
                        "StartedAt": STARTED,
                    },
                ],
                employees=[],
                batches=[],
                accruals=[],
                scheduledtasks=[],
                checks=[],
            ),
        )
        self.edit_state("millennium", batches=[batch(3, P2)])
        self.put(
            "timeworksplus",
            _of(
                {"siteId": SITE},
                processingrules=rules("Sick", "Vacation"),
                payperiods=[period(one, finalized=one in (P0, P1)) for one in (P0, P1, P2, P3)],
                employees=[],
                accruals=[],
                usage=[],
            ),
        )

    def edit_state(self, system: str, **resources: Sequence[Row]) -> None:
        """These rows instead of those that the resources have."""
        place = {"Co": CO} if system == "millennium" else {"siteId": SITE}
        self.put(system, {**self.state(system), **_of(place, **resources)})

    def staff(self, *people: Row) -> None:  # type: ignore[override]
        """These people in both systems, see `person`; what else there is stays."""
        here = [one for one in people if one["here"] is not None]
        there = [one for one in people if one["there"] is not None]
        self.edit_state(
            "millennium",
            employees=[_named(one, "EmployeeId") | one["employee"] for one in there],
            accruals=[
                {"EmployeeId": one["id"], "Code": code, **balance}
                for one in there
                for code, balance in one["there"].items()
            ],
        )
        self.edit_state(
            "timeworksplus",
            employees=[_named(one, "EmployeeCode") for one in here],
            accruals=[
                {"EmployeeCode": one["id"], "category": name, "value": value, "effective": day}
                for one in here
                for name, values in one["here"].items()
                for value, day in values
            ],
        )

    def finalized(self, *periods: tuple[str, str], at: str | None = None) -> None:
        """These periods are finalized, the last of them at a time, and no others."""
        rows = [period(one, finalized=one in periods) for one in (P0, P1, P2, P3)]
        for row in rows:
            if at and row["EndDate"] == periods[-1][1]:
                row["FinalizedAt"] = at
        self.edit_state("timeworksplus", payperiods=rows)

    def categories(self, *names: str) -> None:
        """The categories of all three rules."""
        self.edit_state("timeworksplus", processingrules=rules(*names))

    def codes(self, **codes: str) -> None:
        """The accrual codes, with their Descriptions."""
        rows = [{"Code": code, "Description": name} for code, name in codes.items()]
        state = self.state("millennium")
        accruals = [
            {**row, "Description": codes[row["Code"]]} for row in state["accruals"] if row["Code"] in codes
        ]
        place = {"Co": CO}
        self.put("millennium", {**state, **_of(place, accrualcodes=rows), "accruals": accruals})

    def started(self, **values: Any) -> None:
        """Something happens to the payroll of 9 January."""
        self.edit("millennium", "calendar", {"CalendarId": 88}, **values)

    def there(self, employee: str, code: str = "VAC") -> tuple[str, str | None] | None:
        """Balance and day of an employee in Millennium; None without the accrual."""
        rows = [
            row
            for row in self.state("millennium")["accruals"]
            if (row["EmployeeId"], row["Code"]) == (employee, code)
        ]
        return (rows[0]["Balance"], rows[0]["AsOfDate"]) if rows else None

    def written(self) -> list[str]:
        """The writing calls to Millennium since the last `forget_requests`: method and status."""
        return [f"{one['method']} {one['status']}" for one in self.requests("millennium") if _is_write(one)]


def _is_write(request: Row) -> bool:
    return request["method"] in ("PUT", "POST") and not request["path"].endswith("/session")


def person(
    employee: str,
    here: Mapping[str, Sequence[tuple[str, str]]] | None,
    there: Mapping[str, str | Row] | None,
    **employee_fields: Any,
) -> Row:
    """Somebody: in TimeWorksPlus values with their effective days by category, in Millennium by code.

    None where a system does not have them.
    """
    balances = {
        code: {"Balance": one} if isinstance(one, str) else one for code, one in (there or {}).items()
    }
    return {
        "id": employee,
        "here": here,
        "there": None if there is None else balances,
        "employee": employee_fields,
    }


def batch(number: int, of: tuple[str, str], **more: Any) -> Row:
    """A batch of the started payroll, of everybody if nobody is named."""
    return {"CalendarId": 88, "BatchNumber": number, "PeriodBeginDate": of[0], "PeriodEndDate": of[1], **more}


def period(days: tuple[str, str], *, finalized: bool) -> Row:
    """A pay period."""
    return {"BeginDate": days[0], "EndDate": days[1], "IsFinalized": finalized}


def rules(*names: str) -> list[Row]:
    """The three processing rules; it is TimeWorksPlus that calculates."""
    scripts = {"AccrueUpScript": "Vacation += 3.08", "AccrueDownScript": "Vacation -= hours('Vacation')"}
    up = [{"Name": name, "Script": script, "Categories": list(names)} for name, script in scripts.items()]
    return [*up, {"Name": "PunchCategories", "Categories": ["Regular", *names]}]


def beta(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger | None = None) -> Beta:
    """A connected company with nobody in it."""
    return acme(urls, clock, memory, Beta)


def _named(one: Row, field: str) -> Row:
    return {field: one["id"], "FirstName": "Ann", "LastName": f"Lee {one['id']}"}


def _of(place: Row, **resources: Sequence[Row]) -> dict[str, list[Row]]:
    return {name: [{**place, **row} for row in rows] for name, rows in resources.items()}
