"""Payroll Plus's sandbox: payments that never overlap, the bank account, and variable input."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.sandbox.payroll_office import (
    BASE,
    CONCEPT,
    HANNEKE,
    LEAVER,
    MILEAGE,
    OVERTIME,
    STATE,
    WEEKLY,
    Row,
)
from tests.sandbox.rules import check_log, check_refused
from tests.sandbox.test_payroll_plus import error

WAGE = {"amount": "3650.00", "endDate": None, "sourceRef": "ESE-90044"}
ACCOUNT: Row = {
    "component": "NETTOLOON",
    "iban": "NL91ABNA0417164300",
    "visibleOnPaySlip": True,
    "beneficiary": "Hanneke van Schaik",
    "city": "Delft",
    "description1": "",
    "description2": "",
}
GERMAN = {**ACCOUNT, "iban": "DE58123456780123456789", "bic": "TESTDEFF"}
INPUT: Row = {
    "component": OVERTIME,
    "prPeriod": "2026-03",
    "value": "6.50",
    "paySlip": "Normale strook",
    "devidingUnit": "Delft",
    "shift": "D1",
    "startDate": "2026-03-02",
    "endDate": "2026-03-04",
    "sourceRef": "ESE-90017",
}


@pytest.fixture
def office(payroll_plus: Any) -> Any:
    answer = payroll_plus.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return payroll_plus


def payment(who: str, start: str, kind: str = "basicWage", component: str = "BASIC") -> str:
    return f"{BASE}/employees/{who}/payments/{kind}/{quote(component)}/{start}"


def bank(who: str) -> str:
    return f"{BASE}/employees/{who}/sepaBankPayments/NETTOLOON"


def variable_input(who: str, row: Row) -> str:
    place = f"{row['prPeriod']}/{quote(row['component'])}/{row['sourceRef']}"
    return f"{BASE}/employees/{who}/variableInputs/{place}"


def put(office: Any, path: str, body: Any) -> Any:
    return office.call("PUT", path, json=body)


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


# --- payments -----------------------------------------------------------------------------------------------


def test_a_raise_is_written_once_the_wage_before_it_has_an_end(office: Any) -> None:
    refused = put(office, payment(HANNEKE, "2018-10-01"), WAGE)
    assert error(refused) == (409, "OverlappingPayment", "startDate")
    assert "2018-08-01 to further notice (ESE-90001)" in refused.json()["message"]

    former = {"amount": "3500.00", "endDate": "2018-09-30", "sourceRef": "ESE-90001"}
    answers = [
        put(office, payment(HANNEKE, start), body)
        for start, body in (("2018-08-01", former), ("2018-10-01", WAGE), ("2018-10-01", WAGE))
    ]
    assert [answer.status_code for answer in answers] == [200, 201, 200]
    wages = [
        {"kind": "basicWage", "component": "BASIC", "startDate": start, **body}
        for start, body in (("2018-08-01", former), ("2018-10-01", WAGE))
    ]
    assert answers[2].json() == wages[1]
    assert office.get(f"{BASE}/employees/{HANNEKE}/payments").json() == {"items": wages, "nextCursor": None}


@pytest.mark.parametrize(
    ("start", "end", "kind", "component", "status"),
    [
        ("2018-07-01", "2018-07-31", "basicWage", "BASIC", 201),
        ("2018-07-01", "2018-08-01", "basicWage", "BASIC", 409),
        ("2018-07-01", None, "basicWage", "BASIC", 409),
        ("2018-08-02", "2018-08-02", "basicWage", "BASIC", 409),
        ("2018-08-01", None, "basicWage", "BASIC", 200),
        ("2018-10-01", None, "netDeduction", "4100", 201),
        ("2018-10-01", None, "netPayment", "4200", 201),
    ],
)
def test_payments_of_one_component_never_overlap(
    office: Any, start: str, end: str | None, kind: str, component: str, status: int
) -> None:
    body = {"amount": "1.00", "sourceRef": "ESE-1", "endDate": end}
    assert put(office, payment(HANNEKE, start, kind, component), body).status_code == status


def test_a_payment_entered_by_hand_has_no_source_and_stands_in_the_way(office: Any) -> None:
    by_hand = {name: value for name, value in STATE["payments"][0].items() if name != "sourceRef"}
    office.put_state({**STATE, "payments": [by_hand]})
    (wage,) = office.get(f"{BASE}/employees/{HANNEKE}/payments").json()["items"]
    refused = put(office, payment(HANNEKE, "2018-10-01"), WAGE)
    assert (wage["sourceRef"], error(refused)[1]) == (None, "OverlappingPayment")
    assert "(entered by hand)" in refused.json()["message"]


def test_the_payments_of_one_person_do_not_stand_in_anothers_way(office: Any) -> None:
    assert put(office, payment(WEEKLY, "2018-10-01"), WAGE).status_code == 201
    assert len(office.get(f"{BASE}/employees/{HANNEKE}/payments").json()["items"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (payment(HANNEKE, "2026-03-01", component="4100"), WAGE, (400, "UnknownComponent", "component")),
        (payment(HANNEKE, "2026-03-01", "netDeduction"), WAGE, (400, "UnknownComponent", "component")),
        (payment(HANNEKE, "2026-03-01", "netPayment", "4100"), WAGE, (400, "UnknownComponent", "component")),
        (
            payment(HANNEKE, "2026-03-01", "netPayment", OVERTIME),
            WAGE,
            (400, "UnknownComponent", "component"),
        ),
        (payment(HANNEKE, "2026-03-01", "netPayment", "4999"), WAGE, (400, "UnknownComponent", "component")),
        (payment(HANNEKE, "2026-03-01", "bonus", "4100"), WAGE, (400, "InvalidValue", "kind")),
        (payment(HANNEKE, "2026-02-30"), WAGE, (400, "InvalidValue", "startDate")),
        (payment(HANNEKE, "2026-03-02"), {**WAGE, "endDate": "2026-03-01"}, (400, "InvalidValue", "endDate")),
        (payment(HANNEKE, "2026-03-02"), {**WAGE, "endDate": ""}, (400, "InvalidValue", "endDate")),
        (payment(HANNEKE, "2026-03-02"), {**WAGE, "amount": 3650}, (400, "InvalidValue", "amount")),
        (payment(HANNEKE, "2026-03-02"), {**WAGE, "amount": "3650"}, (400, "InvalidValue", "amount")),
        (payment(HANNEKE, "2026-03-02"), {**WAGE, "amount": "3650.005"}, (400, "InvalidValue", "amount")),
        (payment(HANNEKE, "2026-03-02"), {**WAGE, "kind": "basicWage"}, (400, "InvalidValue", "kind")),
        (payment(HANNEKE, "2026-03-02"), without(WAGE, "sourceRef"), (400, "InvalidValue", "sourceRef")),
        (payment(HANNEKE, "2026-03-02"), without(WAGE, "amount"), (400, "InvalidValue", "amount")),
        (payment(CONCEPT, "2026-03-02"), WAGE, (409, "StillConcept", "employeeId")),
        (payment("9", "2026-03-02"), WAGE, (404, "EmployeeNotFound", "employeeId")),
    ],
)
def test_a_payment_that_does_not_fit_is_refused(office: Any, path: str, body: Row, expected: Any) -> None:
    before = office.state()
    assert error(put(office, path, body)) == expected
    assert office.state() == before


# --- the bank account ---------------------------------------------------------------------------------------


def test_the_account_of_the_net_wage_is_written_whole(office: Any) -> None:
    first, second, third = (put(office, bank(HANNEKE), body) for body in (ACCOUNT, GERMAN, ACCOUNT))
    assert [answer.status_code for answer in (first, second, third)] == [201, 200, 200]
    assert (first.json(), second.json()) == (ACCOUNT, GERMAN)
    assert office.state()["sepaBankPayments"] == [{"employeeId": HANNEKE, **ACCOUNT}]
    assert put(office, bank(LEAVER), {**without(GERMAN, "bic", "component"), "city": None}).status_code == 201


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({**ACCOUNT, "bic": "ABNANL2A"}, (400, "BicNotAllowed", "bic")),
        ({**ACCOUNT, "bic": None}, (400, "BicNotAllowed", "bic")),
        ({**ACCOUNT, "bic": ""}, (400, "BicNotAllowed", "bic")),
        ({**ACCOUNT, "iban": "NL92ABNA0417164300"}, (400, "InvalidIban", "iban")),
        ({**ACCOUNT, "iban": "NL91 ABNA 0417 1643 00"}, (400, "InvalidIban", "iban")),
        ({**ACCOUNT, "iban": "nl91abna0417164300"}, (400, "InvalidIban", "iban")),
        ({**ACCOUNT, "iban": "NL91ABNA041716430"}, (400, "InvalidIban", "iban")),
        ({**ACCOUNT, "iban": ""}, (400, "InvalidIban", "iban")),
        ({**ACCOUNT, "iban": None}, (400, "InvalidValue", "iban")),
        ({**GERMAN, "bic": "TEST"}, (400, "InvalidValue", "bic")),
        ({**GERMAN, "bic": ""}, (400, "InvalidValue", "bic")),
        ({**ACCOUNT, "component": "BRUTOLOON"}, (400, "InvalidValue", "component")),
        ({**ACCOUNT, "visibleOnPaySlip": "yes"}, (400, "InvalidValue", "visibleOnPaySlip")),
        ({**ACCOUNT, "beneficiary": " "}, (400, "InvalidValue", "beneficiary")),
        ({**ACCOUNT, "sortCode": "1"}, (400, "InvalidValue", "sortCode")),
        (without(ACCOUNT, "iban"), (400, "InvalidValue", "iban")),
        (without(ACCOUNT, "visibleOnPaySlip"), (400, "InvalidValue", "visibleOnPaySlip")),
        (without(ACCOUNT, "beneficiary"), (400, "InvalidValue", "beneficiary")),
        ([], (400, "InvalidValue", None)),
    ],
)
def test_an_account_that_does_not_fit_is_refused(office: Any, body: Any, expected: Any) -> None:
    assert error(put(office, bank(HANNEKE), body)) == expected
    assert office.state()["sepaBankPayments"] == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (bank(CONCEPT), (409, "StillConcept", "employeeId")),
        (bank("9"), (404, "EmployeeNotFound", "employeeId")),
        (bank(HANNEKE).replace("NETTOLOON", "BRUTOLOON"), (404, "NotFound", None)),
    ],
)
def test_only_an_employee_has_an_account_and_one_only(office: Any, path: str, expected: Any) -> None:
    assert error(put(office, path, ACCOUNT)) == expected


# --- variable input -----------------------------------------------------------------------------------------


def test_an_input_is_written_whole_and_each_request_has_its_own(office: Any) -> None:
    other = {**INPUT, "sourceRef": "ESE-90018", "value": "0.25"}
    answers = [
        put(office, variable_input(HANNEKE, row), row) for row in (INPUT, other, {**INPUT, "value": "0.00"})
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 200]
    assert answers[0].json() == INPUT
    kept = [(row["sourceRef"], row["value"]) for row in office.state()["variableInputs"]]
    assert kept == [("ESE-90017", "0.00"), ("ESE-90018", "0.25")]


def test_the_path_may_say_what_the_body_leaves_out(office: Any) -> None:
    body = without(INPUT, "prPeriod", "component", "sourceRef")
    assert put(office, variable_input(HANNEKE, INPUT), body).json() == INPUT


@pytest.mark.parametrize(
    ("who", "changes", "status"),
    [
        (HANNEKE, {"component": "Uren ziek (uren)"}, 201),
        (HANNEKE, {"component": "KM.belast (eenheden)"}, 201),
        (HANNEKE, {"component": MILEAGE, "value": "-12.40"}, 201),
        (HANNEKE, {"devidingUnit": "Breda"}, 201),
        (HANNEKE, {"startDate": "2026-03-01", "endDate": "2026-03-31"}, 201),
        (WEEKLY, {"prPeriod": "2026-01", "startDate": "2025-12-30", "endDate": "2026-01-02"}, 201),
        (WEEKLY, {"prPeriod": "2026-14", "startDate": "2026-12-28", "endDate": "2027-01-03"}, 201),
    ],
)
def test_an_input_that_fits_is_taken(office: Any, who: str, changes: Row, status: int) -> None:
    row = {**INPUT, **changes}
    assert put(office, variable_input(who, row), row).status_code == status


@pytest.mark.parametrize(
    ("who", "changes", "expected"),
    [
        (HANNEKE, {"component": "Uren ovw 999%"}, (400, "UnknownComponent", "component")),
        (HANNEKE, {"component": "Uren ovw % (overwerk)"}, (400, "UnknownComponent", "component")),
        (HANNEKE, {"component": f"{OVERTIME} "}, (400, "UnknownComponent", "component")),
        (HANNEKE, {"component": "4100"}, (400, "UnknownComponent", "component")),
        (HANNEKE, {"prPeriod": "2026-04"}, (400, "InvalidValue", "prPeriod")),
        (HANNEKE, {"prPeriod": "maart"}, (400, "InvalidValue", "prPeriod")),
        (WEEKLY, {}, (400, "InvalidValue", "prPeriod")),
        (HANNEKE, {"startDate": "2026-02-28"}, (400, "InvalidValue", "startDate")),
        (HANNEKE, {"endDate": "2026-04-01"}, (400, "InvalidValue", "endDate")),
        (HANNEKE, {"endDate": "2026-03-01"}, (400, "InvalidValue", "endDate")),
        (HANNEKE, {"endDate": None}, (400, "InvalidValue", "endDate")),
        (
            HANNEKE,
            {"prPeriod": "2026-02", "startDate": "2026-02-02", "endDate": "2026-02-03"},
            (409, "PeriodClosed", "prPeriod"),
        ),
        (
            HANNEKE,
            {"prPeriod": "2026-01", "startDate": "2026-01-02", "endDate": "2026-01-03", "value": "0.00"},
            (409, "PeriodClosed", "prPeriod"),
        ),
        (HANNEKE, {"value": 6.5}, (400, "InvalidValue", "value")),
        (HANNEKE, {"value": "6.5"}, (400, "InvalidValue", "value")),
        (HANNEKE, {"value": "6,50"}, (400, "InvalidValue", "value")),
        (HANNEKE, {"paySlip": "Extra strook"}, (400, "InvalidValue", "paySlip")),
        (HANNEKE, {"devidingUnit": "Utrecht"}, (400, "InvalidValue", "devidingUnit")),
        (HANNEKE, {"devidingUnit": None}, (400, "InvalidValue", "devidingUnit")),
        (HANNEKE, {"shift": "D2"}, (400, "InvalidValue", "shift")),
        (HANNEKE, {"hours": "1.00"}, (400, "InvalidValue", "hours")),
        (LEAVER, {}, (400, "InvalidValue", "devidingUnit")),
        (CONCEPT, {}, (409, "StillConcept", "employeeId")),
        ("9", {}, (404, "EmployeeNotFound", "employeeId")),
    ],
)
def test_an_input_that_does_not_fit_is_refused(office: Any, who: str, changes: Row, expected: Any) -> None:
    row = {**INPUT, **changes}
    assert error(put(office, variable_input(who, row), row)) == expected
    assert office.state()["variableInputs"] == []


@pytest.mark.parametrize("name", ["value", "paySlip", "devidingUnit", "shift", "startDate", "endDate"])
def test_an_input_says_everything(office: Any, name: str) -> None:
    refused = put(office, variable_input(HANNEKE, INPUT), without(INPUT, name))
    assert error(refused) == (400, "InvalidValue", name)


@pytest.mark.parametrize("name", ["prPeriod", "component", "sourceRef"])
def test_path_and_body_name_the_same(office: Any, name: str) -> None:
    other = {**INPUT, name: {"prPeriod": "2026-01", "component": MILEAGE}.get(name, "ESE-1")}
    assert error(put(office, variable_input(HANNEKE, INPUT), other)) == (400, "InvalidValue", name)


# --- look-ups -----------------------------------------------------------------------------------------------


def test_look_ups_are_as_in_the_contract(office: Any) -> None:
    below = f"{BASE}/employees/{HANNEKE}"
    units = office.get(f"{below}/organizationalEntities").json()
    assert [row["devidingUnit"] for row in units["items"]] == ["Delft", "Breda", "Almere"]
    assert {tuple(row) for row in units["items"]} == {("devidingUnit",)}
    assert office.get(f"{below}/workDetails").json() == {"shift": "D1", "hoursPerWeek": "38.00"}
    (march,) = office.get(f"{below}/payrollPeriods?year=2026").json()["items"][2:]
    assert march == {
        "prPeriod": "2026-03",
        "startDate": "2026-03-01",
        "endDate": "2026-03-31",
        "status": "Open",
    }


@pytest.mark.parametrize(
    ("who", "year", "names"),
    [
        (HANNEKE, 2026, ["2026-01", "2026-02", "2026-03"]),
        (HANNEKE, 2025, []),
        (WEEKLY, 2026, ["2026-01", "2026-02", "2026-14"]),
        (WEEKLY, 2025, ["2025-13"]),
    ],
)
def test_periods_are_the_employees_own_or_those_of_everybody(
    office: Any, who: str, year: int, names: list[str]
) -> None:
    rows = office.get(f"{BASE}/employees/{who}/payrollPeriods?year={year}").json()["items"]
    assert [row["prPeriod"] for row in rows] == names


@pytest.mark.parametrize(
    ("who", "path", "code"),
    [
        (LEAVER, "workDetails", "NotFound"),
        (CONCEPT, "workDetails", "StillConcept"),
        (CONCEPT, "organizationalEntities", "StillConcept"),
        (CONCEPT, "payrollPeriods?year=2026", "StillConcept"),
        (CONCEPT, "payments", "StillConcept"),
        (CONCEPT, "employments", "StillConcept"),
        ("9", "payments", "EmployeeNotFound"),
        ("9", "payrollPeriods?year=2026", "EmployeeNotFound"),
        (HANNEKE, "payrollPeriods", "InvalidValue"),
    ],
)
def test_a_look_up_that_there_is_not(office: Any, who: str, path: str, code: str) -> None:
    assert error(office.get(f"{BASE}/employees/{who}/{path}"))[1] == code


def test_who_has_no_units_has_an_empty_list(office: Any) -> None:
    assert office.get(f"{BASE}/employees/{LEAVER}/organizationalEntities").json()["items"] == []


def test_without_components_in_the_state_there_are_the_standard_ones(office: Any) -> None:
    office.put_state({})
    rows = office.get(f"{BASE}/components").json()["items"]
    assert {row["kind"] for row in rows} == {"variableInput"}
    assert {row["component"]: row["unit"] for row in rows}.items() >= {
        ("Uren gewerkt (uren)", "uren"),
        (MILEAGE, "bedrag per eenheid"),
        ("KM.belast (eenheden)", "eenheden"),
    }


# --- the log, faults and the state --------------------------------------------------------------------------


def test_the_log_names_what_was_asked(office: Any) -> None:
    below = f"{BASE}/employees/{HANNEKE}"
    calls = [
        ("GET", f"{below}/payments", "list payments"),
        ("PUT", payment(HANNEKE, "2026-03-02"), "change payments"),
        ("PUT", bank(HANNEKE), "change sepaBankPayments"),
        ("PUT", variable_input(HANNEKE, INPUT), "change variableInputs"),
        ("GET", f"{below}/organizationalEntities", "list organizationalEntities"),
        ("GET", f"{below}/workDetails", "get workDetails"),
    ]
    check_log(office, calls)


def test_a_period_may_close_just_before_an_input(office: Any) -> None:
    office.faults(errors=["period_closes"], count=1)
    assert office.get(f"{BASE}/generalData").status_code == 200
    refused = put(office, variable_input(HANNEKE, INPUT), INPUT)
    assert error(refused) == (409, "PeriodClosed", "prPeriod")
    statuses = {row["prPeriod"]: row["status"] for row in office.state()["payrollPeriods"]}
    assert (statuses["2026-03"], statuses["2026-14"]) == ("Processed", "Open")


@pytest.mark.parametrize(
    ("resource", "row", "field", "said"),
    [
        ("payments", {**STATE["payments"][0], "kind": "bonus"}, "kind", "one of basicWage"),
        ("payments", {**STATE["payments"][0], "employeeId": "9"}, "employeeId", "no row of employees"),
        ("sepaBankPayments", {"employeeId": HANNEKE}, "iban", "is required"),
        ("variableInputs", {"employeeId": HANNEKE, **INPUT, "value": "6.5"}, "value", "two decimals"),
        ("organizationalEntities", {"employeeId": HANNEKE}, "devidingUnit", "is required"),
        ("workDetails", {"employeeId": HANNEKE, "hoursPerWeek": 38}, "hoursPerWeek", "two decimals"),
        ("payrollPeriods", {**STATE["payrollPeriods"][0], "status": "Closed"}, "status", "one of Open"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(
    office: Any, resource: str, row: Row, field: str, said: str
) -> None:
    check_refused(office, {**STATE, resource: [row]}, 0, field, said)
