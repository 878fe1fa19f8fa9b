"""Time off for the chosen period: created, updated, withdrawn, left alone (TO-1)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Run
from tests.flows.conftest import World
from tests.worlds.people import Leave, Row, in_xledger, moment, person, row_id, xledger
from tests.worlds.structs import replace

FLOW = "time_off_export"
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}
KARI, OLA = person("101"), person("102", firstName="Ola")
WINTER = Leave("101", "2026-02-09", "2026-02-13", text="Winter break")


def export(world: World, **options: Any) -> Run:
    return world.run(FLOW, options={**FEBRUARY, **options})


def there(world: World, *leaves: Leave, absences: tuple[Row, ...] = ()) -> None:
    """Both employees on both sides, this leave in Simployer, these absences in Xledger."""
    world.staff(KARI, OLA, leaves=leaves)
    world.put("xledger", xledger(in_xledger(KARI), in_xledger(OLA), absences=absences))


def away(*leaves: Leave) -> dict[str, Any]:
    return {"leaves": leaves}


def shown(world: World, number: str = "101") -> list[tuple[str, str, str, str, str | None]]:
    """The absences of one employee in Xledger: code, first and last day, percentage, text."""
    return [
        (row["absenceCode"]["code"], row["fromDate"], row["toDate"], row["leavePercent"], row.get("text"))
        for row in world.absences(number)
    ]


def by_hand(number: str, code: str, first: str, last: str, **more: Any) -> Row:
    """An absence that somebody entered in Xledger."""
    row = {"employee": {"code": number}, "absenceCode": {"code": code}, "fromDate": first, "toDate": last}
    return {**row, "leavePercent": "100", "text": "By hand", **more}


@pytest.mark.requirement("TO-1")
def test_leave_becomes_one_absence_and_the_same_export_twice_writes_nothing_new(world: World) -> None:
    there(world, WINTER, Leave("102", "2026-02-17", "2026-02-17", kind="Sykmelding", text="Syk"))
    first = export(world)
    assert shown(world) == [("FERIE", "2026-02-09", "2026-02-13", "100", "Winter break")]
    assert shown(world, "102") == [("SYK", "2026-02-17", "2026-02-17", "100", "Syk")]
    assert first.counts
    assert first.counts["created"] == 2
    world.forget_requests()
    second = export(world)
    assert world.writes() == []
    assert second.counts == {**dict.fromkeys(first.counts, 0), "unchanged": 2}


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("leave", "absences"),
    [
        (
            Leave("101", "2026-02-12", "2026-02-17"),
            [("FERIE", "2026-02-12", "2026-02-17", "100", "Ferie")],
        ),
        (
            Leave("101", "2026-02-09", "2026-02-11", extent=50),
            [("FERIE", "2026-02-09", "2026-02-11", "50", "Ferie")],
        ),
        (
            Leave("101", "2026-02-09", "2026-02-10", extent=37.5),
            [("FERIE", "2026-02-09", "2026-02-10", "37.5", "Ferie")],
        ),
        (
            Leave("101", "2026-02-09", "2026-02-13", days=("2026-02-09", "2026-02-10", "2026-02-13")),
            [
                ("FERIE", "2026-02-09", "2026-02-10", "100", "Ferie"),
                ("FERIE", "2026-02-13", "2026-02-13", "100", "Ferie"),
            ],
        ),
        (
            Leave("101", "2026-02-09", "2026-02-09", text=""),
            [("FERIE", "2026-02-09", "2026-02-09", "100", None)],
        ),
    ],
    ids=["over a weekend", "half days", "a part of a day", "with a gap", "without a text"],
)
def test_days_become_absences_with_their_percentage(
    world: World, leave: Leave, absences: list[tuple[str, str, str, str, str | None]]
) -> None:
    there(world, leave)
    export(world)
    assert shown(world) == absences
    world.forget_requests()
    export(world)
    assert world.writes() == []


CHANGES: list[tuple[str, Leave, dict[str, tuple[str | None, str | None]]]] = [
    ("it is longer", replace(WINTER, last="2026-02-16"), {"toDate": ("2026-02-13", "2026-02-16")}),
    ("it is shorter", replace(WINTER, last="2026-02-11"), {"toDate": ("2026-02-13", "2026-02-11")}),
    (
        "it starts earlier",
        replace(WINTER, first="2026-02-05"),
        {"fromDate": ("2026-02-09", "2026-02-05")},
    ),
    (
        "it starts later",
        replace(WINTER, first="2026-02-10"),
        {"fromDate": ("2026-02-09", "2026-02-10")},
    ),
    (
        "it is moved",
        replace(WINTER, first="2026-02-18", last="2026-02-20"),
        {"fromDate": ("2026-02-09", "2026-02-18"), "toDate": ("2026-02-13", "2026-02-20")},
    ),
    ("it is half days", replace(WINTER, extent=50), {"leavePercent": ("100", "50")}),
    ("it has another text", replace(WINTER, text="Skiing"), {"text": ("Winter break", "Skiing")}),
    ("it has no text", replace(WINTER, text=""), {"text": ("Winter break", None)}),
    ("it is of another type", replace(WINTER, kind="Sykmelding"), {"absenceCode": ("FERIE", "SYK")}),
]


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(("leave", "changes"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_changed_leave_changes_the_same_absence(
    world: World, leave: Leave, changes: dict[str, tuple[str | None, str | None]]
) -> None:
    there(world, WINTER)
    export(world)
    (before,) = world.absences("101")
    world.staff(KARI, OLA, leaves=[leave])
    run = export(world)
    (after,) = world.absences("101")
    assert after["dbId"] == before["dbId"]
    (record,) = world.stored(run)
    assert record.outcome == "updated"
    assert {one.field: (one.old, one.new) for one in record.changes} == changes
    world.forget_requests()
    again = export(world)
    assert world.writes() == []
    assert again.counts
    assert again.counts["unchanged"] == 1


@pytest.mark.requirement("TO-1")
def test_an_edit_of_an_exported_absence_in_xledger_is_put_right(world: World) -> None:
    there(world, WINTER)
    export(world)
    world.edit("xledger", "absences", {"fromDate": "2026-02-09"}, toDate="2026-02-20", leavePercent="50")
    run = export(world)
    assert shown(world) == [("FERIE", "2026-02-09", "2026-02-13", "100", "Winter break")]
    assert set(world.outcomes(run).values()) == {"updated"}


@pytest.mark.requirement("TO-1")
def test_an_exported_absence_that_was_deleted_in_xledger_is_written_again(world: World) -> None:
    there(world, WINTER)
    export(world)
    world.put("xledger", {**world.state("xledger"), "absences": []})
    export(world)
    assert shown(world) == [("FERIE", "2026-02-09", "2026-02-13", "100", "Winter break")]
    world.forget_requests()
    export(world)
    assert world.writes() == []


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    "left",
    [(Leave("101", "2026-02-23", "2026-02-24", serial=7),), ()],
    ids=["beside another leave", "all leave of the employee"],
)
def test_a_leave_that_is_gone_from_the_source_is_withdrawn(world: World, left: tuple[Leave, ...]) -> None:
    there(world, WINTER, *left)
    export(world)
    world.staff(KARI, OLA, leaves=left)
    run = export(world)
    assert [one[1] for one in shown(world)] == [one.first for one in left]
    (record,) = world.stored(run)
    assert record.reason
    assert (record.key, record.outcome, record.reason.code) == (
        "101-2026-02-09-FERIE",
        "updated",
        "WITHDRAWN_AT_SOURCE",
    )
    assert ("fromDate", "2026-02-09", None) in {(one.field, one.old, one.new) for one in record.changes}
    assert run.status == "succeeded"
    world.forget_requests()
    again = export(world)
    assert world.writes() == []
    assert world.stored(again) == []


@pytest.mark.requirement("TO-1")
def test_a_withdrawn_leave_that_comes_back_is_exported_again(world: World) -> None:
    there(world, WINTER)
    export(world)
    world.staff(KARI, OLA)
    export(world)
    assert shown(world) == []
    world.staff(KARI, OLA, leaves=[WINTER])
    export(world)
    assert len(shown(world)) == 1


@pytest.mark.requirement("TO-1")
def test_a_leave_replaced_by_another_on_the_same_days_is_withdrawn_first(world: World) -> None:
    there(world, WINTER)
    export(world)
    world.staff(KARI, OLA, leaves=[replace(WINTER, serial=5, text="Booked anew")])
    run = export(world)
    assert shown(world) == [("FERIE", "2026-02-09", "2026-02-13", "100", "Booked anew")]
    assert run.status == "succeeded"


NOT_DUE: list[tuple[str, dict[str, Any]]] = [
    ("another period", {"from": "2026-03-01", "to": "2026-03-31"}),
    ("another type", {"absence_types": ["SYK"]}),
    ("another employee", {"employees": ["102"]}),
]


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize("options", [row[1] for row in NOT_DUE], ids=[row[0] for row in NOT_DUE])
@pytest.mark.parametrize("others", [(), (Leave("101", "2026-03-02", "2026-03-03", serial=9),)])
def test_an_absence_that_the_run_is_not_about_is_never_withdrawn(
    world: World, options: dict[str, Any], others: tuple[Leave, ...]
) -> None:
    there(world, WINTER, *others)
    export(world)
    world.staff(KARI, OLA, leaves=others)
    export(world, **options)
    assert ("FERIE", "2026-02-09", "2026-02-13", "100", "Winter break") in shown(world)
    export(world)
    assert ("FERIE", "2026-02-09", "2026-02-13", "100", "Winter break") not in shown(world)


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"101 FERIE", "101 SYK", "102 FERIE"}),
        ({"absence_types": ["SYK"]}, {"101 SYK"}),
        ({"employees": ["102"]}, {"102 FERIE"}),
        ({"absence_types": ["SYK"], "employees": ["102"]}, set()),
        ({"employees": ["101"], "to": "2026-02-10"}, {"101 FERIE"}),
    ],
    ids=["everything", "one type", "one employee", "neither", "a shorter period"],
)
def test_a_run_takes_exactly_the_types_employees_and_days_it_was_asked_for(
    world: World, options: dict[str, Any], expected: set[str]
) -> None:
    there(
        world,
        Leave("101", "2026-02-09", "2026-02-10"),
        Leave("101", "2026-02-17", "2026-02-18", kind="Sykmelding"),
        Leave("102", "2026-02-11", "2026-02-12"),
        Leave("102", "2026-03-11", "2026-03-12"),
    )
    run = export(world, **options)
    found = {f"{number} {one[0]}" for number in ("101", "102") for one in shown(world, number)}
    assert found == expected
    assert run.counts
    assert sum(run.counts.values()) == run.counts["created"] == len(expected)


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("time_off", "expected"),
    [
        ({"period": "current_month"}, ["2026-03-02"]),
        ({"period": "previous_month"}, ["2026-02-09"]),
        ({"period": "previous_month", "absence_types": ["SYK"]}, []),
    ],
    ids=["this month", "last month", "last month's sick leave"],
)
def test_a_run_that_was_asked_for_nothing_takes_the_connections_own_period_and_types(
    world: World, time_off: dict[str, Any], expected: list[str]
) -> None:
    there(world, WINTER, Leave("101", "2026-03-02", "2026-03-04"), Leave("101", "2026-04-01", "2026-04-02"))
    world.settings(time_off=time_off)
    world.run(FLOW)
    assert [one[1] for one in shown(world)] == expected


@pytest.mark.requirement("TO-1")
def test_the_month_is_that_of_the_connections_own_time_zone(world: World) -> None:
    there(world, Leave("101", "2026-03-30", "2026-03-31"), Leave("101", "2026-04-07", "2026-04-08"))
    world.clock.now = world.clock.now.replace(month=3, day=31, hour=22, minute=30)
    world.run(FLOW)
    assert [one[1] for one in shown(world)] == ["2026-04-07"]


@pytest.mark.requirement("TO-1")
def test_an_absence_entered_by_hand_is_never_overwritten_and_blocks_one_that_overlaps(world: World) -> None:
    mine = by_hand("101", "FERIE", "2026-02-12", "2026-02-17")
    there(world, WINTER, Leave("102", "2026-02-09", "2026-02-10"), absences=(mine,))
    run = export(world)
    assert shown(world) == [("FERIE", "2026-02-12", "2026-02-17", "100", "By hand")]
    record = world.records(run)["absence:101-2026-02-09-FERIE"]
    assert (record.outcome, record.reason.code) == ("blocked", "OVERLAPS_OTHER_ABSENCE")
    assert "2026-02-12 to 2026-02-17" in record.reason.message
    assert run.counts
    assert (run.counts["created"], run.counts["blocked"]) == (1, 1)
    assert run.status == "partial"


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("hand", "outcome"),
    [
        (by_hand("101", "SYK", "2026-02-09", "2026-02-13"), "created"),
        (by_hand("101", "FERIE", "2026-02-16", "2026-02-17"), "created"),
        (by_hand("101", "FERIE", "2025-11-15", "2026-02-28"), "blocked"),
        (by_hand("101", "FERIE", "2026-02-09", "2026-02-13", text="Winter break"), None),
    ],
    ids=["of another type", "on other days", "begun long before the period", "the very same"],
)
def test_what_was_entered_by_hand_stands_in_the_way_only_when_it_overlaps_with_the_same_code(
    world: World, hand: Row, outcome: str | None
) -> None:
    there(world, WINTER, absences=(hand,))
    before = world.absences("101")
    run = export(world)
    assert world.outcomes(run) == ({"101-2026-02-09-FERIE": outcome} if outcome else {})
    assert [row for row in world.absences("101") if row in before] == before, "it was changed"
    assert run.counts
    assert run.counts["unchanged"] == (0 if outcome else 1)


@pytest.mark.requirement("TO-1")
def test_leave_of_an_employee_whom_xledger_does_not_know_is_blocked_alone(world: World) -> None:
    world.fresh(KARI, OLA, leaves=[WINTER, Leave("102", "2026-02-09", "2026-02-10")], there=[in_xledger(OLA)])
    run = export(world)
    assert world.reasons(run) == {"101-2026-02-09-FERIE": "EMPLOYEE_UNKNOWN"}
    assert len(shown(world, "102")) == 1
    world.put(
        "xledger",
        {**world.state("xledger"), "employees": [*world.state("xledger")["employees"], in_xledger(KARI)]},
    )
    assert world.outcomes(export(world)) == {"101-2026-02-09-FERIE": "created"}


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("kind", "code", "named"),
    [("Studier", "ABSENCE_CODE_MISSING", "Studier"), ("Velferd", "ABSENCE_CODE_UNKNOWN", "VELF")],
    ids=["a type without a code", "a code that xledger does not have"],
)
def test_leave_whose_code_can_not_be_told_is_blocked_once_and_alone(
    world: World, kind: str, code: str, named: str
) -> None:
    there(
        world,
        Leave("101", "2026-02-02", "2026-02-06", kind=kind),
        Leave("101", "2026-02-09", "2026-02-13"),
        Leave("102", "2026-02-09", "2026-02-10"),
    )
    run = export(world)
    blocked = [one for one in world.stored(run) if one.outcome == "blocked"]
    assert [one.reason.code for one in blocked if one.reason] == [code]
    assert blocked[0].reason
    assert named in blocked[0].reason.message
    assert run.counts
    assert (run.counts["created"], run.counts["blocked"]) == (2, 1)


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize("kind", ["Studier", "Velferd"])
def test_a_leave_whose_code_disappears_is_not_withdrawn_unless_the_leave_is_gone(
    world: World, kind: str
) -> None:
    """The code of a leave type is taken away or changed after its leave was exported."""
    there(world, WINTER)
    export(world)
    world.staff(KARI, OLA, leaves=[replace(WINTER, kind=kind)])
    run = export(world)
    assert set(world.outcomes(run).values()) == {"blocked"}
    assert [one[:3] for one in shown(world)] == [("FERIE", "2026-02-09", "2026-02-13")]


@pytest.mark.requirement("TO-1", "RUN-4")
def test_a_day_that_can_not_be_read_blocks_only_its_own_leave(world: World) -> None:
    there(world, WINTER, Leave("102", "2026-02-09", "2026-02-10"))
    state = world.state("simployer")
    del state["leave-transaction"][2]["date"]
    bad = state["leave-transaction"][2]["id"]
    state["leave-transaction"][2]["date"] = moment("2026-02-11")
    state["leave-transaction"][2]["parent"] = {"type": "Leave"}
    world.put("simployer", state)
    run = export(world)
    assert world.reasons(run) == {bad: "VALUE_NOT_VALID"}
    assert shown(world, "102") == [("FERIE", "2026-02-09", "2026-02-10", "100", "Ferie")]


@pytest.mark.requirement("TO-1")
def test_two_leaves_of_one_code_on_one_day_are_told_apart(world: World) -> None:
    """Two half days off with two leaves: Xledger takes one absence of a code at a time."""
    halves = [
        Leave("101", "2026-02-09", "2026-02-09", extent=50, text="Morning"),
        Leave("101", "2026-02-09", "2026-02-09", extent=50, text="Afternoon"),
    ]
    there(world, *halves)
    run = export(world)
    assert len(world.absences("101")) == 1
    assert run.counts
    assert sum(run.counts.values()) == 2, "a leave was looked at and is not accounted for"
    assert run.counts["created"] == 1
    assert run.status == "partial"
    (other,) = [one for one in world.stored(run) if one.outcome in ("blocked", "failed")]
    assert other.reason
    world.forget_requests()
    again = export(world)
    assert again.counts
    assert (again.counts["unchanged"], sum(again.counts.values())) == (1, 2)


@pytest.mark.requirement("TO-1")
def test_two_records_of_one_person_keep_each_others_absences(world: World) -> None:
    """Someone hired again has two records with one number, and leave in both."""
    before, again = person("101", record=1, active=False), person("101", record=2)
    leaves = [Leave("1", "2026-02-02", "2026-02-03"), Leave("2", "2026-02-17", "2026-02-18")]
    world.fresh(before, again, leaves=leaves, there=[in_xledger(again)])
    expected = ["2026-02-02", "2026-02-17"]
    for _ in range(2):
        export(world)
        assert [one[1] for one in shown(world)] == expected
    world.forget_requests()
    third = export(world)
    assert world.writes() == []
    assert third.counts
    assert third.counts["unchanged"] == 2
    world.staff(before, again, leaves=leaves[1:])
    export(world)
    assert [one[1] for one in shown(world)] == ["2026-02-17"], "gone with all leave of its own record"


@pytest.mark.requirement("TO-1")
def test_leave_of_a_deleted_employee_record_is_blocked_and_says_so(world: World) -> None:
    there(world, WINTER)
    state = world.state("simployer")
    state["employee"] = [row for row in state["employee"] if row["id"] != row_id("employee", 101)]
    world.put("simployer", state)
    run = export(world)
    assert run.counts
    assert sum(run.counts.values()) == run.counts["blocked"] == 1
    (record,) = world.stored(run)
    assert record.reason
    assert record.reason.code == "EMPLOYEE_UNKNOWN"


@pytest.mark.requirement("TO-1", "RUN-5")
@pytest.mark.parametrize("operation", ["addAbsences", "updateAbsences", "removeAbsences"])
def test_an_absence_whose_answer_was_lost_is_ours_all_the_same(world: World, operation: str) -> None:
    """The write is done, its answer lost; later changes of the leave still reach the same absence."""
    there(world, WINTER)
    if operation != "addAbsences":
        export(world)
        world.staff(KARI, OLA, leaves=[replace(WINTER, extent=50)] if "update" in operation else [])
    world.forget_requests()
    world.faults("xledger", errors=["after_write_reset"], match=operation, count=1)
    run = export(world)
    assert run.status == "succeeded"
    assert [one["operation"] for one in world.writes()] == [operation]
    world.calm("xledger")
    world.staff(KARI, OLA, leaves=[replace(WINTER, text="Skiing")])
    export(world)
    assert shown(world) == [("FERIE", "2026-02-09", "2026-02-13", "100", "Skiing")]
    world.staff(KARI, OLA)
    export(world)
    assert shown(world) == []


@pytest.mark.requirement("TO-1", "RUN-4")
def test_an_absence_that_xledger_refuses_stops_no_other(world: World) -> None:
    """Xledger refuses a percentage above 100."""
    there(world, replace(WINTER, extent=120), Leave("102", "2026-02-09", "2026-02-10"))
    run = export(world)
    assert world.outcomes(run) == {"101-2026-02-09-FERIE": "failed", "102-2026-02-09-FERIE": "created"}
    record = world.records(run)["absence:101-2026-02-09-FERIE"]
    assert record.reason.code == "REFUSED_BY_TARGET"
    world.staff(KARI, OLA, leaves=[WINTER, Leave("102", "2026-02-09", "2026-02-10")])
    world.forget_requests()
    assert world.outcomes(export(world)) == {"101-2026-02-09-FERIE": "created"}
    assert [one["nodes"] for one in world.writes()] == [1]
