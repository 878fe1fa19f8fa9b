"""The weekly pull of payroll reports: what is kept, corrected, blocked and left alone (REP-1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.seed.payroll_plus import CORRECTED, WITHOUT_PHONE, corrected, payroll_plus_state
from local.seed.synergy import synergy_state
from payrelay.domain.runs import ConnectionStatus, Run
from payrelay.flows import exact as exact_systems
from payrelay.flows.engine.replays import estimate
from payrelay.flows.report_pull import flow as report_pull
from payrelay.flows.report_pull import walk
from payrelay.runtime.observability import journal, logger
from payrelay.systems.http import door as http
from payrelay.systems.payroll_plus.client import PayrollPlusClient
from payrelay.systems.payroll_plus.models import ReportPage
from payrelay.systems.rows import BadRow, Listed
from payrelay.systems.synergy.client import SynergyClient
from tests.flows.conftest import CONNECTION, TENANT, Clock
from tests.worlds.exact import CREDENTIALS
from tests.worlds.payroll import FEBRUARY, FLOW, JANUARY, Delft, delft, pay, payroll_run
from tests.worlds.rows import taken
from tests.worlds.saboteur import Saboteur, back_to, moments
from tests.worlds.steps import Crash
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("REP-1")

GROSS, NET = "BRUTOLOON", "NETTOLOON"
TWO = [
    *pay(2001, BRUTOLOON="9850.00", NETTOLOON="5791.07"),
    *pay(2012, BRUTOLOON="3025.00", LOONHEFFING="-848.34", NETTOLOON="2176.66"),
]


@pytest.fixture
def office(exact: tuple[Any, Clock]) -> Delft:
    served, clock = exact
    clock.now = datetime(2026, 3, 7, 5, 0, tzinfo=UTC)
    return delft(served.urls, clock)


@pytest.fixture
def two(office: Delft) -> Delft:
    """Two people's January, approved."""
    office.fill(TWO, payroll_run())
    return office


def counts(run: Run) -> dict[str, int]:
    """The counts that are not zero."""
    assert run.error is None, run.error
    return {name: number for name, number in (run.counts or {}).items() if number}


@pytest.mark.requirement("RUN-2")
def test_components_and_amounts_are_kept_for_each_person_and_period_unchanged(two: Delft) -> None:
    run = two.pull()

    assert (run.status, counts(run)) == ("succeeded", {"created": 2})
    (report,) = two.versions(2012)
    assert (report.period, report.version, report.run_id) == (JANUARY, 1, run.run_id)
    assert report.pulled_at == run.started_at
    assert report.pulled_at.endswith("Z")
    assert two.kept(2012) == [{GROSS: "3025.00", "LOONHEFFING": "-848.34", NET: "2176.66"}]
    assert report.components[GROSS][0][0] == "Brutoloon"


def test_an_amount_is_kept_to_the_cent_as_it_was_sent(office: Delft) -> None:
    amounts = {"A": "0.10", "B": "-0.00", "C": "9999999.99", "D": "100.00", "E": "-4.50"}
    office.fill(pay(2001, **amounts), payroll_run())

    office.pull()

    (kept,) = office.kept(2001)
    assert kept == amounts
    assert sum(map(Decimal, kept.values())) == Decimal("10000095.59")


@pytest.mark.requirement("RUN-5")
def test_the_same_pull_again_writes_nothing(two: Delft) -> None:
    two.pull()
    two.approved()

    again = two.pull()

    assert counts(again) == {"unchanged": 2}
    assert [len(two.versions(person)) for person in (2001, 2012)] == [1, 1]


@pytest.mark.requirement("RUN-8")
def test_of_periods_that_did_not_change_only_the_newest_is_read_again(two: Delft) -> None:
    rows = [*TWO, *pay(2001, FEBRUARY, NETTOLOON="5800.00")]
    two.fill(rows, payroll_run(), payroll_run(FEBRUARY))
    assert counts(two.pull()) == {"created": 3}
    two.clock.pass_by(7 * 86_400)
    two.forget_requests()

    run = two.pull()

    assert counts(run) == {"unchanged": 1}
    assert run.complete
    reads = [one["operation"] for one in two.requests("payroll_plus")]
    assert reads.count("list componentReport") == 1


@pytest.mark.requirement("RUN-11", "RUN-8")
def test_a_period_that_changed_without_its_run_is_found_by_a_full_pull_and_counted(two: Delft) -> None:
    rows = [*TWO, *pay(2001, FEBRUARY, NETTOLOON="5800.00")]
    two.fill(rows, payroll_run(), payroll_run(FEBRUARY))
    two.pull()
    two.clock.pass_by(7 * 86_400)
    two.amount(2012, GROSS, "3175.00")
    run = two.pull()
    assert (counts(run), run.full, run.drift) == ({"unchanged": 1}, False, None)
    run = two.pull(full=True)
    assert (counts(run), run.full, run.drift) == ({"updated": 1, "unchanged": 2}, True, 1)


@pytest.mark.requirement("RUN-6")
def test_a_late_correction_replaces_the_report_and_keeps_what_it_was(two: Delft) -> None:
    two.pull()
    two.clock.pass_by(7 * 86_400)
    two.amount(2012, GROSS, "3175.00")
    two.without(2012, "LOONHEFFING")
    two.approved()

    run = two.pull()

    assert counts(run) == {"updated": 1, "unchanged": 1}
    assert two.kept(2012) == [
        {GROSS: "3175.00", NET: "2176.66"},
        {GROSS: "3025.00", "LOONHEFFING": "-848.34", NET: "2176.66"},
    ]
    (record,) = [one for one in two.stored(run) if one.changes]
    assert [(c.field, c.old, c.new) for c in record.changes] == [
        (GROSS, "*****", "*****"),
        ("LOONHEFFING", "*****", None),
    ]
    trail = list(two.ledger.history.of(TENANT, CONNECTION, f"report:{JANUARY}:2012"))
    assert [entry["run_id"] == run.run_id for entry in trail] == [True, False]


def test_a_correction_that_is_taken_back_is_one_more_version(two: Delft) -> None:
    for amount in ("2176.66", "2200.00", "2176.66"):
        two.amount(2012, NET, amount)
        two.approved()
        two.pull()
        two.clock.pass_by(7 * 86_400)

    assert [version[NET] for version in two.kept(2012)] == ["2176.66", "2200.00", "2176.66"]


def test_the_seed_is_pulled_and_corrected(office: Delft) -> None:
    today = office.clock().date()
    office.put("synergy", synergy_state(today))
    office.put("payroll_plus", payroll_plus_state(today))

    first = office.pull()
    office.clock.pass_by(86_400)
    office.put("payroll_plus", corrected(office.state("payroll_plus"), office.clock()))
    late = office.pull()

    assert counts(first) == {"created": 120, "blocked": 3}
    assert set(office.reasons(first)) == {f"{period}:2099" for period in ("2025-12", JANUARY, FEBRUARY)}
    assert counts(late)["updated"] == 2
    oldest = "2025-12"
    now, before = office.kept(int(CORRECTED), oldest)
    assert Decimal(now[GROSS]) - Decimal(before[GROSS]) == Decimal("150.00")
    now, before = office.kept(int(WITHOUT_PHONE), oldest)
    assert before.keys() - now.keys() == {"TELEFOON"}


@pytest.mark.requirement("REP-1", "SEC-2")
@pytest.mark.parametrize("days", [None, 30])
def test_each_version_is_kept_as_long_as_the_settings_say(two: Delft, days: int | None) -> None:
    if days:
        two.settings(report_retention_days=days)
    two.pull()
    two.amount(2001, GROSS, "9900.00")
    two.approved()
    two.pull()
    newest, former = two.versions(2001)
    for version in (newest, former):
        kept = version.expires - datetime.fromisoformat(version.pulled_at).timestamp()
        assert round(kept / 86400) == (days or 2557)
    assert newest.expires > former.expires


@pytest.mark.requirement("RUN-4")
def test_who_is_in_payroll_only_is_blocked_and_replayed_once_there(two: Delft) -> None:
    two.fill([*TWO, *pay(2099, NETTOLOON="100.00")], payroll_run())
    run = two.pull()

    assert run.status == "partial"
    assert two.reasons(run) == {f"{JANUARY}:2099": "NO_SYNERGY_RESOURCE"}
    assert two.kept(2099) == []

    two.put("synergy", {"Resource": [{"ID": 2099}]})
    replayed = two.run(FLOW, replay_of=run.run_id, only=(f"report:{JANUARY}:2099",))
    assert counts(replayed) == {"created": 1}
    assert two.kept(2099) == [{NET: "100.00"}]


def test_who_was_in_payroll_only_is_pulled_by_the_next_pull_once_there(two: Delft) -> None:
    two.fill([*TWO, *pay(2099, NETTOLOON="100.00")], payroll_run(), payroll_run(FEBRUARY))
    two.pull()
    two.clock.pass_by(60 * 86_400)
    assert two.reasons(two.pull()) == {f"{JANUARY}:2099": "NO_SYNERGY_RESOURCE"}

    two.put("synergy", {"Resource": [{"ID": 2001}, {"ID": 2012}, {"ID": 2099}]})
    assert counts(two.pull()) == {"created": 1, "unchanged": 2}
    two.forget_requests()
    assert counts(two.pull()) == {}, "February has nobody, and January is done"


@pytest.mark.parametrize("employee", ["²", "x", "99999999999", "20 12", "2012x"])
def test_an_employee_id_that_is_no_resource_id_is_blocked(two: Delft, employee: str) -> None:
    rows = [{**row, "employeeId": employee} for row in pay(1, NETTOLOON="100.00")]
    two.fill([*TWO, *rows], payroll_run())

    run = two.pull()

    assert two.reasons(run) == {f"{JANUARY}:{employee}": "NO_SYNERGY_RESOURCE"}
    assert counts(run) == {"created": 2, "blocked": 1}


def test_a_person_without_the_role_is_pulled_and_not_shown(two: Delft) -> None:
    two.put("synergy", {"Resource": [{"ID": 2001}, {"ID": 2012}]})
    assert counts(two.pull()) == {"created": 2}


# --- bad rows -----------------------------------------------------------------------------------------------

Spoil = Callable[[ReportPage], ReportPage]


def spoil(patch: pytest.MonkeyPatch, change: Spoil) -> None:
    """What Payroll Plus sends is changed on the way."""
    usual = PayrollPlusClient.component_report
    patch.setattr(PayrollPlusClient, "component_report", lambda *args: change(usual(*args)))


def with_bad(person: str) -> Spoil:
    bad = BadRow(person, GROSS, "amount", "is not an amount as text with two decimals")

    def change(page: ReportPage) -> ReportPage:
        rows = [row for row in taken(page.rows)[0] if (row.employee_id, row.component) != (person, GROSS)]
        return ReportPage(Listed(rows, [bad]), page.next)

    return change


@pytest.mark.requirement("RUN-4")
def test_a_bad_row_blocks_its_persons_report_and_keeps_the_one_that_was_there(
    two: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.pull()
    two.clock.pass_by(7 * 86_400)
    two.amount(2001, GROSS, "9900.00")
    two.amount(2012, GROSS, "3175.00")
    two.approved()
    with monkeypatch.context() as patch:
        spoil(patch, with_bad("2012"))
        run = two.pull()

    assert two.reasons(run) == {f"{JANUARY}:2012": "VALUE_NOT_VALID"}
    (blocked,) = [one for one in two.stored(run) if one.reason]
    assert blocked.reason
    assert "Person 2012 (2012) for 2026-01: the amount of a component" in blocked.reason.message
    assert GROSS not in f"{blocked.reason} {blocked.label}", (
        "which components they have is part of the report"
    )
    assert [change.field for change in blocked.changes] == [GROSS]
    assert len(two.versions(2012)) == 1
    assert len(two.versions(2001)) == 2

    two.clock.pass_by(30 * 86_400)
    assert counts(two.pull()) == {"updated": 1, "unchanged": 1}, "what was blocked is read again"
    assert two.kept(2012)[0][GROSS] == "3175.00"


def test_a_row_that_names_nobody_blocks_the_whole_period(two: Delft, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        spoil(patch, with_bad(""))
        run = two.pull()
    assert two.reasons(run) == {JANUARY: "VALUE_NOT_VALID"}
    assert two.kept(2001) == []

    replayed = two.run(FLOW, replay_of=run.run_id, only=(f"report:{JANUARY}",))
    assert counts(replayed) == {"created": 2}


def test_a_person_who_can_not_be_told_from_an_unreadable_card_is_not_said_to_be_missing(
    two: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.fill([*TWO, *pay(2099, NETTOLOON="100.00")], payroll_run())
    bad = BadRow("", "", "ID", "is missing")
    monkeypatch.setattr(SynergyClient, "people", lambda *_: Listed([], [bad]))

    run = two.pull()

    assert two.reasons(run) == {f"{JANUARY}:2099": "VALUE_NOT_VALID"}
    (blocked,) = [one for one in two.stored(run) if one.reason]
    assert blocked.reason
    assert "Exact Synergy" in blocked.reason.remedy
    assert counts(run) == {"created": 2, "blocked": 1}


def test_a_run_of_no_period_is_told_of_whatever_period_is_asked_for(
    two: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = PayrollPlusClient.payroll_runs
    bad = BadRow("run-9", "", "prPeriod", "is missing")
    monkeypatch.setattr(
        PayrollPlusClient, "payroll_runs", lambda *args: Listed(taken(usual(*args))[0], [bad])
    )

    run = two.pull(periods=[JANUARY])

    assert two.reasons(run) == {"run-9": "VALUE_NOT_VALID"}
    assert counts(run) == {"created": 2, "blocked": 1}


# --- ids that are spelled otherwise -------------------------------------------------------------------------


def renamed(office: Delft, person: int, employee: str) -> None:
    """Payroll spells somebody's id otherwise in all periods, and approves again."""
    state = office.state("payroll_plus")
    for row in state["componentReport"]:
        row["employeeId"] = employee if row["employeeId"] == str(person) else row["employeeId"]
    office.put("payroll_plus", state)
    office.approved()


@pytest.mark.parametrize("employee", ["002012", " 2012", "2012\u200b", "\u00a02012 "])
def test_an_id_with_zeros_in_front_or_unseen_signs_is_the_persons_own(two: Delft, employee: str) -> None:
    """Nobody is to create a double in Synergy, and nothing is emptied (faults B6)."""
    two.pull()
    two.amount(2012, NET, "2200.00")
    renamed(two, 2012, employee)

    run = two.pull()

    assert two.reasons(run) == {}
    assert counts(run) == {"updated": 1, "unchanged": 1}
    assert [version[NET] for version in two.kept(2012)] == ["2200.00", "2176.66"]


@pytest.mark.requirement("RUN-4")
def test_two_spellings_of_one_id_block_that_person_and_are_both_named(two: Delft) -> None:
    """(faults B6)"""
    two.pull()
    rows = [{**row, "employeeId": "002012\u200b"} for row in pay(1, NETTOLOON="100.00")]
    two.fill([*TWO, *rows], payroll_run())
    two.amount(2001, NET, "1.00")

    run = two.pull(periods=[JANUARY])

    assert two.reasons(run) == {f"{JANUARY}:2012": "SPELLED_TWICE"}
    (why,) = [one.reason.message for one in two.stored(run) if one.reason]
    assert why.startswith("Report of Person 2012 (2012) for 2026-01")
    assert '"002012<U+200B>" and "2012"' in why
    assert two.kept(2012)[0][NET] == "2176.66"
    assert two.kept(2001)[0][NET] == "1.00", "the others go on"

    two.fill(TWO, payroll_run())
    assert two.reasons(two.pull(periods=[JANUARY])) == {}


@pytest.mark.parametrize("employee", ["E2012", "20 12", "\uff12\uff10\uff11\uff12"])
def test_nobody_is_emptied_while_rows_may_be_theirs_under_an_id_that_is_nobodys(
    two: Delft, employee: str
) -> None:
    """(faults B6)"""
    two.pull()
    renamed(two, 2012, employee)

    run = two.pull()

    stray = f"{JANUARY}:{employee}"
    assert two.reasons(run) == {stray: "NO_SYNERGY_RESOURCE", f"{JANUARY}:2012": "SPELLED_OTHERWISE"}
    assert len(two.versions(2012)) == 1
    renamed(two, 2012, "2012")
    two.fill(TWO, payroll_run())
    assert two.reasons(two.pull()) == {}


def test_who_is_in_payroll_only_is_told_of_by_name(two: Delft) -> None:
    two.put(
        "payroll_plus",
        {
            "componentReport": [*TWO, *pay(2099, NETTOLOON="100.00")],
            "payrollRuns": [payroll_run()],
            "employees": [{"employeeId": "2099", "nickname": "Sanne", "prefix": "de", "birthName": "Wit"}],
        },
    )
    run = two.pull()
    (record,) = [one for one in two.stored(run) if one.reason]
    assert record.reason
    assert record.label == "Report of Sanne de Wit (2099) for 2026-01"
    assert 'no person with the ID "2099"' in record.reason.message


# --- several rows of a component ----------------------------------------------------------------------------


def test_two_rows_of_one_component_are_both_in_the_report(two: Delft) -> None:
    """Nothing is refused, and neither bonus is lost (faults F4)."""
    two.pull()
    bonuses = [*pay(2012, BONUS="500.00"), *pay(2012, BONUS="-125.50")]
    bonuses[1]["description"] = "Corrected"
    two.fill([*TWO, *bonuses], payroll_run())

    run = two.pull(periods=[JANUARY])

    assert (two.reasons(run), counts(run)) == ({}, {"updated": 1, "unchanged": 1})
    assert two.kept(2012)[0]["BONUS"] == "500.00 + -125.50"
    (record,) = [one for one in two.stored(run) if one.changes]
    assert [(one.field, one.old, one.new) for one in record.changes] == [("BONUS", None, "*****")]
    assert counts(two.pull(periods=[JANUARY])) == {"unchanged": 2}


# --- the brake ----------------------------------------------------------------------------------------------


def crowd(office: Delft, people: int, *periods: str) -> None:
    """So many people with a report in each period, and all of them kept."""
    rows = [
        row for period in periods for person in range(1, people + 1) for row in pay(person, period, A="1.00")
    ]
    office.fill(rows, *map(payroll_run, periods), people=tuple(range(1, people + 1)))
    assert counts(office.pull()) == {"created": people * len(periods)}
    office.clock.pass_by(7 * 86_400)


@pytest.mark.requirement("RUN-7", "RUN-10")
def test_a_period_without_rows_is_held_before_anything_is_emptied(office: Delft) -> None:
    """(faults G6)"""
    crowd(office, 40, JANUARY)
    office.put("payroll_plus", {"componentReport": [], "payrollRuns": [payroll_run()]})
    office.approved()

    preview = office.pull("preview")
    run = office.pull()

    assert preview.status == "succeeded"
    for one in (preview, run):
        assert one.held
        assert (one.held["people"], one.held["risks"]) == (40, {"empty": 40})
    assert run.status == "held"
    assert len(office.versions(1)) == 1
    (planned, *_) = office.ledger.plans.writes(TENANT, CONNECTION, preview.run_id, 0)
    assert planned.record.reason
    assert planned.record.reason.code == "REPORT_EMPTIED"
    assert "is emptied" in planned.record.reason.message

    applied = office.run(FLOW, "apply", plan_of=run.run_id)
    assert counts(applied) == {"updated": 40}
    assert office.kept(1) == [{}, {"A": "1.00"}]


@pytest.mark.requirement("RUN-10")
def test_a_few_who_are_taken_out_pass_and_say_so(office: Delft) -> None:
    crowd(office, 40, JANUARY)
    for person in (1, 2):
        office.without(person)
    office.approved()
    run = office.pull()
    assert (run.held, counts(run)) == (None, {"updated": 2, "unchanged": 38})
    assert set(office.reasons(run).values()) == {"REPORT_EMPTIED"}


# --- which periods ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Open", "Processed"])
def test_only_approved_runs_count(two: Delft, status: str) -> None:
    rows = [*TWO, *pay(2001, FEBRUARY, NETTOLOON="5800.00")]
    two.fill(rows, payroll_run(), payroll_run(FEBRUARY, status))

    assert counts(two.pull()) == {"created": 2}
    asked = two.pull(periods=[FEBRUARY])
    assert two.reasons(asked) == {FEBRUARY: "PERIOD_NOT_APPROVED"}
    assert two.kept(2001, FEBRUARY) == []


def test_a_pull_of_some_periods_does_not_count_as_one_of_all(two: Delft) -> None:
    two.fill([*TWO, *pay(2001, FEBRUARY, NETTOLOON="5800.00")], payroll_run(), payroll_run(FEBRUARY))

    assert counts(two.pull(periods=[JANUARY])) == {"created": 2}
    two.clock.pass_by(30 * 86_400)
    assert counts(two.pull()) == {"created": 1, "unchanged": 2}


def test_who_is_taken_out_of_a_period_keeps_what_was_there_as_a_former_version(two: Delft) -> None:
    two.pull()
    two.without(2012)
    two.approved()

    assert counts(two.pull()) == {"updated": 1, "unchanged": 1}
    assert two.kept(2012)[0] == {}
    assert two.kept(2012)[1][NET] == "2176.66"
    two.approved()
    assert counts(two.pull()) == {"unchanged": 2}


@pytest.mark.parametrize("status", ["Open", "Processed"])
def test_a_period_that_is_withdrawn_keeps_what_there_was_until_it_is_approved_again(
    two: Delft, status: str
) -> None:
    two.pull()
    two.clock.pass_by(7 * 86_400)
    two.edit("payroll_plus", "payrollRuns", {"prPeriod": JANUARY}, status=status, approvedAt=None)
    two.put("payroll_plus", {**two.state("payroll_plus"), "componentReport": []})

    run = two.pull()

    assert (run.status, two.reasons(run)) == ("succeeded", {JANUARY: "PERIOD_WITHDRAWN"})
    assert len(two.versions(2012)) == 1
    two.fill(TWO, payroll_run())
    two.amount(2012, NET, "1.00")
    two.approved()
    assert counts(two.pull()) == {"updated": 1, "unchanged": 1}


def test_a_period_to_come_and_a_second_run_of_one_that_is_approved_are_no_withdrawal(two: Delft) -> None:
    two.pull()
    two.clock.pass_by(7 * 86_400)
    more = {**payroll_run(JANUARY, "Open"), "runId": "run-extra"}
    two.fill(TWO, payroll_run(), more, payroll_run(FEBRUARY, "Open"))
    assert counts(two.pull()) == {"unchanged": 2}


def test_many_pages_are_one_report(office: Delft) -> None:
    rows = [row for person in range(1, 91) for row in pay(person, A="1.00", B="2.00", C="3.00")]
    office.fill(rows, payroll_run(), people=tuple(range(1, 91)))

    assert counts(office.pull()) == {"created": 90}
    assert all(len(office.kept(person)[0]) == 3 for person in range(1, 91))


@pytest.mark.requirement("RUN-8")
@pytest.mark.parametrize("stays_dead", [False, True], ids=["repeated", "crashing"])
def test_a_large_period_is_read_by_the_cursor_over_several_steps(
    office: Delft, monkeypatch: pytest.MonkeyPatch, stays_dead: bool
) -> None:
    """Each step goes on where the one before ended, and a page of the plan is some people (faults I3)."""
    monkeypatch.setattr(exact_systems, "PAGES_A_STEP", 2)
    monkeypatch.setattr(walk, "PARTS", 3)
    rows = [row for person in range(1, 401) for row in pay(person, A="1.00", B="2.00", C="3.00")]
    office.fill(rows, payroll_run(), people=tuple(range(1, 401)))
    if stays_dead:
        usual, calls = PayrollPlusClient.component_report, iter(range(100))

        def dies(*args: Any) -> ReportPage:
            if next(calls) == 3:
                raise Crash
            return usual(*args)

        monkeypatch.setattr(PayrollPlusClient, "component_report", dies)
    office.forget_requests()

    run = office.pull()

    assert counts(run) == {"created": 400}
    assert run.pages == 3
    reads = [one for one in office.requests("payroll_plus") if one["operation"] == "list componentReport"]
    assert len(reads) == 6 + stays_dead, "no page is read twice, but that of a step that died"
    assert all(office.kept(person) == [{"A": "1.00", "B": "2.00", "C": "3.00"}] for person in (1, 200, 400))

    office.amount(200, "B", "5.00")
    preview = office.pull("preview")
    assert counts(preview) == {"updated": 1, "unchanged": 399}
    assert counts(office.run(FLOW, "apply", plan_of=preview.run_id)) == {"updated": 1}
    office.without(400)
    office.approved()
    assert counts(office.pull()) == {"updated": 1, "unchanged": 399}
    assert office.kept(400)[0] == {}


# --- previews, replays, diagnosis ---------------------------------------------------------------------------


@pytest.mark.requirement("RUN-7", "RUN-9")
def test_a_preview_writes_nothing_shows_masked_values_and_can_be_applied(two: Delft) -> None:
    preview = two.pull("preview")

    assert counts(preview) == {"created": 2}
    assert two.kept(2012) == []
    assert two.engine.ledger.runs.get(TENANT, preview.run_id)
    assert estimate(two.engine, preview)["would_write"] == 2
    applied = two.run(FLOW, "apply", plan_of=preview.run_id)
    assert counts(applied) == {"created": 2}
    assert two.kept(2012)[0][NET] == "2176.66"


@pytest.mark.requirement("LB-10")
def test_a_diagnosis_goes_from_both_systems_to_the_reports_of_a_person(two: Delft) -> None:
    def checks(key: str | None) -> list[tuple[str, bool | None]]:
        flow = report_pull.open_flow(two, TENANT, CONNECTION, two.connection.settings)
        return [(check.name, check.passed) for check in flow.diagnose(key)]

    reached = [
        ("Exact Synergy accepts the credentials", True),
        ("Exact Payroll Plus accepts the credentials", True),
    ]
    assert checks(None) == reached
    there, role, reports = "exists in Exact Synergy", "has the Payroll Plus employee role", "has reports"
    assert checks("2012") == [*reached, (there, True), (role, True), (reports, False)]
    two.pull()
    assert checks(f"{JANUARY}:2012") == [*reached, (there, True), (role, True), (reports, True)]
    assert checks("2099") == [*reached, (there, False)]
    assert checks("²") == [*reached, (there, False)]
    two.put("synergy", {"Resource": [{"ID": 2012}]})
    assert checks("2012")[-2:] == [(role, False), (reports, True)]
    two.faults("synergy", error_rate=1.0, errors=[503])
    assert checks("2012")[0] == ("Exact Synergy accepts the credentials", False)


@pytest.mark.requirement("SEC-1", "RUN-6")
def test_no_amount_is_in_records_trails_events_or_logs(two: Delft) -> None:
    written = StringIO()
    handler: Any = logger.registered_handler
    usual = handler.setStream(written)
    try:
        run = two.pull()
        journal(two.stored(run))
    finally:
        handler.setStream(usual)
    trail = [list(two.ledger.history.of(TENANT, CONNECTION, record.record_id)) for record in two.stored(run)]
    seen = f"{two.stored(run)} {trail} {two.heard.events} {written.getvalue()} {two.versions(2012)}"
    assert "report:2026-01:2012" in seen
    for amount in ("3025", "848.34", "2176.66", "9850", "5791.07"):
        assert amount not in seen
    with pytest.raises(TypeError):
        json.dumps(dict(two.versions(2012)[0].components))


# --- crashes ------------------------------------------------------------------------------------------------


def before(office: Delft) -> None:
    """January is kept; then one amount is corrected, somebody is taken out, and somebody is new."""
    office.fill([*TWO, *pay(2002, NETTOLOON="3.00")], payroll_run())
    office.pull()
    rows = [*TWO, *pay(2003, NETTOLOON="4.00")]
    office.fill(rows, payroll_run(), people=(2001, 2002, 2003, 2012))
    office.amount(2012, NET, "2200.00")
    office.approved()


@pytest.mark.requirement("RUN-4", "RUN-5")
@pytest.mark.parametrize("stays_dead", [False, True], ids=["repeated", "left dead"])
def test_a_crash_at_any_edge_ends_as_a_clean_pull(
    exact: tuple[Any, Clock], monkeypatch: pytest.MonkeyPatch, stays_dead: bool
) -> None:
    served, clock = exact
    clock.now = datetime(2026, 3, 7, 5, 0, tzinfo=UTC)
    first = delft(served.urls, clock)
    before(first)
    as_before = back_to(first, CREDENTIALS)

    def trial(at: int | None) -> tuple[Any, list[str]]:
        saboteur = Saboteur(at)
        monkeypatch.setattr(http, "observer", saboteur)
        office = delft(served.urls, clock, memory_ledger(saboteur.edge))
        as_before(office)
        run = office.start(FLOW)
        if saboteur.kills(office, run, stays_dead=stays_dead):
            clock.pass_by(office.limits.lease_seconds + 1)
            office.pull()
        kept = {person: office.kept(person) for person in (2001, 2002, 2003, 2012)}
        numbers = {person: [one.version for one in office.versions(person)] for person in kept}
        office.without(2003)
        office.approved()
        last = counts(office.pull())
        return (kept, numbers, last, office.kept(2003)), saboteur.seen

    clean, edges = trial(None)
    assert clean[1] == {2001: [1], 2002: [2, 1], 2003: [1], 2012: [2, 1]}
    assert clean[2]["updated"] == 1, "who is taken out later is missed"
    assert len(edges) > 40
    for at in moments(edges):
        assert trial(at)[0] == clean, f"edge {at}: {edges[at]}"


@pytest.mark.requirement("RUN-4")
def test_credentials_that_are_refused_fail_the_pull_and_the_next_one_gets_it_all(two: Delft) -> None:
    two.faults("payroll_plus", error_rate=1.0, errors=["credentials"], seed=1)
    run = two.pull()
    assert run.status == "failed"
    assert run.error
    assert run.error.code == "CREDENTIALS_REFUSED"

    two.calm("payroll_plus")
    two.ledger.connections.save(replace(two.connection, status=ConnectionStatus.CONNECTED, reason=None))
    assert counts(two.pull()) == {"created": 2}


def test_a_run_whose_status_is_unknown_is_told_and_read_again(
    two: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(self: PayrollPlusClient, since: datetime | None = None) -> Any:
        return Listed([], [BadRow("run-1", JANUARY, "status", "is none of these")])

    with monkeypatch.context() as patch:
        patch.setattr(PayrollPlusClient, "payroll_runs", spoiled)
        run = two.pull()
    assert two.reasons(run) == {JANUARY: "VALUE_NOT_VALID"}
    two.clock.pass_by(60 * 86_400)
    assert counts(two.pull()) == {"created": 2}
