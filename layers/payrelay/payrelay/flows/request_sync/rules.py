"""What a request wants in Payroll Plus, and why it may not have it (RQ-2 to RQ-7): one at a time.

A request wants *cells*: a value under a component in a payroll period, or a payment from a day on. What it
was given before is known by its own reference, so that what it does not want any more is set to zero where
it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct, field

from payrelay.domain.spelling import trimmed
from payrelay.flows.request_sync.types import FIELDS, TYPES, RequestType

REALISED, REOPENED, PROCESSED = "Realised", "Reopened", "Processed"
OPEN = "Open"
_CENT = Decimal("0.01")


class Request(Struct, frozen=True, kw_only=True):
    """A request of Synergy; hours, kilometres and money as exact decimals, None where a field is blank."""

    hid: int
    type: str
    status: str
    person: int
    start: date
    end: date | None = None
    item: str = ""
    quantity: Decimal | None = None
    amount: Decimal | None = None
    number_1: Decimal | None = None
    number_2: Decimal | None = None
    number_3: Decimal | None = None
    salary_scale: bool = False

    @property
    def ref(self) -> str:
        """How Payroll Plus names where a value came from."""
        return f"ESE-{self.hid}"


class Period(Struct, frozen=True):
    """A payroll period of one person: monthly, four-weekly, whatever they have."""

    name: str
    start: date
    end: date
    status: str = OPEN


class Component(Struct, frozen=True):
    """A component of Payroll Plus: its name as spelled there, its unit, and the place it belongs to."""

    name: str
    unit: str
    kind: str


class Item(Struct, frozen=True):
    """An item of Synergy and its free text field 1; `found` is false where there is none."""

    code: str
    component: str = ""
    found: bool = True


class Cell(Struct, frozen=True, order=True):
    """Where a value stands: under a component in a period, or, for a payment, from a day on (ISO date)."""

    place: str
    component: str
    at: str


class Problem(Struct, frozen=True):
    """Why a request can not go as it is: a reason's code, and the values that it names."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


class Value(Struct, frozen=True):
    """A value of a request and the component that takes it."""

    component: str
    value: Decimal


def type_of(request: Request) -> RequestType | None:
    """The request's type; None for one that does not go to Payroll Plus."""
    return TYPES.get(request.type)


def dates(request: Request, kind: RequestType) -> Problem | None:
    """Whether the dates can be used at all: an end where it must be, and not before the start (RQ-2)."""
    if request.end is None:
        return Problem("END_DATE_MISSING") if kind.end_mandatory else None
    if request.end < request.start:
        return Problem("END_BEFORE_START", {"start": f"{request.start}", "end": f"{request.end}"})
    return None


def years(request: Request) -> tuple[int, ...]:
    """The calendar years that a request touches."""
    last = request.end or request.start
    return tuple(range(request.start.year, last.year + 1))


def neighbours(request: Request) -> tuple[int, ...]:
    """The years whose periods may hold its start too: one may begin, or end, in another year."""
    return (request.start.year - 1, request.start.year + 1)


def period_of(request: Request, periods: Sequence[Period]) -> Period | Problem:
    """The one payroll period that holds the start and the end (RQ-3); it must still be open."""
    last = request.end or request.start
    found = next((one for one in periods if one.start <= request.start <= one.end), None)
    if found is None or not found.start <= last <= found.end:
        return Problem("NO_PAYROLL_PERIOD", {"start": f"{request.start}", "end": f"{last}"})
    return found if found.status == OPEN else closed(found, periods)


def closed(period: Period, periods: Sequence[Period], held: str = "") -> Problem:
    """What is said of a period that takes nothing any more, with the next one that is open."""
    later = sorted(
        (one for one in periods if one.status == OPEN and one.start > period.end), key=lambda one: one.start
    )
    following = f"{later[0].name}, the next period that is open" if later else "a period that is open"
    values = {"period": period.name, "status": period.status, "open": following, "held": held}
    return Problem("PAYROLL_PERIOD_CLOSED", values)


def values_of(
    request: Request, kind: RequestType, item: Item | None, components: Mapping[str, Component]
) -> tuple[Value, ...] | Problem:
    """The values to send, each with its component as it is spelled there (RQ-5)."""
    parts = kind.parts
    if kind.by_item:
        component = _component(request, kind, item, components)
        if isinstance(component, Problem):
            return component
        parts = ((component.name, FIELDS.get(component.unit, "amount" if kind.is_payment else "quantity")),)
    given = [(component, name, getattr(request, name)) for component, name in parts]
    if all(value is None for _, _, value in given):
        return Problem("VALUE_MISSING", {"field": given[0][1]})
    for _, name, value in given:
        if value is not None and value != value.quantize(_CENT):
            seen = f"is {value:f}" if name == "quantity" else "has more than two decimals"
            return Problem("VALUE_TOO_FINE", {"field": name, "seen": seen})
    return tuple(
        Value(component, value.quantize(_CENT)) for component, _, value in given if value is not None
    )


def _component(
    request: Request, kind: RequestType, item: Item | None, components: Mapping[str, Component]
) -> Component | Problem:
    """The component that the item names (RQ-5)."""
    if not trimmed(request.item) or item is None:
        return Problem("ITEM_MISSING")
    if not item.found:
        return Problem("ITEM_UNKNOWN", {"item": item.code})
    code = trimmed(item.component)
    if not code:
        return Problem("COMPONENT_MISSING", {"item": item.code})
    found = components.get(code)
    if found is None:
        return Problem("COMPONENT_UNKNOWN", {"item": item.code, "value": code})
    if found.kind != kind.place:
        values = {"item": item.code, "value": code, "kind": found.kind, "place": kind.place}
        return Problem("COMPONENT_OF_ANOTHER_KIND", values)
    return found


def written(value: Decimal) -> str:
    """A value as Payroll Plus takes it, with two decimals."""
    return f"{value.quantize(_CENT):f}"
