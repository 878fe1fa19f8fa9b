"""Who may do what: roles, and the wall between tenants (TRG-4, CON-4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from payrelay.runtime.identity import ROLES, Role
from tests.worlds.api import World
from tests.worlds.aws import letters_in_moto
from tests.worlds.in_memory import made_world

SCHEDULE = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}


@dataclass
class Scene:
    """A tenant with a connection, a schedule and a finished run."""

    world: World
    connection_id: str
    run_id: str

    def path(self, pattern: str) -> str:
        names = {
            "connection_id": self.connection_id,
            "run_id": self.run_id,
            "flow": "employee_export",
            "customer_id": "a-11",
        }
        for name, value in names.items():
            pattern = pattern.replace(f"<{name}>", value)
        return pattern


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """Every test here is refused, so that one scene serves them all."""
    with made_world() as world, letters_in_moto():
        connection_id = world.connected()
        run_id = world.finished(connection_id)
        path = f"/connections/{connection_id}/schedules/employee_export"
        assert world.call("PUT", path, SCHEDULE).status == 200
        yield Scene(world, connection_id, run_id)


def routes(needed: Role) -> list[tuple[str, str]]:
    from tests.worlds.api import load

    return [(row.method, row.path) for row in load("api", "api").ROUTES if row.role >= needed]


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(("method", "pattern"), routes(Role.EMPLOYEE))
def test_a_role_below_the_one_that_a_route_needs_is_refused_by_its_name(
    scene: Scene, method: str, pattern: str
) -> None:
    needed = next(r.role for r in scene.world.api.ROUTES if (r.method, r.path) == (method, pattern))
    for role in (Role.NONE, *ROLES.values()):
        if role < needed:
            answer = scene.world.call(method, scene.path(pattern), {}, role=role.label)
            assert (answer.status, answer.code) == (403, "FORBIDDEN")
            assert f"role {needed.label}" in answer.json["detail"]


@pytest.mark.requirement("TRG-4")
@pytest.mark.parametrize(("method", "pattern"), routes(Role.EMPLOYEE))
def test_without_a_token_nothing_but_health_answers(scene: Scene, method: str, pattern: str) -> None:
    answer = scene.world.call(method, scene.path(pattern), {}, token="")
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="payrelay"'


@pytest.mark.requirement("CON-4")
@pytest.mark.parametrize(("method", "pattern"), [route for route in routes(Role.EMPLOYEE) if "<" in route[1]])
def test_another_tenants_ids_are_answered_exactly_as_unknown_ones(
    scene: Scene, method: str, pattern: str
) -> None:
    before = scene.world.stored()
    foreign = scene.world.call(method, scene.path(pattern), {}, tenant="other")
    unknown = Scene(scene.world, "con_01JD9Z0000000000000000000A", "run_01JD9Z0000000000000000000A")
    none = scene.world.call(method, unknown.path(pattern), {}, tenant="other")
    assert foreign.status == 404
    assert (foreign.status, foreign.text) == (none.status, none.text)
    assert scene.world.stored() == before


@pytest.mark.requirement("CON-4")
@pytest.mark.parametrize("path", ["/connections", "/runs", "/runs?connection_id={}", "/failures"])
def test_another_tenants_lists_are_empty(scene: Scene, path: str) -> None:
    mine = scene.world.call("GET", path.format(scene.connection_id))
    theirs = scene.world.call("GET", path.format(scene.connection_id), tenant="other")
    assert mine.json["items"]
    assert theirs.json["items"] == []
    assert theirs.json.get("groups", []) == []


@pytest.mark.requirement("CON-4")
def test_a_cursor_of_one_tenant_leads_another_to_nothing(scene: Scene) -> None:
    scene.world.create(name="Second")
    cursor = scene.world.call("GET", "/connections?limit=1").json["next_cursor"]
    answer = scene.world.call("GET", f"/connections?cursor={cursor}", tenant="other")
    assert answer.json == {"items": [], "next_cursor": None}
