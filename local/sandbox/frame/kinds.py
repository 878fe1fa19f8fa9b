"""Which values a field takes and how they are kept, and what is said of a row that does not fit."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeAlias

UNKNOWN, MISSING, TWICE, NO_JSON = "unknown", "missing", "twice", "no json"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_MANY = 10**9
_WHOLE = re.compile(r"-?\d{1,12}", re.ASCII)


@dataclass(frozen=True)
class Kind:
    """`words` end the message "must be …"; `take` gives the value as it is kept, or raises ValueError.

    `code` is the room's own mark of a value that does not fit, for rooms that word these in several ways.
    """

    words: str
    take: Callable[[Any], Any]
    code: str = ""
    nullable: bool = False

    def read(self, value: Any) -> Any:
        """The value as it is kept; raises ValueError, or Misfits for what is inside of it."""
        return None if value is None and self.nullable else self.take(value)

    def accepts(self, value: Any) -> bool:
        """Whether the value fits."""
        try:
            self.read(value)
        except ValueError:
            return False
        return True


Fields: TypeAlias = Mapping[str, Kind]


class Misfit(NamedTuple):
    """One thing that does not fit: where it stands, what is said of it, and which kind of mistake it is."""

    path: tuple[str | int, ...]
    message: str
    code: str = ""

    @property
    def field(self) -> str:
        """`fiscalDetails.annualSalary`, `Rows[3].AsAt`; empty for the row itself."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")

    @property
    def said(self) -> str:
        """The whole sentence."""
        return f"{self.field} {self.message}." if self.path else f"The body: {self.message}."


class Misfits(ValueError):
    """What does not fit; `where` it was sent is the body, the query or the headers."""

    def __init__(self, found: Iterable[Misfit], where: str = "body") -> None:
        self.found = list(found)
        self.where = where
        super().__init__("; ".join(one.said for one in self.found))


def misfit(field: str, message: str, code: str = "") -> Misfits:
    """The refusal of one field."""
    return Misfits([Misfit((field,) if field else (), message, code)])


def read_row(
    fields: Fields, given: Any, needed: Collection[str] = (), absent: tuple[Any, ...] = ()
) -> tuple[dict[str, Any], list[Misfit]]:
    """The row as it is kept, or whatever does not fit, the needed fields that are missing first.

    Values that are `absent`, such as (None, ""), count as not sent. A row of which everything is kept as it
    was given is given back itself: a state has millions of values, and seldom is one to be changed.
    """
    if not isinstance(given, dict):
        return {}, [Misfit((), "an object is needed")]
    if absent:
        given = {name: value for name, value in given.items() if value not in absent or name not in fields}
    missing = [
        name
        for name in needed
        if given.get(name) is None and (name not in given or not fields[name].nullable)
    ]
    found = [Misfit((name,), "is required", MISSING) for name in missing]
    changed: dict[str, Any] = {}
    for name, value in given.items():
        kind = fields.get(name)
        if kind is None:
            found.append(Misfit((str(name),), f"unknown field; known are {', '.join(fields)}", UNKNOWN))
        elif value is None and (kind.nullable or name in missing):
            continue
        else:
            # As `kind.read` does, without its call.
            try:
                kept = kind.take(value)
            except Misfits as inside:
                found += [one._replace(path=(name, *one.path)) for one in inside.found]
            except ValueError:
                found.append(Misfit((name,), f"must be {kind.words}", kind.code))
            else:
                if kept is not value:
                    changed[name] = kept
    if found:
        return {}, found
    return {**given, **changed} if changed else given, found


def fitting(fields: Fields, given: Any, needed: Collection[str] = (), absent: tuple[Any, ...] = ()) -> Any:
    """The row as it is kept; raises Misfits."""
    row, found = read_row(fields, given, needed, absent)
    if found:
        raise Misfits(found)
    return row


def misfits(fields: Fields, row: Any, needed: Collection[str] = ()) -> list[tuple[str, str]]:
    """Field and message of whatever does not fit."""
    return [(one.field, one.message) for one in read_row(fields, row, needed)[1]]


# --- making kinds -------------------------------------------------------------------------------------------


def that(words: str, fits: Callable[[Any], object], code: str = "") -> Kind:
    """Values that pass a test, kept as they are."""

    def take(value: Any) -> Any:
        if not fits(value):
            raise ValueError(value)
        return value

    return Kind(words, take, code)


def like(words: str, pattern: str | re.Pattern[str], code: str = "") -> Kind:
    """A text that is wholly of the pattern."""
    fits = (re.compile(pattern, re.ASCII) if isinstance(pattern, str) else pattern).fullmatch

    def take(value: Any) -> str:
        if not isinstance(value, str) or not fits(value):
            raise ValueError(value)
        return value

    return Kind(words, take, code)


def instance_of(kind: type, words: str, code: str = "") -> Kind:
    """Values of a type of JSON, kept as they are."""

    def take(value: Any) -> Any:
        if not isinstance(value, kind):
            raise ValueError(value)
        return value

    return Kind(words, take, code)


def one_of(*values: str, code: str = "") -> Kind:
    """One of these texts."""

    def take(value: Any) -> str:
        if not isinstance(value, str) or value not in values:
            raise ValueError(value)
        return value

    return Kind(f"one of {', '.join(value or 'an empty text' for value in values)}", take, code)


def or_null(kind: Kind) -> Kind:
    """What the other kind takes, and null."""
    return replace(kind, words=f"{kind.words}, or null", nullable=True)


def may_be_null(fields: Fields, but: Collection[str] = ()) -> dict[str, Any]:
    """The same fields, each of which takes null, which goes without saying."""
    return {name: kind if name in but else replace(kind, nullable=True) for name, kind in fields.items()}


def whole(least: int, most: int = _MANY, words: str = "") -> Kind:
    """A whole number."""
    bounds = f"a whole number, {least} or more" if most == _MANY else f"a whole number from {least} to {most}"
    return that(words or bounds, lambda value: type(value) is int and least <= value <= most)


def whole_text(least: int, most: int = _MANY, words: str = "") -> Kind:
    """A whole number as a query has it, in digits."""

    def take(value: Any) -> int:
        if not _WHOLE.fullmatch(value) or not least <= int(value) <= most:
            raise ValueError(value)
        return int(value)

    usual = f"a whole number from {least}" + (f" to {most}" if most < _MANY else "")
    return Kind(words or usual, take)


def record(fields: Fields, needed: Collection[str] = (), absent: tuple[Any, ...] = ()) -> Kind:
    """An object of such fields; what is wrong inside of it is told by its own name."""

    def take(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(value)
        row: dict[str, Any] = fitting(fields, value, needed, absent)
        return row

    return Kind("an object", take)


def listed(kind: Kind) -> Kind:
    """A list of such values."""

    def take(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError(value)
        taken, found = [], []
        for place, one in enumerate(value):
            try:
                taken.append(kind.read(one))
            except Misfits as inside:
                found += [wrong._replace(path=(place, *wrong.path)) for wrong in inside.found]
            except ValueError:
                found.append(Misfit((place,), f"must be {kind.words}", kind.code))
        if found:
            raise Misfits(found)
        return taken

    return Kind("a list", take)


def instant(moment: datetime) -> str:
    """`2026-01-06T22:01:09Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def is_day(value: object) -> bool:
    """Whether a value is a date such as `2026-01-04`, and one that there is."""
    return isinstance(value, str) and _DAY.fullmatch(value) is not None and _is_on_a_calendar(value)


def is_instant(value: object) -> bool:
    """Whether a value is a time such as `2026-01-06T22:01:09Z`, and one that there is."""
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None and _is_on_a_calendar(value)


def _is_on_a_calendar(text: str) -> bool:
    try:
        date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


TEXT = instance_of(str, "a text")
NAME = that("a text that is not blank", lambda value: isinstance(value, str) and bool(value.strip()))
# What stands in a path.
KEY = that(
    "a text that is not blank and has no slash",
    lambda value: isinstance(value, str) and bool(value.strip()) and "/" not in value,
)
FLAG = instance_of(bool, "true or false")
FLAG_TEXT = Kind("true or false", lambda value: bool(("false", "true").index(value)))
DAY = that("a date such as 2026-01-31", is_day)
INSTANT = that("a time such as 2026-01-23T18:02:00Z", is_instant)
OBJECT = instance_of(dict, "an object")
LIST = instance_of(list, "a list")
