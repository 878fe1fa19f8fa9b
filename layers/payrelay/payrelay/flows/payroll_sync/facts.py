"""What is kept of a person between runs: what was last sent, and what still waits (PE-2, PE-3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import UNSET, Struct, field

from payrelay.domain.runs import Link
from payrelay.domain.sensitive import Sensitive
from payrelay.flows.payroll_sync import mapping
from payrelay.flows.payroll_sync.ending import Sent

CONCEPT, EMPLOYEE = "concept", "employee"
# The digests on a link: of all that was sent, of the bank account alone, of whose it is, of the social
# security number, of the details as payroll tells them (`Details`); and of all that may have been sent since,
# by a run that has not told yet how it ended.
ALL, BANK, PAYEE, NATIONAL, DETAILS, SENDING = "all", "bank", "payee", "national", "details", "sending"
# When payroll took what was last written, by its own clock; as it is kept on the link.
WRITTEN = "written"


class Facts(Struct, frozen=True):
    """What was last sent of somebody, as far as it must be known in plain; the rest is known by digests.

    `contracts` are those that Synergy had then, each with its start and its end, empty while it is open; None
    where they could not be seen. `written` is when payroll took what was last sent, by its own clock; empty
    if that is not known.
    """

    state: str = CONCEPT
    inactive: date | None = None
    terms: Mapping[int, date | None] = field(default_factory=dict)
    waits: str = ""
    contracts: Mapping[str, tuple[str, str]] | None = None
    written: str = ""

    @classmethod
    def of(cls, link: Link) -> Facts:
        """Those of a link."""
        return cls.parse(link.facts)

    @classmethod
    def parse(cls, kept: Mapping[str, str]) -> Facts:
        """Those that are kept so on a link."""
        terms = {int(number): _day(text) for number, text in json.loads(kept.get("terms") or "{}").items()}
        contracts = json.loads(kept["contracts"]) if kept.get("contracts") else None
        inactive, waits = _day(kept.get("inactive", "")), kept.get("waits", "")
        state, written = kept.get("state", CONCEPT), kept.get(WRITTEN, "")
        return cls(state, inactive, terms, waits, contracts, written)

    def stored(self) -> dict[str, str]:
        """As they are kept on the link."""
        terms = {str(number): _text(day) for number, day in sorted(self.terms.items())}
        return {
            "state": self.state,
            "inactive": _text(self.inactive),
            "terms": json.dumps(terms),
            "waits": self.waits,
            "contracts": "" if self.contracts is None else json.dumps(self.contracts),
            WRITTEN: self.written,
        }

    def has_ended(self, today: date) -> bool:
        """Whether the end that was sent has come."""
        return self.inactive is not None and self.inactive < today

    @property
    def sent(self) -> Sent:
        """What of an end was last sent."""
        return Sent(self.inactive, self.terms)


class Details(Struct, frozen=True):
    """What tells whether the details that payroll has are those that were sent.

    Those of which this user could not see what to send are `hidden`: payroll may have anything there.
    """

    digest: str = ""
    hidden: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Details:
        """Those of a digest as it is kept; without one, of somebody of whom it was not kept yet."""
        found, _, hidden = text.partition(" ")
        return cls(found, tuple(hidden.split()))

    @classmethod
    def of(cls, values: Mapping[str, Any], key: bytes) -> Details:
        """Those of what is wanted, by the fields' names."""
        hidden = tuple(sorted(name for name, value in values.items() if value is UNSET))
        return cls(digest(mapping.meaning(values), key), hidden)

    def stored(self) -> str:
        """As they are kept among the digests."""
        return " ".join((self.digest, *self.hidden))

    def are(self, held: Mapping[str, Any], key: bytes) -> bool:
        """Whether payroll holds them, by the fields' names."""
        seen = {name: value for name, value in held.items() if name not in self.hidden}
        return digest(mapping.meaning(seen), key) == self.digest


def digest(value: Any, key: bytes) -> str:
    """A keyed digest of anything that is sent: it tells whether that changed, and nothing else."""
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), key=key, digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items() if one is not UNSET}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Sensitive):
        return value.reveal()
    return value.isoformat() if isinstance(value, date) else value


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
