"""What a listing asks for: filters and page, strictly read, and the page that it gets."""

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterable
from itertools import islice
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qsl

from local.sandbox.frame.room import Row

from .refusals import invalid

# The row that the last page ended with; None before the first page.
Place: TypeAlias = tuple[str, ...] | None

DEFAULT_PAGE, LARGEST_PAGE = 100, 200
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)
# The fields that tell a row's place in its list, which `Next` stands for.
_PLACES = {
    "users": ("UserId",),
    "leavetypes": ("IncomeCode",),
    "balances": ("EmployeeId", "IncomeCode"),
    "syncs": ("StartedAt", "SyncId"),
}


class Page(NamedTuple):
    """At most `limit` rows of a list, from behind the place `after`."""

    resource: str
    limit: int
    after: Place


def read_query(text: str, known: Collection[str]) -> dict[str, str]:
    """The parameters of a call, each of them known and given once."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise invalid(name, "This query parameter is not known.")
        if name in given:
            raise invalid(name, "This query parameter is given twice.")
        given[name] = value
    return given


def read_page(text: str, resource: str, *filters: str) -> tuple[Page, dict[str, str]]:
    """The page that a listing asks for, and its filters."""
    given = read_query(text, (*filters, "after", "limit"))
    limit = given.pop("limit", str(DEFAULT_PAGE))
    if not _WHOLE.fullmatch(limit) or not 1 <= int(limit) <= LARGEST_PAGE:
        raise invalid("limit", f"limit must be a whole number from 1 to {LARGEST_PAGE}.")
    after = given.pop("after", None)
    return Page(resource, int(limit), None if after is None else _place(after, resource)), given


def shown(rows: Iterable[Row], page: Page) -> dict[str, object]:
    """The first of the rows that lie behind the page's place."""
    items = list(islice(rows, page.limit + 1))
    more = len(items) > page.limit
    items = items[: page.limit]
    return {"Items": items, "Next": _next(page.resource, items[-1]) if more else None}


def _next(resource: str, row: Row) -> str:
    place = json.dumps([resource, *(row[name] for name in _PLACES[resource])])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _place(text: str, resource: str) -> tuple[str, ...]:
    try:
        place = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        place = None
    is_place = isinstance(place, list) and all(isinstance(part, str) for part in place)
    if not is_place or place[:1] != [resource] or len(place) != len(_PLACES[resource]) + 1:
        raise invalid("after", "after must be the Next of an earlier page of this list.")
    return tuple(place[1:])
