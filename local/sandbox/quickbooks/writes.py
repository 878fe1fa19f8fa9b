"""Creating, changing, deleting and voiding: what is the same for names and documents."""

from typing import Any

from local.sandbox.frame.room import Row

from .documents import complete_document
from .entities import DOCUMENTS, NAMES, Entity
from .faults import RefusedError, moment
from .kinds import record
from .names import complete_name
from .session import Session
from .store import Store

OPERATIONS = ("create", "update", "delete", "void")


def write(session: Session, entity: Entity, operation: str, body: Any) -> Row:
    """The row as it is now; raises RefusedError. A body with an Id is an update, as QuickBooks reads it."""
    if not entity.writable:
        raise RefusedError("500", f"Operation {operation} is not supported for {entity.name}")
    given = record(entity.fields)(body, "")
    if operation == "create" and "Id" in given:
        operation = "update"
    if operation == "create":
        if "SyncToken" in given:
            raise RefusedError("2010", "Property Name:SyncToken is for an update", "SyncToken")
        return _create(session, entity, given)
    old = _current(session.store, entity, given)
    if operation == "update":
        return _update(session, entity, old, given)
    if operation == "void" and entity.name == "Invoice":
        return _void(session, entity, old)
    if operation == "delete" and entity.name in DOCUMENTS:
        session.store.tables[entity.name].remove(old["Id"])
        return {"Id": old["Id"], "domain": "QBO", "status": "Deleted"}
    raise RefusedError("500", f"Operation {operation} is not supported for {entity.name}")


def completed(session: Session, entity: Entity, given: Row, old: Row | None) -> Row:
    """A checked row with all that follows from it."""
    if entity.name in NAMES:
        return complete_name(session.store, entity, given, old)
    if entity.name in DOCUMENTS:
        return complete_document(session, entity, given, old)
    return given


def _create(session: Session, entity: Entity, given: Row) -> Row:
    store, now = session.store, moment(session.now)
    base = {name: value for name, value in given.items() if name not in entity.read_only}
    row = {
        "Id": store.next_id(entity),
        "SyncToken": "0",
        "domain": "QBO",
        "sparse": False,
        **({"Active": True} if entity.has_active else {}),
        **completed(session, entity, base, None),
        "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
    }
    store.put(entity, row)
    session.unseen.add((entity.name, row["Id"]))
    return row


def _update(session: Session, entity: Entity, old: Row, given: Row) -> Row:
    base = {name: value for name, value in given.items() if name not in entity.read_only}
    if given.get("sparse"):
        # The tax of before is no wish for the tax of now.
        unasked = entity.read_only | {"TxnTaxDetail"}
        base = {**{name: value for name, value in old.items() if name not in unasked}, **base}
    kept = {name: old[name] for name in entity.read_only & old.keys()}
    return _put(session, entity, old, {**kept, **completed(session, entity, base, old)})


def _void(session: Session, entity: Entity, old: Row) -> Row:
    """The amounts go, the number stays."""
    lines = [{**line, "Amount": 0} for line in old["Line"]]
    for line in lines:
        detail = line.get("SalesItemLineDetail")
        if detail:
            line["SalesItemLineDetail"] = {
                **{name: value for name, value in detail.items() if name != "UnitPrice"},
                "Qty": 0,
            }
    note = f"Voided - {old['PrivateNote']}" if old.get("PrivateNote") else "Voided"
    gone = {"TotalAmt": 0, "Balance": 0, "TxnTaxDetail": {"TotalTax": 0, "TaxLine": []}}
    return _put(session, entity, old, {**old, **gone, "Line": lines, "PrivateNote": note})


def _put(session: Session, entity: Entity, old: Row, row: Row) -> Row:
    times = {**old.get("MetaData", {}), "LastUpdatedTime": moment(session.now)}
    row = {**row, "Id": old["Id"], "SyncToken": str(int(old["SyncToken"]) + 1), "MetaData": times}
    if entity.has_active:
        row.setdefault("Active", True)
    session.store.put(entity, row)
    return row


def _current(store: Store, entity: Entity, given: Row) -> Row:
    for name in ("Id", "SyncToken"):
        if name not in given:
            raise RefusedError("2020", f"Required parameter {name} is missing in the request", name)
    old = store.tables[entity.name].get(given["Id"])
    if old is None:
        raise RefusedError("610", f"{entity.name} {given['Id']} was not found", "Id")
    if old["SyncToken"] != given["SyncToken"]:
        words = "Stale Object Error : You and another user were working on this at the same time."
        raise RefusedError("5010", words, "SyncToken")
    return old
