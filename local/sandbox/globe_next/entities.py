"""Globe Next's entities: settings and look-ups of a company, the lines and headers of its entries."""

from collections.abc import Mapping
from typing import Any

from local.sandbox.odata.edm import TEXT, Edm, code, fields
from local.sandbox.odata.entities import Entity, entity

# What stands in a state alone: the database of a row's company, and the server that has it.
DATABASE, SERVER = "DatabaseName", "ServerName"
USUAL_SERVER = "SRV01"
SETTING, ACCOUNT, CENTER, UNIT = "CompanySetting", "GLAccount", "CostCenter", "CostUnit"
JOURNAL, PERIOD, LINE, HEADER = "Journal", "FinancialPeriod", "FinancialLine", "FinancialHeader"
_ACCOUNT_CODE = code(9)
_LINE: Mapping[str, Edm] = {
    **fields(whole="ID", guid="TransactionKey", double="Amount"),
    "GLAccount": _ACCOUNT_CODE,
    **fields(text="CostCenter CostUnit CurrencyCode", double="CurrencyRate"),
    **fields(text="Description", time="EntryDate", whole="EntryNumber"),
    **fields(text="EntryType BankAccount", code="CreditorNumber DebtorNumber"),
    **fields(time="ReportingDate FulfillmentDate", whole="LineNumber"),
}
_HEADER: Mapping[str, Edm] = {
    **fields(whole="ID", guid="TransactionKey", text="Journal Description"),
    **fields(whole="FinancialYear FinancialPeriod", text="CurrencyCode", double="Amount"),
    **fields(text="CostCenter CostUnit", whole="EntryNumber", flag="IsProcessed"),
}
# What Globe Next says of itself.
_NOT_SENT = ("ID", "EntryNumber", "IsProcessed")


def _of_company(name: str, named_by: tuple[str, ...], properties: Mapping[str, Edm], **more: Any) -> Entity:
    """An entity of which every company has its own rows."""
    return entity(
        name,
        {DATABASE: TEXT, **properties},
        key=(DATABASE, *named_by),
        group=(DATABASE,),
        **{"hidden": (DATABASE,), **more},
    )


def _sent(properties: Mapping[str, Edm]) -> tuple[str, ...]:
    return tuple(name for name in properties if name not in _NOT_SENT)


def _lookup(name: str, properties: Mapping[str, Edm], **defaults: Any) -> Entity:
    """What an entry refers to by its code."""
    return _of_company(name, ("Code",), properties, defaults={"Blocked": False, **defaults})


ENTITIES: tuple[Entity, ...] = (
    _of_company(
        SETTING,
        (),
        fields(text=f"{SERVER} Company GeneralJournalExactPayrollPlus DefaultCurrency"),
        defaults={SERVER: USUAL_SERVER},
        hidden=(DATABASE, SERVER),
    ),
    _lookup(JOURNAL, fields(text="Code Description Type", flag="Blocked"), Type="M"),
    _lookup(
        ACCOUNT,
        {"Code": _ACCOUNT_CODE, **fields(text="Description", flag="Blocked CostCenterMandatory")},
        CostCenterMandatory=False,
    ),
    _lookup(CENTER, fields(text="Code Description", flag="Blocked")),
    _lookup(UNIT, fields(text="Code Description", flag="Blocked")),
    _of_company(
        PERIOD,
        ("FinancialYear", "Period"),
        fields(whole="FinancialYear Period", time="StartDate EndDate", flag="Closed"),
        needed=(DATABASE, "FinancialYear", "Period", "StartDate", "EndDate"),
        defaults={"Closed": False},
    ),
    _of_company(
        LINE,
        ("ID",),
        _LINE,
        needed=(DATABASE, "TransactionKey", "GLAccount", "Amount"),
        create=_sent(_LINE),
        required=("GLAccount", "Amount", "EntryDate"),
        removable=True,
        fresh=lambda number: number,
        indexed=("TransactionKey",),
    ),
    _of_company(
        HEADER,
        ("ID",),
        _HEADER,
        needed=(DATABASE, "TransactionKey"),
        create=_sent(_HEADER),
        required=("TransactionKey", "Journal", "FinancialYear", "FinancialPeriod"),
        defaults={"IsProcessed": True},
        fresh=lambda number: number,
        indexed=("TransactionKey",),
    ),
)
