"""The rows of AutoVu: their fields in the contract's order, and how a tester's are completed."""

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.sandbox.frame.kinds import (
    DAY,
    FLAG,
    INSTANT,
    MISSING,
    NAME,
    TEXT,
    Fields,
    Misfit,
    Misfits,
    like,
    listed,
    misfit,
    one_of,
    or_null,
    record,
    whole,
)
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Row

# The selectors of a British tenant, in per cent.
RATES = {"T0": Decimal(0), "T1": Decimal(20), "T2": Decimal(0), "T5": Decimal(5), "T9": Decimal(0)}
_PENNY, _PRICE = Decimal("0.01"), Decimal("0.0001")
_CREDIT = timedelta(days=30)
_FIRST_VERSION = "r1"
_COUNTED = re.compile(r"r(\d{1,9})", re.ASCII)

TYPE = one_of("SalesInvoice", "SalesCreditNote", "SupplierInvoice")
_ACCOUNT_KIND = one_of("Company", "Site")
_MONEY = like('an amount as text with two decimals, such as "120.00"', r"-?\d{1,12}(\.\d{1,2})?")
_QUANTITY = like('a number as text with up to four decimals, such as "1.5"', r"-?\d{1,12}(\.\d{1,4})?")
_VERSION = like("a text of printable ASCII", r"[!-~]+")
_LINE: Fields = {
    "LineNo": whole(1),
    **dict.fromkeys(("Text", "NominalCode"), TEXT),
    **dict.fromkeys(("Quantity", "UnitPrice"), _QUANTITY),
    "Net": _MONEY,
    "TaxCode": or_null(TEXT),
    "Tax": _MONEY,
}
_ADDRESS: Fields = dict.fromkeys(("Line1", "Line2", "Town", "Postcode", "Country"), TEXT)


# --- money --------------------------------------------------------------------------------------------------


def _money(amount: Decimal) -> str:
    """Two decimals, half a penny up."""
    return f"{amount.quantize(_PENNY, ROUND_HALF_UP):f}"


def _price(amount: Decimal) -> str:
    """Two decimals, or up to four where it needs them."""
    exact = amount.quantize(_PRICE, ROUND_HALF_UP)
    return _money(exact) if exact == exact.quantize(_PENNY) else f"{exact.normalize():f}"


def _sum(lines: list[Row], name: str) -> str:
    return _money(sum((Decimal(one[name]) for one in lines), Decimal(0)))


# --- rows in part -------------------------------------------------------------------------------------------


def _line(row: Row, place: int, reading: Reading) -> Row:
    """A whole line: of the price or the net amount, and of the tax of its nominal; raises Misfits."""
    if not {"Net", "UnitPrice"} & row.keys():
        raise Misfits([Misfit(("Lines", place, "Net"), "is required, or UnitPrice", MISSING)])
    # The nominals that were made of documents say nothing of other documents.
    nominal = reading.store["chartofaccounts"].get(row["NominalCode"]) if _gives_chart(reading) else None
    code = row["TaxCode"] if "TaxCode" in row else nominal["TaxSelector"] if nominal else "T1"
    if "Tax" not in row and code and code not in RATES:
        said = f"is required with a tax code other than {', '.join(RATES)}"
        raise Misfits([Misfit(("Lines", place, "Tax"), said, MISSING)])
    quantity = Decimal(row.get("Quantity", "1"))
    net = Decimal(row["Net"]) if "Net" in row else quantity * Decimal(row["UnitPrice"])
    tax = Decimal(row["Tax"]) if "Tax" in row else Decimal(_money(net)) * RATES[code or "T0"] / 100
    price = _price(net / quantity if quantity else net)
    made = {"LineNo": place + 1, "Quantity": "1", "UnitPrice": price, **row}
    made |= {"Net": _money(net), "TaxCode": code, "Tax": _money(tax)}
    return {name: made[name] for name in _LINE}


def _gives_chart(reading: Reading) -> bool:
    return "chartofaccounts" in reading.given


def _account_of(row: Row, reading: Reading) -> Row:
    """The account that a document names by id or by name; one that is made, where a state gives none."""
    account_id, name, table = row.get("AccountId"), row.get("AccountName"), reading.store["accounts"]
    of_name: list[Row] = [] if account_id else table.find("Name", [name])
    found = table.get(account_id) if account_id else next(iter(of_name), None)
    if found is not None:
        return found
    if name is None:
        raise misfit("AccountName", "is required where the document's account is not among accounts")
    if account_id is None and "accounts" in reading.given:
        raise misfit("AccountId", "is required where no account has this name")
    new = {"AccountId": account_id or reading.fresh("accounts"), "Name": name}
    made = _account({**ACCOUNTS.defaults, **new, "Kind": row.get("AccountKind", "Company")}, reading)
    if "accounts" not in reading.given:
        table.put(ACCOUNTS.in_order(made))
    return made


def _account(row: Row, _: Reading) -> Row:
    address = {**dict.fromkeys(_ADDRESS, ""), "Country": "GB", **row.get("Address", {})}
    return {**row, "Address": address}


def _learn_nominals(row: Row, reading: Reading) -> None:
    """A state without a chart of accounts has the nominals that its documents name."""
    link, chart = (
        "Expenses" if row["Type"] == "SupplierInvoice" else "Sales",
        reading.store["chartofaccounts"],
    )
    for line in row["Lines"]:
        code = line["NominalCode"]
        if code and code not in chart:
            chart.put({"Description": code, "Code": code, "LinkTo": link, "TaxSelector": line["TaxCode"]})


def _document(row: Row, reading: Reading) -> Row:
    """A whole document: with its account, its lines, and totals that may be off where they are given."""
    lines = [_line(line, place, reading) for place, line in enumerate(row["Lines"])]
    account = _account_of(row, reading)
    day = row.get("Date", reading.now.date().isoformat())
    due = None if row["Type"] == "SalesCreditNote" else (date.fromisoformat(day) + _CREDIT).isoformat()
    made: dict[str, Any] = {
        "Date": day,
        "DueDate": due,
        "Sent": True if row["Type"] == "SalesInvoice" else None,
        "AccountId": account["AccountId"],
        "AccountKind": account["Kind"],
        "AccountName": account["Name"],
        "Net": _sum(lines, "Net"),
        "Tax": _sum(lines, "Tax"),
        **row,
        "Lines": lines,
    }
    gross = Decimal(made["Net"]) + Decimal(made["Tax"])
    made |= {name: _money(Decimal(made.get(name, gross))) for name in ("Net", "Tax", "Gross")}
    if not _gives_chart(reading):
        _learn_nominals(made, reading)
    return made


# --- resources ----------------------------------------------------------------------------------------------


def next_version(version: str) -> str:
    """The version after this one."""
    counted = _COUNTED.fullmatch(version)
    return f"r{int(counted[1]) + 1}" if counted else _FIRST_VERSION


_MOVED = {"RowVersion": lambda version, _: next_version(version)}


def settings(package: str) -> Resource:
    """The settings of a tenant that syncs with this package, unless a state says otherwise."""
    return Resource(
        "syncsettings",
        (),
        {"Package": NAME, "UsesCareOf": FLAG, "TaxOnNominalRequired": FLAG, "UserName": or_null(TEXT)},
        defaults={
            "Package": package,
            "UsesCareOf": package == "QuickBooks",
            "TaxOnNominalRequired": True,
            "UserName": "Sam Price",
        },
        single=True,
    )


CHART = Resource(
    "chartofaccounts",
    "Code",
    {
        "Description": TEXT,
        "Code": NAME,
        "LinkTo": one_of("Sales", "Expenses"),
        "TaxSelector": or_null(TEXT),
    },
    needed=("Code", "LinkTo"),
    defaults={"TaxSelector": "T1"},
    made=lambda row, _: {"Description": row["Code"], **row},
    rank=None,
)
ACCOUNTS = Resource(
    "accounts",
    "AccountId",
    {
        "AccountId": NAME,
        "Kind": _ACCOUNT_KIND,
        "Name": TEXT,
        "Email": or_null(TEXT),
        "Address": record(_ADDRESS),
        **dict.fromkeys(("AccsID", "SupplierAccsID", "CareOfID", "TaxNumber"), or_null(NAME)),
        "RowVersion": _VERSION,
    },
    needed=("Name",),
    defaults={
        "Kind": "Company",
        **dict.fromkeys(("Email", "AccsID", "SupplierAccsID", "CareOfID")),
        "RowVersion": _FIRST_VERSION,
    },
    made=_account,
    moved=_MOVED,
    fresh=lambda number: f"a-{number}",
    indexed=("Name",),
    rank=None,
)
DOCUMENTS = Resource(
    "documents",
    "DocumentId",
    {
        "DocumentId": NAME,
        "Type": TYPE,
        "Number": NAME,
        "Date": DAY,
        "DueDate": or_null(DAY),
        "Currency": like("a currency such as GBP", r"[A-Z]{3}"),
        "Reference": TEXT,
        "Sent": or_null(FLAG),
        "MarkedForSync": FLAG,
        "SyncedAt": or_null(INSTANT),
        "StatusCode": TEXT,
        "ExternalId": or_null(NAME),
        "AccountId": NAME,
        "AccountKind": _ACCOUNT_KIND,
        "AccountName": TEXT,
        "CareOfAccountId": or_null(NAME),
        "Lines": listed(record(_LINE, needed=("Text", "NominalCode"))),
        **dict.fromkeys(("Net", "Tax", "Gross"), _MONEY),
        "RowVersion": _VERSION,
    },
    needed=("Type", "Number", "Lines"),
    defaults={
        "Currency": "GBP",
        "MarkedForSync": True,
        "RowVersion": _FIRST_VERSION,
        **dict.fromkeys(("Reference", "StatusCode"), ""),
        **dict.fromkeys(("SyncedAt", "ExternalId", "CareOfAccountId")),
    },
    made=_document,
    moved=_MOVED,
    fresh=lambda number: f"d-{number}",
    order=("Date", "Number", "DocumentId"),
    rank=None,
)
