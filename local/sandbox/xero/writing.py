"""PUT and POST: what a body may hold, all or nothing or one by one, and the same call sent again."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.room import Row

from .contacts import write_contact
from .documents import Writer
from .listing import expanded, parameters, refused, shown
from .resources import CONTACT_OF_DOCUMENT, LINE, DocumentResource, Members, Resource, strange
from .shapes import RefusedError, bad_data, enveloped, invalid, plain, to_the_second, unslashed
from .store import Store

KEPT = timedelta(minutes=6)
LONGEST_KEY = 128
_PARAMETERS = frozenset({"summarizeErrors", "unitdp"})
Write = Callable[[Row], tuple[Row | None, list[str]]]


class Repeats:
    """First answers by Idempotency-Key, each for six minutes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[datetime, str, Answer]] = {}

    def once(self, call: Call, tenant: str, now: datetime, write: Callable[[], Answer]) -> Answer:
        """The answer to a write, or the first answer again when its key was used before."""
        key = call.headers.get("idempotency-key")
        if key is None:
            return write()
        if not 1 <= len(key) <= LONGEST_KEY:
            raise bad_data(f"The Idempotency-Key has 1 to {LONGEST_KEY} characters")
        sent = sha256(f"{call.method} {call.target}\n".encode() + call.body).hexdigest()
        at, first, answer = self._kept.get((tenant, key), (None, "", None))
        if at is None or answer is None or now - at >= KEPT:
            answer = _answered(write)
            self._kept[tenant, key] = (now, sent, answer)
        elif first != sent:
            raise bad_data(f"Idempotency Key {key} is used with a different request")
        return answer


def written(store: Store, resource: Resource, tenant: str, call: Call, now: datetime) -> Answer:
    """The answer to a PUT or POST of one resource."""
    given = parameters(call.query, _PARAMETERS)
    rows = body_rows(call, resource)
    digits, moment = int(given.get("unitdp", "2")), to_the_second(now)
    write = _writer(store, resource, tenant, updates=call.method == "POST", digits=digits, moment=moment)
    all_or_nothing = given.get("summarizeErrors") == "true"
    elements: list[Row] = []
    with store.undoable() as undo:
        for row in rows:
            stored, errors = write(row)
            if stored is None:
                elements.append(refused(resource, row, errors))
                undo.wanted = all_or_nothing
            else:
                whole = shown(resource, expanded(store, stored), whole=True)
                elements.append(whole if all_or_nothing else {**whole, "StatusAttributeString": "OK"})
    if undo.wanted:
        return invalid([element for element in elements if "ValidationErrors" in element])
    return enveloped(resource.name, elements, now)


def body_rows(call: Call, resource: Resource) -> list[Row]:
    """The objects of a body: one alone, or a list under the resource's name."""
    media = call.headers.get("content-type", "").partition(";")[0].strip()
    if media != "application/json":
        raise RefusedError(plain(415, "The Content-Type must be application/json"))
    try:
        body = call.json()
    except (ValueError, UnicodeDecodeError) as error:
        raise bad_data(f"JSON for post data was invalid, {error}") from error
    rows = body.get(resource.name, [body]) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise bad_data(f"JSON for post data was invalid, an object or a list of {resource.name} is needed")
    if isinstance(body, dict) and resource.name in body and len(body) > 1:
        raise bad_data(f"JSON for post data was invalid, {resource.name} stands alone")
    return [_checked(row, resource) for row in rows]


def _checked(row: Row, resource: Resource) -> Row:
    """A row without its nulls; unknown members and wrong types end the call."""
    known: Members = {**resource.written, **resource.made}
    row = _without_nulls(row)
    row |= {name: unslashed(row[name]) for name in ("Date", "DueDate") if name in row}
    problems = strange(row, known)
    if isinstance(resource, DocumentResource) and not problems:
        problems = strange(row.get("Contact", {}), CONTACT_OF_DOCUMENT)
        for line in row.get("LineItems", []):
            problems += (
                strange(line, LINE) if isinstance(line, dict) else [("LineItems", "must hold objects")]
            )
    if problems:
        raise bad_data(
            "JSON for post data was invalid, " + "; ".join(f"{one} {two}" for one, two in problems)
        )
    return row


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value


def _writer(
    store: Store, resource: Resource, tenant: str, *, updates: bool, digits: int, moment: str
) -> Write:
    if isinstance(resource, DocumentResource):
        return Writer(
            store,
            resource,
            tenant,
            updates=updates,
            unit_digits=digits,
            today=moment[:10],
            now=moment,
        ).write
    return lambda given: write_contact(store, tenant, given, updates=updates, now=moment)


def _answered(write: Callable[[], Answer]) -> Answer:
    """The answer, also where it is a refusal: it uses the key up, too."""
    try:
        return write()
    except RefusedError as refusal:
        return refusal.answer


def count_rows(call: Call, resource: Resource) -> int | None:
    """How many rows a body has, whatever was sent; None if that can't be told."""
    try:
        body = json.loads(call.body)
    except ValueError:
        return None
    rows = body.get(resource.name) if isinstance(body, dict) else None
    return len(rows) if isinstance(rows, list) else 1
