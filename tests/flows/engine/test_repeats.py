"""Steps that are done twice, and histories of what was written (RUN-5, RUN-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.flows.engine import apply, close, plan, review
from payrelay.flows.engine.engine import Limits
from payrelay.ledger.runs import AlreadyApplied
from payrelay.ledger.table import Item
from tests.flows.conftest import CONNECTION, TENANT, World
from tests.worlds.people import IBAN, SSN, Leave, Person, in_xledger, person, row_id, whole
from tests.worlds.steps import event
from tests.worlds.structs import replace

FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}


def history(world: World, record_id: str) -> list[Item]:
    """The trail of one record, oldest first."""
    return list(world.ledger.history.of(TENANT, CONNECTION, record_id))[::-1]


def known(world: World, run: Run) -> Any:
    """All that is known of a run and of the target, but for the times of the target's own writes."""
    state = world.state("xledger")
    for rows in state.values():
        for row in rows:
            row.pop("modifiedAt", None)
    records = sorted(world.stored(run), key=lambda record: record.record_id)
    trails = {record.record_id: history(world, record.record_id) for record in records}
    far = close.progress(world.engine, world.get(run))
    return records, trails, (far.counts, far.done, far.total), state


def employees(world: World) -> tuple[str, dict[str, Any]]:
    """One to create, one to change, one who is blocked, one whom Xledger refuses."""
    changed = person("102")
    world.fresh(
        person("101"),
        changed,
        person("103", costCenterId=row_id("centre", 990)),
        person("104", firstName=None, lastName=None),
        there=[in_xledger(changed, email="old@acme.example")],
    )
    return "employee_export", {}


def time_off(world: World) -> tuple[str, dict[str, Any]]:
    """One absence to add, one to change, one to withdraw, one that is blocked."""
    kari = person("101")
    leaves = [
        Leave("101", "2026-02-02", "2026-02-03", serial=1),
        Leave("101", "2026-02-09", "2026-02-10", serial=2),
    ]
    world.fresh(kari, leaves=leaves, there=[in_xledger(kari)])
    world.run("time_off_export", options=FEBRUARY)
    world.staff(
        kari,
        leaves=[
            replace(leaves[0], extent=50),
            Leave("101", "2026-02-16", "2026-02-17", serial=3),
            Leave("101", "2026-02-23", "2026-02-24", kind="Studier", serial=4),
        ],
    )
    return "time_off_export", FEBRUARY


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("prepare", [employees, time_off])
@pytest.mark.parametrize("size", [1, 500])
def test_every_step_done_twice_leaves_everything_as_once(
    world: World, prepare: Callable[[World], tuple[str, dict[str, Any]]], size: int
) -> None:
    world.limits = Limits(batch_size=size)
    flow, options = prepare(world)
    run = world.start(flow, options=options)
    base = {"run": event(run)}

    def twice(step: Callable[..., Item], message: Item) -> Item:
        flows = () if step in (plan.open_run, review.review_plan) else (world.opening,)
        first = step(world.engine, *flows, message)
        before = known(world, run)
        world.forget_requests()
        again = step(world.engine, *flows, message)
        assert again == first
        assert known(world, run) == before
        assert world.writes() == []
        return first

    assert twice(plan.open_run, base) == {"status": "list"}
    for page in twice(plan.list_pages, base)["pages"]:
        twice(plan.plan, {**base, "page": page})
    twice(plan.plan, base)
    batches = twice(review.review_plan, base)["batches"]
    assert len(batches) == (3 if size == 1 else 1)
    for batch in batches:
        twice(apply.apply_page, {**base, "batch": batch})
    close.close_run(world.engine, base)
    ended = world.get(run)
    assert ended.status == "partial"
    assert ended.counts
    assert sum(ended.counts.values()) == 4


@pytest.mark.requirement("RUN-5")
def test_a_finished_batch_that_comes_again_after_the_run_has_ended_does_nothing(world: World) -> None:
    world.fresh(person("101"))
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    world.planned(run)
    (batch,) = review.review_plan(world.engine, base)["batches"]
    apply.apply_page(world.engine, world.opening, {**base, "batch": batch})
    close.close_run(world.engine, base)
    world.put("xledger", {**world.state("xledger"), "employees": []})
    world.forget_requests()
    assert apply.apply_page(world.engine, world.opening, {**base, "batch": batch}) == {"status": "halted"}
    assert world.requests("xledger") == []


@pytest.mark.requirement("RUN-5")
def test_a_plan_applied_twice_is_written_once(world: World) -> None:
    world.fresh(person("101"), person("102"))
    preview = world.run(mode="preview")
    first = world.run(mode="apply", plan_of=preview.run_id)
    assert first.counts
    assert first.counts["created"] == 2
    world.forget_requests()
    with pytest.raises(AlreadyApplied):
        world.run(mode="apply", plan_of=preview.run_id)
    assert world.requests("xledger") == []
    assert len(world.state("xledger")["employees"]) == 2


def changed(one: Person, **changes: Any) -> Person:
    return replace(one, employee={**one.employee, **changes})


@pytest.mark.requirement("RUN-6")
def test_every_field_written_is_in_the_audit_trail_with_old_and_new_value_and_its_run(world: World) -> None:
    kari = person("101")
    world.fresh(kari)
    first = world.run()
    world.staff(changed(kari, title="CFO", privatePhone="+4790000009"))
    world.clock.pass_by(3600)
    second = world.run()
    made, moved = history(world, "employee:101")
    assert (made["run_id"], made["outcome"]) == (first.run_id, "created")
    assert {"field": "contact.jobTitle", "old": None, "new": "Controller"} in made["changes"]
    assert (moved["run_id"], moved["outcome"]) == (second.run_id, "updated")
    assert moved["changes"] == [
        {"field": "contact.jobTitle", "old": "Controller", "new": "CFO"},
        {"field": "contact.phone", "old": None, "new": "+4790000009"},
    ]
    assert (moved["trigger"], moved["requested_by"], moved["flow"]) == (
        "manual",
        "tester",
        "employee_export",
    )
    assert made["at"] < moved["at"]


@pytest.mark.requirement("RUN-6")
def test_what_the_trail_tells_is_what_was_sent_and_nothing_else(world: World) -> None:
    """Every field of a new employee is in the trail, and every field in the trail is at the target."""
    world.fresh(whole("101"))
    world.run()
    (entry,) = history(world, "employee:101")
    told = {one["field"]: one["new"] for one in entry["changes"]}
    target, contact = world.employee("101"), world.contact("101")
    masked = {"employee.bankAccount": IBAN, "employee.socialSec": SSN}
    for name, value in told.items():
        resource, _, path = name.partition(".")
        held: Any = target if resource == "employee" else contact
        for part in path.split("."):
            held = held[part]
        shown = held.get("description") or held["code"] if isinstance(held, dict) else held
        assert value == (f"*****{masked[name][-2:]}" if name in masked else shown), name
    assert masked.keys() <= told.keys()


@pytest.mark.requirement("RUN-6")
def test_records_that_were_not_written_have_no_trail(world: World) -> None:
    world.fresh(
        person("101", title=None),
        person("102", costCenterId=row_id("centre", 990)),
        person("103", firstName=None, lastName=None),
    )
    world.run()
    world.run(mode="preview")
    assert [history(world, f"employee:{number}") for number in ("101", "102", "103")] == [[], [], []]


@pytest.mark.requirement("RUN-6", "TO-1")
def test_the_trail_of_an_absence_tells_its_whole_life_and_why_it_ended(world: World) -> None:
    kari = person("101")
    leave = Leave("101", "2026-02-09", "2026-02-10")
    world.fresh(kari, leaves=[leave], there=[in_xledger(kari)])
    world.run("time_off_export", options=FEBRUARY)
    world.staff(kari, leaves=[replace(leave, last="2026-02-11")])
    world.run("time_off_export", options=FEBRUARY)
    world.staff(kari)
    world.run("time_off_export", options=FEBRUARY)
    made, moved, withdrawn = history(world, "absence:101-2026-02-09-FERIE")
    assert {"field": "toDate", "old": None, "new": "2026-02-10"} in made["changes"]
    assert moved["changes"] == [{"field": "toDate", "old": "2026-02-10", "new": "2026-02-11"}]
    assert {"field": "toDate", "old": "2026-02-11", "new": None} in withdrawn["changes"]
    assert "removed from Xledger" in withdrawn["comment"]
