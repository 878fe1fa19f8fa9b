"""Planned writes, kept in an encrypted, expiring bucket until they are applied (RUN-7, RUN-9).

The only place where sensitive values are written down in clear: what is to be sent must be there.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import Struct, ValidationError, convert, to_builtins
from msgspec.structs import replace

from payrelay.domain import sensitive
from payrelay.domain.records import Record, Risk, Write
from payrelay.domain.runs import Run
from payrelay.ledger import keys
from payrelay.ledger.objects import Objects
from payrelay.ledger.parts import record_from, record_to, squeeze, unsqueeze

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

P = TypeVar("P", bound=Struct)
KINDS: dict[str, type[sensitive.Sensitive]] = {
    kind.__name__: kind for kind in (sensitive.SocialSecurityNumber, sensitive.BankAccount, sensitive.Secret)
}

WHOLE = slice(None)


class PlanExpired(Exception):
    """The plan is not kept any more."""


class Plans:
    """The bucket of plans: one object for each page that writes something, one for a run's look-ups."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self.objects = Objects(client, bucket)

    def put_writes(self, run: Run, index: int, writes: Sequence[Write[Any]]) -> None:
        """Keep a page's writes; a page without any keeps no object."""
        if writes:
            self._put(run, f"page-{index:05d}", [_write_to(write) for write in writes])

    def writes(
        self, tenant: str, connection_id: str, run_id: str, index: int, part: slice = WHOLE
    ) -> list[Write[Any]]:
        """A page's planned writes or a part of them, in their order; `PlanExpired` when they are gone."""
        name = keys.plan_object(tenant, connection_id, run_id, f"page-{index:05d}")
        return [_write_from(raw) for raw in self._get(name)[part]]

    def records(self, run: Run, index: int) -> list[Record]:
        """A page's planned writes as records with their risks, in their order, without what is to be sent."""
        name = keys.plan_object(run.tenant, run.connection_id, run.run_id, f"page-{index:05d}")
        return [_looked_at(raw) for raw in self._get(name)]

    def put_context(self, run: Run, context: Mapping[str, Any]) -> None:
        """Keep what every page of a run needs, read once."""
        self._put(run, "context", context)

    def context(self, run: Run) -> Mapping[str, Any]:
        """What `put_context` was given."""
        found: Mapping[str, Any] = self._get(
            keys.plan_object(run.tenant, run.connection_id, run.run_id, "context")
        )
        return found

    def put_only(self, run: Run, source_ids: Sequence[str]) -> None:
        """Keep the source ids that a replay is confined to."""
        self._put(run, "only", list(source_ids))

    def only(self, run: Run) -> list[str]:
        """What `put_only` was given."""
        found: list[str] = self._get(keys.plan_object(run.tenant, run.connection_id, run.run_id, "only"))
        return found

    def put_replayed(self, run: Run, changes: Mapping[str, Any]) -> None:
        """Keep what the run that is replayed had planned, by record and field."""
        self._put(run, "replayed", changes)

    def replayed(self, run: Run) -> Mapping[str, Any]:
        """What `put_replayed` was given."""
        found: Mapping[str, Any] = self._get(
            keys.plan_object(run.tenant, run.connection_id, run.run_id, "replayed")
        )
        return found

    def put_read(self, run: Run, index: int, part: Struct) -> None:
        """Keep what was read for one page, where the lists of both sides can only be read as a whole."""
        self.keep(run, f"read-{index:05d}", part)

    def read(self, run: Run, index: int, kind: type[P]) -> P:
        """What `put_read` was given, which is of this kind."""
        found = self.kept(run, f"read-{index:05d}", kind)
        if found is None:
            raise PlanExpired(f"read-{index:05d}")
        return found

    def keep(self, run: Run, name: str, part: Struct) -> None:
        """Keep something that a run has read, under a name of its own."""
        self._put_bytes(run, name, gzip.compress(msgspec.json.encode(part), compresslevel=1, mtime=0))

    def kept(self, run: Run, name: str, kind: type[P]) -> P | None:
        """What `keep` was given under that name, which is of this kind; None if there is nothing."""
        key = keys.plan_object(run.tenant, run.connection_id, run.run_id, name)
        try:
            body = self._get_bytes(key)
        except PlanExpired:
            return None
        return msgspec.json.decode(gzip.decompress(body), type=kind)

    def put_tried(self, run: Run, tried: Mapping[str, Any]) -> None:
        """Keep what a session that goes on by itself has tried."""
        self._put(run, "tried", tried)

    def tried(self, run: Run) -> Mapping[str, Any]:
        """What `put_tried` was given; empty at the start of a session."""
        try:
            found: Mapping[str, Any] = self._get(
                keys.plan_object(run.tenant, run.connection_id, run.run_id, "tried")
            )
        except PlanExpired:
            return {}
        return found

    def _put(self, run: Run, name: str, value: Any) -> None:
        self._put_bytes(run, name, squeeze(value))

    def _put_bytes(self, run: Run, name: str, body: bytes) -> None:
        self.objects.put(keys.plan_object(run.tenant, run.connection_id, run.run_id, name), body)

    def _get(self, name: str) -> Any:
        return unsqueeze(self._get_bytes(name))

    def _get_bytes(self, name: str) -> bytes:
        body = self.objects.get(name)
        if body is None:
            raise PlanExpired(name)
        return body


def _looked_at(raw: Mapping[str, Any]) -> Record:
    record = record_from(raw["record"])
    return replace(record, risks=tuple(Risk(risk) for risk in raw["risks"])) if raw["risks"] else record


def _write_to(write: Write[Any]) -> dict[str, Any]:
    return {
        "record": record_to(write.record),
        "payload": to_builtins(write.payload, enc_hook=_sealed),
        "target_id": write.target_id,
        "risks": [risk.value for risk in write.risks],
        "digests": dict(write.digests),
        "facts": dict(write.facts),
        "removes": write.removes,
    }


def _write_from(raw: Mapping[str, Any]) -> Write[Any]:
    return Write(
        record=record_from(raw["record"]),
        payload=_unsealed(raw["payload"]) if "payload" in raw else None,
        target_id=raw["target_id"],
        risks=tuple(Risk(risk) for risk in raw["risks"]),
        digests=raw["digests"],
        facts=raw["facts"],
        removes=raw["removes"],
    )


def typed(payload: Any, kind: type[Any]) -> Any:
    """A payload as it was stored, as the flow's own type; None if it was stored by another version."""
    if payload is None or isinstance(payload, kind):
        return payload
    try:
        return convert(payload, kind, strict=False, dec_hook=_as_it_is)
    except ValidationError:
        return None


def shape(payload: Any) -> Any:
    """The names of a payload's fields, two levels deep: the same whether it is typed yet or not."""
    plain = to_builtins(payload, enc_hook=_sealed)
    if not isinstance(plain, Mapping):
        return None
    return {name: sorted(node) if isinstance(node, Mapping) else None for name, node in plain.items()}


def _sealed(value: Any) -> Any:
    if isinstance(value, sensitive.Sensitive):
        return {"$sensitive": type(value).__name__, "value": value.reveal()}
    raise TypeError(f"{type(value).__name__} can't be kept in a plan")


def _unsealed(value: Any) -> Any:
    if isinstance(value, dict):
        if "$sensitive" in value:
            return KINDS[value["$sensitive"]](value["value"])
        return {name: _unsealed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_unsealed(inner) for inner in value]
    return value


def _as_it_is(kind: Any, value: Any) -> Any:
    """A sensitive value, which was unsealed already."""
    if isinstance(value, kind):
        return value
    raise ValueError(f"is no {kind.__name__}")
