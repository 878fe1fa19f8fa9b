"""QuickBooks' entities: their members, what may be filtered by, and how they may be written."""

from collections.abc import Mapping
from dataclasses import dataclass

from .kinds import Kind, amount, choice, fields, listing, record, text

LONGEST_NUMBER = 21
_ADDRESS = record(
    fields(text="Id Line1 Line2 Line3 Line4 Line5 City Country CountrySubDivisionCode PostalCode Lat Long")
)
_EMAIL, _PHONE, _WEB = (record(fields(text=name)) for name in ("Address", "FreeFormNumber", "URI"))
_TIMES = record(fields(text="CreateTime LastUpdatedTime", whatever="LastModifiedByRef"))
_COMMON: dict[str, Kind] = {
    **fields(text="Id SyncToken domain", flag="sparse", whatever="CustomField"),
    "MetaData": _TIMES,
}


@dataclass(frozen=True)
class Entity:
    """One kind of row. `series` are those that share one run of ids; `inactive` rows hide from queries."""

    name: str
    fields: Mapping[str, Kind]
    series: str
    read_only: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    has_active: bool = True
    writable: bool = False


_PERSON: dict[str, Kind] = {
    **_COMMON,
    **fields(
        text="Title GivenName MiddleName FamilyName Suffix CompanyName PrintOnCheckName Notes "
        "FullyQualifiedName PrimaryTaxIdentifier ResaleNum TaxIdentifier",
        flag="Active Taxable Job BillWithParent Vendor1099",
        ref="CurrencyRef ParentRef SalesTermRef TermRef PaymentMethodRef DefaultTaxCodeRef APAccountRef",
        amount="Balance BalanceWithJobs Level",
    ),
    **dict.fromkeys(("BillAddr", "ShipAddr", "PrimaryAddr"), _ADDRESS),
    **dict.fromkeys(("PrimaryPhone", "AlternatePhone", "Mobile", "Fax"), _PHONE),
    "PrimaryEmailAddr": _EMAIL,
    "WebAddr": _WEB,
    "DisplayName": text(500),
}
_MADE = frozenset({"domain", "MetaData", "sparse"})
_NAME_FILTERS = frozenset({"Id", "DisplayName", "CompanyName", "GivenName", "FamilyName", "Active"})
_NAME_MADE = _MADE | {"FullyQualifiedName", "Balance", "BalanceWithJobs", "Level"}


def _names(name: str, extra: Mapping[str, Kind], without: str = "") -> Entity:
    members = {key: kind for key, kind in {**_PERSON, **extra}.items() if key not in without.split()}
    filters = _NAME_FILTERS & members.keys()
    return Entity(name, members, "names", _NAME_MADE, filters | {"Balance"}, writable=True)


DETAILS: Mapping[str, Kind] = {
    "SalesItemLineDetail": record(
        fields(
            ref="ItemRef ItemAccountRef TaxCodeRef ClassRef",
            amount="Qty UnitPrice TaxInclusiveAmt",
            day="ServiceDate",
        )
    ),
    "AccountBasedExpenseLineDetail": record(
        fields(
            ref="AccountRef TaxCodeRef CustomerRef ClassRef",
            amount="TaxAmount TaxInclusiveAmt",
            text="BillableStatus",
        )
    ),
    "ItemBasedExpenseLineDetail": record(
        fields(
            ref="ItemRef TaxCodeRef CustomerRef ClassRef",
            amount="Qty UnitPrice TaxInclusiveAmt",
            text="BillableStatus",
        )
    ),
    "DescriptionLineDetail": record(fields(ref="TaxCodeRef", day="ServiceDate")),
    "SubTotalLineDetail": record({}),
}
SALES_LINES = ("SalesItemLineDetail", "DescriptionOnly", "SubTotalLineDetail")
BILL_LINES = ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail")


def _lines(*detail_types: str) -> Kind:
    return listing(
        record(
            {
                **fields(text="Id", amount="Amount LineNum", whatever="LinkedTxn"),
                "Description": text(4000),
                "DetailType": choice(*detail_types),
                **DETAILS,
            }
        )
    )


def _document(name: str, owner: str, lines: tuple[str, ...], extra: str = "") -> Entity:
    members: dict[str, Kind] = {
        **_COMMON,
        **fields(
            text=f"PrivateNote PrintStatus EmailStatus {extra}",
            day="TxnDate DueDate",
            ref=f"{owner} CurrencyRef DepartmentRef SalesTermRef APAccountRef CustomerMemo",
            amount="ExchangeRate TotalAmt Balance RemainingCredit HomeTotalAmt",
            whatever="LinkedTxn",
        ),
        **dict.fromkeys(("BillAddr", "ShipAddr"), _ADDRESS),
        "BillEmail": _EMAIL,
        "DocNumber": text(LONGEST_NUMBER),
        "GlobalTaxCalculation": choice("TaxExcluded", "TaxInclusive", "NotApplicable"),
        "Line": _lines(*lines),
        "TxnTaxDetail": record(
            {**fields(amount="TotalTax", ref="TxnTaxCodeRef"), "TaxLine": listing(_TAX_LINE)}
        ),
    }
    made = _MADE | {"TotalAmt", "Balance", "RemainingCredit", "HomeTotalAmt", "LinkedTxn"}
    filters = frozenset({"Id", "DocNumber", "TxnDate", "DueDate", "TotalAmt", "Balance", owner})
    return Entity(name, members, "documents", made, filters, has_active=False, writable=True)


_TAX_LINE = record(
    {
        "Amount": amount,
        "DetailType": choice("TaxLineDetail"),
        "TaxLineDetail": record(
            fields(ref="TaxRateRef", flag="PercentBased", amount="TaxPercent NetAmountTaxable")
        ),
    }
)
_RATES = record(
    {"TaxRateDetail": listing(record(fields(ref="TaxRateRef", text="TaxTypeApplicable", amount="TaxOrder")))}
)


def _listed(name: str, members: Mapping[str, Kind], filters: str) -> Entity:
    return Entity(name, {**_COMMON, **members}, name, _MADE, frozenset(["Id", *filters.split()]))


ENTITIES: Mapping[str, Entity] = {
    entity.name: entity
    for entity in (
        _names("Customer", {}, "TaxIdentifier TermRef APAccountRef Vendor1099"),
        _names(
            "Vendor",
            {"AcctNum": text(15)},
            "Job ParentRef BillWithParent Taxable PrimaryTaxIdentifier ResaleNum SalesTermRef",
        ),
        _names("Employee", {}, "Job ParentRef BillWithParent Taxable CompanyName"),
        _listed(
            "Account",
            {
                **fields(
                    text="Name FullyQualifiedName AcctNum AccountType AccountSubType Classification "
                    "Description",
                    flag="Active SubAccount",
                    ref="CurrencyRef ParentRef TaxCodeRef",
                    amount="CurrentBalance CurrentBalanceWithSubAccounts",
                )
            },
            "Name FullyQualifiedName AccountType AccountSubType Classification Active",
        ),
        _listed(
            "Item",
            {
                **fields(
                    text="Name FullyQualifiedName Description Sku PurchaseDesc",
                    flag="Active Taxable TrackQtyOnHand",
                    ref="IncomeAccountRef ExpenseAccountRef AssetAccountRef SalesTaxCodeRef "
                    "PurchaseTaxCodeRef",
                    amount="UnitPrice PurchaseCost QtyOnHand",
                ),
                "Type": choice("Service", "NonInventory", "Inventory", "Group", "Category"),
            },
            "Name FullyQualifiedName Type Active Sku",
        ),
        _listed(
            "TaxCode",
            {
                **fields(text="Name Description", flag="Active Taxable TaxGroup Hidden"),
                "SalesTaxRateList": _RATES,
                "PurchaseTaxRateList": _RATES,
            },
            "Name Description Active",
        ),
        _listed(
            "TaxRate",
            fields(
                text="Name Description SpecialTaxType DisplayType",
                flag="Active",
                ref="AgencyRef TaxReturnLineRef",
                amount="RateValue",
            ),
            "Name Description Active",
        ),
        _document("Invoice", "CustomerRef", SALES_LINES),
        _document("CreditMemo", "CustomerRef", SALES_LINES),
        _document("Bill", "VendorRef", BILL_LINES),
        _document("VendorCredit", "VendorRef", BILL_LINES),
        Entity(
            "CompanyInfo",
            {
                **_COMMON,
                **fields(
                    text="CompanyName LegalName Country FiscalYearStartMonth SupportedLanguages",
                    whatever="CompanyAddr LegalAddr Email WebAddr NameValue",
                ),
            },
            "CompanyInfo",
            _MADE,
            frozenset({"Id"}),
            has_active=False,
        ),
        Entity(
            "Preferences",
            {
                **_COMMON,
                "CurrencyPrefs": record(fields(ref="HomeCurrency", flag="MultiCurrencyEnabled")),
                "SalesFormsPrefs": record(
                    fields(flag="CustomTxnNumbers AllowDeposit AllowDiscount AllowShipping AllowEstimates")
                ),
                "TaxPrefs": record(fields(flag="UsingSalesTax PartnerTaxEnabled", ref="TaxGroupCodeRef")),
                "AccountingInfoPrefs": record(
                    fields(flag="UseAccountNumbers", text="CustomerTerminology FirstMonthOfFiscalYear")
                ),
            },
            "Preferences",
            _MADE,
            frozenset({"Id"}),
            has_active=False,
        ),
    )
}
# What a path or a query may call them, in any case of letters.
BY_LOWER = {name.lower(): entity for name, entity in ENTITIES.items()}
NAMES = ("Customer", "Vendor", "Employee")
SALES = ("Invoice", "CreditMemo")
PURCHASES = ("Bill", "VendorCredit")
DOCUMENTS = (*SALES, *PURCHASES)
