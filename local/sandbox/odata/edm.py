"""The types of OData v2 that Exact's entities have: what they take, how they are sent, how they compare.

A row keeps values as JSON has them: times as `2026-01-05T00:00:00`, decimals as text, codes without blanks.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from local.sandbox.frame.kinds import Kind, one_of

CODE_LENGTH = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS = re.compile(r"/Date\((-?\d{1,15})\)/", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?)?", re.ASCII)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_INT32 = 2**31


@dataclass(frozen=True)
class Edm(Kind):
    """A type. `literal` is the kind of literal that a filter compares it with.

    `show` turns what is kept into what is sent, and `compare` gives what values are compared by. None is
    not given to any of them.
    """

    name: str = ""
    literal: str = ""
    show: Callable[[Any], Any] = lambda kept: kept
    compare: Callable[[Any], Any] = lambda kept: kept
    ordered: bool = True


@lru_cache(maxsize=1 << 15)
def moment(text: str) -> datetime:
    """A time as it is written in a filter or body; ValueError if it is none."""
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache(maxsize=64)
def written(time: datetime) -> str:
    """A time as rows keep it."""
    return f"{time:%Y-%m-%dT%H:%M:%S}"


def guid(text: str) -> str:
    """A guid in lower case; ValueError if it is none."""
    if not _GUID.fullmatch(text):
        raise ValueError(text)
    return text.lower()


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError(raw)
    return raw


def _time(raw: Any) -> str:
    ticks = _TICKS.fullmatch(_text(raw))
    try:
        return written(_EPOCH + timedelta(milliseconds=int(ticks[1])) if ticks else moment(raw))
    except OverflowError:
        raise ValueError(raw) from None


def _shown_time(kept: str) -> str:
    return f"/Date({(moment(kept) - _EPOCH) // timedelta(milliseconds=1)})/"


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(raw)
    return raw


def _whole(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not -_INT32 <= raw < _INT32:
        raise ValueError(raw)
    return raw


def _double(raw: Any) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise ValueError(raw)
    return raw


def _decimal(raw: Any) -> str:
    if not _DECIMAL.fullmatch(_text(raw)):
        raise ValueError(raw)
    return str(raw)


def padded(code: str, length: int = CODE_LENGTH) -> str:
    """A code as Exact keeps it: blanks in front, 20 characters in all where nothing else is said."""
    return code.rjust(length)


def code(length: int) -> Edm:
    """A text with blanks in front, of so many characters in all."""
    return Edm(
        "a text",
        lambda raw: _text(raw).strip(),
        name="Edm.String",
        literal="text",
        show=lambda kept: padded(kept, length),
        compare=lambda kept: padded(kept, length).casefold(),
    )


INT32 = Edm("a whole number", _whole, name="Edm.Int32", literal="number")
DOUBLE = Edm(
    "a number", _double, name="Edm.Double", literal="number", compare=lambda kept: Decimal(str(kept))
)
DECIMAL = Edm(
    'a number as text, such as "42000.00"', _decimal, name="Edm.Decimal", literal="number", compare=Decimal
)
BOOLEAN = Edm("true or false", _flag, name="Edm.Boolean", literal="flag", ordered=False)
GUID = Edm("a guid", lambda raw: guid(_text(raw)), name="Edm.Guid", literal="guid", ordered=False)
TEXT = Edm("a text", _text, name="Edm.String", literal="text", compare=str.casefold)
CODE = code(CODE_LENGTH)
TIME = Edm(
    "a time such as /Date(1767571200000)/ or 2026-01-05T00:00:00",
    _time,
    name="Edm.DateTime",
    literal="datetime",
    show=_shown_time,
    compare=moment,
)


def choice(*values: str) -> Edm:
    """A text that is one of a few."""
    return replace(TEXT, words=f"one of {', '.join(values)}", take=one_of(*values).take)


def fields(**names_by_kind: str) -> dict[str, Edm]:
    """Fields by their types: `text="FirstName LastName"`, `time=…`, `whole=…`, `code=…`."""
    kinds = {"text": TEXT, "time": TIME, "whole": INT32, "code": CODE, "guid": GUID, "flag": BOOLEAN}
    return {
        name: (kinds | {"double": DOUBLE, "decimal": DECIMAL})[kind]
        for kind, names in names_by_kind.items()
        for name in names.split()
    }
