"""What is kept of each balance between runs, with its link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from msgspec import Struct
from msgspec.structs import asdict

from payrelay.domain.runs import Link
from payrelay.flows.accrual_sync.records import ACCRUAL, CATEGORY
from payrelay.ledger import Ledger


class Facts(Struct, frozen=True):
    """What is known of one balance; empty texts where nothing is. Days are `yyyy-MM-dd`.

    `accrued` and `balance` are Millennium's Last Accrue Date and balance as they were seen together while no
    later check had been paid, and `dated` the effective date that they had. `parked_since` is when a value
    was first kept back by a finalized pay period, `parked_day` and `parked_value` what it was. `written_day`
    and `written_value` are what was last written, towards either system, and `written_at` when; `agreed_day`
    is the last day for which Millennium was found to have the balance of TimeWorksPlus already.
    """

    accrued: str = ""
    balance: str = ""
    dated: str = ""
    parked_since: str = ""
    parked_day: str = ""
    parked_value: str = ""
    written_day: str = ""
    written_value: str = ""
    written_at: str = ""
    agreed_day: str = ""

    @classmethod
    def of(cls, link: Link | None) -> Facts:
        """Those of a link; what another version kept beside them is left out."""
        known = link.facts if link else {}
        return cls(**{name: known[name] for name in cls.__struct_fields__ if name in known})

    def stored(self) -> dict[str, str]:
        """As they are kept on the link."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def written_when(self) -> str:
        """When it was last written, for people: `2026-01-10 15:05 UTC`."""
        return f"{datetime.fromisoformat(self.written_at).astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    @property
    def last_day(self) -> date | None:
        """The last day as of which the balance in Millennium is known to be that of TimeWorksPlus (AC-7)."""
        days = [one for one in (self.written_day, self.agreed_day) if one]
        return date.fromisoformat(max(days)) if days else None


class Notebook(Struct, frozen=True):
    """What is kept of a connection's balances and categories."""

    ledger: Ledger
    tenant: str
    connection_id: str

    def facts(self, keys: Iterable[str]) -> dict[str, Facts]:
        """What is known of these balances, by key."""
        links = self.ledger.links.get(self.tenant, self.connection_id, ACCRUAL, keys)
        return {key: Facts.of(link) for key, link in links.items()}

    def keep(self, facts: Mapping[str, Facts]) -> None:
        """Keep what is known of these balances now."""
        links = [Link(ACCRUAL, key, key, key, facts=one.stored()) for key, one in facts.items()]
        if links:
            self.ledger.links.put_many(self.tenant, self.connection_id, links)

    def linked(self) -> set[str]:
        """The descriptions that had a category of the same name in some run before (AC-9)."""
        return set(self.ledger.links.source_ids(self.tenant, self.connection_id, CATEGORY))

    def link(self, descriptions: Iterable[str]) -> None:
        """Note that these descriptions have a category of the same name."""
        links = [Link(CATEGORY, one, one, one) for one in descriptions]
        self.ledger.links.adopt(self.tenant, self.connection_id, links)
