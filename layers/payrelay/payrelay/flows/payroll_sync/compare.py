"""One person on both sides: what differs, what is written, and why not (PE-1, PE-3, PE-4, PE-7, PE-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import UNSET, Struct

from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.domain.runs import Link
from payrelay.domain.sensitive import MASK, UNREADABLE, BankAccount, Sensitive
from payrelay.flows.payroll_sync import mapping
from payrelay.flows.payroll_sync.changes import (
    detail_changes,
    drifted,
    has_details,
    patch_changes,
    patch_risks,
)
from payrelay.flows.payroll_sync.ending import (
    Employment,
    Ending,
    Scenario,
    ending,
    first,
    latest_active,
    left_of,
)
from payrelay.flows.payroll_sync.facts import BANK, CONCEPT, EMPLOYEE, NATIONAL, PAYEE, Facts
from payrelay.flows.payroll_sync.mapping import FIELDS
from payrelay.flows.payroll_sync.read import Payroll
from payrelay.flows.payroll_sync.reasons import reason
from payrelay.flows.payroll_sync.records import BLANK, TARGET, named, record_of
from payrelay.flows.payroll_sync.rules import INACTIVE, Selected
from payrelay.flows.payroll_sync.wanted import Chooser, Wanted, fell_out, is_as_sent, shown

NETTOLOON = "NETTOLOON"


class Payload(Struct, frozen=True):
    """What is sent of one person, in this order: details, employments by their number, where pay goes.

    `state` says whether they are a concept or an employee.
    """

    state: str
    details: Mapping[str, Any] | None = None
    employments: Mapping[str, Mapping[str, Any]] = {}
    bank: Mapping[str, Any] | None = None
    national: str = ""


class Equal(Struct, frozen=True):
    """Somebody who is equal on both sides: what is kept of them, and what is said, if there is anything."""

    facts: Mapping[str, str]
    said: Record | None = None


class Comparer(Chooser, frozen=True):
    """Compares people with payroll."""

    def compare(self, one: Wanted, there: Payroll, link: Link | None) -> Write[Payload] | Record | Equal:
        """The write that makes payroll equal, a record that says why not, or that they are equal."""
        label, number = named(one.card), one.card.id
        if there.bad:
            return record_of(number, Outcome.BLOCKED, there.bad.why(label, TARGET))
        other = self._other_person(one, there, link)
        if other:
            return record_of(number, Outcome.BLOCKED, other)
        known = Facts.of(link) if link else None
        if there.state != EMPLOYEE:
            return self._concept(one, there, known, as_sent=is_as_sent(one, link))
        return self._employee(one, there, known, link)

    def _other_person(self, one: Wanted, there: Payroll, link: Link | None) -> Reason | None:
        """Whether the number stands for somebody else in payroll; one whom we sent is who they are."""
        details = there.details
        if details is None or link is not None:
            return None
        from payrelay.domain.evidence import Person, Who, weigh  # noqa: PLC0415  (of the few who are new)

        csn = one.details["csn"]
        born = one.card.birth_date if isinstance(one.card.birth_date, date) else None
        ours = Person(
            national=csn if isinstance(csn, Sensitive) else None,
            born=born,
            name=one.card.full_name if isinstance(one.card.full_name, str) else None,
            email=shown(one.card.email),
        )
        name = " ".join(filter(None, (details.nickname, details.prefix, details.birth_name)))
        partner = " ".join(
            filter(None, (details.nickname, details.prefix_partner, details.last_name_partner))
        )
        theirs = [
            Person(national=details.csn, born=details.date_of_birth, name=text, email=details.email)
            for text in (name, partner if details.last_name_partner else name)
        ]
        weighed = [weigh(ours, person, self.today) for person in theirs]
        if any(found.who is not Who.OTHER for found in weighed):
            return None
        what = f"another {', another '.join(weighed[0].contradicts)}"
        return reason("OTHER_PERSON_THERE", label=named(one.card), other=f"{name} ({one.card.id})", what=what)

    def _concept(
        self, one: Wanted, there: Payroll, known: Facts | None, *, as_sent: bool
    ) -> Write[Payload] | Record | Equal:
        """Somebody new, or still a concept: details and start; the bank account waits (PE-3)."""
        number, details = one.card.id, there.details
        if one.card.employee_status == INACTIVE:
            return record_of(number, Outcome.BLOCKED, fell_out(one.card, known or Facts(), _INACTIVE))
        changes, risks = detail_changes(one.details, details)
        employed = one.start.isoformat() if one.start else None
        held = details.employed.isoformat() if details and details.employed else None
        if employed and employed != held:
            changes = (*changes, Change("employed", held, employed))
        # What belongs to an employment goes with the first run after the conversion, an end too.
        waits = "bank" if one.bank.iban else "employment"
        kept = Facts(CONCEPT, None, {}, waits, one.contracts).stored()
        why = self._waiting(one)
        if details is not None and not changes:
            return Equal(kept, record_of(number, Outcome.UNCHANGED, why))
        if known and details is not None and known.state == CONCEPT and as_sent:
            why = drifted(named(one.card), changes)
        sent = {"employeeId": one.number, **mapping.body(one.details, details)}
        if employed or held:
            sent["employed"] = employed or held
        outcome = Outcome.CREATED if details is None else Outcome.UPDATED
        return Write(
            record=record_of(number, outcome, why, changes),
            payload=Payload(CONCEPT, sent, national=one.digests[NATIONAL]),
            target_id=None if details is None else one.number,
            risks=tuple(risk for risk in risks if risk is not Risk.EMPLOYMENT),
            digests=one.digests,
            facts=kept,
        )

    @staticmethod
    def _waiting(one: Wanted) -> Reason:
        """What of a concept waits: all that payroll keeps with an employment."""
        parts = {
            "the bank account": one.bank.iban,
            "job title": shown(one.card.job_title),
            "cost centre": shown(one.card.cost_center),
            "the end": one.end.inactive,
        }
        what = ", ".join(name for name, value in parts.items() if value) or "requests"
        return reason("STILL_CONCEPT", label=named(one.card), what=what)

    @staticmethod
    def _bank_note(one: Wanted) -> Reason | None:
        label = named(one.card)
        return reason("BANK_ACCOUNT_KEPT", label=label, problem=one.bank.kept) if one.bank.kept else None

    def _employee(
        self, one: Wanted, there: Payroll, known: Facts | None, link: Link | None
    ) -> Write[Payload] | Record | Equal:
        number, label = one.card.id, named(one.card)
        employments = tuple(Employment(row.number, row.employed, row.term) for row in there.employments)
        leaving = one.card.employee_status == INACTIVE
        starts = _starts(one, employments)
        # Of a concept no end was sent.
        before = known.sent if known and known.state == EMPLOYEE else None
        end = ending(one.end, before, employments, starts)
        refusal = self._end_refused(one, end, employments)
        if refusal:
            return record_of(number, Outcome.BLOCKED, refusal)
        gone = leaving or (one.end.inactive is not None and one.end.inactive < self.today)
        if not gone and employments and latest_active(employments, self.today) is None and not end.terms:
            last = max((row.term for row in employments if row.term), default=self.today)
            begins = max((one_.start for one_ in one.end.contracts), default=one.start or self.today)
            values = {"label": label, "date": last, "start": begins}
            return record_of(number, Outcome.BLOCKED, reason("ALL_EMPLOYMENTS_INACTIVE", **values))
        changes, risks = ((), ()) if leaving else detail_changes(one.details, there.details)
        patches = self._patches(one, there, starts, end, leaving=leaving)
        changes = (*changes, *patch_changes(patches, there))
        risks = (*risks, *patch_risks(patches))
        bank = None if leaving else self._bank(one, link)
        if bank:
            changes = (*changes, *self._bank_changes(one, link))
            risks = (*risks, *([Risk.BANK] if self._is_other_account(one, link) else []))
        terms = left_of(end, employments, before)
        kept = Facts(EMPLOYEE, one.end.inactive, terms, "", one.contracts).stored()
        why = self._note(one, end, employments)
        if not changes:
            return Equal(kept, record_of(number, Outcome.UNCHANGED, why) if why else None)
        if known and known.state == EMPLOYEE and not known.waits and is_as_sent(one, link):
            why = drifted(label, changes, employments, end.kept)
        details = mapping.body(one.details, there.details) if not leaving and has_details(changes) else None
        return Write(
            record=record_of(number, Outcome.UPDATED, why, changes),
            payload=Payload(
                EMPLOYEE,
                {"employeeId": one.number, **details} if details else None,
                {str(row): values for row, values in patches.items()},
                bank,
                one.digests[NATIONAL],
            ),
            target_id=one.number,
            risks=tuple(dict.fromkeys(risks)),
            digests=one.digests,
            facts=kept,
        )

    def _end_refused(self, one: Wanted, end: Ending, employments: Sequence[Employment]) -> Reason | None:
        """Why an end can't be written: the document's own texts (PE-8)."""
        label, inactive = named(one.card), one.end.inactive
        still = _still_employed(employments)
        if end.scenario in (Scenario.FIRST_PAST, Scenario.BECAME_INACTIVE):
            if inactive and all(row.term is not None and row.term <= inactive for row in employments):
                return None  # somebody has entered it there by hand, as they were asked to
            values = {"label": label, "date": inactive, "entered": one.end.entered, "there": still}
            return reason("SYNERGY_ONLY", **values)
        if end.scenario is Scenario.BEFORE_START:
            return reason("INACTIVE_BEFORE_START", label=label, date=inactive, start=end.start)
        if end.scenario is Scenario.UNKNOWN:
            return reason("ENTRY_DAY_UNKNOWN", label=label, date=inactive or BLANK, there=still)
        if end.unjoined:
            return reason("CONTRACT_WITHOUT_EMPLOYMENT", label=label, start=end.unjoined[0])
        return None

    def _note(self, one: Wanted, end: Ending, employments: Sequence[Employment]) -> Reason | None:
        """What is to be said of somebody beside what is written."""
        label = named(one.card)
        if end.terms:
            code = "END_SENT" if end.scenario is Scenario.FIRST else "END_CHANGED"
            return reason(code, label=label, date=one.end.inactive or BLANK)
        if end.kept:
            wanted = one.end.inactive or BLANK
            return reason("TERM_DATE_KEPT", label=label, date=end.kept[0].term, wanted=wanted)
        if end.scenario in (Scenario.REACTIVATED, Scenario.STAYS_INACTIVE):
            last = max((row.term for row in employments if row.term), default=None)
            return reason("NOTE_CONTRACTS_BY_HAND", label=label, date=last or BLANK)
        hidden = _hidden(one)
        if hidden:
            return reason("FIELD_NOT_SHOWN", label=label, field=hidden)
        return self._bank_note(one)

    def _patches(
        self, one: Wanted, there: Payroll, starts: Mapping[int, date], end: Ending, *, leaving: bool
    ) -> dict[int, dict[str, Any]]:
        """What changes of the employments: the first's start, the latest's title and cost centre, ends."""
        found: dict[int, dict[str, Any]] = {}
        for row in there.employments:
            start = starts.get(row.number)
            if start and start != row.employed and not leaving:
                found.setdefault(row.number, {})["employed"] = start.isoformat()
        plain = [Employment(row.number, row.employed, row.term) for row in there.employments]
        latest = latest_active(plain, self.today)
        for row in there.employments:
            if leaving or latest is None or row.number != latest.number:
                continue
            for name, wanted, now in (
                ("jobTitle", one.card.job_title, row.job_title),
                ("costCentre", one.card.cost_center, row.cost_centre),
            ):
                value = mapping.text(wanted)
                if value is not UNSET and not mapping.same(value, mapping.text(now)):
                    found.setdefault(row.number, {})[name] = value
        for number, day in end.terms.items():
            found.setdefault(number, {})["termDate"] = day.isoformat() if day else None
        return found

    def _bank(self, one: Wanted, link: Link | None) -> dict[str, Any] | None:
        """Where pay goes, if it is not what was last sent: payroll does not tell what it has (PE-7)."""
        if not one.bank.iban or not shown(one.card.full_name):
            return None
        if link and _paid(link) and not self._is_other_account(one, link):
            digest = one.digests[PAYEE]
            if link.digests.get(PAYEE, digest) == digest:
                return None
        found: dict[str, Any] = {
            "component": NETTOLOON,
            "iban": BankAccount(one.bank.iban),
            "visibleOnPaySlip": True,
            "beneficiary": shown(one.card.full_name) or "",
            "city": shown(one.card.city) or "",
            "description1": "",
            "description2": "",
        }
        if one.bank.bic:
            found["bic"] = one.bank.bic
        return found

    def _is_other_account(self, one: Wanted, link: Link | None) -> bool:
        """Whether the account replaces one that was sent; what payroll had before, it does not tell."""
        return link is not None and _paid(link) and link.digests.get(BANK) != one.digests[BANK]

    def _bank_changes(self, one: Wanted, link: Link | None) -> tuple[Change, ...]:
        """What is shown of the account: its number masked, or whose it is where only that changed."""
        if link and _paid(link) and not self._is_other_account(one, link):
            return (Change("bank.beneficiary", UNREADABLE, shown(one.card.full_name)),)
        old = MASK if self._is_other_account(one, link) else UNREADABLE
        return (Change("bank.iban", old, BankAccount(one.bank.iban).masked()),)


_INACTIVE = Selected("STATUS_NOT_SYNCED", "Inactive")


def _hidden(one: Wanted) -> str:
    """The first field that this connection's user may not see."""
    card = one.card
    own = {
        "Inactive": one.end.hidden,
        "Start date": card.start_date is UNSET,
        "Full name": card.full_name is UNSET,
    }
    found = [field.source for field in FIELDS if one.details[field.name] is UNSET]
    return next(iter([*found, *(name for name, is_hidden in own.items() if is_hidden)]), "")


def _paid(link: Link) -> bool:
    """Whether the account of that digest was sent: a concept's still waits."""
    kept = Facts.of(link)
    return kept.state == EMPLOYEE and not kept.waits


def _starts(one: Wanted, employments: Sequence[Employment]) -> dict[int, date]:
    """The start date of the card goes to the first employment, active or not."""
    earliest = first(employments)
    if earliest is None or one.start is None or (earliest.term and one.start > earliest.term):
        return {}  # that of somebody who came back belongs to a later employment
    return {earliest.number: one.start}


def _still_employed(employments: Sequence[Employment]) -> str:
    last = max(employments, key=lambda row: row.number, default=None)
    if last is None:
        return "Exact Payroll Plus has no employment of theirs"
    until = f" until {last.term}" if last.term else ""
    return f"Exact Payroll Plus still employs them{until}"
