"""One person on both sides: what differs, what is written, and why not (PE-1, PE-3, PE-4, PE-7, PE-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct

from payrelay.domain.evidence import Person, Who, weigh
from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.domain.runs import Link
from payrelay.domain.sensitive import BankAccount, Sensitive
from payrelay.flows.payroll_sync import mapping
from payrelay.flows.payroll_sync.ending import (
    Card,
    Contract,
    Employment,
    Ending,
    Scenario,
    ending,
    first,
    latest_active,
    scenario,
)
from payrelay.flows.payroll_sync.facts import ALL, BANK, CONCEPT, EMPLOYEE, NATIONAL, Facts, digest
from payrelay.flows.payroll_sync.mapping import FIELDS, ValueProblem
from payrelay.flows.payroll_sync.read import Payroll
from payrelay.flows.payroll_sync.reasons import reason
from payrelay.flows.payroll_sync.records import BLANK, SOURCE, TARGET, label_of, record_of
from payrelay.flows.payroll_sync.rules import INACTIVE, Bank, Selected, selected
from payrelay.systems.synergy.cards import Card as SynergyCard
from payrelay.systems.synergy.cards import Contract as SynergyContract

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


class Wanted(Struct, frozen=True):
    """What Synergy says of a person, ready to be compared."""

    card: SynergyCard
    end: Card
    details: Mapping[str, Any]
    bank: Bank
    start: date | None

    @property
    def number(self) -> str:
        """Their number."""
        return str(self.card.id)


class Said(Struct, frozen=True):
    """A person who is not compared with payroll: their record, or None for one of whom nothing moved."""

    record: Record | None


class Comparer(Struct, frozen=True):
    """Compares people; `key` keys digests, `zone` is where a day begins, `today` that of the run."""

    key: bytes
    zone: ZoneInfo
    today: date
    members: frozenset[int]

    # --- without payroll ---------------------------------------------------------------------------------

    def wanted(
        self, card: SynergyCard, contracts: Sequence[SynergyContract], bank: Bank, link: Link | None
    ) -> Wanted | Said:
        """What is wanted of a person; Said where the selection, or a value of theirs, keeps them out."""
        end = Card(
            inactive=card.inactive_date if isinstance(card.inactive_date, date) else None,
            entered=card.modified_date.astimezone(self.zone).date()
            if isinstance(card.modified_date, date)
            else None,
            contracts=tuple(Contract(one.start_date, one.end_date) for one in contracts),
        )
        kept_out = self._kept_out(card, end, link)
        if kept_out is not None:
            return Said(kept_out)
        try:
            details = mapping.wanted(card)
        except ValueProblem as problem:
            values = {"label": label_of(card.id), "system": SOURCE, **problem.values}
            return Said(record_of(card.id, Outcome.BLOCKED, reason(problem.code, **values)))
        if bank.wrong:
            why = reason("IBAN_NOT_VALID", label=label_of(card.id), problem=bank.wrong)
            return Said(record_of(card.id, Outcome.BLOCKED, why))
        start = card.start_date if isinstance(card.start_date, date) else None
        if start is None and card.start_date is not UNSET:
            values = {"label": label_of(card.id), "field": "Start date", "system": SOURCE}
            return Said(record_of(card.id, Outcome.BLOCKED, reason("REQUIRED_FIELD_MISSING", **values)))
        return Wanted(card, end, details, bank, start)

    def _kept_out(self, card: SynergyCard, end: Card, link: Link | None) -> Record | None:
        """The record of somebody who is not synchronised (PE-1, PE-2)."""
        known = Facts.of(link) if link else None
        happened = scenario(end, known.sent) if known else Scenario.SAME
        became = known is not None and end.inactive is not None and happened is not Scenario.SAME
        country = card.country if isinstance(card.country, str) else ""
        chosen = selected(
            has_role=card.id in self.members,
            employee_type=card.employee_type,
            status=card.employee_status,
            country=country,
            becoming_inactive=became and happened is not Scenario.STAYS_INACTIVE,
        )
        if chosen:
            return None
        label = label_of(card.id)
        ended = known is not None and known.inactive is not None and known.inactive < self.today
        if card.employee_status == INACTIVE and ended:
            return record_of(card.id, Outcome.SKIPPED, reason("ALREADY_INACTIVE", label=label))
        if known is None or ended:
            why = reason(chosen.code, label=label, value=chosen.value)
            return record_of(card.id, Outcome.SKIPPED, why)
        return record_of(card.id, Outcome.BLOCKED, self._fell_out(card, known, chosen))

    @staticmethod
    def _fell_out(card: SynergyCard, known: Facts, chosen: Selected) -> Reason:
        """Somebody who was sent and is not synchronised any more: what still stands in payroll."""
        label = label_of(card.id)
        why = reason(chosen.code, label=label, value=chosen.value).message.removeprefix(label).strip(" .")
        if known.state == CONCEPT:
            what = f"concept employee {card.id} (Employer, HRM, Sollicitanten)"
            cure = f"Remove the concept employee {card.id} in Exact Payroll Plus"
        else:
            what = f"employee {card.id}, who is still employed there"
            cure = f"End the employment of {card.id} in Exact Payroll Plus"
        return reason("FELL_OUT", label=label, why=why, what=what, cure=cure)

    def digests(self, one: Wanted) -> dict[str, str]:
        """What tells later whether anything of this person changed."""
        national = one.details["csn"]
        everything = {
            "details": one.details,
            "start": one.start,
            "title": _unset(one.card.job_title),
            "centre": _unset(one.card.cost_center),
            "inactive": one.end.inactive,
            "contracts": [[contract.start, contract.end] for contract in one.end.contracts],
            "bank": [one.bank.iban, one.bank.bic, one.bank.kept],
            "beneficiary": _unset(one.card.full_name),
        }
        return {
            ALL: digest(everything, self.key),
            BANK: digest((one.bank.iban, one.bank.bic, one.bank.kept, one.bank.wrong), self.key),
            NATIONAL: digest(national, self.key) if isinstance(national, Sensitive) else "",
        }

    # --- with payroll ------------------------------------------------------------------------------------

    def compare(
        self, one: Wanted, there: Payroll, link: Link | None
    ) -> Write[Payload] | Record | Mapping[str, str]:
        """The write that makes payroll equal, a record, or the facts to keep of somebody who is equal."""
        label, number = label_of(one.card.id), one.card.id
        if there.bad:
            return record_of(number, Outcome.BLOCKED, there.bad.why(label, TARGET))
        other = self._other_person(one, there, link)
        if other:
            return record_of(number, Outcome.BLOCKED, other)
        known = Facts.of(link) if link else None
        if there.state != EMPLOYEE:
            return self._concept(one, there, known)
        return self._employee(one, there, known, link)

    def _other_person(self, one: Wanted, there: Payroll, link: Link | None) -> Reason | None:
        """Whether the number stands for somebody else in payroll; one whom we sent is who they are."""
        details = there.details
        if details is None or link is not None:
            return None
        csn = one.details["csn"]
        born = one.card.birth_date if isinstance(one.card.birth_date, date) else None
        ours = Person(
            national=csn if isinstance(csn, Sensitive) else None,
            born=born,
            name=one.card.full_name if isinstance(one.card.full_name, str) else None,
            email=_unset(one.card.email),
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
        label = f"{label_of(one.card.id)} ({ours.name})" if ours.name else label_of(one.card.id)
        return reason("OTHER_PERSON_THERE", label=label, other=f"{name} ({one.card.id})", what=what)

    def _concept(
        self, one: Wanted, there: Payroll, known: Facts | None
    ) -> Write[Payload] | Record | Mapping[str, str]:
        """Somebody new, or still a concept: details and start; the bank account waits (PE-3)."""
        number, details = one.card.id, there.details
        if one.card.employee_status == INACTIVE:
            return record_of(number, Outcome.BLOCKED, self._fell_out(one.card, known or Facts(), _INACTIVE))
        changes, risks = _detail_changes(one.details, details)
        employed = one.start.isoformat() if one.start else None
        held = details.employed.isoformat() if details and details.employed else None
        if employed and employed != held:
            changes = (*changes, Change("employed", held, employed))
        waits = "bank" if one.bank.iban else ""
        kept = Facts(CONCEPT, one.end.inactive, {}, waits).stored()
        why = self._waiting(one, waits)
        if details is not None and not changes:
            return kept if known or why is None else record_of(number, Outcome.UNCHANGED, why)
        sent = {"employeeId": one.number, **mapping.body(one.details, details)}
        if employed or held:
            sent["employed"] = employed or held
        outcome = Outcome.CREATED if details is None else Outcome.UPDATED
        return Write(
            record=record_of(number, outcome, why, changes),
            payload=Payload(CONCEPT, sent, national=self.digests(one)[NATIONAL]),
            target_id=None if details is None else one.number,
            risks=tuple(risk for risk in risks if risk is not Risk.EMPLOYMENT),
            digests=self.digests(one),
            facts=kept,
        )

    def _waiting(self, one: Wanted, waits: str) -> Reason | None:
        label = label_of(one.card.id)
        if waits:
            return reason("STILL_CONCEPT", label=label, what="the bank account", waits="waits")
        return self._bank_note(one)

    @staticmethod
    def _bank_note(one: Wanted) -> Reason | None:
        label = label_of(one.card.id)
        return reason("BANK_ACCOUNT_KEPT", label=label, problem=one.bank.kept) if one.bank.kept else None

    def _employee(
        self, one: Wanted, there: Payroll, known: Facts | None, link: Link | None
    ) -> Write[Payload] | Record | Mapping[str, str]:
        number, label = one.card.id, label_of(one.card.id)
        employments = tuple(Employment(row.number, row.employed, row.term) for row in there.employments)
        leaving = one.card.employee_status == INACTIVE
        starts = _starts(one, employments)
        end = ending(one.end, known.sent if known else None, employments, starts)
        refusal = self._end_refused(one, end, employments)
        if refusal:
            return record_of(number, Outcome.BLOCKED, refusal)
        if not leaving and employments and latest_active(employments, self.today) is None and not end.terms:
            last = max((row.term for row in employments if row.term), default=self.today)
            begins = max((one_.start for one_ in one.end.contracts), default=one.start or self.today)
            values = {"label": label, "date": last, "start": begins}
            return record_of(number, Outcome.BLOCKED, reason("ALL_EMPLOYMENTS_INACTIVE", **values))
        changes, risks = ((), ()) if leaving else _detail_changes(one.details, there.details)
        patches = self._patches(one, there, starts, end, leaving=leaving)
        changes = (*changes, *_patch_changes(patches, there))
        risks = (*risks, *_patch_risks(patches))
        bank = None if leaving else self._bank(one, link)
        if bank:
            changes = (*changes, Change("bank.iban", None, BankAccount(one.bank.iban).masked()))
            risks = (*risks, Risk.BANK)
        terms = {row.number: end.terms.get(row.number, row.term) for row in employments}
        kept = Facts(EMPLOYEE, one.end.inactive, terms).stored()
        why = self._note(one, end, employments)
        if not changes:
            return kept if why is None else record_of(number, Outcome.UNCHANGED, why)
        details = mapping.body(one.details, there.details) if not leaving and _has_details(changes) else None
        return Write(
            record=record_of(number, Outcome.UPDATED, why, changes),
            payload=Payload(
                EMPLOYEE,
                {"employeeId": one.number, **details} if details else None,
                {str(row): values for row, values in patches.items()},
                bank,
                self.digests(one)[NATIONAL],
            ),
            target_id=one.number,
            risks=tuple(dict.fromkeys(risks)),
            digests=self.digests(one),
            facts=kept,
        )

    def _end_refused(self, one: Wanted, end: Ending, employments: Sequence[Employment]) -> Reason | None:
        """Why an end can't be written: the document's own texts (PE-8)."""
        label, inactive = label_of(one.card.id), one.end.inactive
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
        label = label_of(one.card.id)
        if end.kept:
            wanted = one.end.inactive or BLANK
            return reason("TERM_DATE_KEPT", label=label, date=end.kept[0].term, wanted=wanted)
        if end.scenario in (Scenario.REACTIVATED, Scenario.STAYS_INACTIVE):
            last = max((row.term for row in employments if row.term), default=None)
            return reason("NOTE_CONTRACTS_BY_HAND", label=label, date=last or BLANK)
        hidden = next((field.source for field in FIELDS if one.details[field.name] is UNSET), "")
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
        if not one.bank.iban or (link and link.digests.get(BANK) == self.digests(one)[BANK] and _paid(link)):
            return None
        found: dict[str, Any] = {
            "component": NETTOLOON,
            "iban": BankAccount(one.bank.iban),
            "visibleOnPaySlip": True,
            "beneficiary": _unset(one.card.full_name) or "",
            "city": _unset(one.card.city) or "",
            "description1": "",
            "description2": "",
        }
        if one.bank.bic:
            found["bic"] = one.bank.bic
        return found


_INACTIVE = Selected("STATUS_NOT_SYNCED", "Inactive")


def _paid(link: Link) -> bool:
    """Whether the account of that digest was sent: a concept's still waits."""
    kept = Facts.of(link)
    return kept.state == EMPLOYEE and kept.waits != "bank"


def _starts(one: Wanted, employments: Sequence[Employment]) -> dict[int, date]:
    """The start date of the card goes to the first employment, active or not."""
    earliest = first(employments)
    return {earliest.number: one.start} if earliest and one.start else {}


def _still_employed(employments: Sequence[Employment]) -> str:
    last = max(employments, key=lambda row: row.number, default=None)
    if last is None:
        return "Exact Payroll Plus has no employment of theirs"
    until = f" until {last.term}" if last.term else ""
    return f"Exact Payroll Plus still employs them{until}"


def _detail_changes(wanted: Mapping[str, Any], there: Any) -> tuple[tuple[Change, ...], tuple[Risk, ...]]:
    """The personal details that differ, as they are shown, and what the brake sees in them."""
    now = mapping.held(there) if there else {}
    changes: list[Change] = []
    risks: list[Risk] = []
    for field in FIELDS:
        value, held = wanted[field.name], now.get(field.name)
        if value is UNSET or mapping.same(value, held):
            continue
        changes.append(Change(field.name, _shown(held), _shown(value)))
        risk = field.clears if value is None and field.clears else field.risk
        if there is not None and risk:
            risks.append(risk)
    return tuple(changes), tuple(risks)


def _patch_changes(patches: Mapping[int, Mapping[str, Any]], there: Payroll) -> tuple[Change, ...]:
    rows = {row.number: row for row in there.employments}
    names = {"employed": "employed", "termDate": "term", "jobTitle": "job_title", "costCentre": "cost_centre"}
    return tuple(
        Change(f"employments.{number}.{name}", _shown(getattr(rows[number], names[name])), _shown(value))
        for number, values in patches.items()
        for name, value in values.items()
    )


def _patch_risks(patches: Mapping[int, Mapping[str, Any]]) -> tuple[Risk, ...]:
    found: list[Risk] = []
    for values in patches.values():
        if "termDate" in values:
            found.append(Risk.END if values["termDate"] else Risk.EMPLOYMENT)
        if "employed" in values:
            found.append(Risk.EMPLOYMENT)
    return tuple(found)


def _has_details(changes: Sequence[Change]) -> bool:
    return any(change.field in _NAMES for change in changes)


_NAMES = frozenset(field.name for field in FIELDS)


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Sensitive):
        return value.masked()
    return value.isoformat() if isinstance(value, date) else str(value)


def _unset(value: Any) -> Any:
    return None if value is UNSET else value
