"""Xero's answers: the envelope, its refusals, and how it writes moments."""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.sandbox.frame.calls import Answer, json_answer
from local.sandbox.frame.room import Row

_NAMESPACE = uuid.UUID("6b1d5a52-38cf-4f4c-9d4d-3b1f7a0c2e11")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_SLASHED = re.compile(r"/Date\((\d{1,14})(?:[+-]\d{4})?\)/")


class RefusedError(Exception):
    """The call ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


def guid(*parts: str) -> str:
    """The id that always belongs to these parts."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def is_guid(value: object) -> bool:
    """Whether it has the form of an id."""
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def slashed(moment: str) -> str:
    """`/Date(1767571200000+0000)/` of a day or a UTC time in ISO form."""
    value = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return f"/Date({int(value.timestamp()) * 1000}+0000)/"


def unslashed(value: object) -> object:
    """The day of `/Date(1767571200000)/`, with or without an offset; anything else as it is."""
    match = _SLASHED.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    return datetime.fromtimestamp(int(match[1]) / 1000, UTC).date().isoformat()


def to_the_second(now: datetime) -> str:
    """`2026-01-05T10:00:00`, UTC."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def enveloped(resource: str, rows: list[Row], now: datetime, more: Mapping[str, Any] | None = None) -> Answer:
    """HTTP 200 with the rows; `more` goes before them, such as the pagination."""
    milliseconds = int(now.timestamp() * 1000)
    body = {
        "Id": str(uuid.uuid4()),
        "Status": "OK",
        "ProviderName": "Sandbox",
        "DateTimeUTC": f"/Date({milliseconds})/",
        **(more or {}),
        resource: rows,
    }
    return json_answer(200, body)


def plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer that is no JSON."""
    return Answer(status, text.encode(), {"Content-Type": "text/plain; charset=utf-8", **(headers or {})})


def not_found() -> RefusedError:
    """The plain-text 404."""
    return RefusedError(plain(404, "The resource you're looking for cannot be found"))


def refused_token(status: int, detail: str) -> RefusedError:
    """401 or 403 as JSON."""
    title = {401: "Unauthorized", 403: "Forbidden"}[status]
    body: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid.uuid4()),
        "Extensions": {},
    }
    return RefusedError(json_answer(status, body))


def bad_data(message: str) -> RefusedError:
    """A body that can't be read as what the API takes."""
    body = {"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": message}
    return RefusedError(json_answer(400, body))


def bad_query(message: str) -> RefusedError:
    """A query that can't be read."""
    body = {"ErrorNumber": 16, "Type": "QueryParseException", "Message": message}
    return RefusedError(json_answer(400, body))


def invalid(elements: list[Row]) -> Answer:
    """400: the elements that broke a rule, each with its ValidationErrors."""
    body = {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": elements,
    }
    return json_answer(400, body)
