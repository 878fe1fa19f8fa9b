"""What a body may have, in the contract's order, and the kinds of documents."""

from dataclasses import dataclass

from local.sandbox.frame.kinds import DAY, FLAG, Fields, Kind, whole

from .kinds import HEXADECIMAL, NUMBER, WORDS, many, members, text

WORD, _NOTE = text(), text(5000)


def each(kind: Kind, names: str) -> dict[str, Kind]:
    """Several members of one kind."""
    return dict.fromkeys(names.split(), kind)


_ADDRESS = members(
    {
        **each(text(50), "address_line_1 address_line_2 city region name postal_code country_id"),
        "is_main_address": FLAG,
    }
)
_PERSON = members(
    {
        **each(WORD, "name job_title telephone mobile email fax"),
        "contact_person_type_ids": WORDS,
        **each(FLAG, "is_main_contact is_preferred_contact"),
    }
)
_LINES = many(
    {
        "description": text(500),
        **each(WORD, "ledger_account_id tax_rate_id product_id service_id"),
        **each(NUMBER, "quantity unit_price tax_amount net_amount total_amount"),
        **each(NUMBER, "discount_amount discount_percentage"),
        "unit_price_includes_tax": FLAG,
    }
)
_DOCUMENT: Fields = {
    "idempotency_id": HEXADECIMAL,
    "contact_id": WORD,
    "date": DAY,
    "reference": WORD,
    "notes": _NOTE,
    "currency_id": WORD,
    **each(NUMBER, "exchange_rate inverse_exchange_rate"),
    "status_id": WORD,
    "main_address": _ADDRESS,
}
CONTACT: Fields = {
    "idempotency_id": HEXADECIMAL,
    "contact_type_ids": WORDS,
    "notes": _NOTE,
    **each(WORD, "name reference currency_id tax_number source_guid default_sales_ledger_account_id"),
    **each(WORD, "default_sales_tax_rate_id default_purchase_ledger_account_id"),
    "credit_days": whole(0, 365),
    "credit_limit": NUMBER,
    **each(_ADDRESS, "main_address delivery_address"),
    "main_contact_person": _PERSON,
}
INVOICE_SETTINGS: Fields = {
    **each(whole(1, 999_999_999), "next_invoice_number next_credit_note_number"),
    **each(text(6), "sales_invoice_number_prefix sales_credit_note_number_prefix"),
}


@dataclass(frozen=True)
class Form:
    """One kind of document. `party` is what Sage calls the contact in a refusal."""

    name: str
    root: str
    lines: str
    members: Fields
    contact_type: str = "CUSTOMER"
    party: str = "Customer"
    visible_in: str = "visible_in_sales"
    needed: tuple[str, ...] = ("contact_id", "date")
    line_needed: tuple[str, ...] = ("description", "ledger_account_id", "unit_price")
    counter: str = ""
    searched: tuple[str, ...] = ("reference",)


DOCUMENTS = {
    form.name: form
    for form in (
        Form(
            "sales_invoices",
            "sales_invoice",
            "invoice_lines",
            {**_DOCUMENT, "due_date": DAY, "sent": FLAG, "invoice_lines": _LINES},
            counter="invoice",
        ),
        Form(
            "sales_credit_notes",
            "sales_credit_note",
            "credit_note_lines",
            {**_DOCUMENT, "sent": FLAG, "credit_note_lines": _LINES},
            counter="credit_note",
        ),
        Form(
            "purchase_invoices",
            "purchase_invoice",
            "invoice_lines",
            {**_DOCUMENT, "due_date": DAY, "vendor_reference": WORD, "invoice_lines": _LINES},
            contact_type="VENDOR",
            party="Supplier",
            visible_in="visible_in_expenses",
            needed=("contact_id", "date", "due_date"),
            line_needed=("description", "ledger_account_id", "unit_price", "quantity"),
            searched=("reference", "vendor_reference"),
        ),
    )
}
ROOTS = {"contacts": "contact", **{form.name: form.root for form in DOCUMENTS.values()}}
