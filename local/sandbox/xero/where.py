"""The `where` of a listing: `Name=="Brook Farm Ltd" && Date>=DateTime(2026,1,5)`, strictly read."""

import operator
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from local.sandbox.frame.room import Row

Test = Callable[[Row], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<day>DateTime\(\s*\d{4}\s*,\s*\d{1,2}\s*,\s*\d{1,2}\s*\))"
    r"|(?P<guid>Guid\(\s*\"[^\"]*\"\s*\))"
    r"|(?P<sign>==|!=|>=|<=|>|<|&&|\|\||\(|\))"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z][\w.]*))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": lambda value, wanted: type(value) is type(wanted) and bool(value >= wanted),
    "<=": lambda value, wanted: type(value) is type(wanted) and bool(value <= wanted),
    ">": lambda value, wanted: type(value) is type(wanted) and bool(value > wanted),
    "<": lambda value, wanted: type(value) is type(wanted) and bool(value < wanted),
}
_JOINS = {"&&": "&&", "AND": "&&", "||": "||", "OR": "||"}


class Where:
    """Reads one expression over the fields of a resource; raises ValueError."""

    def __init__(self, text: str, fields: frozenset[str]) -> None:
        self._fields = fields
        self._tokens = _tokens(text)
        self._at = 0

    def read(self) -> Test:
        """The test that the expression is."""
        test = self._any()
        if self._at < len(self._tokens):
            raise ValueError(f"unexpected {self._tokens[self._at][1]}")
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._join() == "||":
            self._at += 1
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._join() == "&&":
            self._at += 1
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        kind, text = self._take()
        if text == "(":
            test = self._any()
            if self._take()[1] != ")":
                raise ValueError("a bracket is not closed")
            return test
        if kind != "word" or text not in self._fields:
            raise ValueError(f"no property or field {text!r}")
        compare = _COMPARE.get(self._take()[1])
        if compare is None:
            raise ValueError(f"{text} needs a comparison")
        wanted = _value(*self._take())
        return lambda row: compare(_folded(found_at(row, text)), wanted)

    def _join(self) -> str | None:
        return _JOINS.get(self._tokens[self._at][1].upper()) if self._at < len(self._tokens) else None

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ValueError("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]


def found_at(row: Row, path: str) -> Any:
    """The value at a dotted path."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"unexpected {text[at : at + 10]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _value(kind: str, text: str) -> Any:
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", text[1:-1]).casefold()
    if kind == "guid":
        return text.split('"')[1].lower()
    if kind == "day":
        return date(*(int(part) for part in re.findall(r"\d+", text))).isoformat()
    if kind == "number":
        return float(text)
    if kind == "word" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    raise ValueError(f"no value: {text!r}")


def _folded(value: Any) -> Any:
    """Texts compare without regard to case."""
    return value.casefold() if isinstance(value, str) else value
