"""Sage's data: one table per resource, the settings of the sandbox, and what was answered before."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

from .resources import SHARED, STATE, DocumentForm

IDEMPOTENT_FOR = timedelta(days=7)
BUSINESS = "0d40342d0287cd6b13555c54afca6c90"
FIRST_NUMBERS: Row = {
    "next_invoice_number": 1,
    "next_credit_note_number": 1,
    "sales_invoice_number_prefix": "SI-",
    "sales_credit_note_number_prefix": "SCN-",
}
# `write_ms` is how long creating takes, so that two at a time can meet; `parallel_posts` counts these.
SETTINGS: Row = {"id": "1", "write_ms": 10, "parallel_posts": 0, "refuse_duplicate_references": False}
UK_TAX_RATES: tuple[Row, ...] = tuple(
    {"id": f"GB_{word}", "name": name, "percentage": percentage, "is_visible": True}
    for word, name, percentage in (
        ("STANDARD", "Standard", 20),
        ("LOWER", "Lower Rate", 5),
        ("ZERO", "Zero Rated", 0),
        ("EXEMPT", "Exempt", 0),
        ("NO_TAX", "No Tax", 0),
    )
)


class Store:
    """All tables. Rows are flat: another record is named by `xxx_id`, amounts are Decimals."""

    def __init__(self, base_version: int = 0) -> None:
        self.tables = {name: Table("id", () if name in SHARED else ("business_id",)) for name in STATE}
        self.answered = Table("id")
        self.settings: Row = dict(SETTINGS)
        self._changes = base_version

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        tables = (*self.tables.values(), self.answered)
        return self._changes + sum(table.version for table in tables)

    def of(self, resource: str, business: str) -> list[Row]:
        """The rows of one business, by id."""
        table = self.tables[resource]
        return table.rows() if resource in SHARED else table.find("business_id", [business])

    def one(self, resource: str, key: Any, business: str) -> Row | None:
        """A row of that business."""
        row = self.tables[resource].get(key) if isinstance(key, str) else None
        return row if row and (resource in SHARED or row["business_id"] == business) else None

    def lead(self) -> Row | None:
        """The business that is taken when none is named."""
        businesses = self.tables["businesses"].rows()
        return next((row for row in businesses if row.get("lead")), businesses[0] if businesses else None)

    def numbering(self, business: str) -> Row:
        """The row of invoice settings of that business."""
        rows = self.of("invoice_settings", business)
        return (
            rows[0]
            if rows
            else {"id": new_id("settings", business), "business_id": business, **FIRST_NUMBERS}
        )

    def next_number(self, form: DocumentForm, business: str) -> int:
        """The number that Sage gives the next document of that kind; counted on."""
        if not form.counter:
            return 1 + max((row["number"] for row in self.of(form.name, business)), default=0)
        field = f"next_{form.counter}_number"
        settings = self.numbering(business)
        number: int = settings[field]
        self.tables["invoice_settings"].put({**settings, field: number + 1})
        return number

    def count_parallel(self) -> None:
        """A create that came while another of its kind was under way."""
        self.settings = {**self.settings, "parallel_posts": self.settings["parallel_posts"] + 1}
        self._changes += 1


def new_id(*parts: str) -> str:
    """32 hexadecimal characters made of the parts."""
    return hashlib.md5("/".join(parts).encode(), usedforsecurity=False).hexdigest()


def free_id(table: Table, *parts: str) -> str:
    """The same, not yet taken in that table."""
    serial = 0
    while (key := new_id(*parts, str(serial))) in table:
        serial += 1
    return key


def at(now: datetime) -> str:
    """A time as Sage writes it."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
