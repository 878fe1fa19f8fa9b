"""The brake: a plan that hurts many people waits for an admin before its first write (RUN-10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from payrelay.domain.runs import Trigger
from tests.flows.conftest import World
from tests.worlds.people import Leave, Person, Row, in_xledger, moment, person, row_id, whole
from tests.worlds.structs import replace

# More than one person, and more than a quarter of those looked at.
LIMIT = {"people": 1, "share": "0.25"}
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}
ALL = [whole(str(number)) for number in range(101, 107)]


def changed(one: Person, **changes: Any) -> Person:
    employee = {**one.employee, **changes}
    return replace(one, employee={name: value for name, value in employee.items() if value is not None})


def with_changes(count: int, people: Sequence[Person] = ALL, **changes: Any) -> list[Person]:
    """The first `count` people changed, the others as they are."""
    return [changed(one, **changes) if place < count else one for place, one in enumerate(people)]


@pytest.fixture
def loaded(world: World) -> World:
    """Six people, loaded once, over a connection with a tight limit."""
    world.settings(brake=LIMIT, compensation_types={"MONTHLY": "MONTH", "HOURLY": "HOUR"})
    world.fresh(*ALL)
    assert world.run().status == "succeeded"
    world.forget_requests()
    return world


RISKS: list[tuple[str, Row, str]] = [
    ("end", {"endDate": moment("2026-04-30")}, "employment"),
    ("no end any more", {"endDate": None}, "employment"),
    ("hire date", {"hireDate": moment("2024-03-01")}, "employment"),
    ("bank account", {"bankAccount": {"iban": "NO8330001234567"}}, "bank"),
    ("no bank account", {"bankAccount": None}, "empty"),
    ("an emptied phone", {"privatePhone": None}, "empty"),
]


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(("change", "risk"), [row[1:] for row in RISKS], ids=[row[0] for row in RISKS])
def test_a_plan_that_hurts_many_is_held_before_its_first_write(loaded: World, change: Row, risk: str) -> None:
    loaded.staff(*with_changes(2, **change))
    run = loaded.run()
    assert run.status == "held"
    assert run.held
    assert (run.held["people"], run.held["total"], run.held["risks"]) == (2, 6, {risk: 2})
    assert f"{risk}: 2" in run.held["message"]
    assert run.held["remedy"]
    assert loaded.writes() == []
    assert run.counts
    assert (run.counts["updated"], run.counts["unchanged"]) == (2, 4)


@pytest.mark.requirement("RUN-10")
def test_an_employment_that_gets_its_first_end_is_watched_as_an_end(world: World) -> None:
    people = [person(str(number)) for number in range(101, 105)]
    world.settings(brake=LIMIT)
    world.fresh(*people)
    world.run()
    world.staff(*with_changes(2, people, endDate=moment("2026-04-30")))
    run = world.run()
    assert run.held
    assert run.held["risks"] == {"end": 2}


@pytest.mark.requirement("RUN-10")
def test_pay_is_watched(loaded: World) -> None:
    hourly = [replace(one, pay={**one.pay, "payoutPeriod": "HOURLY"}) for one in ALL[:2]]
    loaded.staff(*hourly, *ALL[2:])
    run = loaded.run()
    assert run.held
    assert run.held["risks"] == {"pay": 2}


@pytest.mark.requirement("RUN-10")
def test_one_person_hurt_in_many_ways_is_one_person(loaded: World) -> None:
    loaded.staff(*with_changes(1, endDate=moment("2027-07-31"), bankAccount=None))
    assert loaded.run().status == "succeeded"
    many = with_changes(2, hireDate=moment("2024-04-01"), privatePhone=None)
    loaded.staff(*many)
    run = loaded.run()
    assert run.held
    assert run.held["people"] == 2
    assert run.held["risks"] == {"employment": 2, "empty": 2}


HARMLESS: list[tuple[str, Row]] = [
    ("a title", {"title": "CFO"}),
    ("a name", {"lastName": "Berg"}),
    ("a phone", {"privatePhone": "+4790000009"}),
    ("a cost centre", {"costCenterId": row_id("centre", 320)}),
]


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize("change", [row[1] for row in HARMLESS], ids=[row[0] for row in HARMLESS])
def test_other_changes_are_none_of_the_brakes_business(loaded: World, change: Row) -> None:
    loaded.staff(*with_changes(6, **change))
    run = loaded.run()
    assert run.status == "succeeded"
    assert run.counts
    assert run.counts["updated"] == 6


@pytest.mark.requirement("RUN-10")
def test_new_employees_are_none_of_the_brakes_business(loaded: World) -> None:
    loaded.staff(*ALL, *(whole(str(number)) for number in range(201, 206)))
    run = loaded.run()
    assert run.status == "succeeded"
    assert run.counts
    assert run.counts["created"] == 5


@pytest.mark.requirement("RUN-10")
def test_a_held_run_lists_the_people_and_an_applied_plan_writes_exactly_them(loaded: World) -> None:
    loaded.staff(*with_changes(2, endDate=moment("2026-04-30")))
    held = loaded.run()
    writes = loaded.ledger.plans.writes(held.tenant, held.connection_id, held.run_id, 0)
    assert [one.record.record_id for one in writes] == ["employee:101", "employee:102"]
    assert {one.field for write in writes for one in write.record.changes} == {"employee.employmentTo"}
    applied = loaded.run(mode="apply", plan_of=held.run_id)
    assert (applied.status, applied.held) == ("succeeded", None)
    assert applied.counts
    assert applied.counts["updated"] == 2
    assert [loaded.employee(n)["employmentTo"] for n in ("101", "102", "103")] == [
        "2026-04-30",
        "2026-04-30",
        "2027-06-30",
    ]
    assert loaded.run().status == "succeeded"


@pytest.mark.requirement("RUN-10")
def test_a_held_run_holds_the_next_one_too_until_an_admin_decides(loaded: World) -> None:
    loaded.staff(*with_changes(2, endDate=moment("2026-04-30")))
    assert loaded.run().status == "held"
    assert loaded.run().status == "held"
    loaded.staff(*ALL)
    assert loaded.run().status == "succeeded", "the reason is gone"


@pytest.mark.requirement("RUN-10")
def test_a_first_load_of_new_people_is_not_held(world: World) -> None:
    world.settings(brake={"people": 0, "share": "0"})
    world.fresh(*(person(str(number)) for number in range(101, 104)))
    assert world.run().status == "succeeded"


@pytest.mark.requirement("RUN-10", "RUN-7")
def test_a_first_load_is_no_exception_for_people_who_are_there_already(world: World) -> None:
    """Everybody is in Xledger already, with another hire date; the preview says so beforehand."""
    world.settings(brake={"people": 0, "share": "0"})
    people = [person(str(number)) for number in range(101, 104)]
    world.fresh(*people, there=[in_xledger(one, employmentFrom="2001-01-01") for one in people])
    preview, first = world.run(mode="preview"), world.run()
    assert (preview.status, first.status) == ("succeeded", "held")
    assert preview.held
    assert (preview.held, preview.held["people"]) == (first.held, 3)
    assert world.run(mode="apply", plan_of=first.run_id).status == "succeeded"


@pytest.mark.requirement("RUN-10", "OPS-1")
def test_a_held_run_is_not_walked_around_by_replays_of_its_records(loaded: World) -> None:
    """The limit is two people; each replay, and a replay of that, is of one of the two who are held."""
    ended = with_changes(2, endDate=moment("2026-04-30"))
    loaded.staff(*ended)
    held = loaded.run()
    loaded.forget_requests()
    for number in (0, 1):
        held = loaded.run(trigger=Trigger.REPLAY, replay_of=held.run_id, only=(ended[number].employee["id"],))
        assert held.status == "held"
    assert loaded.writes() == []
    unhurt = loaded.run(trigger=Trigger.REPLAY, replay_of=held.run_id, only=(ended[2].employee["id"],))
    assert unhurt.status == "succeeded", "somebody whom the brake does not watch"


@pytest.mark.requirement("RUN-10", "OPS-1")
def test_a_share_is_one_of_all_that_the_replayed_run_looked_at(loaded: World) -> None:
    """Two of six may be changed; that they are two of the two who are replayed counts for nothing."""
    loaded.settings(brake={"people": 1, "share": "0.34"})
    changed_ones = with_changes(2, endDate=moment("2026-04-30"))
    loaded.staff(*changed_ones)
    loaded.faults("xledger", errors=[503], match="updateEmployees")
    first = loaded.run()
    assert first.status == "failed"
    loaded.calm("xledger")
    ids = tuple(one.employee["id"] for one in changed_ones[:2])
    assert loaded.run(trigger=Trigger.REPLAY, replay_of=first.run_id, only=ids).status == "succeeded"


@pytest.mark.requirement("RUN-10", "TO-1")
def test_withdrawing_all_leave_of_many_employees_is_held(world: World) -> None:
    world.settings(brake=LIMIT)
    people = [person(str(number)) for number in range(101, 104)]
    leaves = [Leave(one.employee["employeeNumber"], "2026-02-09", "2026-02-10") for one in people]
    world.fresh(*people, leaves=leaves, there=[in_xledger(one) for one in people])
    world.run("time_off_export", options=FEBRUARY)
    world.staff(*people)
    world.forget_requests()
    run = world.run("time_off_export", options=FEBRUARY)
    assert run.status == "held"
    assert world.writes() == []
    applied = world.run("time_off_export", "apply", plan_of=run.run_id, options=FEBRUARY)
    assert applied.counts
    assert applied.counts["updated"] == 3
    assert world.state("xledger")["absences"] == []
