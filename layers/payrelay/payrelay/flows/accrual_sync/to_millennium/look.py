"""What every page towards Millennium needs: pairs, days and what is said once; read live, once a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct, convert, to_builtins
from msgspec.structs import replace

from payrelay.domain.records import Outcome, Reason, Record
from payrelay.domain.runs import Run
from payrelay.domain.spelling import shown
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import company_record
from payrelay.flows.accrual_sync.rules import Code
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.accrual_sync.to_millennium.batches import Batch, Undated, end_of, ends_differ, named
from payrelay.flows.accrual_sync.to_millennium.one_to_one import Problem, listed
from payrelay.flows.accrual_sync.to_millennium.payroll_starts import Finalized, Payroll, open_payrolls
from payrelay.flows.accrual_sync.to_timeworksplus.set_up import code_of
from payrelay.ledger.parts import record_from, record_to
from payrelay.systems.millennium.models import AccrualCode
from payrelay.systems.rows import plain_day

# How far a payroll or a pay period may lie from the day of a run, to be found.
_BEFORE, _AFTER = timedelta(days=1100), timedelta(days=366)
# What a person chooses, or nobody has to mend.
_SKIPS = frozenset({"NO_CODE_FOR_CATEGORY", "CATEGORY_NEW"})


class Pair(Struct, frozen=True):
    """A code of Millennium that a category goes to, and how many decimals it has."""

    code: str
    decimals: int


class Look(Struct):
    """What is known of the company: `pairs` by category; as of which day; what is said once.

    The day is that of the last finalized pay period (`end`), or of the open `batches`. `note` are the values
    of the reason that goes with each balance that is written, where there is one. Of a run that goes on with
    what another one left, `keys` are all that is looked at; `days` are the days of which it was, and `names`
    how people were called, by employee. `lasts` are the last employees of each page, of `total`.
    """

    pairs: dict[str, Pair] = {}
    said: list[dict[str, Any]] = []
    end: date | None = None
    batches: list[Batch] = []
    note: dict[str, str] = {}
    keys: list[str] = []
    days: dict[str, date] = {}
    names: dict[str, str] = {}
    lasts: list[str] = []
    total: int = 0

    def stored(self) -> Mapping[str, Any]:
        """As it is kept with the run."""
        found: Mapping[str, Any] = to_builtins(self, order="deterministic")
        return found

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Look:
        """What `stored` gave."""
        return convert(context, cls, strict=False)

    def say(self, *records: Record) -> None:
        """Have these said, once."""
        self.said = [*self.said, *(record_to(one) for one in records)]

    @property
    def sayings(self) -> list[Record]:
        """What is said once."""
        return [record_from(one) for one in self.said]

    @property
    def codes(self) -> dict[str, str]:
        """The code of Millennium by category."""
        return {name: pair.code for name, pair in self.pairs.items()}

    @property
    def why_older(self) -> Reason | None:
        """What goes with each balance that is written while a later one is to be had by hand (AC-7)."""
        return reason("PAYROLL_PERIOD_NOT_FINALIZED", **self.note) if self.note else None

    def day_of(self, employee: str) -> date | Undated:
        """As of which day an employee's balances are; what an earlier run could not write, of no earlier."""
        found = end_of(employee, self.batches) if self.batches else self.end
        planned = self.days.get(employee)
        if isinstance(found, Undated):
            return found
        days = [one for one in (found, planned) if one]
        return max(days) if days else Undated("NO_PERIOD_FINALIZED", ())

    @property
    def all_days(self) -> set[date]:
        """The days of which anybody's balances are."""
        return {*(one.end for one in self.batches), *self.days.values(), *([self.end] if self.end else [])}


class Company(Struct, dict=True):
    """What both systems have of the company as a whole; each is read when it is first needed."""

    systems: Systems
    today: date

    @property
    def span(self) -> tuple[date, date]:
        """Within which payrolls and periods are looked for."""
        return self.today - _BEFORE, self.today + _AFTER

    def payrolls(self) -> list[Payroll]:
        """The payrolls of Millennium's calendar; each must be readable."""
        rows = self.systems.millennium.calendar(*self.span).whole("Calendar entry", "Millennium")
        return [
            Payroll(
                row.calendar_id,
                row.check_date,
                row.payroll_started,
                row.started_at or "",
                row.processed,
            )
            for row in rows
        ]

    def finalized(self) -> list[Finalized]:
        """The finalized pay periods of TimeWorksPlus; each must be readable."""
        rows = self.systems.timeworksplus.periods(*self.span).whole("Pay period", "TimeWorksPlus")
        return [
            Finalized(_day(row.begin_date), _day(row.end_date), row.finalized_at or "")
            for row in rows
            if row.is_finalized
        ]

    def categories(self) -> list[str]:
        """The categories that TimeWorksPlus knows, as it spells them."""
        rows = self.systems.timeworksplus.categories().whole("Category", "TimeWorksPlus")
        return [row.category for row in rows]

    def code_rows(self) -> list[AccrualCode]:
        """The accrual codes of Millennium; each must be readable, for any may have the same Description."""
        return self.systems.millennium.codes().whole("Accrual code", "Millennium")

    def codes(self) -> list[Code]:
        """The same, as they are mapped."""
        return [code_of(row) for row in self.code_rows()]

    def batches(self, payrolls: Iterable[Payroll], *, with_people: bool) -> list[Batch]:
        """The batches of the payrolls that are open; whose each is, is read only where their ends differ."""
        millennium = self.systems.millennium
        found: list[Batch] = []
        for payroll in open_payrolls(payrolls):
            rows = millennium.batches(payroll.calendar_id).whole("Batch", "Millennium")
            for row in rows:
                begin, end = _day(row.period_begin_date), _day(row.period_end_date)
                found.append(Batch(row.batch_number, row.description or "", begin, end))
        if not with_people or not ends_differ(found):
            return found
        return [replace(one, people=frozenset(millennium.people_of(one.number))) for one in found]


def day_of_run(run: Run) -> date:
    """The day on which a run was asked for."""
    return datetime.fromisoformat(run.queued_at).date()


def _day(day: date) -> date:
    found = plain_day(day)
    assert found is not None
    return found


def said_of(problem: Problem) -> Record:
    """What is said once of a category as a whole."""
    outcome = Outcome.SKIPPED if problem.code in _SKIPS else Outcome.BLOCKED
    why = why_of(problem)
    return company_record(problem.category, f"Category {problem.category}", outcome, why)


def why_of(problem: Problem) -> Reason:
    """The reason of a category as a whole."""
    values = {**problem.values, "category": shown(problem.category), "label": f"Category {problem.category}"}
    if problem.values.get("alike"):
        values["alike"] = f" It looks like {problem.values['alike']}, and is spelled otherwise."
    if problem.values.get("likely"):
        values["likely"] = f" Its new name there is likely {problem.values['likely']}."
    if "now" in problem.values:
        now = problem.values["now"]
        name, code = values["category"], values["codes"]
        values["now"] = f"whose Description is {shown(now)} by now" if now else "which is gone"
        again = f"Set the Description of {code} back to {name}"
        values["back"] = again if now else f"Give the accrual code that took its place the Description {name}"
    return reason(problem.code, **values)


def note_of(payrolls: Iterable[Payroll], batches: Iterable[Batch], end: date) -> dict[str, str]:
    """The values of what goes with balances of `end` while an open payroll pays a later period (AC-7)."""
    later = [one for one in batches if one.end > end]
    if not later:
        return {}
    dates = listed(f"{one.check_date}" for one in open_payrolls(payrolls))
    return {"end": f"{end}", "payroll": dates, "batches": named(later)}
