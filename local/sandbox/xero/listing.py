"""Reading Xero's data: listings by their parameters, and rows as the API shows them."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from local.sandbox.frame.room import Row

from .resources import CONTACTS, CREDIT_NOTES, INVOICES, DocumentResource, Resource
from .shapes import bad_query, is_guid, slashed
from .store import Store
from .where import Where, found_at

LARGEST_PAGE, PAGE = 1000, 100
_LISTS: Mapping[str, Callable[[Resource, Row], str]] = {
    "IDs": lambda resource, row: str(row[resource.key]),
    "InvoiceNumbers": lambda _, row: str(row["InvoiceNumber"]),
    "ContactIDs": lambda _, row: str(row["Contact"]["ContactID"]),
    "Statuses": lambda _, row: str(row["Status"]),
    "TaxType": lambda _, row: str(row["TaxType"]),
}
_FLAGS = ("includeArchived", "summaryOnly", "createdByMyApp", "summarizeErrors")
_SEARCHED = {
    "Contacts": ("Name", "FirstName", "LastName", "EmailAddress", "ContactNumber", "CompanyNumber"),
    "Invoices": ("InvoiceNumber", "Reference"),
}
_BLANK_GUID = "00000000-0000-0000-0000-000000000000"


def parameters(query: str, allowed: frozenset[str]) -> dict[str, str]:
    """The parameters of a query; unknown ones, repeated ones and values of a wrong form are refused."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in allowed:
            raise bad_query(f"unknown parameter {name}; known are {', '.join(sorted(allowed))}")
        if name in given:
            raise bad_query(f"{name} is given twice")
        if name in _FLAGS and value.lower() not in ("true", "false"):
            raise bad_query(f"{name} must be true or false")
        given[name] = value.lower() if name in _FLAGS else value
    if given.get("unitdp", "2") not in ("2", "4"):
        raise bad_query("unitdp must be 2 or 4")
    for name, most in (("page", 1_000_000), ("pageSize", LARGEST_PAGE)):
        if name in given and not (given[name].isdecimal() and 1 <= int(given[name]) <= most):
            raise bad_query(f"{name} must be a number from 1 to {most}")
    return given


def listed(
    store: Store, resource: Resource, tenant: str, given: Mapping[str, str], since: str | None
) -> tuple[list[Row], Row | None]:
    """The rows that the parameters ask for, and the pagination where there is one."""
    rows = [expanded(store, row) for row in store.rows(resource, tenant)]
    rows = [row for row in rows if _asked_for(resource, row, given)]
    if since is not None:
        rows = [row for row in rows if row.get("UpdatedDateUTC", "") > since]
    rows = _sorted(resource, rows, given.get("order"))
    if "page" not in given:
        return [shown(resource, row, whole=False) for row in rows], None
    page, size = int(given["page"]), int(given.get("pageSize", PAGE))
    some = rows[(page - 1) * size : page * size]
    whole = given.get("summaryOnly") != "true"
    pagination = {
        "page": page,
        "pageSize": size,
        "pageCount": -(-len(rows) // size),
        "itemCount": len(rows),
    }
    return [shown(resource, row, whole=whole) for row in some], {"pagination": pagination}


def expanded(store: Store, row: Row) -> Row:
    """A document with the name of its contact; other rows as they are."""
    contact = row.get("Contact")
    if contact is None:
        return row
    name = (store.table(CONTACTS, row["tenantId"]).get(contact["ContactID"]) or {}).get("Name")
    return {**row, "Contact": {**contact, "Name": name}}


def shown(resource: Resource, row: Row, *, whole: bool) -> Row:
    """A row as the API shows it; lines only where `whole`."""
    row = {name: value for name, value in row.items() if name != "tenantId" and value is not None}
    if row.get("UpdatedDateUTC"):
        row["UpdatedDateUTC"] = slashed(row["UpdatedDateUTC"])
    if not isinstance(resource, DocumentResource):
        return row
    for name in ("Date", "DueDate"):
        if row.get(name):
            row |= {name: slashed(row[name]), f"{name}String": f"{row[name]}T00:00:00"}
    if resource is INVOICES:
        paid = {"AmountPaid": row.get("AmountPaid", 0.0), "AmountCredited": row.get("AmountCredited", 0.0)}
        row |= {**paid, "AmountDue": round(row["Total"] - sum(paid.values()), 2)}
    elif resource is CREDIT_NOTES:
        row["RemainingCredit"] = row.get("RemainingCredit", row["Total"])
    row |= {"CurrencyRate": row.get("CurrencyRate", 1.0), "HasErrors": False}
    return row if whole else {name: value for name, value in row.items() if name != "LineItems"}


def refused(resource: Resource, given: Row, errors: list[str]) -> Row:
    """A refused element: what was sent, and why it is refused."""
    days: Row = {name: slashed(given[name]) for name in ("Date", "DueDate") if name in given}
    element: Row = {
        resource.key: _BLANK_GUID,
        **given,
        **days,
        "ValidationErrors": [{"Message": text} for text in errors],
    }
    if isinstance(resource, DocumentResource):
        return {**element, "HasErrors": True, "StatusAttributeString": "ERROR"}
    return {**element, "HasValidationErrors": True, "StatusAttributeString": "ERROR"}


def _asked_for(resource: Resource, row: Row, given: Mapping[str, str]) -> bool:
    for name, value_of in _LISTS.items():
        if name in given:
            wanted = given[name].split(",")
            if name in ("IDs", "ContactIDs") and not all(is_guid(one) for one in wanted):
                raise bad_query(f"{name} must be GUIDs")
            if value_of(resource, row).casefold() not in {one.casefold() for one in wanted}:
                return False
    if row.get("ContactStatus") == "ARCHIVED" and given.get("includeArchived") != "true":
        return False
    term = given.get("searchTerm")
    if term is not None and not any(
        term.casefold() in str(row.get(name) or "").casefold() for name in _SEARCHED[resource.name]
    ):
        return False
    return "where" not in given or _where(resource, given["where"])(row)


def _where(resource: Resource, text: str) -> Callable[[Row], bool]:
    try:
        return Where(text, resource.where).read()
    except ValueError as wrong:
        raise bad_query(f"where: {wrong}") from wrong


def _sorted(resource: Resource, rows: list[Row], order: str | None) -> list[Row]:
    if order is None:
        return rows
    name, _, direction = order.partition(" ")
    if name not in resource.where | {"UpdatedDateUTC"} or direction.upper() not in ("", "ASC", "DESC"):
        raise bad_query(f"order: {order!r} is not a member with ASC or DESC")

    def by(row: Row) -> tuple[bool, Any]:
        value = found_at(row, name)
        return value is not None, value

    return sorted(rows, key=by, reverse=direction.upper() == "DESC")
