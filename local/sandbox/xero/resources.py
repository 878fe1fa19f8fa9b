"""Xero's resources as the contract lists them: members, what may be written, and what a listing takes."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from local.sandbox.frame.kinds import FLAG, Fields, Kind, or_null, whole
from local.sandbox.frame.resources import Resource, at_time

from .documents import APPLIES
from .filling import (
    filled_account,
    filled_connection,
    filled_contact,
    filled_document,
    filled_rate,
    filled_settings,
)
from .shapes import (
    ABSENT,
    DATE,
    GUID,
    LIST,
    PUBLISHED,
    Listed,
    guid,
    members,
    numbers,
    part,
    parts,
    to_the_second,
)
from .tokens import TOKENS

_PAGED = "where order page pageSize"
_SETTINGS, _INVOICES = ("accounting.settings",), ("accounting.invoices", "accounting.transactions")


def _resource(
    name: str,
    key: str,
    written: Fields,
    by_xero: Fields,
    *,
    where: str,
    parameters: str,
    **more: Any,
) -> Listed:
    """A collection of which each tenant has its own."""
    return Listed(
        name,
        ("tenantId", key),
        {**written, **by_xero, "tenantId": GUID},
        absent=ABSENT,
        group=("tenantId",),
        hidden=("tenantId",),
        rank=None,
        moved={"UpdatedDateUTC": at_time(to_the_second)} if "UpdatedDateUTC" in by_xero else {},
        written=written,
        where=frozenset(where.split()),
        parameters=frozenset(parameters.split()),
        **more,
    )


CONTACTS = _resource(
    "Contacts",
    "ContactID",
    members(
        "ContactID ContactNumber AccountNumber ContactStatus Name FirstName LastName EmailAddress TaxNumber"
        " CompanyNumber DefaultCurrency BankAccountDetails",
        Addresses=LIST,
        Phones=LIST,
        ContactPersons=LIST,
    )
    | PUBLISHED.members("Contact"),
    members("UpdatedDateUTC", IsCustomer=FLAG, IsSupplier=FLAG, HasValidationErrors=FLAG, HasAttachments=FLAG)
    | PUBLISHED.members("Contact by Xero"),
    where="ContactID ContactNumber AccountNumber ContactStatus Name FirstName LastName EmailAddress TaxNumber"
    " CompanyNumber DefaultCurrency IsCustomer IsSupplier",
    parameters=f"{_PAGED} IDs includeArchived summaryOnly searchTerm unitdp",
    scopes=("accounting.contacts",),
    needed=("Name",),
    made=filled_contact,
)
_LINE = {
    **members("Description AccountCode TaxType ItemCode", LineItemID=GUID, AccountID=GUID, Tracking=LIST),
    **numbers("Quantity UnitAmount TaxAmount LineAmount DiscountRate"),
    **PUBLISHED.members("LineItem"),
}
_DOCUMENT: Mapping[str, Kind] = members(
    "Type LineAmountTypes CurrencyCode Status Reference",
    BrandingThemeID=GUID,
    Contact=part(CONTACTS.body),
    Date=DATE,
    LineItems=parts(_LINE),
    SentToContact=FLAG,
) | numbers("CurrencyRate")
_TOTALS = members("UpdatedDateUTC", HasErrors=FLAG, HasAttachments=FLAG) | numbers("SubTotal TotalTax Total")
_COMPARED = "Type Status Reference Date Total CurrencyCode Contact.ContactID Contact.Name"
INVOICES = _resource(
    "Invoices",
    "InvoiceID",
    {**_DOCUMENT, **members("InvoiceID InvoiceNumber Url", DueDate=DATE), **PUBLISHED.members("Invoice")},
    {
        **_TOTALS,
        **numbers("AmountDue AmountPaid AmountCredited"),
        **PUBLISHED.members("Invoice by Xero"),
    },
    where=f"InvoiceID InvoiceNumber DueDate AmountDue AmountPaid AmountCredited {_COMPARED}",
    parameters=f"{_PAGED} IDs InvoiceNumbers ContactIDs Statuses includeArchived createdByMyApp unitdp"
    " summaryOnly searchTerm",
    scopes=_INVOICES,
    needed=("Type", "Contact"),
    made=partial(filled_document, "Invoices"),
    number="InvoiceNumber",
    # Some changes do not touch UpdatedDateUTC.
    still=("DueDate", "SentToContact", "AmountDue", "AmountPaid", "AmountCredited"),
    types={"ACCREC": True, "ACCPAY": False},
    prefix="INV-",
)
CREDIT_NOTES = _resource(
    "CreditNotes",
    "CreditNoteID",
    {**_DOCUMENT, **members("CreditNoteID CreditNoteNumber"), **PUBLISHED.members("CreditNote")},
    {
        **_TOTALS,
        **numbers("RemainingCredit AppliedAmount"),
        **PUBLISHED.members("CreditNote by Xero"),
    },
    where=f"CreditNoteID CreditNoteNumber {_COMPARED}",
    parameters=f"{_PAGED} unitdp",
    scopes=_INVOICES,
    needed=("Type", "Contact"),
    made=partial(filled_document, "CreditNotes"),
    number="CreditNoteNumber",
    still=("SentToContact", "RemainingCredit", "AppliedAmount"),
    types={"ACCRECCREDIT": True, "ACCPAYCREDIT": False},
    prefix="CN-",
)
ACCOUNTS = _resource(
    "Accounts",
    "AccountID",
    {},
    members(
        "AccountID Code Name Type Class Status TaxType SystemAccount Description UpdatedDateUTC",
        EnablePaymentsToAccount=FLAG,
    ),
    where="AccountID Code Name Type Class Status TaxType",
    parameters="where order",
    scopes=_SETTINGS,
    needed=("Name", "Type"),
    made=filled_account,
)
TAX_RATES = _resource(
    "TaxRates",
    "TaxType",
    {},
    {
        **members("Name TaxType Status ReportTaxType", TaxComponents=LIST),
        **numbers("DisplayTaxRate EffectiveRate"),
        **dict.fromkeys(APPLIES.values(), FLAG),
    },
    where="Name TaxType Status",
    parameters="where order TaxType",
    scopes=_SETTINGS,
    needed=("TaxType",),
    made=filled_rate,
)
CURRENCIES = _resource(
    "Currencies",
    "Code",
    {},
    members("Code Description"),
    where="Code",
    parameters="where order",
    scopes=_SETTINGS,
    needed=("Code",),
    made=filled_settings,
)
ORGANISATIONS = _resource(
    "Organisations",
    "OrganisationID",
    {},
    members(
        "Name LegalName BaseCurrency CountryCode OrganisationStatus",
        OrganisationID=GUID,
        PeriodLockDate=DATE,
        EndOfYearLockDate=DATE,
    ),
    where="",
    parameters="",
    scopes=_SETTINGS,
    needed=("BaseCurrency",),
    made=filled_settings,
)
CONNECTIONS = Resource(
    "connections",
    "id",
    members(
        "tenantType tenantName createdDateUtc updatedDateUtc",
        id=GUID,
        authEventId=GUID,
        tenantId=GUID,
        connected=FLAG,
    ),
    fresh=lambda number: guid("connection", str(number)),
    made=filled_connection,
    usual=({},),
    hidden=("connected",),
    # They stay in the order in which they were given: rows without a tenant are of the first.
    rank=lambda _: 0,
)
SETTINGS = Resource(
    "settings", (), {"day_limit": or_null(whole(1))}, defaults={"day_limit": None}, single=True
)
LISTED = (CURRENCIES, TAX_RATES, ACCOUNTS, CONTACTS, INVOICES, CREDIT_NOTES)
# What others refer to comes first.
RESOURCES = (CONNECTIONS, SETTINGS, ORGANISATIONS, *LISTED, TOKENS)
