"""Whose bell it is: what went wrong at any tenant, and access to one of them (oncall OC-35)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from payrelay.domain.records import PlannedPage, Reason
from payrelay.flows.engine import close
from payrelay.flows.engine.watch import Missed
from tests.worlds.api import Reply, World, claims_of, flat, token_of
from tests.worlds.in_memory import made_world
from tests.worlds.structs import replace

WHY = "Run failed with SYSTEM_UNREACHABLE (oncall OC-35)"


def bearer(name: str = "ada", **claims: Any) -> str:
    """Somebody of the service: in the group of that name, and of no tenant."""
    found = claims_of("service", sub=f"sub-{name}", email=f"{name}@payrelay.example", **claims)
    if "custom:tenant" not in claims:
        del found["custom:tenant"]
    return f"Bearer {token_of(found)}"


@pytest.fixture
def world() -> Iterator[World]:
    with made_world() as made:
        yield made


def ask(world: World, method: str, path: str, body: Any = None, *, who: str = "ada", **more: Any) -> Reply:
    return world.call(method, path, body, token=bearer(who), **more)


def take(world: World, tenant: str = "demo", hours: float = 2, who: str = "ada") -> dict[str, Any]:
    answer = ask(world, "POST", "/service/access", {"tenant": tenant, "reason": WHY, "hours": hours}, who=who)
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def failed_runs(world: World, query: str = "") -> list[dict[str, Any]]:
    answer = ask(world, "GET", f"/service/failures{query}")
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def broken(world: World, connection_id: str, tenant: str, problem: str) -> str:
    """A run whose execution died; its id."""
    run_id = world.start(connection_id, tenant)
    run = world.run(run_id, tenant)
    close.finish_dead(world.container.engine, run, problem)
    return run_id


def later(world: World, patch: pytest.MonkeyPatch, hours: float) -> None:
    engine = world.container.engine
    passed = replace(engine, clock=lambda: engine.clock() + timedelta(hours=hours))
    patch.setitem(world.container.__dict__, "engine", passed)


def trail(world: World, connection_id: str, tenant: str = "demo") -> list[dict[str, Any]]:
    answer = world.call("GET", f"/connections/{connection_id}/changes", tenant=tenant)
    found: list[dict[str, Any]] = answer.json["items"]
    return found


# --- Whose runs went wrong


@pytest.mark.requirement("OPS-4", "CON-4")
def test_runs_of_all_tenants_that_went_wrong_are_listed_newest_first_without_people_or_values(
    world: World,
) -> None:
    """(oncall OC-35)"""
    mine, theirs = world.connected(), world.connected("demo", name="Second")
    partial = world.finished(mine)
    dead = broken(world, theirs, "demo", "States.Timeout at 03:16")
    missed = Missed(
        "other",
        "con_01JD9Z0000000000000000000A",
        "employee_export",
        "2026-03-02T05:00:00.000Z",
        Reason("SCHEDULE_DID_NOT_START", "Kari's run", "Put it again."),
    )
    world.container.ledger.failed_runs.put(missed.as_failed_run(world.container.engine.stamp()))
    found = failed_runs(world)
    told = [(one["tenant"], one["run_id"], one["status"], one["code"]) for one in found]
    assert told == [
        ("other", None, "missed", "SCHEDULE_DID_NOT_START"),
        ("demo", dead, "dead", "RUN_DIED"),
        ("demo", partial, "partial", "REFUSED_BY_TARGET"),
    ]
    assert found[2]["counts"] == {"updated": 1, "unchanged": 2, "skipped": 1, "blocked": 1, "failed": 1}
    assert {one["kind"] for one in found} == {"simployer_xledger"}
    text = json.dumps(found)
    for personal in ("104", "demo.example", "+47", "Kari", "03:16"):
        assert personal not in text
    assert failed_runs(world, "?status=dead")[0]["run_id"] == dead
    assert [one["run_id"] for one in failed_runs(world, "?status=failed")] == [dead], "it has failed, too"
    assert [one["tenant"] for one in failed_runs(world, "?tenant=other")] == ["other"]
    assert failed_runs(world, "?code=HELD") == []
    assert failed_runs(world, "?flow=time_off_export") == []


@pytest.mark.requirement("OPS-4", "RUN-11")
def test_a_run_whose_full_comparison_found_a_drift_is_among_them(world: World) -> None:
    """A run that went well otherwise; of one that is held it is told by both; a preview wrote nothing."""
    engine = world.container.engine

    def compared(drift: int, mode: str = "sync", **more: Any) -> str:
        run_id = world.start(world.connected(), mode=mode)
        world.plan(run_id, [])
        run = engine.ledger.runs.change(world.run(run_id), full=True, **more)
        page = PlannedPage(0, 5, (), (), drift=drift)
        engine.ledger.parts.put_page(run, page, engine.ttl(run))
        close.close_run(engine, {"run": {"tenant": "demo", "run_id": run_id}})
        return run_id

    well, held = compared(3), compared(2, held={"people": 60, "limit": 5, "risks": {"end": 60}})
    for drift, mode in ((0, "sync"), (4, "preview")):
        compared(drift, mode)
    drifted = {one["run_id"]: (one["status"], one["code"]) for one in failed_runs(world, "?status=drift")}
    assert drifted == {well: ("drift", "MIRROR_DRIFT"), held: ("held", "HELD")}
    assert [one["run_id"] for one in failed_runs(world, "?status=held")] == [held]
    shown = world.call("GET", f"/runs/{well}").json
    assert (shown["compared"], shown["drift"], shown["status"]) == ("all", 3, "succeeded")


@pytest.mark.requirement("OPS-4")
def test_a_run_that_the_brake_holds_is_among_them(world: World) -> None:
    """(oncall OC-35)"""
    run_id = world.start(world.connected())
    world.plan(run_id, [])
    run = world.run(run_id)
    engine = world.container.engine
    engine.ledger.runs.change(run, held={"people": 60, "limit": 5, "risks": {"end": 60}})
    close.close_run(engine, {"run": {"tenant": "demo", "run_id": run_id}})
    assert [(one["status"], one["code"]) for one in failed_runs(world)] == [("held", "HELD")]


@pytest.mark.requirement("OPS-4")
def test_a_run_that_went_well_is_not_and_tells_that_the_one_before_is_over(world: World) -> None:
    connection_id = world.connected()
    broken(world, connection_id, "demo", "its lease ran out")
    assert [one["ended_well_since"] for one in failed_runs(world)] == [None]
    run_id = world.start(connection_id)
    world.plan(run_id, unchanged=3)
    world.finish(run_id)
    (only,) = failed_runs(world)
    assert only["ended_well_since"] == world.run(run_id).finished_at


@pytest.mark.requirement("OPS-4")
def test_they_are_of_the_last_day_unless_asked_and_are_paged_over_days(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id = world.connected()
    runs = []
    for hours in (0, 20, 40, 60):
        with monkeypatch.context() as patch:
            later(world, patch, hours)
            runs.append(broken(world, connection_id, "demo", "its lease ran out"))
    later(world, monkeypatch, 61)
    assert [one["run_id"] for one in failed_runs(world)] == [runs[3], runs[2]]
    since = "?since=2020-01-01T00:00:00Z"
    assert [one["run_id"] for one in failed_runs(world, since)] == runs[::-1]
    pages, cursor = [], ""
    while True:
        answer = ask(world, "GET", f"/service/failures{since}&limit=1{cursor}").json
        pages.append([one["run_id"] for one in answer["items"]])
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert flat(pages) == runs[::-1]


@pytest.mark.requirement("OPS-3", "OPS-4")
@pytest.mark.usefixtures("letters")
def test_dead_letters_of_all_tenants_say_whose_they_are(world: World) -> None:
    """(oncall OC-35)"""
    from payrelay.domain.runs import Trigger
    from payrelay.runtime.dead_letters import dead_letters

    connection = world.connection(world.connected())
    dead_letters.cache_clear()
    dead_letters(world.container).leave(connection, "employee_export", Trigger.LOGIN, "Rate exceeded")
    (letter,) = ask(world, "GET", "/service/dead-letters").json["items"]
    assert (letter["tenant"], letter["connection_id"]) == ("demo", connection.connection_id)
    assert world.call("GET", "/dead-letters").json["items"], "and it is still there"


# --- Who gets in


@pytest.mark.requirement("CON-4", "TRG-4")
@pytest.mark.parametrize("role", ["employee", "viewer", "operator", "admin"])
def test_nobody_of_a_tenant_sees_other_tenants_or_takes_access(world: World, role: str) -> None:
    """(oncall OC-35)"""
    world.connected()
    body = {"tenant": "demo", "reason": WHY, "hours": 1}
    for method, path, sent in [
        ("GET", "/service/failures", None),
        ("GET", "/service/dead-letters", None),
        ("POST", "/service/access", body),
    ]:
        answer = world.call(method, path, sent, role=role, tenant="other")
        assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.requirement("CON-4", "TRG-4")
@pytest.mark.parametrize(
    "claims",
    [
        {"custom:tenant": "other"},
        {"custom:tenant": "other", "cognito:groups": ["service", "admin"]},
        {"scope": "payrelay/admin"},
    ],
    ids=["a user of a tenant", "and admin there", "a narrowed token"],
)
def test_a_token_that_names_a_tenant_or_scopes_is_never_the_services(
    world: World, claims: dict[str, Any]
) -> None:
    world.connected()
    for path in ("/service/failures", "/service/access"):
        answer = world.call("GET", path, token=bearer("eve", **claims))
        if path == "/service/access" and "admin" in claims.get("cognito:groups", []):
            assert answer.json["items"] == [], "as an admin of their own tenant"
        else:
            assert answer.status in (401, 403)
    header = {"payrelay-tenant": "demo"}
    seen = world.call("GET", "/connections", token=bearer("eve", **claims), headers=header)
    assert seen.status in (401, 403) or seen.json["items"] == []


@pytest.mark.requirement("CON-4")
def test_without_access_the_service_reads_nothing_of_any_tenant(world: World) -> None:
    connection_id = world.connected()
    run_id = world.finished(connection_id)
    before = world.stored()
    for path in ("/connections", f"/connections/{connection_id}", f"/runs/{run_id}/records", "/failures"):
        for headers in ({}, {"payrelay-tenant": "demo"}):
            answer = ask(world, "GET", path, headers=headers)
            assert (answer.status, answer.code) == (403, "FORBIDDEN")
            assert "POST /service/access" in answer.json["remedy"]
    assert world.stored() == before


# --- Access


@pytest.mark.requirement("CON-4", "CON-5")
def test_with_access_the_service_is_an_operator_of_that_tenant_alone_and_no_more(world: World) -> None:
    """(oncall OC-35)"""
    mine, theirs = (
        world.connected(),
        world.connected(
            "other",
            kind="attache_express_leave",
            credentials={
                "attache": {"client_id": "app", "client_secret": "plant-secret"},
                "express_leave": {"company_id": "c-9", "api_key": "plant-key"},
            },
        ),
    )
    run_id = world.finished(mine)
    access = take(world)
    assert (access["tenant"], access["role"], access["open"]) == ("demo", "operator", True)
    assert [one["connection_id"] for one in ask(world, "GET", "/connections").json["items"]] == [mine]
    assert ask(world, "GET", f"/runs/{run_id}/records").status == 200
    assert ask(world, "GET", f"/connections/{theirs}").status == 404
    assert ask(world, "GET", "/connections", headers={"payrelay-tenant": "other"}).status == 403
    assert ask(world, "PATCH", f"/connections/{mine}", {"name": "Mine"}).status == 403
    assert ask(world, "POST", f"/connections/{mine}/hook-secret", {}).status == 403
    replayed = ask(world, "POST", f"/runs/{run_id}/replay", {})
    assert replayed.status == 202
    assert replayed.json["requested_by"] == "Payrelay service: ada@payrelay.example"
    assert ask(world, "GET", "/connections", who="ben").status == 403, "it is ada's, and nobody else's"


@pytest.mark.requirement("CON-5")
def test_access_and_every_call_by_it_stand_in_the_tenants_own_trail_with_the_reason(world: World) -> None:
    """(oncall OC-35)"""
    connection_id, foreign = world.connected(), world.connected(name="Second")
    run_id = world.finished(connection_id)
    access = take(world)
    for _ in range(3):
        ask(world, "GET", f"/runs/{run_id}?")
    ask(world, "GET", f"/connections/{connection_id}/history?entity=employee&key=kari@demo.example")
    for _ in range(2):
        ask(world, "POST", f"/runs/{run_id}/replay", {"preview": True})
    ask(world, "DELETE", "/service/access")
    for one in (connection_id, foreign):
        entries = [entry for entry in trail(world, one) if entry["role"] == "service"]
        told = [(entry["act"], entry["fields"]) for entry in reversed(entries)]
        assert told == [
            ("access_taken", [f"operator until {access['until']}"]),
            ("called", [f"GET /runs/{run_id}"]),
            ("called", [f"GET /connections/{connection_id}/history?entity=employee&key=(an e-mail)"]),
            ("called", [f"POST /runs/{run_id}/replay"]),
            ("called", [f"POST /runs/{run_id}/replay"]),
            ("access_ended", ["access of ada@payrelay.example"]),
        ]
        assert {entry["reason"] for entry in entries} == {WHY}
        assert all("ada@payrelay.example" in entry["who"] for entry in entries)
    assert len(flat(world.pages(f"/connections/{connection_id}/changes?limit=2", "change_id"))) == 7


@pytest.mark.requirement("CON-4", "CON-5")
def test_admins_see_who_had_access_to_their_tenant_and_end_it_at_once(world: World) -> None:
    """(oncall OC-35)"""
    world.connected()
    access, other = take(world), take(world, who="ben")
    for role in ("viewer", "operator"):
        assert world.call("GET", "/service/access", role=role).status == 403
        assert world.call("DELETE", "/service/access", role=role).status == 403
    shown = world.call("GET", "/service/access").json["items"]
    assert [one["who"] for one in shown] == ["ben@payrelay.example", "ada@payrelay.example"]
    assert shown[1]["reason"] == WHY
    assert world.call("GET", "/service/access", tenant="other").json["items"] == []
    gone = world.call("DELETE", f"/service/access?access_id={access['access_id']}", tenant="other")
    assert gone.status == 404, "nobody ends access to another tenant"
    assert ask(world, "GET", "/runs").status == 200
    assert world.call("DELETE", f"/service/access?access_id={access['access_id']}").status == 204
    assert ask(world, "GET", "/runs").status == 403
    assert ask(world, "GET", "/runs", who="ben").status == 200
    assert world.call("DELETE", "/service/access").status == 204
    assert ask(world, "GET", "/runs", who="ben").status == 403
    shown = world.call("GET", "/service/access").json["items"]
    assert {(one["open"], one["ended_by"]) for one in shown} == {(False, "admin@demo.example")}
    again = world.call("DELETE", f"/service/access?access_id={other['access_id']}")
    assert again.status == 404


@pytest.mark.requirement("CON-5")
def test_access_ends_by_itself_and_by_who_has_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """(oncall OC-35)"""
    world.connected()
    take(world, hours=1.5)
    for hours, status in ((1.49, 200), (1.51, 403)):
        with monkeypatch.context() as patch:
            later(world, patch, hours)
            assert ask(world, "GET", "/connections").status == status
            shown = world.call("GET", "/service/access").json["items"]
            assert [one["open"] for one in shown] == [status == 200]
            assert world.call("DELETE", "/service/access").status == 204 if status == 403 else True
    assert ask(world, "DELETE", "/service/access?tenant=demo").status == 204
    assert ask(world, "GET", "/connections").status == 403
    assert ask(world, "DELETE", "/service/access").status == 204, "there is nothing to end, and that is fine"
    assert ask(world, "DELETE", "/service/access?tenant=demo").status == 404


@pytest.mark.requirement("CON-4")
def test_who_has_access_to_several_tenants_names_one_with_each_call(world: World) -> None:
    leave = {
        "kind": "attache_express_leave",
        "credentials": {
            "attache": {"client_id": "app", "client_secret": "plant-secret"},
            "express_leave": {"company_id": "c-9", "api_key": "plant-key"},
        },
    }
    mine, theirs = world.connected(), world.connected("other", **leave)
    first, second = take(world), take(world, "other")
    renewed = take(world, hours=5)
    own = ask(world, "GET", "/service/access").json["items"]
    assert [(one["access_id"], one["open"]) for one in own] == [
        (renewed["access_id"], True),
        (second["access_id"], True),
        (first["access_id"], False),
    ]
    answer = ask(world, "GET", "/connections")
    assert answer.status == 400
    assert "demo, other" in answer.json["detail"]
    for tenant, connection_id in (("demo", mine), ("other", theirs)):
        found = ask(world, "GET", "/connections", headers={"payrelay-tenant": tenant}).json["items"]
        assert [one["connection_id"] for one in found] == [connection_id]
    assert ask(world, "GET", "/connections", headers={"payrelay-tenant": "third"}).status == 403
    ask(world, "DELETE", "/service/access?tenant=other")
    assert [one["connection_id"] for one in ask(world, "GET", "/connections").json["items"]] == [mine]


@pytest.mark.requirement("CON-5", "TRG-4")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"tenant": "nobody"}, "tenant"),
        ({"tenant": "a#b"}, "tenant"),
        ({"reason": "  "}, "reason"),
        ({"reason": None}, "reason"),
        ({"hours": 0}, "hours"),
        ({"hours": 25}, "hours"),
        ({"hours": True}, "hours"),
        ({"hours": "2"}, "hours"),
        ({"role": "admin"}, "role"),
    ],
)
def test_access_that_says_no_reason_no_end_or_no_tenant_is_not_given(
    world: World, changed: dict[str, Any], field: str
) -> None:
    world.connected()
    before = world.stored()
    body = {"tenant": "demo", "reason": WHY, "hours": 1, **changed}
    answer = ask(world, "POST", "/service/access", body)
    assert answer.status == 422
    assert list(answer.fields) == [field]
    assert world.stored() == before
