"""Sage Accounting's rows as they come over the wire."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from payrelay.domain.invoices import DatedRate, Side, TaxCode
from payrelay.systems.rows import Day, Reader, Row, plain_day


class SageRow(Row, frozen=True, rename="lower"):
    """A row whose fields have one name here and there."""


class Ref(SageRow, frozen=True):
    """Another record, or a constant such as CUSTOMER, as a row names it."""

    id: str


class Subscription(SageRow, frozen=True):
    active: bool


class Business(SageRow, frozen=True):
    id: str
    name: str
    subscriptions: list[Subscription]

    @property
    def is_active(self) -> bool:
        """Whether Sage lets programs in."""
        return any(subscription.active for subscription in self.subscriptions)


class Person(SageRow, frozen=True):
    email: str | None = None


class Address(SageRow, frozen=True):
    named_by: ClassVar[tuple[str, ...]] = ()

    city: str | None = None


class Contact(SageRow, frozen=True):
    """A customer, a supplier, or both."""

    id: str
    name: str
    contact_types: list[Ref]
    is_active: bool = True
    reference: str | None = None
    email: str | None = None
    main_contact_person: Person | None = None
    tax_number: str | None = None
    currency: Ref | None = None
    main_address: Address | None = None
    updated_at: str | None = None


class LedgerAccount(SageRow, frozen=True):
    """A nominal; `nominal_code` is a number, so that zeros in front of it are lost."""

    id: str
    name: str
    nominal_code: int | None = None
    tax_rate: Ref | None = None


class Percentage(SageRow, frozen=True):
    """A rate in per cent, and the days on which it is valid, both included."""

    percentage: Decimal
    from_date: Day | None = None
    to_date: Day | None = None


class TaxRate(SageRow, frozen=True):
    id: str
    name: str
    percentage: Decimal | None = None
    percentages: list[Percentage] = []
    is_visible: bool = True

    def tax_code(self, day: date) -> TaxCode | None:
        """The tax code with the rates of all days, if it can be chosen; its rate is that of `day`."""
        rates = tuple(
            DatedRate(one.percentage, plain_day(one.from_date), plain_day(one.to_date))
            for one in self.percentages
        )
        now = next((one.rate for one in rates if one.holds_on(day)), None)
        rate = (rates[-1].rate if now is None else now) if rates else self.percentage
        if not self.is_visible or rate is None:
            return None
        return TaxCode(self.id, self.name, rate, frozenset(Side), rates)


class Document(SageRow, frozen=True):
    """An invoice or credit note; a supplier invoice's number is `vendor_reference`."""

    id: str
    contact: Ref
    date: Day
    status: Ref
    total_amount: Decimal
    reference: str | None = None
    vendor_reference: str | None = None
    notes: str | None = None


LISTED = Reader(Ref, id_key="id", number_key="displayed_as")
BUSINESSES = Reader(Business, id_key="id", number_key="name")
CONTACTS = Reader(Contact, id_key="id", number_key="name")
LEDGER_ACCOUNTS = Reader(LedgerAccount, id_key="id", number_key="nominal_code")
TAX_RATES = Reader(TaxRate, id_key="id", number_key="name")
