"""Who changed a connection is kept and shown: when and which fields, never a value (CON-5; security F5)."""

from __future__ import annotations

from io import StringIO

import pytest

from tests.worlds.api import CREDENTIALS, World, flat

pytestmark = pytest.mark.requirement("CON-5")

WEEKLY = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}
LEAVE = {
    "name": "Acme",
    "kind": "attache_express_leave",
    "credentials": {
        "attache": {"client_id": "app", "client_secret": "plant-secret"},
        "express_leave": {"company_id": "c-9", "api_key": "plant-key"},
    },
}


def told(world: World, connection_id: str) -> list[tuple[str, list[str]]]:
    found = world.call("GET", f"/connections/{connection_id}/changes", role="viewer").json["items"]
    assert {(one["who"], one["role"]) for one in found} == {("admin@demo.example", "admin")}
    return [(one["act"], one["fields"]) for one in found]


def test_every_act_of_an_admin_is_kept_with_the_fields_and_no_value(world: World) -> None:
    connection_id = world.create(settings={"retention_days": 30})
    where = f"/connections/{connection_id}"
    change = {
        "name": "Renamed",
        "settings": {"retention_days": 31, "simployer": {"base_url": "https://api.sandbox.alexishr.com/v1"}},
        "credentials": {"simployer": CREDENTIALS["simployer"]},
    }
    assert world.call("PATCH", where, change).status == 200
    assert world.call("PUT", f"{where}/schedules/employee_export", WEEKLY).status == 200
    assert world.call("DELETE", f"{where}/schedules/employee_export").status == 204
    assert world.call("POST", f"{where}/disconnect").status == 200
    assert world.call("PATCH", where, {"name": "Renamed", "settings": {"nope": 1}}).status == 422
    assert told(world, connection_id) == [
        ("disconnected", []),
        ("schedule_deleted", ["schedules.employee_export"]),
        ("schedule_set", ["schedules.employee_export"]),
        (
            "changed",
            [
                "credentials.simployer.access_token",
                "name",
                "settings.retention_days",
                "settings.simployer.base_url",
            ],
        ),
        (
            "created",
            [
                "credentials.simployer.access_token",
                "credentials.xledger.api_token",
                "kind",
                "name",
                "settings.retention_days",
            ],
        ),
    ]
    assert world.call("DELETE", where).status == 204
    kept = [item for item in world.stored() if str(item["pk"]).endswith("CHANGES")]
    assert "deleted" in [item["act"] for item in kept], "who deleted it is kept, too"
    assert "plant-" not in str(kept)


def test_a_secret_of_the_login_hook_is_told_of_and_not_told(world: World) -> None:
    connection_id = world.create(**LEAVE)
    made = world.call("POST", f"/connections/{connection_id}/hook-secret", {})
    assert told(world, connection_id)[0] == ("hook_secret_made", ["hook_secret"])
    answer = world.call("GET", f"/connections/{connection_id}/changes")
    assert made.json["secret"] not in answer.text


def test_changes_are_paged_and_those_of_one_tenant(world: World) -> None:
    connection_id = world.create()
    for number in range(4):
        world.call("PATCH", f"/connections/{connection_id}", {"name": f"Name {number}"})
    pages = world.pages(f"/connections/{connection_id}/changes?limit=2", "act")
    assert [len(one) for one in pages] == [2, 2, 1]
    assert flat(pages)[-1] == "created"
    answer = world.call("GET", f"/connections/{connection_id}/changes", tenant="other")
    assert answer.status == 404


@pytest.mark.requirement("OPS-5")
def test_every_line_of_a_call_says_who_called(world: World, logs: StringIO) -> None:
    world.call("GET", "/connections", role="viewer")
    world.call("GET", "/health")
    first, second = logs.getvalue().strip().splitlines()[-2:]
    assert '"subject":"3f6c"' in first, "the issuer's id of the caller: no e-mail stands in logs"
    assert '"subject"' not in second, "nor does the next call inherit it"
