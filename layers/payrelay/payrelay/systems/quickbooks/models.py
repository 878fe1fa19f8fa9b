"""QuickBooks' rows: members in PascalCase, ids as text, money as numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from msgspec import field

from payrelay.systems.rows import Day, Row


class Entity(Row, frozen=True, rename="pascal"):
    """A row with an Id."""

    id: str


class Part(Row, frozen=True, rename="pascal"):
    """A piece of a row."""

    named_by: ClassVar[tuple[str, ...]] = ()


class Reference(Row, frozen=True):
    """A reference by Id; its members are in lower case."""

    named_by: ClassVar[tuple[str, ...]] = ("value",)

    value: str


class EmailAddress(Part, frozen=True):
    address: str | None = None


class Address(Part, frozen=True):
    city: str | None = None


class Times(Part, frozen=True):
    last_updated_time: str | None = None


class NameRow(Entity, frozen=True):
    """A customer or vendor; a sub-customer (`job`) has its parents' names in `fully_qualified_name`."""

    display_name: str
    active: bool = True
    job: bool = False
    fully_qualified_name: str | None = None
    primary_email_addr: EmailAddress | None = None
    acct_num: str | None = None
    primary_tax_identifier: str | None = None
    tax_identifier: str | None = None
    currency_ref: Reference | None = None
    bill_addr: Address | None = None
    balance: Decimal | None = None
    meta_data: Times | None = None


class AccountRow(Entity, frozen=True):
    """A row of the chart of accounts."""

    name: str
    account_type: str
    acct_num: str | None = None


class ItemRow(Entity, frozen=True):
    """A product or service."""

    name: str
    type: str
    income_account_ref: Reference | None = None


class TaxRateDetail(Part, frozen=True):
    tax_rate_ref: Reference


class TaxRateList(Part, frozen=True):
    tax_rate_detail: tuple[TaxRateDetail, ...] = ()


class TaxCodeRow(Entity, frozen=True):
    """A tax code: the rates that it puts together on sales and on purchases."""

    name: str
    sales_tax_rate_list: TaxRateList = TaxRateList()
    purchase_tax_rate_list: TaxRateList = TaxRateList()


class TaxRateRow(Entity, frozen=True):
    """A tax rate in per cent."""

    rate_value: Decimal


class DocumentRow(Entity, frozen=True, kw_only=True):
    """An invoice, credit memo or bill: whose it is stands in one of two references."""

    account: Reference
    total_amt: Decimal
    doc_number: str = ""
    txn_date: Day | None = None
    private_note: str | None = None


class SalesRow(DocumentRow, frozen=True, kw_only=True):
    """An invoice or credit memo."""

    account: Reference = field(name="CustomerRef")


class BillRow(DocumentRow, frozen=True, kw_only=True):
    """A bill."""

    account: Reference = field(name="VendorRef")


class CompanyRow(Entity, frozen=True):
    company_name: str


class CurrencyPrefs(Part, frozen=True):
    home_currency: Reference
    multi_currency_enabled: bool = False


class SalesFormsPrefs(Part, frozen=True):
    """Whether sales documents keep the numbers that they are sent with."""

    custom_txn_numbers: bool | None = None


class AccountingInfoPrefs(Part, frozen=True):
    """Up to and with which day the books are closed."""

    book_close_date: Day | None = None


class PreferencesRow(Entity, frozen=True):
    currency_prefs: CurrencyPrefs
    sales_forms_prefs: SalesFormsPrefs = SalesFormsPrefs()
    accounting_info_prefs: AccountingInfoPrefs = AccountingInfoPrefs()
