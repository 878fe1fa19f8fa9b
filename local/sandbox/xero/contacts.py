"""Writing contacts: one list for customers and suppliers, with unique names among the active ones."""

from local.sandbox.frame.kinds import FLAG, misfits, one_of
from local.sandbox.frame.room import Row

from .shapes import PUBLISHED, Listed, guid, is_guid, text_of
from .store import Books

_LONGEST = {
    **dict.fromkeys(("Name", "FirstName", "LastName", "EmailAddress"), 255),
    **dict.fromkeys(("AccountNumber", "ContactNumber", "CompanyNumber", "TaxNumber"), 50),
}
_STATUSES = ("ACTIVE", "ARCHIVED", "GDPRREQUEST")
_CURRENCIES = frozenset(PUBLISHED.words["CurrencyCode"])


_ADDRESS = {
    "AddressType": one_of("POBOX", "STREET"),
    **dict.fromkeys((f"AddressLine{number}" for number in range(1, 5)), text_of(500)),
    **dict.fromkeys(("City", "Region", "AttentionTo"), text_of(255)),
    **dict.fromkeys(("PostalCode", "Country"), text_of(50)),
}
_PHONE = {
    "PhoneType": one_of("DEFAULT", "DDI", "MOBILE", "FAX", "OFFICE"),
    "PhoneNumber": text_of(50),
    "PhoneAreaCode": text_of(10),
    "PhoneCountryCode": text_of(20),
}
_PERSON = {**dict.fromkeys(("FirstName", "LastName", "EmailAddress"), text_of(255)), "IncludeInEmails": FLAG}
# What stands in a contact's lists.
_LISTS = {"Addresses": _ADDRESS, "Phones": _PHONE, "ContactPersons": _PERSON}
_MOST_PERSONS = 5


def write_contact(
    books: Books, resource: Listed, tenant: str, given: Row, *, updates: bool, now: str
) -> tuple[Row | None, list[str]]:
    """The stored contact, or why it is refused. `updates` is POST: the one of that id or name is changed."""
    given = {name: value for name, value in given.items() if name in resource.written}
    if given.get("ContactID") and not is_guid(given["ContactID"]):
        return None, ["The ContactID is no GUID"]
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
    if row["ContactStatus"] not in _STATUSES:
        errors.append(f"The ContactStatus must be one of {', '.join(_STATUSES)}")
    if row.get("DefaultCurrency") and row["DefaultCurrency"] not in _CURRENCIES:
        errors.append(f"The currency code {row['DefaultCurrency']} is not valid")
    if len(row.get("ContactPersons") or ()) > _MOST_PERSONS:
        errors.append(f"A contact has at most {_MOST_PERSONS} contact persons")
    taken = active_contact(books, tenant, name) if row["ContactStatus"] == "ACTIVE" else None
    if taken and taken["ContactID"] != itself:
        errors.append(
            f"The contact name {name} is already assigned to another contact."
            " The contact name must be unique across all active contacts."
        )
    other = books.find("Contacts", tenant, "ContactNumber", number) if number else None
    if other and other["ContactID"] != itself:
        errors.append(f"The contact number {number} is already assigned to another contact.")
    for list_name, fields in _LISTS.items():
        for one in row.get(list_name) or ():
            errors += [f"{list_name} {member} {message}" for member, message in misfits(fields, one)]
    return errors
