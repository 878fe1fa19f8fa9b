"""Lists: which page is asked for, strictly read, and how it is shown."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from local.sandbox.frame.oauth import once
from local.sandbox.frame.room import Row

from .fields import INSTANT
from .refusals import invalid

DEFAULT_PAGE, LARGEST_PAGE = 100, 500
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)


class Asked(NamedTuple):
    """Page `page`, from 1, of `size` rows that changed at `since` or later."""

    page: int
    size: int
    since: str | None


def read_query(text: str, *, dated: bool = True) -> Asked:
    """The page that a query asks for; rows that are not `dated` have no modifiedSince."""
    try:
        given = once(text)
    except ValueError as error:
        raise invalid("A parameter is given twice.") from error
    known = ("page", "pageSize", "modifiedSince") if dated else ("page", "pageSize")
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise invalid(f"Unknown parameter {', '.join(unknown)}; known are {', '.join(known)}.")
    size = _whole(given, "pageSize", DEFAULT_PAGE)
    if size > LARGEST_PAGE:
        raise invalid(f"pageSize must be at most {LARGEST_PAGE}.")
    since = given.get("modifiedSince")
    if since is not None:
        try:
            INSTANT.read(since)
        except ValueError as error:
            raise invalid(f"modifiedSince must be {INSTANT.words}.") from error
    return Asked(_whole(given, "page", 1), size, since)


def refuse_query(text: str) -> None:
    """Only lists take parameters."""
    if text:
        raise invalid("No parameters are known here.")


def page_of(rows: Sequence[Row], asked: Asked, changed: str = "ModifiedAt") -> Row:
    """A page of sorted rows; `changed` names the field that `since` goes by. Past the end it is empty."""
    if asked.since is not None:
        rows = [row for row in rows if row[changed] >= asked.since]
    start = (asked.page - 1) * asked.size
    return {
        "Data": rows[start : start + asked.size],
        "Page": asked.page,
        "PageSize": asked.size,
        "TotalPages": -(-len(rows) // asked.size),
    }


def _whole(given: dict[str, str], name: str, usual: int) -> int:
    text = given.get(name)
    if text is None:
        return usual
    if not _WHOLE.fullmatch(text) or int(text) < 1:
        raise invalid(f"{name} must be a whole number from 1.")
    return int(text)
