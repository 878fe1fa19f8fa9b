"""Runs and their leases: one run in progress per connection and flow (RUN-1), whatever dies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from payrelay.domain.records import Reason, Request
from payrelay.domain.runs import Halt, Mode, Run, Status, Trigger, Waits
from payrelay.ledger import keys
from payrelay.ledger.recent import with_ended
from payrelay.ledger.table import ConditionFailed, Item, Table, plain

# A run that acts gives a sign of life, but not more often than this.
SIGN_SECONDS = 15
# What is written when a lease is taken or renewed; the index lists it for the watch.
TAKING = (
    "SET run_id = :run_id, lease_until = :lease_until, seen_at = :seen_at, tenant = :tenant, "
    "by_time_pk = :by_time_pk, by_time_sk = :by_time_sk"
)
# How attributes of what a run asked of each system begin.
ASKED = "asked_"
PLAIN = {"pk", "sk", "ttl", "by_time_pk", "by_time_sk", "by_connection_pk", "by_connection_sk"}


class Started(Struct, frozen=True):
    """The run that is in progress now; the id of a run whose lease had run out, if one had died.

    It is in the way, and not the one to join, if it is `lacking` something that was asked for.
    """

    run: Run
    dead: str | None = None
    lacking: str | None = None


class Arrival(Struct, frozen=True):
    """A message that starts a run once: its id, and the lease as it was read together with the connection."""

    message_id: str
    lease: Item | None
    ttl: int


class Life(Struct, frozen=True):
    """What a run's lease tells of it: whether it is its own, until when, and its last sign of life.

    Seconds since the epoch. A lease of before signs were kept has none.
    """

    own: bool
    until: int = 0
    seen_at: int | None = None


class Leased(Struct, frozen=True):
    """Who has a lease: the tenant and the run."""

    tenant: str
    run_id: str


class LeaseLost(Exception):
    """The run's lease is another run's by now, or the run has ended: stop, and write nothing more."""


class AlreadyApplied(Exception):
    """The plan of this run was applied before."""


class Runs:
    """The runs of all tenants; each call names the tenant."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def start(
        self,
        run: Run,
        *,
        now: int,
        lease_seconds: int,
        ttl: int,
        arrival: Arrival | None = None,
        lacking: Callable[[Run], str | None] = lambda _: None,
        alive: Callable[[Run, Life], bool] = lambda *_: True,
    ) -> Started:
        """Queue `run` if its flow has no run in progress; the run that is then in progress.

        The answer is `run` itself, or the one to join; or, `lacking` what it says in words, the one that is
        in the way. One that has the lease and is not `alive` has been closed by being asked.

        Timeline of two triggers at once: both read a free lease; the first transaction writes lease and run
        together; the second one's condition fails, it reads again and joins. A lease whose run died is taken
        over once it expired. A message is noted with the run that it started, in the same transaction, so
        that it never starts another. So is a plan with the run that applies it: `AlreadyApplied` once one has
        ended well, also if that was a moment ago.
        """
        lease_key = keys.lease(run.tenant, run.connection_id, run.flow, run.lease_name)
        lease = arrival.lease if arrival else self._table.get(lease_key)
        for _ in range(5):
            if lease and lease["lease_until"] >= now:
                joined = self.get(run.tenant, lease["run_id"])
                if joined and not joined.status.final and alive(joined, _life(joined, lease)):
                    told = lacking(joined)
                    return Started(joined if told else self._joined(run, joined, arrival), lacking=told)
            taking = self._table.updating(
                lease_key,
                TAKING,
                condition="run_id = :dead AND lease_until = :dead_until"
                if lease
                else "attribute_not_exists(run_id)",
                **_taken(run, now, lease_seconds),
                **({"dead": lease["run_id"], "dead_until": lease["lease_until"]} if lease else {}),
            )
            queueing = self._table.putting({**_item(run), "ttl": ttl}, condition="attribute_not_exists(pk)")
            noting = [self._noting(run, run.run_id, arrival)] if arrival else []
            applying = self._applying(run)
            failed = self._table.transact([taking, queueing, *noting, *applying])
            if not failed:
                return Started(run, lease["run_id"] if lease else None)
            if applying and len(noting) + 2 in failed:
                raise AlreadyApplied(run.plan_run_id)
            known = self._known(run, arrival) if 2 in failed else None
            if known:
                return Started(known)
            lease = self._table.get(lease_key)
        raise ConditionFailed

    def wait(self, run: Run, *, ttl: int, arrival: Arrival | None = None) -> Run:
        """Keep `run` until the one in progress has ended; the one that waits already, if there is one.

        One waits for each flow: whoever else comes meanwhile wants no more than that one.
        """
        waiting = keys.waiting(run.tenant, run.connection_id, run.flow)
        keeping = self._table.putting({**waiting, "run_id": run.run_id}, condition="attribute_not_exists(pk)")
        queueing = self._table.putting({**_item(run), "ttl": ttl}, condition="attribute_not_exists(pk)")
        noting = [self._noting(run, run.run_id, arrival)] if arrival else []
        failed = self._table.transact([keeping, queueing, *noting])
        if not failed:
            return run
        known = self._known(run, arrival) if 2 in failed else None
        found = known or self.waiting(run.tenant, run.connection_id, run.flow)
        if found is None:
            raise ConditionFailed
        return self._joined(run, found, arrival)

    def waiting(self, tenant: str, connection_id: str, flow: str) -> Run | None:
        """The run that waits until the flow's run in progress has ended."""
        item = self._table.get(keys.waiting(tenant, connection_id, flow))
        return self.get(tenant, item["run_id"]) if item else None

    def waits_its_turn(self, run: Run) -> bool:
        """Whether a run is the one that waits until the flow's run in progress has ended."""
        waiting = self.waiting(run.tenant, run.connection_id, run.flow)
        return waiting is not None and waiting.run_id == run.run_id

    def release(self, run: Run, *, now: int, lease_seconds: int) -> bool:
        """Give a run that waited the lease of its flow; False while another one has it.

        Crash before its execution is started: it is queued and has the lease, as any run that was just
        started, and the next trigger that joins it starts its execution.
        """
        lease_key = keys.lease(run.tenant, run.connection_id, run.flow, run.lease_name)
        waiting = keys.waiting(run.tenant, run.connection_id, run.flow)
        taking = self._table.updating(
            lease_key,
            TAKING,
            condition="attribute_not_exists(run_id) OR lease_until < :seen_at",
            **_taken(run, now, lease_seconds),
        )
        leaving = self._table.deleting(waiting, condition="run_id = :run_id", run_id=run.run_id)
        return not self._table.transact([taking, leaving])

    def _joined(self, run: Run, joined: Run, arrival: Arrival | None) -> Run:
        """The run that is joined; noted for a message, unless the very same message was quicker."""
        if arrival and self._table.transact([self._noting(run, joined.run_id, arrival)]):
            return self._known(run, arrival) or joined
        return joined

    def _applying(self, run: Run) -> list[Item]:
        """What notes with a plan which run applies it, under the condition that none has done so."""
        plan = keys.run(run.tenant, run.plan_run_id)
        if run.mode is not Mode.APPLY or self._table.get(plan) is None:
            return []
        change, once = "SET applying = :run_id", "attribute_not_exists(applied_by)"
        return [self._table.updating(plan, change, condition=once, run_id=run.run_id)]

    def _noting(self, run: Run, run_id: str, arrival: Arrival) -> Item:
        item = {
            **keys.arrival(run.tenant, run.connection_id, arrival.message_id),
            "run_id": run_id,
            "ttl": arrival.ttl,
        }
        return self._table.putting(item, condition="attribute_not_exists(pk)")

    def _known(self, run: Run, arrival: Arrival | None) -> Run | None:
        item = (
            self._table.get(keys.arrival(run.tenant, run.connection_id, arrival.message_id))
            if arrival
            else None
        )
        return self.get(run.tenant, item["run_id"]) if item else None

    def in_progress(self, tenant: str, connection_id: str, flow: str) -> Run | None:
        """The run of a flow that has not ended, or None."""
        lease = self._table.get(keys.lease(tenant, connection_id, flow))
        run = self.get(tenant, lease["run_id"]) if lease else None
        return None if run is None or run.status.final else run

    def stopping(self, tenant: str, connection_id: str, flow: str, *, now: int) -> Run | None:
        """The run of a flow that was told to stop, has not ended, and is not dead either."""
        lease = self._table.get(keys.lease(tenant, connection_id, flow))
        run = self.get(tenant, lease["run_id"]) if lease and lease["lease_until"] >= now else None
        return run if run and run.halt and not run.status.final else None

    def all_in_progress(self, tenant: str, connection_id: str) -> Iterator[Run]:
        """The runs of a connection that have not ended, of all its flows and people."""
        return self._not_ended(tenant, self._leases(tenant, connection_id))

    def leased(self) -> Iterator[Leased]:
        """Who has a lease, of all tenants, for the watch alone."""
        for item in self._table.query(keys.leases(), index=keys.BY_TIME):
            yield Leased(item["tenant"], item["run_id"])

    def life(self, run: Run) -> Life:
        """What the lease says of a run in progress."""
        lease = self._table.get(keys.lease(run.tenant, run.connection_id, run.flow, run.lease_name))
        return _life(run, lease)

    def in_the_way(self, run: Run) -> Run | None:
        """The run that has the lease which `run` would need, if it has not ended."""
        lease = self._table.get(keys.lease(run.tenant, run.connection_id, run.flow, run.lease_name))
        found = self.get(run.tenant, lease["run_id"]) if lease else None
        return None if found is None or found.status.final else found

    def _leases(self, tenant: str, connection_id: str) -> Iterable[Item]:
        return self._table.query(keys.of_connection(tenant, connection_id), prefix="LEASE#")

    def _not_ended(self, tenant: str, leases: Iterable[Item]) -> Iterator[Run]:
        for lease in leases:
            run = self.get(tenant, lease["run_id"])
            if run and not run.status.final:
                yield run

    def get(self, tenant: str, run_id: str) -> Run | None:
        """One run of this tenant, or None."""
        item = self._table.get(keys.run(tenant, run_id))
        return parse(item) if item else None

    def holding(self, tenant: str, run_id: str, *, now: int, lease_seconds: int) -> Run:
        """The run, if it may still act: not ended, and holding the lease, which is renewed when half gone."""
        run = self.get(tenant, run_id)
        if run is None or run.status.final:
            raise LeaseLost(run_id)
        lease_key = keys.lease(tenant, run.connection_id, run.flow, run.lease_name)
        lease = self._table.get(lease_key)
        if not lease or lease["run_id"] != run_id:
            raise LeaseLost(run_id)
        if now - lease.get("seen_at", 0) >= SIGN_SECONDS or lease["lease_until"] - now < lease_seconds // 2:
            taken = _taken(run, now, lease_seconds)
            # A wait that was asked for may have made it longer.
            taken["lease_until"] = max(taken["lease_until"], lease["lease_until"])
            try:
                self._table.update(lease_key, TAKING, condition="run_id = :run_id", **taken)
            except ConditionFailed as error:
                raise LeaseLost(run_id) from error
        return run

    def extend(self, run: Run, *, until: int) -> None:
        """Keep the lease over a wait that the vendor asked for."""
        try:
            self._table.update(
                keys.lease(run.tenant, run.connection_id, run.flow, run.lease_name),
                "SET lease_until = :until",
                condition="run_id = :run_id AND lease_until < :until",
                until=until,
                run_id=run.run_id,
            )
        except ConditionFailed:
            return

    def change(self, run: Run, *, asked: Mapping[str, int] | None = None, **fields: Any) -> Run:
        """Set fields of a run in progress, and add to what it `asked`; `LeaseLost` when it has ended."""
        item = _item(replace(run, **fields))
        names = [name for name in fields if item.get(name) is not None]
        more: Item = _asked(asked or {})
        sums = [f"#{name} = if_not_exists(#{name}, :nothing) + :{name}" for name in more]
        zero: Item = {"nothing": 0} if more else {}
        try:
            changed = self._table.update(
                keys.run(run.tenant, run.run_id),
                "SET " + ", ".join([*(f"#{name} = :{name}" for name in names), *sums]),
                condition="attribute_exists(pk) AND attribute_not_exists(finished_at)",
                **{name: item[name] for name in names},
                **more,
                **zero,
            )
        except ConditionFailed as error:
            raise LeaseLost(run.run_id) from error
        return parse(changed)

    def add_asked(self, run: Run, asked: Mapping[str, int]) -> None:
        """Add to what a run in progress asked of each system."""
        with suppress(LeaseLost):  # What has ended stays as it is.
            self.change(run, asked=asked)

    def halt(self, run: Run, halt: Halt) -> None:
        """Say that the run must not go on; the first reason stays, and an ended run stays as it is."""
        condition = (
            "attribute_exists(pk) AND attribute_not_exists(halt) AND attribute_not_exists(finished_at)"
        )
        try:
            self._table.update(
                keys.run(run.tenant, run.run_id), "SET halt = :halt", condition=condition, halt=_halt(halt)
            )
        except ConditionFailed:
            return

    def leave_queue(self, run: Run) -> None:
        """Take a run out of the queue of its flow, if it waits there."""
        waiting = keys.waiting(run.tenant, run.connection_id, run.flow)
        self._table.transact([self._table.deleting(waiting, condition="run_id = :run_id", run_id=run.run_id)])

    def finish(self, run: Run, *, standing: Mapping[str, Any], failed_run: Item | None = None) -> bool:
        """Store an ended run, give its lease back and note it in its flow's standing, all at once.

        One that went wrong is put into the list of its day with it. False when it had ended already, and then
        nothing is changed.

        Timeline of two runs of a flow that end at once: both read the same standing; the first transaction
        writes it; the second one's condition fails, and it reads again. Of the run that was asked for earlier
        a standing learns only that it has ended.
        """
        for _ in range(5):
            failed = self._finish(run, standing, failed_run)
            if not failed or 0 in failed:
                return not failed
        # Whoever has its lease by now, and whatever ends beside it, this must be there.
        return not self._finish(run, {}, failed_run, leased=False)

    def _finish(
        self, run: Run, standing: Mapping[str, Any], failed_run: Item | None, *, leased: bool = True
    ) -> list[int]:
        """Try it once, over what is there now: which conditions failed, that of the run being the first."""
        ended = keys.run(run.tenant, run.run_id)
        lease_key = keys.lease(run.tenant, run.connection_id, run.flow, run.lease_name)
        standing_key = keys.standing(run.tenant, run.connection_id, run.flow)
        wanted = [ended, *([lease_key] if leased else []), *([standing_key] if standing else [])]
        found = {item["sk"]: item for item in self._table.get_many(wanted)}
        ttl = found.get(ended["sk"], {}).get("ttl")
        once = "attribute_exists(pk) AND attribute_not_exists(finished_at)"
        actions = [self._table.putting({**_item(run), "ttl": ttl}, condition=once)]
        if failed_run:
            actions.append(self._table.putting(failed_run))
        if found.get(lease_key["sk"], {}).get("run_id") == run.run_id:
            actions.append(self._table.deleting(lease_key, condition="run_id = :run_id", run_id=run.run_id))
        if standing:
            before = found.get(standing_key["sk"], {})
            newest = before.get("last_run_id", "") <= run.run_id
            learnt = {**(standing if newest else {}), **with_ended(before, run)}
            change = "SET " + ", ".join(f"#{name} = :{name}" for name in learnt)
            unmoved, as_read = _unmoved(before, ("last_run_id", "ended"))
            # What it carries is of runs that are forgotten before this one.
            values = {**learnt, **as_read}
            actions.append(
                self._table.updating(standing_key, change, condition=unmoved, pieces_ttl=ttl, **values)
            )
        return self._table.transact(actions)

    def note_applied(self, applied: Run) -> None:
        """Note with the run whose plan was written which run did it; the first one stays."""
        try:
            self._table.update(
                keys.run(applied.tenant, applied.plan_run_id),
                "SET applied_by = :run_id",
                condition="attribute_exists(pk) AND attribute_not_exists(applied_by)",
                run_id=applied.run_id,
            )
        except ConditionFailed:
            return

    def list(self, tenant: str, connection_id: str | None = None, after: str | None = None) -> Iterator[Run]:
        """Runs, newest first, of the tenant or of one connection, older than the run id `after`."""
        index, partition = keys.BY_TIME, keys.runs_of_tenant(tenant)
        if connection_id:
            index, partition = keys.BY_CONNECTION, keys.runs_of_connection(tenant, connection_id)
        for item in self._table.query(partition, index=index, after=after, newest_first=True):
            yield parse(item)

    def since(self, tenant: str, connection_id: str, run_id: str) -> Iterator[Run]:
        """The runs of a connection that are newer than the run id `run_id`, oldest first."""
        partition = keys.runs_of_connection(tenant, connection_id)
        for item in self._table.query(partition, index=keys.BY_CONNECTION, after=run_id):
            yield parse(item)


def _unmoved(item: Item, names: Sequence[str]) -> tuple[str, Item]:
    """The condition that these attributes of an item are still as they were read, with its values."""
    read = {f"{name}_read": item[name] for name in names if name in item}
    terms = [f"#{name} = :{name}_read" if name in item else f"attribute_not_exists({name})" for name in names]
    return " AND ".join(terms), read


def _life(run: Run, lease: Item | None) -> Life:
    if lease is None or lease["run_id"] != run.run_id:
        return Life(own=False)
    return Life(own=True, until=lease["lease_until"], seen_at=lease.get("seen_at"))


def _taken(run: Run, now: int, lease_seconds: int) -> Item:
    """The values of `TAKING`."""
    index = keys.lease_index(run.tenant, run.connection_id, run.flow, run.lease_name)
    until = now + lease_seconds
    return {"run_id": run.run_id, "lease_until": until, "seen_at": now, "tenant": run.tenant, **index}


def _halt(halt: Halt) -> Item:
    request = {"request": asdict(halt.request)} if halt.request else {}
    return {"status": halt.status.value, "reason": asdict(halt.reason), **request}


def _asked(asked: Mapping[str, int]) -> Item:
    return {f"{ASKED}{name}": number for name, number in asked.items()}


def _item(run: Run) -> Item:
    item = plain(run)
    item |= {"status": run.status.value, "mode": run.mode.value, "trigger": run.trigger.value}
    item["halt"] = _halt(run.halt) if run.halt else None
    # Side by side, so that steps at the same time can add to each.
    item |= _asked(item.pop("asked"))
    indexes = keys.run_indexes(run.tenant, run.connection_id, run.run_id)
    return {**keys.run(run.tenant, run.run_id), **indexes, **item}


def parse(item: Item) -> Run:
    """A stored run."""
    asked = {name.removeprefix(ASKED): n for name, n in item.items() if name.startswith(ASKED)}
    fields = {name: value for name, value in item.items() if name not in PLAIN and not name.startswith(ASKED)}
    fields |= {
        "status": Status(item["status"]),
        "mode": Mode(item["mode"]),
        "trigger": Trigger(item["trigger"]),
    }
    if "halt" in fields:
        halt = item["halt"]
        fields["halt"] = Halt(Status(halt["status"]), Reason(**halt["reason"]), _request(halt.get("request")))
    for name in ("error", "died"):
        if name in fields:
            fields[name] = Reason(**item[name])
    if "waits" in fields:
        fields["waits"] = Waits(**item["waits"])
    return Run(**{**fields, "request": _request(item.get("request")), "asked": asked})


def _request(stored: Item | None) -> Request | None:
    return Request(**stored) if stored else None
