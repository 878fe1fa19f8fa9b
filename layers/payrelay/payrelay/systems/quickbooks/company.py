"""The calls to one company's books: reads, queries, and records made by batch."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from payrelay.domain.sensitive import Secret
from payrelay.errors import Rejected, RetryLater
from payrelay.systems.copies import moment_in
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.masking import clean
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.http.words import in_json
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import Listed, R, Reader

from .refusals import SYSTEM, Fault, is_throttle, read_fault, throttled, words_of

LARGEST_PAGE = 1000
LARGEST_BATCH = 30
# Changes are told of so many days, and of no more than a page of objects.
_LOOKS_BACK = timedelta(days=29)
_MINOR_VERSION = ("minorversion", "75")
_A_SECOND = 1.0
TROUBLE_SECONDS = 10
# How often refusals that QuickBooks only remembers are sent anew: once for each earlier try of that day.
_REPLAYS = 20
# A batch item's label: eight digits of this very try, and the item's place.
_LABEL = re.compile(r"(?P<attempt>[0-9a-f]{8})(?P<place>\d{1,2})")


class NewRecord(Struct, frozen=True):
    """A record to be made: `key` stays the same for every try at it."""

    key: str
    entity: str
    body: Mapping[str, object]


class Company:
    """One company (realm) at QuickBooks; errors are those of `payrelay.errors`."""

    def __init__(self, base_url: str, access_token: Secret, realm: str, options: DoorOptions) -> None:
        self.realm = realm
        self._door = Door(
            SYSTEM,
            base_url,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": bearer(access_token)},
            explain=in_json(words_of),
            options=options,
        )

    def read(self, path: str, entity: str, reader: Reader[R]) -> R:
        """The one row below `path`."""
        body = self._send("GET", path, (), None)
        row = body.get(entity) if isinstance(body, Mapping) else None
        return reader.one(row, SYSTEM, safe=True)

    def query(self, entity: str, reader: Reader[R], condition: str) -> Listed[R]:
        """The rows that a query finds, in one call; `condition` follows the entity's name."""
        return Listed(*reader.read(self._query(entity, condition)[0]))

    def all(self, entity: str, reader: Reader[R], where: str = "") -> Listed[R]:
        """All rows of an entity that a condition holds for, active ones if it does not say, page by page."""
        return Listed(*reader.read(self.told(entity, where)[0]))

    def told(self, entity: str, where: str = "") -> tuple[list[object], datetime | None]:
        """The same rows as they came, and QuickBooks' own time at the first of them."""
        found: list[object] = []
        began: datetime | None = None
        while True:
            paging = f"{where} ORDERBY Id STARTPOSITION {len(found) + 1} MAXRESULTS {LARGEST_PAGE}".lstrip()
            page, at = self._query(entity, paging)
            began = began if found else at
            found += page
            if len(page) < LARGEST_PAGE:
                return found, began

    def moved(self, entities: Sequence[str], since: datetime) -> tuple[dict[str, list[Any]], datetime] | None:
        """The rows of entities that were made, changed or deleted since, and QuickBooks' own time; one call.

        None where it does not tell all of it: so long ago, or so many.
        """
        asked = (
            ("entities", ",".join(entities)),
            ("changedSince", f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
        )
        try:
            body = self._send("GET", "/cdc", asked, None)
        except Rejected:
            return None
        at = moment_in(body.get("time")) if isinstance(body, Mapping) else None
        match body:
            case {"CDCResponse": [{"QueryResponse": list(answers)}]} if at and at - since < _LOOKS_BACK:
                rows = {name: [row for one in answers for row in _rows(one, name)] for name in entities}
                return (rows, at) if sum(map(len, rows.values())) < LARGEST_PAGE else None
        return None

    def create(self, records: Sequence[NewRecord]) -> dict[str, Mapping[str, Any] | Fault]:
        """What became of each record, by its key: as QuickBooks now has it, or why not. One call.

        A fault that is `theirs` says nothing of the record: it may have been made, or not.

        The same records sent again are not made again: QuickBooks remembers the first answer under the
        `requestid`. It would also remember refusals whose cause is mended since, so refusals are believed
        only from this very try: labels of another try show that the answer is an old one, and the refused
        records then go out under the next `requestid`, which follows from that old answer alone.
        """
        # In the order of their keys: a place means the same record in every try.
        waiting = sorted(records, key=lambda record: record.key)
        made: dict[str, Mapping[str, Any] | Fault] = {}
        earlier = ""
        for _ in range(_REPLAYS):
            attempt = secrets.token_hex(4)
            earlier, answer = self._create_once(waiting, attempt, _request_id(waiting, earlier))
            made |= answer
            waiting = [record for record in waiting if isinstance(made[record.key], Fault)]
            if not waiting or earlier == attempt:
                break
        return made

    def _create_once(
        self, records: Sequence[NewRecord], attempt: str, request_id: str
    ) -> tuple[str, dict[str, Mapping[str, Any] | Fault]]:
        """The try that the answer belongs to, and the answer by key."""
        items = [
            {"bId": f"{attempt}{place}", "operation": "create", record.entity: record.body}
            for place, record in enumerate(records)
        ]
        body = {"BatchItemRequest": items}
        answer = self._send("POST", "/batch", (("requestid", request_id),), body)
        answered, by_place = "", {}
        for label, item in _batch_items(answer):
            answered, by_place[int(label["place"])] = label["attempt"], item
        made: dict[str, Mapping[str, Any] | Fault] = {}
        hidden = self._door.hidden_with(body)
        for place, record in enumerate(records):
            item = by_place.get(place, {})
            fault, row = read_fault(item), item.get(record.entity)
            if fault is not None:
                code, words = clean(fault.code, hidden), clean(fault.words, hidden)
                made[record.key] = Fault(code, words, theirs=fault.theirs)
            elif isinstance(row, Mapping):
                made[record.key] = row
            elif by_place:
                made[record.key] = Fault("", "a batch without one of its items", theirs=True)
            else:
                raise error_of_unreadable(SYSTEM, "a batch without its items", safe=False)
        return answered, made

    def _query(self, entity: str, condition: str) -> tuple[list[object], datetime | None]:
        query = " ".join(("SELECT * FROM", entity, condition))
        match self._send("GET", "/query", (("query", query),), None):
            case {"QueryResponse": dict(found), **more}:
                # Without a hit the entity's member is missing.
                rows = found.get(entity, [])
                if isinstance(rows, list):
                    return rows, moment_in(more.get("time"))
        raise error_of_unreadable(SYSTEM, "no answer to a query", safe=True)

    def _send(
        self, method: str, path: str, params: tuple[tuple[str, str], ...], body: object | None
    ) -> object:
        """One call; where the limit per second was hit, once more a second later."""

        def once() -> object:
            return self._door.send(
                method,
                f"/v3/company/{{realm}}{path}",
                values={"realm": self.realm},
                params=(*params, _MINOR_VERSION),
                body=body,
                safe=method == "GET",
            )

        try:
            return self._door.patiently(
                once, lambda error: _A_SECOND if is_throttle(error) else None, tries=2
            )
        except RetryLater as error:
            raise throttled(error) if is_throttle(error) else error from None


def _rows(answer: object, entity: str) -> list[Any]:
    """The rows of an entity that one part of an answer has."""
    found = answer.get(entity, []) if isinstance(answer, Mapping) else []
    return found if isinstance(found, list) else []


def _batch_items(answer: object) -> Iterator[tuple[re.Match[str], Mapping[str, Any]]]:
    items = answer.get("BatchItemResponse") if isinstance(answer, Mapping) else None
    for item in items if isinstance(items, list) else []:
        label = _LABEL.fullmatch(str(item.get("bId"))) if isinstance(item, Mapping) else None
        if label is not None:
            yield label, item


def _request_id(records: Sequence[NewRecord], earlier: str) -> str:
    """32 digits that follow from which records are sent, and from the earlier answer, if any."""
    return hashlib.sha256("/".join([earlier, *(record.key for record in records)]).encode()).hexdigest()[:32]
