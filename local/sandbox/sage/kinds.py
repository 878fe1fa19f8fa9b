"""The kinds of value that Sage's members hold, and the refusals of what does not fit."""

import re
from decimal import Decimal
from typing import Any

from local.sandbox.frame.kinds import Fields, Kind, like, listed, record, that
from local.sandbox.frame.refusals import Refused

REQUIRED = "This field is required."
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)


def text(longest: int = 255) -> Kind:
    """A text of at most so many characters."""
    fits = lambda value: isinstance(value, str) and len(value) <= longest  # noqa: E731
    return that(f"a text of at most {longest} characters", fits)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError(value)
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError(value)
    # Only a state has floats: their shortest text is what was meant.
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError(value)
    return number


def members(fields: Fields) -> Kind:
    """An object in which null is as good as absent."""
    return record(fields, absent=(None,))


# A state has amounts as answers do, in texts; a body has them as JSON numbers.
NUMBER = Kind("a number, or a text that holds one", _number)
NUMBERS = frozenset(
    [
        *("quantity", "unit_price", "tax_amount", "net_amount", "total_amount", "discount_amount"),
        *("discount_percentage", "exchange_rate", "inverse_exchange_rate", "credit_limit"),
    ]
)
HEXADECIMAL = like("32 hexadecimal characters", r"[0-9a-f]{32}")
WORDS = that(
    "a list of texts, not empty",
    lambda value: isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value),
)


def many(fields: Fields) -> Kind:
    """A list of such objects."""
    return listed(members(fields))


def money(value: Decimal) -> str:
    """An amount as Sage writes it: "2000.0", "20.55"."""
    plain = format(value.normalize(), "f")
    return plain if "." in plain else f"{plain}.0"


def check_numbers(name: str, value: Any) -> None:
    """Refuse a body in which an amount is a text."""
    if isinstance(value, list):
        for one in value:
            check_numbers(name, one)
    for part, one in value.items() if isinstance(value, dict) else ():
        if part in NUMBERS and isinstance(one, str):
            raise malformed(f"{name}[{part}]")
        check_numbers(f"{name}[{part}]", one)


def malformed(name: str) -> Refused:
    """A member or parameter that is not known or of another type: `sales_invoice[date]`."""
    return Refused("Validation", f"{name} is invalid")


def invalid(message: str, source: str = "") -> Refused:
    """A rule of the business that is broken."""
    return Refused("RecordInvalid", message, source)


def unknown_reference(what: str) -> Refused:
    """Something named in a body that is not there; Sage does not say in which member."""
    return Refused("RecordNotFound", f"Couldn't find {what}.", status=422)
