"""QuickBooks' kinds of value, each with the code that it is refused with, and what an entity is."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from local.sandbox.frame.kinds import DAY, FLAG, Kind, instance_of, listed, misfit, one_of, record
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


AMOUNT = Kind("a number", _amount)
REF = parts(dict.fromkeys(("value", "name", "type"), text()))


def fields(**names_by_kind: str) -> dict[str, Kind]:
    """Members by kind: `text="Name Notes"`, `flag=…`, `amount=…`, `ref=…`, `day=…`, `whatever=…`."""
    kinds = {"text": text(), "flag": FLAG, "amount": AMOUNT, "ref": REF, "day": DAY}
    kinds["whatever"] = instance_of(object, "anything")
    return {name: kinds[kind] for kind, names in names_by_kind.items() for name in names.split()}


def lines(fields: Mapping[str, Kind]) -> Kind:
    """A list of such objects."""
    return listed(parts(fields))
