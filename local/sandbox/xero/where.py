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
    r"|\.(?P<case>ToLower|ToUpper)\(\s*\)"
    r"|\.(?P<method>Contains|StartsWith|EndsWith)(?=\()"
    r"|(?P<word>[A-Za-z]\w*(?:\.(?!(?:ToLower|ToUpper|Contains|StartsWith|EndsWith)\()\w+)*))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": lambda value, wanted: _are_alike(value, wanted) and bool(value >= wanted),
    "<=": lambda value, wanted: _are_alike(value, wanted) and bool(value <= wanted),
    ">": lambda value, wanted: _are_alike(value, wanted) and bool(value > wanted),
    "<": lambda value, wanted: _are_alike(value, wanted) and bool(value < wanted),
}
_CASES: dict[str, Callable[[str], str]] = {"ToLower": str.lower, "ToUpper": str.upper}
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "Contains": operator.contains,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
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
        return self._compared(text)

    def _compared(self, name: str) -> Test:
        """A field, in small or capital letters or as it is, compared or asked for a part of it."""
        kind, text = self._take()
        read: Callable[[Row], Any] = lambda row: found_at(row, name)  # noqa: E731
        if kind == "case":
            change = _CASES[text]
            read = lambda row: change(value) if isinstance(value := found_at(row, name), str) else value  # noqa: E731
            kind, text = self._take()
        if kind == "method":
            return self._part_of(read, _METHODS[text])
        compare = _COMPARE.get(text)
        if compare is None:
            raise ValueError(f"{name} needs a comparison")
        wanted = _value(*self._take())
        return lambda row: compare(_folded(read(row)), wanted)

    def _part_of(self, read: Callable[[Row], Any], holds: Callable[[str, str], bool]) -> Test:
        """`Name.Contains("Farm")`, letter by letter; `==true` or `==false` may follow."""
        signs = [self._take() for _ in range(3)]
        (_, opened), (kind, text), (_, closed) = signs
        if (opened, kind, closed) != ("(", "text", ")"):
            raise ValueError("a text in brackets is needed")
        wanted = _unescaped(text)
        wished = True
        if self._at < len(self._tokens) and self._tokens[self._at][1] in ("==", "!="):
            same = self._take()[1] == "=="
            flag = _value(*self._take())
            if not isinstance(flag, bool):
                raise ValueError("true or false is needed")
            wished = flag is same
        return lambda row: (isinstance(value := read(row), str) and holds(value, wanted)) is wished

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
        return _unescaped(text).casefold()
    if kind == "guid":
        return text.split('"')[1].lower()
    if kind == "day":
        return date(*(int(part) for part in re.findall(r"\d+", text))).isoformat()
    if kind == "number":
        return float(text)
    if kind == "word" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "word" and text.lower() == "null":
        return None
    raise ValueError(f"no value: {text!r}")


def _are_alike(value: Any, wanted: Any) -> bool:
    """Whether one may be more than the other: both are texts or days, or both numbers."""
    kinds = [float if type(one) is int else type(one) for one in (value, wanted)]
    return kinds[0] is kinds[1] and kinds[0] in (str, float)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _folded(value: Any) -> Any:
    """Texts compare without regard to case."""
    return value.casefold() if isinstance(value, str) else value
