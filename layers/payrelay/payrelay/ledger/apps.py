"""Apps with keys of ours: found by the hash of their key, and by their tenant (TRG-4, CON-4, CON-5).

The item at the hash holds all there is of an app, so that a call costs one read, consistent: a key that
was revoked is none from then on. The tenant's item leads to it. Both come and go together with an entry in
the tenant's trail.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from payrelay.ledger import keys
from payrelay.ledger.changes import Change, item_of
from payrelay.ledger.table import Item, Table, plain

# So many a tenant may have: each is to be known by somebody.
MOST_APPS = 50


class TooManyApps(Exception):
    """The tenant has as many apps as it may have."""


class App(Struct, frozen=True):
    """An app that calls with a key: whose it is, what it may do, who made it, and when it called last."""

    app_id: str
    tenant: str
    name: str
    role: str
    created_at: str
    created_by: str
    last_used_on: str | None = None


class Apps:
    """The apps of all tenants."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, app: App, digest: str, change: Change) -> None:
        """Keep a new app under the hash of its key, and its entry in the trail; or TooManyApps."""
        counted = self._table.updating(
            keys.app_count(app.tenant),
            "SET #count = if_not_exists(#count, :none) + :one",
            condition="attribute_not_exists(#count) OR #count < :most",
            none=0,
            one=1,
            most=MOST_APPS,
        )
        own = {**keys.keyed_app(app.tenant, app.app_id), "digest": digest}
        failed = self._table.transact(
            [
                counted,
                self._table.putting(
                    {**keys.api_key(digest), **plain(app)}, condition="attribute_not_exists(pk)"
                ),
                self._table.putting(own),
                self._table.putting(_entry(app.tenant, change)),
            ]
        )
        if failed:
            raise TooManyApps

    def of_key(self, digest: str) -> App | None:
        """The app whose key has this hash; None if it has been revoked, or never was."""
        found = self._table.get(keys.api_key(digest))
        return _parse(found) if found else None

    def get(self, tenant: str, app_id: str) -> App | None:
        """One app of this tenant, or None."""
        own = self._table.get(keys.keyed_app(tenant, app_id))
        return self.of_key(own["digest"]) if own else None

    def list(self, tenant: str, after: str | None = None) -> Iterator[App]:
        """The tenant's apps, oldest first, after the id `after` if given."""
        found = self._table.query(keys.keyed_apps(tenant), after=after)
        apps = [_parse(item) for item in self._table.get_many(keys.api_key(own["digest"]) for own in found)]
        yield from sorted(apps, key=lambda app: app.app_id)

    def delete(self, tenant: str, app_id: str, change: Change) -> bool:
        """Revoke an app's key at once, with its entry in the trail; False when there is no such app."""
        own = self._table.get(keys.keyed_app(tenant, app_id))
        if own is None:
            return False
        there = "attribute_exists(pk)"
        return not self._table.transact(
            [
                self._table.deleting(keys.keyed_app(tenant, app_id), condition=there),
                self._table.deleting(keys.api_key(own["digest"])),
                self._table.updating(
                    keys.app_count(tenant), "SET #count = #count + :less", condition=there, less=-1
                ),
                self._table.putting(_entry(tenant, change)),
            ]
        )

    def note_use(self, digest: str, day: str) -> None:
        """Note the day of a call, once a day: `ConditionFailed` if it was noted, or the app is gone.

        The call does not wait for it: `TableBusy` at once while the table throttles.
        """
        self._table.update(
            keys.api_key(digest),
            "SET last_used_on = :day",
            condition="attribute_exists(pk) AND attribute_not_exists(last_used_on) OR last_used_on < :day",
            patient=False,
            day=day,
        )


def _entry(tenant: str, change: Change) -> Item:
    return {**keys.tenant_change(tenant, change.change_id), **item_of(change)}


def _parse(item: Item) -> App:
    return App(**{name: item[name] for name in App.__struct_fields__ if name in item})
