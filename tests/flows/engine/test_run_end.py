"""How a run ends: status and counts, its progress on the way, and what it publishes (RUN-2, RUN-3, EVT-1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Halt, Run, Status
from payrelay.flows.employee_export import rules
from payrelay.flows.engine import apply, close, plan, review
from payrelay.flows.engine.engine import Limits
from tests.flows.conftest import World
from tests.worlds.deployed import Deployed
from tests.worlds.people import IBAN, SSN, Person, person, row_id, whole
from tests.worlds.steps import event
from tests.worlds.structs import replace

NOBODY = {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "blocked": 0, "failed": 0}
KNOWN, CHANGED = person("101"), person("102")
LEFT_OUT = person("103", title=None)
STUCK = person("104", costCenterId=row_id("centre", 990))
REFUSED = person("105", firstName=None, lastName=None)
NEW = person("106")


def edited(one: Person, **changes: Any) -> Person:
    return replace(one, employee={**one.employee, **changes})


SITUATIONS: list[tuple[str, list[Person], str, dict[str, int]]] = [
    ("nobody at all", [], "succeeded", {}),
    ("nothing to do", [KNOWN], "succeeded", {"unchanged": 1}),
    ("one of each that is fine", [KNOWN, edited(CHANGED, title="CFO"), LEFT_OUT, NEW], "succeeded",
     {"unchanged": 1, "updated": 1, "skipped": 1, "created": 1}),
    ("one is blocked", [KNOWN, STUCK], "partial", {"unchanged": 1, "blocked": 1}),
    ("one is refused", [KNOWN, REFUSED], "partial", {"unchanged": 1, "failed": 1}),
    ("all outcomes", [KNOWN, edited(CHANGED, title="CFO"), LEFT_OUT, STUCK, REFUSED, NEW], "partial",
     {"unchanged": 1, "updated": 1, "skipped": 1, "blocked": 1, "failed": 1, "created": 1}),
]  # fmt: skip


@pytest.mark.requirement("RUN-2")
@pytest.mark.parametrize(
    ("people", "status", "counts"), [row[1:] for row in SITUATIONS], ids=[row[0] for row in SITUATIONS]
)
def test_status_and_counts_tell_how_each_record_fared(
    world: World, people: list[Person], status: str, counts: dict[str, int]
) -> None:
    world.fresh(KNOWN, CHANGED)
    world.run()
    known = {one.id for one in people}
    gone = [one for one in (KNOWN, CHANGED) if one.id not in known]
    for one in gone:
        world.edit(
            "xledger", "employees", {"code": one.employee["employeeNumber"]}, employmentTo="2026-01-31"
        )
    world.staff(*people)
    run = world.run()
    assert (run.status, run.counts) == (status, {**NOBODY, **counts})
    assert sum((run.counts or {}).values()) == len(people)
    assert run.requested_by == "tester"
    assert run.queued_at <= str(run.started_at) <= str(run.finished_at)
    assert run.error is None


def told(run: Run) -> tuple[Any, Any]:
    """What a run tells of its records: their reasons, and the fields that they change."""
    return run.reasons, run.fields


@pytest.mark.requirement("RUN-2")
def test_a_run_tells_how_many_of_its_records_have_which_reason_and_change_which_field(world: World) -> None:
    world.fresh(KNOWN, CHANGED)
    begun = world.start()
    assert told(begun) == (None, None)
    world.drive(begun)
    world.staff(edited(KNOWN, title="CEO"), edited(CHANGED, title="CFO"), LEFT_OUT, STUCK, REFUSED)
    counted = {
        "skipped": {"JOB_TITLE_MISSING": 1},
        "blocked": {"COST_CENTRE_UNKNOWN": 1},
        "failed": {"REFUSED_BY_TARGET": 1},
    }
    planned = {outcome: counted[outcome] for outcome in ("skipped", "blocked")}
    preview = world.run(mode="preview")
    assert preview.reasons == planned, "what the target will refuse is not known yet"
    before = world.state("xledger")
    run = world.run()
    assert run.reasons == counted
    fields = run.fields or {}
    assert fields["contact.jobTitle"] == 3
    assert fields == preview.fields
    names = {change.field for record in world.stored(run) for change in record.changes}
    assert fields.keys() == names
    world.put("xledger", before)
    applied = world.run(mode="apply", plan_of=preview.run_id)
    assert told(applied) == ({"failed": {"REFUSED_BY_TARGET": 1}}, fields), "what it wrote itself"


@pytest.mark.requirement("RUN-2", "RUN-10")
def test_a_held_run_tells_what_its_plan_would_change(world: World) -> None:
    people = [person(str(number)) for number in range(101, 109)]
    world.fresh(*people)
    world.run()
    world.staff(*(edited(one, endDate="2026-01-31") for one in people))
    run = world.run()
    assert run.status == "held"
    assert (run.fields or {})["employee.employmentTo"] == 8


@pytest.mark.requirement("RUN-2")
def test_a_page_that_is_planned_once_more_is_counted_once(world: World) -> None:
    world.fresh(KNOWN, STUCK)
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    (page,) = plan.list_pages(world.engine, world.opening, base)["pages"]
    for _ in range(2):
        plan.plan(world.engine, world.opening, {**base, "page": page})
    ended = world.drive(run)
    assert ended.reasons == {"blocked": {"COST_CENTRE_UNKNOWN": 1}}
    assert set((ended.fields or {}).values()) == {1}


STOPS = ["after listing", "after planning", "after the review", "after the first batch"]


@pytest.mark.requirement("RUN-2")
@pytest.mark.parametrize("when", STOPS)
@pytest.mark.parametrize("status", [Status.STOPPED, Status.FAILED])
def test_a_run_that_is_cut_short_accounts_for_every_record_it_looked_at(
    world: World, when: str, status: Status
) -> None:
    """The counts add up to the records that were planned, and say which of them were not written."""
    world.limits = Limits(batch_size=2)
    world.fresh(*(person(str(number)) for number in range(101, 105)), LEFT_OUT_LATER)
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    listed = plan.list_pages(world.engine, world.opening, base)
    if when != STOPS[0]:
        for page in listed["pages"]:
            plan.plan(world.engine, world.opening, {**base, "page": page})
        plan.plan(world.engine, world.opening, base)
    batches = review.review_plan(world.engine, base)["batches"] if when in STOPS[2:] else []
    if when == STOPS[3]:
        apply.apply_page(world.engine, world.opening, {**base, "batch": batches[0]})
    why = reason("STOPPED_BY_USER", who="tester")
    world.ledger.runs.halt(world.get(run), Halt(status, why))
    ended = world.drive(run)
    assert ended.status == status
    assert ended.error == why
    written = 2 if when == STOPS[3] else 0
    looked_at = 0 if when == STOPS[0] else 5
    expected = {"created": written, "failed": 4 - written, "skipped": 1} if looked_at else {}
    assert ended.counts == {**NOBODY, **expected}
    assert len(world.state("xledger")["employees"]) == written
    done = moving(world, run)[0]
    assert done == (written + 1 if looked_at else 0), "what was never tried is not done"


LEFT_OUT_LATER = person("105", title=None)


@pytest.mark.requirement("RUN-2")
def test_a_stopped_run_does_no_further_step(world: World) -> None:
    world.fresh(person("101"))
    run = world.start()
    world.ledger.runs.halt(world.get(run), Halt(Status.STOPPED, reason("STOPPED_BY_USER", who="tester")))
    world.forget_requests()
    ended = world.drive(run)
    assert ended.status == "stopped"
    assert world.requests("simployer") == world.requests("xledger") == []


@pytest.mark.requirement("RUN-2")
def test_a_run_that_ended_stays_as_it_is(world: World) -> None:
    world.fresh(person("101"))
    run = world.run()
    world.clock.pass_by(60)
    for problem in (None, "its execution is ABORTED"):
        close.close_run(world.engine, {"run": event(run), "problem": problem})
        assert world.get(run) == run
    assert len([name for name, _ in world.heard.events if name == "RunFinished"]) == 1


def moving(world: World, run: Run) -> tuple[int, int]:
    """How many records are done, of how many."""
    far = close.progress(world.engine, world.get(run))
    return far.done, far.total


@pytest.mark.requirement("RUN-3")
def test_progress_moves_from_page_to_page_and_from_batch_to_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", 2)
    world.limits = Limits(batch_size=1)
    known = [person(str(number)) for number in range(101, 105)]
    world.fresh(*known)
    world.run()
    world.staff(*known, person("106"), person("107"))
    run = world.start()
    base = {"run": event(run)}
    seen = [moving(world, run)]
    plan.open_run(world.engine, base)
    pages = plan.list_pages(world.engine, world.opening, base)["pages"]
    for page in pages:
        plan.plan(world.engine, world.opening, {**base, "page": page})
        seen.append(moving(world, run))
    plan.plan(world.engine, world.opening, base)
    for batch in review.review_plan(world.engine, base)["batches"]:
        apply.apply_page(world.engine, world.opening, {**base, "batch": batch})
        seen.append(moving(world, run))
    close.close_run(world.engine, base)
    seen.append(moving(world, run))
    assert seen == [(0, 0), (2, 6), (4, 6), (5, 6), (5, 6), (6, 6), (6, 6)]


@pytest.mark.requirement("RUN-3")
def test_progress_of_an_applied_plan_counts_its_own_writes(world: World) -> None:
    world.limits = Limits(batch_size=1)
    world.fresh(person("101"), person("102"), person("103", title=None))
    preview = world.run(mode="preview")
    assert moving(world, preview) == (3, 3)
    run = world.start(mode="apply", plan_of=preview.run_id)
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    seen = [moving(world, run)]
    for batch in review.review_plan(world.engine, base)["batches"]:
        apply.apply_page(world.engine, world.opening, {**base, "batch": batch})
        seen.append(moving(world, run))
    assert seen == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.requirement("EVT-1")
def test_a_finished_run_and_its_blocked_records_are_published_without_personal_data(world: World) -> None:
    world.fresh(whole("101"), whole("104", costCenterId=row_id("centre", 990)))
    run = world.run()
    told = dict(world.heard.events)
    assert told["RunFinished"] == {
        "id": run.run_id,
        "tenant": "demo",
        "connection_id": "con_TEST",
        "run_id": run.run_id,
        "flow": "employee_export",
        "trigger": "manual",
        "mode": "sync",
        "status": "partial",
        "counts": {**NOBODY, "created": 1, "blocked": 1},
        "error_code": None,
        "finished_at": run.finished_at,
    }
    assert told["RecordBlocked"] == {
        "id": f"{run.run_id}/employee:104",
        "tenant": "demo",
        "connection_id": "con_TEST",
        "run_id": run.run_id,
        "flow": "employee_export",
        "record_id": "employee:104",
        "reason_code": "COST_CENTRE_UNKNOWN",
    }
    said = json.dumps(world.heard.events)
    secrets = (SSN, IBAN, "Kari", "Nordmann", "@acme.example", "Storgata", "+47")
    assert [secret for secret in secrets if secret in said] == []


@pytest.mark.requirement("EVT-1")
def test_a_failed_run_is_published_with_its_error_code(world: World) -> None:
    world.fresh(person("101"))
    world.faults("simployer", errors=["token"])
    world.run()
    ((name, detail),) = world.heard.events
    assert (name, detail["status"], detail["error_code"]) == ("RunFinished", "failed", "CREDENTIALS_REFUSED")


@pytest.mark.requirement("EVT-1", "RUN-7")
def test_a_preview_publishes_its_end_and_blocks_nobody(world: World) -> None:
    world.fresh(STUCK)
    world.run(mode="preview")
    assert [(name, detail["mode"]) for name, detail in world.heard.events] == [("RunFinished", "preview")]


@pytest.mark.requirement("EVT-1", "RUN-9")
def test_a_record_that_moved_since_its_preview_is_published_as_blocked(world: World) -> None:
    world.fresh(KNOWN)
    preview = world.run(mode="preview")
    world.staff(edited(KNOWN, title="CFO"))
    world.run(mode="apply", plan_of=preview.run_id)
    blocked = [detail["reason_code"] for name, detail in world.heard.events if name == "RecordBlocked"]
    assert blocked == ["MOVED_SINCE_PREVIEW"]


def agreed(world: World) -> Any:
    """Since when both sides are known to agree."""
    return world.ledger.connections.standing("demo", "con_TEST", "employee_export").get("agreed_at")


@pytest.mark.requirement("OPS-4")
def test_a_run_is_measured_once_by_its_flow(world: World) -> None:
    world.fresh(KNOWN, CHANGED)
    world.clock.pass_by(60)
    run = world.start()
    world.clock.pass_by(5)
    world.drive(run)
    close.close_run(world.engine, {"run": event(run)})
    ((values, by),) = world.heard.measures
    assert by == {"flow": "employee_export"}
    counted = {name: value for name, value in values.items() if name != "RunSeconds"}
    assert counted == {"RunsFinished": 1, "RunsSucceeded": 1, "RecordsCreated": 2}


@pytest.mark.requirement("OPS-4")
def test_refused_credentials_are_counted_by_system(world: World) -> None:
    world.fresh(person("101"))
    world.faults("simployer", errors=["token"])
    world.run()
    refused, ended = world.heard.measures
    assert refused == ({"CredentialsRefused": 1}, {"system": "simployer"})
    assert ended[0]["RunsFailed"] == 1


@pytest.mark.requirement("RUN-2", "TRG-5")
def test_both_sides_agree_since_the_last_whole_run_that_left_nothing_over(world: World) -> None:
    world.fresh(KNOWN, CHANGED)
    world.run(mode="preview")
    assert agreed(world) is None
    first = world.run()
    assert agreed(world) == first.finished_at
    world.staff(KNOWN, CHANGED, STUCK)
    world.run()
    assert agreed(world) == first.finished_at, "a record is blocked, so that they don't agree"
    world.staff(KNOWN, CHANGED)
    again = world.run()
    assert agreed(world) == again.finished_at


@pytest.mark.requirement("RUN-2")
def test_a_run_for_some_employees_does_not_say_that_both_sides_agree(world: World) -> None:
    world.fresh(KNOWN, CHANGED)
    world.run(options={"employees": ["101"]})
    assert agreed(world) is None


@pytest.mark.requirement("RUN-2", "RUN-5")
def test_a_run_does_not_mix_two_versions_of_its_flow(world: World, deployed: Deployed) -> None:
    """A rule is changed between opening the run and planning its pages."""
    world.fresh(person("101"))
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    (page,) = plan.list_pages(world.engine, world.opening, base)["pages"]
    deployed.change("flows/employee_export/rules.py")
    answer = plan.plan(world.engine, world.opening, {**base, "page": page})
    assert answer == {"status": "halted"}
    ended = world.drive(run)
    assert ended.error
    assert (ended.status, ended.error.code) == ("failed", "DEPLOYED_MEANWHILE")
    assert world.state("xledger")["employees"] == []
    assert ended.error.remedy == "Start the run again; nothing was written."
    assert world.run().status == "succeeded"


@pytest.mark.requirement("RUN-5", "RUN-9")
def test_what_was_planned_is_written_as_planned_or_not_at_all_after_a_deployment(
    world: World, deployed: Deployed
) -> None:
    """A rule is changed between the plan and its first write, and 102 by hand."""
    world.fresh(KNOWN, CHANGED)
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    assert world.planned(run) == "done"
    (batch,) = review.review_plan(world.engine, base)["batches"]
    deployed.change("flows/employee_export/rules.py")
    world.staff(KNOWN, edited(CHANGED, lastName="Moen"))
    assert apply.apply_page(world.engine, world.opening, {**base, "batch": batch}) == {"status": "done"}
    close.close_run(world.engine, base)
    assert world.reasons(run) == {"102": "MOVED_SINCE_PREVIEW"}
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101"]


@pytest.mark.requirement("RUN-9")
@pytest.mark.parametrize("moves", ["the rules", "the target"])
def test_a_plan_that_other_rules_have_made_says_so(
    world: World, deployed: Deployed, monkeypatch: pytest.MonkeyPatch, moves: str
) -> None:
    """(oncall OC-30)"""
    world.fresh(KNOWN)
    world.run()
    world.staff(edited(KNOWN, workPhone="+4740000001"))
    old = world.run(mode="preview")
    deployed.change("flows/employee_export/rules.py")
    if moves == "the rules":
        monkeypatch.setattr(rules, "initials", lambda first, last: "XX")
    else:
        state = world.state("xledger")
        state["contacts"][0]["phone2"] = "+4799999999"
        world.put("xledger", state)
    done = world.run(mode="apply", plan_of=old.run_id)
    (found,) = [one for one in world.stored(done) if one.reason]
    if moves == "the target":
        assert found.reason.code == "MOVED_SINCE_PREVIEW"
        assert "+4799999999" in found.reason.message
        return
    assert found.reason.code == "DEPLOYED_MEANWHILE"
    assert f"{old.flow_version}, now {world.get(done).flow_version}" in found.reason.message
    assert "installed since the plan was made" in found.reason.message
    assert "new preview" in found.reason.remedy
