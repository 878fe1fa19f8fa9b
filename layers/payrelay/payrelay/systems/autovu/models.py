"""AutoVu's rows as they come over the wire."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta, Struct, field

from payrelay.domain.invoices import Kind, Side, Traits
from payrelay.domain.spelling import trimmed
from payrelay.systems.rows import Day, Listed, Row, TextAmount

Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
# An id becomes a part of a path, a version a header.
Id: TypeAlias = Annotated[str, Meta(min_length=1)]
Version: TypeAlias = Annotated[str, Meta(pattern="^[!-~]+$")]


class Amount(TextAmount):
    """Money, a quantity or a price, as the text that AutoVu sends: `"120.00"`."""

    form = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")
    problem = "is not an amount as text, such as 120.00"


class AutoVuRow(Row, frozen=True, rename="pascal"):
    """A row of AutoVu's: PascalCase on the wire."""


class AccountKind(StrEnum):
    """The record that an account is kept on."""

    COMPANY = "Company"
    SITE = "Site"


class Line(AutoVuRow, frozen=True):
    """One line of a document; a blank text or a missing nominal is the flow's to refuse."""

    named_by: ClassVar[tuple[str, ...]] = ("line_no",)

    line_no: int
    quantity: Amount
    unit_price: Amount
    net: Amount
    tax: Amount
    text: str | None = None
    nominal_code: str | None = None
    tax_code: str | None = None


class Document(AutoVuRow, frozen=True):
    """A sales invoice, sales credit note or supplier invoice.

    `sent` is null on all but sales invoices. That the totals are the sums of the lines is not checked here.
    """

    named_by: ClassVar[tuple[str, ...]] = ("document_id", "type", "number")

    document_id: Id
    type: Kind
    number: str
    date: Day
    currency: str
    marked_for_sync: bool
    account_id: Id
    account_kind: AccountKind
    account_name: str
    lines: tuple[Line, ...]
    net: Amount
    tax: Amount
    gross: Amount
    row_version: Version
    due_date: Day | None = None
    reference: str | None = None
    sent: bool | None = None
    synced_at: Instant | None = None
    status_code: str | None = None
    external_id: str | None = None
    care_of_account_id: Id | None = None


class Address(AutoVuRow, frozen=True):
    """Where an account is."""

    named_by: ClassVar[tuple[str, ...]] = ()

    line1: str | None = None
    line2: str | None = None
    town: str | None = None
    postcode: str | None = None
    country: str | None = None


class AutoVuAccount(AutoVuRow, frozen=True):
    """A company or site, with the ids that the accounting package knows it by."""

    named_by: ClassVar[tuple[str, ...]] = ("account_id", "kind")

    account_id: Id
    kind: AccountKind
    name: str
    row_version: Version
    email: str | None = None
    address: Address | None = None
    accs_id: str | None = field(name="AccsID", default=None)
    supplier_accs_id: str | None = field(name="SupplierAccsID", default=None)
    care_of_id: str | None = field(name="CareOfID", default=None)
    tax_number: str | None = None

    @property
    def traits(self) -> Traits:
        """By what it can be known besides its name: ids that people may have taken for its number, too."""
        numbers = (self.account_id, self.accs_id, self.supplier_accs_id)
        return Traits(self.email, self.tax_number, tuple(one for one in numbers if one))

    def accs_id_for(self, side: Side) -> str | None:
        """The package's id of this account as a customer or as a supplier, without what stands around it."""
        return _id_in(self.supplier_accs_id if side is Side.SUPPLIER else self.accs_id)

    @property
    def known_care_of(self) -> str | None:
        """The package's id by which it is named as a care-of account."""
        return _id_in(self.care_of_id) or self.accs_id_for(Side.CUSTOMER)


def _id_in(text: str | None) -> str | None:
    """An id as it was meant: no id begins or ends with a blank, which nobody sees either."""
    return trimmed(text) or None if text else None


class ChartRow(AutoVuRow, frozen=True):
    """A nominal. `link_to` is `Sales` or `Expenses`; `tax_selector` such as `T1`, blank or null when none."""

    named_by: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    description: str | None = None
    link_to: str | None = None
    tax_selector: str | None = None


class SyncSettings(AutoVuRow, frozen=True):
    """What the tenant syncs with, and how."""

    named_by: ClassVar[tuple[str, ...]] = ("package",)

    package: str
    uses_care_of: bool
    tax_on_nominal_required: bool
    user_name: str | None = None


class Queue(Struct, frozen=True):
    """Documents in listed order; `total` is how many are listed, also beyond those that were asked for."""

    documents: Listed[Document]
    total: int
