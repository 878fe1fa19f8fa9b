"""Xledger's own quick way through a selection gives what graphql-core's executor gives."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from local.sandbox import Options
from local.sandbox.xledger import Xledger
from local.sandbox.xledger.documents import Request, checked_document, coerced
from local.sandbox.xledger.executor import execute_whole
from local.sandbox.xledger.projection import run
from local.sandbox.xledger.schema import SCHEMA
from local.sandbox.xledger.store import Books
from local.seed.simployer_xledger import xledger_state

NOW = datetime(2026, 3, 2, tzinfo=UTC)
QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("{ employees { edges { cursor node { dbId code superior { code } } } } }", {}),
    "aliases": (
        """{ a: employees(first: 3) { e: edges { n: node { no: code code } } }
             b: contacts(last: 2) { edges { cursor } } }""",
        {},
    ),
    "type names": ("{ __typename employees { __typename edges { __typename node { __typename } } } }", {}),
    "directives": (
        """query ($x: Boolean!) { employees { edges { node {
             code @include(if: $x) email @skip(if: $x) } } } }""",
        {"x": True},
    ),
    "fragments": (
        """{ employees(first: 2) { ...page } }
           fragment page on EmployeeConnection { edges { node { ...one ... on Employee { email } } } }
           fragment one on Employee { code superior { dbId } }""",
        {},
    ),
    "merged fields": (
        """{ employees { edges { node { superior { dbId } } } }
             employees { edges { node { superior { code } } } } }""",
        {},
    ),
    "nothing found": ('{ employees(filter: {code: "none"}) { edges { cursor } } }', {}),
    "deep references": (
        """{ absences { edges { node {
             absenceCode { code source { name } } approvedBy { email } } } } }""",
        {},
    ),
    "one field refused": (
        "{ employees(first: -1) { edges { cursor } } contacts(first: 1) { edges { cursor } } }",
        {},
    ),
    "variables, one left out": (
        """query ($codes: [String!], $after: String) {
             employees(filter: {code_in: $codes}, after: $after) {
               pageInfo { hasNextPage } edges { node { description } } } }""",
        {"codes": ["1001", "1246"]},
    ),
}
SCALARS = {
    "Int64String": st.integers(0, 800_000).map(nodes.Int),
    "MoneyString": st.sampled_from(["50", "100.5"]).map(nodes.String),
    "DateTimeString": st.sampled_from(["2026-01-05T06:01:12", "2026-01-01"]).map(nodes.String),
}


@pytest.fixture(scope="module")
def store() -> Any:
    room = Xledger(Options(now=lambda: NOW))
    room.replace_state(xledger_state(NOW.date()))
    return room.store


def both_ways(store: Books, query: str, variables: dict[str, Any]) -> tuple[Any, Any]:
    request = Request(query, variables, None)
    document = checked_document(request)
    operation = document.operation(None)
    ours, errors = run(store, operation, document.fragments, coerced(operation, variables))
    theirs = execute_whole(store, document, request)
    assert len(errors) == len(theirs.errors or [])
    return ours, theirs.data


@pytest.mark.parametrize("name", QUERIES)
def test_a_selection_comes_out_the_same_both_ways(store: Books, name: str) -> None:
    ours, theirs = both_ways(store, *QUERIES[name])
    assert ours == theirs
    assert list(ours) == list(theirs)


@given(query=queries(SCHEMA, custom_scalars=SCALARS))
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
def test_any_query_comes_out_the_same_both_ways(store: Books, query: str) -> None:
    ours, theirs = both_ways(store, query, {})
    assert ours == theirs
