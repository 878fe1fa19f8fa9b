"""Previews: the same as the sync that follows, without a write; and plans that bind (RUN-7, RUN-9)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from payrelay.domain.records import Record
from payrelay.domain.runs import Run
from payrelay.ledger.plans import PlanExpired
from tests.flows.conftest import World
from tests.worlds.people import Leave, Person, in_xledger, moment, person, row_id, whole
from tests.worlds.structs import replace

FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}


def changed(one: Person, **changes: Any) -> Person:
    return replace(one, employee={**one.employee, **changes})


def told(world: World, run: Run) -> list[Record]:
    """The records of a run: those that planning settled, and the writes that it plans or made."""
    stored = [record for record in world.stored(run) if record.outcome not in ("created", "updated")]
    planned = []
    for index in range((run.pages or 0) + 1):
        with suppress(PlanExpired):  # a page that writes nothing keeps no plan
            writes = world.ledger.plans.writes(run.tenant, run.connection_id, run.run_id, index)
            planned += [write.record for write in writes]
    made = [record for record in world.stored(run) if record.outcome in ("created", "updated")]
    return sorted(stored + (made or planned), key=lambda record: record.record_id)


def employees(world: World) -> tuple[str, dict[str, Any]]:
    """Every outcome that planning can tell, with sensitive values among the changes."""
    adopted, gone = whole("101"), person("109")
    world.fresh(adopted, gone, there=[in_xledger(adopted, email="old@acme.example")])
    world.run()
    world.staff(
        changed(adopted, title="CFO", ssn="02819054321"),
        whole("102"),
        person("103", title=None),
        person("104", costCenterId=row_id("centre", 990)),
        person("105"),
        person("105", record=205, hireDate=moment("2019-01-01")),
    )
    return "employee_export", {}


def time_off(world: World) -> tuple[str, dict[str, Any]]:
    """Absences to add, change, withdraw, cut and block."""
    kari = person("101")
    leaves = [Leave("101", f"2026-02-{day:02}", f"2026-02-{day:02}", serial=day) for day in (2, 5, 9)]
    world.fresh(kari, leaves=leaves, there=[in_xledger(kari)])
    world.run("time_off_export", options=FEBRUARY)
    world.staff(
        kari,
        leaves=[
            leaves[0],
            replace(leaves[1], extent=50),
            Leave("101", "2026-02-25", "2026-03-04", serial=12),
            Leave("101", "2026-02-16", "2026-02-17", kind="Studier", serial=13),
        ],
    )
    return "time_off_export", FEBRUARY


@pytest.mark.requirement("RUN-7")
@pytest.mark.parametrize("prepare", [employees, time_off])
def test_a_preview_tells_what_the_sync_that_follows_does_and_writes_nothing(
    world: World, prepare: Callable[[World], tuple[str, dict[str, Any]]]
) -> None:
    flow, options = prepare(world)
    before = world.state("simployer"), world.state("xledger")
    world.forget_requests()
    preview = world.run(flow, "preview", options=options)
    assert world.writes() == []
    assert [one for one in world.requests("simployer") if one["writes"]] == []
    assert (world.state("simployer"), world.state("xledger")) == before
    sync = world.run(flow, options=options)
    assert world.writes()
    assert told(world, preview) == told(world, sync)
    assert preview.counts == sync.counts
    assert len(told(world, sync)) >= 4


@pytest.mark.requirement("RUN-7")
def test_a_preview_changes_nothing_that_a_later_run_would_see(world: World) -> None:
    """Two previews in a row, and a sync that is still a first load."""
    world.fresh(person("101"))
    first, second = world.run(mode="preview"), world.run(mode="preview")
    assert told(world, first) == told(world, second)
    sync = world.run()
    assert (second.first_load, sync.first_load) == (True, True)
    assert sync.counts
    assert sync.counts["created"] == 1


@pytest.mark.requirement("RUN-9")
def test_an_applied_plan_is_written_exactly_as_it_was_previewed(world: World) -> None:
    kari = person("101")
    world.fresh(kari, person("102"), there=[in_xledger(kari, email="old@acme.example")])
    preview = world.run(mode="preview")
    planned = told(world, preview)
    world.forget_requests()
    run = world.run(mode="apply", plan_of=preview.run_id)
    assert told(world, run) == planned
    assert (run.mode, run.plan_of, run.status) == ("apply", preview.run_id, "succeeded")
    assert run.counts
    assert (run.counts["created"], run.counts["updated"]) == (1, 1)
    assert world.employee("101")["email"] == "kari.101@acme.example"
    world.forget_requests()
    world.run()
    assert world.writes() == []


@pytest.mark.requirement("RUN-9")
def test_what_came_after_the_preview_is_not_written_with_its_plan(world: World) -> None:
    world.fresh(person("101"))
    preview = world.run(mode="preview")
    world.staff(person("101"), person("102"))
    run = world.run(mode="apply", plan_of=preview.run_id)
    assert world.outcomes(run) == {"101": "created"}
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101"]


KARI = person("101")


def source_changed(world: World) -> None:
    """Another value in Simployer, in a field that the plan writes."""
    world.staff(changed(KARI, workEmail="newer@acme.example"), person("102"))


def source_changed_beside(world: World) -> None:
    """Another value in Simployer, in a field that the plan does not write."""
    world.staff(changed(KARI, title="CFO"), person("102"))


def source_changed_secretly(world: World) -> None:
    """Another bank account, which no change shows."""
    world.staff(changed(KARI, bankAccount={"iban": "NO8330001234567"}), person("102"))


def source_left_out(world: World) -> None:
    """The employee is no longer for export."""
    world.staff(changed(KARI, active=False), person("102"))


def source_gone(world: World) -> None:
    """The employee is no longer in Simployer."""
    world.staff(person("102"))


def target_changed(world: World) -> None:
    """Somebody changed the very field in Xledger."""
    world.edit("xledger", "employees", {"code": "101"}, email="hand@acme.example")


def target_changed_beside(world: World) -> None:
    """Somebody changed another integration field in Xledger."""
    world.edit("xledger", "employees", {"code": "101"}, description="Somebody Else")


def target_right_already(world: World) -> None:
    """Somebody put the field right in Xledger."""
    world.edit("xledger", "employees", {"code": "101"}, email="kari.101@acme.example")


def target_gone(world: World) -> None:
    """Somebody deleted the employee in Xledger."""
    world.put("xledger", {**world.state("xledger"), "employees": [], "contacts": []})


MOVES = [
    source_changed,
    source_changed_beside,
    source_changed_secretly,
    source_left_out,
    source_gone,
    target_changed,
    target_changed_beside,
    target_right_already,
    target_gone,
]


@pytest.mark.requirement("RUN-9")
@pytest.mark.parametrize("move", MOVES)
def test_a_record_that_moved_since_the_preview_is_left_alone_and_the_others_are_written(
    world: World, move: Callable[[World], None]
) -> None:
    world.fresh(KARI, person("102"), there=[in_xledger(KARI, email="old@acme.example")])
    preview = world.run(mode="preview")
    move(world)
    before = [row for row in world.state("xledger")["employees"] if row["code"] == "101"]
    run = world.run(mode="apply", plan_of=preview.run_id)
    assert [row for row in world.state("xledger")["employees"] if row["code"] == "101"] == before
    assert world.reasons(run) == {"101": "MOVED_SINCE_PREVIEW"}
    assert world.outcomes(run) == {"101": "blocked", "102": "created"}
    assert run.status == "partial"


@pytest.mark.requirement("RUN-9")
def test_someone_planned_as_new_who_is_in_xledger_by_now_has_moved(world: World) -> None:
    world.fresh(KARI, person("102"))
    preview = world.run(mode="preview")
    world.fresh(KARI, person("102"), there=[in_xledger(KARI)])
    run = world.run(mode="apply", plan_of=preview.run_id)
    assert world.reasons(run) == {"101": "MOVED_SINCE_PREVIEW"}
    assert world.employee("102")


@pytest.mark.requirement("RUN-9")
@pytest.mark.parametrize("flow", ["employee_export", "time_off_export"])
def test_an_expired_plan_ends_the_run_with_its_reason_and_writes_nothing(world: World, flow: str) -> None:
    world.fresh(
        KARI, leaves=[Leave("101", "2026-02-09", "2026-02-10")], there=[in_xledger(KARI, email="x@y.z")]
    )
    options = FEBRUARY if flow == "time_off_export" else {}
    preview = world.run(flow, "preview", options=options)
    world.memory.bucket.objects.clear()
    world.forget_requests()
    run = world.run(flow, "apply", plan_of=preview.run_id, options=options)
    assert run.error
    assert (run.status, run.error.code) == ("failed", "PLAN_EXPIRED")
    assert preview.run_id in run.error.message
    assert world.writes() == []


@pytest.mark.requirement("RUN-9", "TO-1")
def test_a_plan_for_time_off_binds_in_the_same_way(world: World) -> None:
    leaves = [
        Leave("101", "2026-02-02", "2026-02-03", serial=1),
        Leave("101", "2026-02-09", "2026-02-10", serial=2),
        Leave("101", "2026-02-16", "2026-02-17", serial=3),
    ]
    world.fresh(KARI, leaves=leaves[:2], there=[in_xledger(KARI)])
    world.run("time_off_export", options=FEBRUARY)
    world.staff(KARI, leaves=[replace(leaves[0], extent=50), leaves[2]])
    preview = world.run("time_off_export", "preview", options=FEBRUARY)
    world.staff(KARI, leaves=[replace(leaves[0], extent=40), leaves[2]])
    run = world.run("time_off_export", "apply", plan_of=preview.run_id, options=FEBRUARY)
    assert world.outcomes(run) == {
        "101-2026-02-02-FERIE": "blocked",
        "101-2026-02-09-FERIE": "updated",
        "101-2026-02-16-FERIE": "created",
    }
    shown = [(row["fromDate"], row["leavePercent"]) for row in world.absences("101")]
    assert shown == [("2026-02-02", "100"), ("2026-02-16", "100")]


@pytest.mark.requirement("RUN-9")
def test_a_plan_does_not_apply_other_settings_than_it_was_made_with(world: World) -> None:
    world.fresh(KARI)
    preview = world.run(mode="preview")
    world.settings(employee_groups={"permanent_employment": "VIKAR"})
    run = world.run(mode="apply", plan_of=preview.run_id)
    groups = [row["employeeGroup"]["code"] for row in world.state("xledger")["employees"]]
    assert groups in ([], ["FAST"]), "a value that nobody looked at was written"
    assert run.status in ("succeeded", "partial")
