"""What goes wrong on the way to TimeWorksPlus: refusals, crashes, old plans (RUN-4, RUN-5)."""

from __future__ import annotations

from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from payrelay.domain.runs import Status, Trigger
from payrelay.flows.accrual_sync.to_timeworksplus import closer
from payrelay.systems.http import door as http
from payrelay.systems.timeworksplus.client import TimeWorksPlusClient
from payrelay.systems.timeworksplus.models import Refused
from tests.worlds.accruals import (
    NOW,
    P1,
    P2,
    Accruals,
    accrual,
    acme,
    check,
    clocks,
    held,
    paid,
)
from tests.worlds.saboteur import Saboteur, moments, one_in

VACATION = "1001:Vacation"
WRITE = "change accruals"


def three(company: Accruals) -> None:
    """1001 to 1003 of whom each has a new balance."""
    people = (1001, 1002, 1003)
    company.payroll(*(accrual(one, "VAC", "40.0000") for one in people), *(check(one) for one in people))
    company.clocked(*(row for one in people for row in held(one, "36.92 @2025-12-21")))


@pytest.mark.requirement("AC-5", "RUN-4")
def test_a_period_that_is_finalized_between_planning_and_writing(company: Accruals) -> None:
    """Somebody finalizes it just before the write: a normal outcome, parked and not repeated."""
    three(company)
    company.payroll(
        *(accrual(one, "VAC", "40.0000") for one in (1001, 1002)),
        accrual(1003, "VAC", "40.0000", "2026-01-16"),
        *(check(one) for one in (1001, 1002)),
        check(1003, "2026-01-16", ("2026-01-05", "2026-01-18"), 89),
    )
    company.faults("timeworksplus", errors=["finalized"], match=WRITE, count=1)
    run = company.sync()
    assert company.outcomes(run) == {
        VACATION: "blocked",
        "1002:Vacation": "blocked",
        "1003:Vacation": "updated",
    }
    record = company.told(run)[VACATION]
    assert record.reason.code == "PERIOD_FINALIZED"
    assert "un-finalize 2025-12-22 to 2026-01-04" in record.reason.remedy.lower()
    assert record.changes == ()
    company.calm("timeworksplus")
    company.clock.pass_by(86400)
    company.forget_requests()
    again = company.sync()
    assert "since 2026-01-10 (1 day)" in company.told(again)[VACATION].reason.message
    assert company.sent() == []
    company.finalize(P2, undo=True)
    assert company.outcomes(company.sync()) == {VACATION: "updated", "1002:Vacation": "updated"}


@pytest.mark.requirement("AC-5")
def test_what_was_finalized_before_the_write_is_not_sent_at_all(company: Accruals) -> None:
    three(company)
    run = company.start("accrual_sync")
    company.planned_then(run, lambda: company.finalize(P2))
    assert set(company.reasons(run).values()) == {"PERIOD_FINALIZED"}
    assert company.sent() == []


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("removed", "REFUSED_BY_TARGET", "There is no employee 1001."),
        ("renamed", "REFUSED_BY_TARGET", "there is no category 'Sick'"),
    ],
)
def test_rows_that_are_refused_stop_no_other(company: Accruals, fault: str, code: str, words: str) -> None:
    """One of 500 people is removed, or a category gets another name, just before the write."""
    people = range(1001, 1500)
    rows = [accrual(one, "VAC", "40.0000") for one in people]
    company.payroll(accrual(1001, "SICK1", "5.0000"), *rows[1:], *(check(one) for one in people))
    company.clocked(*(clocks(one) for one in people))
    company.faults("timeworksplus", errors=[fault], match=WRITE, count=1)
    run = company.sync()
    assert (run.counts["created"], run.counts["failed"]) == (498, 1)
    record = next(one for one in company.told(run).values() if one.outcome.value == "failed")
    assert (record.key, record.reason.code) == ("1001:Sick", code)
    assert words in record.reason.message
    assert len(company.sent()) == (2 if fault == "renamed" else 1)


@pytest.mark.requirement("AC-5")
def test_a_row_that_is_refused_for_its_period_is_kept_back(
    company: Accruals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract has the status for a call; a row may be refused in the same words."""
    three(company)
    said = [Refused("1001", "Vacation", "2026-01-04", "Pay period is finalized")]
    monkeypatch.setattr(TimeWorksPlusClient, "set_balances", lambda *_: said)
    run = company.sync()
    assert company.reasons(run) == {VACATION: "PERIOD_FINALIZED"}
    assert run.counts["updated"] == 2


@pytest.mark.requirement("RUN-5")
def test_a_lost_answer_writes_nothing_twice(company: Accruals) -> None:
    three(company)
    company.faults("timeworksplus", errors=["after_write_reset"], match=WRITE, count=1)
    run = company.sync()
    assert (run.status, run.counts["updated"]) == (Status.SUCCEEDED, 3)
    assert len(company.sent()) == 1
    assert company.kept()["1001"] == ["36.92 @2025-12-21", "40.00 @2026-01-04"]


@pytest.mark.requirement("RUN-5", "AC-5")
@pytest.mark.parametrize("stays_dead", [False, True])
def test_a_crash_at_any_call_leaves_what_a_clean_run_leaves(
    time_clock: Any, monkeypatch: pytest.MonkeyPatch, stays_dead: bool
) -> None:
    served, clock = time_clock

    def trial(at: int | None) -> tuple[Any, list[str]]:
        clock.now = NOW
        saboteur = Saboteur(at)
        monkeypatch.setattr(http, "observer", saboteur)
        made = acme(served.urls, clock, memory_ledger(saboteur.edge))
        made.payroll(
            accrual(1001, "VAC", "40.0000"),
            accrual(1002, "VAC", "12.0000"),
            accrual(1003, "SICK1", "5.0000", "2025-12-26"),
            *(check(one) for one in (1001, 1002)),
            check(1003, "2025-12-26", P1, 87),
        )
        sick = held(1003, "4.00 @2025-12-07", category="Sick")
        made.clocked(*held(1001, "36.92 @2025-12-21", isHidden=True), *sick, clocks(1002))
        run = made.start("accrual_sync")
        if saboteur.kills(made, run, stays_dead=stays_dead):
            clock.pass_by(made.limits.lease_seconds + 1)
            made.sync()
        found = (made.kept(), made.kept("Sick"), [one["isHidden"] for one in made.rows_of("1001")])
        made.forget_requests()
        again = made.sync()
        assert (again.counts["unchanged"], made.reasons(again)) == (2, {"1003:Sick": "PERIOD_FINALIZED"})
        assert made.sent() == []
        assert "since 2026-01-10 (today)" in made.told(again)["1003:Sick"].reason.message
        return found, saboteur.seen

    clean, edges = trial(None)
    assert clean[0] == {"1001": ["36.92 @2025-12-21", "40.00 @2026-01-04"], "1002": ["12.00 @2026-01-04"]}
    # Around the write each; of our own, some.
    writes = [at for at, name in enumerate(edges) if "timeworksplus POST" in name]
    others = [at for at in moments(edges) if at not in writes]
    for at in [*writes, *one_in(1 if stays_dead else 2, others)]:
        left, _ = trial(at)
        assert left == clean, f"after a crash at edge {at}: {edges[at]}"


# --- plans and replays -------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-9")
def test_an_old_plan_is_written_as_it_is_or_not_at_all(company: Accruals) -> None:
    three(company)
    preview = company.sync("preview")
    company.edit("millennium", "accruals", {"EmployeeId": "1001"}, Balance="41.0000")
    company.clocked(
        *held(1001, "36.92 @2025-12-21"),
        *held(1002, "36.92 @2025-12-21", "39.00 @2026-01-04"),
        *held(1003, "36.92 @2025-12-21"),
    )
    company.forget_requests()
    applied = company.sync("apply", plan_of=preview.run_id)
    assert company.outcomes(applied) == {
        VACATION: "blocked",
        "1002:Vacation": "blocked",
        "1003:Vacation": "updated",
    }
    assert set(company.reasons(applied).values()) == {"MOVED_SINCE_PREVIEW"}
    told = company.told(applied)
    assert "in Millennium, balance is 41.00, not 40.00" in told[VACATION].reason.message
    assert "in TimeWorksPlus, balance is 39.00, not 36.92" in told["1002:Vacation"].reason.message
    assert len(company.sent()) == 1


@pytest.mark.requirement("OPS-1")
def test_a_replay_reads_afresh_and_only_what_it_is_asked_for(company: Accruals) -> None:
    three(company)
    company.finalize(P2)
    company.payroll(
        paid(1001, FirstName="Ann", LastName="Lee"),
        *(accrual(one, "VAC", "40.0000") for one in (1001, 1002, 1003)),
        *(accrual(one, "SICK1", "1.0000") for one in (1001, 1002, 1003)),
        *(check(one) for one in (1001, 1002, 1003)),
    )
    run = company.sync()
    assert run.counts["blocked"] == 6
    company.finalize(P2, undo=True)
    company.forget_requests()
    preview = company.run(
        "accrual_sync", "preview", trigger=Trigger.REPLAY, replay_of=run.run_id, only=(VACATION,)
    )
    assert preview.estimate == {
        "already_right": 0,
        "would_write": 1,
        "refused": 0,
        "calls": preview.estimate["calls"],
    }
    assert company.sent() == []
    company.forget_requests()
    replay = company.run("accrual_sync", trigger=Trigger.REPLAY, replay_of=run.run_id, only=(VACATION,))
    assert company.outcomes(replay) == {VACATION: "updated"}
    assert company.told(replay)[VACATION].label == "Ann Lee (1001), Vacation"
    asked = company.asked("millennium") + company.asked()
    assert any("/employees/1001/accruals" in one for one in asked)
    assert not any("/ACME/accruals?" in one or "asOfDate" in one for one in asked)
    assert [one for one in asked if "activity" in one and "ids=1001" not in one] == []


@pytest.mark.requirement("OPS-1", "AC-2")
def test_a_replay_of_a_category_tells_what_is_so_now(company: Accruals) -> None:
    company.payroll(accrual(1001, "VAC", "40.0000"), check(1001))
    company.clocked(clocks(1001))
    rule = {"Name": "PunchCategories"}
    company.edit("timeworksplus", "processingrules", rule, Categories=["Sick"])
    run = company.sync()
    assert company.reasons(run) == {"Vacation": "NOT_IN_PUNCH_CATEGORIES"}
    for names, outcomes in ((["Sick"], {"Vacation": "blocked"}), (["Sick", "Vacation"], {})):
        company.edit("timeworksplus", "processingrules", rule, Categories=names)
        replay = company.run(
            "accrual_sync", trigger=Trigger.REPLAY, replay_of=run.run_id, only=("/Vacation",)
        )
        assert company.outcomes(replay) == outcomes


@pytest.mark.requirement("AC-4", "RUN-11")
def test_named_employees_are_read_alone_and_say_the_same(company: Accruals) -> None:
    three(company)
    run = company.previewed(options={"employees": ["1002"]})
    assert company.outcomes(run) == {"1002:Vacation": "updated"}
    assert company.sync().counts == {
        "created": 0, "updated": 2, "unchanged": 1, "skipped": 0, "blocked": 0, "failed": 0,
    }  # fmt: skip


@pytest.mark.requirement("AC-3", "RUN-4")
def test_somebody_whose_last_accrual_is_long_ago_is_dated_by_a_check_of_then(company: Accruals) -> None:
    """Equal as things are now needs no closer look; one that differs is read by itself."""
    june = ("2025-06-09", "2025-06-22")
    company.payroll(
        accrual(1001, "VAC", "40.0000"),
        accrual(1002, "VAC", "8.0000", "2025-06-27"),
        accrual(1003, "VAC", "9.0000", "2025-06-27"),
        check(1001),
        *(check(one, "2025-06-27", june, 60) for one in (1002, 1003)),
    )
    company.clocked(
        *held(1001, "40.00 @2026-01-04"),
        *held(1002, "8.00 @2025-06-22"),
        *held(1003, "7.00 @2025-06-08"),
    )
    run = company.previewed()
    assert company.outcomes(run) == {"1003:Vacation": "updated"}
    record = company.told(run)["1003:Vacation"]
    assert {one.field: one.new for one in record.changes} == {"balance": "9.00", "effective": "2025-06-22"}
    looked_up = [one for one in company.asked("millennium") if "employeeId" in one]
    assert all("employeeId=1003" in one for one in looked_up)
    company.forget_requests()
    assert company.sync().counts["unchanged"] == 3
    assert not [one for one in company.asked("millennium") if "employeeId" in one]


@pytest.mark.requirement("RUN-4", "RUN-8")
def test_a_slip_of_the_pen_makes_nobody_else_be_looked_up(company: Accruals) -> None:
    """One Last Accrue Date of 2062 among a hundred: theirs is outside of every period, and that is all."""
    people = range(1001, 1102)
    company.payroll(
        *(accrual(one, "VAC", "40.0000") for one in people[1:]),
        accrual(1001, "VAC", "40.0000", "2062-01-09"),
        *(check(one) for one in people),
    )
    company.clocked(*(row for one in people for row in held(one, "40.00 @2026-01-04")))
    run = company.previewed()
    assert (run.counts["unchanged"], company.told(run)) == (101, {})
    company.edit("timeworksplus", "accruals", {"EmployeeCode": "1001"}, value="39.00")
    record = company.told(company.previewed())[VACATION]
    assert record.reason.code == "DATE_OUTSIDE_PERIODS"
    asked = [*company.asked("millennium"), *company.asked()]
    assert not [one for one in asked if "employeeId" in one]
    assert all("ids=1001" in one for one in asked if "activity" in one)


@pytest.mark.requirement("OPS-1", "AC-3")
def test_somebody_of_the_time_clock_alone_is_told_again_by_a_replay(company: Accruals) -> None:
    three(company)
    company.clocked(*held(1009, "3.00 @2025-12-21"))
    run = company.sync()
    assert company.outcomes(run)["1009:Vacation"] == "skipped"
    replay = company.run(
        "accrual_sync", trigger=Trigger.REPLAY, replay_of=run.run_id, only=("1009:Vacation",)
    )
    assert company.reasons(replay) == {"1009:Vacation": "NOT_IN_MILLENNIUM"}


@pytest.mark.requirement("AC-5", "RUN-8")
def test_old_balances_are_looked_at_in_steps_and_then_remembered(
    company: Accruals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One person a step; while what dated them is finalized, nobody is looked up again."""
    monkeypatch.setattr(closer, "LOOKS_A_STEP", 1)
    june, people = ("2025-06-09", "2025-06-22"), (1002, 1003)
    company.payroll(
        accrual(1001, "VAC", "40.0000"),
        *(accrual(one, "VAC", "8.0000", "2025-06-27") for one in people),
        check(1001),
        *(check(one, "2025-06-27", june, 60) for one in people),
    )
    company.clocked(*held(1001, "40.00 @2026-01-04"), *(clocks(one) for one in people))
    state = company.state("timeworksplus")
    old = {"siteId": "51234", "BeginDate": june[0], "EndDate": june[1], "IsFinalized": True}
    company.put("timeworksplus", {**state, "payperiods": [old, *state["payperiods"]]})
    company.forget_requests()
    assert set(company.reasons(company.sync()).values()) == {"PERIOD_FINALIZED"}
    assert len([one for one in company.asked("millennium") if "employeeId" in one]) == 2
    for options, looks in (({}, 0), ({"full": True}, 2)):
        company.forget_requests()
        run = company.sync(options=options)
        assert set(company.reasons(run).values()) == {"PERIOD_FINALIZED"}
        assert "as of" not in company.told(run)["1002:Vacation"].reason.message
        assert len([one for one in company.asked("millennium") if "employeeId" in one]) == looks
    company.finalize(june, undo=True)
    assert company.sync().counts["created"] == 2


@pytest.mark.requirement("RUN-4")
def test_a_row_that_can_t_be_used_is_told_and_others_go(company: Accruals, monkeypatch: Any) -> None:
    three(company)
    from payrelay.systems.millennium import client, models
    from payrelay.systems.rows import BadRow

    real = models.ACCRUALS.read

    def read(raws: Any) -> Any:
        rows, bad = real(raws)
        bad += [BadRow("1001", "VAC", "Balance", "is no number"), BadRow("", "", "EmployeeId", "is missing")]
        return [one for one in rows if one.employee_id != "1001"], bad

    monkeypatch.setattr(client.ACCRUALS, "read", read)
    run = company.sync()
    assert company.outcomes(run) == {
        VACATION: "blocked",
        "Millennium": "blocked",
        "1002:Vacation": "updated",
        "1003:Vacation": "updated",
    }
    assert "Balance" in company.told(run)[VACATION].reason.message
