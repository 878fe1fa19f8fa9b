"""Reading both sides: the entries of payroll runs, and what each company of Globe Next has (JRN-1, JRN-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.records import Outcome, Reason
from payrelay.domain.spelling import shown, trimmed
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected, RetryLater
from payrelay.flows.exact import ExactSystems
from payrelay.flows.journal_sync.reasons import reason
from payrelay.flows.journal_sync.records import TARGET
from payrelay.flows.journal_sync.rules import (
    Account,
    Company,
    Entry,
    Journal,
    Line,
    Period,
    journal_problem,
    mismatch,
)
from payrelay.systems.globe_next.client import Books, GlobeNextClient
from payrelay.systems.payroll_plus.entries import JournalEntry
from payrelay.systems.payroll_plus.models import PayrollRun
from payrelay.systems.rows import BadRow, plain_day

_FORBIDDEN = "403"


class Unusable(Struct, frozen=True):
    """A company that takes nothing now: code and values of the reason; `trouble` where it may soon."""

    code: str
    values: Mapping[str, str]
    trouble: RetryLater | None = None

    @property
    def outcome(self) -> Outcome:
        """What becomes of its entries."""
        return Outcome.FAILED if self.trouble else Outcome.BLOCKED

    def why(self, label: str) -> Reason:
        """The reason of one of its entries."""
        return reason(self.code, **{"label": label, **self.values})


class Entries(Struct, frozen=True):
    """The entries of a payroll run, and the rows that can't be used."""

    entries: tuple[Entry, ...]
    bad: tuple[BadRow, ...]


class Sides(ExactSystems, dict=True):
    """Both systems, each list read once; `companies` are the settings', by Administratienummer."""

    companies: Mapping[str, Mapping[str, str]] = {}
    known: dict[str, Company | Unusable] = field(default_factory=dict)

    @cached_property
    def globe(self) -> GlobeNextClient:
        """Exact Globe Next."""
        client: GlobeNextClient = self.client_of("globe_next")
        return client

    @cached_property
    def administration(self) -> str:
        """The Administratienummer of the employer."""
        return trimmed(self.payroll.entries.administration())

    @cached_property
    def runs(self) -> Mapping[str, PayrollRun]:
        """All payroll runs that can be read, by id."""
        return {row.run_id: row for row in self.payroll.payroll_runs().take([])}

    def books(self, administration: str) -> Books:
        """The books of a company of the settings."""
        one = self.companies[administration]
        return self.globe.company(one["server_name"], one["database_name"])

    def entries_of(self, run_id: str) -> Entries:
        """What a payroll run gives for the ledger."""
        bad: list[BadRow] = []
        rows = self.payroll.entries.of_run(run_id).take(bad)
        return Entries(tuple(map(self._entry, rows)), tuple(bad))

    def _entry(self, row: JournalEntry) -> Entry:
        description = trimmed(row.description or "")
        if not description and row.run_id in self.runs:
            run = self.runs[row.run_id]
            description = trimmed(run.description) or run.period
        return Entry(
            id=row.entry_id,
            run_id=row.run_id,
            company=trimmed(row.administratienummer or "") or self.administration,
            description=description,
            day=plain_day(row.entry_date),
            reporting=plain_day(row.reporting_date),
            fulfilment=plain_day(row.fulfilment_date),
            lines=tuple(
                Line(
                    one.line_no, one.gl_account or "", one.amount, one.cost_centre or "", one.cost_unit or ""
                )
                for one in row.lines
            ),
        )

    def company(self, administration: str) -> Company | Unusable:
        """A company as it is now, or why it takes nothing."""
        if administration not in self.known:
            self.known[administration] = self._company(administration)
        return self.known[administration]

    def _company(self, administration: str) -> Company | Unusable:
        if administration not in self.companies:
            known = ", ".join(map(shown, self.companies))
            return Unusable(
                "COMPANY_NOT_CONFIGURED", {"administration": shown(administration), "known": known}
            )
        try:
            return read_company(self.books(administration), administration)
        except RetryLater as trouble:
            values = {"company": administration, "problem": trouble.message}
            return Unusable("COMPANY_DOES_NOT_ANSWER", values, trouble)
        except NeedsAttention as error:
            return Unusable("COMPANY_NOT_READABLE", {"company": administration, "problem": error.message})
        except (CredentialsRefused, Rejected) as error:
            if isinstance(error, CredentialsRefused) and error.code != _FORBIDDEN:
                raise
            one = self.companies[administration]
            names = {"database": one["database_name"], "server": one["server_name"]}
            return Unusable("COMPANY_REFUSED", {**names, "problem": error.message})


def read_company(books: Books, administration: str) -> Company:
    """The look-ups of a company; none but the first where that says that it can take nothing."""
    row = books.setting()
    found = Company(trimmed(row.company or ""), trimmed(row.journal or ""), trimmed(row.currency or ""))
    if mismatch(administration, found) or not found.journal:
        return found
    rows = _all(books.journals(), "Journal")
    found = replace(found, journals={str(one.code): Journal(str(one.type), one.blocked) for one in rows})
    if journal_problem(found):
        return found
    return replace(
        found,
        accounts={
            str(one.code): Account(one.blocked, one.cost_center_mandatory)
            for one in _all(books.accounts(), "General ledger account")
        },
        centres=frozenset(str(one.code) for one in _all(books.centres(), "Cost centre") if not one.blocked),
        units=frozenset(str(one.code) for one in _all(books.units(), "Cost unit") if not one.blocked),
        periods=tuple(
            Period(
                one.financial_year,
                one.period,
                plain_day(one.start_date),
                plain_day(one.end_date),
                one.closed,
            )
            for one in _all(books.periods(), "Financial period")
        ),
    )


def _all(listed: Any, what: str) -> Sequence[Any]:
    """All rows of a look-up: an entry is booked by all that its company has, or not at all."""
    rows: Sequence[Any] = listed.whole(what, TARGET)
    return rows
