"""Time off for the chosen period: created, updated, withdrawn, left alone (TO-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.errors import PartlyWritten, Rejected
from payrelay.systems.rows import BadRow, Listed
from payrelay.systems.xledger.client import XledgerClient
from payrelay.systems.xledger.models import AbsenceNode
from tests.flows.conftest import World
from tests.worlds.people import Leave, Row, in_xledger, moment, person, row_id, xledger
from tests.worlds.structs import replace
from tests.worlds.trail import trails

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
def test_a_changed_leave_changes_the_same_absence(world: World) -> None:
    there(world, WINTER)
    export(world)
    (before,) = world.absences("101")
    world.staff(KARI, OLA, leaves=[replace(WINTER, first="2026-02-18", last="2026-02-20", extent=37.5)])
    run = export(world)
    assert world.absences("101")[0]["dbId"] == before["dbId"]
    assert shown(world) == [("FERIE", "2026-02-18", "2026-02-20", "37.5", "Winter break")]
    assert set(world.outcomes(run).values()) == {"updated"}
    world.forget_requests()
    assert export(world).counts == {**dict.fromkeys(run.counts or {}, 0), "unchanged": 1}
    assert world.writes() == []


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
    assert record.reason.message.startswith("Absence 101-2026-02-09-FERIE of Kari Nordmann101 (101) was")
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
def test_a_run_is_about_what_it_was_asked_for_or_else_about_the_settings(world: World) -> None:
    """What it is not about is neither exported nor withdrawn, though all leave of the employee is gone."""
    there(world, WINTER, Leave("102", "2026-02-11", "2026-02-12", kind="Sykmelding"))
    world.settings(time_off={"period": "previous_month", "absence_types": ["SYK"]})
    world.run(FLOW)
    assert (shown(world), len(shown(world, "102"))) == ([], 1)
    export(world, absence_types=["FERIE"], employees=["101"])
    world.staff(KARI, OLA)
    for options in ({"absence_types": ["SYK"]}, {"employees": ["102"]}, {"from": "2026-02-10"}):
        export(world, **options)
    assert len(shown(world)) == 1
    assert shown(world, "102") == []
    export(world, absence_types=["FERIE"])
    assert shown(world) == []


@pytest.mark.requirement("TO-1")
def test_a_leave_whose_code_disappears_is_blocked_alone_and_not_withdrawn(world: World) -> None:
    """The code of a leave type is taken away after its leave was exported."""
    there(world, WINTER)
    export(world)
    world.staff(KARI, OLA, leaves=[replace(WINTER, kind="Studier"), Leave("102", "2026-02-09", "2026-02-10")])
    run = export(world)
    blocked = [one for one in world.stored(run) if one.outcome == "blocked"]
    assert [one.reason and one.reason.code for one in blocked] == ["ABSENCE_CODE_MISSING"]
    assert [one[:3] for one in shown(world)] == [("FERIE", "2026-02-09", "2026-02-13")]
    assert len(shown(world, "102")) == 1


def unreadable(monkeypatch: pytest.MonkeyPatch, absence: Row) -> None:
    """From now on this absence in Xledger comes as a row that can't be used."""
    usual = XledgerClient.absences

    def spoilt(client: XledgerClient, *asked: Any) -> Listed[AbsenceNode]:
        rows = usual(client, *asked).take([])
        good = [row for row in rows if row.db_id != absence["dbId"]]
        bad = BadRow(absence["dbId"], absence["employee"]["dbId"], "leavePercent", "is no number")
        return Listed(good, [bad] if len(good) < len(rows) else [])

    monkeypatch.setattr(XledgerClient, "absences", spoilt)


@pytest.mark.requirement("TO-1", "RUN-4")
def test_while_an_absence_in_xledger_can_not_be_read_nothing_of_its_employee_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An overlapping leave could be added, and what it was changed to withdrawn."""
    mine = by_hand("101", "SYK", "2026-02-16", "2026-02-20")
    there(world, WINTER, absences=(mine,))
    export(world)
    before = world.absences("101")
    unreadable(monkeypatch, before[1])
    overlapping = Leave("101", "2026-02-18", "2026-02-19", kind="Sykmelding", serial=7)
    world.staff(KARI, OLA, leaves=[overlapping, Leave("102", "2026-02-09", "2026-02-10")])
    run = export(world)
    assert world.absences("101") == before
    assert world.reasons(run) == dict.fromkeys(
        ("101-2026-02-18-SYK", "101-2026-02-09-FERIE"), "VALUE_NOT_VALID"
    )
    message = world.records(run)["absence:101-2026-02-18-SYK"].reason.message
    assert f"Absence {before[1]['dbId']} in Xledger: leavePercent" in message
    assert len(shown(world, "102")) == 1
    assert run.status == "partial"


@pytest.mark.requirement("TO-1", "RUN-4")
def test_while_an_absence_in_xledger_can_not_be_read_none_of_an_employee_without_leave_is_withdrawn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    there(world, WINTER)
    export(world)
    world.staff(KARI, OLA)
    with monkeypatch.context() as patched:
        unreadable(patched, world.absences("101")[0])
        run = export(world)
    assert world.reasons(run) == {"101-2026-02-09-FERIE": "VALUE_NOT_VALID"}
    assert len(shown(world)) == 1
    export(world)
    assert shown(world) == []


@pytest.mark.requirement("TO-1", "RUN-4")
def test_leave_of_someone_whom_xledger_shows_unreadably_is_not_said_to_be_a_strangers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    there(world, WINTER)
    row = BadRow("70001", "101", "email", "is no text")
    monkeypatch.setattr(XledgerClient, "employees_by_code", lambda *_: Listed([], [row]))
    run = export(world)
    assert world.reasons(run) == {"101-2026-02-09-FERIE": "VALUE_NOT_VALID"}
    assert "Employee 101: email" in world.records(run)["absence:101-2026-02-09-FERIE"].reason.message


def refusing(monkeypatch: pytest.MonkeyPatch, error: Rejected) -> None:
    """From now on Xledger does not remove the absence that the error names."""
    usual = XledgerClient.remove_absences

    def refused(client: XledgerClient, db_ids: Sequence[str]) -> dict[str, str]:
        if not set(error.keys) & set(db_ids):
            return usual(client, db_ids)
        if not isinstance(error, PartlyWritten):
            raise error
        done = usual(client, [one for one in db_ids if one not in error.keys])
        raise PartlyWritten(error.system, error.message, done=done, keys=error.keys)

    monkeypatch.setattr(XledgerClient, "remove_absences", refused)


@pytest.mark.requirement("TO-1", "RUN-4")
@pytest.mark.parametrize("skipped", [True, False], ids=["skipped", "refused"])
def test_an_absence_that_xledger_does_not_remove_fails_alone_and_stays_ours(
    world: World, monkeypatch: pytest.MonkeyPatch, skipped: bool
) -> None:
    there(world, WINTER, Leave("102", "2026-02-09", "2026-02-10"))
    export(world)
    keys = (world.absences("101")[0]["dbId"],)
    error = Rejected("xledger", "it is approved", keys=keys)
    if skipped:
        error = PartlyWritten("xledger", "it was not removed", done={}, keys=keys)
    world.staff(KARI, OLA)
    for _ in range(2):
        with monkeypatch.context() as patched:
            refusing(patched, error)
            run = export(world)
        record = world.records(run)["absence:101-2026-02-09-FERIE"]
        assert (record.outcome, record.reason.code) == ("failed", "REFUSED_BY_TARGET")
        assert error.message in record.reason.message
        assert (len(shown(world)), shown(world, "102")) == (1, [])
        assert run.status == "partial"
    export(world)
    assert shown(world) == []


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
def test_leave_of_an_employee_whom_xledger_does_not_know_is_blocked_alone(world: World) -> None:
    world.fresh(KARI, OLA, leaves=[WINTER, Leave("102", "2026-02-09", "2026-02-10")], there=[in_xledger(OLA)])
    run = export(world)
    assert world.reasons(run) == {"101-2026-02-09-FERIE": "EMPLOYEE_UNKNOWN"}
    why = world.records(run)["absence:101-2026-02-09-FERIE"].reason
    assert "to Kari Nordmann101 (101), who is not" in why.message
    assert len(shown(world, "102")) == 1
    world.put(
        "xledger",
        {**world.state("xledger"), "employees": [*world.state("xledger")["employees"], in_xledger(KARI)]},
    )
    assert world.outcomes(export(world)) == {"101-2026-02-09-FERIE": "created"}


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
def test_an_absence_that_xledger_refuses_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    there(world, WINTER, Leave("102", "2026-02-09", "2026-02-10"))
    usual, culprit = XledgerClient.add_absences, "101-2026-02-09-FERIE"

    def refused(client: XledgerClient, nodes: Any) -> dict[str, str]:
        if culprit in dict(nodes):
            raise Rejected("xledger", "the year is closed", keys=(culprit,))
        return usual(client, nodes)

    with monkeypatch.context() as patched:
        patched.setattr(XledgerClient, "add_absences", refused)
        run = export(world)
    assert world.outcomes(run) == {culprit: "failed", "102-2026-02-09-FERIE": "created"}
    assert world.records(run)[f"absence:{culprit}"].reason.code == "REFUSED_BY_TARGET"
    world.forget_requests()
    assert world.outcomes(export(world)) == {culprit: "created"}
    assert [one["nodes"] for one in world.writes()] == [1]


@pytest.mark.requirement("TO-3")
@pytest.mark.parametrize("extent", [0, 150, -100])
def test_a_percentage_that_is_none_never_reaches_xledger(world: World, extent: float) -> None:
    """(faults D4)"""
    there(world, replace(WINTER, extent=extent), Leave("102", "2026-02-09", "2026-02-10"))
    run = export(world)
    assert [one["operation"] for one in world.writes()] == ["addAbsences"]
    (blocked,) = (one for one in world.stored(run) if one.outcome == "blocked")
    assert blocked.reason
    assert blocked.reason.code == "DAY_NOT_VALID"
    leave = f"Leave {row_id('leave', 0)} (Winter break, 2026-02-09 to 2026-02-13) of Kari Nordmann101 (101)"
    assert f"{leave}: on 2026-02-09 the extent {extent} % is not" in blocked.reason.message
    assert [one[1] for one in shown(world, "102")] == ["2026-02-09"]


@pytest.mark.requirement("TO-3")
def test_half_a_day_that_is_said_to_be_whole_costs_half_a_day(world: World) -> None:
    """(faults D1)"""
    half = Leave("101", "2026-02-17", "2026-02-17", serial=3)
    there(world, WINTER, half)
    state = world.state("simployer")
    state["leave"][1]["duration"] = "half_day"
    state["leave-transaction"][-1]["hours"] = 3.75
    world.put("simployer", state)
    export(world)
    assert [one[1:4] for one in shown(world)] == [
        ("2026-02-09", "2026-02-13", "100"),
        ("2026-02-17", "2026-02-17", "50"),
    ]


@pytest.mark.requirement("TO-3")
def test_days_that_are_not_worked_and_parts_of_one_day_make_one_absence_each(world: World) -> None:
    """(faults D2, D3)"""
    wednesdays = ("2026-02-04", "2026-02-11", "2026-02-18", "2026-02-25")
    sick = Leave("101", "2026-02-04", "2026-02-25", kind="Sykmelding", text="Syk", days=wednesdays)
    parts = [
        Leave("102", "2026-02-10", "2026-02-10", extent=50, text=text) for text in ("Tannlege", "Flytting")
    ]
    there(world, sick, *parts)
    run = export(world)
    assert run.status == "succeeded"
    assert shown(world) == [("SYK", "2026-02-04", "2026-02-25", "100", "Syk")]
    assert shown(world, "102") == [("FERIE", "2026-02-10", "2026-02-10", "100", "Tannlege, Flytting")]
    assert export(world).counts == {**dict.fromkeys(run.counts or {}, 0), "unchanged": 2}
    there(world, parts[0])
    export(world)
    assert shown(world, "102") == [("FERIE", "2026-02-10", "2026-02-10", "50", "Tannlege")]


@pytest.mark.requirement("TO-3")
def test_leaves_that_collide_are_named_with_each_other_and_the_exported_one_stays(world: World) -> None:
    """(faults D3)"""
    sick = Leave("101", "2026-02-12", "2026-02-12", kind="Sykmelding", text="Syk", serial=3)
    there(world, WINTER)
    export(world)
    world.staff(KARI, OLA, leaves=[replace(WINTER, serial=0), sick])
    run = export(world)
    assert [one[0] for one in shown(world)] == ["FERIE"]
    (blocked,) = world.stored(run)
    assert blocked.reason
    assert blocked.reason.code == "OVERLAPS_OTHER_LEAVE"
    for words in (
        f"{row_id('leave', 3)} (Syk, 2026-02-12)",
        f"{row_id('leave', 0)} (Winter break, 2026-02-09",
    ):
        assert words in blocked.reason.message


@pytest.mark.requirement("RUN-6")
def test_what_xledger_had_taken_before_it_went_down_stands_and_is_in_the_trail(world: World) -> None:
    """(oncall OC-2) (oncall OC-6)"""
    there(world, WINTER)
    export(world)
    world.staff(
        KARI, OLA, leaves=(replace(WINTER, last="2026-02-12"), Leave("102", "2026-02-17", "2026-02-17"))
    )
    world.faults("xledger", errors=[503], match="addAbsences")
    run = export(world)
    assert run.status.value == "failed"
    told = {record.outcome.value: record for record in world.stored(run)}
    assert set(told) == {"updated", "failed"}
    assert told["failed"].reason.code == "OUTCOME_UNKNOWN"
    done = trails(world)
    assert [one[0] for one in done[told["updated"].record_id]][-1] == run.run_id
    assert told["failed"].record_id not in done
