"""A large company: what moved is looked at, on either side, and all else is as it was (RUN-11, EX-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Options, Running
from payrelay.flows.engine.settle import Desk
from payrelay.ledger.mirrors import Mirrors
from payrelay.systems.http.door import Door
from payrelay.systems.xledger.client import XledgerClient
from tests.flows.conftest import Clock, World
from tests.worlds.people import Person, in_xledger, moment, person, row_id
from tests.worlds.saboteur import back_to
from tests.worlds.sandboxes import running
from tests.worlds.steps import Crash
from tests.worlds.structs import replace

HOUR, DAY = 3600, 86_400
PEOPLE, ROWS, PAGES = 30, 10, 3
# The total and the pages; look-ups, what moved of two lists, and a proof of each.
SOURCE, TARGET = 1 + PAGES, 3 + 2 + 2
LIVE = 2


@pytest.fixture(scope="module")
def clocked() -> Iterator[tuple[Running, Clock]]:
    """Simployer One and Xledger on a clock that tests move."""
    clock = Clock()
    with running(options=Options(rate_limits=False, now=clock)) as served:
        yield served, clock


@pytest.fixture
def large(clocked: tuple[Running, Clock], monkeypatch: pytest.MonkeyPatch) -> World:
    """A connection whose pages hold ten people."""
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", ROWS)
    monkeypatch.setattr("payrelay.flows.employee_export.mirror.is_full_due", after_all_days)
    served, clock = clocked
    clock.now, memory = Clock().now, memory_ledger()
    world = World(dict(served.urls), memory.ledger, memory, clock)
    for name in ("simployer", "xledger"):
        world.calm(name)
        served.sandboxes[name].clock.put({"offset_seconds": 0})
    world.door = replace(world.door, now=clock)
    world.connect(brake={"people": 1000, "share": "1"})
    return world


def after_all_days(full_at: datetime, now: datetime, days: int, spread: str) -> bool:
    """A full comparison is due after all days, whoever it is for."""
    del spread
    return now - full_at >= timedelta(days=days)


@pytest.fixture
def quietly(clocked: tuple[Running, Clock]) -> Callable[..., None]:
    """Changes a row of Xledger, and Xledger does not say that it moved."""

    def change(resource: str, db_id: str, **values: Any) -> None:
        room = clocked[0].room("xledger")
        with room.lock:
            table = room.store[resource]
            table.put({**table.get(db_id), **values})

    return change


def staff(**others: Person) -> list[Person]:
    """Thirty people of the numbers 101 to 130, some of whom are other than usual."""
    known = {str(number): person(str(number)) for number in range(101, 101 + PEOPLE)}
    return list({**known, **{name.lstrip("_"): one for name, one in others.items()}}.values())


# Brings a new world to where all of `staff` are at rest, by the address of the sandbox.
RESTED: dict[str, Callable[[World], None]] = {}


def at_rest(world: World, *people: Person) -> World:
    """All are exported, equal on both sides, and known to be; nothing has moved for hours.

    With nobody in particular it is the usual `staff`, whom one test has brought there for all.
    """
    here = world.urls["xledger"]
    if not people and here in RESTED:
        RESTED[here](world)
        return next_run(world)
    world.fresh(*(people or staff()))
    for _ in range(2):
        world.run()
        world.wait(3 * HOUR)
    if not people:
        RESTED[here] = back_to(world, ("simployer", "xledger"))
    return next_run(world)


def next_run(world: World) -> World:
    """The next run is what is looked at."""
    world.forget_requests()
    return world


def calls(world: World) -> tuple[int, int]:
    """The calls to both systems."""
    return len(world.requests("simployer")), len(world.requests("xledger"))


def counted(**outcomes: int) -> dict[str, int]:
    """Outcomes that add up to all people."""
    none = dict.fromkeys(("created", "updated", "skipped", "blocked", "failed"), 0)
    return {**none, **outcomes, "unchanged": PEOPLE - sum(outcomes.values())}


@pytest.mark.requirement("RUN-11", "RUN-8")
def test_where_nothing_moved_a_page_takes_one_call_and_xledger_seven_in_all(large: World) -> None:
    at_rest(large)
    for _ in range(PAGES + 1):
        next_run(large)
        run = large.run()
        assert (run.full, run.counts, calls(large)) == (False, counted(), (SOURCE, TARGET))
        large.wait(3 * HOUR)


@pytest.mark.requirement("RUN-11", "RUN-8")
def test_a_small_office_is_read_as_ever_and_keeps_no_mirror(large: World) -> None:
    large.fresh(*staff()[: 2 * ROWS])
    large.run()
    next_run(large)
    run = large.run()
    assert (run.full, calls(large)) == (None, (3, 3 + 2 * LIVE))
    assert large.ledger.mirrors.head("demo", large.connection_id, "employee_export") is None


def source(number: int, **values: Any) -> Callable[[World], None]:
    return lambda world: world.edit("simployer", "employee", {"id": row_id("employee", number)}, **values)


def employment(number: int, **values: Any) -> Callable[[World], None]:
    return lambda world: world.edit("simployer", "employment", {"id": row_id("employment", number)}, **values)


def employee_there(number: int, **values: Any) -> Callable[[World], None]:
    return lambda world: world.edit("xledger", "employees", {"code": str(number)}, **values)


def contact_there(number: int, **values: Any) -> Callable[[World], None]:
    return lambda world: world.edit(
        "xledger", "contacts", {"dbId": world.employee(str(number))["contactDbId"]}, **values
    )


@pytest.mark.requirement("RUN-11", "EX-4")
@pytest.mark.parametrize(
    ("edit", "outcome", "written"),
    [
        pytest.param(source(105, title="Boss"), "updated", ["updateContacts"], id="a field of the source"),
        pytest.param(
            source(105, costCenterId=row_id("centre", 320)), "updated", ["updateEmployees"], id="a relation"
        ),
        pytest.param(employment(105, rate=80), "blocked", [], id="a related row, which moves no employee"),
        pytest.param(
            employee_there(105, description="By Hand"),
            "updated",
            ["updateEmployees"],
            id="the employee there",
        ),
        pytest.param(contact_there(105, phone="1"), "updated", ["updateContacts"], id="the contact there"),
        pytest.param(employee_there(105, code="0105"), "blocked", [], id="the code there"),
    ],
)
def test_what_moved_on_either_side_is_compared_as_ever(
    edit: Callable[[World], None], outcome: str, written: list[str], large: World
) -> None:
    at_rest(large)
    edit(large)
    next_run(large)
    preview = large.run(mode="preview")
    run = large.run()
    assert (preview.full, preview.counts) == (run.full, run.counts)
    assert (run.full, run.counts) == (False, counted(**{outcome: 1}))
    assert [one["operation"] for one in large.writes()] == written
    again = large.run(options={"full": True})
    assert again.full is True
    assert again.drift == 0
    assert again.counts == counted(**({"blocked": 1} if outcome == "blocked" else {}))


@pytest.mark.requirement("RUN-11")
def test_what_was_written_is_known_by_the_answer(large: World) -> None:
    at_rest(large)
    source(103, title="Boss")(large)
    source(127, costCenterId=row_id("centre", 320))(large)
    assert large.run().counts == counted(updated=2)
    for _ in range(2):
        next_run(large)
        run = large.run()
        assert (run.full, run.counts, calls(large)) == (False, counted(), (SOURCE, TARGET))
    contact_there(103, jobTitle="By hand")(large)
    assert large.outcomes(large.run()) == {"103": "updated"}
    assert large.contact("103")["jobTitle"] == "Boss"


@pytest.mark.requirement("RUN-11", "EX-4")
@pytest.mark.parametrize("where", [contact_there(103, phone="1"), employee_there(103, description="By Hand")])
def test_what_is_changed_by_hand_between_reading_and_writing_is_overwritten_by_the_next_run(
    where: Callable[[World], None], large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rest(large)
    source(103, title="Boss", hireDate=moment("2024-02-20"))(large)
    real = XledgerClient.update_employees

    def overtaken(self: XledgerClient, nodes: Any, **more: Any) -> Any:
        where(large)
        return real(self, nodes, **more)

    monkeypatch.setattr(XledgerClient, "update_employees", overtaken)
    large.run()
    monkeypatch.setattr(XledgerClient, "update_employees", real)
    large.wait(DAY)
    run = large.run()
    assert (run.full, large.outcomes(run)) == (False, {"103": "updated"})
    assert large.employee("103")["description"] == "Kari Nordmann103"
    assert large.contact("103")["phone"] is None


@pytest.mark.requirement("RUN-11", "RUN-4")
def test_after_a_crash_between_the_answer_and_the_link_it_is_looked_at_live(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rest(large)
    source(103, title="Boss")(large)
    real, died = Desk.settle, []

    def dies(self: Desk, results: Any, found: Any = ()) -> None:
        if not died:
            died.append(1)
            raise Crash
        real(self, results, found)

    monkeypatch.setattr(Desk, "settle", dies)
    run = large.run()
    assert (large.crashes, run.counts) == (1, counted(updated=1))
    next_run(large)
    run = large.run()
    assert (run.full, run.counts) == (False, counted())
    assert calls(large) == (SOURCE + 1, TARGET + LIVE)
    next_run(large)
    large.run()
    assert calls(large) == (SOURCE, TARGET)


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("name", ["put_head", "put_blob"])
def test_a_crash_while_the_mirror_is_kept_changes_nothing(
    name: str, large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rest(large)
    source(103, title="Boss")(large)
    real, died = getattr(Mirrors, name), []

    def dies(self: Mirrors, *arguments: Any) -> Any:
        if not died:
            died.append(1)
            raise Crash
        return real(self, *arguments)

    monkeypatch.setattr(Mirrors, name, dies)
    assert large.run().counts == counted(updated=1)
    assert large.crashes == 1
    next_run(large)
    assert large.run().counts == counted()
    assert calls(large) == (SOURCE, TARGET)


@pytest.mark.requirement("RUN-11", "RUN-10")
def test_a_write_that_was_held_is_not_taken_for_one_that_was_made_before(large: World) -> None:
    """The link tells of an earlier write of the very same row."""
    at_rest(large)
    source(103, endDate=moment("2030-01-01"))(large)
    assert large.run().counts == counted(updated=1)
    large.wait(DAY)
    employee_there(103, employmentTo="2031-01-01")(large)
    large.settings(brake={"people": 0, "share": "0"})
    assert large.run().status == "held"
    large.settings(brake={"people": 1000, "share": "1"})
    large.wait(DAY)
    run = large.run()
    assert (run.full, large.outcomes(run)) == (False, {"103": "updated"})
    assert large.employee("103")["employmentTo"] == "2030-01-01"


@pytest.mark.requirement("RUN-11")
def test_somebody_deleted_in_xledger_is_found_by_the_proof(large: World) -> None:
    at_rest(large)
    state = large.state("xledger")
    state["employees"] = [row for row in state["employees"] if row["code"] != "125"]
    large.put("xledger", state)
    runs = []
    while len(runs) < PAGES and not (runs and runs[-1].full):
        runs.append(large.run())
    assert (runs[-1].full, runs[-1].drift, large.outcomes(runs[-1])) == (True, 1, {"125": "created"})
    assert {run.drift for run in runs[:-1]} <= {None}


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(("back", "full"), [(HOUR, False), (3 * HOUR, True)])
def test_a_clock_that_was_put_back_hides_nothing(
    back: int, full: bool, large: World, clocked: tuple[Running, Clock]
) -> None:
    at_rest(large)
    large.run()
    clocked[0].sandboxes["xledger"].clock.put({"offset_seconds": -back})
    contact_there(105, phone="1")(large)
    run = large.run()
    assert (run.full, large.outcomes(run)) == (full, {"105": "updated"})


@pytest.mark.requirement("RUN-11")
def test_a_row_that_changes_twice_at_half_past_two_in_the_night_of_autumn_is_seen_twice(
    large: World, quietly: Callable[..., None]
) -> None:
    large.clock.now = large.clock.now.replace(month=10, day=24, hour=12)
    at_rest(large, *staff())
    there = large.employee("105")["contactDbId"]
    half_past_two = "2026-10-25T02:30:00"
    for hour in (0, 1):
        large.clock.now = large.clock.now.replace(day=25, hour=hour, minute=30, second=0)
        quietly("contacts", there, phone=f"{hour}", modifiedAt=half_past_two)
        large.wait(60)
        run = large.run(mode="preview")
        assert (run.full, run.counts) == (False, counted(updated=1))
        if not hour:
            # What is written has the time of before by chance.
            large.run()
            quietly("contacts", there, modifiedAt=half_past_two)


def settings_changed(world: World) -> None:
    world.settings(hard_coded={"employment_type": None}, selection={"require": ["email"]})


def mirror_lost(world: World) -> None:
    bucket = world.memory.bucket.objects
    for name in [one for one in bucket if "mirror-" in one[1]]:
        del bucket[name]


def part_lost(world: World) -> None:
    bucket = world.memory.bucket.objects
    for name in [one for one in bucket if "mirror-" in one[1] and not one[1].endswith("head")]:
        del bucket[name]


def connected_anew(world: World) -> None:
    world.ledger.connections.save(replace(world.connection, switched_at="2026-03-02T09:00:00Z"))


def other_organisation(world: World) -> None:
    world.ledger.connections.save(replace(world.connection, organisation_ids={"xledger": "x"}))


def cost_centre_renamed(world: World) -> None:
    world.edit("xledger", "objectValues", {"code": "320"}, code="321")


def a_week_later(world: World) -> None:
    world.wait(7 * DAY)


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    "change",
    [
        settings_changed,
        mirror_lost,
        part_lost,
        connected_anew,
        other_organisation,
        cost_centre_renamed,
        a_week_later,
    ],
)
def test_everybody_is_compared_where_what_is_known_is_not_to_be_relied_on(
    change: Callable[[World], None], large: World
) -> None:
    at_rest(large)
    change(large)
    first = large.run()
    assert (first.full, first.counts) == (True, counted())
    second = large.run()
    assert (second.full, second.counts) == (False, counted())


@pytest.mark.requirement("RUN-11", "RUN-8")
def test_a_part_that_is_lost_between_listing_and_page_is_read_live_and_kept_anew(large: World) -> None:
    at_rest(large)
    head = large.ledger.mirrors.head("demo", large.connection_id, "employee_export")
    assert head
    # Of another part than the one that proves this run: nobody misses it before its page does.
    lost = head.parts[(head.facts["turn"] + 1) % PAGES].name
    (key,) = [one for one in large.memory.bucket.objects if one[1].endswith(lost)]
    del large.memory.bucket.objects[key]
    run = large.run()
    assert (run.full, run.counts, calls(large)) == (False, counted(), (SOURCE + 1, TARGET + LIVE))
    large.wait(3 * HOUR)
    for _ in range(PAGES):
        next_run(large)
        run = large.run()
        assert (run.full, run.counts, calls(large)) == (False, counted(), (SOURCE, TARGET))


@pytest.mark.requirement("RUN-11", "EX-4")
def test_what_xledger_does_not_take_as_it_was_sent_is_not_taken_for_written(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rest(large)
    source(103, title="Boss")(large)
    real = XledgerClient.update_contacts

    def cut(self: XledgerClient, nodes: Any, **more: Any) -> Any:
        return real(self, [(name, {**node, "jobTitle": "Bo"}) for name, node in nodes], **more)

    monkeypatch.setattr(XledgerClient, "update_contacts", cut)
    assert large.outcomes(large.run()) == {"103": "updated"}
    large.wait(3 * HOUR)
    run = large.run()
    assert (run.full, large.outcomes(run)) == (False, {"103": "updated"})


@pytest.mark.requirement("RUN-11")
def test_where_too_much_moved_all_pages_are_read(large: World) -> None:
    at_rest(large)
    for number in (103, 113, 123, 124):
        contact_there(number, phone="1")(large)
    run = large.run()
    assert (run.full, run.counts) == (True, counted(updated=4))


@pytest.mark.requirement("RUN-11")
def test_much_that_changed_on_a_page_is_looked_at_there(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.pages.APART", 1)
    at_rest(large, *staff(_104=person("104", active=False)))
    for number in (101, 102, 111):
        source(number, title="Boss")(large)
    next_run(large)
    run = large.run()
    assert (run.full, run.counts) == (False, counted(updated=3, skipped=1))
    writes = len(large.writes())
    assert calls(large) == (SOURCE + 1, TARGET + 2 * LIVE + writes)
    next_run(large)
    assert large.run().counts == counted(skipped=1)
    assert calls(large) == (SOURCE, TARGET)


@pytest.mark.requirement("RUN-11", "RUN-7")
def test_a_preview_keeps_nothing(large: World) -> None:
    at_rest(large)
    source(103, title="Boss")(large)

    def mirror() -> dict[str, bytes]:
        return {name: body for (_, name), body in large.memory.bucket.objects.items() if "mirror-" in name}

    before = mirror()
    run = large.run(mode="preview")
    assert (run.full, run.counts, mirror()) == (False, counted(updated=1), before)


@pytest.mark.requirement("RUN-11")
def test_a_full_comparison_counts_whom_the_mirror_had_wrong(
    large: World, quietly: Callable[..., None]
) -> None:
    at_rest(large)
    quietly("contacts", large.employee("105")["contactDbId"], phone="1")
    run = large.run()
    assert (run.full, run.counts) == (False, counted())
    wrong = next(check for check in diagnosed(large, "105") if check.name == "runs look at what moved")
    assert wrong.passed is False
    assert "`full`" in (wrong.remedy or "")
    run = large.run(options={"full": True})
    assert (run.full, run.drift, large.outcomes(run)) == (True, 1, {"105": "updated"})
    assert large.run(options={"full": True}).drift == 0


def diagnosed(world: World, key: str | None) -> Any:
    return world.opening(world.start(mode="preview")).diagnose(key)


@pytest.mark.requirement("RUN-11", "LB-10")
@pytest.mark.parametrize(
    ("edit", "seen"),
    [
        (None, "nothing moved since"),
        (contact_there(105, phone="1"), "changed in Xledger"),
        (source(105, title="Boss"), "changed in Simployer One"),
    ],
)
def test_the_diagnosis_says_what_runs_know_of_somebody(
    edit: Callable[[World], None] | None, seen: str, large: World
) -> None:
    at_rest(large)
    if edit:
        edit(large)
    known = diagnosed(large, "105")[-1]
    assert known.passed is True
    assert seen in known.seen


@pytest.mark.requirement("RUN-11", "LB-10")
def test_the_diagnosis_of_a_connection_says_why_everybody_was_compared(
    large: World, quietly: Callable[..., None]
) -> None:
    large.fresh(*staff())
    assert len(diagnosed(large, None)) == 2
    at_rest(large, *staff())
    large.run()
    assert diagnosed(large, None)[-1].seen.endswith("has done so")
    for row in large.state("xledger")["contacts"]:
        quietly("contacts", row["dbId"], modifiedAt=None)
    large.run(options={"full": True})
    assert diagnosed(large, None)[-1].seen.endswith("it was asked for")
    assert large.run().full is True
    assert "when Xledger changed them" in diagnosed(large, None)[-1].seen


@pytest.mark.requirement("RUN-11", "EX-8")
def test_a_day_that_has_come_is_judged_on_that_day(large: World) -> None:
    at_rest(large, *staff(_108=person("108", employed={"endDate": moment("2026-03-05")})))
    for day, outcomes in ((4, {}), (5, {}), (6, {"108": "blocked"}), (7, {"108": "blocked"})):
        large.clock.now = large.clock.now.replace(day=day, hour=5)
        run = large.run()
        assert (run.full, large.outcomes(run)) == (False, outcomes)


@pytest.mark.requirement("RUN-11", "EX-6")
def test_who_is_left_out_is_so_until_somebody_enters_them_in_xledger(large: World) -> None:
    left = person("109", active=False)
    at_rest(large, *staff(_109=left))
    next_run(large)
    run = large.run()
    assert (run.full, large.reasons(run), calls(large)) == (False, {"109": "NOT_ACTIVE"}, (SOURCE, TARGET))
    state = large.state("xledger")
    state["employees"].append(in_xledger(left))
    large.put("xledger", state)
    run = large.run()
    assert (run.full, large.reasons(run)) == (False, {"109": "STILL_EMPLOYED"})


@pytest.mark.requirement("RUN-11")
def test_whom_xledger_tells_no_time_of_is_read_each_time(large: World, quietly: Callable[..., None]) -> None:
    at_rest(large)
    there = large.employee("105")["contactDbId"]
    quietly("contacts", there, modifiedAt=None)
    assert large.run(options={"full": True}).counts == counted()
    next_run(large)
    assert large.run().counts == counted()
    assert calls(large) == (SOURCE + 1, TARGET + LIVE)
    quietly("contacts", there, phone="1")
    run = large.run()
    assert (run.full, large.outcomes(run)) == (False, {"105": "updated"})


@pytest.mark.requirement("RUN-11")
def test_where_xledger_does_not_say_what_time_it_is_everything_is_read(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Door, "server_time", lambda self: None)
    at_rest(large, *staff())
    run = large.run()
    assert (run.full, run.counts) == (True, counted())


@pytest.mark.requirement("RUN-11", "EX-1")
def test_who_is_gone_from_the_source_and_who_is_new_is_told_as_ever(large: World) -> None:
    at_rest(large)
    large.staff(*[one for one in staff() if one.employee["employeeNumber"] not in ("104", "114")])
    run = large.run()
    assert run.full is False
    assert large.reasons(run) == {"104": "GONE_FROM_SOURCE", "114": "GONE_FROM_SOURCE"}
    large.staff(*staff(), person("131"), person("132"))
    run = large.run()
    assert (run.full, large.outcomes(run)) == (False, {"131": "created", "132": "created"})
