"""Creating documents and rows of the report, and changing what may be changed."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from local.sandbox.frame.calls import Call
from local.sandbox.frame.room import Row

from .edm import written
from .entities import Entity, kept, misfits
from .refusals import RefusedError, bad, no_property
from .store import Store


def create(store: Store, entity: Entity, call: Call) -> Row:
    """A new row of what was sent."""
    body = _body(call, entity)
    _refuse_misfits(entity, body, entity.create)
    for name in entity.create_needed:
        if body.get(name) in (None, ""):
            raise bad(f"{name} is required.")
    _refuse_broken_content(body)
    # What may be created is about persons; one who is not there is a mistake of business.
    if body["ResourceID"] not in store.tables["Resource"]:
        raise RefusedError(500, f"Resource {body['ResourceID']} does not exist.")
    row = {**dict.fromkeys(entity.fields), **kept(entity, body), entity.key: str(uuid4())}
    store.tables[entity.name].put(row)
    return row


def change(store: Store, entity: Entity, row: Row, call: Call, now: datetime) -> None:
    """The fields that were sent, put over a row."""
    body = _body(call, entity)
    _refuse_misfits(entity, body, entity.change)
    for name in entity.create_needed:
        if name in body and body[name] in (None, ""):
            raise bad(f"{name} is required.")
    stamp = {"ModifiedDate": written(now)} if "ModifiedDate" in entity.fields else {}
    store.tables[entity.name].put({**row, **kept(entity, body), **stamp})


def _body(call: Call, entity: Entity) -> Mapping[str, object]:
    if call.query:
        raise bad("A writing call takes no query options.")
    if call.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RefusedError(415, "The body must be application/json.")
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad(f"Error processing request stream: an object of type '{entity.type_name}' is needed.")
    return body


def _refuse_misfits(entity: Entity, body: Mapping[str, object], writable: tuple[str, ...]) -> None:
    for name in body:
        if name not in entity.fields:
            raise no_property(name, entity.type_name)
        if name not in writable:
            raise bad(f"{name} can't be written.")
    for name, message in misfits(entity, body):
        raise bad(f"{name} {message}.")


def _refuse_broken_content(body: Mapping[str, object]) -> None:
    try:
        base64.b64decode(str(body.get("Content") or ""), validate=True)
    except binascii.Error:
        raise bad("Content must be base64.") from None
