"""Writing contacts: one list for customers and suppliers, with unique names among the active ones."""

from local.sandbox.frame.room import Row

from .resources import ADDRESS, CONTACTS, strange
from .shapes import guid
from .store import Store

_LONGEST = {"Name": 255, "AccountNumber": 50, "ContactNumber": 50}


def write_contact(
    store: Store, tenant: str, given: Row, *, updates: bool, now: str
) -> tuple[Row | None, list[str]]:
    """The stored contact, or why it is refused. `updates` is POST: the one of that id or name is changed."""
    given = {name: value for name, value in given.items() if name not in CONTACTS.made}
    old = _old(store, tenant, given) if updates else None
    if given.get("ContactID") and old is None:
        return None, ["The ContactID names no contact; PUT takes none."]
    row = {"ContactStatus": "ACTIVE", "IsCustomer": False, "IsSupplier": False, **(old or {}), **given}
    errors = _wrong(store, tenant, row, old)
    if errors:
        return None, errors
    key = row.get("ContactID") or guid(tenant, "contact", row["Name"], str(store.version))
    stored = {**row, "ContactID": key, "UpdatedDateUTC": now, "tenantId": tenant}
    store.put(CONTACTS, stored)
    return stored, []


def _old(store: Store, tenant: str, given: Row) -> Row | None:
    if given.get("ContactID"):
        return store.find(CONTACTS, tenant, "ContactID", given["ContactID"])
    if given.get("ContactNumber"):
        found = store.find(CONTACTS, tenant, "ContactNumber", given["ContactNumber"])
        if found:
            return found
    return active_contact(store, tenant, given.get("Name"))


def active_contact(store: Store, tenant: str, name: str | None) -> Row | None:
    """The active contact of this name, in either case of letters."""
    rows = store.rows(CONTACTS, tenant)
    return next(
        (
            row
            for row in rows
            if row["ContactStatus"] == "ACTIVE" and name and row["Name"].casefold() == name.casefold()
        ),
        None,
    )


def _wrong(store: Store, tenant: str, row: Row, old: Row | None) -> list[str]:
    name = row.get("Name")
    if not name:
        return ["The contact name must be specified"]
    errors = [
        f"{member} is longer than {most} characters"
        for member, most in _LONGEST.items()
        if len(row.get(member) or "") > most
    ]
    if row["ContactStatus"] not in ("ACTIVE", "ARCHIVED"):
        errors.append("The ContactStatus must be one of ACTIVE, ARCHIVED")
    taken = active_contact(store, tenant, name) if row["ContactStatus"] == "ACTIVE" else None
    if taken and (old is None or taken["ContactID"] != old["ContactID"]):
        errors.append(
            f"The contact name {name} is already assigned to another contact."
            " The contact name must be unique across all active contacts."
        )
    number = row.get("ContactNumber")
    other = store.find(CONTACTS, tenant, "ContactNumber", number) if number else None
    if other and (old is None or other["ContactID"] != old["ContactID"]):
        errors.append(f"The contact number {number} is already assigned to another contact.")
    for address in row.get("Addresses") or ():
        problems = (
            strange(address, ADDRESS) if isinstance(address, dict) else [("Addresses", "must hold objects")]
        )
        errors += [f"{member} {message}" for member, message in problems]
    return errors
