"""The arithmetic of a document: lines, tax and totals, rounded half up line by line."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.sandbox.frame.room import Row

_CENT = Decimal("0.01")
_WORTH = ("Quantity", "UnitAmount", "LineAmount", "AccountCode", "TaxAmount")


def is_text_only(line: Row) -> bool:
    """Whether a line has no amount: Xero takes lines with a description alone."""
    return all(line.get(name) is None for name in _WORTH)


def decimal(value: Any) -> Decimal:
    """A JSON number, digit by digit."""
    return Decimal(repr(value))


def line_amount(line: Row, unit_digits: int) -> Decimal:
    """Quantity times unit price; the price is first rounded to two digits, or to four with `unitdp=4`."""
    quantity = decimal(line.get("Quantity", 1))
    if line.get("UnitAmount") is None:
        return _cents(decimal(line.get("LineAmount", 0)))
    unit = decimal(line["UnitAmount"]).quantize(Decimal(1).scaleb(-unit_digits), ROUND_HALF_UP)
    discount = decimal(line.get("DiscountRate", 0))
    return _cents(quantity * unit * (100 - discount) / 100 - decimal(line.get("DiscountAmount", 0)))


def with_amounts(line: Row, mode: str, rate: Decimal, unit_digits: int) -> Row:
    """A line with its LineAmount and TaxAmount; a TaxAmount that was sent stands."""
    if is_text_only(line):
        return {**line, "LineAmount": 0.0, "TaxAmount": 0.0}
    amount = line_amount(line, unit_digits)
    tax = Decimal(0)
    if mode != "NoTax":
        tax = _cents(amount * rate / (100 + rate if mode == "Inclusive" else 100))
        tax = decimal(line["TaxAmount"]) if line.get("TaxAmount") is not None else tax
    return {
        **line,
        "Quantity": line.get("Quantity", 1),
        "UnitAmount": _unit(line, amount, unit_digits),
        "LineAmount": float(amount),
        "TaxAmount": float(tax),
    }


def totals(lines: Sequence[Row], mode: str) -> Row:
    """SubTotal, TotalTax and Total of lines that have their amounts."""
    amount, tax = _sum(lines, "LineAmount"), _sum(lines, "TaxAmount")
    net = amount - tax if mode == "Inclusive" else amount
    return {"SubTotal": float(net), "TotalTax": float(tax), "Total": float(net + tax)}


def _unit(line: Row, amount: Decimal, unit_digits: int) -> float:
    if line.get("UnitAmount") is None:
        return float(amount)
    return float(decimal(line["UnitAmount"]).quantize(Decimal(1).scaleb(-unit_digits), ROUND_HALF_UP))


def _sum(lines: Sequence[Row], name: str) -> Decimal:
    return sum((decimal(line[name]) for line in lines), Decimal(0))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
