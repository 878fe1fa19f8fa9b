"""Replaying: the named or the failed records of a run, with the data read afresh (OPS-1)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Run, Trigger
from payrelay.flows.engine.orders import Replay, replay_order
from tests.flows.conftest import World
from tests.worlds.people import Leave, Person, in_xledger, person, row_id
from tests.worlds.structs import replace

PERIOD = {"from": "2026-02-01", "to": "2026-02-28"}


def replay(world: World, old: Run, *records: str, outcomes: tuple[str, ...] = (), mode: str = "sync") -> Run:
    """A replay of `old`, from start to end."""
    asked = Replay(frozenset(records), frozenset(outcomes), preview=mode == "preview")
    order = replay_order(world.engine, old, asked, "tester")
    return world.run(
        old.flow,
        mode,
        trigger=Trigger.REPLAY,
        options=old.options,
        replay_of=order.replay_of,
        only=order.only,
    )


def edited(one: Person, **changes: Any) -> Person:
    return replace(one, employee={**one.employee, **changes})


def refused(number: str) -> Person:
    """Someone whom Xledger refuses: nobody is taken without a name."""
    return person(number, firstName=None, lastName=None)


@pytest.mark.requirement("OPS-1", "RUN-4")
def test_a_replay_of_the_failed_records_tries_only_those_and_cures_them(world: World) -> None:
    world.fresh(person("101"), refused("102"), refused("103"))
    first = world.run()
    assert world.outcomes(first) == {"101": "created", "102": "failed", "103": "failed"}
    world.staff(edited(person("101"), title="CFO"), person("102"), refused("103"))
    world.forget_requests()
    again = replay(world, first, outcomes=("failed",))
    assert world.outcomes(again) == {"102": "created", "103": "failed"}
    assert (again.replay_of, again.trigger, again.status) == (first.run_id, "replay", "partial")
    assert again.counts
    assert sum(again.counts.values()) == 2
    assert world.contact("101")["jobTitle"] == "Controller", "a record that was not asked for was written"


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_one_named_record_leaves_all_others_alone(world: World) -> None:
    people = [person("101"), person("102", costCenterId=row_id("centre", 990)), refused("103")]
    world.fresh(*people)
    first = world.run()
    world.edit("simployer", "employee", {"employeeNumber": "102"}, costCenterId=row_id("centre", 310))
    again = replay(world, first, "employee:102")
    assert world.outcomes(again) == {"102": "created"}
    assert again.status == "succeeded"
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101", "102"]


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_a_whole_run_reads_everything_afresh(world: World) -> None:
    world.fresh(person("101"), refused("102"))
    first = world.run()
    world.staff(edited(person("101"), title="CFO"), person("102"), person("103"))
    again = replay(world, first)
    assert world.outcomes(again) == {"101": "updated", "102": "created", "103": "created"}
    assert again.replay_of == first.run_id


@pytest.mark.requirement("OPS-1")
def test_a_replay_that_finds_everything_right_writes_nothing(world: World) -> None:
    world.fresh(person("101"), person("102"))
    first = world.run()
    world.forget_requests()
    again = replay(world, first, "employee:101", "employee:102")
    assert world.writes() == []
    assert again.counts
    assert again.counts["unchanged"] == 2


@pytest.mark.requirement("OPS-1")
def test_a_replay_can_be_previewed_and_writes_nothing_then(world: World) -> None:
    world.fresh(person("101"), refused("102"))
    first = world.run()
    world.staff(person("101"), person("102"))
    world.forget_requests()
    told = replay(world, first, outcomes=("failed",), mode="preview")
    assert told.counts
    assert told.counts["created"] == 1
    assert world.writes() == []
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101"]


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_many_records_is_planned_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payrelay.flows.engine.plan.ONLY_PAGE", 2)
    numbers = [str(number) for number in range(101, 106)]
    world.fresh(*(refused(number) for number in numbers))
    first = world.run()
    world.staff(*(person(number) for number in numbers))
    again = replay(world, first, outcomes=("failed",))
    assert again.pages == 3
    assert world.outcomes(again) == dict.fromkeys(numbers, "created")


@pytest.mark.requirement("OPS-1", "RUN-4")
def test_a_replay_of_a_row_that_can_not_be_read_says_so_once_more(world: World) -> None:
    broken = person("101", costCenterId=row_id("centre", 777))
    world.fresh(broken)
    first = world.run()
    again = replay(world, first, outcomes=("blocked",))
    assert [(one.key, one.reason.code) for one in world.stored(again) if one.reason] == [
        ("101", "VALUE_NOT_VALID")
    ]
    assert again.counts
    assert sum(again.counts.values()) == 1


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_someone_gone_from_the_source_says_the_same_of_them(world: World) -> None:
    world.fresh(person("101"), person("102"))
    world.run()
    world.staff(person("102"))
    gone = world.run()
    told = world.records(gone)["employee:101"]
    again = replay(world, gone, "employee:101")
    assert world.stored(again) == [told]


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_someone_gone_whose_employment_was_ended_meanwhile_has_nothing_to_say(
    world: World,
) -> None:
    world.fresh(person("101"), person("102"))
    world.run()
    world.staff(person("102"))
    gone = world.run()
    world.edit("xledger", "employees", {"code": "101"}, employmentTo="2026-01-31")
    again = replay(world, gone, "employee:101")
    assert world.stored(again) == []
    assert again.status == "succeeded"


@pytest.mark.requirement("OPS-1")
def test_a_replay_of_someone_never_exported_and_gone_by_now_does_not_say_that_they_were(
    world: World,
) -> None:
    world.fresh(person("101"), refused("102"))
    first = world.run()
    world.staff(person("101"))
    again = replay(world, first, "employee:102")
    (record,) = world.stored(again)
    assert record.reason
    assert record.reason.code == "EMPLOYEE_NOT_FOUND"
    assert again.counts
    assert sum(again.counts.values()) == 1


@pytest.mark.requirement("OPS-1")
def test_an_absence_that_was_blocked_is_cured_by_a_replay_of_it_alone(world: World) -> None:
    kari, ola = person("101"), person("102")
    first_leave = Leave("101", "2026-02-09", "2026-02-11")
    world.fresh(kari, ola, leaves=[first_leave, Leave("102", "2026-02-09", "2026-02-10")])
    world.put("xledger", {**world.state("xledger"), "employees": [in_xledger(ola)]})
    first = world.run("time_off_export", options=PERIOD)
    assert world.outcomes(first) == {
        "101-2026-02-09-FERIE": "blocked",
        "102-2026-02-09-FERIE": "created",
    }
    world.run("employee_export")
    again = replay(world, first, outcomes=("blocked",))
    assert world.outcomes(again) == {"101-2026-02-09-FERIE": "created"}
    assert [row["fromDate"] for row in world.absences("101")] == ["2026-02-09"]


@pytest.mark.requirement("OPS-1", "TO-1")
def test_a_leave_whose_type_had_no_code_is_cured_by_a_replay_of_it_alone(world: World) -> None:
    kari = person("101")
    leaves = [
        Leave("101", "2026-02-09", "2026-02-11", kind="Studier"),
        Leave("101", "2026-02-16", "2026-02-17"),
    ]
    world.fresh(kari, leaves=leaves, there=[in_xledger(kari)])
    first = world.run("time_off_export", options=PERIOD)
    (blocked,) = [one for one in world.stored(first) if one.outcome == "blocked"]
    state = world.state("simployer")
    code = {"id": row_id("code", 9), "leaveTypeId": row_id("leave-type", 2), "code": "SYK"}
    state["leaveTypeCode"].append({**code, "companyId": row_id("company", 1)})
    world.put("simployer", state)
    world.forget_requests()
    again = replay(world, first, blocked.record_id)
    assert world.outcomes(again) == {"101-2026-02-09-SYK": "created"}
    assert [one["nodes"] for one in world.writes()] == [1]
    assert again.counts
    assert sum(again.counts.values()) == 1


@pytest.mark.requirement("OPS-1", "TO-1")
def test_a_withdrawal_that_failed_is_cured_by_a_replay_of_it_alone(world: World) -> None:
    kari = person("101")
    world.fresh(kari, leaves=[Leave("101", "2026-02-09", "2026-02-11")], there=[in_xledger(kari)])
    world.run("time_off_export", options=PERIOD)
    world.staff(kari)
    world.faults("xledger", errors=[503], match="removeAbsences")
    failed = world.run("time_off_export", options=PERIOD)
    assert world.outcomes(failed) == {"101-2026-02-09-FERIE": "failed"}
    world.calm("xledger")
    again = replay(world, failed, outcomes=("failed",))
    assert world.outcomes(again) == {"101-2026-02-09-FERIE": "updated"}
    assert world.absences("101") == []


@pytest.mark.requirement("OPS-1")
def test_a_number_that_nobody_had_is_cured_by_a_replay_once_somebody_has_it(world: World) -> None:
    world.fresh(person("101"))
    first = world.run(options={"employees": ["101", "202"]})
    assert world.reasons(first) == {"202": "EMPLOYEE_NOT_FOUND"}
    assert world.reasons(replay(world, first, "employee:202")) == {"202": "EMPLOYEE_NOT_FOUND"}
    world.staff(person("101"), person("202"))
    again = replay(world, first, "employee:202")
    assert world.outcomes(again) == {"202": "created"}


@pytest.mark.requirement("EX-6", "RUN-4")
def test_someone_asked_for_whose_row_can_not_be_read_is_told_from_someone_unknown(world: World) -> None:
    world.fresh(person("101"), person("102", costCenterId=row_id("centre", 777)))
    run = world.run(options={"employees": ["101", "102", "103"]})
    assert world.reasons(run) == {"102": "VALUE_NOT_VALID", "103": "EMPLOYEE_NOT_FOUND"}
    assert run.counts
    assert (run.counts["created"], run.counts["blocked"]) == (1, 2)
