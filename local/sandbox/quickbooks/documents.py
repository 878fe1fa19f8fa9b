"""Invoices, credit memos, bills and vendor credits: their references, lines, numbers and totals."""

import re
from decimal import Decimal

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .books import Books, Session, check_currency, label, moment, need
from .kinds import Entity, decimal, number
from .taxes import rates_of, rounded, tax_detail

AUTOMATIC = "AUTO_GENERATE"
OWNERS = {"CustomerRef": "Customer", "VendorRef": "Vendor"}
# What a line may refer to, by the names of the references.
REFS = {**OWNERS, "ItemRef": "Item", "AccountRef": "Account", "TaxCodeRef": "TaxCode"}
_NEEDED = {"AccountBasedExpenseLineDetail": "AccountRef", "ItemBasedExpenseLineDetail": "ItemRef"}


def complete_document(session: Session, entity: Entity, given: Row, old: Row | None) -> Row:
    """The row with names, number, tax and totals; raises Refused."""
    books, owner = session.books, entity.owner
    need(given, owner)
    party = session.referred(OWNERS[owner], given[owner], owner)
    row = {**given, owner: {"value": party["Id"], "name": label(party)}}
    row.setdefault("TxnDate", moment(session.now)[:10])
    row["CurrencyRef"] = {"value": _currency(books, given, party)}
    if books.has_vat:
        row.setdefault("GlobalTaxCalculation", "TaxExcluded")
    chosen = _number(session, entity, given, old)
    row = {name: value for name, value in row.items() if name != "DocNumber"}
    return {**row, **({"DocNumber": chosen} if chosen else {}), **_totals(session, entity, row, old)}


def _currency(books: Books, given: Row, party: Row) -> str:
    own = str(party.get("CurrencyRef", {}).get("value", books.home_currency))
    check_currency(books, given)
    wanted = given.get("CurrencyRef", {}).get("value", own)
    if wanted != own:
        words = f"This name is in {own}: it can have no transaction in {wanted}."
        raise Refused("6000", words, "CurrencyRef")
    return own


def _number(session: Session, entity: Entity, given: Row, old: Row | None) -> str | None:
    """The document's number: QuickBooks' own where the company's are not its own to choose."""
    books = session.books
    wanted: str | None = given.get("DocNumber")
    custom = not entity.is_sale or books.preferences.get("SalesFormsPrefs", {}).get("CustomTxnNumbers")
    if old is not None and wanted == old.get("DocNumber"):
        return wanted
    if not custom or wanted == AUTOMATIC:
        return str(old["DocNumber"]) if old and "DocNumber" in old else _next_number(books)
    if wanted is None or session.allow_duplicates or books.one("settings")["allow_duplicate_numbers"]:
        return wanted
    for row in books[entity.name].rows():
        same = row.get("DocNumber", "").casefold() == wanted.casefold()
        if same and (old is None or row["Id"] != old["Id"]):
            words = "Duplicate Document Number Error : You must specify a different number. This number has "
            holder = f"DocNumber={wanted} is assigned to TxnType={entity.name} with TxnId={row['Id']}"
            raise Refused("6140", f"{words}already been used. {holder}")
    return wanted


def _next_number(books: Books) -> str:
    numbers = [row.get("DocNumber", "") for kind, row in books.of_series("documents") if kind.is_sale]
    return str(max((int(one) for one in numbers if re.fullmatch(r"\d{1,15}", one)), default=1000) + 1)


def _totals(session: Session, entity: Entity, row: Row, old: Row | None) -> Row:
    """Lines as they are kept, tax and totals."""
    given = [line for line in row.get("Line") or [] if line.get("DetailType") != "SubTotalLineDetail"]
    if not given:
        need({}, "Line")
    taxed = session.books.has_vat and row.get("GlobalTaxCalculation") != "NotApplicable"
    lines, net, with_codes = [], Decimal(0), []
    for place, line in enumerate(given, start=1):
        kept, amount, code = _line(session, entity, line, taxed)
        lines.append({"Id": str(place), "LineNum": place, **kept})
        net += amount
        if code is not None:
            with_codes.append((amount, code))
    if entity.is_sale:
        lines.append({"Amount": number(net), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    tax = tax_detail(session.books, entity.is_sale, with_codes, row.get("TxnTaxDetail") or {})
    total = net if row.get("GlobalTaxCalculation") == "TaxInclusive" else net + decimal(tax["TotalTax"])
    if total < 0:
        raise Refused("6000", "Transaction amount must be 0 or greater.")
    paid = decimal(old["TotalAmt"]) - decimal(old["Balance"]) if old else Decimal(0)
    owed = number(max(total - paid, Decimal(0)))
    left = {"RemainingCredit": owed} if entity.name == "CreditMemo" else {}
    return {"Line": lines, "TxnTaxDetail": tax, "TotalAmt": number(total), "Balance": owed, **left}


def _line(session: Session, entity: Entity, line: Row, taxed: bool) -> tuple[Row, Decimal, Row | None]:
    """The line with the names of its references, what it adds to the total, and its tax code."""
    need(line, "DetailType")
    kind = line["DetailType"]
    kept = {name: value for name, value in line.items() if name not in ("Id", "LineNum")}
    detail = dict(line.get(kind, {}))
    if kind == "DescriptionOnly" or (kind == "SalesItemLineDetail" and "ItemRef" not in detail):
        # Without an item a line is a remark.
        return kept, Decimal(0), None
    need(line, "Amount", within="Line.")
    if kind in _NEEDED:
        need(detail, _NEEDED[kind])
    code = None
    for name, target in REFS.items():
        if name in detail and (name != "TaxCodeRef" or session.books.has_vat):
            row = session.referred(target, detail[name], f"Line.{kind}.{name}")
            detail[name] = {"value": row["Id"], **({} if name == "TaxCodeRef" else {"name": label(row)})}
            code = row if name == "TaxCodeRef" else code
    if taxed and code is None:
        raise Refused("6000", "Make sure all your transactions have a VAT rate before you save.")
    if code is not None:
        rates_of(session.books, code, entity.is_sale)
    return {**kept, kind: detail}, _amount(line, detail), code if taxed else None


def _amount(line: Row, detail: Row) -> Decimal:
    """What a line comes to, which its quantity and price have to agree with."""
    amount = decimal(line["Amount"])
    if amount != rounded(amount):
        raise Refused("6070", "Amount has more than two decimals", "Line.Amount")
    # Both of them 0 say nothing, as clients send for a line that has an amount alone.
    if {"Qty", "UnitPrice"} <= detail.keys() and (detail["Qty"] or detail["UnitPrice"]):
        product = rounded(decimal(detail["Qty"]) * decimal(detail["UnitPrice"]))
        if product != amount:
            words = f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount}, expected:{product}"
            raise Refused("6070", words, "Line.Amount")
    return amount
