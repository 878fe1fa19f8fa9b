"""The rows of a state: what is left out is filled, and a document may name its contact by name."""

from typing import cast

from local.sandbox.frame.kinds import misfit
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.room import Row

from .documents import APPLIES, completed
from .shapes import Listed, guid, to_the_second
from .store import ORGANISATION, TENANT, Books, named_organisation

_CLASSES = {
    **dict.fromkeys(("SALES", "REVENUE", "OTHERINCOME"), "REVENUE"),
    **dict.fromkeys(("DIRECTCOSTS", "EXPENSE", "OVERHEADS"), "EXPENSE"),
    "CURRLIAB": "LIABILITY",
    "EQUITY": "EQUITY",
}
_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")


def filled_connection(row: Row, reading: Reading) -> Row:
    """An organisation of the user, which is connected if nothing else is said."""
    name = row.get("tenantName", ORGANISATION)
    tenant = row.get("tenantId") or guid("tenant", name)
    at = f"{to_the_second(reading.now)}.0000000"
    made = {"authEventId": guid("event", tenant), "tenantType": "ORGANISATION", "connected": True}
    return {**made, "createdDateUtc": at, "updatedDateUtc": at, **row, "tenantId": tenant, "tenantName": name}


def filled_contact(row: Row, reading: Reading) -> Row:
    """An active contact of a name."""
    row = _owned(row, reading)
    made = {"ContactID": guid(row["tenantId"], "contact", row["Name"]), "ContactStatus": "ACTIVE"}
    return {**made, "IsCustomer": False, "IsSupplier": False, **_changed(reading), **row}


def filled_account(row: Row, reading: Reading) -> Row:
    """An active account, of the class of its type."""
    row = _owned(row, reading)
    key = guid(row["tenantId"], "account", row.get("Code") or row["Name"])
    made = {"AccountID": key, "Status": "ACTIVE", "Class": _CLASSES.get(row["Type"], "ASSET")}
    return {**made, "EnablePaymentsToAccount": False, **_changed(reading), **row}


def filled_settings(row: Row, reading: Reading) -> Row:
    """The organisation's own row, or a currency that it has added."""
    row = _owned(row, reading)
    if "BaseCurrency" not in row:
        return row
    return {**named_organisation(row["tenantId"]), **row}


def filled_rate(row: Row, reading: Reading) -> Row:
    """A rate of one part, which applies to everything."""
    rate = row.get("EffectiveRate", 0)
    made = {"Name": row["TaxType"], "Status": "ACTIVE", "EffectiveRate": rate, "DisplayTaxRate": rate}
    parts = [{"Name": "VAT", "Rate": rate, "IsCompound": False}]
    return {**made, "TaxComponents": parts, **dict.fromkeys(APPLIES.values(), True), **_owned(row, reading)}


def filled_document(name: str, row: Row, reading: Reading) -> Row:
    """A document with its totals; raises Misfits where its contact, type or status is none that there is."""
    row, books = _owned(row, reading), cast(Books, reading.store)
    resource, tenant = cast(Listed, books.resources[name]), row["tenantId"]
    key = next((one for one in ("ContactID", "Name") if row["Contact"].get(one)), "ContactID")
    contact = books.find("Contacts", tenant, key, row["Contact"].get(key, ""))
    if contact is None:
        raise misfit("Contact", f"no contact has the {key} {row['Contact'].get(key, '')!r}")
    if row["Type"] not in resource.types:
        raise misfit("Type", f"must be one of {', '.join(resource.types)}")
    if row.get("Status", "AUTHORISED") not in _STATUSES:
        raise misfit("Status", f"must be one of {', '.join(_STATUSES)}")
    made = {
        resource.id: guid(tenant, name, str(row.get(resource.number)), str(len(books[name]))),
        resource.number: "",
        "Status": "AUTHORISED",
        "Date": to_the_second(reading.now)[:10],
        **_changed(reading),
    }
    return completed(books, {**made, **row, "Contact": {"ContactID": contact["ContactID"]}}, 4)


def _owned(row: Row, reading: Reading) -> Row:
    """A row without a tenant is of the first that is connected."""
    if "tenantId" in row:
        return row
    first = next((one["tenantId"] for one in reading.store["connections"].rows()), TENANT)
    return {**row, "tenantId": first}


def _changed(reading: Reading) -> Row:
    return {"UpdatedDateUTC": to_the_second(reading.now)}
