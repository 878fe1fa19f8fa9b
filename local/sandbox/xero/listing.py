"""Reading Xero's data: what a listing's parameters are and find, and rows as the API shows them."""

from collections.abc import Callable, Mapping
from typing import Any

from local.sandbox.frame.kinds import TEXT, Fields, Kind, misfit, one_of, whole_text
from local.sandbox.frame.room import Row

from .shapes import Listed, is_guid, slashed
from .store import Books
from .where import Where, found_at

LARGEST_PAGE, PAGE = 1000, 100
_LISTS: Mapping[str, str] = {
    "InvoiceNumbers": "InvoiceNumber",
    "ContactIDs": "Contact.ContactID",
    "Statuses": "Status",
    "TaxType": "TaxType",
}
_SEARCHED = {
    "Contacts": ("Name", "FirstName", "LastName", "EmailAddress", "ContactNumber", "CompanyNumber"),
    "Invoices": ("InvoiceNumber", "Reference"),
}
_BLANK_GUID = "00000000-0000-0000-0000-000000000000"


def _texts(value: str) -> frozenset[str]:
    return frozenset(one.casefold() for one in value.split(","))


def _guids(value: str) -> frozenset[str]:
    if not all(map(is_guid, value.split(","))):
        raise ValueError(value)
    return _texts(value)


FLAG_TEXT = Kind("true or false", lambda value: bool(("false", "true").index(value.lower())))
UNIT_DIGITS = one_of("2", "4")
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("includeArchived", "summaryOnly", "createdByMyApp"), FLAG_TEXT),
    **dict.fromkeys(_LISTS, Kind("texts", _texts)),
    **dict.fromkeys(("IDs", "ContactIDs"), Kind("GUIDs", _guids)),
    "unitdp": UNIT_DIGITS,
    "page": whole_text(1, 1_000_000, "a number from 1 to 1000000"),
    "pageSize": whole_text(1, LARGEST_PAGE, f"a number from 1 to {LARGEST_PAGE}"),
    "searchTerm": TEXT,
}


def parameters(resource: Listed) -> Fields:
    """The kinds of the parameters that a listing takes."""

    def where(text: str) -> Callable[[Row], bool]:
        try:
            return Where(text, resource.where).read()
        except ValueError as wrong:
            raise misfit("", f"can't be read: {wrong}") from None

    def order(text: str) -> tuple[str, bool]:
        name, _, direction = text.partition(" ")
        if name not in resource.where | {"UpdatedDateUTC"} or direction.upper() not in ("", "ASC", "DESC"):
            raise ValueError(text)
        return name, direction.upper() == "DESC"

    kinds = {**_KINDS, "where": Kind("a test", where), "order": Kind("a member with ASC or DESC", order)}
    return {name: kind for name, kind in kinds.items() if name in resource.parameters}


def listed(
    books: Books, resource: Listed, tenant: str, query: Mapping[str, Any], since: str | None
) -> tuple[list[Row], Row]:
    """The rows that the parameters ask for, and the pagination where there is one."""
    rows = [expanded(books, row) for row in books.rows(resource.name, tenant)]
    tests = _tests(resource, query)
    # Resources that do not tell when they changed know no such header.
    if since is not None and "UpdatedDateUTC" in resource.fields:
        tests.append(lambda row: row.get("UpdatedDateUTC", "") > since)
    rows = [row for row in rows if all(test(row) for test in tests)]
    if "order" in query:
        name, descending = query["order"]
        rows.sort(key=lambda row: _sortable(found_at(row, name)), reverse=descending)
    if "page" not in query:
        return [shown(resource, row, whole=False) for row in rows], {}
    page, size = query["page"], query.get("pageSize", PAGE)
    some = [
        shown(resource, row, whole=not query.get("summaryOnly"))
        for row in rows[(page - 1) * size : page * size]
    ]
    counts = {"page": page, "pageSize": size, "pageCount": -(-len(rows) // size), "itemCount": len(rows)}
    return some, {"pagination": counts}


def expanded(books: Books, row: Row) -> Row:
    """A document with the name of its contact; other rows as they are."""
    contact = row.get("Contact")
    if contact is None:
        return row
    if "InvoiceID" in row:
        row = {**row, "AmountDue": due(row)}
    name = (books["Contacts"].get((row["tenantId"], contact["ContactID"])) or {}).get("Name")
    return {**row, "Contact": {**contact, "Name": name}}


def due(row: Row) -> float:
    """What of an invoice is still open."""
    amount: float = round(row["Total"] - row.get("AmountPaid", 0.0) - row.get("AmountCredited", 0.0), 2)
    return amount


def shown(resource: Listed, row: Row, *, whole: bool) -> Row:
    """A row as the API shows it; lines only where `whole`."""
    row = {name: value for name, value in resource.shown(row).items() if value is not None}
    if row.get("UpdatedDateUTC"):
        row["UpdatedDateUTC"] = slashed(row["UpdatedDateUTC"])
    if not resource.types:
        return row
    texts = {f"{name}String": f"{row[name]}T00:00:00" for name in ("Date", "DueDate") if row.get(name)}
    row |= {name: slashed(row[name]) for name in resource.days if row.get(name)} | texts
    if resource.name == "Invoices":
        paid = {"AmountPaid": row.get("AmountPaid", 0.0), "AmountCredited": row.get("AmountCredited", 0.0)}
        row |= {**paid, "AmountDue": due(row)}
    else:
        row["RemainingCredit"] = row.get("RemainingCredit", row["Total"])
    row |= {"CurrencyRate": row.get("CurrencyRate", 1.0), "HasErrors": False}
    return row if whole else {name: value for name, value in row.items() if name != "LineItems"}


def refused(resource: Listed, given: Row, errors: list[str]) -> Row:
    """A refused element: what was sent, and why it is refused."""
    days: Row = {name: slashed(given[name]) for name in resource.days if name in given}
    why = [{"Message": text} for text in errors]
    flag = "HasErrors" if resource.types else "HasValidationErrors"
    marks = {"ValidationErrors": why, flag: True, "StatusAttributeString": "ERROR"}
    return {resource.id: _BLANK_GUID, **given, **days, **marks}


def _tests(resource: Listed, query: Mapping[str, Any]) -> list[Callable[[Row], bool]]:
    tests = [_is_in(path, query[name]) for name, path in _LISTS.items() if name in query]
    if "IDs" in query:
        tests.append(_is_in(resource.id, query["IDs"]))
    if not query.get("includeArchived"):
        tests.append(lambda row: row.get("ContactStatus") != "ARCHIVED")
    if "searchTerm" in query:
        term, names = query["searchTerm"].casefold(), _SEARCHED[resource.name]
        tests.append(lambda row: any(term in str(row.get(name) or "").casefold() for name in names))
    return [*tests, query["where"]] if "where" in query else tests


def _is_in(path: str, wanted: frozenset[str]) -> Callable[[Row], bool]:
    return lambda row: str(found_at(row, path)).casefold() in wanted


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is not None, value
