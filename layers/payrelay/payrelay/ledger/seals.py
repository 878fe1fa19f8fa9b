"""What renews itself, as ciphertext: tokens, sessions, secrets of hooks; none can be read here (CON-3)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from payrelay.ledger import keys
from payrelay.ledger.table import Item, Table

# What was sealed at once: the parts of one text, as KMS gave them.
Parts = tuple[bytes, ...]


class Sealed(Struct, frozen=True):
    """What is kept at one place, the newest first; `version` is that of its item, empty if there is none.

    A version is never given twice, not even to a place that was emptied meanwhile.
    """

    version: str = ""
    kept: tuple[Parts, ...] = ()

    def __repr__(self) -> str:
        return f"Sealed(version={self.version!r}, kept={len(self.kept)})"


class HookSeal(Struct, frozen=True):
    """The sealed secrets of a connection's hook. `moved` is true while the secret of before may be there."""

    tenant: str
    kind: str
    sealed: Sealed
    moved: bool = False


class Seals:
    """The ciphertexts of all connections. Each write is conditional: whoever comes second reads first."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, connection_id: str, system: str) -> Sealed:
        """What is kept of a system of a connection."""
        return _sealed(self._table.get(keys.seal(tenant, connection_id, system)))

    def put(
        self, tenant: str, connection_id: str, system: str, before: Sealed, kept: Sequence[Parts]
    ) -> Sealed:
        """Replace what was there `before`, in one write; `ConditionFailed` if that is not there any more."""
        return self._put(keys.seal(tenant, connection_id, system), before, kept, {})

    def forget(self, tenant: str, connection_id: str, system: str, before: Sealed) -> None:
        """Forget what was there `before`; `ConditionFailed` if something else is there."""
        key = keys.seal(tenant, connection_id, system)
        self._table.delete(
            key, condition="attribute_not_exists(pk) OR #version = :version", version=before.version
        )

    def forget_all(self, tenant: str, connection_id: str) -> None:
        """Forget what is kept of all systems of a connection."""
        partition, prefix = keys.seals(tenant, connection_id)
        for item in [*self._table.query(partition, prefix=prefix, fields=("pk", "sk"))]:
            self._table.delete({"pk": item["pk"], "sk": item["sk"]})

    def hook(self, connection_id: str) -> HookSeal | None:
        """The secrets of a connection's hook, if it has any: a sender knows no tenant."""
        item = self._table.get(keys.hook(connection_id))
        if item is None:
            return None
        return HookSeal(str(item["tenant"]), str(item["kind"]), _sealed(item), bool(item.get("moved")))

    def put_hook(self, connection_id: str, before: Sealed, hook: HookSeal) -> Sealed:
        """Replace the secrets of a hook; `ConditionFailed` if those of `before` are not there any more."""
        more = {"tenant": hook.tenant, "kind": hook.kind, "moved": hook.moved or None}
        return self._put(keys.hook(connection_id), before, hook.sealed.kept, more)

    def forget_hook(self, connection_id: str) -> None:
        """Forget the secrets of a hook; no error when there are none."""
        self._table.delete(keys.hook(connection_id))

    def _put(self, key: keys.Key, before: Sealed, kept: Sequence[Parts], more: Mapping[str, Any]) -> Sealed:
        version = secrets.token_hex(8)
        item = {**key, **more, "version": version, "sealed": [list(parts) for parts in kept]}
        if before.version:
            self._table.put(item, condition="#version = :before", before=before.version)
        else:
            self._table.put(item, condition="attribute_not_exists(pk)")
        return Sealed(version, tuple(kept))


def _sealed(item: Item | None) -> Sealed:
    if item is None:
        return Sealed()
    return Sealed(item["version"], tuple(tuple(parts) for parts in item["sealed"]))
