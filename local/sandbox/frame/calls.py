"""One HTTP call to a sandbox, and its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

_DECIMAL = uuid4().hex


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

    def json(self, *, exact: bool = False) -> object:
        """The body as JSON; raises ValueError when it is none."""
        return read_json(self.body, exact=exact)


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
    body = json_text(value).encode()
    return Answer(status, body, {"Content-Type": f"{media}; charset=utf-8", **(headers or {})})


def json_text(value: object) -> str:
    """JSON in which a Decimal is a number with just the digits that it has: 76.0, 31.4512."""
    decimals: list[str] = []

    def put_off(number: object) -> str:
        if not isinstance(number, Decimal):
            raise TypeError(f"{type(number).__name__} is not JSON")
        decimals.append(f"{number:f}")
        return _DECIMAL

    # The encoder knows no Decimals, so each leaves a mark that no other text has, and is put in afterwards.
    text = json.dumps(value, default=put_off, ensure_ascii=False, separators=(",", ":"))
    first, *rest = text.split(f'"{_DECIMAL}"')
    return first + "".join(number + part for number, part in zip(decimals, rest, strict=True))


def read_json(text: bytes | str, *, exact: bool = False) -> object:
    """A JSON value; `exact` reads 76.0 as a Decimal with its digits. Raises ValueError."""
    if exact:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    return json.loads(text)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


class DroppedError(Exception):
    """The connection is to be dropped without an answer; the fault says when."""
