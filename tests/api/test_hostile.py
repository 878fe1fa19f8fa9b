"""What nobody sends by mistake: on every route it is refused, in short, and nothing is left of it (TRG-4).

Driven from the OpenAPI document, so that a new route is tried as well. Other classes have tests of their own:
ids in paths in `test_refusals`, roles and tenants in `test_access`, tokens in `test_identity`, webhooks in
`test_login_refused` and `test_hook_secret`, addresses in `tests/systems/test_address`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from moto import mock_aws

from tests.worlds.api import World
from tests.worlds.aws import client
from tests.worlds.contract import at, document

pytestmark = pytest.mark.requirement("TRG-4", "SEC-3")

SHORT = 100_000
ODD_NUMBERS = [
    "NaN",
    "Infinity",
    "1e400",
    "-0",
    "-0.0",
    "-1",
    str(2**63),
    "9" * 5000,
    "0x1f",
    "1_0",
    "\u0661",
]
INJECTIONS = [
    "' OR 1=1 --",
    "x' or startswith(Code,'Y')",
    '{"$ne": null}',
    "){ employees { edges { node { dbId } } } }",
    "../../..",
    "%2e%2e",
    "\x00",
    "a\r\nX-Evil: 1",
    "TENANT#other#CONN",
    "\ud7ff\u202e\ufeff",
    "x" * 20_000,
]
BOMBS = [
    "[" * 60_000,
    '{"a":' * 40_000,
    '{"name": ' + "[" * 500 + "]" * 500 + "}",
    '{"name": ' + "9" * 200_000 + "}",
    '{"name": ' + "-" * 1000 + "1}",
    '{"__proto__": {"role": "admin"}, "constructor": 1}',
]


def operations(*verbs: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The operations of the document with these methods, and all their parameters."""
    for path, item in document()["paths"].items():
        if path.startswith("/hooks") or path == "/health":
            continue
        for verb in verbs:
            if verb in item:
                given = [*item.get("parameters", []), *item[verb].get("parameters", [])]
                known = [at(one["$ref"].removeprefix("#"))[1] if "$ref" in one else one for one in given]
                yield verb.upper(), path, {**item[verb], "parameters": known}


def asked(operation: dict[str, Any]) -> list[str]:
    return [one["name"] for one in operation["parameters"] if one["in"] == "query"]


def properties(operation: dict[str, Any]) -> list[str]:
    """The names of the fields that a body may have."""
    body = operation.get("requestBody")
    if body is None:
        return []
    if "$ref" in body:
        body = at(body["$ref"].removeprefix("#"))[1]
    schema = body["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = at(schema["$ref"].removeprefix("#"))[1]
    parts = [schema, *schema.get("oneOf", []), *schema.get("anyOf", []), *schema.get("allOf", [])]
    known = [at(one["$ref"].removeprefix("#"))[1] if "$ref" in one else one for one in parts]
    return sorted({name for one in known for name in one.get("properties", {})})


@pytest.fixture(scope="module")
def ids(calm_world: World) -> Iterator[dict[str, str]]:
    """A connection that is not connected, and a run that has logged nothing."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        client("logs").create_log_group(logGroupName="lines")
        patch.setenv("LOG_GROUP", "lines")
        yield {"connection_id": calm_world.create(), "run_id": calm_world.stored_run("employee_export")}


def filled(path: str, ids: dict[str, str]) -> str:
    flow = path.replace("{flow}", "employee_export")
    return re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], "1"), flow)


WITH_BODY = [row for row in operations("post", "put", "patch") if properties(row[2])]
GETS = list(operations("get"))


def called(route: tuple[str, str, dict[str, Any]]) -> str:
    return f"{route[0]} {route[1]}"


@pytest.mark.parametrize("route", WITH_BODY, ids=called)
def test_bodies_that_are_bombs_are_refused(
    calm_world: World, ids: dict[str, str], route: tuple[str, str, dict[str, Any]]
) -> None:
    """(security, held: JSON bombs)"""
    method, path, _ = route
    before = len(calm_world.stored())
    for raw in BOMBS:
        answer = calm_world.call(method, filled(path, ids), raw=raw)
        assert 400 <= answer.status < 500, raw[:40]
        assert len(answer.text) < SHORT
    assert len(calm_world.stored()) == before


@pytest.mark.parametrize("route", WITH_BODY, ids=called)
def test_odd_numbers_and_injections_in_every_field_are_refused(
    calm_world: World, ids: dict[str, str], route: tuple[str, str, dict[str, Any]]
) -> None:
    """(security, held: odd numbers, injection) One field at a time would find each, too, and take longer."""
    method, path, operation = route
    before = len(calm_world.stored())
    odd = ["NaN", "1e400", "-0", "-1", str(2**63), "9" * 400, *map(json.dumps, INJECTIONS)]
    for value in odd:
        fields = ", ".join(f'"{name}": {value}' for name in [*properties(operation), "unknown"])
        answer = calm_world.call(method, filled(path, ids), raw="{" + fields + "}")
        assert 400 <= answer.status < 500, value[:40]
        assert len(answer.text) < SHORT
        assert answer.headers.get("X-Evil") is None
    assert len(calm_world.stored()) == before


@pytest.mark.parametrize("route", [route for route in GETS if asked(route[2])], ids=called)
def test_odd_numbers_and_injections_in_every_query(
    calm_world: World, ids: dict[str, str], route: tuple[str, str, dict[str, Any]]
) -> None:
    """(security, held: odd numbers, injection) A text that may be anything finds nothing."""
    method, path, operation = route
    before = len(calm_world.stored())
    for name in asked(operation):
        for value in [*ODD_NUMBERS, *INJECTIONS]:
            answer = calm_world.call(method, f"{filled(path, ids)}?{name}={quote(value)}")
            assert answer.status < 500, f"{name}={value[:40]}"
            assert name not in ("limit", "cursor") or answer.status >= 400, f"{name}={value[:40]}"
            assert len(answer.text) < SHORT
    assert len(calm_world.stored()) == before


FORGED = [
    "[" * 20_000,
    "[NaN]",
    "{}",
    "null",
    '["runs"]',
    '["runs", 1e400]',
    '["runs", ["x"], null]',
    '["connections", "con_01JD9Z3K5M7N9P1Q3R5S7T9V2X", "more"]',
    '["nothing", "x"]',
]


@pytest.mark.parametrize(
    "path", [path for _, path, operation in GETS if "cursor" in asked(operation)], ids=str
)
def test_a_forged_cursor_is_refused_by_every_list(calm_world: World, ids: dict[str, str], path: str) -> None:
    """(security, held: cursors)"""
    for text in FORGED:
        cursor = base64.urlsafe_b64encode(text.encode()).decode()
        answer = calm_world.call("GET", f"{filled(path, ids)}?cursor={quote(cursor)}")
        assert 400 <= answer.status < 500, text[:40]
