"""API keys of apps: made by admins, shown once, revoked at once, and kept as a hash alone (aws 11)."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from botocore.exceptions import ClientError

from payrelay.ledger.apps import MOST_APPS
from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.table import ConditionFailed
from payrelay.runtime.identity import ROLES
from tests.worlds.api import Reply, World, flat
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("TRG-4")

UNKNOWN_APP = "app_01JD9Z0000000000000000000A"
ROLES_OF_APPS = ("viewer", "operator", "admin")


def make(world: World, role: str = "operator", name: str = "Payday", tenant: str = "demo") -> dict[str, Any]:
    """An app, with its key."""
    answer = world.call("POST", "/apps", {"name": name, "role": role}, tenant=tenant)
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def ask(world: World, key: str, method: str = "GET", path: str = "/connections", body: Any = None) -> Reply:
    return world.call(method, path, body, token=f"Bearer {key}")


def listed(world: World, tenant: str = "demo") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.call("GET", "/apps", tenant=tenant).json["items"]
    return found


def later(world: World, patch: pytest.MonkeyPatch, hours: float) -> None:
    engine = world.container.engine
    patch.setitem(
        world.container.__dict__,
        "engine",
        replace(engine, clock=lambda: engine.clock() + timedelta(hours=hours)),
    )


# --- Made, and shown once


@pytest.mark.requirement("SEC-1")
def test_a_key_has_256_random_bits_and_is_shown_once(world: World) -> None:
    """(aws 11)"""
    first, second = make(world), make(world)
    for app in (first, second):
        assert re.fullmatch(r"prk_[A-Za-z0-9_-]{43}", app["key"]), "32 bytes in url-safe base64"
    assert first["key"] != second["key"], "two apps may have one name: so a key is changed without a gap"
    assert first["created_by"] == "admin@demo.example"
    assert listed(world) == [{n: app[n] for n in app if n != "key"} for app in (first, second)]
    kept = [item for item in world.stored() if str(item["pk"]).startswith("KEY#")]
    digest = hashlib.sha256(first["key"].encode()).hexdigest()
    assert f"KEY#{digest}" in [item["pk"] for item in kept], "a hash, and nothing that could be called with"


@pytest.mark.parametrize("role", ROLES_OF_APPS)
def test_an_app_may_do_what_its_role_may(world: World, role: str) -> None:
    """Each of the three calls needs another role: to read, to start, to manage."""
    connection_id = world.connected()
    key = make(world, role)["key"]
    order = {"flow": "employee_export", "mode": "preview", "options": {}}
    asked = {
        "viewer": ask(world, key),
        "operator": ask(world, key, "POST", f"/connections/{connection_id}/runs", order),
        "admin": ask(world, key, "PATCH", f"/connections/{connection_id}", {"name": "Renamed"}),
    }
    may = {needed: answer.status != 403 for needed, answer in asked.items()}
    assert may == {needed: ROLES[needed] <= ROLES[role] for needed in asked}
    refused = [answer for answer in asked.values() if answer.status == 403]
    assert {answer.code for answer in refused} <= {"FORBIDDEN"}


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_a_key_that_is_no_admins_makes_no_other_key(world: World, role: str) -> None:
    key = make(world, role)["key"]
    assert ask(world, key, "POST", "/apps", {"name": "x", "role": "viewer"}).code == "FORBIDDEN"
    assert ask(world, key, "GET", "/apps").code == "FORBIDDEN"


@pytest.mark.requirement("LB-12", "CON-5")
@pytest.mark.parametrize("stored", ["employee", "service", "none", "", "boss"])
def test_a_key_that_was_kept_with_a_role_that_no_app_has_opens_nothing(world: World, stored: str) -> None:
    """(faults H3)"""
    app = make(world)
    (item,) = (item for item in world.stored() if str(item["pk"]).startswith("KEY#"))
    world.memory.table.put({**item, "role": stored})
    assert ask(world, app["key"]).code == "FORBIDDEN"


def test_an_app_is_nobody_whose_own_data_there_are(world: World) -> None:
    key = make(world, "admin")["key"]
    principal = world.api.verifier().principal(f"Bearer {key}")
    assert (principal.email, principal.employee, principal.subject) == ("", False, "App: Payday")


def test_a_name_is_kept_as_it_was_given_but_for_blanks_around_it(world: World) -> None:
    assert make(world, name="  Lønn & fravær (prøve)  ")["name"] == "Lønn & fravær (prøve)"


def test_a_tenant_may_have_so_many_and_each_that_goes_makes_room(world: World) -> None:
    apps = [make(world, name=f"App {number}") for number in range(MOST_APPS)]
    answer = world.call("POST", "/apps", {"name": "One more", "role": "viewer"})
    assert (answer.status, answer.code) == (409, "TOO_MANY_APPS")
    assert str(MOST_APPS) in answer.json["detail"]
    assert "DELETE /apps" in answer.json["remedy"]
    make(world, tenant="other")
    assert world.call("DELETE", f"/apps/{apps[7]['app_id']}").status == 204
    make(world, name="One more")
    assert world.call("POST", "/apps", {"name": "And one", "role": "viewer"}).code == "TOO_MANY_APPS"


def test_apps_are_paged_oldest_first(world: World) -> None:
    made = [make(world, name=f"App {number}")["name"] for number in range(5)]
    pages = world.pages("/apps?limit=2", "name")
    assert [len(one) for one in pages] == [2, 2, 1]
    assert flat(pages) == made


# --- The wall between tenants


@pytest.mark.requirement("CON-4")
def test_an_app_sees_and_touches_its_own_tenant_alone(world: World) -> None:
    mine, theirs = world.connected(), world.create("other")
    app, other = make(world, "admin"), make(world, "admin", tenant="other")
    assert [one["connection_id"] for one in ask(world, app["key"]).json["items"]] == [mine]
    assert ask(world, app["key"], path=f"/connections/{theirs}").status == 404
    assert [one["app_id"] for one in ask(world, app["key"], path="/apps").json["items"]] == [app["app_id"]]
    assert ask(world, app["key"], "DELETE", f"/apps/{other['app_id']}").status == 404
    assert ask(world, other["key"]).status == 200, "nobody of another tenant has revoked it"


@pytest.mark.requirement("CON-4")
@pytest.mark.parametrize(
    "app_id", [UNKNOWN_APP, "app_1", "con_01JD9Z0000000000000000000A", "..%2Fapp", "%23", "x" * 300]
)
def test_an_app_of_another_tenant_is_answered_as_one_that_is_not_there(world: World, app_id: str) -> None:
    theirs = make(world, tenant="other")["app_id"]
    answers = [world.call("DELETE", f"/apps/{one}") for one in (theirs, UNKNOWN_APP)]
    assert {(answer.status, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert world.call("DELETE", f"/apps/{app_id}").status == 404


# --- Revoked, unknown, malformed


def test_a_revoked_key_is_refused_by_the_next_call(world: World) -> None:
    app = make(world)
    assert ask(world, app["key"]).status == 200
    assert world.call("DELETE", f"/apps/{app['app_id']}").status == 204
    assert ask(world, app["key"]).status == 401
    assert world.call("DELETE", f"/apps/{app['app_id']}").status == 404
    assert listed(world) == []
    left = [item["pk"] for item in world.stored() if str(item["pk"]).startswith(("KEY#", "TENANT#demo#APPS"))]
    assert left == []


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_the_scheme_is_that_of_tokens(world: World, scheme: str) -> None:
    key = make(world)["key"]
    assert world.call("GET", "/connections", token=f"{scheme}{key} ").status == 200
    assert world.call("GET", "/connections", token=f"Basic {key}").status == 401
    assert world.call("GET", "/connections", token=key).status == 401


# --- Last use


def test_the_last_use_is_kept_to_the_day_with_one_write_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(aws 11)"""
    app = make(world, "viewer")
    assert listed(world)[0]["last_used_on"] is None
    ask(world, app["key"])
    today = listed(world)[0]["last_used_on"]
    assert today == world.container.engine.stamp()[:10]
    writes: list[dict[str, str]] = []
    update = world.memory.table.update

    def written(key: dict[str, str], *how: Any, **values: Any) -> Any:
        writes.append(key)
        return update(key, *how, **values)

    monkeypatch.setattr(world.memory.table, "update", written)
    for _ in range(3):
        ask(world, app["key"])
    assert writes == []
    later(world, monkeypatch, 24)
    for _ in range(3):
        assert ask(world, app["key"]).status == 200
    assert len(writes) == 1
    assert listed(world)[0]["last_used_on"] > today


def test_a_call_that_is_refused_for_its_role_is_a_use_too(world: World) -> None:
    app = make(world, "viewer")
    assert ask(world, app["key"], "POST", "/connections", {}).status == 403
    assert listed(world)[0]["last_used_on"] is not None


@pytest.mark.parametrize(
    "error",
    [
        ConditionFailed(),
        TableBusy("state", 0, "ThrottlingException"),
        ClientError({"Error": {"Code": "AccessDeniedException"}}, "UpdateItem"),
    ],
    ids=["another call was first", "throttled", "not allowed"],
)
def test_a_use_that_can_not_be_noted_fails_no_call(
    world: World, monkeypatch: pytest.MonkeyPatch, logs: StringIO, error: Exception
) -> None:
    """(aws 6)"""
    app = make(world)

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(world.memory.table, "update", fail)
    assert ask(world, app["key"]).status == 200
    told = "last use of an app's key not noted" in logs.getvalue()
    assert told != isinstance(error, ConditionFailed)
    assert app["key"] not in logs.getvalue()


def test_a_use_is_not_noted_of_an_app_that_is_revoked_meanwhile(world: World) -> None:
    app = make(world)
    digest = hashlib.sha256(app["key"].encode()).hexdigest()
    world.call("DELETE", f"/apps/{app['app_id']}")
    with pytest.raises(ConditionFailed):
        world.container.ledger.apps.note_use(digest, "2026-03-02")
    assert ask(world, app["key"]).status == 401, "the key did not come back by it"


# --- The trail


@pytest.mark.requirement("CON-5")
def test_making_and_revoking_an_app_stand_in_the_tenants_trail_and_so_does_what_it_changes(
    world: World,
) -> None:
    connection_id = world.connected()
    app = make(world, "admin")
    ask(world, app["key"], "PATCH", f"/connections/{connection_id}", {"name": "Renamed"})
    world.call("DELETE", f"/apps/{app['app_id']}")
    answer = world.call("GET", f"/connections/{connection_id}/changes", role="viewer")
    revoked, changed, made, _ = answer.json["items"]
    named = f"Payday ({app['app_id']})"
    assert [(one["act"], one["fields"]) for one in (revoked, changed, made)] == [
        ("app_revoked", [named]),
        ("changed", ["name"]),
        ("app_made", [named, "role admin"]),
    ]
    assert (made["who"], made["subject"]) == ("admin@demo.example", "3f6c")
    assert (changed["who"], changed["subject"], changed["role"]) == ("App: Payday", app["app_id"], "admin")
    assert app["key"] not in answer.text
    theirs = world.create("other")
    assert "app_" not in world.call("GET", f"/connections/{theirs}/changes", tenant="other").text


@pytest.mark.requirement("CON-5")
def test_an_app_that_is_named_like_a_person_does_not_pass_for_one(world: World) -> None:
    connection_id = world.connected()
    key = make(world, "operator", name="admin@demo.example")["key"]
    order = {"flow": "employee_export", "mode": "sync", "options": {}}
    started = ask(world, key, "POST", f"/connections/{connection_id}/runs", order).json
    assert started["requested_by"] == "App: admin@demo.example"


def test_an_app_that_could_not_be_put_into_the_trail_is_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make(world)
    transact = world.memory.table.transact

    def without(actions: Any) -> Any:
        entries = [one for one in actions if "#CHANGES" in json.dumps(one, default=str)]
        assert len(entries) == 1, "it is part of the same transaction"
        return transact(actions)

    monkeypatch.setattr(world.memory.table, "transact", without)
    make(world)
    assert world.call("DELETE", f"/apps/{app['app_id']}").status == 204


# --- Nothing shows the key


@pytest.mark.requirement("SEC-1", "OPS-5")
def test_a_key_shows_in_no_log_answer_event_or_item_of_the_state(
    world: World, logs: StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted where it belongs, and where people put it by mistake."""
    connection_id = world.connected()
    app = make(world, "admin")
    key = app["key"]
    answers = [
        ask(world, key).text,
        ask(world, key, path="/apps").text,
        world.call("DELETE", f"/apps/{key}").text,
        world.call("GET", f"/connections/{key}").text,
        world.call("GET", f"/connections/{connection_id}/people/%70rk_{key[4:]}/balances").text,
        world.call("POST", "/apps", {"name": key, "role": "viewer"}).text,
        world.call("POST", "/apps", {"name": "x", "role": key}).text,
        world.call("GET", f"/connections?limit={key}").text,
        world.call("GET", "/connections", token=f"Basic {key}").text,
        world.call("GET", "/connections", token=f"Bearer x{key}").text,
    ]
    broken = monkeypatch.context()
    with broken as patch:
        patch.setattr(world.memory.table, "get", lambda _: 1 / 0)
        failed = ask(world, key)
        assert failed.status == 500
        answers.append(failed.text)
    world.call("DELETE", f"/apps/{app['app_id']}")
    answers.append(ask(world, key).text)
    answers.append(repr(world.api.verifier()))
    shown = capsys.readouterr()
    said = {
        "answers": "".join(answers),
        "logs": logs.getvalue() + shown.out + shown.err,
        "the state": str(world.stored()),
    }
    secret = key.removeprefix("prk_")
    for place, text in said.items():
        assert secret not in text, place
        assert secret[:30] not in text, f"a part of it in {place}"
    assert '"app_id":"a key"' in said["logs"], "the id that was asked for is a key, and not shown"
    assert f'"subject":"{app["app_id"]}"' in said["logs"], "which app called is"


# --- The document


def test_the_document_tells_of_both_ways_to_call_and_of_the_renamed_header(world: World) -> None:
    """(aws 15) API Gateway sends `WWW-Authenticate` under another name."""
    from tests.worlds.contract import document

    described = document()
    assert described["security"] == [{"bearer": []}, {"app_key": []}]
    assert described["components"]["securitySchemes"].keys() == {"bearer", "app_key"}
    renamed = "`x-amzn-remapped-www-authenticate`"
    assert renamed in described["info"]["description"]
    assert renamed in described["components"]["headers"]["WWW-Authenticate"]["description"]
    unauthenticated = described["components"]["responses"]["Unauthenticated"]
    assert list(unauthenticated["headers"]) == ["WWW-Authenticate"]
    assert f"may have {MOST_APPS} apps" in described["paths"]["/apps"]["post"]["description"]
    assert world.call("GET", "/apps", token="").headers["WWW-Authenticate"] == 'Bearer realm="payrelay"'
