"""The ten types of request, each with its place in Payroll Plus; the docs are made of it (RQ-1)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

VARIABLE_INPUT = "variableInput"
BASIC_WAGE = "basicWage"
# A basic wage has no item; this is its component.
BASIC = "BASIC"


class Reopened(Enum):
    """What becomes of what was sent when a processed request is re-opened (RQ-6)."""

    ZERO = "is set to zero"
    STAYS = "remains"
    WAGE = "remains if it has an end date, and is set to zero if not"


class RequestType(Struct, frozen=True):
    """A type of request: where its values go, and by what component.

    `parts` are the components of its own, each with the request's field; without any, the component is the
    item's free text field 1, and its unit says which field is sent.
    """

    code: str
    label: str
    place: str
    screen: str
    end_mandatory: bool
    reopened: Reopened
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def is_payment(self) -> bool:
        """Whether it makes a payment of the employment conditions, of which one is in force at a time."""
        return self.place != VARIABLE_INPUT

    @property
    def by_item(self) -> bool:
        """Whether the component comes from the item."""
        return not self.parts


_PAYMENTS = "Employee, Employment conditions, Payments"
_VARIABLE = "Employee, Payroll, Variable input"


def _payment(code: str, label: str, place: str, screen: str, **more: object) -> RequestType:
    values = {"end_mandatory": False, "reopened": Reopened.STAYS, **more}
    return RequestType(code, label, place, f"{_PAYMENTS}, {screen}", **values)  # type: ignore[arg-type]


def _variable(code: str, label: str, *parts: tuple[str, str], screen: str = "") -> RequestType:
    shown = screen or ", ".join(component for component, _ in parts)
    return RequestType(code, label, VARIABLE_INPUT, f"{_VARIABLE}, {shown}", True, Reopened.ZERO, parts)


TYPES: Mapping[str, RequestType] = {
    one.code: one
    for one in (
        _payment(
            "GROSSWAGE",
            "Gross wage",
            BASIC_WAGE,
            "Basic wage",
            reopened=Reopened.WAGE,
            parts=((BASIC, "amount"),),
        ),
        _payment("NETSUR", "Net surcharges", "netPayment", "Net payment"),
        _payment("GROSSSUR", "Gross surcharges", "grossPaymentTable", "Gross payment - table"),
        _payment("NETDED", "Net deductions", "netDeduction", "Net deduction"),
        _payment("GROSSDED", "Gross deductions", "grossDeduction", "Gross deduction"),
        _variable(
            "SICK",
            "Sick information",
            ("Uren ziek (uren)", "number_1"),
            ("Uren nsup ziek (uren)", "number_2"),
            ("Wachturen ziek (uren)", "number_3"),
        ),
        _variable("HOURS", "Realised hours", ("Uren gewerkt (uren)", "quantity")),
        _variable("UNPAID", "Unpaid leave hours", ("Uren onb.verz (uren)", "quantity")),
        _variable("OVERTIME", "Overtime", screen="Uren ovw % (overwerk)"),
        _variable(
            "MILEAGE",
            "Mileage compensation",
            screen="KM.vergoed.onb (bedrag per eenheid), KM.belast (eenheden)",
        ),
    )
}
# Which field a component of an item takes, by its unit in Payroll Plus.
FIELDS: Mapping[str, str] = {
    "uren": "quantity",
    "eenheden": "quantity",
    "bedrag": "amount",
    "bedrag per eenheid": "amount",
}
LABELS: Mapping[str, str] = {
    "amount": "Amount",
    "quantity": "Quantity",
    "number_1": "Free number 1 (sick hours)",
    "number_2": "Free number 2 (non-supplemented sick hours)",
    "number_3": "Free number 3 (waiting hours)",
}
