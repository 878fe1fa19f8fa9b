"""Millennium to TimeWorksPlus through the sandboxes: what is written as of when, what is said (AC-2 to 5)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.runs import Status, Trigger
from payrelay.systems.timeworksplus import client
from tests.worlds.accruals import (
    CO,
    P0,
    P1,
    P2,
    P3,
    PAID,
    Accruals,
    accrual,
    check,
    clocks,
    entry,
    held,
    paid,
    used,
)

VACATION = "1001:Vacation"
ANN = paid(1001, FirstName="Ann", LastName="Lee")


def balances(record: Any) -> tuple[str | None, str | None]:
    """The balance that a record writes, and as of when."""
    changes = {change.field: change.new for change in record.changes}
    return changes.get("balance"), changes.get("effective")


@pytest.mark.requirement("AC-1", "AC-3", "AC-4", "RUN-7")
def test_a_balance_is_written_as_of_the_end_of_the_period_that_its_check_paid(company: Accruals) -> None:
    company.payroll(ANN, accrual(1001, "VAC", "40.0000"), check(1001))
    company.clocked(*held(1001, "36.92 @2025-12-21"))
    run = company.previewed()
    record = company.told(run)[VACATION]
    assert (record.outcome.value, record.label) == ("updated", "Ann Lee (1001), Vacation")
    assert [(one.field, one.old, one.new) for one in record.changes] == [
        ("balance", "36.92", "40.00"),
        ("effective", None, "2026-01-04"),
    ]
    assert company.kept()["1001"][-1] == "40.00 @2026-01-04"
    company.forget_requests()
    again = company.sync()
    assert (again.counts["unchanged"], company.sent()) == (1, [])


@pytest.mark.requirement("AC-3", "AC-4")
def test_hours_that_a_later_check_paid_are_never_taken_off_twice(company: Accruals) -> None:
    """AW-01: 80 hours on 26 December, 8 used on 30 December; 72 on both sides at the end of the period."""
    rows = (accrual(1001, "VAC", "72.0000", "2025-12-26"), check(1001, "2025-12-26", P1, 87), check(1001))
    company.payroll(ANN, *rows)
    company.clocked(*held(1001, "80.00 @2025-12-21"), used(1001, "2025-12-30", "8"), finalized=(P0,))
    run = company.previewed()
    assert (run.counts["unchanged"], company.kept()["1001"]) == (1, ["80.00 @2025-12-21"])
    # The clock was told of other hours: never 72 as of 21 December.
    company.clocked(*held(1001, "80.00 @2025-12-21"), used(1001, "2025-12-30", "7"), finalized=(P0,))
    run = company.previewed()
    record = company.told(run)[VACATION]
    assert (record.outcome.value, record.reason.code) == ("blocked", "BALANCE_MOVED_SINCE_ACCRUAL")
    for part in ("Ann Lee (1001)", "72.00", "73.00", "80.00", "2025-12-21", "2026-01-04", PAID):
        assert part in record.reason.message
    assert company.kept()["1001"] == ["80.00 @2025-12-21"]


@pytest.mark.requirement("AC-3", "AC-5")
def test_a_balance_that_is_known_not_to_have_moved_goes_as_of_its_accrual(company: Accruals) -> None:
    """A later check that used no hours: what was kept back before it is still right."""
    rows = (accrual(1001, "VAC", "40.0000", "2025-12-26"), check(1001, "2025-12-26", P1, 87))
    company.payroll(*rows)
    company.clocked(*held(1001, "36.92 @2025-12-07"))
    assert company.reasons(company.sync()) == {VACATION: "PERIOD_FINALIZED"}
    company.payroll(*rows, check(1001))
    company.finalize(P1, undo=True)
    run = company.previewed()
    assert balances(company.told(run)[VACATION]) == ("40.00", "2025-12-21")


@pytest.mark.requirement("AC-3", "AC-4")
def test_somebody_without_any_balance_in_the_clock_gets_it_whatever_was_paid_since(company: Accruals) -> None:
    rows = (accrual(1001, "VAC", "72.0000", "2025-12-26"), check(1001, "2025-12-26", P1, 87), check(1001))
    company.payroll(*rows)
    company.clocked(clocks(1001), finalized=(P0,))
    run = company.previewed()
    assert (company.outcomes(run)[VACATION], company.kept()["1001"]) == ("created", ["72.00 @2025-12-21"])


@pytest.mark.requirement("AC-4")
def test_hours_used_since_are_no_difference(company: Accruals) -> None:
    """AW-02: equal on 4 January; 8 hours taken on the 7th stay taken."""
    company.payroll(accrual(1001, "VAC", "40.0000"), check(1001))
    company.clocked(*held(1001, "40.00 @2026-01-04"), used(1001, "2026-01-07", "8"))
    run = company.previewed()
    assert (run.counts["unchanged"], company.sent()) == (1, [])
    asked = [one for one in company.asked() if "/accruals?" in one]
    assert all("asOfDate=2026-01-04" in one and "showHidden=true" in one for one in asked)


@pytest.mark.requirement("AC-3")
@pytest.mark.parametrize(
    ("rows", "written", "note"),
    [
        pytest.param(
            [
                accrual(1001, "VAC", "40.0000"),
                check(1001),
                check(1001, PAID, P3, 90, BatchNumber=4),
                entry(90, PAID, RunNumber=2, AccrualsBlocked=True),
            ],
            ("40.00", "2026-01-04"),
            "",
            id="AW-03: a bonus run with accruals off",
        ),
        pytest.param(
            [
                accrual(1001, "VAC", "40.0000", "2026-01-14"),
                check(1001, Voided=True),
                check(1001, "2026-01-14", P2, 91),
            ],
            ("40.00", "2026-01-04"),
            "",
            id="AW-04 a: paid again for its period",
        ),
        pytest.param(
            [
                accrual(1001, "VAC", "40.0000", "2026-01-14"),
                check(1001, Voided=True, CheckNumber="20417", BatchNumber=3),
                check(1001, "2026-01-14", P3, 91, CheckNumber="20417", BatchNumber=4),
            ],
            ("40.00", "2026-01-18"),
            "PERIOD_AFTER_VOIDED_WORK",
            id="AW-04 b: paid again in the batch of the next",
        ),
        pytest.param(
            [accrual(1001, "VAC", "36.9200"), check(1001, Voided=True)],
            ("36.92", "2026-01-09"),
            "",
            id="AW-04 c: void, the balance fell",
        ),
        pytest.param(
            [
                accrual(1001, "VAC", "40.0000"),
                check(1001),
                check(1001, PAID, ("2026-01-09", "2026-01-09"), BatchNumber=5),
            ],
            ("40.00", "2026-01-04"),
            "",
            id="a correction on the pay day",
        ),
        pytest.param(
            [
                accrual(1001, "VAC", "40.0000", "2026-01-16"),
                check(1001, "2026-01-16", ("2026-01-19", "2026-01-25")),
            ],
            ("40.00", "2026-01-25"),
            "DATE_OUTSIDE_PERIODS",
            id="a period that the clock does not have",
        ),
    ],
)
def test_checks_that_do_not_date_a_balance(
    company: Accruals, rows: list[Any], written: tuple[str, str], note: str
) -> None:
    company.payroll(ANN, *rows)
    company.clocked(*held(1001, "38.00 @2025-12-21"))
    run = company.previewed()
    record = company.told(run)[VACATION]
    assert (record.outcome.value, balances(record)) == ("updated", written)
    assert (record.reason.code if record.reason else "") == note
    assert company.kept()["1001"][-1] == " @".join(written)


@pytest.mark.requirement("AC-5")
def test_a_finalized_period_says_which_way_works(company: Accruals) -> None:
    """AW-05: P1 is accepted, and P0 lies before it."""
    company.payroll(ANN, accrual(1001, "VAC", "40.0000", "2025-12-12"), check(1001, "2025-12-12", P0, 86))
    company.clocked(*held(1001, "36.92 @2025-11-23"))
    company.edit("timeworksplus", "payperiods", {"BeginDate": P1[0]}, IsAccepted=True)
    run = company.previewed()
    record = company.told(run)[VACATION]
    assert (record.outcome.value, record.reason.code) == ("blocked", "PERIOD_FINALIZED")
    for part in ("Ann Lee (1001)", "40.00", "36.92", "2025-12-07", "since 2026-01-10 (today)"):
        assert part in record.reason.message
    steps = [
        "un-accept 2025-12-08",
        "un-finalize",
        "2025-12-08",
        "2025-11-24",
        "within a day",
        "finalize what",
    ]
    places = [record.reason.remedy.index(step) for step in steps]
    assert places[:2] == sorted(places[:2])
    assert company.kept()["1001"] == ["36.92 @2025-11-23"]
    company.clock.pass_by(3 * 86400)
    later = company.told(company.previewed())[VACATION]
    assert "since 2026-01-10 (3 days)" in later.reason.message


@pytest.mark.requirement("AC-5")
def test_what_is_parked_goes_by_itself_once_the_period_is_open(company: Accruals) -> None:
    company.payroll(accrual(1001, "VAC", "40.0000", "2025-12-26"), check(1001, "2025-12-26", P1, 87))
    company.clocked(*held(1001, "36.92 @2025-12-07"))
    assert company.reasons(company.tick()) == {VACATION: "PERIOD_FINALIZED"}
    company.finalize(P1, undo=True)
    run = company.tick()
    assert company.outcomes(run) == {VACATION: "updated"}
    assert company.kept()["1001"][-1] == "40.00 @2025-12-21"
    assert company.tick().counts["unchanged"] == 1


@pytest.mark.requirement("AC-4", "AC-5")
def test_a_parked_value_that_is_superseded_never_arrives(company: Accruals) -> None:
    """AW-06: three runs."""
    first = (accrual(1001, "VAC", "40.0000", "2025-12-26"), check(1001, "2025-12-26", P1, 87))
    company.payroll(ANN, *first)
    company.clocked(*held(1001, "36.92 @2025-12-07"))
    assert company.reasons(company.sync()) == {VACATION: "PERIOD_FINALIZED"}
    company.payroll(ANN, accrual(1001, "VAC", "43.0800"), first[1], check(1001))
    run = company.previewed()
    record = company.told(run)[VACATION]
    assert (record.outcome.value, balances(record)) == ("updated", ("43.08", "2026-01-04"))
    assert record.reason.code == "PARKED_VALUE_SUPERSEDED"
    for part in ("40.00 of 2025-12-21", "superseded", "43.08"):
        assert part in record.reason.message
    company.finalize(P1, undo=True)
    company.forget_requests()
    third = company.previewed()
    assert (third.counts["unchanged"], company.told(third), company.sent()) == (1, {}, [])
    assert company.kept()["1001"] == ["36.92 @2025-12-07", "43.08 @2026-01-04"]


@pytest.mark.requirement("AC-2")
def test_of_two_plans_the_one_that_is_over_is_not_looked_at(company: Accruals) -> None:
    """AW-07."""
    over = accrual(1001, "SICK1", "12.0000", "2025-12-26", EndDate="2025-12-21")
    begun = accrual(1001, "SICK2", "15.0800", StartDate="2025-12-22")
    company.payroll(over, begun, check(1001))
    company.clocked(*held(1001, "12.00 @2025-12-21", category="Sick"))
    run = company.previewed()
    assert balances(company.told(run)["1001:Sick"]) == ("15.08", "2026-01-04")


@pytest.mark.requirement("AC-2", "RUN-4")
def test_two_codes_in_effect_block_that_category_of_that_person_only(company: Accruals) -> None:
    """AW-08."""
    company.payroll(
        ANN,
        accrual(1001, "SICK1", "5.0000"),
        accrual(1001, "SICK2", "0.0000", None),
        accrual(1001, "VAC", "40.0000"),
        accrual(1002, "SICK1", "26.0000"),
        check(1001),
        check(1002),
    )
    company.clocked(*held(1001, "4.00 @2025-12-21", category="Sick"), clocks(1002))
    run = company.previewed()
    assert company.outcomes(run) == {
        "1001:Sick": "blocked",
        "1001:Vacation": "created",
        "1002:Sick": "created",
    }
    reason = company.told(run)["1001:Sick"].reason
    assert reason.code == "SEVERAL_IN_EFFECT"
    assert "SICK1 (5.00), SICK2 (0.00)" in reason.message
    assert "Accrual tab" in reason.remedy


@pytest.mark.requirement("AC-2")
def test_names_that_look_alike_are_told_once_and_blanks_around_are_none(company: Accruals) -> None:
    """AW-09."""
    codes = {"V1": "Vacation ", "V2": "Vacation\u00a0", "V3": "VACATION", "PTO": "Paid  Time Off"}
    rows = [accrual(number, "V1", "40.0000") for number in (1001, 1002)]
    rows += [accrual(1003, "V2", "12.0000"), accrual(1003, "V3", "9.0000"), accrual(1002, "PTO", "1.0000")]
    rows += [accrual(1004, "V1", "1.0000"), accrual(1004, "V2", "2.0000")]
    company.payroll(*rows, *(check(number) for number in range(1001, 1005)), codes=codes)
    company.clocked(*(clocks(one) for one in range(1001, 1005)), categories=("Vacation", "Paid Time Off"))
    run = company.previewed()
    assert company.outcomes(run) == {
        "VACATION": "skipped",
        "Paid  Time Off": "skipped",
        "1001:Vacation": "created",
        "1002:Vacation": "created",
        "1003:Vacation": "created",
        "1004:Vacation": "blocked",
    }
    told = company.told(run)
    assert '"Vacation", which differs in capitals' in told["VACATION"].reason.message
    assert '"Paid Time Off", which differs in blanks' in told["Paid  Time Off"].reason.message
    assert told["VACATION"].record_id == "category:VACATION"
    assert told["1004:Vacation"].reason.code == "SEVERAL_IN_EFFECT"


@pytest.mark.requirement("AC-3", "RUN-10")
def test_the_cut_of_a_new_year_is_held_for_an_admin(company: Accruals) -> None:
    """AW-12: 30 balances fall at once, as of a day of the old year."""
    own = (("2025-12-15", "2025-12-28"), ("2025-12-29", "2026-01-11"))
    people = range(1001, 1031)
    rows = [row for one in people for row in (accrual(one, "VAC", "40.0000", "2026-01-02"),)]
    rows += [check(one, "2026-01-02", own[0], 87) for one in people]
    company.payroll(*rows)
    periods = [{"siteId": "51234", "BeginDate": one[0], "EndDate": one[1]} for one in own]
    before = [row for one in people for row in held(one, "96.00 @2025-12-14")]
    company.clocked(*before, *(used(one, "2025-12-30", "8") for one in range(1001, 1006)), payperiods=periods)
    run = company.previewed()
    assert (run.status, run.held["people"], run.held["total"]) == (Status.HELD, 30, 30)
    told = company.told(run)["1001:Vacation"]
    assert (balances(told), told.reason.code) == (("40.00", "2025-12-28"), "CHECK_OF_ANOTHER_YEAR")
    assert "a check of 2026, and a period that ended in 2025" in told.reason.message
    assert company.kept()["1001"] == ["96.00 @2025-12-14"]
    applied = company.run("accrual_sync", "apply", plan_of=run.run_id)
    assert applied.counts["updated"] == 30
    assert company.kept()["1001"] == ["96.00 @2025-12-14", "40.00 @2025-12-28"]


@pytest.mark.requirement("RUN-9", "RUN-10")
def test_a_held_plan_that_payroll_has_left_behind_is_not_written(company: Accruals) -> None:
    """AW-12, waiting: the next check came meanwhile."""
    own = (("2025-12-15", "2025-12-28"), ("2025-12-29", "2026-01-11"))
    people = range(1001, 1031)
    rows = [accrual(one, "VAC", "40.0000", "2026-01-02") for one in people]
    company.payroll(*rows, *(check(one, "2026-01-02", own[0], 87) for one in people))
    periods = [{"siteId": "51234", "BeginDate": one[0], "EndDate": one[1]} for one in own]
    company.clocked(*(row for one in people for row in held(one, "96.00 @2025-12-14")), payperiods=periods)
    run = company.sync()
    later = [accrual(one, "VAC", "43.0800", "2026-01-16") for one in people]
    company.payroll(*later, *(check(one, "2026-01-16", own[1], 89) for one in people))
    applied = company.run("accrual_sync", "apply", plan_of=run.run_id)
    assert applied.counts["blocked"] == 30
    assert set(company.reasons(applied).values()) == {"MOVED_SINCE_PREVIEW"}


@pytest.mark.requirement("RUN-10")
def test_the_brake_counts_people_and_not_their_balances(company: Accruals) -> None:
    """Six of sixty people fall, each in two categories: a tenth of the people is the limit."""
    people = range(1001, 1061)
    rows = [accrual(one, code, "10.0000") for one in people for code in ("VAC", "SICK1")]
    company.payroll(*rows, *(check(one) for one in people))
    fallen = {one: ("10.00" if one > 1006 else "20.00") for one in people}
    both = [
        row
        for one, value in fallen.items()
        for category in ("Vacation", "Sick")
        for row in held(one, f"{value} @2025-12-21", category=category)
    ]
    company.clocked(*both)
    assert company.previewed().counts["updated"] == 12
    company.settings(brake={"people": 5, "share": "0.09"})
    company.clocked(*both)
    run = company.previewed()
    assert (run.status, run.held["people"], run.held["total"]) == (Status.HELD, 6, 60)


@pytest.mark.requirement("AC-4")
@pytest.mark.parametrize(
    ("millennium", "timeworksplus", "decimals", "writes"),
    [
        ("8.1250", "8.13", 2, 0),
        ("8.1249", "8.12", 2, 0),
        ("-8.1250", "-8.13", 2, 0),
        ("13.3333", "13.33", 4, 0),
        ("13.3367", "13.33", 4, 1),
        ("7.5000", "8", 0, 0),
    ],
)
def test_rounding_never_writes_twice(
    company: Accruals, millennium: str, timeworksplus: str, decimals: int, writes: int
) -> None:
    """AW-14: two runs."""
    company.payroll(accrual(1001, "VAC", millennium), check(1001))
    company.edit("millennium", "accrualcodes", {"Code": "VAC"}, Decimals=decimals)
    company.clocked(*held(1001, f"{timeworksplus} @2026-01-04"))
    assert company.previewed().counts["updated"] == writes
    assert company.previewed().counts["unchanged"] == 1
    assert len(company.sent()) == writes


@pytest.mark.requirement("AC-4")
def test_what_is_hidden_or_expires_stays_so(company: Accruals) -> None:
    """AW-15: by one reading of a day, and by the activity of a span."""
    marks = {"isHidden": True, "expires": "2026-03-31"}
    people = (accrual(1001, "VAC", "40.0000"), accrual(1002, "VAC", "12.0000"))
    there = [*held(1001, "36.92 @2025-12-21", **marks), *held(1002, "12.00 @2025-12-21", isHidden=True)]
    for more in ((), (accrual(1003, "VAC", "1.0000", "2025-12-26"), check(1003, "2025-12-26", P1, 87))):
        company.payroll(*people, check(1001), check(1002), *more)
        company.clocked(*there, *(held(1003, "1.00 @2025-12-21") if more else ()))
        run = company.previewed()
        assert company.outcomes(run) == {VACATION: "updated"}
        row = next(
            one
            for one in company.state("timeworksplus")["accruals"]
            if (one["EmployeeCode"], one["effective"]) == ("1001", "2026-01-04")
        )
        assert (row["value"], row["isHidden"], row["expires"]) == ("40.00", True, "2026-03-31")


@pytest.mark.requirement("AC-4")
def test_marks_that_the_activity_does_not_tell_are_read_before_the_write(
    company: Accruals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AW-15: the contract does not say whether they are part of it."""
    company.payroll(
        *(accrual(one, "VAC", "40.0000") for one in (1001, 1002)),
        *(check(one) for one in (1001, 1002)),
        accrual(1003, "VAC", "1.0000", "2025-12-26"),
        check(1003, "2025-12-26", P1, 87),
    )
    marks = {"isHidden": True, "expires": "2026-03-31"}
    company.clocked(*held(1001, "36.92 @2025-12-21", **marks), *held(1003, "1.00 @2025-12-21"), clocks(1002))
    real = client.ACTIVITY.read

    def untold(raws: Any) -> Any:
        names = ("StartingValues", "EndingValues", "Days")
        for raw in raws:
            for balance in (one for name in names for one in raw[name]):
                balance.pop("isHidden")
                balance.pop("expires")
        return real(raws)

    monkeypatch.setattr(client.ACTIVITY, "read", untold)
    assert company.outcomes(company.previewed()) == {VACATION: "updated", "1002:Vacation": "created"}
    row = company.rows_of("1001")[-1]
    assert (row["value"], row["isHidden"], row["expires"]) == ("40.00", True, "2026-03-31")
    assert len([one for one in company.asked() if "asOfDate" in one]) == 1


@pytest.mark.requirement("AC-3", "RUN-4")
def test_people_of_one_system_only_are_named_and_others_go(company: Accruals) -> None:
    company.payroll(
        ANN,
        paid(1002, FirstName="Bob", LastName="Ray", Status="T", TermDate="2025-12-31"),
        paid(1003, FirstName="Cy", LastName="Fox", Status="L"),
        accrual(1001, "VAC", "40.0000"),
        accrual(1002, "VAC", "7.0000"),
        accrual(1003, "VAC", "8.0000", None),
        accrual(1004, "VAC", "9.0000"),
        *(check(one) for one in (1001, 1002, 1004)),
    )
    company.clocked(
        *held(1003, "8.00 @2025-12-21"), *held(1004, "8.00 @2025-12-21"), *held(1009, "3.00 @2025-12-21")
    )
    run = company.previewed()
    assert company.reasons(run) == {
        "1001:Vacation": "NOT_IN_TIMEWORKSPLUS",
        "1002:Vacation": "NOT_IN_TIMEWORKSPLUS",
        "1003:Vacation": "NO_LAST_ACCRUE_DATE",
        "1009:Vacation": "NOT_IN_MILLENNIUM",
    }
    assert company.outcomes(run) == {
        "1001:Vacation": "blocked",
        "1002:Vacation": "skipped",
        "1003:Vacation": "blocked",
        "1004:Vacation": "updated",
        "1009:Vacation": "skipped",
    }
    assert "Bob Ray (1002), Vacation" in company.told(run)["1002:Vacation"].reason.message


@pytest.mark.requirement("AC-3", "AC-4")
def test_an_empty_balance_is_none_a_negative_one_is_one_and_leavers_count(company: Accruals) -> None:
    company.payroll(
        paid(1001, Status="T", TermDate="2026-01-02"),
        paid(1002, Status="L"),
        *(accrual(one, "VAC", balance) for one, balance in ((1001, "0.0000"), (1002, "-4.2500"))),
        *(accrual(one, "VAC", balance) for one, balance in ((1003, "-4.2500"), (1004, "0.0000"))),
        *(check(one) for one in range(1001, 1005)),
    )
    company.clocked(
        *held(1001, " @2025-12-21"),
        *held(1002, "3.00 @2025-12-21"),
        *held(1003, "-4.25 @2025-12-21"),
        *held(1004, "0.00 @2025-12-21"),
    )
    run = company.previewed()
    assert company.outcomes(run) == {VACATION: "created", "1002:Vacation": "updated"}
    assert (run.counts["unchanged"], run.held) == (2, None)
    assert balances(company.told(run)["1002:Vacation"]) == ("-4.25", "2026-01-04")
    assert company.kept()["1001"][-1] == "0.00 @2026-01-04"


@pytest.mark.requirement("AC-3")
def test_ids_that_only_look_the_same_are_told(company: Accruals) -> None:
    company.payroll(*(accrual(one, "VAC", "4.0000") for one in (1001, 1002)), check(1001), check(1002))
    company.clocked(clocks(1002), *held("01001", "3.00 @2025-12-21"))
    run = company.previewed()
    told = company.told(run)
    assert company.outcomes(run) == {
        VACATION: "blocked",
        "01001:Vacation": "skipped",
        "1002:Vacation": "created",
    }
    assert 'It has "01001"' in told[VACATION].reason.message
    assert 'It has "1001"' in told["01001:Vacation"].reason.message


@pytest.mark.requirement("AC-3")
def test_somebody_hired_again_is_told_what_the_old_balance_is(company: Accruals) -> None:
    company.payroll(ANN, accrual(1001, "VAC", "12.0000"), check(1001))
    company.clocked(clocks(1001, StartDate="2026-01-07"))
    record = company.told(company.previewed())[VACATION]
    assert (record.outcome.value, record.reason.code) == ("created", "BALANCE_BEFORE_HIRE")
    assert "2026-01-07" in record.reason.message


@pytest.mark.requirement("AC-2", "AC-9")
def test_categories_that_are_not_there_are_told_once_each(company: Accruals) -> None:
    codes = {"VAC": "Vacation", "PERS": "Personal", "SICK1": "Sick"}
    rows = [accrual(one, code, "4.0000") for one in (1001, 1002) for code in codes]
    company.payroll(*rows, check(1001), check(1002), codes=codes)
    company.clocked(clocks(1001), clocks(1002))
    company.edit("timeworksplus", "processingrules", {"Name": "PunchCategories"}, Categories=["Vacation"])
    run = company.previewed()
    assert company.outcomes(run) == {
        "Personal": "skipped",
        "Sick": "blocked",
        "1001:Vacation": "created",
        "1002:Vacation": "created",
    }
    assert company.reasons(run) == {"Personal": "NO_SUCH_CATEGORY", "Sick": "NOT_IN_PUNCH_CATEGORIES"}
    for name in ("AccrueUpScript", "PunchCategories"):
        match = {"Name": name}
        company.edit("timeworksplus", "processingrules", match, Categories=["PTO", "Sick"])
    renamed = company.told(company.previewed())["Vacation"]
    assert (renamed.outcome.value, renamed.reason.code) == ("blocked", "CATEGORY_RENAMED")
    assert '"Vacation"' in renamed.reason.message
    assert '"PTO"' in renamed.reason.message


@pytest.mark.requirement("AC-8", "TRG-2")
def test_a_memo_turns_the_schedule_off_and_a_person_goes_on(company: Accruals) -> None:
    company.payroll(accrual(1001, "VAC", "40.0000"), check(1001))
    company.clocked(clocks(1001))
    company.edit("millennium", "companynotes", {"Name": "Accrual Note"}, Memo=" by hand ")
    run = company.tick()
    assert (run.status, company.outcomes(run)) == (Status.SUCCEEDED, {CO: "skipped"})
    assert "by hand" in company.told(run)[CO].reason.message
    assert company.sent() == []
    assert company.outcomes(company.sync()) == {VACATION: "created"}
    company.payroll(companynotes=[])
    for trigger in (Trigger.SCHEDULE, Trigger.MANUAL):
        ended = company.sync(trigger=trigger)
        assert (ended.status, ended.error.code) == (Status.FAILED, "ACCRUAL_NOTE_MISSING")


@pytest.mark.requirement("RUN-5", "AC-4")
def test_the_same_run_twice_on_the_day_the_period_ends(company: Accruals) -> None:
    company.payroll(accrual(1001, "VAC", "40.0000", "2026-01-04"), check(1001, "2026-01-04", P2, 87))
    company.clocked(*held(1001, "36.92 @2025-12-21"))
    assert company.sync().counts["updated"] == 1
    company.forget_requests()
    assert (company.sync().counts["unchanged"], company.sent()) == (1, [])
