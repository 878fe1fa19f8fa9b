"""Creating, changing, deleting and voiding: what is the same for names and documents."""

from typing import Any

from local.sandbox.frame.kinds import fitting
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .books import Books, Session, moment, need, times
from .documents import complete_document
from .kinds import ABSENT, Entity
from .names import complete_name

OPERATIONS = ("create", "update", "delete", "void")


def write(session: Session, entity: Entity, operation: str, body: Any) -> Row:
    """The row as it is now; raises Refused. A body with an Id is an update, as QuickBooks reads it."""
    if entity.series not in ("names", "documents"):
        raise Refused("500", f"Operation {operation} is not supported for {entity.name}")
    given = fitting(entity.fields, body, absent=ABSENT)
    if operation == "create" and "Id" not in given:
        return _create(session, entity, given)
    old = _current(session.books, entity, given)
    if operation in ("create", "update"):
        return _update(session, entity, old, given)
    if operation == "void" and entity.name == "Invoice":
        return _void(session, entity, old)
    if operation == "delete" and entity.owner:
        session.books[entity.name].remove(old["Id"])
        session.books.deleted[entity.name, old["Id"]] = session.now
        return {"Id": old["Id"], "domain": "QBO", "status": "Deleted"}
    raise Refused("500", f"Operation {operation} is not supported for {entity.name}")


def _check_open(books: Books, row: Row) -> None:
    """Refuse a document of a day on which the books are closed."""
    closed = books.preferences.get("AccountingInfoPrefs", {}).get("BookCloseDate")
    if closed and row["TxnDate"] <= closed:
        raise Refused("6210", f"The account period has closed; the books are closed until {closed}.")


def completed(session: Session, entity: Entity, given: Row, old: Row | None) -> Row:
    """A checked row with all that follows from it."""
    if entity.owner:
        if given.get("DocNumber") and given["DocNumber"] == session.books.one("settings").get("fails_over"):
            raise Refused("10000")
        row = complete_document(session, entity, given, old)
        _check_open(session.books, row)
        return row
    return complete_name(session.books, entity, given, old["Id"] if old else None)


def _create(session: Session, entity: Entity, given: Row) -> Row:
    base = {name: value for name, value in given.items() if name not in entity.read_only | {"SyncToken"}}
    made = {"SyncToken": "0", "domain": "QBO", "sparse": False, **entity.defaults}
    whole = {**made, **completed(session, entity, base, None), "MetaData": times(session.now)}
    row = {"Id": session.books.next_id(entity), **whole}
    session.books[entity.name].put(row)
    session.unseen.add((entity.name, row["Id"]))
    return row


def _update(session: Session, entity: Entity, old: Row, given: Row) -> Row:
    base = {name: value for name, value in given.items() if name not in entity.read_only}
    if given.get("sparse"):
        # The tax of before is no wish for the tax of now.
        unasked = entity.read_only | {"TxnTaxDetail"}
        base = {**{name: value for name, value in old.items() if name not in unasked}, **base}
    kept = {name: old[name] for name in entity.read_only & old.keys()}
    return _put(session, entity, old, {**kept, **entity.defaults, **completed(session, entity, base, old)})


def _void(session: Session, entity: Entity, old: Row) -> Row:
    """The amounts go, the number stays."""
    lines = [{**line, "Amount": 0} for line in old["Line"]]
    for line in lines:
        detail = line.get("SalesItemLineDetail")
        if detail:
            kept = {name: value for name, value in detail.items() if name != "UnitPrice"}
            line["SalesItemLineDetail"] = {**kept, "Qty": 0}
    note = f"Voided - {old['PrivateNote']}" if old.get("PrivateNote") else "Voided"
    gone = {"TotalAmt": 0, "Balance": 0, "TxnTaxDetail": {"TotalTax": 0, "TaxLine": []}}
    return _put(session, entity, old, {**old, **gone, "Line": lines, "PrivateNote": note})


def _put(session: Session, entity: Entity, old: Row, row: Row) -> Row:
    changed = {**old.get("MetaData", {}), "LastUpdatedTime": moment(session.now)}
    token = str(int(old["SyncToken"]) + 1)
    row = {**row, "Id": old["Id"], "SyncToken": token, "MetaData": changed}
    session.books[entity.name].put(row)
    return row


def _current(books: Books, entity: Entity, given: Row) -> Row:
    need(given, "Id", "SyncToken")
    old = books[entity.name].get(given["Id"])
    if old is None:
        raise Refused("610", f"{entity.name} {given['Id']} was not found", "Id")
    if old["SyncToken"] != given["SyncToken"]:
        words = "Stale Object Error : You and another user were working on this at the same time."
        raise Refused("5010", words, "SyncToken")
    return old
