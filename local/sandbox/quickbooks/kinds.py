"""QuickBooks' kinds of value, each with the code that it is refused with, and what an entity is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from local.sandbox.frame.kinds import DAY, FLAG, Kind, instance_of, listed, misfit, one_of, record, that
from local.sandbox.frame.published import Published
from local.sandbox.frame.resources import Resource

# Empty members count as not sent.
ABSENT: tuple[Any, ...] = (None, "")


@dataclass(frozen=True, eq=False)
class Entity(Resource):
    """One kind of row.

    - `series`: those of the same series share one run of ids: all names, all documents.
    - `read_only`: the members that QuickBooks makes itself; sent ones are passed over.
    - `filters`: the members that a query may compare.
    - `owner`: the reference to a document's customer or vendor.
    """

    series: str = ""
    read_only: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    owner: str = ""

    @property
    def has_active(self) -> bool:
        """Whether its rows can be made inactive, which hides them from queries."""
        return "Active" in self.fields

    @property
    def is_sale(self) -> bool:
        """Whether it is a document that goes to a customer."""
        return self.owner == "CustomerRef"


def number(value: Decimal) -> int | float:
    """A Decimal as a JSON number."""
    return int(value) if value == value.to_integral_value() else float(value)


def decimal(value: Any) -> Decimal:
    """A stored number, exactly."""
    return Decimal(str(value))


def text(longest: int = 4000) -> Kind:
    """A text."""

    def take(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(value)
        if len(value) > longest:
            raise misfit("", f"has more than {longest} characters", "2050")
        return value

    return Kind("a string", take)


def choice(*values: str) -> Kind:
    """One of a few words."""
    return one_of(*values, code="2170")


def parts(fields: Mapping[str, Kind]) -> Kind:
    """An object of these members."""
    return record(fields, absent=ABSENT)


def _amount(value: Any) -> int | float:
    """A number, or a text that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(value)
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(value) from None
    if not read.is_finite():
        raise ValueError(value)
    return number(read)


def _whole(value: Any) -> int:
    """A whole number, or a text that is one."""
    read = _amount(value)
    if not isinstance(read, int):
        raise ValueError(value)
    return read


def _id(value: Any) -> str:
    """A text, or a number, as clients send that give ids and versions no thought."""
    if not isinstance(value, str) and type(value) is not int:
        raise ValueError(value)
    return str(value)


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and "T" in value and bool(datetime.fromisoformat(value))


AMOUNT = Kind("a number", _amount)
REF = parts(dict.fromkeys(("value", "name", "type"), text()))
# By the names that fields and the published list have for them.
_KINDS: Mapping[str, Kind] = {
    "text": text(),
    "id": Kind("a string", _id),
    "flag": FLAG,
    "amount": AMOUNT,
    "whole": Kind("a whole number", _whole),
    "ref": REF,
    "day": DAY,
    "moment": that("a time such as 2026-01-05T02:11:09-08:00", _is_moment),
    "any": instance_of(object, "anything"),
}
PUBLISHED = Published(Path(__file__).with_name("published.toml"), _KINDS, parts, code="2170")


def fields(**names_by_kind: str) -> dict[str, Kind]:
    """Members by kind: `text="Name Notes"`, `flag=…`, `amount=…`, `ref=…`, `day=…`, `any=…`."""
    return {name: _KINDS[kind] for kind, names in names_by_kind.items() for name in names.split()}


def lines(fields: Mapping[str, Kind]) -> Kind:
    """A list of such objects."""
    return listed(parts(fields))
