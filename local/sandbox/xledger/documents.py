"""Reading a GraphQL request: parse and validate its text once, pick the operation, coerce variables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    VariableNode,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from .errors import SYNTAX, UNKNOWN_FIELD, WRONG_ARGUMENT, Error, RefusedError, error, invalid
from .schema import SCHEMA

MOST_ERRORS = 50
_INPUT_INDEX = re.compile(r" at '[^']*?\[(\d+)\]")


@dataclass(frozen=True)
class Request:
    """The body of a call: text, variables and the wanted operation's name."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


@dataclass(frozen=True)
class Document:
    """A parsed text, with what is wrong with it."""

    node: DocumentNode | None
    errors: tuple[GraphQLError, ...]

    @property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        definitions = self.node.definitions if self.node else ()
        return {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; raises RefusedError."""
        definitions = self.node.definitions if self.node else ()
        found = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        if name is not None:
            found = [one for one in found if one.name and one.name.value == name]
        if len(found) != 1:
            said = f"Unknown operation named '{name}'." if name else "Must provide operation name."
            raise RefusedError([error(said)])
        if found[0].operation is OperationType.SUBSCRIPTION:
            raise RefusedError([error("Schema is not configured to execute subscription operation.")])
        return found[0]


def read_request(body: object) -> Request:
    """The request that a body is; raises RefusedError."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise RefusedError([error('The body must be an object with a string "query"')])
    variables, name = body.get("variables") or {}, body.get("operationName")
    if not isinstance(variables, dict) or not (name is None or isinstance(name, str)):
        raise RefusedError([error('"variables" must be an object and "operationName" a string')])
    return Request(body["query"], variables, name)


@lru_cache(maxsize=512)
def prepare(query: str) -> Document:
    """Parse and validate a text; remembered by its text."""
    try:
        node = parse(query)
    except GraphQLError as bad:
        return Document(None, (bad,))
    return Document(node, tuple(validate(SCHEMA, node)[:MOST_ERRORS]))


def checked_document(request: Request) -> Document:
    """The request's document; raises RefusedError when it is not valid."""
    document = prepare(request.query)
    if document.errors:
        raise RefusedError([error(one.message, _rule(document, one)) for one in document.errors])
    return document


def _rule(document: Document, wrong: GraphQLError) -> str:
    if document.node is None:
        return SYNTAX
    return UNKNOWN_FIELD if wrong.message.startswith("Cannot query field") else WRONG_ARGUMENT


def coerced(operation: OperationDefinitionNode, variables: dict[str, Any]) -> dict[str, Any]:
    """The operation's variables, coerced by the schema; raises RefusedError."""
    values = get_variable_values(SCHEMA, operation.variable_definitions or (), variables, MOST_ERRORS)
    if isinstance(values, dict):
        return values
    raise RefusedError([_variable_error(one, variables) for one in values])


def _variable_error(wrong: GraphQLError, variables: dict[str, Any]) -> Error:
    """Name the node that holds the wrong value, where one can be told."""
    client_id: str | None = None
    index = _INPUT_INDEX.search(wrong.message)
    lists = [value for value in variables.values() if isinstance(value, list)]
    if index and len(lists) == 1 and int(index[1]) < len(lists[0]):
        item = lists[0][int(index[1])]
        if isinstance(item, dict) and isinstance(item.get("clientId"), str):
            client_id = item["clientId"]
    return invalid(wrong.message, client_id)


def root_fields(operation: OperationDefinitionNode) -> list[FieldNode]:
    """The operation's own root fields, as written."""
    return [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether the operation writes."""
    return operation.operation is OperationType.MUTATION


def count_nodes(fields: Sequence[FieldNode], variables: dict[str, Any]) -> int:
    """How many nodes the arguments of a mutation carry."""
    return sum(
        _length(argument.value, variables)
        for field in fields
        for argument in field.arguments
        if argument.name.value in ("inputs", "dbIds")
    )


def _length(value: ValueNode, variables: dict[str, Any]) -> int:
    if isinstance(value, VariableNode):
        given = variables.get(value.name.value)
        return len(given) if isinstance(given, list) else int(given is not None)
    return len(value.values) if isinstance(value, ListValueNode) else 1
