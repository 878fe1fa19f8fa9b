"""Who is synchronised, and what Synergy wants of them, before payroll is asked (PE-1, PE-2, PE-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct

from payrelay.domain.records import Outcome, Reason, Record
from payrelay.domain.runs import Link
from payrelay.domain.sensitive import Sensitive
from payrelay.flows.payroll_sync import mapping
from payrelay.flows.payroll_sync.ending import Card, Contract, Scenario, scenario
from payrelay.flows.payroll_sync.facts import ALL, BANK, CONCEPT, NATIONAL, Facts, digest
from payrelay.flows.payroll_sync.mapping import ValueProblem
from payrelay.flows.payroll_sync.reasons import reason
from payrelay.flows.payroll_sync.records import SOURCE, label_of, record_of
from payrelay.flows.payroll_sync.rules import INACTIVE, Bank, Selected, selected
from payrelay.systems.synergy.cards import Card as SynergyCard
from payrelay.systems.synergy.cards import Contract as SynergyContract


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


class Chooser(Struct, frozen=True):
    """Who is wanted; `key` keys digests, `zone` is where a day begins, `today` that of the run."""

    key: bytes
    zone: ZoneInfo
    today: date
    members: frozenset[int]

    def wanted(
        self, card: SynergyCard, contracts: Sequence[SynergyContract], bank: Bank, link: Link | None
    ) -> Wanted | Said:
        """What is wanted of a person; Said where the selection, or a value of theirs, keeps them out."""
        end = _end(card, contracts, self.zone)
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
        return record_of(card.id, Outcome.BLOCKED, fell_out(card, known, chosen))

    def digests(self, one: Wanted) -> dict[str, str]:
        """What tells later whether anything of this person changed."""
        national = one.details["csn"]
        everything = {
            "details": one.details,
            "start": one.start,
            "title": shown(one.card.job_title),
            "centre": shown(one.card.cost_center),
            "inactive": one.end.inactive,
            "contracts": [[contract.start, contract.end] for contract in one.end.contracts],
            "bank": [one.bank.iban, one.bank.bic, one.bank.kept],
            "beneficiary": shown(one.card.full_name),
        }
        return {
            ALL: digest(everything, self.key),
            BANK: digest((one.bank.iban, one.bank.bic, one.bank.kept, one.bank.wrong), self.key),
            NATIONAL: digest(national, self.key) if isinstance(national, Sensitive) else "",
        }


def _end(card: SynergyCard, contracts: Sequence[SynergyContract], zone: ZoneInfo) -> Card:
    """What a card says of an end; of somebody without contracts the card is the contract."""
    there = tuple(Contract(one.start_date, one.end_date) for one in contracts)
    if not there and isinstance(card.start_date, date):
        there = (Contract(card.start_date, _day(card.contract_end)),)
    saved = card.modified_date
    entered = saved.astimezone(zone).date() if isinstance(saved, datetime) else None
    return Card(inactive=_day(card.inactive_date), entered=entered, contracts=there)


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) else None


def fell_out(card: SynergyCard, known: Facts, chosen: Selected) -> Reason:
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


def shown(value: Any) -> Any:
    """A value of a card; None for one that can't be seen."""
    return None if value is UNSET else value
