"""What a document's lines come to."""

from decimal import ROUND_HALF_UP, Decimal

from local.sandbox.frame.room import Row

from .kinds import REQUIRED, invalid

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)


def rounded(amount: Decimal) -> Decimal:
    """To two decimals, half up."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def line_of(where: str, line: Row, percentage: Decimal, *, works_tax_out: bool = False) -> Row:
    """The line with its amounts; version 3.1 does not work the tax out. Raises Refused."""
    gross = line["quantity"] * line["unit_price"]
    off = line.get("discount_amount", gross * line.get("discount_percentage", Decimal(0)) / _HUNDRED)
    amount = rounded(gross - off)
    tax = line.get("tax_amount")
    if tax is None and percentage and not works_tax_out:
        raise invalid(REQUIRED, f"{where}.tax_amount")
    tax = rounded(amount * percentage / _HUNDRED if tax is None else tax)
    net = amount - tax if line.get("unit_price_includes_tax") else amount
    made = {"tax_amount": tax, "net_amount": net, "total_amount": net + tax}
    for name in ("net_amount", "total_amount"):
        if name in line and line[name] != made[name]:
            raise invalid("The amount does not fit quantity and price.", f"{where}.{name}")
    return {**line, "discount_amount": rounded(off), **made}


def totals(lines: list[Row]) -> Row:
    """The document's amounts, of which nothing is paid."""
    sums = {name: _sum(lines, name) for name in ("net_amount", "tax_amount", "total_amount")}
    return {**sums, "outstanding_amount": sums["total_amount"]}


def _sum(lines: list[Row], name: str) -> Decimal:
    return sum((line[name] for line in lines), Decimal(0))
