"""Entities: resources with what may be written of them, and how rows and keys of them are sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from local.sandbox.frame.kinds import may_be_null
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource, at_time
from local.sandbox.frame.room import Row

from .edm import GUID, INT32, TEXT, Edm, guid, written

_WHOLE = re.compile(r"-?\d{1,10}", re.ASCII)
_TEXT = re.compile(r"'((?:''|[^'])*)'")
_STAMPS = ("ModifiedDate", "CreatedDate")


@dataclass(frozen=True, eq=False)
class Entity(Resource):
    """One entity. `create` and `change` name what may be sent; `required` is what can't be empty there.

    Its rows may be `removable`. Fields that are `hidden` tell the owner of a row, such as a company: on the
    wire they are no properties, and no part of a key.
    """

    create: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    removable: bool = False

    @cached_property
    def seen(self) -> Mapping[str, Edm]:
        """The fields that are properties."""
        return {name: self.edm(name) for name in self.fields if name not in self.hidden}

    @cached_property
    def named_by(self) -> tuple[str, ...]:
        """The properties of the key; none where an owner has one row."""
        return tuple(name for name in self.keys if name not in self.hidden)

    @property
    def type_name(self) -> str:
        """`Exact.Metadata.Entity.Resource`."""
        return f"Exact.Metadata.Entity.{self.name}"

    def edm(self, name: str) -> Edm:
        """The type of a field."""
        return cast(Edm, self.fields[name])

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """What names a row among those of its owner."""
        return tuple(row[name] for name in self.named_by)


def entity(
    name: str,
    fields: Mapping[str, Edm],
    *,
    key: str | tuple[str, ...] = "ID",
    place: int = 0,
    made: Callable[[Row], Row] = lambda row: row,
    **more: Any,
) -> Entity:
    """An entity whose rows have every field, most of them null. `place` tells its guids from others'.

    Keys that are whole numbers are counted where `fresh` is given.
    """

    def whole(row: Row, reading: Reading) -> Row:
        now = written(reading.now)
        stamps = {name: now for name in _STAMPS if name in fields}
        return made({**dict.fromkeys(fields), **stamps, **row})

    def fresh(number: int) -> str:
        return f"0a1f6c1e-0000-4000-8{place:03x}-{number:012x}"

    names = (key,) if isinstance(key, str) else key
    guids = {"fresh": fresh} if fields[names[-1]] is GUID else {}
    moved = {"moved": {"ModifiedDate": at_time(written)} if "ModifiedDate" in fields else {}}
    kinds = may_be_null(fields, but=names)
    # A row that is put without it gets the time of now; it was not changed by that.
    more["still"] = ("CreatedDate", *more.get("still", ()))
    return Entity(name, key, kinds, made=whole, rank=None, **(moved | guids | more))


# --- on the wire --------------------------------------------------------------------------------------------


def shown(entity: Entity, row: Row, select: tuple[str, ...] = ()) -> Row:
    """A row as it is sent."""
    fields = {
        name: None if row[name] is None else entity.edm(name).show(row[name])
        for name in (select or entity.seen)
    }
    uri = f"{entity.name}({written_key(entity, row)})"
    named = {"id": uri, "uri": uri} if entity.named_by else {}
    return {"__metadata": {**named, "type": entity.type_name}, **fields}


def read_key(entity: Entity, text: str) -> tuple[Any, ...]:
    """The key between the brackets of a path: `17`, `guid'…'`, `'x'`, or `Year=2026,Period=1` for several.

    ValueError for another type.
    """
    names = entity.named_by
    if len(names) == 1:
        return (_read_part(entity.edm(names[0]), text),)
    given = dict(pair for part in text.split(",") if len(pair := part.strip().split("=")) == 2)
    if given.keys() != set(names) or len(names) != text.count(",") + 1:
        raise ValueError(text)
    return tuple(_read_part(entity.edm(name), given[name]) for name in names)


def _read_part(kind: Edm, text: str) -> Any:
    if kind is INT32 and _WHOLE.fullmatch(text):
        return int(text)
    if kind is GUID and text.startswith("guid'") and text.endswith("'"):
        return guid(text[5:-1])
    found = _TEXT.fullmatch(text)
    if kind.literal == TEXT.literal and found:
        return kind.take(found[1].replace("''", "'"))
    raise ValueError(text)


def written_key(entity: Entity, row: Row) -> str:
    """A row's key as it stands between the brackets of a path."""
    parts = {name: _written_part(entity.edm(name), row[name]) for name in entity.named_by}
    if len(parts) == 1:
        return next(iter(parts.values()))
    return ",".join(f"{name}={part}" for name, part in parts.items())


def _written_part(kind: Edm, key: object) -> str:
    if kind is INT32:
        return str(key)
    if kind is GUID:
        return f"guid'{key}'"
    return "'" + str(key).replace("'", "''") + "'"


# --- refusals -----------------------------------------------------------------------------------------------


def bad(message: str) -> Refused:
    """What was sent does not fit."""
    return Refused("Bad", message)


def no_property(name: str, entity: Entity, position: int = 0) -> Refused:
    """A property that the entity does not have."""
    return bad(f"No property {name} exists in type '{entity.type_name}' at position {position}.")
