"""Requests through the flow: each to its place, in order, closed on both sides, and undone (RQ-1 to RQ-8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.systems.synergy.requests import Requests
from tests.worlds.hr import OVERTIME, Delft, card, office, request
from tests.worlds.invoices import Watch
from tests.worlds.steps import Crash
from tests.worlds.structs import replace

Row = dict[str, Any]
EMPLOYEE = {"employeeId": "1042"}
AUG_1, OCT_1, DEC_1, JUL_1 = date(2018, 8, 1), date(2018, 10, 1), date(2018, 12, 1), date(2018, 7, 1)
MONTHS = [
    {
        "prPeriod": f"2026-{month:02d}",
        "startDate": f"2026-{month:02d}-01",
        "endDate": f"2026-{month:02d}-{last}",
        "status": "Open",
    }
    for month, last in ((1, 31), (2, 28), (3, 31))
]
FOUR_WEEKLY = [
    {"prPeriod": "2026-01", "startDate": "2025-12-29", "endDate": "2026-01-25", "status": "Open"},
    {"prPeriod": "2026-02", "startDate": "2026-01-26", "endDate": "2026-02-22", "status": "Open"},
]
COMPONENTS = [
    {"component": OVERTIME, "unit": "uren", "kind": "variableInput"},
    {"component": "4100", "unit": "bedrag", "kind": "netDeduction"},
    {"component": "4200", "unit": "bedrag", "kind": "netDeduction"},
]
ITEMS = [
    {"ItemCode": "OVW150", "TextFreeField1": f"{OVERTIME} "},
    {"ItemCode": "B", "TextFreeField1": "Uren ovw 999%"},
    {"ItemCode": "C", "TextFreeField1": ""},
    {"ItemCode": "LEASE", "TextFreeField1": "4100"},
    {"ItemCode": "PHONE", "TextFreeField1": "4200"},
]


@pytest.fixture
def paid(office: Delft) -> Delft:
    """1042 and 1043 are employees in payroll, with months, a unit and a shift."""
    people = ("1042", "1043")
    office.fill(
        _people(),
        {
            "employees": [{"employeeId": one, "birthName": "Graaf"} for one in people],
            "employments": [
                {"employeeId": one, "payrollNoEE": 1, "employed": "2018-01-01"} for one in people
            ],
            "payrollPeriods": MONTHS,
            "organizationalEntities": [
                {"employeeId": one, "devidingUnit": unit} for one in people for unit in ("Delft", "Breda")
            ],
            "workDetails": [{"employeeId": one, "shift": "D1"} for one in people],
            "components": COMPONENTS,
        },
    )
    return office


def _people() -> dict[str, list[Row]]:
    return office(card(1042), card(1043), Item=ITEMS)


def ask(paid: Delft, *requests: Row) -> None:
    """These requests, beside those that are there."""
    state = paid.state("synergy")
    known = {row["HID"] for row in requests}
    state["Request"] = [*(row for row in state["Request"] if row["HID"] not in known), *requests]
    paid.put("synergy", state)


def periods(paid: Delft, rows: list[Row]) -> None:
    paid.put("payroll_plus", {**paid.state("payroll_plus"), "payrollPeriods": rows})


def said(paid: Delft, run: Run) -> dict[int, tuple[str, str]]:
    """Outcome and reason of each request."""
    return {
        int(record.key): (record.outcome.value, record.reason.code if record.reason else "")
        for record in paid.stored(run)
    }


def statuses(paid: Delft) -> dict[int, tuple[str, str | None]]:
    """Status and end of each request in Synergy."""
    return {
        row["HID"]: (row["StatusCode"], (row["EndDate"] or "")[:10] or None)
        for row in paid.state("synergy")["Request"]
    }


def payments(paid: Delft, number: int = 1042) -> list[tuple[str, str, str, str | None, str]]:
    return [
        (row["kind"], row["amount"], row["startDate"], row["endDate"], row["sourceRef"])
        for row in paid.in_payroll("payments", number)
    ]


def inputs(paid: Delft) -> dict[tuple[str, str, str], str]:
    """The variable input of 1042: value by period, component and reference."""
    return {
        (row["prPeriod"], row["component"], row["sourceRef"]): row["value"]
        for row in paid.in_payroll("variableInputs", 1042)
    }


# --- one in force at a time ------------------------------------------------------------------------------


@pytest.mark.requirement("RQ-4", "RQ-8")
def test_the_documents_own_two_wages(paid: Delft) -> None:
    """1 August and 1 October 2018, and one that was rejected (PW-12)."""
    ask(
        paid,
        request(90044, "GROSSWAGE", OCT_1, Amount="3650.00"),
        request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"),
        request(90050, "GROSSWAGE", DEC_1, Amount="4000.00", StatusCode="Rejected"),
    )
    preview = paid.requests_run("preview")
    run = paid.requests_run()
    assert said(paid, run) == {90001: ("created", ""), 90044: ("created", "ENDS_ANOTHER")}
    assert preview.counts == run.counts
    assert payments(paid) == [
        ("basicWage", "3500.00", "2018-08-01", "2018-09-30", "ESE-90001"),
        ("basicWage", "3650.00", "2018-10-01", None, "ESE-90044"),
    ]
    assert statuses(paid) == {
        90001: ("Processed", "2018-09-30"),
        90044: ("Processed", None),
        90050: ("Rejected", None),
    }
    assert "3500" not in str(paid.stored(run))


@pytest.mark.requirement("RQ-4")
def test_the_second_wage_in_a_later_run_ends_the_first_on_both_sides(paid: Delft) -> None:
    ask(paid, request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"))
    paid.requests_run()
    ask(paid, request(90044, "GROSSWAGE", OCT_1, Amount="3650.00"))
    run = paid.requests_run()
    (record,) = paid.stored(run)
    assert record.reason.message == (
        "Gross wage 90044 ends Gross wage 90001 on 2018-09-30, in Exact Payroll Plus and in Exact Synergy."
    )
    assert statuses(paid)[90001] == ("Processed", "2018-09-30")
    assert payments(paid)[0] == ("basicWage", "3500.00", "2018-08-01", "2018-09-30", "ESE-90001")


@pytest.mark.requirement("RQ-4", "RUN-5")
def test_a_raise_that_reaches_back_moves_nothing(paid: Delft) -> None:
    """(PW-13)"""
    ask(paid, request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"))
    paid.requests_run()
    ask(paid, request(90060, "GROSSWAGE", JUL_1, Amount="3650.00"))
    paid.forget_requests()
    run = paid.requests_run()
    assert said(paid, run) == {90060: ("blocked", "STARTS_BEFORE_ANOTHER")}
    message = paid.stored(run)[0].reason.message
    assert all(part in message for part in ("90060", "2018-07-01", "Gross wage 90001", "2018-08-01"))
    assert paid.sent() == paid.sent("synergy") == []
    assert statuses(paid)[90060][0] == "Realised"


@pytest.mark.requirement("RQ-4")
def test_another_persons_deduction_stays_open(paid: Delft) -> None:
    """(PW-14)"""
    ask(paid, request(90001, "NETDED", date(2026, 1, 1), ItemCode="LEASE", Amount="25.00"))
    paid.requests_run()
    ask(paid, request(90002, "NETDED", date(2026, 3, 1), ItemCode="LEASE", Amount="30.00", ResourceID=1043))
    paid.requests_run()
    assert payments(paid) == [("netDeduction", "25.00", "2026-01-01", None, "ESE-90001")]
    assert payments(paid, 1043) == [("netDeduction", "30.00", "2026-03-01", None, "ESE-90002")]
    assert statuses(paid)[90001] == ("Processed", None)


@pytest.mark.requirement("RQ-4", "RQ-5")
@pytest.mark.parametrize(("setting", "end"), [("type", "2026-02-28"), ("component", None)])
def test_the_setting_says_whether_another_component_is_ended(
    paid: Delft, setting: str, end: str | None
) -> None:
    paid.settings(one_active_request_per=setting)
    ask(paid, request(90001, "NETDED", date(2026, 1, 1), ItemCode="LEASE", Amount="25.00"))
    paid.requests_run()
    ask(paid, request(90002, "NETDED", date(2026, 3, 1), ItemCode="PHONE", Amount="30.00"))
    paid.requests_run()
    assert dict(statuses(paid))[90001] == ("Processed", end)


# --- periods ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("RQ-3", "RQ-7")
def test_four_weekly_periods_are_the_persons_own(paid: Delft) -> None:
    """(PW-15)"""
    periods(paid, FOUR_WEEKLY)
    ask(
        paid,
        request(90001, "HOURS", date(2026, 1, 26), date(2026, 2, 8), Quantity=76),
        request(90002, "OVERTIME", date(2025, 12, 30), date(2026, 1, 2), Quantity=4, ItemCode="OVW150"),
        request(90003, "SICK", date(2026, 1, 24), date(2026, 1, 27), NumberFreeField1=16),
        request(90004, "HOURS", date(2025, 12, 30), date(2025, 12, 31), Quantity=8),
    )
    run = paid.requests_run()
    assert inputs(paid) == {
        ("2026-02", "Uren gewerkt (uren)", "ESE-90001"): "76.00",
        ("2026-01", OVERTIME, "ESE-90002"): "4.00",
        ("2026-01", "Uren gewerkt (uren)", "ESE-90004"): "8.00",
    }
    assert said(paid, run)[90003] == ("blocked", "NO_PAYROLL_PERIOD")
    (record,) = [one for one in paid.stored(run) if one.key == "90003"]
    assert record.reason.message == (
        "No payroll period found for this employee with the request start date & end date"
    )
    assert statuses(paid)[90003][0] == "Realised"


@pytest.mark.requirement("RQ-3", "RQ-7")
def test_variable_input_carries_slip_unit_and_shift(paid: Delft) -> None:
    ask(paid, request(90001, "HOURS", date(2026, 1, 5), date(2026, 1, 9), Quantity=38))
    paid.requests_run()
    (row,) = paid.in_payroll("variableInputs", 1042)
    assert (row["paySlip"], row["devidingUnit"], row["shift"]) == ("Normale strook", "Delft", "D1")


# --- re-opened -------------------------------------------------------------------------------------------


def overtime(hid: int, start: date, end: date, quantity: float = 6.5, **more: Any) -> Row:
    return request(hid, "OVERTIME", start, end, ItemCode="OVW150", Quantity=quantity, **more)


@pytest.mark.requirement("RQ-6", "RQ-3", "RUN-5")
def test_overtime_that_moved_to_another_month_counts_once(paid: Delft) -> None:
    """(PW-16)"""
    ask(paid, overtime(90017, date(2026, 1, 5), date(2026, 1, 7)))
    paid.requests_run()
    ask(paid, overtime(90017, date(2026, 2, 3), date(2026, 2, 4)))
    paid.requests_run()
    assert inputs(paid) == {
        ("2026-01", OVERTIME, "ESE-90017"): "0.00",
        ("2026-02", OVERTIME, "ESE-90017"): "6.50",
    }


@pytest.mark.requirement("RQ-6", "RQ-3", "RUN-5")
def test_overtime_whose_first_month_is_closed_moves_not_at_all(paid: Delft) -> None:
    """(PW-16)"""
    ask(paid, overtime(90017, date(2026, 1, 5), date(2026, 1, 7)))
    paid.requests_run()
    closed = [{**MONTHS[0], "status": "Processed"}, *MONTHS[1:]]
    periods(paid, closed)
    ask(paid, overtime(90017, date(2026, 2, 3), date(2026, 2, 4)))
    run = paid.requests_run()
    assert said(paid, run) == {90017: ("blocked", "PAYROLL_PERIOD_CLOSED")}
    assert "2026-01" in paid.stored(run)[0].reason.remedy
    assert inputs(paid) == {("2026-01", OVERTIME, "ESE-90017"): "6.50"}
    periods(paid, MONTHS)
    paid.requests_run()
    assert inputs(paid)["2026-02", OVERTIME, "ESE-90017"] == "6.50"


@pytest.mark.requirement("RQ-1", "RQ-6")
def test_a_part_that_was_emptied_is_set_to_zero_and_one_never_sent_makes_no_row(paid: Delft) -> None:
    """(PW-19)"""
    days = (date(2026, 1, 5), date(2026, 1, 6))
    ask(paid, request(90021, "SICK", *days, NumberFreeField1=16, NumberFreeField2=4, NumberFreeField3=2))
    ask(paid, request(90022, "SICK", *days, NumberFreeField1=8))
    run = paid.requests_run()
    assert "16.00" not in str(paid.stored(run))
    ask(paid, request(90021, "SICK", *days, NumberFreeField1=16, NumberFreeField2=0, NumberFreeField3=None))
    paid.requests_run()
    assert inputs(paid) == {
        ("2026-01", "Uren ziek (uren)", "ESE-90021"): "16.00",
        ("2026-01", "Uren nsup ziek (uren)", "ESE-90021"): "0.00",
        ("2026-01", "Wachturen ziek (uren)", "ESE-90021"): "0.00",
        ("2026-01", "Uren ziek (uren)", "ESE-90022"): "8.00",
    }


REOPENED = [
    ("HOURS", {"Quantity": 8}, "0.00", ""),
    ("UNPAID", {"Quantity": 8}, "0.00", ""),
]


@pytest.mark.requirement("RQ-6")
@pytest.mark.parametrize(("kind", "values", "value", "code"), REOPENED)
def test_re_opened_hours_are_set_to_zero_once(
    paid: Delft, kind: str, values: dict[str, Any], value: str, code: str
) -> None:
    day = date(2026, 1, 5)
    ask(paid, request(90001, kind, day, day, **values))
    paid.requests_run()
    ask(paid, request(90001, kind, day, day, **values, StatusCode="Reopened"))
    assert said(paid, paid.requests_run()) == {90001: ("updated", code)}
    assert list(inputs(paid).values()) == [value]
    paid.forget_requests()
    paid.requests_run()
    assert paid.sent() == []


@pytest.mark.requirement("RQ-6")
def test_a_re_opened_wage_is_set_to_zero_and_that_is_said(paid: Delft) -> None:
    ask(paid, request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"))
    paid.requests_run()
    ask(paid, request(90001, "GROSSWAGE", AUG_1, Amount="3500.00", StatusCode="Reopened"))
    assert said(paid, paid.requests_run()) == {90001: ("updated", "NO_WAGE_IN_FORCE")}
    assert payments(paid) == [("basicWage", "0.00", "2018-08-01", None, "ESE-90001")]
    ask(paid, request(90001, "GROSSWAGE", AUG_1, Amount="3600.00"))
    paid.requests_run()
    assert payments(paid) == [("basicWage", "3600.00", "2018-08-01", None, "ESE-90001")]


@pytest.mark.requirement("RQ-6")
def test_a_re_opened_deduction_remains_and_that_is_said(paid: Delft) -> None:
    ask(paid, request(90001, "NETDED", date(2026, 1, 1), ItemCode="LEASE", Amount="25.00"))
    paid.requests_run()
    ask(
        paid,
        request(90001, "NETDED", date(2026, 1, 1), ItemCode="LEASE", Amount="25.00", StatusCode="Reopened"),
    )
    run = paid.requests_run()
    assert said(paid, run) == {90001: ("unchanged", "PAYMENT_REMAINS")}
    assert payments(paid) == [("netDeduction", "25.00", "2026-01-01", None, "ESE-90001")]


@pytest.mark.requirement("RQ-6")
def test_one_that_is_taken_back_altogether_is_undone_too(paid: Delft) -> None:
    day = date(2026, 1, 5)
    ask(paid, request(90001, "HOURS", day, day, Quantity=8))
    paid.requests_run()
    ask(
        paid,
        request(
            90001, "HOURS", day, day, Quantity=8, StatusCode="Rejected", ModifiedDate="2026-03-02T06:00:00"
        ),
    )
    paid.requests_run()
    assert list(inputs(paid).values()) == ["0.00"]


@pytest.mark.requirement("RQ-6", "RUN-11")
def test_one_that_was_taken_back_unseen_is_found_within_a_week_and_counted(paid: Delft) -> None:
    day = date(2026, 1, 5)
    sent, never = (request(hid, "HOURS", day, day, Quantity=8) for hid in (90001, 90002))
    ask(paid, sent)
    paid.requests_run()
    paid.clock.pass_by(3600)
    assert paid.requests_run().full is False
    silent = {"StatusCode": "Rejected", "ModifiedDate": "2026-02-01T06:00:00"}
    ask(paid, {**sent, **silent}, {**never, **silent})
    paid.clock.pass_by(24 * 3600)
    paid.requests_run()
    assert list(inputs(paid).values()) == ["8.00"]
    paid.clock.pass_by(7 * 24 * 3600)
    run = paid.requests_run()
    assert list(inputs(paid).values()) == ["0.00"]
    # Of the one of which nothing was sent there is nothing to say.
    assert (run.full, run.drift, run.total) == (True, 1, 1)
    run = paid.requests_run(full=True)
    assert (run.full, run.drift, run.total) == (True, 0, 0)


# --- items -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("RQ-5", "RUN-4", "RUN-7")
@pytest.mark.parametrize("mode", ["sync", "preview"])
def test_a_code_that_payroll_does_not_know_is_blocked_beforehand(paid: Delft, mode: str) -> None:
    """(PW-17)"""
    day = date(2026, 1, 5)
    ask(
        paid,
        overtime(90001, day, day),
        request(90002, "OVERTIME", day, day, Quantity=1, ItemCode="B"),
        request(90003, "OVERTIME", day, day, Quantity=1, ItemCode="C"),
        request(90004, "OVERTIME", day, day, Quantity=1),
    )
    run = paid.requests_run(mode)
    found = said(paid, run)
    assert found.pop(90001, ("created", "")) == ("created", "")
    assert found == {
        90002: ("blocked", "COMPONENT_UNKNOWN"),
        90003: ("blocked", "COMPONENT_MISSING"),
        90004: ("blocked", "ITEM_MISSING"),
    }
    (unknown,) = [one for one in paid.stored(run) if one.key == "90002"]
    for part in ("Uren ovw 999%", "item B", "free text field 1"):
        assert part in unknown.reason.message


# --- who takes no part -----------------------------------------------------------------------------------


@pytest.mark.requirement("RQ-8")
def test_a_type_without_both_steps_and_a_concept_wait_with_the_cause(paid: Delft) -> None:
    state = paid.state("synergy")
    for row in state["RequestType"]:
        if row["Code"] == "UNPAID":
            row["HasProcess"] = False
    paid.put("synergy", state)
    payroll = paid.state("payroll_plus")
    payroll["conceptEmployees"] = [{"employeeId": "1080", "birthName": "Smit", "typeOfEmployee": "Student"}]
    paid.put("payroll_plus", payroll)
    day = date(2026, 1, 5)
    ask(
        paid,
        request(90001, "UNPAID", day, day, Quantity=1),
        request(90002, "HOURS", day, day, Quantity=1, ResourceID=1080),
        request(90003, "HOURS", day, day, Quantity=1, ResourceID=1099),
        request(90004, "HOURS", day, Quantity=1),
    )
    run = paid.requests_run()
    assert said(paid, run) == {
        90001: ("skipped", "REQUEST_TYPE_WITHOUT_STEPS"),
        90002: ("blocked", "REQUEST_WAITS_FOR_CONCEPT"),
        90003: ("blocked", "NOT_IN_PAYROLL_PLUS"),
        90004: ("blocked", "END_DATE_MISSING"),
    }
    paid.convert(1080)
    payroll = paid.state("payroll_plus")
    payroll["organizationalEntities"].append({"employeeId": "1080", "devidingUnit": "Delft"})
    payroll["workDetails"].append({"employeeId": "1080", "shift": "D1"})
    payroll["employments"].append({"employeeId": "1080", "payrollNoEE": 1, "employed": "2026-01-01"})
    paid.put("payroll_plus", payroll)
    assert said(paid, paid.requests_run())[90002] == ("created", "")


@pytest.mark.requirement("RQ-8")
def test_without_the_right_to_process_it_is_in_payroll_and_says_so(paid: Delft) -> None:
    settings = paid.state("synergy")["settings"]
    settings[0]["may_process"] = False
    paid.put("synergy", {**paid.state("synergy"), "settings": settings})
    day = date(2026, 1, 5)
    ask(paid, request(90001, "HOURS", day, day, Quantity=8))
    assert said(paid, paid.requests_run()) == {90001: ("failed", "NO_RIGHT_TO_PROCESS")}
    settings[0]["may_process"] = True
    paid.put("synergy", {**paid.state("synergy"), "settings": settings})
    assert said(paid, paid.requests_run())[90001][0] in ("created", "updated")
    assert inputs(paid) == {("2026-01", "Uren gewerkt (uren)", "ESE-90001"): "8.00"}
    assert statuses(paid)[90001][0] == "Processed"


# --- crashes ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("RQ-8", "RUN-5", "RQ-1")
def test_an_answer_lost_between_payroll_and_processed_writes_nothing_twice(paid: Delft) -> None:
    """(PW-18)"""
    day = date(2026, 1, 5)
    ask(
        paid,
        request(90029, "HOURS", day, date(2026, 1, 30), Quantity=160),
        request(90030, "UNPAID", day, day, Quantity=8),
        request(90031, "UNPAID", day, day, Quantity=4),
    )
    paid.faults("synergy", errors=["after_write_reset"], error_rate=0.5, seed=7)
    paid.requests_run()
    paid.calm("synergy")
    paid.wait(3600)
    for _ in range(2):
        paid.requests_run()
    assert inputs(paid) == {
        ("2026-01", "Uren gewerkt (uren)", "ESE-90029"): "160.00",
        ("2026-01", "Uren onb.verz (uren)", "ESE-90030"): "8.00",
        ("2026-01", "Uren onb.verz (uren)", "ESE-90031"): "4.00",
    }
    assert {status for status, _ in statuses(paid).values()} == {"Processed"}


@pytest.mark.requirement("RQ-8")
def test_one_that_is_edited_while_it_is_sent_is_not_processed_as_it_was(paid: Delft) -> None:
    day = date(2026, 1, 5)
    ask(paid, request(90001, "HOURS", day, day, Quantity=8))

    def edit() -> None:
        ask(paid, request(90001, "HOURS", day, day, Quantity=9))

    paid.door = replace(paid.door, observer=Watch(edit, "payroll_plus", writes=True, after=True))
    run = paid.requests_run()
    assert said(paid, run) == {90001: ("created", "EDITED_MEANWHILE")}
    assert statuses(paid)[90001][0] == "Realised"
    paid.requests_run()
    assert inputs(paid) == {("2026-01", "Uren gewerkt (uren)", "ESE-90001"): "9.00"}
    assert statuses(paid)[90001][0] == "Processed"


# --- what the eye finds ----------------------------------------------------------------------------------


@pytest.mark.requirement("RQ-6", "SEC-1")
def test_no_message_tells_an_amount_and_a_person_is_named(paid: Delft) -> None:
    lease = {"ItemCode": "LEASE", "Amount": "25.00"}
    ask(paid, request(90001, "NETDED", date(2026, 1, 1), **lease))
    paid.requests_run()
    ask(
        paid,
        request(90001, "NETDED", date(2026, 1, 1), **lease, StatusCode="Reopened"),
        request(90002, "GROSSWAGE", AUG_1, Amount="3500.125"),
        request(90003, "GROSSWAGE", AUG_1, Amount="4321.00", ResourceID=2099),
    )
    run = paid.requests_run()
    found = {key: record.reason for key, record in paid.records(run).items()}
    assert found["request:90001"].message == (
        "Net deductions 90001 was re-opened; what it sent remains in Exact Payroll Plus "
        "(4100 from 2026-01-01)."
    )
    assert found["request:90002"].message == (
        "Gross wage 90002: Amount has more than two decimals, and Exact Payroll Plus takes two decimals."
    )
    assert found["request:90003"].message == (
        "Gross wage 90003: Exact Payroll Plus does not have employee 2099."
    )


@pytest.mark.requirement("RQ-4")
def test_a_wage_in_the_way_that_was_entered_by_hand_is_named(paid: Delft) -> None:
    state = paid.state("payroll_plus")
    state["payments"].append(
        {"kind": "basicWage", "component": "BASIC", "amount": "3000.00", "startDate": "2018-10-01"} | EMPLOYEE
    )
    paid.put("payroll_plus", state)
    ask(paid, request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"))
    run = paid.requests_run()
    why = paid.records(run)["request:90001"].reason
    assert why.code == "STARTS_BEFORE_ANOTHER"
    assert "employee 1042 (Hanneke de Graaf)" in why.message
    assert "BASIC, which was entered there by hand, is in force from 2018-10-01" in why.message


@pytest.mark.requirement("RQ-4", "RQ-6")
@pytest.mark.parametrize("start", [AUG_1, date(2018, 12, 1)])
def test_a_wage_that_was_emptied_makes_room_for_another(paid: Delft, start: date) -> None:
    """A re-opened wage stands open at zero: the next one, before or after it, is not refused."""
    ask(paid, request(90001, "GROSSWAGE", date(2018, 10, 1), Amount="3500.00"))
    paid.requests_run()
    ask(paid, request(90001, "GROSSWAGE", date(2018, 10, 1), Amount="3500.00", StatusCode="Reopened"))
    paid.requests_run()
    end = date(2018, 9, 30) if start == AUG_1 else None
    ask(paid, request(90002, "GROSSWAGE", start, end, Amount="3600.00"))
    assert said(paid, paid.requests_run())[90002] == ("created", "")
    ask(paid, request(90003, "GROSSWAGE", date(2019, 1, 1), Amount="3700.00"))
    assert said(paid, paid.requests_run())[90003][0] == "created"
    assert payments(paid)[-1] == ("basicWage", "3700.00", "2019-01-01", None, "ESE-90003")


@pytest.mark.requirement("RQ-3")
def test_a_period_that_begins_in_the_year_before_is_found(paid: Delft) -> None:
    """(PW-15) The first period of 2026 begins on 29 December 2025, and lists of 2025 do not have it."""
    state = paid.state("payroll_plus")
    state["payrollPeriods"] = [{**row, "employeeId": "1042"} for row in FOUR_WEEKLY]
    paid.put("payroll_plus", state)
    ask(paid, request(90001, "HOURS", date(2025, 12, 30), date(2025, 12, 31), Quantity=16))
    assert said(paid, paid.requests_run()) == {90001: ("created", "")}
    assert [key[0] for key in inputs(paid)] == ["2026-01"]


@pytest.mark.requirement("RQ-4", "RUN-5")
def test_the_end_of_the_one_before_reaches_synergy_after_a_crash_between_the_two(paid: Delft) -> None:
    """Payroll has the end, the run dies, and the earlier request was processed long ago."""
    ask(paid, request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"))
    paid.requests_run()
    ask(paid, request(90044, "GROSSWAGE", date(2018, 10, 1), Amount="3650.00"))
    run = paid.start("request_sync")

    def dies(*_: Any) -> None:
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Requests, "end", dies)
        paid.invoke = lambda function, *arguments: function(*arguments)  # type: ignore[method-assign]
        with pytest.raises(Crash):
            paid.act(run)
    paid.__dict__.pop("invoke")
    paid.clock.pass_by(paid.limits.lease_seconds + 1)
    paid.requests_run()
    ends = statuses(paid)
    assert ends == {90001: ("Processed", "2018-09-30"), 90044: ("Processed", None)}


@pytest.mark.requirement("RUN-5", "RQ-8")
def test_people_and_requests_of_one_person_are_written_at_the_same_time(paid: Delft) -> None:
    """Both flows planned, then both written: neither undoes what the other wrote."""
    ask(paid, request(90001, "GROSSWAGE", AUG_1, Amount="3500.00"))
    people, requests = paid.start("payroll_sync"), paid.start("request_sync")
    paid.act(people)
    paid.act(requests)
    assert payments(paid) == [("basicWage", "3500.00", "2018-08-01", None, "ESE-90001")]
    assert paid.in_payroll("employments", 1042)[0]["jobTitle"] == "Controller"
