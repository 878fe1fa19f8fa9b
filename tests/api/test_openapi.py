"""The OpenAPI document is the API's one source of truth: it agrees with the code, and with itself (TRG-4).

Every answer that any test of this folder gets is held against the document as well, see `world.World.call`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from payrelay.domain.invoices import Kind as DocumentKind
from payrelay.domain.invoices import Side
from payrelay.domain.records import Outcome, Risk
from payrelay.domain.runs import ConnectionStatus, Mode, Status, Trigger
from payrelay.domain.schedules import DAYS
from payrelay.flows.catalog import KINDS
from payrelay.flows.reasons import every_reason
from payrelay.flows.settings import model
from payrelay.runtime.identity import Role
from payrelay.runtime.problems import PROBLEMS
from payrelay.systems.registry import SYSTEMS
from tests.worlds.api import FUNCTIONS, load
from tests.worlds.contract import at, document, escaped, mistakes

SCHEMAS = document()["components"]["schemas"]
GATEWAY_ONLY = {"429"}
TEMPLATE = Path(__file__).parents[2] / "template.yaml"
FLOWS = {flow: row for kind in KINDS.values() for flow, row in kind.flows.items()}
# Below it senders sign instead of showing a token, and another function than the API's answers.
HOOKS = "/hooks/"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


@pytest.mark.requirement("TRG-4")
def test_the_document_is_valid() -> None:
    validate(document())


@pytest.mark.requirement("TRG-4")
def test_the_routes_of_the_api_are_those_of_the_document_with_the_same_roles() -> None:
    routes = {
        (row.method, row.path.replace("<", "{").replace(">", "}"), row.role)
        for row in load("api", "api").ROUTES
    }
    described = {
        (method, path, Role[operation.get("x-role", "none").upper()])
        for method, path, operation in operations()
        if not path.startswith(HOOKS)
    }
    assert routes == described
    by_themselves = {
        (method, path)
        for method, path, operation in operations()
        if operation.get("x-service") or operation.get("x-role") == "service"
    }
    assert {(row.method, row.path) for row in load("api", "api").ROUTES if not row.in_tenant} == by_themselves
    for _, path, operation in operations():
        open_to_all = path == "/health" or path.startswith(HOOKS)
        assert (operation.get("security") == []) == open_to_all, f"{path}: every other call needs a token"


@pytest.mark.requirement("TRG-4")
def test_the_hooks_of_the_document_are_those_that_have_a_route_of_their_own() -> None:
    template = TEMPLATE.read_text(encoding="utf-8")
    found = re.findall(r"RouteKey: (\w+) (/\S+)", template)
    # The console's are pages, and no calls.
    routes = {(method, path) for method, path in found if path.split("/")[1] != "console"}
    assert routes == {(method, path) for method, path, _ in operations() if path.startswith(HOOKS)}


@pytest.mark.requirement("TRG-4")
def test_every_route_has_a_function_that_answers_it() -> None:
    api = load("api", "api")
    handlers = [api.handler_of(row) for row in api.ROUTES]
    assert all(callable(handler) for handler in handlers)
    assert len(set(handlers)) == len(api.ROUTES)


@pytest.mark.requirement("TRG-4")
def test_the_cold_start_imports_no_room_and_nothing_slow() -> None:
    code = "import sys, api; print(*sorted({name.split('.')[0] for name in sys.modules}), *sys.modules)"
    path = f"{FUNCTIONS / 'api'}:{FUNCTIONS.parent / 'layers' / 'payrelay'}"
    environment = {"PYTHONPATH": path, "PATH": "/usr/bin:/bin"}
    output = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    loaded = set(output.stdout.split())
    slow = {"pydantic", "requests", "jwt", "cryptography", "zoneinfo", "payrelay.systems.http.door"}
    assert not loaded & slow
    assert not [name for name in loaded if name.startswith("api_") and name not in ("call", "query")]


@pytest.mark.requirement("TRG-4")
def test_codes_of_problems_are_those_that_the_code_raises_with_their_status() -> None:
    assert SCHEMAS["Problem"]["properties"]["code"]["enum"] == list(PROBLEMS)
    used = set()
    for name, response in document()["components"]["responses"].items():
        if "application/problem+json" in response["content"]:
            narrowed = response["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]
            codes = narrowed["code"]["enum"]
            used |= set(codes)
            assert {PROBLEMS[code][0] for code in codes} == {narrowed["status"]["const"]}, name
    assert used == set(PROBLEMS)


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(("method", "path", "operation"), list(operations()))
def test_every_operation_says_what_may_go_wrong(method: str, path: str, operation: dict[str, Any]) -> None:
    needed = {"429", "500"}
    if path.startswith(HOOKS):
        needed |= {"400", "401", "404", "409", "413"}
    elif path != "/health":
        needed |= {"400", "401", "403", "405", "503"}
        needed |= {"404"} if "{" in path else set()
        needed |= {"413", "415", "422"} if "requestBody" in operation else set()
    else:
        needed |= {"405"}
    assert needed <= operation["responses"].keys(), f"{method} {path}"
    for status in operation["responses"]:
        pointer = f"/paths/{escaped(path)}/{method.lower()}/responses/{status}"
        content = at(pointer)[1].get("content", {})
        # A diagnosis may have used up its share, which is no word of the gateway's.
        is_problem = status >= "400" and (status not in GATEWAY_ONLY or path.endswith("/diagnosis"))
        assert ("application/problem+json" in content) == is_problem, f"{method} {path} {status}"


def examples() -> Iterator[tuple[str, str]]:
    """(pointer of the schema, pointer of the example) of everything in the document."""
    for name, response in document()["components"]["responses"].items():
        for media in response["content"]:
            where = f"/components/responses/{name}/content/{escaped(media)}"
            yield f"{where}/schema", f"{where}/example"
    for method, path, operation in operations():
        start = f"/paths/{escaped(path)}/{method.lower()}"
        places = [f"{start}/responses/{status}" for status in operation["responses"] if status < "400"]
        places += [f"{start}/requestBody"] if "requestBody" in operation else []
        for place in places:
            content = at(place)[1].get("content")
            if content:
                where = f"{place}/content/application~1json"
                named = content["application/json"]["examples"]
                yield from ((f"{where}/schema", f"{where}/examples/{name}") for name in named)


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(("schema", "example"), list(examples()))
def test_every_example_is_an_example_of_its_schema(schema: str, example: str) -> None:
    found = at(example)[1]
    value = found["value"] if "/components/examples/" in at(example)[0] else found
    assert mistakes(schema, value) == []


@pytest.mark.requirement("TRG-4")
def test_every_success_and_every_body_has_an_example_and_every_example_is_used() -> None:
    used = {at(example)[0] for _, example in examples()}
    assert {f"/components/examples/{name}" for name in document()["components"]["examples"]} <= used


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ("Kind", KINDS),
        ("Flow", FLOWS),
        ("Entity", dict.fromkeys(entity for row in FLOWS.values() for entity in row.entities)),
        ("Side", Side),
        ("ConnectionStatus", ConnectionStatus),
        ("RunStatus", Status),
        ("Mode", Mode),
        ("Trigger", Trigger),
        ("Outcome", Outcome),
        ("ReasonCode", every_reason()),
        ("Day", DAYS),
    ],
)
def test_enumerations_are_those_of_the_code(schema: str, values: Any) -> None:
    assert sorted(SCHEMAS[schema]["enum"]) == sorted(str(value) for value in values)


@pytest.mark.requirement("TRG-4", "RUN-6")
def test_a_history_has_the_entities_of_the_records_and_of_account_links() -> None:
    by_hand = [entity for row in FLOWS.values() for entity in row.by_hand]
    assert SCHEMAS["EntityOfHistory"]["enum"] == [*SCHEMAS["Entity"]["enum"], *by_hand]


@pytest.mark.requirement("TRG-4", "IN-1")
def test_kinds_of_documents_are_those_of_the_code() -> None:
    assert SCHEMAS["KindOfDocument"]["enum"] == [kind.value for kind in DocumentKind]


@pytest.mark.requirement("TRG-4")
def test_risks_of_a_held_run_are_those_of_the_brake() -> None:
    assert SCHEMAS["Risk"]["enum"] == [risk.value for risk in Risk]


def plain(node: Any) -> Any:
    """pydantic's schema as the document writes it: no titles, null as a type."""
    if isinstance(node, list):
        return [plain(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    found = {
        key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else plain(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
    }
    options = [option for option in found.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        del found["anyOf"]
        found = {**options[0], **found, "type": [options[0]["type"], "null"]}
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found


def without_narrowing(node: Any) -> Any:
    """A schema of the document without what pydantic's schema can't say."""
    if isinstance(node, list):
        return [without_narrowing(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    only_here = ("pattern", "allOf", "examples")
    return {key: without_narrowing(value) for key, value in node.items() if key not in only_here}


def models() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every settings and options model of every kind, by its name in the document."""
    for kind in KINDS.values():
        schema = model(kind.settings).model_json_schema()
        yield from schema.pop("$defs", {}).items()
        yield f"{camel(kind.name)}Settings", schema
        for row in kind.flows.values():
            options = model(row.options)
            yield options.__name__, options.model_json_schema()


def camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@pytest.mark.requirement("CON-1", "TRG-4")
@pytest.mark.parametrize(("name", "schema"), list(models()))
def test_settings_and_options_are_described_as_their_models_check_them(
    name: str, schema: dict[str, Any]
) -> None:
    assert without_narrowing(SCHEMAS[name]) == without_narrowing(plain(schema))


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize("kind", KINDS)
def test_a_new_connection_of_each_kind_is_described_with_its_credentials(kind: str) -> None:
    described = SCHEMAS[f"New{camel(kind)}"]["properties"]
    assert described["kind"] == {"const": kind}
    systems, packages = KINDS[kind].systems, (*KINDS[kind].packages, *KINDS[kind].chosen)
    credentials = described["credentials"]
    assert list(credentials["properties"]) == [*systems, *packages]
    assert credentials["required"] == list(systems)
    assert (
        credentials["properties"].items()
        <= SCHEMAS["ChangedConnection"]["properties"]["credentials"]["properties"].items()
    )
    for system in (*systems, *packages):
        fields = at(credentials["properties"][system]["$ref"].removeprefix("#"))[1]
        names = [row.name for row in SYSTEMS[system].credentials]
        assert list(fields["properties"]) == fields["required"] == names
    assert {"$ref": f"#/components/schemas/New{camel(kind)}"} in SCHEMAS["NewConnection"]["oneOf"]


PACKAGED = [(kind.name, package) for kind in KINDS.values() for package in kind.packages]


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize(("kind", "package"), PACKAGED)
def test_a_new_connection_has_the_credentials_of_exactly_its_package(kind: str, package: str) -> None:
    def entered(*systems: str) -> dict[str, Any]:
        return {name: {row.name: "x" for row in SYSTEMS[name].credentials} for name in systems}

    systems = KINDS[kind].systems
    addresses = {name: {"base_url": "http://127.0.0.1:4700"} for name in systems}
    body = {"name": "Books", "kind": kind, "settings": {"package": package, **addresses}}
    described = f"/components/schemas/New{camel(kind)}"
    assert mistakes(described, {**body, "credentials": entered(*systems, package)}) == []
    others = [name for name in KINDS[kind].packages if name != package]
    for wrong in ((), others[:1], (package, others[0]), others):
        assert mistakes(described, {**body, "credentials": entered(*systems, *wrong)}) != []
    nameless = {**body, "settings": addresses, "credentials": entered(*systems, package)}
    assert mistakes(described, nameless) != []


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].packages])
def test_every_setting_of_a_kind_that_requires_some_can_be_changed_alone(kind: str) -> None:
    changed = SCHEMAS[f"Changed{camel(kind)}Settings"]
    assert "required" not in changed
    assert list(changed["properties"]) == list(SCHEMAS[f"{camel(kind)}Settings"]["properties"])
    for name, described in changed["properties"].items():
        assert described == {"$ref": f"#/components/schemas/{camel(kind)}Settings/properties/{name}"}


@pytest.mark.requirement("TRG-4")
def test_each_flow_has_its_own_order() -> None:
    assert SCHEMAS["RunOrder"]["discriminator"]["mapping"].keys() == FLOWS.keys()
    for flow, row in FLOWS.items():
        order = at(SCHEMAS["RunOrder"]["discriminator"]["mapping"][flow].removeprefix("#"))[1]
        assert order["properties"]["flow"] == {"const": flow}
        assert order["properties"]["options"]["$ref"].endswith(f"/{model(row.options).__name__}")
        modes = at(order["properties"]["mode"]["$ref"].removeprefix("#"))[1]
        assert modes["enum"] == list(row.modes)
