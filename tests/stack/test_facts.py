"""What stack.json promises to the clients of a running stack."""

import json

import jwt
import pytest
import requests

from local.stack.stack import Stack

pytestmark = pytest.mark.stack


def test_clients_find_everything_that_they_were_promised(stack: Stack) -> None:
    facts = json.loads(stack.home.facts.read_text())
    promised = ["api_url", "aws_endpoint_url", "tokens", "hook_secret", "sandboxes", "connections", "console"]
    assert list(facts) == [*promised, "aws_region", "outputs"]
    of_demo = ["admin", "operator", "viewer", "employee"]
    assert list(facts["tokens"]) == [*of_demo, "other_tenant_admin", "service"]
    assert list(facts["console"]) == ["url", "people", "password"]
    assert list(facts["console"]["people"]) == list(facts["tokens"])
    assert not facts["api_url"].endswith("/")
    for url in facts["sandboxes"].values():
        assert requests.get(f"{url}/_sandbox/requests", timeout=10).status_code == 200


def test_each_token_names_its_tenant_and_its_role(stack: Stack) -> None:
    claims = {
        name: jwt.decode(token, options={"verify_signature": False})
        for name, token in stack.facts["tokens"].items()
    }
    assert {name: (told.get("custom:tenant"), told["cognito:groups"]) for name, told in claims.items()} == {
        "admin": ("demo", ["admin"]),
        "operator": ("demo", ["operator"]),
        "viewer": ("demo", ["viewer"]),
        "employee": ("demo", ["employee"]),
        "other_tenant_admin": ("other", ["admin"]),
        "service": (None, ["service"]),
    }
