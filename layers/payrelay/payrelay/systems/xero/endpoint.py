"""One call to Xero's Accounting API: its headers, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected, RetryLater
from payrelay.systems.http.answers import Answer, error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.masking import clean
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import BadRow, Listed, R, Reader

from .models import ORGANISATIONS, OrganisationRow, moment_of

SYSTEM = "xero"
PAGE_SIZE = 100
_API = "/api.xro/2.0"
# A refused element comes back in the body of a 400, with its reasons.
_READABLE = frozenset({400})
_UNCHANGED = frozenset({304})
_CONCURRENT = "concurrent"
_FORBIDDEN = 403
_ORGANISATION = "ORGANISATION"

Params = Sequence[tuple[str, str]]


class Endpoint:
    """The API below `base_url` for one organisation; without one only `organisations` can be asked."""

    def __init__(
        self, base_url: str, access_token: Secret, tenant_id: str | None, options: DoorOptions
    ) -> None:
        self._headers = {} if tenant_id is None else {"xero-tenant-id": tenant_id}
        self._door = Door(
            SYSTEM,
            base_url,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": bearer(access_token)},
            explain=_explain,
            options=options,
        )

    def organisations(self) -> Listed[OrganisationRow]:
        """The connected organisations. Other tenants, such as practices, are left out."""
        with _in_our_terms():
            body = self._door.get("/connections")
        if not isinstance(body, list):
            raise error_of_unreadable(SYSTEM, "not a list of connections", safe=True)
        return Listed(*ORGANISATIONS.read(row for row in body if not _is_another_tenant(row)))

    def rows(self, resource: str, reader: Reader[R], params: Params = (), *, of: str = "") -> Listed[R]:
        """The rows of one answer; `of` is its member, where it is not called as the resource."""
        with _in_our_terms():
            body = self._door.send(
                "GET", f"{_API}/{resource}", safe=True, params=params, headers=self._headers
            )
        return Listed(*reader.read(elements(body, of or resource, safe=True)))

    def told(self, resource: str, since: datetime | None = None) -> tuple[list[Any], datetime | None]:
        """The rows of one answer as they came, and Xero's own time; with `since` those that moved after it.

        Where nothing did, Xero may answer that in the status alone (304), without a time.
        """
        moved = {} if since is None else {"If-Modified-Since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"}
        with _in_our_terms():
            body = self._door.send(
                "GET",
                f"{_API}/{resource}",
                safe=True,
                headers={**self._headers, **moved},
                accept=_UNCHANGED if moved else (),
                empty=bool(moved),
            )
        if body is None:
            return [], None
        time = body.get("DateTimeUTC") if isinstance(body, dict) else None
        return elements(body, resource, safe=True), moment_of(time)

    def pages(self, resource: str, reader: Reader[R], params: Params) -> Listed[R]:
        """The rows of all pages; only a page shows the lines of documents."""
        found: list[R] = []
        bad: list[BadRow] = []
        for page in count(1):
            paging = (("page", str(page)), ("pageSize", str(PAGE_SIZE)))
            listed = self.rows(resource, reader, (*params, *paging))
            found += listed.take(bad)
            if len(listed) < PAGE_SIZE:
                break
        return Listed(found, bad)

    def put(self, resource: str, rows: Sequence[Mapping[str, object]], params: Params, key: str) -> Any:
        """The body that PUT answers, of a 400 too. PUT only creates: POST would overwrite what is there."""
        with _in_our_terms():
            return self._door.send(
                "PUT",
                f"{_API}/{resource}",
                safe=False,
                params=params,
                body={resource: rows},
                headers={**self._headers, "Idempotency-Key": key},
                accept=_READABLE,
            )

    def hidden_with(self, body: object) -> frozenset[str]:
        """What must not show of an answer to `body`."""
        return self._door.hidden_with(body)


def _is_another_tenant(row: object) -> bool:
    match row:
        case {"tenantType": str(kind)}:
            return kind != _ORGANISATION
    return False


def elements(body: object, resource: str, *, safe: bool) -> list[Any]:
    """The list that an answer's envelope holds."""
    match body:
        case dict() if isinstance(found := body.get(resource), list):
            return found
    raise error_of_unreadable(SYSTEM, f"no {resource}", safe=safe)


def messages(element: object) -> list[str]:
    """Xero's reasons for refusing one element."""
    match element:
        case {"ValidationErrors": list(errors)}:
            return [
                str(error["Message"]) for error in errors if isinstance(error, dict) and "Message" in error
            ]
    return []


def words(body: object) -> str:
    """What a refusal says, whatever its shape; empty when it says nothing."""
    match body:
        case {"Elements": [*refused]} if said := [text for one in refused for text in messages(one)]:
            return "; ".join(dict.fromkeys(said))
        case {"Message": str(message)} | {"Detail": str(message)} | {"Title": str(message)}:
            return message
    return ""


def rejected(body: object, hidden: Collection[str]) -> Rejected | None:
    """The refusal of a whole call that a 400's body is; None if it is something else."""
    match body:
        case {"ErrorNumber": _} | {"Elements": _} | {"Type": _} | {"Message": _}:
            return Rejected(SYSTEM, clean(words(body), hidden) or "refused", code="400")
    return None


@contextmanager
def _in_our_terms() -> Iterator[None]:
    """A tenant that is no longer connected, and the limit that names no time."""
    try:
        yield
    except CredentialsRefused as refusal:
        if refusal.code != str(_FORBIDDEN):
            raise
        text = "the organisation has been disconnected (HTTP 403); connect again"
        raise CredentialsRefused(SYSTEM, text, code=refusal.code) from None
    except RetryLater as busy:
        if busy.code != _CONCURRENT or busy.named:
            raise
        raise RetryLater(SYSTEM, busy.message, seconds=1, named=True, code=busy.code) from None


def _explain(answer: Answer) -> tuple[str, str]:
    """The limit's name, or the words of a refusal: JSON of several shapes, or plain text."""
    limit = answer.headers.get("x-rate-limit-problem", "").strip().lower()
    if limit:
        return limit, f"over its limit of calls ({limit})"
    try:
        return "", words(answer.json())
    except ValueError:
        plain = answer.headers.get("content-type", "").startswith("text/plain")
        return "", answer.body.decode(errors="replace") if plain else ""
