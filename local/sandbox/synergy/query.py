"""The query options of a call, strictly read."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl

from .edm import CODE, GUID, INT32, guid
from .entities import Entity
from .filters import Passes, read_filter
from .refusals import RefusedError, bad, no_property

LIST_OPTIONS = ("$filter", "$select", "$top", "$skiptoken", "$orderby")
_WHOLE = re.compile(r"-?\d{1,10}", re.ASCII)
_TEXT = re.compile(r"'((?:''|[^'])*)'")
_ORDER = re.compile(r"\s*(\w+)(?:\s+(asc|desc))?\s*", re.ASCII)


@dataclass(frozen=True)
class Query:
    """What a list is asked for; None and empty are no limit. `after` is the key of the last row shown."""

    filter: str
    passes: Passes | None
    select: tuple[str, ...]
    top: int | None
    order: tuple[tuple[str, bool], ...]
    after: object | None


def options_of(text: str, known: Collection[str]) -> dict[str, str]:
    """The options of a call, each of them known and given once."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise bad(f"The query parameter '{name}' is not recognized.")
        if name in given:
            raise bad(f"The query parameter '{name}' is given twice.")
        given[name] = value
    return given


def read_query(text: str, entity: Entity) -> Query:
    """What a list is asked for."""
    given = options_of(text, LIST_OPTIONS)
    wanted = given.get("$filter", "")
    top = given.get("$top")
    if top is not None and (not top.isascii() or not top.isdigit() or len(top) > 9):
        raise bad(f"Incorrect format for $top argument '{top}'.")
    token = given.get("$skiptoken")
    return Query(
        filter=wanted,
        passes=read_filter(wanted, entity) if "$filter" in given else None,
        select=read_select(given.get("$select"), entity),
        top=None if top is None else int(top),
        order=_order(given["$orderby"], entity) if "$orderby" in given else (),
        after=None if token is None else _after(token, entity),
    )


def read_select(text: str | None, entity: Entity) -> tuple[str, ...]:
    """The properties to show; none named means all."""
    if text is None:
        return ()
    names, position = [], 0
    for part in text.split(","):
        name = part.strip()
        if name not in entity.fields:
            raise no_property(name, entity.type_name, position)
        names.append(name)
        position += len(part) + 1
    return tuple(names)


def read_key(text: str, entity: Entity) -> object:
    """The key between the brackets of a path: `17`, `guid'…'` or `'x'`; ValueError for another type."""
    kind = entity.fields[entity.key]
    if kind is INT32 and _WHOLE.fullmatch(text):
        return int(text)
    if kind is GUID and text.startswith("guid'") and text.endswith("'"):
        return guid(text[5:-1])
    found = _TEXT.fullmatch(text)
    if kind is CODE and found:
        return found[1].replace("''", "'").strip()
    raise ValueError(text)


def written_key(key: object, entity: Entity) -> str:
    """A key as it stands between the brackets of a path."""
    kind = entity.fields[entity.key]
    if kind is INT32:
        return str(key)
    if kind is GUID:
        return f"guid'{key}'"
    return "'" + str(key).replace("'", "''") + "'"


def bad_token() -> RefusedError:
    """A skiptoken that no page gave."""
    return bad("The $skiptoken is not one of this list.")


def _order(text: str, entity: Entity) -> tuple[tuple[str, bool], ...]:
    parts, position = [], 0
    for part in text.split(","):
        found = _ORDER.fullmatch(part)
        if found is None:
            raise bad(f"Syntax error at position {position}.")
        if found[1] not in entity.fields:
            raise no_property(found[1], entity.type_name, position)
        parts.append((found[1], found[2] == "desc"))
        position += len(part) + 1
    return tuple(parts)


def _after(token: str, entity: Entity) -> object:
    try:
        return read_key(token, entity)
    except ValueError:
        raise bad_token() from None
