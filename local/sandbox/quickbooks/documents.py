"""Invoices, credit memos, bills and vendor credits: their references, lines, numbers and totals."""

import re
from decimal import Decimal
from typing import Any

from local.sandbox.frame.room import Row

from .entities import SALES, Entity
from .faults import RefusedError, today
from .kinds import decimal, number
from .session import Session
from .store import Store, label
from .taxes import rates_of, rounded, tax_detail

AUTOMATIC = "AUTO_GENERATE"
_DETAIL_REFS = {
    "ItemRef": "Item",
    "AccountRef": "Account",
    "TaxCodeRef": "TaxCode",
    "CustomerRef": "Customer",
}
_NEEDED = {"AccountBasedExpenseLineDetail": "AccountRef", "ItemBasedExpenseLineDetail": "ItemRef"}
_NO_VAT = "Make sure all your transactions have a VAT rate before you save."


def complete_document(session: Session, entity: Entity, given: Row, old: Row | None) -> Row:
    """The row with names, number, tax and totals; raises RefusedError."""
    store = session.store
    owner, owner_entity = ("CustomerRef", "Customer") if entity.name in SALES else ("VendorRef", "Vendor")
    _need(given, owner)
    party = _referred(session, owner_entity, given[owner], owner)
    row = {**given, owner: {"value": party["Id"], "name": label(party)}}
    row.setdefault("TxnDate", today(session.now))
    row["CurrencyRef"] = {"value": _currency(store, given, party)}
    if store.has_vat:
        row.setdefault("GlobalTaxCalculation", "TaxExcluded")
    row["DocNumber"] = _number(session, entity, given, old)
    if row["DocNumber"] is None:
        del row["DocNumber"]
    return {**row, **_totals(session, entity, row, old)}


def _need(given: Row, name: str) -> None:
    if not given.get(name):
        raise RefusedError("2020", f"Required parameter {name} is missing in the request", name)


def _referred(session: Session, entity: str, ref: Any, path: str) -> Row:
    """The active row that a reference means."""
    if "value" not in ref:
        raise RefusedError("2020", f"Required parameter {path}.value is missing in the request", path)
    row = session.sees(entity, ref["value"])
    if row is None:
        raise RefusedError(
            "2500", f"Invalid Reference Id : {entity} element id {ref['value']} not found", path
        )
    if not row.get("Active", True):
        words = "Something you're trying to use has been made inactive. Check the fields with accounts, "
        raise RefusedError("610", f"{words}customers, items, vendors or employees.", path)
    return row


def _currency(store: Store, given: Row, party: Row) -> str:
    own = str(party.get("CurrencyRef", {}).get("value", store.home_currency))
    wanted = given.get("CurrencyRef", {}).get("value", own)
    if not store.many_currencies and ("ExchangeRate" in given or wanted != store.home_currency):
        raise RefusedError("6000", "Multicurrency is off in this company.", "CurrencyRef")
    if wanted != own:
        raise RefusedError(
            "6000", f"This name is in {own}: it can have no transaction in {wanted}.", "CurrencyRef"
        )
    return own


def _number(session: Session, entity: Entity, given: Row, old: Row | None) -> str | None:
    """The document's number: QuickBooks' own where the company's are not its own to choose."""
    store = session.store
    wanted: str | None = given.get("DocNumber")
    custom = entity.name not in SALES or store.preferences.get("SalesFormsPrefs", {}).get("CustomTxnNumbers")
    if old is not None and wanted == old.get("DocNumber"):
        return wanted
    if not custom or wanted == AUTOMATIC:
        return str(old["DocNumber"]) if old and "DocNumber" in old else _next_number(store)
    if wanted is None or session.allow_duplicates or store.settings["allow_duplicate_numbers"]:
        return wanted
    for row in store.tables[entity.name].rows():
        same = row.get("DocNumber", "").casefold() == wanted.casefold()
        if same and (old is None or row["Id"] != old["Id"]):
            raise RefusedError(
                "6140",
                "Duplicate Document Number Error : You must specify a different number. This number has "
                f"already been used. DocNumber={wanted} is assigned to TxnType={entity.name} with "
                f"TxnId={row['Id']}",
            )
    return wanted


def _next_number(store: Store) -> str:
    numbers = [row.get("DocNumber", "") for _, row in store.rows(SALES)]
    return str(max((int(one) for one in numbers if re.fullmatch(r"\d{1,15}", one)), default=1000) + 1)


def _totals(session: Session, entity: Entity, row: Row, old: Row | None) -> Row:
    """Lines as they are kept, tax and totals."""
    given = [line for line in row.get("Line") or [] if line.get("DetailType") != "SubTotalLineDetail"]
    if not given:
        raise RefusedError("2020", "Required parameter Line is missing in the request", "Line")
    taxed = session.store.has_vat and row.get("GlobalTaxCalculation") != "NotApplicable"
    lines, net, with_codes = [], Decimal(0), []
    for place, line in enumerate(given, start=1):
        kept, amount, code = _line(session, entity, line, taxed)
        lines.append({"Id": str(place), "LineNum": place, **kept})
        net += amount
        if code is not None:
            with_codes.append((amount, code))
    if entity.name in SALES:
        lines.append({"Amount": number(net), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    tax = tax_detail(session.store, entity.name, with_codes, row.get("TxnTaxDetail"))
    total = net if row.get("GlobalTaxCalculation") == "TaxInclusive" else net + decimal(tax["TotalTax"])
    if total < 0:
        raise RefusedError("6000", "Transaction amount must be 0 or greater.")
    owed = number(total) if old is None else _still_owed(old, total)
    left = {"RemainingCredit": owed} if entity.name == "CreditMemo" else {}
    return {"Line": lines, "TxnTaxDetail": tax, "TotalAmt": number(total), "Balance": owed, **left}


def _still_owed(old: Row, total: Decimal) -> int | float:
    paid = decimal(old["TotalAmt"]) - decimal(old["Balance"])
    return number(max(total - paid, Decimal(0)))


def _line(session: Session, entity: Entity, line: Row, taxed: bool) -> tuple[Row, Decimal, Row | None]:
    """The line with the names of its references, what it adds to the total, and its tax code."""
    _need(line, "DetailType")
    kind = line["DetailType"]
    kept = {name: value for name, value in line.items() if name not in ("Id", "LineNum")}
    detail = dict(line.get(kind, {}))
    if kind == "DescriptionOnly" or (kind == "SalesItemLineDetail" and "ItemRef" not in detail):
        # Without an item a line is a remark.
        return kept, Decimal(0), None
    if "Amount" not in line:
        raise RefusedError("2020", "Required parameter Line.Amount is missing in the request", "Line.Amount")
    if kind in _NEEDED:
        _need(detail, _NEEDED[kind])
    code = None
    for name, target in _DETAIL_REFS.items():
        if name in detail and (name != "TaxCodeRef" or session.store.has_vat):
            row = _referred(session, target, detail[name], f"Line.{kind}.{name}")
            detail[name] = {"value": row["Id"], **({} if name == "TaxCodeRef" else {"name": label(row)})}
            code = row if name == "TaxCodeRef" else code
    if taxed and code is None:
        raise RefusedError("6000", _NO_VAT)
    if code is not None:
        rates_of(session.store, code, entity.name)
    amount = decimal(line["Amount"])
    if amount != rounded(amount):
        raise RefusedError("6070", "Amount has more than two decimals", "Line.Amount")
    if {"Qty", "UnitPrice"} <= detail.keys():
        product = rounded(decimal(detail["Qty"]) * decimal(detail["UnitPrice"]))
        if product != amount:
            words = f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount}, expected:{product}"
            raise RefusedError("6070", words, "Line.Amount")
    return {**kept, kind: detail}, amount, code if taxed else None
