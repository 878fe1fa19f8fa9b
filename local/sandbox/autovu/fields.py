"""The fields of AutoVu's rows, in the contract's order, and which values they take."""

import re
from collections.abc import Mapping

from local.sandbox.frame.kinds import (
    FLAG,
    NAME,
    TEXT,
    Kind,
    is_day,
    is_instant,
    like,
    one_of,
    or_null,
    that,
)

TYPES = ("SalesInvoice", "SalesCreditNote", "SupplierInvoice")
_MONEY = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
_QUANTITY = re.compile(r"-?\d{1,12}(\.\d{1,4})?", re.ASCII)


WHOLE = that(
    "a whole number from 1",
    lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0,
)
DAY = that("a date such as 2026-01-05", is_day)
INSTANT = that("a time such as 2026-01-05T09:30:00Z", is_instant)
MONEY = like('an amount as text with two decimals, such as "120.00"', _MONEY)
QUANTITY = like('a number as text with up to four decimals, such as "1.5"', _QUANTITY)
VERSION = like("a text of printable ASCII", re.compile(r"[!-~]+"))

LINE: Mapping[str, Kind] = {
    "LineNo": WHOLE,
    "Text": TEXT,
    "NominalCode": TEXT,
    "Quantity": QUANTITY,
    "UnitPrice": QUANTITY,
    "Net": MONEY,
    "TaxCode": or_null(TEXT),
    "Tax": MONEY,
}
LINES = that("a list of lines", lambda value: isinstance(value, list))
DOCUMENT: Mapping[str, Kind] = {
    "DocumentId": NAME,
    "Type": one_of(*TYPES),
    "Number": NAME,
    "Date": DAY,
    "DueDate": or_null(DAY),
    "Currency": like("a currency such as GBP", re.compile(r"[A-Z]{3}")),
    "Reference": TEXT,
    "Sent": or_null(FLAG),
    "MarkedForSync": FLAG,
    "SyncedAt": or_null(INSTANT),
    "StatusCode": TEXT,
    "ExternalId": or_null(NAME),
    "AccountId": NAME,
    "AccountKind": one_of("Company", "Site"),
    "AccountName": TEXT,
    "CareOfAccountId": or_null(NAME),
    "Lines": LINES,
    "Net": MONEY,
    "Tax": MONEY,
    "Gross": MONEY,
    "RowVersion": VERSION,
}
ADDRESS: Mapping[str, Kind] = dict.fromkeys(("Line1", "Line2", "Town", "Postcode", "Country"), TEXT)
ACCOUNT: Mapping[str, Kind] = {
    "AccountId": NAME,
    "Kind": one_of("Company", "Site"),
    "Name": TEXT,
    "Email": or_null(TEXT),
    "Address": that("an object", lambda value: isinstance(value, dict)),
    "AccsID": or_null(NAME),
    "SupplierAccsID": or_null(NAME),
    "CareOfID": or_null(NAME),
    "RowVersion": VERSION,
}
CHART: Mapping[str, Kind] = {
    "Description": TEXT,
    "Code": NAME,
    "LinkTo": one_of("Sales", "Expenses"),
    "TaxSelector": or_null(TEXT),
}
SETTINGS: Mapping[str, Kind] = {
    "Package": NAME,
    "UsesCareOf": FLAG,
    "TaxOnNominalRequired": FLAG,
    "UserName": or_null(TEXT),
}
DOCUMENT_WRITABLE = ("StatusCode", "ExternalId", "SyncedAt")
ACCOUNT_WRITABLE = ("AccsID", "SupplierAccsID", "CareOfID")
