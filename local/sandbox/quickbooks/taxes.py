"""VAT as QuickBooks works it out: once per rate, over the summed net."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.sandbox.frame.room import Row

from .entities import SALES
from .faults import RefusedError
from .kinds import decimal, number
from .store import Store

_CENT = Decimal("0.01")


def rounded(amount: Decimal) -> Decimal:
    """To two decimals, halves away from zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def rates_of(store: Store, code: Row, entity: str) -> list[Row]:
    """The rates that a tax code puts together on this kind of document."""
    listed = code.get("SalesTaxRateList" if entity in SALES else "PurchaseTaxRateList") or {}
    ids = [detail["TaxRateRef"]["value"] for detail in listed.get("TaxRateDetail", [])]
    rates = [store.tables["TaxRate"].get(rate_id) for rate_id in ids]
    found = [rate for rate in rates if rate is not None]
    if not found:
        raise RefusedError("6000", f"The VAT rate {code.get('Name')} is not for this kind of transaction.")
    return found


def tax_detail(store: Store, entity: str, lines: list[tuple[Decimal, Row]], given: Any) -> Row:
    """`TxnTaxDetail` over amounts with their tax codes; the amounts of given tax lines stand as they are."""
    nets: defaultdict[str, Decimal] = defaultdict(Decimal)
    for net, code in lines:
        for rate in rates_of(store, code, entity):
            nets[rate["Id"]] += net
    overrides = {
        line["TaxLineDetail"]["TaxRateRef"]["value"]: decimal(line["Amount"])
        for line in (given or {}).get("TaxLine", [])
        if "TaxRateRef" in line.get("TaxLineDetail", {}) and "Amount" in line
    }
    tax_lines, total = [], Decimal(0)
    for rate_id, net in nets.items():
        rate = store.tables["TaxRate"].get(rate_id) or {}
        percent = decimal(rate.get("RateValue", 0))
        tax = overrides.get(rate_id, rounded(net * percent / 100))
        total += tax
        tax_lines.append(
            {
                "Amount": number(tax),
                "DetailType": "TaxLineDetail",
                "TaxLineDetail": {
                    "TaxRateRef": {"value": rate_id},
                    "PercentBased": True,
                    "TaxPercent": number(percent),
                    "NetAmountTaxable": number(net),
                },
            }
        )
    return {"TotalTax": number(total), "TaxLine": tax_lines}
