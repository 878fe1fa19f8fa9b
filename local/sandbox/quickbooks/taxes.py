"""VAT as QuickBooks works it out: once per rate, over the summed net."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .books import Books
from .kinds import decimal, number


def rounded(amount: Decimal) -> Decimal:
    """To two decimals, halves away from zero."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def rates_of(books: Books, code: Row, is_sale: bool) -> list[Row]:
    """The rates that a tax code puts together on this kind of document."""
    listed = code.get("SalesTaxRateList" if is_sale else "PurchaseTaxRateList") or {}
    ids = [detail["TaxRateRef"]["value"] for detail in listed.get("TaxRateDetail", [])]
    found = [rate for rate in map(books["TaxRate"].get, ids) if rate is not None]
    if not found:
        raise Refused("6000", f"The VAT rate {code.get('Name')} is not for this kind of transaction.")
    return found


def tax_detail(books: Books, is_sale: bool, lines: list[tuple[Decimal, Row]], given: Row) -> Row:
    """`TxnTaxDetail` over amounts with their tax codes; the amounts of given tax lines stand as they are."""
    nets: defaultdict[str, Decimal] = defaultdict(Decimal)
    for net, code in lines:
        for rate in rates_of(books, code, is_sale):
            nets[rate["Id"]] += net
    overrides = {
        line["TaxLineDetail"]["TaxRateRef"]["value"]: decimal(line["Amount"])
        for line in given.get("TaxLine", [])
        if "TaxRateRef" in line.get("TaxLineDetail", {}) and "Amount" in line
    }
    tax_lines, total = [], Decimal(0)
    for rate_id, net in nets.items():
        percent = decimal((books["TaxRate"].get(rate_id) or {}).get("RateValue", 0))
        tax = overrides.get(rate_id, rounded(net * percent / 100))
        total += tax
        detail = {
            "TaxRateRef": {"value": rate_id},
            "PercentBased": True,
            "TaxPercent": number(percent),
            "NetAmountTaxable": number(net),
        }
        tax_lines.append(
            {"Amount": number(tax), "DetailType": "TaxLineDetail", "TaxLineDetail": detail},
        )
    return {"TotalTax": number(total), "TaxLine": tax_lines}
