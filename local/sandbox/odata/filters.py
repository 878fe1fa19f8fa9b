"""`$filter`: reading one, and which rows it lets through."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .edm import TEXT, Edm, guid, moment
from .entities import Entity, bad, no_property

DEEPEST = 50
_TOKEN = re.compile(
    r"(?P<datetime>datetime'[^']*')|(?P<guid>guid'[^']*')|(?P<text>'(?:''|[^'])*')"
    r"|(?P<number>-?\d{1,18}(?:\.\d{1,9})?[LlDdMmFf]?(?!\w))|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),])",
    re.ASCII,
)
_COMPARES: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_WORDS = {"true": ("flag", True), "false": ("flag", False), "null": ("null", None)}

Passes: TypeAlias = Callable[[Row], bool]


class Token(NamedTuple):
    """A piece of a filter, and where it stands."""

    kind: str
    text: str
    position: int


@dataclass(frozen=True)
class Among:
    """A field that equals one of some values, as they compare: `ID eq 1 or ID eq 2` is one look-up."""

    name: str
    kind: Edm
    values: frozenset[Any]

    def __call__(self, row: Row) -> bool:
        return compared(self.kind, row[self.name]) in self.values


def compared(kind: Edm, value: Any) -> Any:
    """A kept value as it compares."""
    return None if value is None else kind.compare(value)


def read_filter(text: str, entity: Entity) -> Passes:
    """What a filter asks of a row; raises Refused for one that is none."""
    return _Parser(text, entity).read()


def literal(token: Token) -> tuple[str, Any]:
    """Kind and value of a literal; ValueError for what is none."""
    text = token.text
    match token.kind:
        case "text":
            return "text", text[1:-1].replace("''", "'")
        case "number":
            return "number", Decimal(text.rstrip("LlDdMmFf"))
        case "guid":
            return "guid", guid(text[5:-1])
        case "datetime":
            return "datetime", moment(text[9:-1])
    if token.kind == "word" and text in _WORDS:
        return _WORDS[text]
    raise ValueError(text)


def tokens_of(text: str) -> Iterator[Token]:
    """The pieces of a filter; raises Refused at what is none."""
    at = 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise _syntax(at)
        yield Token(str(match.lastgroup), match[0], at)
        at = match.end()


class _Parser:
    def __init__(self, text: str, entity: Entity) -> None:
        self._tokens = [*tokens_of(text), Token("end", "", len(text))]
        self._entity = entity
        self._at = self._depth = 0

    def read(self) -> Passes:
        passes = self._either()
        if self._next.kind != "end":
            raise _syntax(self._next.position)
        return passes

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        if token.kind == "end":
            raise _syntax(token.position)
        self._at += 1
        return token

    def _takes(self, text: str) -> bool:
        found = self._next.text == text
        self._at += found
        return found

    def _need(self, text: str) -> None:
        if not self._takes(text):
            raise _syntax(self._next.position)

    def _either(self) -> Passes:
        parts = [self._both()]
        while self._takes("or"):
            parts.append(self._both())
        return _any_of(parts)

    def _both(self) -> Passes:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _one(self) -> Passes:
        if self._takes("("):
            self._depth += 1
            if self._depth > DEEPEST:
                raise bad("Recursion reached allowed limit.")
            passes = self._either()
            self._depth -= 1
            self._need(")")
            return passes
        token = self._take()
        if token.text in ("substringof", "startswith") and self._takes("("):
            return self._function(token.text)
        name, kind = self._property(token)
        return self._comparison(name, kind)

    def _property(self, token: Token) -> tuple[str, Edm]:
        if token.kind != "word" or token.text in _WORDS:
            raise _syntax(token.position)
        if token.text not in self._entity.seen:
            raise no_property(token.text, self._entity, token.position)
        return token.text, self._entity.edm(token.text)

    def _comparison(self, name: str, kind: Edm) -> Passes:
        sign = self._take()
        compare = _COMPARES.get(sign.text)
        if compare is None:
            raise _syntax(sign.position)
        of, wanted = self._literal()
        fits = of in (kind.literal, "null") and (kind.ordered or sign.text in ("eq", "ne"))
        if not fits:
            raise bad(
                f"Operator '{sign.text}' incompatible with operand types '{kind.name}' and '{of}' "
                f"at position {sign.position}."
            )
        if of == "text":
            wanted = wanted.casefold()
        if sign.text == "eq":
            return Among(name, kind, frozenset([wanted]))
        if sign.text == "ne":
            return lambda row: bool(compared(kind, row[name]) != wanted)
        if wanted is None:
            return lambda _: False
        return lambda row: row[name] is not None and bool(compare(kind.compare(row[name]), wanted))

    def _function(self, function: str) -> Passes:
        """`substringof('x', Field)` or `startswith(Field, 'x')`, alone or `eq true`."""
        if function == "substringof":
            part = self._part()
            self._need(",")
            name, kind = self._text_property()
        else:
            name, kind = self._text_property()
            self._need(",")
            part = self._part()
        self._need(")")
        wanted = True
        if self._takes("eq"):
            of, wanted = self._literal()
            if of != "flag":
                raise _syntax(self._next.position)
        holds = str.__contains__ if function == "substringof" else str.startswith
        return lambda row: row[name] is not None and holds(str(kind.compare(row[name])), part) is bool(wanted)

    def _text_property(self) -> tuple[str, Edm]:
        token = self._take()
        name, kind = self._property(token)
        if kind.literal != TEXT.literal:
            raise bad(f"A text is needed instead of '{kind.name}' at position {token.position}.")
        return name, kind

    def _part(self) -> str:
        position = self._next.position
        of, part = self._literal()
        if of != "text":
            raise _syntax(position)
        return str(part).casefold()

    def _literal(self) -> tuple[str, Any]:
        token = self._take()
        try:
            return literal(token)
        except ValueError:
            raise _syntax(token.position) from None


def _any_of(parts: list[Passes]) -> Passes:
    """One of the parts, with all equalities of one field taken together."""
    merged: list[Passes] = []
    equal: dict[str, Among] = {}
    for part in parts:
        if isinstance(part, Among):
            before = equal.get(part.name)
            equal[part.name] = Among(part.name, part.kind, before.values | part.values) if before else part
        else:
            merged.append(part)
    merged += equal.values()
    return merged[0] if len(merged) == 1 else lambda row: any(part(row) for part in merged)


def _syntax(position: int) -> Refused:
    return bad(f"Syntax error at position {position}.")
