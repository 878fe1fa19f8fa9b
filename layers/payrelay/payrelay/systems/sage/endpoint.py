"""Calls to Sage Accounting: the business they are for, pages to the end, and the vendor's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.http.words import in_json
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import Listed, R, Reader

SYSTEM = "sage"
PAGE_SIZE = 200
_VERSION = "/v3.1"
_ID = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
Params = tuple[tuple[str, str], ...]


def is_id(text: str) -> bool:
    """Whether a text can be the id of a record of a business."""
    return _ID.fullmatch(text) is not None


class Endpoint:
    """All calls for one business; without one, only those that need none.

    Without the header Sage would take the user's lead business, and say nothing.
    """

    def __init__(
        self, base_url: str, access_token: Secret, options: DoorOptions, business: str | None = None
    ) -> None:
        base = base_url.rstrip("/")
        self._door = Door(
            SYSTEM,
            base if base.endswith(_VERSION) else f"{base}{_VERSION}",
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": bearer(access_token)},
            explain=in_json(_words_of),
            options=options,
        )
        if business is not None and not is_id(business):
            raise CredentialsRefused(SYSTEM, "the chosen business has no id of Sage's; connect again")
        self._headers = {} if business is None else {"X-Business": business}

    def one(self, path: str, record_id: str) -> Any:
        """The record with this id; `path` ends in `{id}`."""
        return self._door.send("GET", path, values={"id": record_id}, headers=self._headers, safe=True)

    def rows(self, path: str, reader: Reader[R], params: Params = ()) -> Listed[R]:
        """All rows of a list, page after page."""
        rows: list[object] = []
        for page in count(1):
            asked = (*params, ("items_per_page", str(PAGE_SIZE)), ("page", str(page)))
            match self._door.send("GET", path, params=asked, headers=self._headers, safe=True):
                case {"$items": list(items), "$next": (str() | None) as following}:
                    rows += items
                case _:
                    raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)
            if following is None:
                break
            if not items:
                raise error_of_unreadable(SYSTEM, "an empty page that is not the last", safe=True)
        return Listed(*reader.read(rows))

    def create(self, path: str, root: str, body: Mapping[str, object]) -> Any:
        """What a new record became; sent once."""
        return self._door.send("POST", path, body={root: body}, headers=self._headers, safe=False)


def _words_of(body: object) -> tuple[str, str]:
    """`[{"$dataCode", "$message", "$source"}]`, where the source is often empty."""
    errors = [error for error in body if isinstance(error, Mapping)] if isinstance(body, list) else []
    codes = [code for error in errors if isinstance(code := error.get("$dataCode"), str)]
    return codes[0] if codes else "", "; ".join(filter(None, map(_words, errors)))


def _words(error: Mapping[str, object]) -> str:
    message, source = error.get("$message") or "", error.get("$source")
    return f"{message} ({source})" if source else str(message)
