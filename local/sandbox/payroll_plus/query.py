"""What a listing asks for: filters and page, strictly read, and the page that it gets."""

import base64
import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl

from local.sandbox.frame.kinds import Kind
from local.sandbox.frame.room import Row

from .fields import INSTANT, PERIOD, STATUS
from .refusals import invalid
from .store import ORDERS, in_order

# What tells a row's place in its list, which `nextCursor` stands for; None before the first page.
Place: TypeAlias = tuple[str, ...] | None

DEFAULT_PAGE, LARGEST_PAGE = 100, 200
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d{2}", re.ASCII)
_FILTERS = {
    "modifiedSince": INSTANT,
    "changedSince": INSTANT,
    "status": STATUS,
    "prPeriod": PERIOD,
    "year": Kind("a year such as 2026", lambda value: _YEAR.fullmatch(value) is not None),
}


class Page(NamedTuple):
    """At most `limit` rows of a list, from behind the place `after`."""

    resource: str
    limit: int
    after: Place


def read_query(text: str, known: Collection[str] = ()) -> dict[str, str]:
    """The parameters of a call, each of them known and given once."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise invalid(name, "This query parameter is not known.")
        if name in given:
            raise invalid(name, "This query parameter is given twice.")
        given[name] = value
    return given


def read_page(
    text: str, resource: str, optional: Collection[str] = (), needed: Collection[str] = ()
) -> tuple[Page, dict[str, str]]:
    """The page that a listing asks for, and its filters, of which some are `needed`."""
    given = read_query(text, (*optional, *needed, "cursor", "limit"))
    limit = given.pop("limit", str(DEFAULT_PAGE))
    if not _WHOLE.fullmatch(limit) or not 1 <= int(limit) <= LARGEST_PAGE:
        raise invalid("limit", f"limit must be a whole number from 1 to {LARGEST_PAGE}.")
    cursor = given.pop("cursor", None)
    for name in needed:
        if name not in given:
            raise invalid(name, f"{name} is required.")
    for name, value in given.items():
        if not _FILTERS[name].accepts(value):
            raise invalid(name, f"{name} must be {_FILTERS[name].words}.")
    return Page(resource, int(limit), None if cursor is None else _place(cursor, resource)), given


def shown(rows: Sequence[Row], page: Page) -> dict[str, Any]:
    """The page of a whole list, which is in its order."""
    start = 0
    if page.after is not None:
        key = in_order(page.resource)
        last = dict(zip(ORDERS[page.resource], page.after, strict=True))
        start = bisect_right(rows, key(last), key=key)
    items = rows[start : start + page.limit]
    more = start + page.limit < len(rows)
    return {"items": items, "nextCursor": _cursor(page.resource, items[-1]) if more else None}


def _cursor(resource: str, row: Row) -> str:
    place = json.dumps([resource, *(str(row[name]) for name in ORDERS[resource])])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(text: str, resource: str) -> tuple[str, ...]:
    try:
        place = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        place = None
    is_place = isinstance(place, list) and all(isinstance(part, str) for part in place)
    if not is_place or place[:1] != [resource] or len(place) != len(ORDERS[resource]) + 1:
        raise invalid("cursor", "cursor must be the nextCursor of an earlier page of this list.")
    return tuple(place[1:])
