"""Creating and changing through the API: which body fits, and what follows from it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from local.sandbox.frame.kinds import Fields, fitting, instant
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row

from .amounts import line_of, totals
from .books import free_id, highest, next_number, numbering, record_of, rows_of
from .forms import CONTACT, DOCUMENTS, INVOICE_SETTINGS, Form
from .kinds import REQUIRED, check_numbers, invalid, malformed, members, unknown_reference

LONGEST_REFERENCE = 25
_CURRENCIES = frozenset({"GBP", "EUR", "USD", "NOK", "SEK", "DKK"})
_CONTACT_TYPES = frozenset({"CUSTOMER", "VENDOR"})
_LEDGERS = ("default_sales_ledger_account_id", "default_purchase_ledger_account_id")


def read_body(root: str, fields: Fields, body: Any) -> Row:
    """The members inside the one root member; raises Misfits."""
    if isinstance(body, dict):
        check_numbers(root, body.get(root))
    given: Row = fitting({root: members(fields)}, body, (root,))[root]
    return given


def create_contact(store: Store, business: str, given: Row, now: datetime) -> Row:
    """A new customer or supplier."""
    _need(given, ("name", "contact_type_ids"), "contact")
    _check_contact(store, business, given)
    made = {
        "created_at": instant(now),
        "updated_at": instant(now),
        "business_id": business,
        "is_active": True,
    }
    key = free_id(store["contacts"], business, "contact", given["name"])
    row = {"id": key, "currency_id": "GBP", "credit_limit": Decimal(0), **made, **given}
    store["contacts"].put(row)
    return row


def change_contact(store: Store, old: Row, body: Any, now: datetime) -> Row:
    """The named members of a contact changed."""
    given = read_body("contact", CONTACT, body)
    given.pop("idempotency_id", None)
    _check_contact(store, old["business_id"], {**given, "id": old["id"]})
    row = {**old, **given, "updated_at": instant(now)}
    store["contacts"].put(row)
    return row


def _check_contact(store: Store, business: str, given: Row) -> None:
    if "name" in given and not given["name"].strip():
        raise invalid(REQUIRED, "contact.name")
    if not set(given.get("contact_type_ids", ())) <= _CONTACT_TYPES:
        raise malformed("contact[contact_type_ids]")
    reference = given.get("reference")
    others = [row for row in rows_of(store, "contacts", business) if row["id"] != given.get("id")]
    if reference and any(row.get("reference") == reference for row in others):
        raise invalid("This reference is in use already.", "contact.reference")
    _check_currency(given)
    for name in _LEDGERS:
        if name in given and record_of(store, "ledger_accounts", given[name], business) is None:
            raise unknown_reference("LedgerAccount")


def create_document(store: Store, form: Form, business: str, given: Row, now: datetime) -> Row:
    """A new invoice or credit note with the number that is next."""
    _need(given, (*form.needed, form.lines), form.root)
    contact = record_of(store, "contacts", given["contact_id"], business)
    if contact is None or form.contact_type not in contact["contact_type_ids"]:
        raise invalid(f"Couldn't find {form.party}.")
    _check_currency(given)
    if given.get("status_id", "DRAFT") != "DRAFT":
        raise malformed(f"{form.root}[status_id]")
    _check_references(store, form, business, given)
    if not given[form.lines]:
        raise invalid(REQUIRED, form.lines)
    lines = [_line(store, form, business, line) for line in given[form.lines]]
    row: Row = {"currency_id": "GBP", "status_id": "UNPAID", "business_id": business, **given}
    row |= {"created_at": instant(now), "updated_at": instant(now), form.lines: lines, **totals(lines)}
    row["number"] = next_number(store, form.name, form.counter, business)
    row["id"] = free_id(store[form.name], business, form.name, str(row["number"]))
    if "sent" in form.members:
        row.setdefault("sent", False)
    if "due_date" in form.members:
        days = timedelta(days=contact.get("credit_days", 30))
        row.setdefault("due_date", (date.fromisoformat(row["date"]) + days).isoformat())
    store[form.name].put(row)
    return row


def _check_references(store: Store, form: Form, business: str, given: Row) -> None:
    for name in form.searched:
        text = given.get(name)
        if text and len(text) > LONGEST_REFERENCE:
            raise invalid(f"The maximum length is {LONGEST_REFERENCE} characters.", f"{form.root}.{name}")
        taken = text and any(
            row.get(name) == text and row["status_id"] != "VOID"
            for row in rows_of(store, form.name, business)
        )
        if taken and store.one("settings")["refuse_duplicate_references"]:
            raise invalid("This reference is in use already.", f"{form.root}.{name}")


def _line(store: Store, form: Form, business: str, line: Row) -> Row:
    _need(line, form.line_needed, form.lines)
    if not line["description"].strip():
        raise invalid(REQUIRED, f"{form.lines}.description")
    for name, what in (("product_id", "Product"), ("service_id", "Service")):
        if name in line:
            raise unknown_reference(what)
    account = record_of(store, "ledger_accounts", line["ledger_account_id"], business)
    if account is None or not account.get(form.visible_in):
        raise unknown_reference("LedgerAccount")
    rate_id = line.get("tax_rate_id", account.get("tax_rate_id"))
    if rate_id is None:
        raise invalid(REQUIRED, f"{form.lines}.tax_rate_id")
    rate = store["tax_rates"].get(rate_id)
    if rate is None:
        raise unknown_reference("TaxRate")
    whole = {"quantity": Decimal(1), **line, "tax_rate_id": rate_id}
    return line_of(form.lines, whole, rate["percentage"])


def release(store: Store, form: Form, row: Row, now: datetime) -> Row:
    """A draft becomes a posted document."""
    if row["status_id"] != "DRAFT":
        raise invalid("Only a draft can be released.")
    return _put(store, form, {**row, "status_id": "UNPAID"}, now)


def void(store: Store, form: Form, row: Row, reason: str, now: datetime) -> Row:
    """A posted document is cancelled and stays, a draft is gone."""
    if row["status_id"] == "DRAFT":
        store[form.name].remove(row["id"])
        return row
    if row["status_id"] == "VOID":
        raise invalid("It is void already.")
    if not reason:
        raise invalid(REQUIRED, "void_reason")
    gone = {"status_id": "VOID", "void_reason": reason, "outstanding_amount": Decimal(0)}
    return _put(store, form, {**row, **gone}, now)


def mark_as_sent(store: Store, form: Form, row: Row, now: datetime) -> Row:
    """What reading a sales document does unless it is told not to."""
    if row.get("sent") is not False:
        return row
    return _put(store, form, {**row, "sent": True}, now)


def _put(store: Store, form: Form, row: Row, now: datetime) -> Row:
    row = {**row, "updated_at": instant(now)}
    store[form.name].put(row)
    return row


def change_invoice_settings(store: Store, business: str, body: Any) -> Row:
    """The next numbers and prefixes; a number once used is not used again."""
    given = read_body("invoice_settings", INVOICE_SETTINGS, body)
    old = numbering(store, business)
    for form in DOCUMENTS.values():
        name = f"next_{form.counter}_number"
        used = highest(store, form.name, business) if name in given else 0
        if given.get(name, 1) <= used:
            raise invalid("This number has been used.", f"invoice_settings.{name}")
    row = {**old, **given}
    store["invoice_settings"].put(row)
    return row


def _check_currency(given: Row) -> None:
    if given.get("currency_id", "GBP") not in _CURRENCIES:
        raise unknown_reference("Currency")


def _need(given: Row, names: Iterable[str], where: str) -> None:
    for name in names:
        if name not in given:
            raise invalid(REQUIRED, f"{where}.{name}" if name != where else name)
