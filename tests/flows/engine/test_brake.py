"""The brake: a plan that hurts many people waits for an admin before its first write (RUN-10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from payrelay.flows.engine.review import brake
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
def test_a_first_load_is_not_held(world: World) -> None:
    """Everybody is in Xledger already, with another hire date."""
    world.settings(brake={"people": 0, "share": "0"})
    people = [person(str(number)) for number in range(101, 104)]
    world.fresh(*people, there=[in_xledger(one, employmentFrom="2001-01-01") for one in people])
    preview = world.run(mode="preview")
    first = world.run()
    assert (preview.first_load, first.first_load, first.status) == (True, True, "succeeded")
    world.staff(*with_changes(1, people, hireDate=moment("2024-03-01")))
    assert world.run().status == "held"


@pytest.mark.requirement("RUN-10")
def test_a_first_load_that_failed_is_still_the_first_load(world: World) -> None:
    world.settings(brake={"people": 0, "share": "0"})
    kari = person("101")
    world.fresh(kari, there=[in_xledger(kari, employmentFrom="2001-01-01")])
    world.faults("xledger", errors=[503], match="updateEmployees")
    assert world.run().status == "failed"
    world.calm("xledger")
    assert world.run().status == "succeeded"


@pytest.mark.requirement("RUN-10")
def test_a_preview_of_what_the_brake_would_hold_is_not_held(loaded: World) -> None:
    loaded.staff(*with_changes(2, endDate=moment("2026-04-30")))
    preview = loaded.run(mode="preview")
    assert (preview.status, preview.held) == ("succeeded", None)


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


LIMITS: list[tuple[str, Row | None, int, int, bool]] = [
    ("the default: five people always pass", None, 5, 6, False),
    ("the default: six of sixty are a tenth", None, 6, 60, False),
    ("the default: six of fifty-nine are more", None, 6, 59, True),
    ("a number only", {"people": 2, "share": "0"}, 3, 1000, True),
    ("not above the number", {"people": 3, "share": "0"}, 3, 3, False),
    ("not above the share", {"people": 0, "share": "0.5"}, 5, 10, False),
    ("above both", {"people": 0, "share": "0.5"}, 6, 10, True),
    ("nobody may be hurt", {"people": 0, "share": "0"}, 1, 1000, True),
    ("everybody may be", {"people": 0, "share": "1"}, 1000, 1000, False),
    ("nobody is", {"people": 0, "share": "0"}, 0, 1000, False),
]


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(
    ("setting", "people", "total", "held"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS]
)
def test_the_limit_is_a_number_and_a_share_and_both_must_be_passed(
    world: World, setting: Row | None, people: int, total: int, held: bool
) -> None:
    if setting:
        world.settings(brake=setting)
    run = world.start()
    half = people // 2
    pages = [
        {"risks": {"end": half, "people": half}, "looked_at": total // 2},
        {"risks": {"pay": people - half, "people": people - half}, "looked_at": total - total // 2},
    ]
    found = brake(run, pages)
    assert (found is not None) == held
    if found:
        assert (found["people"], found["total"]) == (people, total)
        assert {risk: count for risk, count in found["risks"].items() if count} == {
            name: count for name, count in (("end", half), ("pay", people - half)) if count
        }


@pytest.mark.requirement("RUN-10")
def test_a_run_for_one_employee_is_not_the_first_load(world: World) -> None:
    """Somebody tries one employee first; the first load of all the others is a first load still."""
    world.settings(brake={"people": 0, "share": "0"})
    people = [person(str(number)) for number in range(101, 104)]
    world.fresh(*people, there=[in_xledger(one, employmentFrom="2001-01-01") for one in people])
    world.run(options={"employees": ["101"]})
    run = world.run()
    assert (run.first_load, run.status) == (True, "succeeded")
