"""What Sage has, and which members a body may have."""

from dataclasses import dataclass, field

from .kinds import Members, Nested, day, flag, hexadecimal, moment, number, text, whole, words

LONGEST_REFERENCE = 25
_WORD, _NOTE = text(), text(5000)

_ADDRESS = Nested(
    {
        **dict.fromkeys(("address_line_1", "address_line_2", "city", "region"), text(50)),
        **dict.fromkeys(("name", "postal_code", "country_id"), text(50)),
        "is_main_address": flag,
    }
)
_PERSON = Nested(
    {
        **dict.fromkeys(("name", "job_title", "telephone", "mobile", "email", "fax"), _WORD),
        "contact_person_type_ids": words,
        "is_main_contact": flag,
        "is_preferred_contact": flag,
    }
)
_LINE_NUMBERS = (
    *("quantity", "unit_price", "tax_amount", "net_amount", "total_amount"),
    *("discount_amount", "discount_percentage"),
)
LINE: Members = {
    "description": text(500),
    **dict.fromkeys(("ledger_account_id", "tax_rate_id", "product_id", "service_id"), _WORD),
    **dict.fromkeys(_LINE_NUMBERS, number),
    "unit_price_includes_tax": flag,
}
_DOCUMENT: Members = {
    "idempotency_id": hexadecimal,
    "contact_id": _WORD,
    "date": day,
    "reference": _WORD,
    "notes": _NOTE,
    "currency_id": _WORD,
    "exchange_rate": number,
    "inverse_exchange_rate": number,
    "status_id": _WORD,
    "main_address": _ADDRESS,
}
CONTACT: Members = {
    "idempotency_id": hexadecimal,
    "contact_type_ids": words,
    "notes": _NOTE,
    **dict.fromkeys(("name", "reference", "currency_id", "tax_number", "source_guid"), _WORD),
    "default_sales_ledger_account_id": _WORD,
    "default_sales_tax_rate_id": _WORD,
    "default_purchase_ledger_account_id": _WORD,
    "credit_days": whole(0, 365),
    "credit_limit": number,
    "main_address": _ADDRESS,
    "delivery_address": _ADDRESS,
    "main_contact_person": _PERSON,
}
INVOICE_SETTINGS: Members = {
    "next_invoice_number": whole(1, 999_999_999),
    "next_credit_note_number": whole(1, 999_999_999),
    "sales_invoice_number_prefix": text(6),
    "sales_credit_note_number_prefix": text(6),
}


@dataclass(frozen=True)
class DocumentForm:
    """One kind of document. `party` is what Sage calls the contact in a refusal."""

    name: str
    root: str
    lines: str
    members: Members
    contact_type: str = "CUSTOMER"
    party: str = "Customer"
    visible_in: str = "visible_in_sales"
    needed: tuple[str, ...] = ("contact_id", "date")
    line_needed: tuple[str, ...] = ("description", "ledger_account_id", "unit_price")
    counter: str = ""
    searched: tuple[str, ...] = field(default=("reference",))


_LINES = Nested(LINE, many=True)
DOCUMENTS = {
    form.name: form
    for form in (
        DocumentForm(
            "sales_invoices",
            "sales_invoice",
            "invoice_lines",
            {**_DOCUMENT, "due_date": day, "sent": flag, "invoice_lines": _LINES},
            counter="invoice",
        ),
        DocumentForm(
            "sales_credit_notes",
            "sales_credit_note",
            "credit_note_lines",
            {**_DOCUMENT, "sent": flag, "credit_note_lines": _LINES},
            counter="credit_note",
        ),
        DocumentForm(
            "purchase_invoices",
            "purchase_invoice",
            "invoice_lines",
            {**_DOCUMENT, "due_date": day, "vendor_reference": _WORD, "invoice_lines": _LINES},
            contact_type="VENDOR",
            party="Supplier",
            visible_in="visible_in_expenses",
            needed=("contact_id", "date", "due_date"),
            line_needed=("description", "ledger_account_id", "unit_price", "quantity"),
            searched=("reference", "vendor_reference"),
        ),
    )
}
# Sequential numbers: Sage asks that nobody creates two of one kind at a time.
SEQUENTIAL = frozenset({"contacts", *DOCUMENTS})

# --- rows of the state: what a body may have, and what Sage itself makes --------------------------------

_MADE: Members = {"id": _WORD, "business_id": hexadecimal, "created_at": moment, "updated_at": moment}
_SUBSCRIPTION = Nested({"active": flag, "displayed_as": _WORD}, many=True)
_PERCENTAGE = Nested({"percentage": number, "from_date": day, "to_date": day}, many=True)
STATE: dict[str, Members] = {
    "businesses": {"id": hexadecimal, "name": _WORD, "lead": flag, "subscriptions": _SUBSCRIPTION},
    "tax_rates": {
        "id": _WORD,
        "name": _WORD,
        "percentage": number,
        "percentages": _PERCENTAGE,
        "is_visible": flag,
        "is_combined_rate": flag,
    },
    "ledger_accounts": {
        **_MADE,
        "nominal_code": whole(1, 99_999_999),
        "name": _WORD,
        "tax_rate_id": _WORD,
        "visible_in_sales": flag,
        "visible_in_expenses": flag,
        "is_control_account": flag,
    },
    "contacts": {**_MADE, **CONTACT, "is_active": flag, "is_system": flag},
    "invoice_settings": {"id": _WORD, "business_id": hexadecimal, **INVOICE_SETTINGS},
    **{
        form.name: {
            **_MADE,
            **form.members,
            "number": whole(1, 999_999_999),
            **dict.fromkeys(("net_amount", "tax_amount", "total_amount", "outstanding_amount"), number),
            "void_reason": _WORD,
        }
        for form in DOCUMENTS.values()
    },
}
# Objects inside a row that Sage gives an id of their own.
PARTS = frozenset({"main_address", "delivery_address", "main_contact_person"})
# Resources that are the same for every business.
SHARED = frozenset({"businesses", "tax_rates"})
# What answers show and rows are not made of.
DERIVED = frozenset(
    {
        *("displayed_as", "$path", "email", "invoice_number", "invoice_number_prefix"),
        *("credit_note_number", "credit_note_number_prefix", "idempotency_id"),
    }
)
