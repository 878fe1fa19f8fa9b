"""Balances of TimeWorksPlus in Millennium: of the right day, once, no older over a newer (AC-6 to AC-9)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Run, Status, Trigger
from payrelay.errors import Declined
from payrelay.flows.accrual_sync.to_millennium import direction, people
from tests.worlds.timeclock import P0, P1, P2, Beta, batch, person

D21, D29, D04 = "2025-12-21", "2025-12-29", "2026-01-04"
USED = {"Vacation": [("24.50", D21), ("21.50", D29)]}


def vacation(value: str, day: str = D21) -> dict[str, list[tuple[str, str]]]:
    return {"Vacation": [(value, day)]}


def told(world: Beta, run: Run) -> dict[str, tuple[str, str | None]]:
    """Outcome and reason of each record, by its id."""
    return {
        name: (one.outcome.value, one.reason.code if one.reason else None)
        for name, one in world.records(run).items()
    }


# --- as of which day --------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-7", "AC-6")
def test_the_button_takes_the_end_of_the_batch_and_no_older_day_goes_over_it(clocked: Beta) -> None:
    """(AW-13)"""
    clocked.staff(person("1001", USED, {"VAC": "18.4200"}))
    pressed = clocked.button()
    assert pressed.status is Status.SUCCEEDED
    assert clocked.there("1001") == ("21.50", D04)
    record = clocked.records(pressed)["accrual:1001:Vacation"]
    assert [(one.field, one.old, one.new) for one in record.changes] == [
        ("balance", "18.42", "21.50"),
        ("as_of", None, D04),
    ]
    clocked.forget_requests()
    ticked = clocked.tick()
    assert clocked.there("1001") == ("21.50", D04)
    assert clocked.written() == []
    assert told(clocked, ticked)["accrual:1001:Vacation"] == ("skipped", "NEWER_BALANCE_THERE")


@pytest.mark.requirement("AC-7")
@pytest.mark.parametrize(
    ("there", "said"),
    [
        (None, "Millennium has no such balance now, and was last given one as of 2026-01-04"),
        ("20.00", "Millennium has 20.00 now, and was last given a balance as of 2026-01-04"),
    ],
)
def test_a_day_that_was_written_is_told_from_what_millennium_has(
    clocked: Beta, there: str | None, said: str
) -> None:
    clocked.staff(person("1001", USED, {"VAC": "18.4200"}))
    clocked.button()
    clocked.staff(person("1001", USED, {"VAC": there} if there else {}))
    record = clocked.records(clocked.tick())["accrual:1001:Vacation"]
    assert record.reason
    assert said in record.reason.message


@pytest.mark.requirement("AC-7")
def test_without_the_button_the_finalized_period_counts_and_the_record_says_what_to_press(
    clocked: Beta,
) -> None:
    """(AW-13)"""
    clocked.staff(person("1001", USED, {"VAC": "18.4200"}))
    ticked = clocked.tick()
    assert clocked.there("1001") == ("24.50", D21)
    record = clocked.records(ticked)["accrual:1001:Vacation"]
    assert (record.outcome, record.reason.code) == ("updated", "PAYROLL_PERIOD_NOT_FINALIZED")
    assert "2025-12-22 to 2026-01-04" in record.reason.message
    assert "Update Accrual Balances" in record.reason.remedy
    assert ticked.status is Status.SUCCEEDED
    clocked.button()
    assert clocked.there("1001") == ("21.50", D04)


@pytest.mark.requirement("AC-7")
def test_an_equal_balance_of_a_later_day_keeps_an_older_one_back_too(clocked: Beta) -> None:
    """Nothing was written by the button, and still no older day goes over the later one."""
    clocked.staff(person("1001", USED, {"VAC": "21.5000"}))
    assert clocked.button().counts == {**dict.fromkeys(_OUTCOMES, 0), "unchanged": 1}
    ticked = clocked.tick()
    assert told(clocked, ticked)["accrual:1001:Vacation"] == ("skipped", "NEWER_BALANCE_THERE")
    assert clocked.there("1001") == ("21.5000", None)


@pytest.mark.requirement("AC-7")
def test_by_hand_the_finalized_period_can_be_asked_for(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "18.4200"}))
    clocked.button(as_of="finalized")
    assert clocked.there("1001") == ("24.50", D21)


@pytest.mark.requirement("AC-7")
def test_each_employee_goes_by_their_own_batch(clocked: Beta) -> None:
    weekly = ("2026-01-05", "2026-01-11")
    moved = {"Vacation": [("20.00", D04), ("12.00", "2026-01-08")]}
    people = [person(str(number), moved, {"VAC": "1.0000"}) for number in (1001, 1002, 1003, 1004)]
    clocked.staff(*people)
    clocked.edit_state(
        "millennium",
        batches=[
            batch(3, P2, EmployeeIds=["1001", "1003"]),
            batch(4, weekly, Description="Weekly", EmployeeIds=["1002", "1003"]),
        ],
    )
    run = clocked.button()
    assert [clocked.there(str(number)) for number in (1001, 1002)] == [
        ("20.00", D04),
        ("12.00", "2026-01-11"),
    ]
    assert [clocked.there(str(number)) for number in (1003, 1004)] == [("1.0000", None)] * 2
    assert told(clocked, run)["accrual:1003:Vacation"] == ("blocked", "IN_TWO_BATCHES")
    assert told(clocked, run)["accrual:1004:Vacation"] == ("blocked", "IN_NO_BATCH")
    for key in ("1003", "1004"):
        why = clocked.records(run)[f"accrual:{key}:Vacation"].reason
        assert 'batch 3 "Biweekly" (2025-12-22 to 2026-01-04)' in why.message
        assert 'batch 4 "Weekly" (2026-01-05 to 2026-01-11)' in why.message


@pytest.mark.requirement("AC-7")
@pytest.mark.parametrize(
    ("calendar", "code"),
    [
        ({"PayrollStarted": False, "StartedAt": None}, "NO_PAYROLL_STARTED"),
        ({"Processed": True}, "NO_PAYROLL_STARTED"),
        ({}, "NO_OPEN_BATCH"),
    ],
)
def test_without_an_open_batch_the_button_says_so_once(
    clocked: Beta, calendar: dict[str, Any], code: str
) -> None:
    clocked.staff(*(person(str(number), USED, {"VAC": "1.0000"}) for number in (1001, 1002)))
    clocked.edit_state("millennium", batches=[])
    if calendar:
        clocked.started(**calendar)
    run = clocked.button()
    assert told(clocked, run) == {"category:ACME": ("skipped", code)}
    assert run.status is Status.SUCCEEDED
    assert clocked.there("1001") == ("1.0000", None)


# --- when -------------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-7", "TRG-1")
def test_a_started_payroll_is_answered_to_once_also_after_a_restart(clocked: Beta) -> None:
    clocked.staff(person("1001", vacation("24.50"), {"VAC": "1.0000"}))
    clocked.started(PayrollStarted=False, StartedAt=None)
    assert clocked.tick().counts == dict.fromkeys(_OUTCOMES, 0)
    clocked.started(PayrollStarted=True, StartedAt="2026-01-06T15:00:00Z")
    # Another process, with the same ledger.
    again = Beta(clocked.urls, clocked.ledger, clocked.memory, clocked.clock, door=clocked.door)
    assert again.tick().counts["updated"] == 1
    again.forget_requests()
    quiet = again.tick()
    assert (quiet.counts, quiet.status) == (dict.fromkeys(_OUTCOMES, 0), Status.SUCCEEDED)
    paths = [
        path.rsplit("/", 1)[1] for system in ("millennium", "timeworksplus") for path in _read(again, system)
    ]
    assert paths == ["companynotes", "calendar", "payperiods"]
    again.edit_state("timeworksplus", accruals=[_set("1001", "30.00", D21)])
    assert again.tick().counts == dict.fromkeys(_OUTCOMES, 0)
    again.started(StartedAt="2026-01-07T09:00:00Z")
    assert again.tick().counts["updated"] == 1
    assert again.there("1001") == ("30.00", D21)


@pytest.mark.requirement("AC-7")
def test_a_period_finalized_since_is_news_while_the_payroll_is_not_processed(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    clocked.tick()
    assert clocked.there("1001") == ("24.50", D21)
    clocked.finalized(P0, P1, P2)
    ticked = clocked.tick()
    assert clocked.there("1001") == ("21.50", D04)
    assert told(clocked, ticked) == {"accrual:1001:Vacation": ("updated", None)}
    # Opened again, the period before is the last: nothing older goes over what is there.
    clocked.finalized(P0, P1)
    assert clocked.tick().counts["skipped"] == 2
    assert clocked.there("1001") == ("21.50", D04)
    # Corrected, and finalized again.
    clocked.edit_state("timeworksplus", accruals=[_set("1001", "19.00", D04)])
    clocked.finalized(P0, P1, P2, at="2026-01-08T10:00:00")
    clocked.tick()
    assert clocked.there("1001") == ("19.00", D04)
    # Opened, corrected and finalized on the same day, between two ticks.
    clocked.edit_state("timeworksplus", accruals=[_set("1001", "18.00", D04)])
    clocked.finalized(P0, P1, P2, at="2026-01-08T10:20:00")
    clocked.tick()
    assert clocked.there("1001") == ("18.00", D04)
    clocked.edit_state("timeworksplus", accruals=[_set("1001", "5.00", D04)])
    clocked.started(Processed=True)
    clocked.finalized(P0, P1, P2, at="2026-01-12T10:00:00")
    assert clocked.tick().counts == dict.fromkeys(_OUTCOMES, 0)


@pytest.mark.requirement("AC-7")
def test_a_payroll_started_again_in_mid_run_is_answered_to_by_the_next_tick(clocked: Beta) -> None:
    clocked.staff(person("1001", vacation("24.50"), {"VAC": "1.0000"}))
    clocked.faults("millennium", errors=["payroll_restarted"], match="change accruals", count=1)
    assert clocked.tick().counts["updated"] == 1
    clocked.edit_state("timeworksplus", accruals=[_set("1001", "30.00", D21)])
    assert clocked.tick().counts["updated"] == 1
    assert clocked.there("1001") == ("30.00", D21)
    assert clocked.tick().counts == dict.fromkeys(_OUTCOMES, 0)


@pytest.mark.requirement("AC-7")
def test_no_finalized_period_is_said_once(clocked: Beta) -> None:
    clocked.staff(person("1001", vacation("24.50"), {"VAC": "1.0000"}))
    clocked.finalized()
    assert told(clocked, clocked.tick()) == {"category:ACME": ("skipped", "NO_PERIOD_FINALIZED")}
    assert told(clocked, clocked.tick()) == {}
    clocked.finalized(P0)
    clocked.tick()
    assert clocked.there("1001") == ("1.0000", None)
    clocked.finalized(P0, P1)
    clocked.tick()
    assert clocked.there("1001") == ("24.50", D21)


@pytest.mark.requirement("AC-8")
@pytest.mark.parametrize(("memo", "is_off"), [("off", True), (".", True), ("", False), ("  \u00a0", False)])
def test_anything_in_the_memo_turns_the_schedule_off_and_not_the_button(
    clocked: Beta, memo: str, is_off: bool
) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    clocked.edit("millennium", "companynotes", {"NoteId": 5}, Memo=memo)
    ticked = clocked.tick()
    assert ticked.status is Status.SUCCEEDED
    if is_off:
        assert told(clocked, ticked) == {"category:ACME": ("skipped", "TURNED_OFF_BY_MEMO")}
        assert clocked.there("1001") == ("1.0000", None)
    else:
        assert clocked.there("1001") == ("24.50", D21)
    clocked.button()
    assert clocked.there("1001") == ("21.50", D04)
    if is_off:
        clocked.edit_state("timeworksplus", accruals=[_set("1001", "30.00", D04)])
        clocked.finalized(P0, P1, P2)
        clocked.edit("millennium", "companynotes", {"NoteId": 5}, Memo="")
        clocked.tick()
        assert clocked.there("1001") == ("30.00", D04)


@pytest.mark.requirement("AC-8")
def test_without_the_note_the_integration_is_not_set_up(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    clocked.edit_state("millennium", companynotes=[])
    for run in (clocked.tick(), clocked.button()):
        assert (run.status, run.error.code) == (Status.FAILED, "ACCRUAL_NOTE_MISSING")
        assert "Company Notes" in run.error.remedy
    assert clocked.there("1001") == ("1.0000", None)


# --- which balances ---------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-6")
def test_nothing_is_no_zero_and_a_zero_is_not_nothing(clocked: Beta) -> None:
    """(AW-11)"""
    clocked.staff(
        person("1001", vacation(""), {"VAC": "12.0000"}),
        person("1002", vacation("0.00"), {"VAC": "3.0000"}),
        person("1003", vacation(""), {}),
        person("1004", None, {"VAC": "7.0000"}),
        person("1005", vacation("8.00"), {}),
        person("1006", None, {"VAC": "9.0000"}, Status="T"),
        person("1007", None, {"VAC": "0.0000"}, Status="T"),
        person("1008", vacation("5.00"), None),
        person("1009", vacation("6.00"), {"VAC": "1.0000"}, Status="L"),
    )
    run = clocked.button(as_of="finalized")
    found = told(clocked, run)
    assert [clocked.there(key) for key in ("1001", "1002", "1003", "1004", "1005", "1006", "1009")] == [
        ("12.0000", None),
        ("0.00", D21),
        None,
        ("7.0000", None),
        ("8.00", D21),
        ("9.0000", None),
        ("6.00", D21),
    ]
    assert found["accrual:1001:Vacation"] == ("skipped", "NO_BALANCE")
    assert found["accrual:1004:Vacation"] == ("blocked", "NOT_IN_TIMEWORKSPLUS")
    assert found["accrual:1005:Vacation"][0] == "created"
    assert found["accrual:1006:Vacation"] == ("skipped", "NOT_IN_TIMEWORKSPLUS")
    assert found["accrual:1008:Vacation"] == ("blocked", "NOT_IN_MILLENNIUM")
    assert "accrual:1003:Vacation" not in found
    assert "accrual:1007:Vacation" not in found


@pytest.mark.requirement("AC-9", "AC-6")
def test_a_renamed_category_stops_and_names_the_new_one_and_goes_on_once_it_is_back(clocked: Beta) -> None:
    """(AW-10)"""
    both = {"Sick": [("5.00", D21)], "Vacation": [("20.00", D21)]}
    clocked.staff(person("1001", both, {"VAC": "1.0000", "SICK": "1.0000"}))
    clocked.codes(VAC="Vacation", SICK="Sick", PTO="PTO")
    assert clocked.button(as_of="finalized").counts["updated"] == 2
    clocked.categories("Sick", "PTO")
    clocked.edit_state(
        "timeworksplus",
        accruals=[_set("1001", "6.00", D21, "Sick"), _set("1001", "21.00", D21, "PTO")],
    )
    renamed = clocked.button(as_of="finalized")
    assert clocked.there("1001", "VAC") == ("20.00", D21)
    assert clocked.there("1001", "SICK") == ("6.00", D21)
    assert clocked.there("1001", "PTO") is None
    found = told(clocked, renamed)
    assert found["category:Vacation"] == ("blocked", "CATEGORY_GONE")
    assert found["category:PTO"] == ("skipped", "CATEGORY_NEW")
    said = clocked.records(renamed)["category:Vacation"].reason
    assert "Vacation" in said.message
    assert "PTO" in said.message
    # Renamed back, it goes on by itself.
    clocked.categories("Sick", "Vacation")
    clocked.edit_state(
        "timeworksplus",
        accruals=[_set("1001", "6.00", D21, "Sick"), _set("1001", "22.00", D21)],
    )
    clocked.started(Processed=True)
    back = clocked.tick()
    assert told(clocked, back) == {"accrual:1001:Vacation": ("updated", None)}
    assert clocked.there("1001", "VAC") == ("22.00", D21)


@pytest.mark.requirement("AC-9", "OPS-1")
def test_a_category_that_is_back_is_replayed_with_all_its_balances(clocked: Beta) -> None:
    clocked.staff(*(person(key, vacation("20.00"), {"VAC": "1.0000"}) for key in ("1001", "1002")))
    clocked.button(as_of="finalized")
    clocked.categories("Sick", "PTO")
    stopped = clocked.button(as_of="finalized")
    clocked.categories("Sick", "Vacation")
    clocked.edit_state("timeworksplus", accruals=[_set(key, "21.00", D21) for key in ("1001", "1002")])
    replayed = clocked.replay(stopped, "category:Vacation")
    assert replayed.counts["updated"] == 2
    assert clocked.there("1002") == ("21.00", D21)


@pytest.mark.requirement("AC-9")
def test_renamed_on_both_sides_it_goes_on(clocked: Beta) -> None:
    clocked.staff(person("1001", vacation("20.00"), {"VAC": "1.0000"}))
    clocked.button(as_of="finalized")
    clocked.categories("Sick", "PTO")
    clocked.edit_state("timeworksplus", accruals=[_set("1001", "21.00", D21, "PTO")])
    clocked.codes(VAC="PTO", SICK="Sick")
    run = clocked.button(as_of="finalized")
    assert told(clocked, run)["accrual:1001:PTO"] == ("updated", "PAYROLL_PERIOD_NOT_FINALIZED")
    assert clocked.there("1001") == ("21.00", D21)


@pytest.mark.requirement("AC-6")
def test_two_codes_to_one_category_made_later_stop_that_category_only(clocked: Beta) -> None:
    both = {"Sick": [("5.00", D21)], "Vacation": [("20.00", D21)]}
    clocked.staff(person("1001", both, {"VAC": "1.0000", "SICK": "1.0000"}))
    clocked.codes(VAC="Vacation", SICK="Sick", SICK2="Sick")
    run = clocked.button(as_of="finalized")
    assert told(clocked, run)["category:Sick"] == ("blocked", "TWO_CODES_FOR_CATEGORY")
    assert "SICK and SICK2" in clocked.records(run)["category:Sick"].reason.message
    assert clocked.there("1001", "SICK") == ("1.0000", None)
    assert clocked.there("1001", "VAC") == ("20.00", D21)


# --- writing ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-7", "RUN-4")
@pytest.mark.parametrize("few", [100, 2])
def test_a_payroll_that_is_processed_locks_and_the_next_run_goes_on_of_the_same_day(
    clocked: Beta, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(people, "_FEW", few)
    clocked.staff(*(person(str(number), USED, {"VAC": "1.0000"}) for number in range(1001, 1006)))
    clocked.faults("millennium", errors=["payroll_locked"], match="change accruals", after=2)
    clocked.forget_requests()
    run = clocked.button()
    assert clocked.written() == ["PUT 200", "PUT 200", "PUT 409"]
    assert (run.status, run.counts["failed"]) == (Status.PARTIAL, 3)
    failed = [one for one in clocked.stored(run) if one.outcome == "failed"]
    assert {one.reason.code for one in failed} == {"PAYROLL_LOCKED"}
    clocked.calm("millennium")
    clocked.started(Processed=True)
    # Without news, and of the day that had been asked for: not of the finalized period, which is older.
    assert clocked.tick().counts["updated"] == 3
    assert {clocked.there(str(number)) for number in range(1001, 1006)} == {("21.50", D04)}
    assert clocked.tick().counts == dict.fromkeys(_OUTCOMES, 0)


@pytest.mark.requirement("AC-7", "RUN-5")
def test_what_was_changed_meanwhile_is_read_again_and_decided_again(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    clocked.faults("millennium", errors=["accrual_changed"], count=1)
    clocked.forget_requests()
    run = clocked.button()
    assert clocked.written() == ["PUT 412", "PUT 200"]
    assert clocked.there("1001") == ("21.50", D04)
    assert clocked.records(run)["accrual:1001:Vacation"].changes[0].old == "2.00"


@pytest.mark.requirement("AC-7")
def test_what_is_changed_again_and_again_fails_and_says_so(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    clocked.faults("millennium", errors=["accrual_changed"])
    run = clocked.button()
    assert told(clocked, run)["accrual:1001:Vacation"] == ("failed", "CHANGED_MEANWHILE")


@pytest.mark.requirement("AC-6", "RUN-5")
@pytest.mark.parametrize(
    ("there", "fault", "calls", "outcome"),
    [
        ({}, "accrual_added", ["POST 409", "PUT 200"], "updated"),
        ({"VAC": "1.0000"}, "accrual_removed", ["PUT 404", "POST 201"], "created"),
    ],
)
def test_an_accrual_that_comes_or_goes_meanwhile_is_put_or_added(
    clocked: Beta, there: dict[str, str], fault: str, calls: list[str], outcome: str
) -> None:
    clocked.staff(person("1001", USED, there))
    clocked.faults("millennium", errors=[fault], count=1)
    clocked.forget_requests()
    run = clocked.button()
    assert clocked.written() == calls
    assert clocked.there("1001") == ("21.50", D04)
    assert told(clocked, run)["accrual:1001:Vacation"][0] == outcome


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize("system", ["millennium", "timeworksplus"])
def test_a_session_that_ends_in_mid_run_is_renewed(clocked: Beta, system: str) -> None:
    clocked.staff(*(person(str(number), USED, {"VAC": "1.0000"}) for number in range(1001, 1004)))
    fault = {"millennium": "session_ends", "timeworksplus": "session"}[system]
    clocked.faults(system, errors=[fault], after=2, count=1)
    assert clocked.button().counts["updated"] == 3


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("method", ["change accruals", "create accruals"])
def test_a_lost_answer_is_looked_up(clocked: Beta, method: str) -> None:
    there = {"VAC": "1.0000"} if method.startswith("change") else {}
    clocked.staff(person("1001", USED, there))
    clocked.faults("millennium", errors=["after_write_reset"], match=method, count=1)
    clocked.forget_requests()
    run = clocked.button()
    assert run.status is Status.SUCCEEDED
    assert clocked.there("1001") == ("21.50", D04)
    assert len(clocked.written()) == 1


@pytest.mark.requirement("RUN-10")
def test_balances_that_fall_for_many_people_are_held(clocked: Beta) -> None:
    falling = [
        person(str(number), {"Sick": [("1.00", D21)], "Vacation": [("1.00", D21)]}, {"VAC": "9", "SICK": "9"})
        for number in range(1001, 1007)
    ]
    clocked.staff(*falling)
    held = clocked.tick()
    assert (held.status, held.held["people"]) == (Status.HELD, 6)
    assert clocked.there("1001") == ("9", None)
    applied = clocked.apply(held)
    assert applied.counts["updated"] == 12
    assert clocked.there("1001") == ("1.00", D21)
    # What an admin has applied, the start was answered to by.
    assert clocked.tick().counts == dict.fromkeys(_OUTCOMES, 0)


@pytest.mark.requirement("RUN-7", "RUN-9")
def test_a_preview_says_the_same_writes_nothing_and_answers_to_no_start(clocked: Beta) -> None:
    clocked.staff(
        person("1001", USED, {"VAC": "1.0000"}),
        person("1002", vacation(""), {"VAC": "12.0000"}),
        person("1003", USED, {"VAC": "21.5000"}),
    )
    clocked.forget_requests()
    preview = clocked.button("preview", as_of="finalized")
    assert clocked.written() == []
    assert preview.counts["updated"] == 2
    applied = clocked.apply(preview)
    assert applied.counts["updated"] == 2
    ticked = clocked.tick()
    assert ticked.counts["unchanged"] == 2, "the start is news still"


@pytest.mark.requirement("RUN-9")
def test_a_plan_is_not_applied_once_its_day_has_moved(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    preview = clocked.button("preview", as_of="finalized")
    clocked.finalized(P0, P1, P2)
    applied = clocked.apply(preview)
    assert told(clocked, applied)["accrual:1001:Vacation"] == ("blocked", "MOVED_SINCE_PREVIEW")
    assert clocked.there("1001") == ("1.0000", None)


@pytest.mark.requirement("AC-7", "RUN-5")
def test_the_same_run_twice_writes_nothing_the_second_time(clocked: Beta) -> None:
    clocked.staff(*(person(str(number), USED, {"VAC": "1.0000"}) for number in range(1001, 1004)))
    clocked.button()
    clocked.forget_requests()
    again = clocked.button()
    assert (again.counts["unchanged"], clocked.written()) == (3, [])


@pytest.mark.requirement("OPS-1")
def test_one_employee_is_replayed_of_the_day_of_the_first_run(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}), person("1002", USED, {"VAC": "1.0000"}))
    clocked.faults("millennium", errors=["payroll_locked"], match="change accruals")
    ticked = clocked.tick()
    clocked.calm("millennium")
    clocked.forget_requests()
    replayed = clocked.replay(ticked, "accrual:1001:Vacation")
    assert replayed.counts["updated"] == 1
    assert clocked.there("1001") == ("24.50", D21)
    assert clocked.there("1002") == ("1.0000", None)
    assert not any(
        path.endswith("/accruals") and "employees" not in path for path in _read(clocked, "millennium")
    )


@pytest.mark.requirement("AC-7")
def test_only_named_employees_are_looked_at(clocked: Beta) -> None:
    clocked.staff(*(person(str(number), USED, {"VAC": "1.0000"}) for number in range(1001, 1004)))
    run = clocked.button(employees=["1002"])
    assert told(clocked, run) == {"accrual:1002:Vacation": ("updated", None)}


_OUTCOMES = ("created", "updated", "unchanged", "skipped", "blocked", "failed")


def _set(employee: str, value: str, day: str, category: str = "Vacation") -> dict[str, str]:
    return {"EmployeeCode": employee, "category": category, "value": value, "effective": day}


def _read(world: Beta, system: str) -> list[str]:
    return [one["path"].partition("?")[0] for one in world.requests(system) if one["method"] == "GET"]


@pytest.mark.requirement("RUN-1", "AC-7")
def test_the_button_joins_no_scheduled_run_which_goes_by_another_day(clocked: Beta) -> None:
    ticking = clocked.start("accrual_sync", trigger=Trigger.SCHEDULE)
    with pytest.raises(Declined) as refused:
        clocked.start("accrual_sync")
    assert (refused.value.code, "as_of finalized" in refused.value.message) == ("RUN_IN_PROGRESS", True)
    joined = clocked.start("accrual_sync", options={"as_of": "finalized"})
    assert joined.run_id == ticking.run_id
    clocked.drive(ticking)


@pytest.mark.requirement("RUN-1", "AC-7")
def test_a_tick_that_comes_while_the_button_is_at_work_is_kept(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "18.4200"}))
    pressed = clocked.start("accrual_sync")
    kept = clocked.start("accrual_sync", trigger=Trigger.SCHEDULE)
    assert kept.run_id != pressed.run_id
    clocked.drive(pressed)
    assert clocked.there("1001") == ("21.50", D04)


@pytest.mark.requirement("OPS-1", "AC-7")
def test_what_was_locked_is_replayed_of_its_day_also_once_the_payroll_is_processed(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    clocked.faults("millennium", errors=["payroll_locked"], match="change accruals")
    pressed = clocked.button()
    clocked.calm("millennium")
    clocked.started(Processed=True)
    assert clocked.replay(pressed, "accrual:1001:Vacation").counts["updated"] == 1
    assert clocked.there("1001") == ("21.50", D04)


@pytest.mark.requirement("RUN-9")
def test_a_plan_of_batches_that_are_paid_by_now_is_not_applied_and_says_so(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    preview = clocked.button("preview")
    clocked.started(Processed=True)
    applied = clocked.apply(preview)
    why = clocked.records(applied)["accrual:1001:Vacation"].reason
    assert why.code == "MOVED_SINCE_PREVIEW"
    assert "no payroll in Millennium that is started" in why.message
    assert clocked.there("1001") == ("1.0000", None)


@pytest.mark.requirement("AC-7", "RUN-4")
def test_what_a_run_by_batch_left_waits_for_a_finalized_period(clocked: Beta) -> None:
    clocked.finalized()
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}), person("1002", USED, None))
    clocked.button()
    clocked.tick()
    clocked.edit_state("millennium", employees=[{"EmployeeId": key} for key in ("1001", "1002")])
    assert clocked.tick().counts == dict.fromkeys(_OUTCOMES, 0)
    clocked.started(Processed=True)
    clocked.finalized(P0, P1)
    assert clocked.tick().counts["created"] == 1
    assert clocked.there("1002") == ("24.50", D21)


@pytest.mark.requirement("AC-6")
def test_a_divisor_other_than_one_stops_that_category(clocked: Beta) -> None:
    clocked.staff(person("1001", USED, {"VAC": "1.0000"}))
    clocked.edit("millennium", "accrualcodes", {"Code": "VAC"}, Divisor="8")
    run = clocked.button()
    assert told(clocked, run) == {"category:Vacation": ("blocked", "DIVISOR_NOT_ONE")}
    assert clocked.there("1001") == ("1.0000", None)


@pytest.mark.requirement("RUN-7")
def test_a_preview_says_what_the_run_says(clocked: Beta) -> None:
    clocked.staff(
        person("1001", USED, {"VAC": "1.0000"}),
        person("1002", vacation(""), {"VAC": "12.0000"}),
        person("1003", USED, None),
        person("1004", None, {"VAC": "12.0000"}),
        person("1005", USED, {}),
    )
    clocked.codes(VAC="Vacation", SICK="Sick", SICK2="Sick")
    clocked.previewed(options={"as_of": "finalized"})
    clocked.previewed()


@pytest.mark.requirement("AC-7", "RUN-4")
def test_what_is_looked_at_again_keeps_its_name(clocked: Beta) -> None:
    clocked.staff(person("1001", vacation("24.50"), None))
    first, again = clocked.tick(), clocked.tick()
    labels = [clocked.records(run)["accrual:1001:Vacation"].label for run in (first, again)]
    assert labels == ["Ann Lee 1001 (1001), Vacation"] * 2


@pytest.mark.requirement("RUN-8", "AC-6")
def test_pages_of_people_are_one_complete_read(clocked: Beta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direction, "PAGE_SIZE", 2)
    clocked.staff(*(person(str(number), USED, {"VAC": "1.0000"}) for number in range(1001, 1006)))
    run = clocked.button()
    assert (run.pages, run.complete, run.counts["updated"]) == (3, True, 5)
