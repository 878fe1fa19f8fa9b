"""What belongs to a business: its records, its numbers, and ids."""

import hashlib
from typing import Any

from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

# Resources that are the same for every business.
SHARED = frozenset({"businesses", "tax_rates"})
FIRST_NUMBERS: Row = {
    "next_invoice_number": 1,
    "next_credit_note_number": 1,
    "sales_invoice_number_prefix": "SI-",
    "sales_credit_note_number_prefix": "SCN-",
}


def rows_of(store: Store, resource: str, business: str) -> list[Row]:
    """The rows of one business, in their order."""
    return store[resource].rows() if resource in SHARED else store[resource].of(business)


def record_of(store: Store, resource: str, key: Any, business: str) -> Row | None:
    """A row of that business."""
    row = store[resource].get(key) if isinstance(key, str) else None
    return row if row and (resource in SHARED or row["business_id"] == business) else None


def lead(store: Store) -> Row | None:
    """The business that is taken when none is named."""
    businesses = store["businesses"].rows()
    return next((row for row in businesses if row["lead"]), businesses[0] if businesses else None)


def numbering(store: Store, business: str) -> Row:
    """The row of invoice settings of that business."""
    made = {"id": new_id("settings", business), "business_id": business, **FIRST_NUMBERS}
    return next(iter(rows_of(store, "invoice_settings", business)), made)


def next_number(store: Store, resource: str, counter: str, business: str) -> int:
    """The number that Sage gives the next document of that kind; counted on."""
    if not counter:
        return highest(store, resource, business) + 1
    field, settings = f"next_{counter}_number", numbering(store, business)
    number: int = settings[field]
    store["invoice_settings"].put({**settings, field: number + 1})
    return number


def highest(store: Store, resource: str, business: str) -> int:
    """The highest number that a document of that kind has."""
    return max((row["number"] for row in rows_of(store, resource, business)), default=0)


def new_id(*parts: str) -> str:
    """32 hexadecimal characters made of the parts."""
    return hashlib.md5("/".join(parts).encode(), usedforsecurity=False).hexdigest()


def free_id(table: Table, *parts: str) -> str:
    """The same, not yet taken in that table."""
    serial = 0
    while (key := new_id(*parts, str(serial))) in table:
        serial += 1
    return key
