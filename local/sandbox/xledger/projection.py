"""Running an operation: resolve its root fields, then pick the selected fields row by row.

graphql-core's executor resolves field by field, which takes seconds for a page of some thousand rows.
Here a selection is turned into steps once; a test holds the outcome equal to graphql-core's own.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Optional

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
)
from graphql.execution.collect_fields import collect_fields, collect_sub_fields
from graphql.execution.values import get_argument_values

from local.sandbox.frame.room import Row

from .connections import connection
from .errors import WRONG_ARGUMENT, Error, RefusedError, error
from .rows import masked_social_security
from .schema import NODE_TYPES, SCHEMA, object_type
from .store import Books
from .writes import MUTATIONS

Fragments = dict[str, FragmentDefinitionNode]
Variables = dict[str, Any]
RowResolver = Callable[[Books, Row], Any]


def _to(resource: str, field: str) -> RowResolver:
    """The row that a reference names."""

    def resolve(store: Books, row: Row) -> Any:
        reference = row.get(field)
        return store[resource].get(reference["dbId"]) if reference else None

    return resolve


ROW_RESOLVERS: dict[tuple[str, str], RowResolver] = {
    ("Employee", "superior"): _to("employees", "superior"),
    ("Employee", "socialSecurityMasked"): masked_social_security,
    ("Absence", "absenceCode"): _to("absenceCodes", "absenceCode"),
    ("Absence", "approvedBy"): _to("users", "approvedBy"),
}


def resolve_root(store: Books, name: str, args: dict[str, Any]) -> dict[str, Any]:
    """The value of a root field; raises RefusedError."""
    if name in NODE_TYPES:
        return connection(store, name, args)
    return MUTATIONS[name](store, args.get("inputs", args.get("dbIds")))


class Step(NamedTuple):
    """One selected field: under which key, from which name or resolver, with which steps below."""

    key: str
    name: str
    resolve: RowResolver | None
    below: Optional["Steps"]


Steps = list[Step]


def run(
    store: Books,
    operation: OperationDefinitionNode,
    fragments: Fragments,
    variables: Variables,
    resolve: Callable[[Books, str, dict[str, Any]], dict[str, Any]] = resolve_root,
) -> tuple[dict[str, Any], list[Error]]:
    """The data of an operation whose variables are coerced, and the errors of its refused fields."""
    root = object_type("Query" if operation.operation is OperationType.QUERY else "Mutation")
    data: dict[str, Any] = {}
    errors: list[Error] = []
    for key, nodes in collect_fields(SCHEMA, fragments, variables, root, operation.selection_set).items():
        name = nodes[0].name.value
        if name == "__typename":
            data[key] = root.name
            continue
        field = root.fields[name]
        value: dict[str, Any] | None = None
        try:
            value = resolve(store, name, get_argument_values(field, nodes[0], variables))
        except RefusedError as refused:
            value = refused.written
            errors.extend({**one, "path": [key]} for one in refused.errors)
        except GraphQLError as wrong:
            errors.append({**error(wrong.message, WRONG_ARGUMENT), "path": [key]})
        steps = _steps(object_type(get_named_type(field.type).name), nodes, fragments, variables)
        data[key] = _project(store, steps, value) if value is not None else None
    return data, errors


def _steps(
    type_: GraphQLObjectType, nodes: Sequence[FieldNode], fragments: Fragments, variables: Variables
) -> Steps:
    steps = []
    for key, below in collect_sub_fields(SCHEMA, fragments, variables, type_, list(nodes)).items():
        name = below[0].name.value
        if name == "__typename":
            steps.append(Step(key, name, _constant(type_.name), None))
            continue
        inner = get_named_type(type_.fields[name].type)
        deeper = _steps(inner, below, fragments, variables) if isinstance(inner, GraphQLObjectType) else None
        steps.append(Step(key, name, ROW_RESOLVERS.get((type_.name, name)), deeper))
    return steps


def _constant(value: str) -> RowResolver:
    return lambda _store, _row: value


def _project(store: Books, steps: Steps, value: Any) -> Any:
    if isinstance(value, list):
        return [_project(store, steps, item) for item in value]
    picked = {}
    for key, name, resolve, below in steps:
        inner = value.get(name) if resolve is None else resolve(store, value)
        picked[key] = inner if below is None or inner is None else _project(store, below, inner)
    return picked
