"""What is refused: every wrong body and query, with what is allowed, and without a trace."""

from __future__ import annotations

import json
import re
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

from tests.worlds import contract
from tests.worlds.api import BODY, World, secrets_stored

UNKNOWN_CONNECTION = "con_01JD9Z0000000000000000000A"
UNKNOWN_RUN = "run_01JD9Z0000000000000000000A"

WRONG_BODIES = [
    ({"name": ""}, "name", "1 to 200"),
    ({"name": "   "}, "name", "1 to 200"),
    ({"name": "x" * 201}, "name", "1 to 200"),
    ({"name": 7}, "name", "1 to 200"),
    ({"kind": "xero"}, "kind", "simployer_xledger"),
    ({"kind": None}, "kind", "simployer_xledger"),
    ({"colour": "red"}, "colour", "name, kind, settings, credentials"),
    ({"settings": []}, "settings", "object"),
    ({"settings": {"selektion": {}}}, "settings.selektion", "selection"),
    ({"credentials": []}, "credentials", "object"),
    ({"credentials": {}}, "credentials.simployer", "access_token"),
]


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize(("changed", "field", "allowed"), WRONG_BODIES)
def test_a_mistake_is_answered_with_the_field_and_what_is_allowed_and_leaves_no_trace(
    calm_world: World, changed: dict[str, Any], field: str, allowed: str
) -> None:
    answer = calm_world.call("POST", "/connections", {**BODY, **changed})
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert allowed in answer.fields[field]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert calm_world.call("GET", "/connections").json["items"] == []
    assert secrets_stored() == {}


@pytest.mark.requirement("CON-1")
def test_every_mistake_is_named_at_once(calm_world: World) -> None:
    answer = calm_world.call("POST", "/connections", {"kind": "simployer_xledger", "settings": {"x": 1}})
    assert answer.fields == {
        "name": "is required",
        "credentials": "is required",
        "settings.x": answer.fields["settings.x"],
    }


WRONG_QUERIES = [
    ("/connections?limit=0", "limit", "1 to 200"),
    ("/connections?limit=201", "limit", "1 to 200"),
    ("/connections?limit=ten", "limit", "1 to 200"),
    ("/connections?limit=", "limit", "1 to 200"),
    ("/connections?limit=1&limit=2", "limit", "more than once"),
    ("/connections?cursor=nonsense", "cursor", "next_cursor"),
    ("/connections?cursor=%F0%9F%98%80", "cursor", "next_cursor"),
    ("/connections?cursor=WyJydW5zIiwgInJ1bl8xIl0=", "cursor", "next_cursor"),
    ("/connections?cursor=WyJjb25uZWN0aW9ucyIsICIiXQ==", "cursor", "next_cursor"),
    ("/connections?page=2", "page", "limit, cursor"),
    ("/runs?status=done", "status", "succeeded"),
    ("/runs?status=", "status", "succeeded"),
    ("/runs?flow=balance", "flow", "employee_export"),
    ("/runs?connection_id=42", "connection_id", "id of a connection"),
    (f"/runs/{UNKNOWN_RUN}/records?outcome=good", "outcome", "blocked"),
    (f"/runs/{UNKNOWN_RUN}/records?reason=BAD", "reason", "REQUIRED_FIELD_MISSING"),
    ("/failures?reason=BAD", "reason", "REQUIRED_FIELD_MISSING"),
    ("/failures?flow=BAD", "flow", "time_off_export"),
    ("/failures?since=yesterday", "since", "RFC 3339"),
    ("/failures?since=2026-13-01T00:00:00Z", "since", "RFC 3339"),
    ("/failures?since=2026-01-01", "since", "RFC 3339"),
]


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(("path", "field", "allowed"), WRONG_QUERIES)
def test_a_wrong_query_is_answered_with_the_parameter_and_what_is_allowed(
    calm_world: World, path: str, field: str, allowed: str
) -> None:
    answer = calm_world.call("GET", path)
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert allowed in answer.fields[field]


UNREADABLE = [
    "{",
    '{"name": }',
    "\ufeff{}",
    '{"a": NaN}',
    '{"a": Infinity}',
    '{"a": 1' + "0" * 30 + "}",
    "[" * 50_000,
]


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize("raw", [*UNREADABLE, '{"name": "\\ud800"}', '{"a": 9007199254740993}'])
def test_what_is_no_json_is_refused_and_not_repeated(calm_world: World, raw: str) -> None:
    answer = calm_world.call("POST", "/connections", raw=raw)
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert len(answer.text) < 300


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize("raw", ["[]", "null", "7", '"text"'])
def test_a_body_that_is_no_object_is_wrong(calm_world: World, raw: str) -> None:
    answer = calm_world.call("POST", "/connections", raw=raw)
    assert (answer.status, answer.fields) == (422, {"body": "must be a JSON object"})


@pytest.mark.requirement("TRG-4")
def test_a_body_of_another_kind_is_not_read(calm_world: World) -> None:
    headers = {"content-type": "text/csv"}
    answer = calm_world.call("POST", "/connections", raw="a;b", headers=headers)
    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize("size", [256 * 1024 - 10, 2_000_000])
def test_a_body_that_is_too_large_is_not_read(calm_world: World, size: int) -> None:
    answer = calm_world.call("POST", "/connections", {"name": "x" * size})
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/connections", "GET, POST"),
        ("POST", f"/connections/{UNKNOWN_CONNECTION}", "GET, PATCH, DELETE"),
        ("DELETE", "/runs", "GET"),
        ("GET", f"/runs/{UNKNOWN_RUN}/stop", "POST"),
        ("POST", "/health", "GET"),
        ("OPTIONS", "/failures", "GET"),
    ],
)
def test_a_method_that_a_path_does_not_have_is_answered_with_those_it_has(
    calm_world: World, method: str, path: str, allow: str
) -> None:
    answer = calm_world.call(method, path, token="")
    assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == allow


@pytest.mark.parametrize("path", ["/", "/nothing", "/connections/", "/connections/a/b/c", "/runs/x/y/z"])
def test_a_path_that_the_api_does_not_have_is_not_found(calm_world: World, path: str) -> None:
    answer = calm_world.call("GET", path)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.headers["Content-Type"] == "application/problem+json"


BAD_IDS = [UNKNOWN_CONNECTION, "con_1", "nope", "con_01JD9Z0000000000000000000a", "a%23b", "x" * 3000, "%00"]


@pytest.mark.parametrize("bad", BAD_IDS)
def test_an_id_that_is_none_is_not_found(calm_world: World, bad: str) -> None:
    for method, path in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/connect"), ("POST", "/runs")]:
        answer = calm_world.call(method, f"/connections/{bad}{path}", {})
        assert (answer.status, answer.code) == (404, "NOT_FOUND")
    for method, path in [("GET", ""), ("GET", "/records"), ("POST", "/replay"), ("POST", "/stop")]:
        answer = calm_world.call(method, f"/runs/{bad}{path}", {})
        assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.requirement("TRG-4")
def test_a_mistake_of_ours_says_so_with_the_id_to_search_for_and_nothing_else(
    calm_world: World, monkeypatch: pytest.MonkeyPatch, logs: StringIO
) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("plant-of-an-internal-detail")

    monkeypatch.setattr(type(calm_world.container.ledger.connections), "list", broken)
    answer = calm_world.call("GET", "/connections")
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert answer.json["request_id"] == "lambda-id"
    assert "plant" not in answer.text
    assert "request failed" in logs.getvalue()


def test_health_is_open_to_everybody(calm_world: World) -> None:
    answer = calm_world.call("GET", "/health", token="")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


@pytest.mark.requirement("TRG-4")
def test_a_stage_that_is_named_in_the_path_is_understood(calm_world: World) -> None:
    event = {
        "version": "2.0",
        "rawPath": "/v1/health",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {"http": {"method": "GET", "path": "/v1/health"}, "stage": "v1"},
        "isBase64Encoded": False,
    }
    context = SimpleNamespace(aws_request_id="lambda-id")
    assert calm_world.api.handler(event, context)["statusCode"] == 200
    event["requestContext"]["http"]["method"] = "PUT"  # type: ignore[index]
    assert calm_world.api.handler(event, context)["headers"]["Allow"] == "GET"


@pytest.mark.requirement("OPS-5", "SEC-1")
def test_one_log_line_a_call_says_who_asked_for_what_without_personal_data(
    calm_world: World, logs: StringIO
) -> None:
    calm_world.call("GET", f"/connections/{UNKNOWN_CONNECTION}?limit=1", role="viewer")
    calm_world.call("GET", "/health")
    first, second = [json.loads(line) for line in logs.getvalue().splitlines()]
    expected = {
        "message": "answered",
        "request_id": "lambda-id",
        "route": "GET /connections/<connection_id>",
        "tenant": "demo",
        "role": "viewer",
        "subject": "3f6c",
        "connection_id": UNKNOWN_CONNECTION,
        "status": 400,
    }
    assert {name: first[name] for name in expected} == expected
    assert "viewer@demo.example" not in logs.getvalue()
    assert "connection_id" not in second, "nothing is left over from the call before"


@pytest.mark.requirement("TRG-4")
def test_very_many_wrong_fields_are_answered_in_short(calm_world: World) -> None:
    """(security F6) 200 kB of unknown fields were answered with 5.8 MB, more than Lambda can send."""
    body = {f"f{number}": 1 for number in range(12_000)}
    for path, sent in (
        ("/connections", body),
        ("/connections", {"name": "x", "kind": "simployer_xledger", "settings": body}),
        ("/connections", {"x" * 100_000: 1}),
    ):
        answer = calm_world.call("POST", path, sent)
        assert answer.status == 422
        assert len(answer.text) < 100_000
        assert len(answer.json["errors"]) <= 100
        assert max(len(error["field"]) for error in answer.json["errors"]) <= 200
    many = calm_world.call("POST", "/connections", body)
    assert "and 11,903 more" in many.json["detail"]


UNUSABLE = ["%2e%2e", "%2e", "..", "%2E%2e", "%00", "a%0a", "%7f", "a%2f..%2fb", "..%5cx"]


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize("named", UNUSABLE)
def test_what_can_not_be_an_id_is_not_there_on_any_route(calm_world: World, named: str) -> None:
    """(security F1) `..` was a 500: a bare ValueError where a path is built."""
    for method, path in ids_in_paths():
        body = None if method in ("GET", "DELETE") else {}
        answer = calm_world.call(method, re.sub(r"\{\w+\}", named, path), body)
        assert answer.status in (404, 405), f"{method} {path}"


def ids_in_paths() -> list[tuple[str, str]]:
    """Every operation of the document with an id in its path."""
    paths = contract.document()["paths"].items()
    verbs = ("get", "post", "put", "patch", "delete")
    return [
        (verb.upper(), path)
        for path, item in paths
        if "{" in path
        for verb in verbs
        if verb in item and not path.startswith("/hooks")
    ]


@pytest.mark.requirement("TRG-4")
def test_what_can_not_be_an_id_is_no_option_and_no_key(calm_world: World) -> None:
    """(security F1)"""
    connection_id = calm_world.create()
    where = f"/connections/{connection_id}"
    order = {"flow": "employee_export", "options": {"employees": ["1042", ".."]}}
    answer = calm_world.call("POST", f"{where}/runs", order)
    assert (answer.status, list(answer.fields)) == (422, ["options.employees.1"])
    for query in ("diagnosis?entity=employee&key=..", "history?entity=employee&key=%2e"):
        assert calm_world.call("GET", f"{where}/{query}").status == 400
