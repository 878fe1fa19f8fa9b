"""One call of the API: who calls, what was sent, and what is answered."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from query import Reader, read_query

from payrelay.flows.engine.life import looked_at
from payrelay.ledger.changes import Act, Change
from payrelay.runtime.identity import Role
from payrelay.runtime.ids import ulid
from payrelay.runtime.problems import Problem, invalid

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection, Run
    from payrelay.ledger.access import Access
    from payrelay.runtime.container import Container
    from payrelay.runtime.identity import Principal

JSON = "application/json"
BODY_LIMIT = 256 * 1024
# The largest whole number that every JSON reader takes as it is.
LARGEST_NUMBER = 2**53

ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
CONNECTION_ID = re.compile(f"con_{ULID}")
RUN_ID = re.compile(f"run_{ULID}")


# How many names of fields one change lists.
MOST_FIELDS = 200


class Answer(NamedTuple):
    """What a route answers: JSON, or a text of another media type; nothing if the body is None."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})
    media: str = JSON

    @property
    def text(self) -> str:
        """The body as it is sent."""
        return json.dumps(self.body, ensure_ascii=False) if self.media == JSON else str(self.body)


class Call(NamedTuple):
    """One authenticated call. `event` is the event of API Gateway's HTTP API, payload 2.0."""

    container: Container
    principal: Principal
    event: Mapping[str, Any]

    @property
    def tenant(self) -> str:
        """The caller's tenant: the only one whose data this call can name."""
        return self.principal.tenant

    def query(self, *required: str, **readers: Reader) -> dict[str, Any]:
        """The query parameters, read; None for one that was left out. Problem 400 if any is wrong."""
        return read_query(str(self.event.get("rawQueryString", "")), readers, required)

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; empty if there is no body."""
        raw = _raw_body(self.event)
        if not raw:
            return {}
        media = self.event.get("headers", {}).get("content-type", "application/json")
        if media.split(";")[0].strip().lower() != "application/json":
            raise Problem("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.")
        body = _parsed(raw)
        if not isinstance(body, dict):
            raise invalid([("body", "must be a JSON object")])
        return body

    def prefers(self, media: str) -> bool:
        """Whether the caller would rather have this than JSON, by the header `Accept` (RFC 9110)."""
        accept = str(self.event.get("headers", {}).get("accept", ""))
        return _weight(accept, media) > _weight(accept, JSON)

    def need(self, role: Role, *, or_service: bool = False) -> None:
        """Problem 403 unless the caller has at least this role; that of the service is none above others."""
        mine = self.principal.role
        service = Role.SERVICE in (mine, role)
        if (mine is Role.SERVICE and or_service) or (mine is role if service else mine >= role):
            return
        raise Problem("FORBIDDEN", f"This needs the role {role.label}; the token has the role {mine.label}.")

    def connection(self, connection_id: str) -> Connection:
        """The tenant's connection; problem 404, the same for one of another tenant and for none."""
        if CONNECTION_ID.fullmatch(connection_id):
            found = self.container.ledger.connections.get(self.tenant, connection_id)
            if found is not None:
                return found
        raise Problem("NOT_FOUND", "There is no connection with this id.")

    def note(self, connection_id: str, act: Act, fields: Iterable[str] = ()) -> None:
        """Keep that the caller has changed a connection: which fields, and never a value (CON-5)."""
        named = sorted(dict.fromkeys(fields))[:MOST_FIELDS]
        self.container.ledger.changes.put(self.tenant, connection_id, self.change(act, named))

    def change(self, act: Act, fields: Sequence[str], access: Access | None = None) -> Change:
        """What the caller does now, as a trail keeps it; one of the service with why they may."""
        by = self.principal.access or access
        return Change(
            change_id=f"chg_{ulid()}",
            at=self.container.engine.stamp(),
            who=self.principal.subject,
            subject=self.principal.sub,
            role=Role.SERVICE.label if self.principal.access else self.principal.role.label,
            act=act,
            fields=fields,
            reason=by.reason if by else None,
            access_id=by.access_id if by else None,
        )

    def run(self, run_id: str, *, look: bool = True) -> Run:
        """The tenant's run; problem 404, the same for one of another tenant and for none.

        One that has died is closed first, unless it is not to be looked at.
        """
        if RUN_ID.fullmatch(run_id):
            found = self.container.ledger.runs.get(self.tenant, run_id)
            if found is not None:
                return self.looked_at(found) if look else found
        raise Problem("NOT_FOUND", "There is no run with this id.")

    def looked_at(self, run: Run) -> Run:
        """The run as it is; one that has died is closed by who looks at it."""
        return run if run.status.final else looked_at(self.container.engine, self.container.executions, run)


def _weight(accept: str, media: str) -> float:
    """How much a media type is wanted, from 0 to 1, by the most specific range that has it."""
    found = (0, 0.0)
    for part in accept.split(","):
        wanted, *parameters = [piece.strip().lower() for piece in part.split(";")]
        ranges = {"*/*": 1, f"{media.partition('/')[0]}/*": 2, media: 3}
        if wanted in ranges:
            quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
            weight = float(quality) if re.fullmatch(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", quality) else 0.0
            found = max(found, (ranges[wanted], weight))
    return found[1]


def _raw_body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if len(text) > 2 * BODY_LIMIT:
        raise _too_large()
    try:
        raw = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Problem("BAD_REQUEST", "The body can't be decoded.") from error
    if len(raw) > BODY_LIMIT:
        raise _too_large()
    return raw


def _too_large() -> Problem:
    return Problem("BODY_TOO_LARGE", f"A body may have {BODY_LIMIT // 1024} kB at most.")


def _parsed(raw: bytes) -> Any:
    """JSON as RFC 8259 has it: UTF-8, no NaN, every text and number such that it can be stored."""
    try:
        body = json.loads(raw.decode(), parse_constant=_refuse_number, parse_int=_whole_number)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        # The words of the error repeat nothing of the body: it may hold credentials.
        raise Problem("BAD_REQUEST", "The body is not valid JSON in UTF-8.") from error
    return body


def _whole_number(text: str) -> int:
    if len(text) > len(str(LARGEST_NUMBER)) + 1 or abs(int(text)) > LARGEST_NUMBER:
        _refuse_number(text)
    return int(text)


def _refuse_number(_: str) -> NoReturn:
    raise ValueError("a number that JSON readers do not agree on")
