"""The kinds of value that members hold: each reads a value from the wire, or says what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from .faults import RefusedError

# Gives the value in stored form; `path` names the member in a refusal.
Kind = Callable[[Any, str], Any]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ABSENT: tuple[object, ...] = (None, "")


def number(value: Decimal) -> int | float:
    """A Decimal as a JSON number."""
    return int(value) if value == value.to_integral_value() else float(value)


def decimal(value: Any) -> Decimal:
    """A stored number, exactly."""
    return Decimal(str(value))


def _wrong(path: str, words: str) -> RefusedError:
    return RefusedError("2010", f"Property Name:{path} must be {words}", path)


def text(longest: int = 4000) -> Kind:
    """A text."""

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise _wrong(path, "a string")
        if len(value) > longest:
            raise RefusedError("2050", f"{path} has more than {longest} characters", path)
        return value

    return read


def amount(value: Any, path: str) -> int | float:
    """A number, or a text that is one."""
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            read = Decimal(str(value))
        except InvalidOperation:
            read = Decimal("NaN")
        if read.is_finite():
            return number(read)
    raise _wrong(path, "a number")


def flag(value: Any, path: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise _wrong(path, "a boolean")
    return value


def day(value: Any, path: str) -> str:
    """A day such as 2026-01-05."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise _wrong(path, "a date such as 2026-01-05")


def whatever(value: Any, path: str) -> Any:  # noqa: ARG001
    """Anything: a member that this sandbox only keeps."""
    return value


def choice(*values: str) -> Kind:
    """One of a few words."""

    def read(value: Any, path: str) -> str:
        if value not in values:
            raise RefusedError("2170", f"{path} must be one of {', '.join(values)}", path)
        return str(value)

    return read


def record(fields: Mapping[str, Kind]) -> Kind:
    """An object of these members; null and empty ones count as absent."""

    def read(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(path, "an object")
        found = {}
        for name, part in value.items():
            at = f"{path}.{name}" if path else str(name)
            if name not in fields:
                raise RefusedError("2010", f"Property Name:{at} is unsupported or unspecified", at)
            if part not in _ABSENT:
                found[name] = fields[name](part, at)
        return found

    return read


def listing(kind: Kind) -> Kind:
    """A list."""

    def read(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong(path, "a list")
        return [kind(part, f"{path}[{place}]") for place, part in enumerate(value)]

    return read


def fields(**names_by_kind: str) -> dict[str, Kind]:
    """Members by kind: `text="Name Notes"`, `flag=…`, `amount=…`, `ref=…`, `day=…`, `whatever=…`."""
    kinds = {"text": text(), "flag": flag, "amount": amount, "ref": REF, "day": day, "whatever": whatever}
    return {name: kinds[kind] for kind, names in names_by_kind.items() for name in names.split()}


REF = record({"value": text(), "name": text(), "type": text()})
