"""One user of the HTTP API: calls it, reads its lists, and turns its problems into one clear line each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .errors import ApiError, UsageError
from .place import Place

if TYPE_CHECKING:
    from requests import PreparedRequest

Json = dict[str, Any]
Value = str | int | None

PAGE = 200
CONNECT_SECONDS = 5
ANSWER_SECONDS = 60
HIDDEN = "[token]"


class Api:
    """The API, called as one person.

    A path has `{}` where its ids go.
    """

    def __init__(self, place: Place) -> None:
        import requests  # noqa: PLC0415  (slow to import: --help does without)

        def sign(request: PreparedRequest) -> PreparedRequest:
            request.headers["Authorization"] = f"Bearer {place.token}"
            if place.tenant:
                request.headers["Payrelay-Tenant"] = place.tenant
            return request

        self._place = place
        self._session = requests.Session()
        self._session.auth = sign  # So that it never takes a token from a `.netrc` instead.
        # What was asked to be done so far, and may have been.
        self.orders: list[str] = []

    @property
    def local(self) -> bool:
        """Whether it is the local stack's."""
        return self._place.local

    def get(self, path: str, *ids: str, **query: Value) -> Json:
        """The JSON of one answer."""
        return self._call("GET", path, ids, params=_given(query))

    def post(self, path: str, *ids: str, body: Json | None = None) -> Json:
        """Ask for something to be done."""
        return self._call("POST", path, ids, json=body)

    def put(self, path: str, *ids: str, body: Json, preview: bool = False) -> Json:
        """Set something as a whole; or see what would be set."""
        asked = {"params": {"preview": "true"}} if preview else {}
        return self._call("PUT", path, ids, json=body, **asked)

    def patch(self, path: str, *ids: str, body: Json) -> Json:
        """Change some of something."""
        return self._call("PATCH", path, ids, json=body)

    def delete(self, path: str, *ids: str, **query: Value) -> Json:
        """Take something away."""
        return self._call("DELETE", path, ids, params=_given(query))

    def listing(self, path: str, *ids: str, limit: int, **query: Value) -> Json:
        """A list's first `limit` items, as one answer: what stands beside them is of the first page."""
        return self.searched(path, *ids, limit=limit, query=query, searching=lambda _: None)

    def searched(
        self,
        path: str,
        *ids: str,
        limit: int,
        query: Mapping[str, Value],
        searching: Callable[[int], None],
    ) -> Json:
        """The same of a list that is searched for.

        `searching` is told how many there are so far where a page is not full, and yet the list goes on.
        """
        asked = min(limit, PAGE)
        whole = page = self.get(path, *ids, **query, limit=asked)
        while whole["next_cursor"] and len(whole["items"]) < limit:
            if len(page["items"]) < asked:
                searching(len(whole["items"]))
            asked = min(limit - len(whole["items"]), PAGE)
            page = self.get(path, *ids, **query, limit=asked, cursor=whole["next_cursor"])
            whole["items"] += page["items"]
            whole["next_cursor"] = page["next_cursor"]
        return whole

    def items(self, path: str, *ids: str, **query: Value) -> Iterator[Json]:
        """All items of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, *ids, **query, limit=PAGE, cursor=cursor)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _call(self, method: str, path: str, ids: Iterable[str], **sent: Any) -> Json:
        import requests  # noqa: PLC0415

        preview = any((sent.get(part) or {}).get("preview") for part in ("json", "params"))
        if method != "GET" and not preview:
            self.orders.append(f"{method} {path.format(*ids)}")
        try:
            answer = self._session.request(
                method,
                f"{self._place.url}{path.format(*map(_segment, ids))}",
                **sent,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
            )
        except requests.Timeout:
            raise ApiError(f"{self._place.url} did not answer in time", passing=True) from None
        except requests.RequestException as error:
            raise ApiError(self._unreachable(error), passing=True) from None
        # Whatever is printed later comes from this text: the token can't come back with it.
        text = answer.content.decode("utf-8", "replace").replace(self._place.token, HIDDEN)
        found = _read(text)
        if answer.status_code == 204:
            return {}
        if answer.status_code // 100 == 2 and found is not None:
            return found
        passing = answer.status_code >= 500 or answer.status_code == 429
        raise ApiError(self._refusal(answer.status_code, found), passing=passing, found=found)

    def _unreachable(self, error: BaseException) -> str:
        hint = ". Is the local stack running? make up" if self._place.local else ""
        return f"{self._place.url} can't be reached{_cause(error)}{hint}"

    def _refusal(self, status: int, found: Json | None) -> str:
        if found is None:
            return f"{self._place.url} answered {status}, and not with JSON: is this the address of the API?"
        if "code" not in found:
            return f"{status}: {found.get('message') or 'the gateway of the API gave no reason'}"
        detail = str(found.get("detail") or found.get("title") or "no reason given")
        parts = [f"{status} {found['code']}: {_sentence(detail)}"]
        wrong = [one for one in found.get("errors", ()) if one["message"] not in detail]
        parts += [f"{one['field']}: {_sentence(one['message'])}" for one in wrong]
        if found.get("remedy"):
            parts.append(f"Remedy: {_sentence(found['remedy'])}")
        if found.get("request_id"):
            parts.append(f"(request {found['request_id']})")
        return " ".join(parts)


def _given(query: Mapping[str, Value]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items() if value is not None}


def _segment(value: str) -> str:
    """An id as one segment of a path."""
    if value in ("", ".", ".."):
        raise UsageError("an id must not be empty, or dots alone")
    return quote(value, safe="")


def _read(text: str) -> Json | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _cause(error: BaseException | None) -> str:
    """What the machine says, such as "connection refused"."""
    while error is not None:
        if isinstance(error, OSError) and error.strerror:
            return f": {error.strerror.lower()}"
        error = error.__cause__ or error.__context__
    return ""
