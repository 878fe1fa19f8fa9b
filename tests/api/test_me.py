"""Who is calling, and where there is something of their own (TRG-4, LB-12, REP-2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.runtime.ids import connection_id
from tests.worlds.api import World, claims_of, token_of
from tests.worlds.in_memory import made_world

pytestmark = pytest.mark.requirement("TRG-4")

KINDS = ("attache_express_leave", "simployer_xledger", "synergy_payroll_plus", "autovu_accounting")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A tenant with a connection of several kinds each, and one that is not connected."""
    with made_world() as made:
        for kind in (*KINDS, "not_connected"):
            status = ConnectionStatus.CONNECTED
            if kind == "not_connected":
                kind, status = KINDS[0], ConnectionStatus.NOT_CONNECTED  # noqa: PLW2901
            now = made.container.engine.stamp()
            made.container.ledger.connections.create(
                Connection("demo", connection_id(), kind, kind, {}, status, created_at=now, updated_at=now)
            )
        yield made


def me(world: World, role: str = "viewer", tenant: str = "demo", **claims: Any) -> Any:
    token = f"Bearer {token_of(claims_of(role, tenant, **claims))}"
    answer = world.call("GET", "/me", token=token)
    assert answer.status == 200, answer.text
    return answer.json


@pytest.mark.requirement("LB-12", "REP-2")
@pytest.mark.parametrize("role", ["employee", "viewer", "operator", "admin"])
def test_everybody_is_told_who_they_are_and_where_something_of_theirs_is(world: World, role: str) -> None:
    found = me(world, role)
    assert {name: found[name] for name in ("subject", "tenant", "role", "roles", "email")} == {
        "subject": f"{role}@demo.example",
        "tenant": "demo",
        "role": role,
        "roles": [role],
        "email": f"{role}@demo.example",
    }
    assert {one["kind"]: one["offers"] for one in found["connections"]} == {
        "attache_express_leave": ["balances"],
        "synergy_payroll_plus": ["payroll_report"],
    }
    assert all(one.keys() == {"connection_id", "name", "kind", "offers"} for one in found["connections"])
    assert len(found["connections"]) == 2, "one that is not connected offers nothing"


def test_an_employee_of_the_office_is_both(world: World) -> None:
    found = me(world, **{"cognito:groups": ["employee", "operator"]})
    assert (found["role"], found["roles"]) == ("operator", ["operator", "employee"])


def test_without_a_verified_e_mail_nothing_is_somebodys_own(world: World) -> None:
    found = me(world, email_verified=False, **{"cognito:username": "ada"})
    assert (found["subject"], found["email"], found["connections"]) == ("ada", None, [])


@pytest.mark.requirement("CON-4")
def test_nothing_of_another_tenant_is_offered(world: World) -> None:
    assert me(world, tenant="other")["connections"] == []


@pytest.mark.requirement("CON-5")
def test_somebody_of_the_service_is_of_no_tenant(world: World) -> None:
    claims = claims_of("service")
    del claims["custom:tenant"]
    answer = world.call("GET", "/me", token=f"Bearer {token_of(claims)}")
    assert answer.json == {
        "subject": "service@demo.example",
        "tenant": None,
        "role": "service",
        "roles": ["service"],
        "email": None,
        "connections": [],
    }


def test_an_app_has_nothing_of_its_own(world: World) -> None:
    made = world.call("POST", "/apps", {"name": "Portal", "role": "viewer"}).json
    found = world.call("GET", "/me", token=f"Bearer {made['key']}").json
    assert (found["subject"], found["role"], found["connections"]) == ("App: Portal", "viewer", [])
