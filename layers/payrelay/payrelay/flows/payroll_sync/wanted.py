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
from payrelay.flows.payroll_sync.facts import (
    ALL,
    BANK,
    CONCEPT,
    DETAILS,
    NATIONAL,
    PAYEE,
    SENDING,
    Details,
    Facts,
    digest,
)
from payrelay.flows.payroll_sync.mapping import ValueProblem
from payrelay.flows.payroll_sync.reasons import reason
from payrelay.flows.payroll_sync.records import SOURCE, named, record_of
from payrelay.flows.payroll_sync.rules import INACTIVE, Bank, Selected, selected
from payrelay.systems.synergy.cards import Card as SynergyCard
from payrelay.systems.synergy.cards import Contract as SynergyContract


class Wanted(Struct, frozen=True):
    """What Synergy says of a person, ready to be compared; `digests` tell later whether it changed.

    `contracts` are what is kept of them, each with its start and end; None if not all can be seen.
    """

    card: SynergyCard
    end: Card
    details: Mapping[str, Any]
    bank: Bank
    start: date | None
    digests: Mapping[str, str]
    contracts: Mapping[str, tuple[str, str]] | None = None

    @property
    def number(self) -> str:
        """Their number."""
        return str(self.card.id)


def is_as_sent(one: Wanted, link: Link | None) -> bool:
    """Whether all that Synergy says of a person is what was last sent, and nothing else may have been."""
    digest = one.digests[ALL]
    return link is not None and {link.digests.get(ALL), link.digests.get(SENDING, digest)} == {digest}


class Said(Struct, frozen=True):
    """A person who is not compared with payroll, and the record that says why."""

    record: Record


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
        known = Facts.of(link) if link else None
        end = _end(card, contracts, self.zone, known)
        kept_out = self._kept_out(card, end, known)
        if kept_out is not None:
            return Said(kept_out)
        try:
            details = mapping.wanted(card)
        except ValueProblem as problem:
            values = {"label": named(card), "system": SOURCE, **problem.values}
            return Said(record_of(card.id, Outcome.BLOCKED, reason(problem.code, **values)))
        if bank.wrong:
            why = reason("IBAN_NOT_VALID", label=named(card), problem=bank.wrong)
            return Said(record_of(card.id, Outcome.BLOCKED, why))
        start = card.start_date if isinstance(card.start_date, date) else None
        if start is None and card.start_date is not UNSET:
            values = {"label": named(card), "field": "Start date", "system": SOURCE}
            return Said(record_of(card.id, Outcome.BLOCKED, reason("REQUIRED_FIELD_MISSING", **values)))
        digests = self._digests(card, end, details, bank, start)
        return Wanted(card, end, details, bank, start, digests, _kept(contracts))

    def _kept_out(self, card: SynergyCard, end: Card, known: Facts | None) -> Record | None:
        """The record of somebody who is not synchronised (PE-1, PE-2)."""
        happened = scenario(end, known.sent) if known else Scenario.SAME
        became = known is not None and end.inactive is not None and happened is not Scenario.SAME
        if card.country is UNSET:
            return record_of(card.id, Outcome.BLOCKED, _not_shown(card, "Country"))
        country = card.country or ""
        chosen = selected(
            has_role=card.id in self.members,
            employee_type=card.employee_type,
            status=card.employee_status,
            country=country,
            becoming_inactive=became and happened is not Scenario.STAYS_INACTIVE,
        )
        if chosen:
            return None
        label = named(card)
        ended = known is not None and known.has_ended(self.today)
        if card.employee_status == INACTIVE and ended:
            return record_of(card.id, Outcome.SKIPPED, reason("ALREADY_INACTIVE", label=label))
        if known is None or ended:
            why = reason(chosen.code, label=label, value=chosen.value)
            return record_of(card.id, Outcome.SKIPPED, why)
        return record_of(card.id, Outcome.BLOCKED, fell_out(card, known, chosen))

    def _digests(
        self, card: SynergyCard, end: Card, details: Mapping[str, Any], paid: Bank, start: date | None
    ) -> dict[str, str]:
        """What tells later whether anything of this person changed."""
        national = details["csn"]
        everything = {
            "details": details,
            "start": start,
            "title": shown(card.job_title),
            "centre": shown(card.cost_center),
            "inactive": end.inactive,
            "contracts": [[contract.start, contract.end] for contract in end.contracts],
            "bank": [paid.iban, paid.bic, paid.kept],
            "beneficiary": shown(card.full_name),
        }
        return {
            ALL: digest(everything, self.key),
            BANK: digest(paid.fields, self.key),
            PAYEE: digest((shown(card.full_name), shown(card.city)), self.key),
            NATIONAL: digest(national, self.key) if isinstance(national, Sensitive) else "",
            DETAILS: Details.of(details, self.key).stored(),
        }


def _end(
    card: SynergyCard, contracts: Sequence[SynergyContract], zone: ZoneInfo, known: Facts | None
) -> Card:
    """What a card says of an end; of somebody without contracts the card is the contract.

    Where this user may not see the ends, they are what was last sent.
    """
    hidden = card.inactive_date is UNSET or any(one.end_date is UNSET for one in contracts)
    inactive = (known.inactive if known else None) if hidden else _day(card.inactive_date)
    there = tuple(Contract(one.start_date, _day(one.end_date)) for one in contracts)
    if not there and isinstance(card.start_date, date):
        there = (Contract(card.start_date, inactive or _day(card.contract_end)),)
    saved = card.modified_date
    entered = saved.astimezone(zone).date() if isinstance(saved, datetime) else None
    return Card(inactive, entered, there, hidden)


def _kept(contracts: Sequence[SynergyContract]) -> dict[str, tuple[str, str]] | None:
    """What is kept of contracts."""
    if any(one.end_date is UNSET for one in contracts):
        return None
    ends = {one.id: _day(one.end_date) for one in contracts}
    return {
        one.id: (one.start_date.isoformat(), end.isoformat() if (end := ends[one.id]) else "")
        for one in sorted(contracts, key=lambda one: one.id)
    }


def _not_shown(card: SynergyCard, field: str) -> Reason:
    return reason("FIELD_NOT_SHOWN", label=named(card), field=field)


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) else None


def fell_out(card: SynergyCard, known: Facts, chosen: Selected) -> Reason:
    """Somebody who was sent and is not synchronised any more: what still stands in payroll."""
    label = named(card)
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
