"""Connections, schedules, tenants and apps in the table (CON-1, CON-2, CON-4)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from payrelay.domain.records import Reason
from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.ledger import keys
from payrelay.ledger.table import ConditionFailed, Item, Table, plain

FIELDS = ("pk", "sk")


class Arriving(Struct, frozen=True):
    """What a message meets: the connection, the leases of its flows, and the run that it started before."""

    connection: Connection | None
    leases: Mapping[str, Item]
    known: str | None


class Flows(Struct, frozen=True):
    """What is known of the flows of a connection: by flow, and the leases by flow and name."""

    standings: dict[str, Item] = field(default_factory=dict)
    leases: dict[str, Item] = field(default_factory=dict)
    schedules: dict[str, Item] = field(default_factory=dict)

    def sort_in(self, item: Item) -> None:
        """Put an item where it belongs; one that is nothing of these is none of ours."""
        what, _, name = item["sk"].partition("#")
        places = {"FLOW": self.standings, "LEASE": self.leases, "SCHEDULE": self.schedules}
        if what in places:
            places[what][name] = item


class Connections:
    """The connections of all tenants; each call names the tenant."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, connection: Connection) -> None:
        """Store a new connection; `ConditionFailed` when the id exists."""
        self._table.put(_item(connection), condition="attribute_not_exists(pk)")

    def get(self, tenant: str, connection_id: str) -> Connection | None:
        """One connection of this tenant, or None."""
        item = self._table.get(keys.connection(tenant, connection_id))
        return parse(item) if item else None

    def arriving(self, tenant: str, connection_id: str, message_id: str, flows: Sequence[str]) -> Arriving:
        """All that a message needs to know, read in one call."""
        place = keys.connection(tenant, connection_id)
        seen = keys.arrival(tenant, connection_id, message_id)
        leases = {keys.lease(tenant, connection_id, flow)["sk"]: flow for flow in flows}
        wanted = [place, seen, *(keys.lease(tenant, connection_id, flow) for flow in flows)]
        found = {item["sk"]: item for item in self._table.get_many(wanted)}
        return Arriving(
            parse(found[place["sk"]]) if place["sk"] in found else None,
            {flow: found[name] for name, flow in leases.items() if name in found},
            found[seen["sk"]]["run_id"] if seen["sk"] in found else None,
        )

    def list(self, tenant: str, after: str | None = None) -> Iterator[Connection]:
        """The tenant's connections by id, after the id `after` if given."""
        partition, prefix = keys.connections(tenant)
        start = f"{prefix}{after}" if after else None
        for item in self._table.query(partition, prefix=prefix, after=start):
            yield parse(item)

    def save(self, connection: Connection) -> Connection:
        """Store a changed connection; `ConditionFailed` when somebody changed it meanwhile."""
        item = _item(connection) | {"version": connection.version + 1}
        self._table.put(item, condition="version = :version", version=connection.version)
        return parse(item)

    def delete(self, connection: Connection) -> None:
        """Forget a disconnected connection; `ConditionFailed` when it is connected after all."""
        self._table.delete(
            keys.connection(connection.tenant, connection.connection_id),
            condition="attribute_not_exists(pk) OR #status = :status",
            status=ConnectionStatus.NOT_CONNECTED.value,
        )

    def attention(self, tenant: str, connection_id: str, reason: Reason, now: str) -> None:
        """Mark a connected connection whose credentials were refused."""
        self._table.update(
            keys.connection(tenant, connection_id),
            "SET #status = :attention, reason = :reason, updated_at = :now, version = version + :one",
            condition="#status IN (:connected, :attention)",
            attention=ConnectionStatus.ATTENTION.value,
            connected=ConnectionStatus.CONNECTED.value,
            reason=asdict(reason),
            now=now,
            one=1,
        )

    def mended(self, tenant: str, connection_id: str, codes: Container[str], now: str) -> None:
        """A connection that needed attention for one of these reasons is connected again."""
        found = self.get(tenant, connection_id)
        if found is None or found.status is not ConnectionStatus.ATTENTION or found.reason is None:
            return
        if found.reason.code in codes:
            connected = replace(found, status=ConnectionStatus.CONNECTED, reason=None, updated_at=now)
            with suppress(ConditionFailed):  # Somebody changes it right now, and knows better.
                self.save(connected)

    def put_schedule(self, tenant: str, connection_id: str, flow: str, schedule: Mapping[str, Any]) -> None:
        """Store a schedule; the newest one counts. While it is enabled, the watch sees it."""
        listed = keys.schedule_index(tenant, connection_id, flow) if schedule.get("enabled") else {}
        named = {"tenant": tenant, "connection_id": connection_id, "flow": flow}
        self._table.put({**keys.schedule(tenant, connection_id, flow), **schedule, **named, **listed})

    def see_to_watch(self, tenant: str, connection_id: str, flow: str) -> None:
        """Let the watch see an enabled schedule that was stored before there was a watch."""
        stored = self.schedule(tenant, connection_id, flow)
        if stored and stored.get("enabled") and "by_time_pk" not in stored:
            self.put_schedule(tenant, connection_id, flow, stored)

    def schedule(self, tenant: str, connection_id: str, flow: str) -> Item | None:
        """A flow's schedule: the members of `domain.schedules.Schedule`."""
        return self._table.get(keys.schedule(tenant, connection_id, flow))

    def schedules(self, tenant: str, connection_id: str) -> Sequence[Item]:
        """All schedules of a connection."""
        return [*self._table.query(keys.of_connection(tenant, connection_id), prefix="SCHEDULE#")]

    def enabled_schedules(self) -> Iterator[Item]:
        """The enabled schedules of all tenants, each with its tenant, connection and flow (TRG-5)."""
        yield from self._table.query(keys.enabled_schedules(), index=keys.BY_TIME)

    def delete_schedule(self, tenant: str, connection_id: str, flow: str) -> None:
        """Forget a schedule."""
        self._table.delete(keys.schedule(tenant, connection_id, flow))

    def standing(self, tenant: str, connection_id: str, flow: str) -> Item:
        """What is known of a flow over time: `first_load_done`, `last_run_id`, …; empty at first."""
        return self._table.get(keys.standing(tenant, connection_id, flow)) or {}

    def standings(self, tenant: str, connection_id: str) -> dict[str, Item]:
        """The standings of all flows of a connection, by flow."""
        found = self._table.query(keys.of_connection(tenant, connection_id), prefix="FLOW#")
        return {item["sk"].removeprefix("FLOW#"): item for item in found}

    def flows(self, tenant: str, connection_id: str) -> Flows:
        """What is known of all flows of a connection, by one query: all of it lies together."""
        found = Flows()
        partition = keys.of_connection(tenant, connection_id)
        for item in self._table.query(partition, after="FLOW#", last="SCHEDULE#~"):
            found.sort_in(item)
        return found

    def flows_of(
        self, tenant: str, connections: Mapping[str, Iterable[str]], leases: Sequence[str]
    ) -> dict[str, Flows]:
        """The same of many connections and these flows of theirs, a hundred items a call; leases by name."""
        wanted = [
            key
            for one, flows in connections.items()
            for flow in flows
            for key in (
                keys.standing(tenant, one, flow),
                keys.schedule(tenant, one, flow),
                *(keys.lease(tenant, one, flow, name) for name in leases),
            )
        ]
        found = {keys.of_connection(tenant, one): Flows() for one in connections}
        for item in self._table.get_many(wanted):
            found[item["pk"]].sort_in(item)
        return {one: found[keys.of_connection(tenant, one)] for one in connections}

    def forget_standings(self, tenant: str, connection_id: str) -> None:
        """Forget what is known of the flows of a connection over time."""
        for flow in self.standings(tenant, connection_id):
            self._table.delete(keys.standing(tenant, connection_id, flow))

    def note_missed(self, tenant: str, connection_id: str, flow: str, due: str, why: Reason) -> None:
        """Note that what was due at `due` did not run, and why; `ConditionFailed` if it was noted before."""
        self._table.update(
            keys.standing(tenant, connection_id, flow),
            "SET missed_at = :due, missed_code = :code, missed_reason = :why",
            condition="attribute_not_exists(missed_at) OR missed_at < :due",
            due=due,
            code=why.code,
            why=asdict(why),
        )

    def know_doubts(self, tenant: str, connection_id: str, flow: str) -> None:
        """Note that what earlier runs of a flow left in doubt is taken into account."""
        key = keys.standing(tenant, connection_id, flow)
        with suppress(ConditionFailed):
            self._table.update(
                key, "SET doubts_known = :yes", condition="attribute_not_exists(doubts_known)", yes=True
            )

    def ask_consent(
        self, tenant: str, connection_id: str, state: str, redirect_uri: str, *, until: int
    ) -> None:
        """Note what a consent was asked with: the digest of its state; the newest one counts."""
        key = keys.consent(tenant, connection_id)
        self._table.put({**key, "state": state, "redirect_uri": redirect_uri, "until": until, "ttl": until})

    def take_consent(self, tenant: str, connection_id: str, state: str, *, now: int) -> str | None:
        """The redirect URI of the consent that was asked with this state, once; None for any other."""
        key = keys.consent(tenant, connection_id)
        asked = self._table.get(key)
        if asked is None or asked["state"] != state or asked["until"] < now:
            return None
        try:
            self._table.delete(key, condition="#state = :state", state=state)
        except ConditionFailed:
            return None
        return str(asked["redirect_uri"])

    def touch(self, tenant: str, connection_id: str, now: int) -> None:
        """Note that the connection is in use."""
        self._table.put({**keys.use(tenant, connection_id), "used": now})

    def used(self, tenant: str, connection_id: str) -> int:
        """When the connection was used last, in seconds since the epoch; 0 for never."""
        item = self._table.get(keys.use(tenant, connection_id))
        return int(item["used"]) if item else 0

    def add_ons(self, tenant: str) -> frozenset[str]:
        """The add-ons that the tenant has bought and switched on (EX-7)."""
        item = self._table.get(keys.tenant(tenant))
        return frozenset(item["add_ons"]) if item else frozenset()

    def set_add_ons(self, tenant: str, add_ons: frozenset[str]) -> None:
        """Replace a tenant's add-ons; for Payrelay's own staff and the local stack."""
        self._table.put({**keys.tenant(tenant), "add_ons": sorted(add_ons)})

    def app(self, client_id: str) -> Item | None:
        """The `tenant` and `role` of an app of the user pool; the runbook registers it."""
        return self._table.get(keys.app(client_id))


def _item(connection: Connection) -> Item:
    item = plain(connection)
    item["status"] = connection.status.value
    return {**keys.connection(connection.tenant, connection.connection_id), **item}


def parse(item: Item) -> Connection:
    """A stored connection."""
    fields = {name: value for name, value in item.items() if name not in FIELDS}
    reason = fields.get("reason")
    return Connection(
        **{
            **fields,
            "status": ConnectionStatus(fields["status"]),
            "reason": Reason(**reason) if reason else None,
        }
    )
