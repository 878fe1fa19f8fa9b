"""What Payroll Plus gives for the ledger: the journal entries of a payroll run (JRN-1)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from payrelay.systems.rows import Day, Listed, Reader, Row, TextAmount

from .employees import Calls
from .models import Text


class EntryAmount(TextAmount):
    """An amount as text. It may be finer than a cent: who books it says so, with the line."""

    form = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
    problem = 'is not an amount as text, such as "3500.00"'


class EntryLine(Row, frozen=True, kw_only=True):
    """A line of a journal entry; debit is positive. Its description is always the same."""

    named_by: ClassVar[tuple[str, ...]] = ("line_no", "gl_account")

    line_no: int
    gl_account: str | None = None
    cost_centre: str | None = None
    cost_unit: str | None = None
    amount: EntryAmount


class JournalEntry(Row, frozen=True, kw_only=True):
    """A journal entry; one without `administratienummer` belongs to that of the employer."""

    named_by: ClassVar[tuple[str, ...]] = ("entry_id", "run_id")

    entry_id: Text
    run_id: Text
    administratienummer: str | None = None
    description: str | None = None
    entry_date: Day
    reporting_date: Day
    fulfilment_date: Day
    lines: tuple[EntryLine, ...]


class Employer(Row, frozen=True, kw_only=True):
    """The number of the employer's administration."""

    named_by: ClassVar[tuple[str, ...]] = ("administratienummer",)

    administratienummer: str | None = None


ENTRIES = Reader(JournalEntry, id_key="entryId", number_key="entryId")
EMPLOYER = Reader(Employer, id_key="administratienummer", number_key="administratienummer")


class Entries:
    """The journal entries of one employer."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def of_run(self, run_id: str) -> Listed[JournalEntry]:
        """Those of a payroll run; none while it is not processed."""
        raws: list[Any] = self._calls.rows("/journalEntries", {}, (("runId", run_id),))
        return Listed(*ENTRIES.read(raws))

    def administration(self) -> str:
        """The Administratienummer of the employer; empty where there is none."""
        answer = self._calls.get("/generalData", {})
        return EMPLOYER.one(answer, self._calls.system, safe=True).administratienummer or ""
