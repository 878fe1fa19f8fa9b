"""One HTTP call to a sandbox, and its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a room sees it: the path starts below the room's prefix, header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def target(self) -> str:
        """Path with query, as the vendor's own log would show it: `/v1/employee?limit=10`."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def json(self) -> object:
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers of a response."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(
    status: int, value: object, headers: Mapping[str, str] | None = None, media: str = "application/json"
) -> Answer:
    """A JSON answer; non-ASCII letters are sent as UTF-8."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": f"{media}; charset=utf-8", **(headers or {})})


class DroppedError(Exception):
    """The connection is to be dropped without an answer."""
