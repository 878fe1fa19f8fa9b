"""What is refused of apps and of their keys: wrong roles and bodies, and keys that nobody holds (aws 11)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from payrelay.runtime.api_keys import new_key
from payrelay.runtime.identity import ROLES, Role
from tests.worlds.api import World, claims_of, token_of
from tests.worlds.in_memory import made_world

pytestmark = pytest.mark.requirement("TRG-4")

UNKNOWN_APP = "app_01JD9Z0000000000000000000A"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One world for all: what is refused leaves no trace."""
    with made_world() as made:
        yield made


@pytest.fixture(scope="module")
def revoked(world: World) -> str:
    """A key that was revoked."""
    made = [world.call("POST", "/apps", {"name": "Payday", "role": "admin"}).json for _ in range(2)]
    assert world.call("DELETE", f"/apps/{made[0]['app_id']}").status == 204
    return str(made[0]["key"])


@pytest.mark.parametrize("role", [*ROLES, Role.NONE.label, Role.SERVICE.label])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/apps", None),
        ("POST", "/apps", {"name": "x", "role": "viewer"}),
        ("DELETE", f"/apps/{UNKNOWN_APP}", None),
    ],
)
def test_only_an_admin_manages_apps(world: World, method: str, path: str, body: Any, role: str) -> None:
    claims = claims_of(role)
    if role == Role.SERVICE.label:
        del claims["custom:tenant"]
    answer = world.call(method, path, body, token=f"Bearer {token_of(claims)}")
    assert (answer.status != 403) == (role == "admin")


WRONG = [
    ({"role": "viewer"}, "name", "is required"),
    ({"name": "x"}, "role", "is required"),
    ({"name": "", "role": "viewer"}, "name", "1 to 100"),
    ({"name": "  ", "role": "viewer"}, "name", "1 to 100"),
    ({"name": "x" * 101, "role": "viewer"}, "name", "1 to 100"),
    ({"name": ["x"], "role": "viewer"}, "name", "1 to 100"),
    ({"name": None, "role": "viewer"}, "name", "1 to 100"),
    ({"name": "a\nb", "role": "viewer"}, "name", "visible"),
    ({"name": "Pay\u200bday", "role": "viewer"}, "name", "visible"),
    ({"name": "\u202eyadyaP", "role": "viewer"}, "name", "visible"),
    ({"name": f"old {new_key().reveal()}", "role": "viewer"}, "name", "no key in it"),
    ({"name": "x", "role": "employee"}, "role", "only people are employee"),
    ({"name": "x", "role": "service"}, "role", "only people are service"),
    ({"name": "x", "role": "Admin"}, "role", "must be one of: viewer, operator, admin"),
    ({"name": "x", "role": "none"}, "role", "must be one of: viewer, operator, admin"),
    ({"name": "x", "role": ""}, "role", "must be one of"),
    ({"name": "x", "role": None}, "role", "must be one of"),
    ({"name": "x", "role": ["admin"]}, "role", "must be one of"),
    ({"name": "x", "role": "viewer", "tenant": "other"}, "tenant", "is not known"),
    ({"name": "x", "role": "viewer", "key": "prk_mine"}, "key", "is not known"),
]


@pytest.mark.parametrize(("body", "field", "says"), WRONG)
def test_a_mistake_is_named_by_its_field_and_makes_no_app(
    world: World, body: dict[str, Any], field: str, says: str
) -> None:
    before = world.call("GET", "/apps").text
    answer = world.call("POST", "/apps", body)
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert says in answer.fields[field]
    assert world.call("GET", "/apps").text == before


def wrong_keys(good: str) -> dict[str, str]:
    return {
        "never made": new_key().reveal(),
        "cut short": good[:-1],
        "with more": f"{good}A",
        "in capitals": good.upper().replace("PRK_", "prk_"),
        "the last letter changed": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "the prefix alone": "prk_",
        "its hash": f"prk_{hashlib.sha256(good.encode()).hexdigest()}",
        "two of them": f"{good},Bearer {good}",
        "with a word after it": f"{good} {good}",
        "with signs of no key": "prk_#TENANT#demo#APPS",
        "not in ASCII": "prk_é\udcff",
        "very long": "prk_" + "A" * 9000,
    }


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize("kind", ["revoked", *wrong_keys("prk_x")])
def test_whatever_is_wrong_with_a_key_the_answer_is_the_same(world: World, revoked: str, kind: str) -> None:
    """No oracle: nobody learns whether a key ever was, or how near it is to one."""
    answer = world.call("GET", "/connections", token=f"Bearer {wrong_keys(revoked).get(kind, revoked)}")
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
    assert answer.json["detail"] == "The token is not accepted: no app has this key."
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="payrelay", error="invalid_token", error_description="no app has this key"'
    )


def test_every_wrong_key_costs_one_read_and_no_write(world: World, revoked: str) -> None:
    for wrong in wrong_keys(revoked).values():
        world.memory.table.calls.clear()
        world.call("GET", "/connections", token=f"Bearer {wrong}")
        assert dict(world.memory.table.calls) == {"GetItem": 1}
