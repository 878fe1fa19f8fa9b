"""graphql-core's own executor over the same resolvers: for introspection, and as the measure in tests."""

from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLResolveInfo, execute_sync
from graphql.type import GraphQLFieldResolver

from .documents import Document, Request
from .errors import RefusedError
from .projection import ROW_RESOLVERS, RowResolver, resolve_root
from .schema import SCHEMA, object_type
from .store import Books


def _root(name: str) -> GraphQLFieldResolver:
    def resolve(_source: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
        try:
            return resolve_root(info.context, name, args)
        except RefusedError as refused:
            raise GraphQLError(str(refused)) from refused

    return resolve


def _row(resolver: RowResolver) -> GraphQLFieldResolver:
    def resolve(source: Any, info: GraphQLResolveInfo) -> Any:
        return resolver(info.context, source)

    return resolve


def _attach() -> None:
    for root in (object_type("Query"), object_type("Mutation")):
        for name, field in root.fields.items():
            field.resolve = _root(name)
    for (type_name, name), resolver in ROW_RESOLVERS.items():
        object_type(type_name).fields[name].resolve = _row(resolver)


_attach()


def execute_whole(store: Books, document: Document, request: Request) -> ExecutionResult:
    """The result of a valid document as graphql-core works it out."""
    if document.node is None:
        raise RefusedError([])
    return execute_sync(
        SCHEMA,
        document.node,
        context_value=store,
        variable_values=request.variables,
        operation_name=request.operation_name,
    )
