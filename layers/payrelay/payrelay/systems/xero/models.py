"""Xero's rows, with the field names of its API, and what each means in our terms."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Self

from msgspec import field

from payrelay.domain.invoices import Account, Company, Kind, Nominal, Posted, Side, TaxCode
from payrelay.systems.rows import Reader, Row, plain_day

from .marks import mark_in_reference, mark_in_url

ACTIVE = "ACTIVE"
GONE = frozenset({"VOIDED", "DELETED"})
KINDS = {
    "ACCREC": Kind.SALES_INVOICE,
    "ACCPAY": Kind.SUPPLIER_INVOICE,
    "ACCRECCREDIT": Kind.SALES_CREDIT_NOTE,
}
TYPES = {kind: name for name, kind in KINDS.items()}
_SIDES = {"REVENUE": Side.CUSTOMER, "EXPENSE": Side.SUPPLIER}
_MILLISECONDS = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(raw: object) -> datetime | None:
    """The time that Xero writes as `/Date(1552327126164)/`; None for anything else."""
    match = _MILLISECONDS.fullmatch(raw) if isinstance(raw, str) else None
    return _EPOCH + timedelta(milliseconds=int(match[1])) if match else None


class XeroDay(date):
    """A day as Xero writes it: `/Date(1767571200000+0000)/`, midnight UTC whatever the offset says."""

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The day; ValueError for what is none."""
        moment = moment_of(raw)
        if moment is None:
            raise ValueError("is not a day such as /Date(1767571200000+0000)/")
        return cls(moment.year, moment.month, moment.day)


class OrganisationRow(Row, frozen=True):
    """An organisation that the token reaches; this list alone has its members in camelCase."""

    named_by: ClassVar[tuple[str, ...]] = ("tenant_id",)

    tenant_id: str
    tenant_name: str


class XeroRow(Row, frozen=True, rename="pascal"):
    """A row of the Accounting API: PascalCase on the wire."""


class Address(XeroRow, frozen=True):
    """Where a contact is."""

    named_by: ClassVar[tuple[str, ...]] = ()

    city: str | None = None


class Owed(XeroRow, frozen=True):
    """What is open on one side of a contact."""

    named_by: ClassVar[tuple[str, ...]] = ()

    outstanding: Decimal = Decimal(0)


class Balances(XeroRow, frozen=True):
    """What a contact owes, and is owed."""

    named_by: ClassVar[tuple[str, ...]] = ()

    accounts_receivable: Owed = Owed()
    accounts_payable: Owed = Owed()


class ContactRow(XeroRow, frozen=True):
    """A customer or supplier: one list holds both."""

    named_by: ClassVar[tuple[str, ...]] = ("contact_id",)

    contact_id: str = field(name="ContactID")
    name: str
    contact_status: str
    email_address: str | None = None
    account_number: str | None = None
    tax_number: str | None = None
    default_currency: str | None = None
    addresses: tuple[Address, ...] = ()
    balances: Balances | None = None
    updated: XeroDay | None = field(name="UpdatedDateUTC", default=None)

    def account(self) -> Account:
        """The account; an empty text is none."""
        return Account(
            id=self.contact_id,
            name=self.name,
            active=self.contact_status == ACTIVE,
            email=self.email_address or None,
            number=self.account_number or None,
            tax_number=self.tax_number or None,
            currency=self.default_currency or None,
            city=next((one.city for one in self.addresses if one.city), None),
            balance=self._balance(),
            changed_at=self.updated.isoformat() if self.updated else None,
        )

    def _balance(self) -> Decimal | None:
        owed = self.balances
        return owed.accounts_receivable.outstanding - owed.accounts_payable.outstanding if owed else None


class AccountRow(XeroRow, frozen=True):
    """A row of the chart of accounts."""

    named_by: ClassVar[tuple[str, ...]] = ("account_id", "code")

    account_id: str = field(name="AccountID")
    name: str
    type: str
    status: str
    class_: str = field(name="Class")
    code: str | None = None
    tax_type: str | None = None
    system_account: str | None = None

    def nominal(self) -> Nominal | None:
        """The nominal, if lines may name it: system and bank accounts take none."""
        side = _SIDES.get(self.class_)
        if (
            side is None
            or not self.code
            or self.system_account
            or self.type == "BANK"
            or self.status != ACTIVE
        ):
            return None
        tax = {side: self.tax_type} if self.tax_type else {}
        return Nominal(self.code, self.name, {side: self.code}, tax)


class TaxRateRow(XeroRow, frozen=True):
    """A tax rate."""

    named_by: ClassVar[tuple[str, ...]] = ("tax_type",)

    name: str
    tax_type: str
    status: str
    effective_rate: Decimal | None = None
    can_apply_to_revenue: bool = False
    can_apply_to_expenses: bool = False

    def tax_code(self) -> TaxCode | None:
        """The tax code, if lines may name it."""
        allowed = ((Side.CUSTOMER, self.can_apply_to_revenue), (Side.SUPPLIER, self.can_apply_to_expenses))
        sides = frozenset(side for side, applies in allowed if applies)
        if self.status != ACTIVE or self.effective_rate is None or not sides:
            return None
        return TaxCode(self.tax_type, self.name, self.effective_rate, sides)


class OrganisationSettings(XeroRow, frozen=True):
    """How an organisation keeps its books: two lock dates, of which the later one counts."""

    named_by: ClassVar[tuple[str, ...]] = ("organisation_id",)

    organisation_id: str = field(name="OrganisationID")
    base_currency: str
    period_lock_date: XeroDay | None = None
    end_of_year_lock_date: XeroDay | None = None

    def company(self) -> Company:
        """In our terms; which other currencies it has is asked for by itself."""
        locked = [one for one in (self.period_lock_date, self.end_of_year_lock_date) if one]
        return Company(currency=self.base_currency, closed_until=plain_day(max(locked, default=None)))


class CurrencyRow(XeroRow, frozen=True):
    """A currency that documents may be in."""

    named_by: ClassVar[tuple[str, ...]] = ("code",)

    code: str


class ContactOfDocument(XeroRow, frozen=True):
    """Whom a document is about."""

    named_by: ClassVar[tuple[str, ...]] = ("contact_id",)

    contact_id: str = field(name="ContactID")


class InvoiceRow(XeroRow, frozen=True):
    """A sales invoice or a bill."""

    named_by: ClassVar[tuple[str, ...]] = ("id",)

    id: str = field(name="InvoiceID")
    type: str
    status: str
    contact: ContactOfDocument
    total: Decimal
    number: str = field(name="InvoiceNumber", default="")
    date: XeroDay | None = None
    reference: str | None = None
    url: str | None = None

    def posted(self) -> Posted | None:
        """The document, if it still stands and is of a kind that we know."""
        mark = mark_in_url(self.url) if self.type == "ACCPAY" else mark_in_reference(self.reference)
        return _posted(self, mark)


class CreditNoteRow(XeroRow, frozen=True):
    """A credit note of either side."""

    named_by: ClassVar[tuple[str, ...]] = ("id",)

    id: str = field(name="CreditNoteID")
    type: str
    status: str
    contact: ContactOfDocument
    total: Decimal
    number: str = field(name="CreditNoteNumber", default="")
    date: XeroDay | None = None
    reference: str | None = None

    def posted(self) -> Posted | None:
        """The document, if it still stands and is of a kind that we know."""
        return _posted(self, mark_in_reference(self.reference))


DocumentRow = InvoiceRow | CreditNoteRow

ORGANISATIONS = Reader(OrganisationRow, id_key="tenantId", number_key="tenantName")
CONTACTS = Reader(ContactRow, id_key="ContactID", number_key="Name")
ACCOUNTS = Reader(AccountRow, id_key="AccountID", number_key="Code")
TAX_RATES = Reader(TaxRateRow, id_key="TaxType", number_key="Name")
ORGANISATION = Reader(OrganisationSettings, id_key="OrganisationID", number_key="Name")
CURRENCIES = Reader(CurrencyRow, id_key="Code", number_key="Code")
INVOICES: Reader[InvoiceRow] = Reader(InvoiceRow, id_key="InvoiceID", number_key="InvoiceNumber")
CREDIT_NOTES: Reader[CreditNoteRow] = Reader(
    CreditNoteRow, id_key="CreditNoteID", number_key="CreditNoteNumber"
)


def _posted(row: DocumentRow, mark: str | None) -> Posted | None:
    kind = KINDS.get(row.type)
    if kind is None or row.status in GONE:
        return None
    return Posted(
        id=row.id,
        kind=kind,
        number=row.number,
        account_id=row.contact.contact_id,
        total=row.total,
        date=plain_day(row.date),
        mark=mark,
    )
