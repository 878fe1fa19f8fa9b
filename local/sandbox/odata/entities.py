"""Entities: resources with what may be written of them, and how rows and keys of them are sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from local.sandbox.frame.kinds import may_be_null
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Row

from .edm import GUID, INT32, TEXT, Edm, guid, written

_WHOLE = re.compile(r"-?\d{1,10}", re.ASCII)
_TEXT = re.compile(r"'((?:''|[^'])*)'")
_STAMPS = ("ModifiedDate", "CreatedDate")


@dataclass(frozen=True, eq=False)
class Entity(Resource):
    """One entity. `create` and `change` name what may be sent; `required` is what can't be empty there."""

    create: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    @property
    def type_name(self) -> str:
        """`Exact.Metadata.Entity.Resource`."""
        return f"Exact.Metadata.Entity.{self.name}"

    def edm(self, name: str) -> Edm:
        """The type of a field."""
        return cast(Edm, self.fields[name])

    @property
    def key_type(self) -> Edm:
        """The type of the key."""
        return self.edm(self.keys[0])


def entity(
    name: str,
    fields: Mapping[str, Edm],
    *,
    key: str = "ID",
    place: int = 0,
    made: Callable[[Row], Row] = lambda row: row,
    **more: Any,
) -> Entity:
    """An entity whose rows have every field, most of them null. `place` tells its guids from others'."""

    def whole(row: Row, reading: Reading) -> Row:
        now = written(reading.now)
        stamps = {name: now for name in _STAMPS if name in fields}
        return made({**dict.fromkeys(fields), **stamps, **row})

    def fresh(number: int) -> str:
        return f"0a1f6c1e-0000-4000-8{place:03x}-{number:012x}"

    kinds = may_be_null(fields, but=(key,))
    keys = fresh if fields[key] is GUID else None
    return Entity(name, key, kinds, made=whole, fresh=keys, rank=None, **more)


# --- on the wire --------------------------------------------------------------------------------------------


def shown(entity: Entity, row: Row, select: tuple[str, ...] = ()) -> Row:
    """A row as it is sent."""
    uri = f"{entity.name}({written_key(entity, row[entity.keys[0]])})"
    fields = {
        name: None if row[name] is None else entity.edm(name).show(row[name])
        for name in (select or entity.fields)
    }
    return {"__metadata": {"id": uri, "uri": uri, "type": entity.type_name}, **fields}


def read_key(entity: Entity, text: str) -> object:
    """The key between the brackets of a path: `17`, `guid'…'` or `'x'`; ValueError for another type."""
    kind = entity.key_type
    if kind is INT32 and _WHOLE.fullmatch(text):
        return int(text)
    if kind is GUID and text.startswith("guid'") and text.endswith("'"):
        return guid(text[5:-1])
    found = _TEXT.fullmatch(text)
    if kind.literal == TEXT.literal and found:
        return kind.take(found[1].replace("''", "'"))
    raise ValueError(text)


def written_key(entity: Entity, key: object) -> str:
    """A key as it stands between the brackets of a path."""
    if entity.key_type is INT32:
        return str(key)
    if entity.key_type is GUID:
        return f"guid'{key}'"
    return "'" + str(key).replace("'", "''") + "'"


# --- refusals -----------------------------------------------------------------------------------------------


def bad(message: str) -> Refused:
    """What was sent does not fit."""
    return Refused("Bad", message)


def no_property(name: str, entity: Entity, position: int = 0) -> Refused:
    """A property that the entity does not have."""
    return bad(f"No property {name} exists in type '{entity.type_name}' at position {position}.")
