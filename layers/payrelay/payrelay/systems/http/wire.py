"""JSON in and out of the door."""

from __future__ import annotations

import math
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from payrelay.domain.sensitive import Sensitive

# Every digit of a fraction as it stands: money and hours are never floats.
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
# What an answer looks like, and what of it is read.
Shape = msgspec.json.Decoder[Any]
_JSON = (str, int, bool)


class Number(Struct, frozen=True):
    """A Decimal for a vendor that insists on JSON numbers: it goes out digit by digit."""

    value: Decimal


def some_of(fields: Mapping[str, Any]) -> Any:
    """The type of an object of which only these fields are read; each may be missing."""
    return TypedDict("object", fields, total=False)  # type: ignore[operator]


def shape_of(kind: Any, from_wire: Callable[[Any, object], Any] | None = None) -> Shape:
    """The shape of an answer that is of this type; `from_wire` makes values of types of our own."""
    return msgspec.json.Decoder(kind, float_hook=Decimal, dec_hook=from_wire)


def read_json(body: bytes, shape: Shape | None = None) -> Any:
    """The JSON value in `body`, its fractions as Decimal; ValueError if it is none.

    Where it is of the `shape`, no more of it than that tells, which is quicker; where it is not, all of it,
    for whoever reads it to say what is wrong.
    """
    text = body.removeprefix(BOM_UTF8)
    try:
        if shape is not None:
            with suppress(msgspec.ValidationError):
                return shape.decode(text)
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ArithmeticError:
        raise ValueError("a number beyond all bounds") from None


def write_json(value: object) -> bytes:
    """`value` as JSON: here, and only here, a sensitive value leaves its wrapping.

    Decimals and days go out as text, the way they stand; a Number as the number it is.
    """
    return msgspec.json.encode(_wire_form(value))


def write_form(value: object) -> bytes:
    """A mapping as a form, in the same plain values."""
    if not isinstance(value, Mapping):
        raise TypeError("a form is a mapping")
    plain = [(name, one if isinstance(one, str) else _plain(one)) for name, one in value.items()]
    return urlencode(plain).encode()


def sensitive_texts(value: object) -> frozenset[str]:
    """What the sensitive values inside `value` hold, so that an answer that echoes them can be cleaned."""
    return frozenset(text for text in _sensitive_texts(value) if text)


def _wire_form(value: object) -> object:
    """`value` made of what JSON has; TypeError for what has no form there, ValueError for no number."""
    if value is None or type(value) in _JSON:
        return value
    if isinstance(value, str):  # an id or word of a type of its own
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {_wire_form(name): _wire_form(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_wire_form(one) for one in value]
    if isinstance(value, Number):
        if not value.value.is_finite():
            raise ValueError("not a number that JSON has")
        return msgspec.Raw(format(value.value, "f").encode())
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("not a number that JSON has")
        return value
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, Sensitive):
        return value.reveal()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form on the wire")


def _sensitive_texts(value: object) -> Iterator[str]:
    if isinstance(value, Sensitive):
        yield _plain(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _sensitive_texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _sensitive_texts(item)
