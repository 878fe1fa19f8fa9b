"""The settings of AutoVu to an accounting package, and the options of its runs (IN-2, IN-3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from payrelay.flows.settings import Common, Model

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Rate = Annotated[Decimal, Field(ge=0, le=100)]


class AutoVuAddress(Model):
    """Where the tenant's AutoVu is: every tenant has a host of its own."""

    base_url: Text


class QuickBooksAddress(Model):
    """Where QuickBooks is; the company comes with the consent."""

    base_url: Text = "https://quickbooks.api.intuit.com"


class XeroAddress(Model):
    """Where Xero is, and which organisation, if the consent reaches several."""

    base_url: Text = "https://api.xero.com"
    company_id: Text | None = Field(None, description="the tenant id; needed if the consent reaches several")


class SageAddress(Model):
    """Where Sage is, and which business, if the consent reaches several."""

    base_url: Text = "https://api.accounting.sage.com"
    company_id: Text | None = Field(
        None, description="the business id; needed if the consent reaches several"
    )


class Settings(Common):
    """A connection of kind `autovu_accounting`."""

    package: Literal["quickbooks", "xero", "sage"]
    autovu: AutoVuAddress
    quickbooks: QuickBooksAddress = Field(default_factory=QuickBooksAddress.model_construct)
    xero: XeroAddress = Field(default_factory=XeroAddress.model_construct)
    sage: SageAddress = Field(default_factory=SageAddress.model_construct)
    tax_rates: dict[Text, Rate] = Field(
        {"T0": Decimal(0), "T1": Decimal(20), "T5": Decimal(5)},
        description="tax selector in AutoVu → rate in per cent, by which the package's tax code is found",
    )


class InvoiceSyncOptions(Model):
    """What one run of `invoice_sync` may be asked for: nothing; the list says which documents are next."""
