"""Planning entries: read, look up once a company what is needed, and compare (JRN-1, RUN-5, RUN-7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from payrelay.domain.records import Outcome, Record, Write
from payrelay.errors import RetryLater
from payrelay.flows.journal_sync.compare import (
    Known,
    Payload,
    cleaning,
    confirming,
    judged,
    record,
    refused,
    write_of,
)
from payrelay.flows.journal_sync.deliver import sent_of
from payrelay.flows.journal_sync.notes import Note, Notebook, booked_of, facts_of, facts_of_note
from payrelay.flows.journal_sync.read import Entries, Sides, Unusable
from payrelay.flows.journal_sync.reasons import reason
from payrelay.flows.journal_sync.records import SOURCE, label_of, record_of, run_and_entry, source_id_of
from payrelay.flows.journal_sync.rules import (
    Booked,
    Booking,
    Entry,
    Problem,
    already,
    debit,
    digest,
    mark,
    replaced,
    still_missing,
)
from payrelay.systems.globe_next.models import Header
from payrelay.systems.rows import BadRow

NOT_PROCESSED = "Open"


class _Ready(Struct, frozen=True):
    """An entry that would be booked, for the `number`-th time; `noted` where it is on its way already."""

    entry: Entry
    booking: Booking
    number: int
    replaces: str
    noted: bool


class Planner(Struct):
    """Plans the entries of a page. Where it `keeps`, what turns out to be booked already is noted as such."""

    sides: Sides
    notebook: Notebook
    again: Collection[str]
    keeps: bool
    unchanged: int = 0

    def planned(self, source_ids: Iterable[str]) -> tuple[list[Record], list[Write[Payload]]]:
        """What is said of these entries, and what would be written."""
        booked, notes = self.notebook.booked(), self.notebook.on_their_way()
        by_run: dict[str, list[str]] = defaultdict(list)
        for one in source_ids:
            run_id, entry_id = run_and_entry(one)
            by_run[run_id].append(entry_id)
        results: list[Record | Write[Payload]] = []
        ready: list[_Ready] = []
        for run_id, wanted in by_run.items():
            found = self.sides.entries_of(run_id)
            for entry_id in dict.fromkeys(wanted):
                note = notes.get(source_id_of(run_id, entry_id))
                result = self._one(run_id, entry_id, found, booked, note)
                if isinstance(result, _Ready):
                    ready.append(result)
                elif result is not None:
                    results.append(result)
                else:
                    self.unchanged += 1
        results += self._of_companies(ready)
        self._stop_if_none_answers()
        return (
            [one for one in results if isinstance(one, Record)],
            [one for one in results if isinstance(one, Write)],
        )

    def _one(
        self,
        run_id: str,
        entry_id: str,
        found: Entries,
        booked: Sequence[tuple[str, Booked]],
        note: Note | None,
    ) -> _Ready | Record | Write[Payload] | None:
        """One entry: ready to be booked, for its record or a clean-up, or None where it stands as it is."""
        entry = next((one for one in found.entries if one.id == entry_id), None)
        if entry is None:
            told = self._not_there(run_id, entry_id, found)
            return self._cleaned(told, note) if note else told
        listed = [*(one.id for one in found.entries), *(row.id for row in found.bad)]
        rows = [
            one
            for of_run, one in booked
            if one.entry_id == entry_id or (of_run == run_id and one.company == entry.company)
        ]
        last = max((one.booking for one in rows if one.entry_id == entry_id), default=0)
        if note and note.booking <= last:
            self._forget(note)
            note = None
        done = self._processed(note) if note else None
        if note and done and note.digest == digest(entry):
            return confirming(entry, note, done)
        if note and done:
            self._adopt(note, done)
            rows, last, note = [*rows, done], done.booking, None
        # One that a person has asked for goes on, whoever comes after a crash.
        again = entry_id in self.again or bool(note and (note.booking > 1 or note.replaces))
        verdict = judged(entry, Known(rows, listed), self.sides, again=again)
        if isinstance(verdict, Booked):
            return None
        if isinstance(verdict, Record):
            return self._cleaned(verdict, note) if note else verdict
        before = replaced(rows, listed) if last == 0 else None
        return _Ready(entry, verdict, last + 1, before.entry_id if before else "", note is not None)

    def _not_there(self, run_id: str, entry_id: str, found: Entries) -> Record:
        """An entry that its payroll run does not give, or not so that it can be read."""
        source_id, label = source_id_of(run_id, entry_id), label_of(entry_id)
        bad = next((row for row in found.bad if row.id == entry_id), None)
        if bad:
            return unreadable(run_id, bad)
        run = self.sides.runs.get(run_id)
        code = "RUN_NOT_PROCESSED" if run is None or run.status == NOT_PROCESSED else "ENTRY_NOT_THERE"
        return record_of(source_id, Outcome.SKIPPED, reason(code, label=label, run=run_id))

    # --- what was begun ----------------------------------------------------------------------------------

    def _processed(self, note: Note) -> Booked | None:
        """What became of an entry on its way, if its header was taken before the run was broken off."""
        if not note.key or note.company not in self.sides.companies:
            return None
        try:
            header = self.sides.books(note.company).header(note.key)
        except RetryLater as trouble:
            self._unusable(note.company, trouble)
            return None
        if header is None or not header.is_processed or header.entry_number is None:
            return None
        return booked_of(note, str(header.entry_number))

    def _cleaned(self, told: Record, note: Note) -> Record | Write[Payload]:
        """What was begun of an entry that is not booked now is removed; what was booked after all is kept."""
        done = self._processed(note)
        if done:
            self._adopt(note, done)
        return told if done or note.company not in self.sides.companies else cleaning(told, note)

    def _adopt(self, note: Note, done: Booked) -> None:
        if self.keeps:
            self.notebook.adopt(note.source_id, done.number, facts_of_note(note))
            self.notebook.forget(note.source_id)

    def _forget(self, note: Note) -> None:
        if self.keeps:
            self.notebook.forget(note.source_id)

    # --- what stands there under our mark ----------------------------------------------------------------

    def _of_companies(self, ready: Sequence[_Ready]) -> Iterable[Record | Write[Payload]]:
        """The writes, but of entries that stand there under our mark although nothing is kept of them."""
        marked = self._marked(ready)
        for one in ready:
            company = self.sides.known.get(one.entry.company)
            if isinstance(company, Unusable):
                label = label_of(one.entry.id, one.entry.description)
                yield record(one.entry, company.outcome, company.why(label))
                continue
            header = marked.get((one.entry.company, mark(one.entry.id, one.number)))
            found = self._found_again(one, header) if header else None
            if isinstance(found, Booked):
                self.unchanged += 1
                if self.keeps:
                    facts = facts_of(one.entry, one.number, one.replaces)
                    self.notebook.adopt(source_id_of(one.entry.run_id, one.entry.id), found.number, facts)
            elif found:
                yield refused(one.entry, found, self.sides)
            else:
                yield write_of(one.entry, one.booking, one.number, one.replaces)

    def _marked(self, ready: Sequence[_Ready]) -> dict[tuple[str, str], Header]:
        """The processed headers with the marks of new entries, by company and mark; one look-up a company."""
        wanted: dict[str, list[str]] = defaultdict(list)
        for one in ready:
            if not one.noted:
                wanted[one.entry.company].append(mark(one.entry.id, one.number))
        found: dict[tuple[str, str], Header] = {}
        for company, marks in wanted.items():
            try:
                headers = self.sides.books(company).marked(marks)
            except RetryLater as trouble:
                self._unusable(company, trouble)
                continue
            for header in headers:
                ours = next((one for one in marks if (header.description or "").rstrip().endswith(one)), None)
                if ours and header.is_processed:
                    found[company, ours] = header
        return found

    def _found_again(self, one: _Ready, header: Header) -> Booked | Problem:
        """An entry under our mark: booked as it is, or otherwise than it is by now."""
        there = [sent_of(row) for row in self.sides.books(one.entry.company).lines(header.transaction_key)]
        number, total = str(header.entry_number), debit(line.amount for line in there)
        same = len(there) == len(one.booking.lines) and still_missing(one.booking.lines, there) == []
        text = digest(one.entry) if same else ""
        stands = Booked(number, total, text, one.entry.id, one.number, company=one.entry.company)
        verdict = already(one.entry, [stands], (), again=False)
        return verdict or stands

    # --- companies that do not answer --------------------------------------------------------------------

    def _unusable(self, company: str, trouble: RetryLater) -> None:
        values = {"company": company, "problem": trouble.message}
        self.sides.known[company] = Unusable("COMPANY_DOES_NOT_ANSWER", values, trouble)

    def _stop_if_none_answers(self) -> None:
        """Where no company answers it is Globe Next that is in trouble; else the others go on (RUN-4)."""
        asked = [one for name, one in self.sides.known.items() if name in self.sides.companies]
        troubles = [one.trouble for one in asked if isinstance(one, Unusable) and one.trouble]
        if troubles and len(troubles) == len(asked):
            raise troubles[0]


def unreadable(run_id: str, row: BadRow) -> Record:
    """The record of an entry that can't be read."""
    source_id = source_id_of(run_id, row.id or row.number)
    return record_of(source_id, Outcome.BLOCKED, row.why(label_of(row.id or row.number), SOURCE))
