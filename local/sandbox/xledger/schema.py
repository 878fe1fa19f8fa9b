"""The GraphQL schema: the contract's types from a file, what is the same for all of them, and own scalars."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from graphql import (
    FieldDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    build_schema,
    parse,
    print_ast,
)

# The listings, each with the type of its nodes.
NODE_TYPES = {
    "employees": "Employee",
    "contacts": "Contact",
    "employeeGroups": "EmployeeGroup",
    "objectValues": "ObjectValue",
    "exitReasons": "ExitReason",
    "employmentTypes": "EmploymentType",
    "absenceCodes": "AbsenceCode",
    "absences": "Absence",
}
# What can be added and updated.
_WRITTEN = {"Employees": ("add", "update"), "Contacts": ("update",), "Absences": ("add", "update")}
_ORDERED = frozenset({"String", "Int", "Int64String", "MoneyString", "DateTimeString"})
_PAGE = "first: Int, last: Int, before: String, after: String"
# An absence is also found by what it refers to.
_FOUND_BY = {"Absence": ("employeeDbId", "absenceCodeDbId")}
# Ids are Int in filters, but Int64String in those of these tables; a variable must have the very type.
_FOUND_AS_INT64 = ("Absence",)
_NOT_FOUND_BY = ("socialSecurityMasked",)
_WITH_FIELDS = (
    *(ObjectTypeDefinitionNode, ObjectTypeExtensionNode),
    *(InputObjectTypeDefinitionNode, InputObjectTypeExtensionNode),
)
_INT64 = re.compile(r"-?\d{1,19}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?", re.ASCII)
_MONEY = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


# --- what follows from the types ----------------------------------------------------------------------------


def _filters(node: str, fields: tuple[FieldDefinitionNode, ...]) -> Iterator[str]:
    """Equality by the plain name (null finds what has no value); _in, and _gt _gte _lt _lte for order."""
    for field in fields:
        name, kind = field.name.value, field.type.name.value if isinstance(field.type, NamedTypeNode) else ""
        if name in _NOT_FOUND_BY:
            continue
        kind = "Int" if kind == "Int64String" and node not in _FOUND_AS_INT64 else kind
        if kind in (*_ORDERED, "Boolean"):
            yield f"{name}: {kind}"
        if kind in _ORDERED:
            yield f"{name}_in: [{kind}!]"
            yield from (f"{name}_{order}: {kind}" for order in ("gt", "gte", "lt", "lte"))
    for name in _FOUND_BY.get(node, ()):
        yield f"{name}: Int64String {name}_in: [Int64String!]"


def _listings(fields: dict[str, tuple[FieldDefinitionNode, ...]]) -> Iterator[str]:
    for name, node in NODE_TYPES.items():
        more = f"filter: {node}Filter, ownerSet: OwnerSet, objectStatus: ObjectStatus"
        yield f"extend type Query {{ {name}({_PAGE}, {more}): {node}Connection }}"
        yield f"type {node}Connection {{ pageInfo: PageInfo edges: [{node}Edge] }}"
        yield f"type {node}Edge {{ cursor: String node: {node} }}"
        yield f"input {node}Filter {{ {' '.join(_filters(node, fields[node]))} }}"


def _mutations(inputs: dict[str, tuple[InputValueDefinitionNode, ...]]) -> Iterator[str]:
    """Bulk mutations, of which an addition has all fields of an update but the dbId."""
    for name, verbs in _WRITTEN.items():
        yield f"type {name}Result {{ edges: [{name[:-1]}Result] }}"
        yield f"type {name[:-1]}Result {{ clientId: String node: {name[:-1]} }}"
        for verb in verbs:
            kind = f"{verb.capitalize()}{name}"
            yield f"extend type Mutation {{ {verb}{name}(inputs: [{kind}Input!]!): {name}Result }}"
            yield f"input {kind}Input {{ clientId: String node: {kind}Node! }}"
        if "add" in verbs:
            others = (one for one in inputs[f"Update{name}Node"] if one.name.value != "dbId")
            yield f"input Add{name}Node {{ {' '.join(map(print_ast, others))} }}"


# --- scalars ------------------------------------------------------------------------------------------------


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
    files = (Path(__file__).with_name(name) for name in ("schema.graphql", "unused.graphql"))
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    fields: dict[str, tuple[Any, ...]] = {}
    for one in parse(text).definitions:
        if isinstance(one, _WITH_FIELDS):
            fields[one.name.value] = (*fields.get(one.name.value, ()), *one.fields)
    schema = build_schema("\n".join((text, *_listings(fields), *_mutations(fields))))
    for name, read in (("Int64String", _int64), ("MoneyString", _money), ("DateTimeString", _time)):
        scalar = schema.type_map[name]
        if isinstance(scalar, GraphQLScalarType):
            scalar.parse_value = read  # type: ignore[method-assign]
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
