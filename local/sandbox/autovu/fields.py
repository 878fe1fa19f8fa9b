"""The fields of AutoVu's rows, in the contract's order, and which values they take."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

TYPES = ("SalesInvoice", "SalesCreditNote", "SupplierInvoice")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_MONEY = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
_QUANTITY = re.compile(r"-?\d{1,12}(\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True)
class Kind:
    """`words` end the message "must be …"."""

    words: str
    accepts: Callable[[Any], bool]


def _text(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_day(value: object) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_instant(value: object) -> bool:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _one_of(*values: str) -> Kind:
    return Kind(f"one of {', '.join(values)}", lambda value: value in values)


def _or_null(kind: Kind) -> Kind:
    return Kind(f"{kind.words}, or null", lambda value: value is None or kind.accepts(value))


TEXT = Kind("a text", lambda value: isinstance(value, str))
NAME = Kind("a text that is not blank", lambda value: isinstance(value, str) and bool(value.strip()))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
WHOLE = Kind(
    "a whole number from 1",
    lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0,
)
DAY = Kind("a date such as 2026-01-05", _is_day)
INSTANT = Kind("a time such as 2026-01-05T09:30:00Z", _is_instant)
MONEY = Kind('an amount as text with two decimals, such as "120.00"', _text(_MONEY))
QUANTITY = Kind('a number as text with up to four decimals, such as "1.5"', _text(_QUANTITY))
VERSION = Kind("a text of printable ASCII", _text(re.compile(r"[!-~]+")))

LINE: Mapping[str, Kind] = {
    "LineNo": WHOLE,
    "Text": TEXT,
    "NominalCode": TEXT,
    "Quantity": QUANTITY,
    "UnitPrice": QUANTITY,
    "Net": MONEY,
    "TaxCode": _or_null(TEXT),
    "Tax": MONEY,
}
LINES = Kind("a list of lines", lambda value: isinstance(value, list))
DOCUMENT: Mapping[str, Kind] = {
    "DocumentId": NAME,
    "Type": _one_of(*TYPES),
    "Number": NAME,
    "Date": DAY,
    "DueDate": _or_null(DAY),
    "Currency": Kind("a currency such as GBP", _text(re.compile(r"[A-Z]{3}"))),
    "Reference": TEXT,
    "Sent": _or_null(FLAG),
    "MarkedForSync": FLAG,
    "SyncedAt": _or_null(INSTANT),
    "StatusCode": TEXT,
    "ExternalId": _or_null(NAME),
    "AccountId": NAME,
    "AccountKind": _one_of("Company", "Site"),
    "AccountName": TEXT,
    "CareOfAccountId": _or_null(NAME),
    "Lines": LINES,
    "Net": MONEY,
    "Tax": MONEY,
    "Gross": MONEY,
    "RowVersion": VERSION,
}
ADDRESS: Mapping[str, Kind] = dict.fromkeys(("Line1", "Line2", "Town", "Postcode", "Country"), TEXT)
ACCOUNT: Mapping[str, Kind] = {
    "AccountId": NAME,
    "Kind": _one_of("Company", "Site"),
    "Name": TEXT,
    "Email": _or_null(TEXT),
    "Address": Kind("an object", lambda value: isinstance(value, dict)),
    "AccsID": _or_null(NAME),
    "SupplierAccsID": _or_null(NAME),
    "CareOfID": _or_null(NAME),
    "RowVersion": VERSION,
}
CHART: Mapping[str, Kind] = {
    "Description": TEXT,
    "Code": NAME,
    "LinkTo": _one_of("Sales", "Expenses"),
    "TaxSelector": _or_null(TEXT),
}
SETTINGS: Mapping[str, Kind] = {
    "Package": NAME,
    "UsesCareOf": FLAG,
    "TaxOnNominalRequired": FLAG,
    "UserName": _or_null(TEXT),
}
DOCUMENT_WRITABLE = ("StatusCode", "ExternalId", "SyncedAt")
ACCOUNT_WRITABLE = ("AccsID", "SupplierAccsID", "CareOfID")


def misfits(fields: Mapping[str, Kind], row: Any, needed: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Field and message of whatever does not fit, the `needed` fields that are missing first."""
    if not isinstance(row, dict):
        return [("", "an object is needed")]
    found = [(name, "is required") for name in needed if name not in row]
    for name, value in row.items():
        kind = fields.get(name)
        if kind is None:
            found.append((str(name), f"unknown field; known are {', '.join(fields)}"))
        elif not kind.accepts(value):
            found.append((name, f"must be {kind.words}"))
    return found
