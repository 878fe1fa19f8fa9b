"""QuickBooks' entities: their members, what may be filtered by, and how they may be written."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from local.sandbox.frame.kinds import Kind
from local.sandbox.frame.resources import Resource

from .filling import filled
from .kinds import ABSENT, Entity, choice, fields, lines, parts, text
from .tokens import TOKENS

_ADDRESS = parts(
    fields(text="Id Line1 Line2 Line3 Line4 Line5 City Country CountrySubDivisionCode PostalCode Lat Long")
)
_EMAIL, _PHONE, _WEB = (parts(fields(text=name)) for name in ("Address", "FreeFormNumber", "URI"))
_MADE = frozenset({"domain", "MetaData", "sparse"})
_COMMON: dict[str, Kind] = {
    **fields(text="Id SyncToken domain", flag="sparse"),
    "CustomField": lines(
        {
            **fields(text="DefinitionId Name StringValue"),
            "Type": choice("StringType", "BooleanType", "DateType"),
        }
    ),
    "MetaData": parts(fields(text="CreateTime LastUpdatedTime", whatever="LastModifiedByRef")),
}
_PERSON: dict[str, Kind] = {
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
_SALES_LINE = {
    "SalesItemLineDetail": parts(
        fields(
            ref="ItemRef ItemAccountRef TaxCodeRef ClassRef",
            amount="Qty UnitPrice TaxInclusiveAmt",
            day="ServiceDate",
        )
    ),
    "DescriptionLineDetail": parts(fields(ref="TaxCodeRef", day="ServiceDate")),
    "SubTotalLineDetail": parts({}),
}
_BILLED = fields(ref="TaxCodeRef CustomerRef ClassRef", amount="TaxInclusiveAmt", text="BillableStatus")
_BILL_LINE = {
    "AccountBasedExpenseLineDetail": parts({**_BILLED, **fields(ref="AccountRef", amount="TaxAmount")}),
    "ItemBasedExpenseLineDetail": parts({**_BILLED, **fields(ref="ItemRef", amount="Qty UnitPrice")}),
}
_LINKED = lines(fields(text="TxnId TxnType TxnLineId"))
_LINE = {**fields(text="Id", amount="Amount LineNum"), "LinkedTxn": _LINKED, "Description": text(4000)}
_LINES = {
    "CustomerRef": lines(
        _LINE
        | _SALES_LINE
        | _BILL_LINE
        | {"DetailType": choice("SalesItemLineDetail", "DescriptionOnly", "SubTotalLineDetail")}
    ),
    "VendorRef": lines(_LINE | _SALES_LINE | _BILL_LINE | {"DetailType": choice(*_BILL_LINE)}),
}
_TAX_LINE = {
    **fields(amount="Amount"),
    "DetailType": choice("TaxLineDetail"),
    "TaxLineDetail": parts(
        fields(ref="TaxRateRef", flag="PercentBased", amount="TaxPercent NetAmountTaxable")
    ),
}
_RATES = parts(
    {"TaxRateDetail": lines(fields(ref="TaxRateRef", text="TaxTypeApplicable", amount="TaxOrder"))}
)


def _entity(
    name: str, members: Mapping[str, Kind], filters: str = "", series: str = "", **more: Any
) -> Entity:
    """An entity, of a series of its own if none is named."""
    whole, compared = {**_COMMON, **members}, frozenset(["Id", *filters.split()])
    if "Active" in whole:
        more["defaults"] = {"Active": True, **more.get("defaults", {})}
    return Entity(
        name,
        "Id",
        whole,
        absent=ABSENT,
        made=partial(filled, name),
        rank=int,
        series=series or name,
        filters=compared & whole.keys(),
        **{"read_only": _MADE, **more},
    )


def _names(name: str, without: str, extra: Mapping[str, Kind] | None = None) -> Entity:
    return _entity(
        name,
        {key: kind for key, kind in _PERSON.items() if key not in without.split()} | dict(extra or {}),
        "DisplayName CompanyName GivenName FamilyName PrimaryEmailAddr Active Balance",
        "names",
        needed=("DisplayName",),
        below="ParentRef",
        read_only=_MADE | {"FullyQualifiedName", "Balance", "BalanceWithJobs", "Level"},
    )


def _document(name: str, owner: str) -> Entity:
    members: dict[str, Kind] = {
        **fields(
            text="PrivateNote",
            day="TxnDate DueDate",
            ref=f"{owner} CurrencyRef DepartmentRef SalesTermRef APAccountRef CustomerMemo",
            amount="ExchangeRate TotalAmt Balance RemainingCredit HomeTotalAmt",
        ),
        "LinkedTxn": _LINKED,
        "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
        "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
        **dict.fromkeys(("BillAddr", "ShipAddr"), _ADDRESS),
        "BillEmail": _EMAIL,
        "DocNumber": text(21),
        "GlobalTaxCalculation": choice("TaxExcluded", "TaxInclusive", "NotApplicable"),
        "Line": _LINES[owner],
        "TxnTaxDetail": parts(
            {**fields(amount="TotalTax", ref="TxnTaxCodeRef"), "TaxLine": lines(_TAX_LINE)}
        ),
    }
    return _entity(
        name,
        members,
        f"DocNumber TxnDate DueDate TotalAmt Balance {owner}",
        "documents",
        needed=(owner,),
        owner=owner,
        read_only=_MADE | {"TotalAmt", "Balance", "RemainingCredit", "HomeTotalAmt", "LinkedTxn"},
    )


_ACCOUNT = fields(
    text="Name FullyQualifiedName AcctNum AccountType AccountSubType Classification Description",
    flag="Active SubAccount",
    ref="CurrencyRef ParentRef TaxCodeRef",
    amount="CurrentBalance CurrentBalanceWithSubAccounts",
)
_ITEM = {
    **fields(
        text="Name FullyQualifiedName Description Sku PurchaseDesc",
        flag="Active Taxable TrackQtyOnHand",
        ref="IncomeAccountRef ExpenseAccountRef AssetAccountRef SalesTaxCodeRef PurchaseTaxCodeRef",
        amount="UnitPrice PurchaseCost QtyOnHand",
    ),
    "Type": choice("Service", "NonInventory", "Inventory", "Group", "Category"),
}
_TAX_CODE = {
    **fields(text="Name Description", flag="Active Taxable TaxGroup Hidden"),
    **dict.fromkeys(("SalesTaxRateList", "PurchaseTaxRateList"), _RATES),
}
_TAX_RATE = fields(
    text="Name Description SpecialTaxType DisplayType",
    flag="Active",
    ref="AgencyRef TaxReturnLineRef",
    amount="RateValue",
)
_COMPANY = fields(
    text="CompanyName LegalName Country FiscalYearStartMonth SupportedLanguages",
    whatever="CompanyAddr LegalAddr Email WebAddr NameValue",
)
_PREFERENCES = {
    "CurrencyPrefs": parts(fields(ref="HomeCurrency", flag="MultiCurrencyEnabled")),
    "SalesFormsPrefs": parts(
        fields(flag="CustomTxnNumbers AllowDeposit AllowDiscount AllowShipping AllowEstimates")
    ),
    "TaxPrefs": parts(fields(flag="UsingSalesTax PartnerTaxEnabled", ref="TaxGroupCodeRef")),
    "AccountingInfoPrefs": parts(
        fields(
            flag="UseAccountNumbers",
            text="CustomerTerminology FirstMonthOfFiscalYear",
            day="BookCloseDate",
        )
    ),
}
_SWITCHES = ("allow_duplicate_numbers", "keep_refresh_token")

# What others refer to comes first.
ENTITIES: Mapping[str, Entity] = {
    entity.name: entity
    for entity in (
        _entity("CompanyInfo", _COMPANY, single=True),
        _entity("Preferences", _PREFERENCES, single=True),
        _entity("TaxRate", _TAX_RATE, "Name Description Active", needed=("Name",)),
        _entity(
            "TaxCode",
            _TAX_CODE,
            "Name Description Active",
            needed=("Name",),
            defaults={"Taxable": True, "TaxGroup": True},
        ),
        _entity(
            "Account",
            _ACCOUNT,
            "Name FullyQualifiedName AccountType AccountSubType Classification Active",
            needed=("Name",),
            defaults={"AccountType": "Income"},
        ),
        _entity(
            "Item",
            _ITEM,
            "Name FullyQualifiedName Type Active Sku",
            needed=("Name",),
            defaults={"Type": "Service"},
        ),
        _names("Customer", "TaxIdentifier TermRef APAccountRef Vendor1099"),
        _names(
            "Vendor",
            "Job ParentRef BillWithParent Taxable PrimaryTaxIdentifier ResaleNum SalesTermRef",
            {"AcctNum": text(15)},
        ),
        _names("Employee", "Job ParentRef BillWithParent Taxable CompanyName"),
        _document("Invoice", "CustomerRef"),
        _document("CreditMemo", "CustomerRef"),
        _document("Bill", "VendorRef"),
        _document("VendorCredit", "VendorRef"),
    )
}
# What a path or a query may call them, in any case of letters.
BY_LOWER = {name.lower(): entity for name, entity in ENTITIES.items()}
SETTINGS = Resource(
    "settings",
    (),
    # Over documents of the number `fails_over` the server stumbles: a fault of the system for one item.
    fields(flag=" ".join(_SWITCHES), text="fails_over"),
    defaults=dict.fromkeys(_SWITCHES, False),
    single=True,
)
RESOURCES = (*ENTITIES.values(), SETTINGS, TOKENS)
