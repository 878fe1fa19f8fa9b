"""Connections: create, read, list, change, delete; credentials stay where they belong (CON-1, CON-3)."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest

from payrelay.domain.runs import ConnectionStatus
from tests.worlds.api import BODY, CREDENTIALS, World, flat, secrets_stored
from tests.worlds.aws import client
from tests.worlds.structs import replace

PLANTS = [value for fields in CREDENTIALS.values() for value in fields.values()]


@pytest.mark.requirement("CON-1")
def test_a_connection_is_created_not_connected_with_its_defaults_filled_in(world: World) -> None:
    made = world.call("POST", "/connections", {**BODY, "name": "  Nordlys Energi "})
    assert made.status == 201
    connection = made.json
    assert made.headers["Location"] == f"/connections/{connection['connection_id']}"
    assert connection["name"] == "Nordlys Energi"
    assert connection["status"] == "not_connected"
    assert connection["reason"] is None
    assert connection["flows"] == ["employee_export", "time_off_export"]
    assert connection["settings"]["selection"]["require"] == ["email", "hire_date", "job_title"]
    assert connection["settings"]["brake"] == {"people": 5, "share": "0.10"}
    assert connection["sides"]["employee_export"] == {
        "source": "Simployer One",
        "target": "Xledger",
        "entities": ["employee"],
    }
    assert connection["standings"]["employee_export"] == {
        "last_run_id": None,
        "last_status": None,
        "last_finished_at": None,
        "agreed_at": None,
        "next_run_at": None,
        "next_run_problem": None,
        "missed_at": None,
        "missed_reason": None,
        "recent": [],
        "waiting": None,
        "running": None,
    }
    read = world.call("GET", f"/connections/{connection['connection_id']}", role="viewer")
    assert (read.status, read.json) == (200, connection)


@pytest.mark.requirement("CON-1")
def test_a_setting_that_is_switched_off_with_null_stays_off(world: World) -> None:
    given = {"custom_fields": {"trial_to": None}}
    made = world.call("POST", "/connections", {**BODY, "settings": given})
    where = f"/connections/{made.json['connection_id']}"
    world.call("PATCH", where, {"name": "Renamed"})
    read = world.call("GET", where).json
    assert read["name"] == "Renamed"
    assert read["settings"]["custom_fields"] == {"trial_to": None, "exit_reason": "exitReason"}


@pytest.mark.requirement("CON-3", "SEC-1")
def test_credentials_are_in_secrets_manager_and_in_no_answer_item_or_log(
    world: World, logs: StringIO
) -> None:
    connection_id = world.create()
    answers = [
        world.call("GET", f"/connections/{connection_id}").text,
        world.call("GET", "/connections").text,
        world.call("PATCH", f"/connections/{connection_id}", {"credentials": CREDENTIALS}).text,
        world.call("POST", "/connections", {**BODY, "kind": "wrong"}).text,
        world.call("POST", "/connections", {**BODY, "credentials": {"simployer": {"token": PLANTS[0]}}}).text,
        world.call("POST", "/connections", raw='{"credentials": "' + PLANTS[0] + '", }').text,
    ]
    everything = str(world.stored()) + "".join(answers) + logs.getvalue()
    assert not [plant for plant in PLANTS if plant in everything]
    (stored,) = secrets_stored().items()
    assert stored[0] == f"payrelay-connections/simployer_xledger/demo/{connection_id}"
    assert {name: stored[1][name] for name in CREDENTIALS} == CREDENTIALS
    assert len(stored[1]["fingerprint_key"]) == 64


@pytest.mark.requirement("SEC-3")
def test_loopback_is_an_address_in_the_local_stack_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = replace(world.container.settings, local_endpoint="http://127.0.0.1:4566")
    monkeypatch.setattr(world.container, "settings", local)
    settings = {"simployer": {"base_url": "http://127.0.0.1:4700/simployer/"}}
    answer = world.call("POST", "/connections", {**BODY, "settings": settings})
    assert answer.json["settings"]["simployer"]["base_url"] == "http://127.0.0.1:4700/simployer"


@pytest.mark.requirement("SEC-3")
def test_an_address_can_not_be_changed_to_another_host_either(world: World) -> None:
    connection_id = world.create()
    change = {"settings": {"xledger": {"base_url": "https://evil.example"}}}
    answer = world.call("PATCH", f"/connections/{connection_id}", change)
    assert answer.status == 422
    assert "www.xledger.net" in answer.fields["settings.xledger.base_url"]


@pytest.mark.requirement("CON-1")
def test_a_change_replaces_what_it_names_and_keeps_the_rest(world: World) -> None:
    connection_id = world.create(settings={"retention_days": 30, "selection": {"active_only": False}})
    answer = world.call(
        "PATCH",
        f"/connections/{connection_id}",
        {"name": "Nordlys 2", "settings": {"selection": {"full_rate_only": False}}},
    )
    assert answer.status == 200
    assert answer.json["name"] == "Nordlys 2"
    assert answer.json["settings"]["retention_days"] == 30
    assert answer.json["settings"]["selection"]["full_rate_only"] is False
    assert answer.json["settings"]["selection"]["active_only"] is True
    assert world.call("GET", f"/connections/{connection_id}").json == answer.json


@pytest.mark.requirement("CON-1", "CON-3")
def test_new_credentials_replace_those_of_their_system_only(world: World) -> None:
    connection_id = world.create()
    changed = {"credentials": {"xledger": {"api_token": "newer"}}}
    assert world.call("PATCH", f"/connections/{connection_id}", changed).status == 200
    (stored,) = secrets_stored().values()
    assert stored["xledger"] == {"api_token": "newer"}
    assert stored["simployer"] == CREDENTIALS["simployer"]


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"kind": "simployer_xledger"}, "kind"),
        ({"name": None}, "name"),
        ({"settings": {"nope": 1}}, "settings.nope"),
        ({"credentials": {"xledger": {}}}, "credentials.xledger.api_token"),
    ],
)
def test_a_wrong_change_is_answered_with_the_field_and_changes_nothing(
    world: World, body: dict[str, Any], field: str
) -> None:
    connection_id = world.create()
    before = world.call("GET", f"/connections/{connection_id}").json
    answer = world.call("PATCH", f"/connections/{connection_id}", {"name": "Other", **body} if body else body)
    assert answer.status == 422
    assert field in answer.fields
    assert world.call("GET", f"/connections/{connection_id}").json == before


@pytest.mark.requirement("CON-1")
def test_two_changes_at_once_do_not_overwrite_each_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id = world.create()
    stale = world.connection(connection_id)
    world.call("PATCH", f"/connections/{connection_id}", {"name": "First"})
    monkeypatch.setattr(type(world.container.ledger.connections), "get", lambda *_: stale)
    answer = world.call("PATCH", f"/connections/{connection_id}", {"name": "Second"})
    assert (answer.status, answer.code) == (409, "CONFLICT")
    monkeypatch.undo()


@pytest.mark.requirement("CON-1")
def test_connections_are_listed_page_by_page(world: World) -> None:
    made = [world.create(name=f"Connection {number}") for number in range(5)]
    world.create("other")
    first = world.call("GET", "/connections?limit=2", role="viewer").json
    second = world.call("GET", f"/connections?limit=2&cursor={first['next_cursor']}").json
    third = world.call("GET", f"/connections?limit=2&cursor={second['next_cursor']}").json
    pages = [[item["connection_id"] for item in page["items"]] for page in (first, second, third)]
    assert flat(pages) == sorted(made)
    assert third["next_cursor"] is None


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize("status", [ConnectionStatus.CONNECTED, ConnectionStatus.ATTENTION])
def test_deleting_needs_the_connection_disconnected(world: World, status: ConnectionStatus) -> None:
    connection_id = world.create()
    world.set_status(connection_id, status)
    answer = world.call("DELETE", f"/connections/{connection_id}")
    assert (answer.status, answer.code) == (409, "STILL_CONNECTED")
    assert "disconnect" in answer.json["remedy"]
    assert world.call("GET", f"/connections/{connection_id}").status == 200


@pytest.mark.requirement("CON-1", "CON-3")
def test_a_deleted_connection_leaves_no_schedule_and_no_secret(world: World) -> None:
    connection_id = world.create()
    schedule = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}
    assert (
        world.call("PUT", f"/connections/{connection_id}/schedules/employee_export", schedule).status == 200
    )
    answer = world.call("DELETE", f"/connections/{connection_id}")
    assert (answer.status, answer.text) == (204, "")
    assert world.call("GET", f"/connections/{connection_id}").status == 404
    assert world.call("DELETE", f"/connections/{connection_id}").status == 404
    assert client("scheduler").list_schedules(GroupName="payrelay")["Schedules"] == []
    assert secrets_stored() == {}


@pytest.mark.requirement("CON-1")
def test_a_page_has_fifty_connections_whatever_is_asked_for(world: World) -> None:
    """Each tells the last 30 runs of all its flows: 200 would be 12 MB, and Lambda answers 6 at most."""
    first = world.connection(world.create())
    for number in range(50):
        world.container.ledger.connections.create(replace(first, connection_id=f"con_{number:026d}"))
    assert [len(page) for page in world.pages("/connections?limit=200", "connection_id")] == [50, 1]


@pytest.mark.requirement("CON-1")
def test_fifty_connections_are_listed_by_few_calls(world: World) -> None:
    """However many there are: their standings, leases and schedules are read a hundred items at a time."""
    one = world.connection(world.connected())
    for number in range(2, 51):
        again = replace(one, connection_id=f"con_{number:026d}", version=1)
        world.container.ledger.connections.create(again)
    run_id = world.start(one.connection_id)
    world.memory.table.calls.clear()
    listed = world.call("GET", "/connections?limit=200").json["items"]
    assert len(listed) == 50
    # Two flows each, and four items of a flow; the run in progress is read with its parts and its lease.
    assert world.memory.table.calls["BatchGetItem"] == 4
    assert world.memory.table.calls.total() <= 4 + 6
    (told,) = (view for view in listed if view["connection_id"] == one.connection_id)
    assert told == world.call("GET", f"/connections/{one.connection_id}").json
    assert told["standings"]["employee_export"]["running"]["run_id"] == run_id


def test_a_long_answer_is_compressed_for_whoever_takes_that(world: World) -> None:
    for _ in range(3):
        world.create()
    plain = world.call("GET", "/connections")
    assert "Content-Encoding" not in plain.headers
    assert (
        "Content-Encoding"
        not in world.call("GET", "/connections", headers={"accept-encoding": "br, gzip;q=0"}).headers
    )
    packed = world.call("GET", "/connections", headers={"accept-encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert (packed.headers["Vary"], plain.headers["Vary"]) == ("Accept-Encoding", "Accept-Encoding")
    assert packed.json == plain.json
    short = world.call("GET", "/me", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in short.headers
