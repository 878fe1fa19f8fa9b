"""Runs: started, joined, listed, read, stopped; and their records (RUN-1, RUN-2, RUN-3, RUN-7, TRG-2)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from payrelay.domain.records import Change, Outcome, Reason, Risk
from payrelay.domain.runs import Status
from tests.worlds.api import BLOCKED, SKIPPED, UPDATED, World, flat, record, write
from tests.worlds.structs import replace

ORDER = {"flow": "employee_export", "mode": "sync", "options": {}}
API_MD_KEYS = {
    "run_id",
    "connection_id",
    "flow",
    "trigger",
    "mode",
    "status",
    "requested_by",
    "replay_of",
    "queued_at",
    "started_at",
    "finished_at",
    "progress",
    "counts",
    "error",
}


OWN_KEYS = {
    "plan_of",
    "applied_by",
    "options",
    "compared",
    "drift",
    "held",
    "estimate",
    "request",
    "died",
    "reasons",
    "fields",
    "calls",
    "last_sign_of_life_at",
    "waits",
}


@pytest.mark.requirement("TRG-2", "RUN-2")
def test_a_manual_run_is_queued_and_its_state_machine_started(world: World) -> None:
    connection_id = world.connected()
    answer = world.call("POST", f"/connections/{connection_id}/runs", ORDER, role="operator")
    assert answer.status == 202
    run = answer.json
    assert answer.headers["Location"] == f"/runs/{run['run_id']}"
    assert run.keys() == API_MD_KEYS | OWN_KEYS
    assert re.fullmatch(r"run_[0-9A-Z]{26}", run["run_id"])
    expected = {
        "connection_id": connection_id,
        "flow": "employee_export",
        "trigger": "manual",
        "mode": "sync",
        "status": "queued",
        "requested_by": "operator@demo.example",
        "started_at": None,
        "progress": {"done": 0, "total": 0},
        "error": None,
    }
    assert {name: run[name] for name in expected} == expected
    assert world.executions.started == [run["run_id"]]
    assert world.call("GET", answer.headers["Location"], role="viewer").json == run


@pytest.mark.requirement("RUN-1")
def test_a_second_trigger_joins_the_run_in_progress(world: World) -> None:
    connection_id = world.connected()
    first = world.start(connection_id)
    answer = world.call("POST", f"/connections/{connection_id}/runs", ORDER)
    assert answer.status == 200
    assert (answer.json["run_id"], answer.json["joined"]) == (first, True)
    assert answer.headers["Location"] == f"/runs/{first}"
    other = world.start(connection_id, flow="time_off_export")
    assert other != first


@pytest.mark.requirement("RUN-1")
def test_a_finished_run_is_not_joined(world: World) -> None:
    connection_id = world.connected()
    first = world.finished(connection_id)
    assert world.start(connection_id) != first


@pytest.mark.requirement("TRG-2")
def test_options_are_kept_as_they_were_asked_for(world: World) -> None:
    connection_id = world.connected()
    options = {"from": "2026-05-01", "to": "2026-05-31", "employees": ["1042"]}
    run_id = world.start(connection_id, flow="time_off_export", options=options)
    assert world.call("GET", f"/runs/{run_id}").json["options"] == options
    assert world.run(run_id).options == options


@pytest.mark.requirement("RUN-1")
def test_a_crash_before_the_state_machine_is_healed_by_the_next_trigger(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id = world.connected()

    def crash(_: Any) -> None:
        raise OSError("crash")

    with monkeypatch.context() as patch:
        patch.setattr(world.executions, "start", crash)
        assert world.call("POST", f"/connections/{connection_id}/runs", ORDER).status == 500
    answer = world.call("POST", f"/connections/{connection_id}/runs", ORDER)
    assert (answer.status, answer.json["joined"]) == (200, True)
    assert world.executions.started == [answer.json["run_id"]]


def _running(world: World, connection_id: str) -> Any:
    """The run in progress as the connection tells it."""
    connection = world.call("GET", f"/connections/{connection_id}").json
    return connection["standings"]["employee_export"]["running"]


@pytest.mark.requirement("RUN-3")
def test_a_connection_tells_of_a_preview_in_progress_until_it_has_ended(world: World) -> None:
    connection_id = world.connected()
    run_id = world.start(connection_id, mode="preview")
    assert _running(world, connection_id) == {
        "run_id": run_id,
        "mode": "preview",
        "status": "queued",
        "progress": None,
    }
    world.plan(run_id, [SKIPPED], [])
    world.finish(run_id)
    assert _running(world, connection_id) is None


@pytest.mark.requirement("RUN-3")
def test_progress_is_seen_while_a_run_is_at_work(world: World) -> None:
    connection_id = world.connected()
    run_id = world.start(connection_id)
    world.plan(run_id, [SKIPPED, BLOCKED], [write(UPDATED)], unchanged=7)
    run = world.call("GET", f"/runs/{run_id}").json
    assert run["status"] == "running"
    assert run["progress"] == {"done": 9, "total": 10}
    assert run["finished_at"] is None
    assert _running(world, connection_id) == {
        "run_id": run_id,
        "mode": "sync",
        "status": "running",
        "progress": run["progress"],
    }
    assert run["counts"] == {
        "created": 0,
        "updated": 0,
        "unchanged": 7,
        "skipped": 1,
        "blocked": 1,
        "failed": 0,
    }


@pytest.mark.requirement("RUN-2")
def test_a_finished_run_gives_status_times_and_counts_that_add_up(world: World) -> None:
    connection_id = world.connected()
    run_id = world.finished(connection_id)
    run = world.call("GET", f"/runs/{run_id}").json
    assert run["status"] == "partial"
    assert run["progress"] == {"done": 6, "total": 6}
    assert sum(run["counts"].values()) == 6
    assert run["queued_at"] <= run["started_at"] <= run["finished_at"]
    standing = world.call("GET", f"/connections/{connection_id}").json["standings"]["employee_export"]
    assert (standing["last_run_id"], standing["last_status"]) == (run_id, "partial")
    assert standing["agreed_at"] is None
    reasons = {"NOT_ACTIVE": "skipped", "REFUSED_BY_TARGET": "failed", "REQUIRED_FIELD_MISSING": "blocked"}
    assert run["reasons"] == [
        {"code": code, "outcome": outcome, "count": 1} for code, outcome in reasons.items()
    ]
    assert run["fields"] == [{"field": "email", "count": 1}, {"field": "phone", "count": 1}]
    names = ("run_id", "mode", "status", "finished_at")
    counts = {outcome: number for outcome, number in run["counts"].items() if number}
    glance = {name: run[name] for name in names}
    wrong = {code: 1 for code, outcome in reasons.items() if outcome in {"failed", "blocked"}}
    assert standing["recent"] == [{**glance, "counts": counts, "reasons": wrong}]
    assert standing["waiting"] == 2


@pytest.mark.requirement("RUN-2")
def test_a_run_that_agreed_shows_since_when(world: World) -> None:
    connection_id = world.connected()
    run_id = world.start(connection_id)
    world.plan(run_id, unchanged=3)
    finished = world.finish(run_id)
    standing = world.call("GET", f"/connections/{connection_id}").json["standings"]["employee_export"]
    assert standing["agreed_at"] == finished.finished_at


@pytest.mark.requirement("RUN-2")
def test_runs_are_listed_newest_first_and_filtered(world: World) -> None:
    one, two = world.connected(name="One"), world.connected(name="Two")
    finished = world.finished(one)
    queued = world.start(one)
    other = world.start(two, flow="time_off_export")

    def listed(query: str) -> list[str]:
        return [run["run_id"] for run in world.call("GET", f"/runs{query}").json["items"]]

    assert sorted(listed("")) == sorted([finished, queued, other])
    assert listed("") == sorted(listed(""), reverse=True)
    assert sorted(listed(f"?connection_id={one}")) == sorted([finished, queued])
    assert listed("?flow=time_off_export") == [other]
    assert listed("?status=partial") == [finished]
    assert sorted(listed("?status=queued,partial")) == sorted([finished, queued, other])
    wrong = world.call("GET", "/runs?status=queued,")
    assert (wrong.status, list(wrong.fields)) == (400, ["status"])
    assert listed(f"?connection_id={two}&status=partial") == []
    unknown = "con_01JD9Z0000000000000000000A"
    assert listed(f"?connection_id={unknown}") == []


@pytest.mark.requirement("RUN-2")
def test_runs_are_paged_also_when_most_are_filtered_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [world.stored_run("time_off_export") for _ in range(5)]
    wanted = world.stored_run("employee_export")
    pages = world.pages("/runs?limit=2", "run_id")
    assert sorted(flat(pages)) == sorted([*made, wanted])
    assert [len(page) for page in pages] == [2, 2, 2]
    import query

    monkeypatch.setattr(query, "LOOKED_AT", 2)
    assert flat(world.pages("/runs?flow=employee_export", "run_id")) == [wanted]


@pytest.mark.requirement("RUN-2")
def test_a_run_in_progress_is_stopped_and_a_finished_one_is_not(world: World) -> None:
    connection_id = world.connected()
    run_id = world.start(connection_id)
    answer = world.call("POST", f"/runs/{run_id}/stop", role="operator")
    assert (answer.status, answer.json["run_id"]) == (202, run_id)
    assert world.call("POST", f"/runs/{run_id}/stop").status == 202
    ended = world.finish(run_id)
    assert ended.status is Status.STOPPED
    run = world.call("GET", f"/runs/{run_id}").json
    assert run["error"]["code"] == "STOPPED_BY_USER"
    assert "operator@demo.example" in run["error"]["message"]
    late = world.call("POST", f"/runs/{run_id}/stop")
    assert (late.status, late.code) == (409, "RUN_FINISHED")


@pytest.mark.requirement("RUN-7")
def test_a_preview_shows_what_a_sync_would_do(world: World) -> None:
    connection_id = world.connected()
    run_id = world.start(connection_id, mode="preview")
    world.plan(run_id, [SKIPPED], [write(UPDATED)], unchanged=2)
    running = world.call("GET", f"/runs/{run_id}/records").json["items"]
    assert [record["outcome"] for record in running] == ["skipped"]
    world.finish(run_id)
    run = world.call("GET", f"/runs/{run_id}").json
    assert (run["mode"], run["status"]) == ("preview", "succeeded")
    assert run["counts"]["updated"] == 1
    records = world.call("GET", f"/runs/{run_id}/records").json["items"]
    assert [record["outcome"] for record in records] == ["skipped", "updated"]
    assert records[1]["changes"][0]["new"] == "new@demo.example"
    assert world.call("GET", f"/runs/{run_id}/records?outcome=updated").json["items"] == records[1:]
    pages = world.pages(f"/runs/{run_id}/records?limit=1", "key")
    assert pages == [["1041"], ["1043"]]


@pytest.mark.requirement("RUN-7")
def test_a_plan_that_is_not_kept_any_more_says_so(world: World) -> None:
    connection_id = world.connected()
    run_id = world.start(connection_id, mode="preview")
    world.plan(run_id, [], [write(UPDATED)])
    world.finish(run_id)
    world.memory.bucket.objects.clear()
    answer = world.call("GET", f"/runs/{run_id}/records")
    assert (answer.status, answer.code) == (409, "PLAN_EXPIRED")


def held_run(world: World, connection_id: str) -> str:
    """A run that the brake held: six people of eight lose their employment."""
    first = world.start(connection_id)
    world.plan(first, unchanged=8)
    world.finish(first)
    run_id = world.start(connection_id)
    ends = [record(f"e{n}", Outcome.UPDATED) for n in range(6)]
    world.plan(run_id, [], [write(one, risks=(Risk.END,)) for one in ends], unchanged=2)
    world.finish(run_id)
    return run_id


@pytest.mark.requirement("RUN-10")
def test_a_held_run_names_those_of_the_same_cause_and_what_became_of_them(world: World) -> None:
    """(oncall OC-21)"""
    connection_id = world.connected()
    first = held_run(world, connection_id)
    applied = world.call("POST", f"/runs/{first}/apply").json["run_id"]
    world.finish(applied, [record(f"e{n}", Outcome.UPDATED) for n in range(6)])
    world.finished(connection_id)
    second = world.start(connection_id)
    ends = [record(f"f{n}", Outcome.UPDATED) for n in range(6)]
    world.plan(second, [], [write(one, risks=(Risk.END,)) for one in ends], unchanged=2)
    assert world.finish(second).status.value == "held"
    (alike,) = world.call("GET", f"/runs/{second}").json["same_cause"]
    assert (alike["run_id"], alike["applied_by"]) == (first, applied)
    assert [one["run_id"] for one in world.call("GET", f"/runs/{first}").json["same_cause"]] == [second]


@pytest.mark.requirement("RUN-2", "RUN-9")
def test_a_held_run_says_what_it_would_do(world: World) -> None:
    run_id = held_run(world, world.connected())
    run = world.call("GET", f"/runs/{run_id}").json
    assert run["status"] == "held"
    assert run["held"]["people"] == 6
    assert run["held"]["risks"] == {"end": 6}
    assert "admin" in run["held"]["remedy"]
    assert len(world.call("GET", f"/runs/{run_id}/records?outcome=updated").json["items"]) == 6


@pytest.mark.requirement("RUN-10")
def test_the_people_whom_the_brake_means_are_asked_for(world: World) -> None:
    """By what it watches for, or by all of it; and each planned record says it."""
    run_id = world.start(world.connected(), mode="preview")
    bank, pay = record("e2", Outcome.UPDATED), record("e3", Outcome.UPDATED)
    world.plan(
        run_id,
        [SKIPPED],
        [write(UPDATED), write(bank, risks=(Risk.BANK, Risk.PAY)), write(pay, risks=(Risk.PAY,))],
    )
    world.finish(run_id)

    def asked(query: str) -> dict[str, list[str]]:
        items = world.call("GET", f"/runs/{run_id}/records?{query}").json["items"]
        return {item["key"]: item.get("risks", []) for item in items}

    assert asked("risk=people") == {"e2": ["bank", "pay"], "e3": ["pay"]}
    assert asked("risk=bank") == {"e2": ["bank", "pay"]}
    assert asked("risk=end") == {}
    assert set(asked("")) == {SKIPPED.key, UPDATED.key, "e2", "e3"}
    refused = world.call("GET", f"/runs/{run_id}/records?risk=money")
    assert (refused.status, refused.code) == (400, "BAD_REQUEST")


@pytest.mark.requirement("RUN-2")
def test_records_are_found_by_a_name_that_stands_in_what_is_told_of_them(world: World) -> None:
    """In a reason, or in a value; a number is looked for in keys and reasons alone."""
    run_id = world.start(world.connected())
    named = replace(record("e9", Outcome.CREATED), changes=(Change("name", None, "Ann Sørli 77"),))
    why = Reason("EMAIL_MISSING", "Employee 7 (Bo Sørli) has no e-mail.", "Give it one.")
    told = replace(record("e7", Outcome.SKIPPED), reason=why)
    world.plan(run_id, [told], [write(named)])
    world.finish(run_id, [named])

    def found(search: str) -> set[str]:
        items = world.call("GET", f"/runs/{run_id}/records?search={search}").json["items"]
        return {item["key"] for item in items}

    assert found("sørli") == {"e7", "e9"}
    assert found("bo%20s") == {"e7"}
    assert found("77") == set()


@pytest.mark.requirement("RUN-2")
def test_a_failed_run_says_why(world: World) -> None:
    from payrelay.domain.reasons import reason
    from payrelay.domain.runs import Halt

    connection_id = world.connected()
    run_id = world.start(connection_id)
    why = reason("SYSTEM_UNREACHABLE", system="xledger", problem="connection lost")
    world.container.ledger.runs.halt(world.run(run_id), Halt(Status.FAILED, why))
    world.finish(run_id)
    run = world.call("GET", f"/runs/{run_id}").json
    assert (run["status"], run["error"]["code"]) == ("failed", "SYSTEM_UNREACHABLE")
    assert run["error"]["remedy"]
