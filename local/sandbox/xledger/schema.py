"""The GraphQL schema, with the rules of its three own scalars."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

from graphql import GraphQLError, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema

_INT64 = re.compile(r"-?\d{1,19}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?", re.ASCII)
_MONEY = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def _int64(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _INT64.fullmatch(value):
        raise GraphQLError(f"Int64String cannot represent the value {value!r}.")
    return value


def _money(value: object) -> str:
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise GraphQLError(f"MoneyString must be a string with a decimal number, not {value!r}.")
    return value


def _time(value: object) -> str:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise GraphQLError(f"DateTimeString must be yyyy-MM-ddTHH:mm:ss without an offset, not {value!r}.")
    return value


def _build() -> GraphQLSchema:
    schema = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
    for name, parse in (("Int64String", _int64), ("MoneyString", _money), ("DateTimeString", _time)):
        scalar = schema.type_map[name]
        if isinstance(scalar, GraphQLScalarType):
            scalar.parse_value = parse  # type: ignore[method-assign]
    return schema


SCHEMA = _build()


def object_type(name: str) -> GraphQLObjectType:
    """An object type of the schema by its name."""
    found = SCHEMA.type_map[name]
    if not isinstance(found, GraphQLObjectType):
        raise TypeError(f"{name} is no object type")
    return found


def decimal(value: str) -> Decimal:
    """A MoneyString's number; raises ValueError."""
    try:
        return Decimal(value)
    except InvalidOperation as bad:
        raise ValueError(value) from bad
