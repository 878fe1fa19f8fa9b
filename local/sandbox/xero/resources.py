"""Xero's resources as the contract lists them: members, what may be written, and what a listing takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from .shapes import is_guid


class Kind(NamedTuple):
    """`words` end the message "<member> must be …"."""

    words: str
    accepts: Callable[[Any], bool]


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TEXT = Kind("a string", lambda value: isinstance(value, str))
NUMBER = Kind("a number", _is_number)
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
DAY = Kind("a date such as 2026-01-05", _is_day)
GUID = Kind("a GUID", is_guid)
OBJECT = Kind("an object", lambda value: isinstance(value, dict))
LIST = Kind("a list", lambda value: isinstance(value, list))
Members = Mapping[str, Kind]


def members(text: str = "", **others: Kind) -> dict[str, Kind]:
    """Texts by their names in one string, and members of other kinds."""
    return {**dict.fromkeys(text.split(), TEXT), **others}


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Resource:
    """One collection. `made` are members that Xero sets itself: a write that echoes them is no error.

    `needed` is what a row of the state needs; `scopes` are the first words of the scopes that let one in.
    """

    name: str
    key: str
    written: Members
    made: Members
    needed: tuple[str, ...]
    where: frozenset[str]
    parameters: frozenset[str]
    scopes: tuple[str, ...]
    methods: tuple[str, ...] = ("GET",)

    @property
    def known(self) -> Members:
        """All members of a row of the state; `tenantId` says whose it is."""
        return {**self.written, **self.made, "tenantId": GUID}


@dataclass(frozen=True)
class DocumentResource(Resource):
    """A collection of documents: the member for the number, and its types with the uniqueness of numbers."""

    number: str = ""
    unique: Mapping[str, bool] = field(default_factory=dict)
    prefix: str = ""


LINE = members(
    "Description AccountCode TaxType ItemCode LineItemID AccountID",
    Quantity=NUMBER,
    UnitAmount=NUMBER,
    TaxAmount=NUMBER,
    LineAmount=NUMBER,
    DiscountRate=NUMBER,
    Tracking=LIST,
)
ADDRESS = members(
    "AddressType AddressLine1 AddressLine2 AddressLine3 AddressLine4 City Region PostalCode Country"
    " AttentionTo"
)
_PAGED = frozenset({"where", "order", "page", "pageSize"})
_DOCUMENT = members(
    "Type LineAmountTypes CurrencyCode Status BrandingThemeID Reference",
    Contact=OBJECT,
    Date=DAY,
    LineItems=LIST,
    CurrencyRate=NUMBER,
    SentToContact=FLAG,
)
_TOTALS = members(
    "UpdatedDateUTC",
    SubTotal=NUMBER,
    TotalTax=NUMBER,
    Total=NUMBER,
    HasErrors=FLAG,
    HasAttachments=FLAG,
)

INVOICES = DocumentResource(
    name="Invoices",
    key="InvoiceID",
    written={**_DOCUMENT, **members("InvoiceID InvoiceNumber Url", DueDate=DAY)},
    made={**_TOTALS, **members(AmountDue=NUMBER, AmountPaid=NUMBER, AmountCredited=NUMBER)},
    needed=("Type", "Contact"),
    where=names(
        "InvoiceID InvoiceNumber Type Status Reference Date"
        " DueDate Total CurrencyCode Contact.ContactID Contact.Name"
    ),
    parameters=_PAGED
    | {"IDs", "InvoiceNumbers", "ContactIDs", "Statuses", "includeArchived", "createdByMyApp"}
    | {"unitdp", "summaryOnly", "searchTerm"},
    scopes=("accounting.invoices", "accounting.transactions"),
    methods=("GET", "PUT", "POST"),
    number="InvoiceNumber",
    unique={"ACCREC": True, "ACCPAY": False},
    prefix="INV-",
)
CREDIT_NOTES = DocumentResource(
    name="CreditNotes",
    key="CreditNoteID",
    written={**_DOCUMENT, **members("CreditNoteID CreditNoteNumber")},
    made={**_TOTALS, **members(RemainingCredit=NUMBER, AppliedAmount=NUMBER)},
    needed=("Type", "Contact"),
    where=names(
        "CreditNoteID CreditNoteNumber Type Status Reference Date"
        " Total CurrencyCode Contact.ContactID Contact.Name"
    ),
    parameters=_PAGED | {"unitdp"},
    scopes=INVOICES.scopes,
    methods=("GET", "PUT", "POST"),
    number="CreditNoteNumber",
    unique={"ACCRECCREDIT": True, "ACCPAYCREDIT": False},
    prefix="CN-",
)
CONTACTS = Resource(
    name="Contacts",
    key="ContactID",
    written=members(
        "ContactID ContactNumber AccountNumber ContactStatus Name FirstName LastName EmailAddress TaxNumber"
        " CompanyNumber DefaultCurrency BankAccountDetails",
        Addresses=LIST,
        Phones=LIST,
        ContactPersons=LIST,
    ),
    made=members(
        "UpdatedDateUTC", IsCustomer=FLAG, IsSupplier=FLAG, HasValidationErrors=FLAG, HasAttachments=FLAG
    ),
    needed=("Name",),
    where=names(
        "ContactID ContactNumber AccountNumber ContactStatus Name EmailAddress IsCustomer IsSupplier"
    ),
    parameters=_PAGED | {"IDs", "includeArchived", "summaryOnly", "searchTerm"},
    scopes=("accounting.contacts",),
    methods=("GET", "PUT", "POST"),
)
CONTACT_OF_DOCUMENT: Members = {**CONTACTS.written, **CONTACTS.made}
ACCOUNTS = Resource(
    name="Accounts",
    key="AccountID",
    written={},
    made=members(
        "AccountID Code Name Type Class Status TaxType SystemAccount Description UpdatedDateUTC",
        EnablePaymentsToAccount=FLAG,
    ),
    needed=("Name", "Type"),
    where=names("AccountID Code Name Type Class Status TaxType"),
    parameters=frozenset({"where", "order"}),
    scopes=("accounting.settings",),
)
TAX_RATES = Resource(
    name="TaxRates",
    key="TaxType",
    written={},
    made=members(
        "Name TaxType Status ReportTaxType",
        DisplayTaxRate=NUMBER,
        EffectiveRate=NUMBER,
        TaxComponents=LIST,
        CanApplyToRevenue=FLAG,
        CanApplyToExpenses=FLAG,
        CanApplyToAssets=FLAG,
        CanApplyToLiabilities=FLAG,
        CanApplyToEquity=FLAG,
    ),
    needed=("TaxType",),
    where=names("Name TaxType Status"),
    parameters=frozenset({"where", "order", "TaxType"}),
    scopes=("accounting.settings",),
)
RESOURCES: tuple[Resource, ...] = (TAX_RATES, ACCOUNTS, CONTACTS, INVOICES, CREDIT_NOTES)
BY_PATH = {resource.name.lower(): resource for resource in RESOURCES}


def strange(value: Mapping[str, Any], known: Members) -> list[tuple[str, str]]:
    """What does not fit a row's members: unknown names and wrong kinds, each with its message."""
    problems = []
    for name, one in value.items():
        kind = known.get(name)
        if kind is None:
            problems.append((str(name), f"unknown member; known are {', '.join(known)}"))
        elif one is not None and not kind.accepts(one):
            problems.append((name, f"must be {kind.words}"))
    return problems
