"""Query parameters and paging: each parameter has a reader, and a cursor is a place in one list."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from payrelay.domain.ids import is_usable
from payrelay.runtime.problems import Problem, in_one_line

# Turns the text of a parameter into its value; ValueError says what would be right.
Reader = Callable[[str], Any]
Position = tuple[str | int, ...]
Thing = TypeVar("Thing")

LARGEST_PAGE = 200
USUAL_PAGE = 50
# How many things one answer looks at in search of those that a filter lets through.
LOOKED_AT = 5000
LONGEST_POSITION = 300

_MOMENT = r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+ -]\d{2}:\d{2})"


def read_query(raw: str, readers: Mapping[str, Reader], required: Sequence[str] = ()) -> dict[str, Any]:
    """Every parameter of `readers` with its value or None; problem 400 that names each wrong one."""
    given = parse_qsl(raw, keep_blank_values=True)
    names = [name for name, _ in given]
    allowed = ", ".join(readers) or "none"
    unknown = [name[:100] for name in dict.fromkeys(names) if name not in readers]
    errors = [(name, f"is not known; allowed: {allowed}") for name in unknown]
    errors += [(name, "is given more than once") for name in readers if names.count(name) > 1]
    errors += [(name, "is required") for name in required if name not in names]
    values: dict[str, Any] = dict.fromkeys(readers)
    for name, text in given:
        if name in readers:
            try:
                values[name] = readers[name](text)
            except ValueError as error:
                errors.append((name, str(error)))
    if errors:
        raise Problem("BAD_REQUEST", in_one_line(errors), errors=errors)
    return values


def one_of(allowed: Iterable[str]) -> Reader:
    """One of these words."""
    words = list(allowed)

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of: {', '.join(words)}")
        return text

    return read


def some_of(allowed: Iterable[str]) -> Reader:
    """One of these words, or several with commas between them."""
    words = list(allowed)

    def read(text: str) -> list[str]:
        found = text.split(",")
        if not set(found) <= set(words):
            raise ValueError(f"must be one or several, with commas between them, of: {', '.join(words)}")
        return found

    return read


def matching(pattern: re.Pattern[str], what: str) -> Reader:
    """A text of this form."""

    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"must be {what}")
        return text

    return read


def text_up_to(longest: int) -> Reader:
    """Any text that may be an id, or part of one."""

    def read(text: str) -> str:
        if not 0 < len(text) <= longest:
            raise ValueError(f"must have 1 to {longest} characters")
        if not is_usable(text):
            raise ValueError("can't be an id")
        return text

    return read


def page_size(text: str) -> int:
    """How many items to answer."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= LARGEST_PAGE:
        raise ValueError(f"must be a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


def moment(text: str) -> datetime:
    """A time as RFC 3339, in UTC. A `+` that arrived as a blank is understood."""
    problem = "must be a time as RFC 3339 has it, such as 2026-11-22T06:00:00Z"
    found = re.fullmatch(_MOMENT, text, re.ASCII)
    if found is None:
        raise ValueError(problem)
    day, clock, fraction, zone = found.groups()
    offset = "+00:00" if zone in "Zz" else zone.replace(" ", "+")
    try:
        return datetime.fromisoformat(f"{day}T{clock}{(fraction or '')[:7]}{offset}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(problem) from error


def cursor(list_name: str, *kinds: type[str] | type[int], longest: int = LONGEST_POSITION) -> Reader:
    """Where to go on in the list of that name; `kinds` are the types of its positions, of texts `longest`."""

    def read(text: str) -> Position:
        try:
            name, *position = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
            if name != list_name or len(position) != len(kinds):
                raise ValueError
            if not all(_fits(value, kind, longest) for value, kind in zip(position, kinds, strict=True)):
                raise ValueError
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError("is not a cursor of this list; take `next_cursor` of its last page") from error
        return tuple(position)

    return read


def cursor_text(list_name: str, position: Position) -> str:
    """A position as a cursor: opaque to clients, so that it may change."""
    return base64.urlsafe_b64encode(json.dumps([list_name, *position]).encode()).decode()


def _fits(value: object, kind: type[str] | type[int], longest: int) -> bool:
    if isinstance(value, str):
        return kind is str and 0 < len(value) <= longest and value.isascii()
    return kind is int and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9


def page(
    list_name: str, found: Iterable[tuple[Position, Thing | None]], limit: int | None, *, each_part: int = 0
) -> tuple[list[Thing], str | None]:
    """The first `limit` things of `found` and the cursor of the rest, None at the end.

    A thing is None where a filter left it out. A page may be shorter than `limit` before the end, when
    very much was left out. Where things lie in parts that are read one by one, a part counts as `each_part`
    things more.
    """
    items: list[Thing] = []
    last: Position | None = None
    looked = 0
    for position, thing in found:
        full = thing is not None and len(items) == (limit or USUAL_PAGE)
        if last is not None and (full or looked >= LOOKED_AT):
            return items, cursor_text(list_name, last)
        looked += 1 if last is not None and last[:-1] == position[:-1] else 1 + each_part
        if thing is not None:
            items.append(thing)
        last = position
    return items, None
