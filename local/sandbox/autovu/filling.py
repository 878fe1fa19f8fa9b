"""Completing rows that a tester gives in part: ids, versions, tax and totals as AutoVu makes them."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from local.sandbox.frame.room import Row

from .fields import ACCOUNT, ADDRESS, CHART, DOCUMENT, LINE

# The selectors of a British tenant, in per cent.
RATES = {"T0": Decimal(0), "T1": Decimal(20), "T2": Decimal(0), "T5": Decimal(5), "T9": Decimal(0)}
_PENNY, _PRICE = Decimal("0.01"), Decimal("0.0001")
_CREDIT = timedelta(days=30)
_VERSION = "r1"


def fresh_ids(letter: str, given: set[object]) -> Iterator[str]:
    """`d-1`, `d-2` …, without those that are given."""
    number = 0
    while True:
        number += 1
        if f"{letter}-{number}" not in given:
            yield f"{letter}-{number}"


def money(amount: Decimal) -> str:
    """Two decimals, half a penny up."""
    return f"{amount.quantize(_PENNY, ROUND_HALF_UP):f}"


def document(row: Row, today: date, lines: list[Row]) -> Row:
    """A whole document; its account is named already."""
    invoice = row["Type"] == "SalesInvoice"
    day = row.get("Date", today.isoformat())
    due = None if row["Type"] == "SalesCreditNote" else (date.fromisoformat(day) + _CREDIT).isoformat()
    net = money(_sum(lines, "Net"))
    tax = money(_sum(lines, "Tax"))
    made = {
        "Date": day,
        "DueDate": due,
        "Currency": "GBP",
        "Reference": "",
        "Sent": True if invoice else None,
        "MarkedForSync": True,
        "SyncedAt": None,
        "StatusCode": "",
        "ExternalId": None,
        "CareOfAccountId": None,
        "Net": net,
        "Tax": tax,
        "Gross": money(Decimal(row.get("Net", net)) + Decimal(row.get("Tax", tax))),
        "RowVersion": _VERSION,
    }
    whole = {**made, **row, "Lines": lines}
    whole |= {name: money(Decimal(whole[name])) for name in ("Net", "Tax", "Gross")}
    return {name: whole[name] for name in DOCUMENT}


def line(row: Row, number: int, selectors: Mapping[str, str | None]) -> Row:
    """A whole line; `selectors` are the chart's tax selectors by code. Net or UnitPrice is there."""
    quantity = Decimal(row.get("Quantity", "1"))
    net = Decimal(row["Net"]) if "Net" in row else quantity * Decimal(row["UnitPrice"])
    price = net / quantity if quantity else net
    code = row["TaxCode"] if "TaxCode" in row else selectors.get(row["NominalCode"], "T1")
    whole = {
        "LineNo": number,
        "Quantity": "1",
        "UnitPrice": _price(price),
        **row,
        "Net": money(net),
        "TaxCode": code,
        "Tax": money(Decimal(row["Tax"]) if "Tax" in row else Decimal(money(net)) * _rate(code) / 100),
    }
    return {name: whole[name] for name in LINE}


def has_rate(row: Row, selectors: Mapping[str, str | None]) -> bool:
    """Whether a line's tax is given, or can be worked out."""
    code = row["TaxCode"] if "TaxCode" in row else selectors.get(row["NominalCode"], "T1")
    return "Tax" in row or not code or code in RATES


def account(row: Row) -> Row:
    """A whole account."""
    made = {"Kind": "Company", "Email": None, "AccsID": None, "SupplierAccsID": None, "CareOfID": None}
    address = {**dict.fromkeys(ADDRESS, ""), "Country": "GB", **row.get("Address", {})}
    whole = {**made, "RowVersion": _VERSION, **row, "Address": address}
    return {name: whole[name] for name in ACCOUNT}


def nominal(row: Row) -> Row:
    """A whole row of the chart of accounts."""
    whole = {"Description": row["Code"], "TaxSelector": "T1", **row}
    return {name: whole[name] for name in CHART}


def settings(package: str) -> Row:
    """What a tenant with this package has from the start."""
    return {
        "Package": package,
        "UsesCareOf": package == "QuickBooks",
        "TaxOnNominalRequired": True,
        "UserName": "Sam Price",
    }


def _price(amount: Decimal) -> str:
    """Two decimals, or up to four where it needs them."""
    exact = amount.quantize(_PRICE, ROUND_HALF_UP)
    return money(exact) if exact == exact.quantize(_PENNY) else f"{exact.normalize():f}"


def _rate(code: str | None) -> Decimal:
    return RATES[code] if code else Decimal(0)


def _sum(lines: list[Row], name: str) -> Decimal:
    return sum((Decimal(one[name]) for one in lines), Decimal(0))
