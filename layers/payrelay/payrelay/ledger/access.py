"""Access of Payrelay's own people to one tenant: for a reason, until a time, ended by either side (CON-5).

Each begins and ends together with its entry in the tenant's trail: one that the trail does not hold is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from payrelay.ledger import keys
from payrelay.ledger.changes import Change, item_of
from payrelay.ledger.table import Table, plain

# Whoever had an access sees it so long in their own list; the tenant keeps it for good.
OWN_LIST_SECONDS = 30 * 24 * 3600


class Access(Struct, frozen=True):
    """What one of the service may do in a tenant, as its operator, from `since` until `until` (RFC 3339 UTC).

    `who` is the person; `subject` is who that is in log lines and in tokens.
    """

    access_id: str
    tenant: str
    who: str
    subject: str
    reason: str
    since: str
    until: str
    ended_at: str | None = None
    ended_by: str | None = None

    def holds(self, now: str) -> bool:
        """Whether it can be used now."""
        return self.ended_at is None and now < self.until


class Accesses:
    """The accesses to all tenants."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, access: Access, change: Change, *, ttl: int) -> None:
        """Keep a new access, and its entry in the tenant's trail."""
        own = {**keys.own_access(access.subject, access.access_id), "tenant": access.tenant, "ttl": ttl}
        stored = {**keys.access(access.tenant, access.access_id), **plain(access)}
        self._table.transact_or_raise(
            [
                self._table.putting(stored, condition="attribute_not_exists(pk)"),
                self._table.putting(own),
                self._table.putting(
                    {**keys.tenant_change(access.tenant, change.change_id), **item_of(change)}
                ),
            ]
        )

    def end(self, access: Access, at: str, who: str, change: Change) -> bool:
        """End an access at once, with its entry in the trail; False when it had been ended already."""
        ending = self._table.updating(
            keys.access(access.tenant, access.access_id),
            "SET ended_at = :at, ended_by = :who",
            condition="attribute_exists(pk) AND attribute_not_exists(ended_at)",
            at=at,
            who=who,
        )
        entry = {**keys.tenant_change(access.tenant, change.change_id), **item_of(change)}
        return not self._table.transact([ending, self._table.putting(entry)])

    def of_tenant(self, tenant: str, after: str | None = None) -> Iterator[Access]:
        """All accesses to a tenant, newest first, older than the id `after` if given."""
        for item in self._table.query(keys.accesses(tenant), after=after, newest_first=True):
            yield parse(item)

    def of_subject(self, subject: str, after: str | None = None) -> Iterator[Access]:
        """What one of the service had or has, newest first, older than the id `after` if given."""
        found = self._table.query(keys.own_accesses(subject), after=after, newest_first=True)
        wanted = [keys.access(own["tenant"], own["sk"]) for own in found]
        accesses = [parse(item) for item in self._table.get_many(wanted)]
        yield from sorted(accesses, key=lambda access: access.access_id, reverse=True)


def parse(item: dict[str, Any]) -> Access:
    """A stored access."""
    return Access(**{name: item[name] for name in Access.__struct_fields__ if name in item})
