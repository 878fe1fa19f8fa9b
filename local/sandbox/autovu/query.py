"""What a listing asks for: filters and page, strictly read."""

import re
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import parse_qsl

from .fields import TYPES
from .refusals import invalid

DEFAULT_PAGE, LARGEST_PAGE = 50, 200
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)
_FLAGS = {"true": True, "false": False}


class Page(NamedTuple):
    """Page `number`, from 1, of `size` rows."""

    number: int
    size: int


class Wanted(NamedTuple):
    """Which documents: of one type; None where it does not matter."""

    type: str
    marked: bool | None
    synced: bool | None


def read_page(text: str) -> Page:
    """The page that a query asks for, and nothing else."""
    return _page(_read(text, ("page", "pageSize")))


def read_wanted(text: str) -> tuple[Wanted, Page]:
    """Filters and page of the list of documents."""
    given = _read(text, ("type", "markedForSync", "synced", "page", "pageSize"))
    if given.get("type") not in TYPES:
        raise invalid("type", f"type must be one of {', '.join(TYPES)}.")
    wanted = Wanted(given["type"], _flag(given, "markedForSync"), _flag(given, "synced"))
    return wanted, _page(given)


def refuse_query(text: str) -> None:
    """A single row takes no parameters."""
    _read(text, ())


def _read(text: str, known: Collection[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in known:
            raise invalid(name, "This query parameter is not known.")
        if name in given:
            raise invalid(name, "This query parameter is given twice.")
        given[name] = value
    return given


def _flag(given: dict[str, str], name: str) -> bool | None:
    if name not in given:
        return None
    if given[name] not in _FLAGS:
        raise invalid(name, f"{name} must be true or false.")
    return _FLAGS[given[name]]


def _page(given: dict[str, str]) -> Page:
    number = _whole(given, "page", 1)
    size = _whole(given, "pageSize", DEFAULT_PAGE)
    if size > LARGEST_PAGE:
        raise invalid("pageSize", f"pageSize must be {LARGEST_PAGE} at most.")
    return Page(number, size)


def _whole(given: dict[str, str], name: str, usual: int) -> int:
    text = given.get(name, str(usual))
    if not _WHOLE.fullmatch(text) or int(text) < 1:
        raise invalid(name, f"{name} must be a whole number from 1.")
    return int(text)
