"""What Sage has: what a body may have and Sage itself makes, and how a tester's rows are completed."""

from decimal import Decimal
from typing import Any

from local.sandbox.frame.kinds import (
    DAY,
    FLAG,
    INSTANT,
    NAME,
    OBJECT,
    TEXT,
    Fields,
    instant,
    misfit,
    whole,
)
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource, Store, at_time
from local.sandbox.frame.room import Row

from .amounts import line_of, totals
from .books import FIRST_NUMBERS, free_id, new_id, next_number, record_of
from .forms import CONTACT, DOCUMENTS, INVOICE_SETTINGS, WORD, Form, each
from .kinds import HEXADECIMAL, NUMBER, many
from .tokens import TOKENS

BUSINESS = "0d40342d0287cd6b13555c54afca6c90"
# Objects inside a row that Sage gives an id of their own.
PARTS = frozenset({"main_address", "delivery_address", "main_contact_person"})
# What answers show and rows are not made of.
_DERIVED = frozenset(
    {
        *("displayed_as", "$path", "email", "invoice_number", "invoice_number_prefix"),
        *("credit_note_number", "credit_note_number_prefix", "idempotency_id"),
    }
)
_OF_PARTS = frozenset({"id", "displayed_as", "$path"})


def flat(value: Any, derived: frozenset[str] = _DERIVED) -> Any:
    """A row as it is kept: `contact: {"id": …}` is `contact_id`, and what Sage works out is left out."""
    if not isinstance(value, dict):
        return value
    row: dict[str, Any] = {}
    for name, given in value.items():
        if name in derived or given is None:
            continue
        if name == "contact_types" and isinstance(given, list):
            row["contact_type_ids"] = [one.get("id") if isinstance(one, dict) else one for one in given]
        elif name in PARTS:
            row[name] = flat(given, _OF_PARTS)
        elif isinstance(given, dict) and "id" in given:
            row[f"{name}_id"] = given["id"]
        elif isinstance(given, list):
            row[name] = [flat(one, _OF_PARTS) for one in given]
        else:
            row[name] = given
    return row


def _of_business(row: Row, reading: Reading) -> Row:
    """Of the business that is not the lead, where there is one: it is what a connection names."""
    if "business_id" not in row:
        rows = reading.store["businesses"].rows()
        first = rows[0]["id"] if rows else BUSINESS
        row["business_id"] = next((one["id"] for one in rows if not one["lead"]), first)
    return row


def _dated(row: Row, reading: Reading) -> Row:
    return {"created_at": reading.at, "updated_at": reading.at, **_of_business(row, reading)}


def _identified(name: str) -> Any:
    """Completes a row that may come without an id."""

    def made(row: Row, reading: Reading) -> Row:
        words = (str(row["name"]), str(row.get("reference", "")))
        return {"id": free_id(reading.store[name], name, *words), **_dated(row, reading)}

    return made


def _document(form: Form) -> Any:
    """Completes a document."""

    def made(row: Row, reading: Reading) -> Row:
        store, given = reading.store, _dated(row, reading)
        if "contact_id" not in row:
            raise misfit("contact_id", "is required")
        if record_of(store, "contacts", row["contact_id"], given["business_id"]) is None:
            raise misfit("contact_id", "names no contact of this business")
        try:
            lines = [_line(store, form, line) for line in row.get(form.lines, [])]
        except Refused as refused:
            raise misfit(refused.field or "", refused.message) from None
        total = row.get("total_amount", Decimal(0))
        plain = {"net_amount": total, "tax_amount": Decimal(0), "outstanding_amount": total}
        usual = {"date": reading.at[:10], "total_amount": total, **({"sent": False} if form.counter else {})}
        filled = {**usual, **plain, **given, form.lines: lines, **(totals(lines) if lines else {})}
        if "number" not in filled:
            filled["number"] = next_number(store, form.name, form.counter, given["business_id"])
        return filled

    return made


def _line(store: Store, form: Form, line: Row) -> Row:
    if "unit_price" not in line:
        raise Refused("RecordInvalid", "is required", "unit_price")
    rate = store["tax_rates"].get(line.get("tax_rate_id", ""))
    percentage = rate["percentage"] if rate else Decimal(0)
    return line_of(form.lines, {"quantity": Decimal(1), **line}, percentage, works_tax_out=True)


_MOVED = {"updated_at": at_time(instant)}
_MADE: Fields = {"id": WORD, "business_id": HEXADECIMAL, "created_at": INSTANT, "updated_at": INSTANT}
BUSINESSES = Resource(
    "businesses",
    "id",
    {
        "id": HEXADECIMAL,
        "name": WORD,
        "lead": FLAG,
        "subscriptions": many({"active": FLAG, "displayed_as": WORD}),
    },
    needed=("id", "name"),
    defaults={"lead": False, "subscriptions": [{"active": True}]},
    usual=({"id": BUSINESS, "name": "Payrelay Demo", "lead": True},),
)
_UK = {"STANDARD": ("Standard", 20), "LOWER": ("Lower Rate", 5), "ZERO": ("Zero Rated", 0)}
TAX_RATES = Resource(
    "tax_rates",
    "id",
    {
        "id": WORD,
        "name": WORD,
        "percentage": NUMBER,
        "percentages": many({"percentage": NUMBER, "from_date": DAY, "to_date": DAY}),
        **each(FLAG, "is_visible is_combined_rate"),
    },
    needed=("id", "name", "percentage"),
    defaults={"is_visible": True, "is_combined_rate": False},
    usual=tuple(
        {"id": f"GB_{word}", "name": name, "percentage": percentage}
        for word, (name, percentage) in {**_UK, "EXEMPT": ("Exempt", 0), "NO_TAX": ("No Tax", 0)}.items()
    ),
)
LEDGER_ACCOUNTS = Resource(
    "ledger_accounts",
    "id",
    {
        **_MADE,
        "nominal_code": whole(1, 99_999_999),
        **each(WORD, "name tax_rate_id"),
        **each(FLAG, "visible_in_sales visible_in_expenses is_control_account"),
    },
    needed=("nominal_code", "name"),
    defaults=dict.fromkeys(("visible_in_sales", "visible_in_expenses", "is_control_account"), False),
    made=_identified("ledger_accounts"),
    moved=_MOVED,
    group=("business_id",),
)
CONTACTS = Resource(
    "contacts",
    "id",
    {**_MADE, **CONTACT, **each(FLAG, "is_active is_system")},
    needed=("name",),
    defaults={
        "contact_type_ids": ["CUSTOMER"],
        "currency_id": "GBP",
        "is_active": True,
        "credit_limit": Decimal(0),
    },
    made=_identified("contacts"),
    moved=_MOVED,
    order=("created_at", "id"),
    rank=None,
    group=("business_id",),
)
NUMBERING = Resource(
    "invoice_settings",
    "id",
    {"id": WORD, "business_id": HEXADECIMAL, **INVOICE_SETTINGS},
    defaults=FIRST_NUMBERS,
    made=_of_business,
    fresh=lambda number: new_id("invoice_settings", str(number)),
    group=("business_id",),
)


def _documents(form: Form) -> Resource:
    amounts = each(NUMBER, "net_amount tax_amount total_amount outstanding_amount")
    made = {"number": whole(1, 999_999_999), **amounts, "void_reason": WORD}
    return Resource(
        form.name,
        "id",
        {**_MADE, **form.members, **made},
        defaults={"currency_id": "GBP", "status_id": "UNPAID"},
        made=_document(form),
        moved=_MOVED,
        fresh=lambda number: new_id(form.name, str(number)),
        order=("created_at", "number", "id"),
        rank=None,
        group=("business_id",),
    )


# `write_ms` is how long creating takes, so that two at a time can meet; `parallel_posts` counts these.
SETTINGS = Resource(
    "settings",
    "id",
    {
        "id": TEXT,
        "write_ms": whole(0, 60_000),
        "parallel_posts": whole(0),
        "refuse_duplicate_references": FLAG,
    },
    defaults={"id": "1", "write_ms": 10, "parallel_posts": 0, "refuse_duplicate_references": False},
    single=True,
)
# What was answered under an idempotency id.
ANSWERED = Resource(
    "idempotency_ids",
    "id",
    {"id": NAME, "resource": NAME, "at": INSTANT, "answer": OBJECT},
    needed=("id", "resource", "at", "answer"),
)
RESOURCES = (
    *(BUSINESSES, TAX_RATES, LEDGER_ACCOUNTS, CONTACTS, NUMBERING),
    *(_documents(form) for form in DOCUMENTS.values()),
    *(SETTINGS, ANSWERED, TOKENS),
)
