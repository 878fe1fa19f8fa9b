"""How a room reads a vendor's rows: fast while all is well, row by row when one is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.ids import is_usable
from payrelay.domain.reasons import reason
from payrelay.domain.records import Reason
from payrelay.errors import NeedsAttention

from .http.answers import error_of_unreadable

_SHAPE_OF_A_DAY = 10
# So many rows are read at once, as long as each can be used.
_MANY = 10


class Row(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A vendor's row: frozen, camelCase on the wire, unknown fields ignored, no personal data in its repr."""

    named_by: ClassVar[tuple[str, ...]] = ("id",)

    def __repr__(self) -> str:
        named = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.named_by)
        return f"{type(self).__name__}({named})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self.named_by]


class Day(date):
    """A date as the wire has it, alone or as the first part of a time.

    The date part as it stands: shifting it to another zone would move midnight to the day before.
    """

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The day that a text begins with; ValueError for what is none."""
        # Not the value: it may be a birthday, and this text is shown.
        problem = "is not a day such as 2026-02-09"
        if not isinstance(raw, str):
            raise ValueError(problem)
        try:
            return cls._of(raw)
        except ValueError:
            raise ValueError(problem) from None

    @classmethod
    @lru_cache(maxsize=1 << 15)  # many people share a day
    def _of(cls, text: str) -> Self:
        if len(text) == _SHAPE_OF_A_DAY or text.startswith("T", _SHAPE_OF_A_DAY):
            return cls.fromisoformat(text[:_SHAPE_OF_A_DAY])
        raise ValueError(text)


@overload
def plain_day(day: date) -> date: ...
@overload
def plain_day(day: None) -> None: ...
def plain_day(day: date | None) -> date | None:
    """A day of a row as the domain has it: a date and no more."""
    return None if day is None else date.fromordinal(day.toordinal())


class TextAmount(Decimal):
    """An amount that comes as text, digit by digit, in the form that a system's own subclass says."""

    form: ClassVar[re.Pattern[str]]
    # What is wrong with any other; not the value: it may be somebody's pay, and this text is shown.
    problem: ClassVar[str]

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The number that a text is; ValueError for anything else, a JSON number too."""
        if not isinstance(raw, str) or not cls.form.fullmatch(raw):
            raise ValueError(cls.problem)
        return cls(raw)


R = TypeVar("R", bound=Row)
T = TypeVar("T")


class BadRow(Struct, frozen=True):
    """A row that can't be used: which one, its number for people ("" if it has none), what is wrong where."""

    id: str
    number: str
    field: str
    problem: str

    def why(self, label: str, system: str) -> Reason:
        """The reason of a record that can't be synced for it; `label` and `system` as people know them."""
        return reason("VALUE_NOT_VALID", label=label, field=self.field, problem=self.problem, system=system)


class Listed(Generic[T]):
    """A list as it was read. Its rows come out only together with those that can't be used.

    Whoever takes them says what becomes of the unusable ones: they are told of, each as a record, or they
    stop what depends on the list. So none is ever passed over unread.
    """

    __slots__ = ("_bad", "_good")

    def __init__(self, good: Iterable[T], bad: Iterable[BadRow] = ()) -> None:
        self._good, self._bad = list(good), tuple(bad)

    def take(self, bad: list[BadRow]) -> list[T]:
        """The rows; those that can't be used are added to `bad`, for the caller to tell of."""
        bad += self._bad
        return self._good

    def whole(self, what: str, system: str) -> list[T]:
        """The rows, if each can be used; else NeedsAttention, for everything depends on them.

        `what` and `system` name a row for people: "Cost centre", "Xledger".
        """
        if self._bad:
            bad = self._bad[0]
            why = bad.why(f"{what} {bad.number or bad.id}", system)
            raise NeedsAttention(why.code, why.message, why.remedy)
        return self._good

    def __len__(self) -> int:
        """How many rows were listed, usable or not."""
        return len(self._good) + len(self._bad)


class Unusable:
    """Rows that can't be used, by the key that they are looked for by.

    One that does not even tell its key may be any that is missing: it stands for each of them.
    """

    __slots__ = ("_rows",)

    def __init__(self, bad: Iterable[BadRow], key: Callable[[BadRow], str]) -> None:
        self._rows = {key(row): row for row in bad}

    def instead_of(self, key: str) -> BadRow | None:
        """The row that `key` may be missing for; None if it is missing for good."""
        return self._rows.get(key) or self._rows.get("")

    def __bool__(self) -> bool:
        return bool(self._rows)


def all_of(listed: Listed[T], system: str) -> list[T]:
    """The rows of an answer that needs each; with an unusable one it is an answer that can't be read."""
    bad: list[BadRow] = []
    rows = listed.take(bad)
    if bad:
        raise error_of_unreadable(system, f"{bad[0].field} {bad[0].problem}".strip(), safe=True)
    return rows


def about(asked: Iterable[str], bad: Iterable[BadRow], key: str) -> list[BadRow]:
    """Unusable rows of an answer by what was asked for: by their `key` ("id" or "number"), in any case.

    One that names nothing of that may be any of it, and has an empty key.
    """
    known: dict[str, list[str]] = {}
    for one in asked:
        known.setdefault(one.casefold(), []).append(one)
    return [
        replace(row, **{key: name}) for row in bad for name in known.get(getattr(row, key).casefold(), [""])
    ]


class Reader(Generic[R]):
    """Reads rows of one model; `id_key` and `number_key` name a bad one."""

    def __init__(self, model: type[R], *, id_key: str, number_key: str) -> None:
        self._model, self._id_key, self._number_key = model, id_key, number_key
        self._names = dict(zip(model.__struct_encode_fields__, model.__struct_fields__, strict=True))

    def read(self, raws: Iterable[object]) -> tuple[list[R], list[BadRow]]:
        """The rows, and those that can't be used; what is a row already stays as it is."""
        found = list(raws)
        if len(found) >= _MANY:
            with suppress(msgspec.ValidationError):
                rows = msgspec.convert(found, list[self._model], dec_hook=from_wire)  # type: ignore[name-defined]
                if self._are_named(found):
                    return rows, []
        return self._each(found)

    def _each(self, raws: Iterable[Any]) -> tuple[list[R], list[BadRow]]:
        rows, bad = [], []
        for raw in raws:
            try:
                row = msgspec.convert(raw, self._model, dec_hook=from_wire)
            except msgspec.ValidationError as error:
                bad.append(self.bad_row(raw, *_where_and_what(str(error))))
                continue
            wrong = self.misnamed(raw)
            if wrong:
                bad.append(wrong)
            else:
                rows.append(row)
        return rows, bad

    def misnamed(self, raw: Any) -> BadRow | None:
        """The bad row that a row is whose id can't be one."""
        named = self._told(raw, self._id_key)
        if not isinstance(named, str) or is_usable(named):
            return None
        return self.bad_row(raw, self._id_key, f"{named!a} can't be an id")

    def _are_named(self, raws: Iterable[Any]) -> bool:
        """Whether none of these is `misnamed`."""
        key, name = self._id_key, self._names.get(self._id_key, "")
        for raw in raws:
            named = raw.get(key) if isinstance(raw, dict) else getattr(raw, name, None)
            if isinstance(named, str) and not is_usable(named):
                return False
        return True

    def asked(self, row_id: str) -> BadRow | None:
        """The bad row that an id stands for which can't be asked for."""
        return self.misnamed({self._id_key: row_id})

    def one(self, raw: object, system: str, *, safe: bool) -> R:
        """The row that an answer is; an answer of any other form may be to a write that was done."""
        rows, bad = self.read([raw])
        if bad:
            raise error_of_unreadable(system, f"{bad[0].field} {bad[0].problem}".strip(), safe=safe)
        return rows[0]

    def bad_row(self, raw: object, field: str, problem: str) -> BadRow:
        row_id, number = (_label(self._told(raw, key)) for key in (self._id_key, self._number_key))
        return BadRow(row_id, number, field, problem)

    def _told(self, raw: Any, key: str) -> Any:
        """What a row says under a name of the wire."""
        if isinstance(raw, dict):
            return raw.get(key)
        return getattr(raw, self._names.get(key, ""), None) if isinstance(raw, self._model) else None


def from_wire(kind: Any, raw: object) -> Any:
    """A value of a type of our own; its ValueError becomes the row's."""
    return kind.from_wire(raw)


# What msgspec says of a row: "Expected `str`, got `int` - at `$.bankAccount.iban`".
_PLACE = r" - at `\$\.?(?P<path>[^`]*)`$"
_MISSING = r"Object missing required field `(?P<name>[^`]+)`"


def _where_and_what(message: str) -> tuple[str, str]:
    """The field's path, and what is wrong with it; neither shows a value."""
    place = re.search(_PLACE, message)
    path = place["path"] if place else ""
    problem = message[: place.start()] if place else message
    missing = re.fullmatch(_MISSING, problem)
    if missing:
        path, problem = ".".join(part for part in (path, missing["name"]) if part), "is missing"
    return path, problem


def _label(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""
