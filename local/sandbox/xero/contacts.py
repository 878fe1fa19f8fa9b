"""Writing contacts: one list for customers and suppliers, with unique names among the active ones."""

from local.sandbox.frame.kinds import misfits
from local.sandbox.frame.room import Row

from .shapes import Listed, guid, members
from .store import Books

_LONGEST = {"Name": 255, "AccountNumber": 50, "ContactNumber": 50}
_ADDRESS = members(
    "AddressType AddressLine1 AddressLine2 AddressLine3 AddressLine4 City Region PostalCode Country"
    " AttentionTo"
)


def write_contact(
    books: Books, resource: Listed, tenant: str, given: Row, *, updates: bool, now: str
) -> tuple[Row | None, list[str]]:
    """The stored contact, or why it is refused. `updates` is POST: the one of that id or name is changed."""
    given = {name: value for name, value in given.items() if name in resource.written}
    old = _old(books, tenant, given) if updates else None
    if given.get("ContactID") and old is None:
        return None, ["The ContactID names no contact; PUT takes none."]
    row = {"ContactStatus": "ACTIVE", "IsCustomer": False, "IsSupplier": False, **(old or {}), **given}
    errors = _wrong(books, tenant, row, old["ContactID"] if old else None)
    if errors:
        return None, errors
    key = row.get("ContactID") or guid(tenant, "contact", row["Name"], str(books.version))
    stored = {**row, "ContactID": key, "UpdatedDateUTC": now, "tenantId": tenant}
    books.put("Contacts", stored)
    return stored, []


def active_contact(books: Books, tenant: str, name: str | None) -> Row | None:
    """The active contact of this name, in either case of letters."""
    if not name:
        return None
    active = (row for row in books.rows("Contacts", tenant) if row["ContactStatus"] == "ACTIVE")
    return next((row for row in active if row["Name"].casefold() == name.casefold()), None)


def _old(books: Books, tenant: str, given: Row) -> Row | None:
    if given.get("ContactID"):
        return books.find("Contacts", tenant, "ContactID", given["ContactID"])
    number = given.get("ContactNumber")
    found = books.find("Contacts", tenant, "ContactNumber", number) if number else None
    return found or active_contact(books, tenant, given.get("Name"))


def _wrong(books: Books, tenant: str, row: Row, itself: str | None) -> list[str]:
    name, number = row.get("Name"), row.get("ContactNumber")
    if not name:
        return ["The contact name must be specified"]
    errors = [
        f"{member} is longer than {most} characters"
        for member, most in _LONGEST.items()
        if len(row.get(member) or "") > most
    ]
    if row["ContactStatus"] not in ("ACTIVE", "ARCHIVED"):
        errors.append("The ContactStatus must be one of ACTIVE, ARCHIVED")
    taken = active_contact(books, tenant, name) if row["ContactStatus"] == "ACTIVE" else None
    if taken and taken["ContactID"] != itself:
        errors.append(
            f"The contact name {name} is already assigned to another contact."
            " The contact name must be unique across all active contacts."
        )
    other = books.find("Contacts", tenant, "ContactNumber", number) if number else None
    if other and other["ContactID"] != itself:
        errors.append(f"The contact number {number} is already assigned to another contact.")
    wrong = [one for address in row.get("Addresses") or () for one in misfits(_ADDRESS, address)]
    return [*errors, *(f"Addresses {member} {message}" for member, message in wrong)]
