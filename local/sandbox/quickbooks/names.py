"""Customers, vendors and employees: one name for one of them."""

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .books import Books, check_currency, need
from .kinds import Entity


def complete_name(books: Books, entity: Entity, given: Row, row_id: str | None) -> Row:
    """The row with its full name; raises Refused where the name is missing, wrong or taken."""
    need(given, "DisplayName")
    name = given["DisplayName"]
    if any(letter in name for letter in ":\t\n"):
        raise Refused("6000", "DisplayName has a colon, a tab or a new line in it", "DisplayName")
    parent = None
    if "ParentRef" in given:
        parent = books[entity.name].get(given["ParentRef"].get("value", ""))
        if parent is None:
            raise Refused("2500", "Invalid Reference Id : ParentRef not found", "ParentRef")
    full = f"{parent.get('FullyQualifiedName', parent['DisplayName'])}:{name}" if parent else name
    if _taken(books, full, (entity.name, row_id)):
        words = "The name supplied already exists. : Another customer, vendor or employee is already using "
        raise Refused("6240", f"{words}this name. Please use a different name.", "DisplayName")
    row = {**given, "FullyQualifiedName": full}
    if entity.name == "Customer":
        row["Job"] = parent is not None
    currency = check_currency(books, given)
    if entity.name != "Employee":
        row["CurrencyRef"] = {"value": currency}
        row.setdefault("Balance", 0)
    return row


def _taken(books: Books, full: str, itself: tuple[str, str | None]) -> bool:
    return any(
        row.get("FullyQualifiedName", "").casefold() == full.casefold() and (kind.name, row["Id"]) != itself
        for kind, row in books.of_series("names")
    )
