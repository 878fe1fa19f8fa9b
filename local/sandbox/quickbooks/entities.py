"""QuickBooks' entities: their members, what may be filtered by, and how they may be written.

The members of names and documents are those of the published list, `published.toml`.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from local.sandbox.frame.kinds import Kind
from local.sandbox.frame.resources import Resource

from .books import moment
from .filling import filled
from .kinds import ABSENT, PUBLISHED, Entity, choice, fields, lines, parts, text
from .tokens import TOKENS

_MOVED = {
    "MetaData": lambda told, now: {**(told or {}), "LastUpdatedTime": moment(now)},
    "SyncToken": lambda token, _: str(int(token) + 1) if str(token).isdecimal() else "1",
}
_MADE = frozenset({"domain", "MetaData", "sparse"})
_COMMON: dict[str, Kind] = {
    **fields(id="Id SyncToken", text="domain", flag="sparse"),
    **{name: PUBLISHED.members("Customer")[name] for name in ("CustomField", "MetaData")},
}
_DETAILS = {
    "CustomerRef": ("SalesItemLineDetail", "DescriptionOnly", "SubTotalLineDetail"),
    "VendorRef": ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"),
}
# Published lists of members say no lengths.
_LENGTHS = {"DisplayName": text(500), "DocNumber": text(21)}


def _published(name: str, **own: Kind) -> dict[str, Kind]:
    """The members of a type by the published list, of which the sandbox knows some better."""
    members = PUBLISHED.members(name)
    return {**members, **{key: kind for key, kind in _LENGTHS.items() if key in members}, **own}


_TAX_LINE = _published("Line", DetailType=choice("TaxLineDetail"))
_TAX_DETAIL = parts(_published("TxnTaxDetail", TaxLine=lines(_TAX_LINE)))
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
        moved=_MOVED,
        series=series or name,
        filters=compared & whole.keys(),
        **{"read_only": _MADE, **more},
    )


def _names(name: str, **own: Kind) -> Entity:
    return _entity(
        name,
        _published(name, **own),
        "DisplayName CompanyName GivenName FamilyName PrimaryEmailAddr Active Balance",
        "names",
        needed=("DisplayName",),
        below="ParentRef",
        read_only=_MADE | {"FullyQualifiedName", "Balance", "BalanceWithJobs", "Level"},
    )


def _document(name: str, owner: str) -> Entity:
    line = _published("Line", DetailType=choice(*_DETAILS[owner]))
    members = _published(name, Line=lines(line), TxnTaxDetail=_TAX_DETAIL)
    return _entity(
        name,
        members,
        f"DocNumber TxnDate DueDate TotalAmt Balance {owner}",
        "documents",
        needed=(owner,),
        owner=owner,
        read_only=_MADE
        | {"TotalAmt", "Balance", "RemainingCredit", "HomeTotalAmt", "HomeBalance", "LinkedTxn"},
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
    any="CompanyAddr LegalAddr Email WebAddr NameValue",
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
        _names("Customer"),
        _names("Vendor", AcctNum=text(15)),
        _names("Employee"),
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
