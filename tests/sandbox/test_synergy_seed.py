"""Delft Techniek in Exact Synergy: its sandbox takes it, and every cause has its person."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from local.sandbox import Options
from local.sandbox.synergy import Synergy
from local.sandbox.synergy.requests import STATUSES
from local.seed import payroll_newcomers, payroll_people, synergy
from local.seed.payroll_periods import four_weeks
from local.seed.synergy import synergy_state

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
STATE = synergy_state(TODAY)
PEOPLE: dict[int, dict[str, Any]] = {row["ID"]: row for row in STATE["Resource"]}


def role(code: str) -> set[int]:
    return {row["ResourceID"] for row in STATE["RoleMember"] if row["RoleCode"] == code}


def test_the_sandbox_takes_it_whole_and_it_is_the_same_every_time() -> None:
    room = Synergy(Options(now=lambda: NOW))
    room.replace_state(STATE)
    there = room.state()
    for name, rows in STATE.items():
        pairs = zip(rows, there[name], strict=True)
        kept = [{field: one[field] for field in row} for row, one in pairs]
        assert kept == rows
    assert synergy_state(TODAY) == STATE
    assert synergy_state()["RoleMember"] == STATE["RoleMember"]


def test_everybody_of_the_payroll_is_a_person_there_but_one() -> None:
    new = [one.person.id for one in payroll_newcomers.newcomers(TODAY)]
    assert {person.id for person in payroll_people.PEOPLE} == set(range(2001, 2041))
    assert new == list(range(2041, 2064))
    assert set(PEOPLE) == set(range(2001, 2064))
    assert payroll_people.ONLY_IN_PAYROLL.id not in PEOPLE
    for person in payroll_people.PEOPLE:
        row = PEOPLE[person.id]
        assert (row["LastName"], row["Email"], row["EmployeeType"], row["CountryCode"]) == (
            person.last,
            person.email,
            person.type,
            "NL",
        )
    assert len({row["Email"].casefold() for row in PEOPLE.values()}) == 63
    assert PEOPLE[2003]["FullName"] == "Sanne van den Berg"


def test_every_cause_has_its_person() -> None:
    assert role(synergy.PAYROLL) == set(PEOPLE) - set(synergy.NO_ROLE)
    assert role(synergy.HR) == {synergy.HR_PERSON} == {2002}
    inactive = {number for number, row in PEOPLE.items() if row["EmployeeStatus"] != "A"}
    assert inactive == {synergy.INACTIVE, 2042, 2051, 2052, 2062}
    left = PEOPLE[synergy.INACTIVE]
    assert (left["EmployeeStatus"], left["InactiveDate"]) == ("I", "2026-01-31T00:00:00")
    assert synergy.INACTIVE in role(synergy.PAYROLL)


def test_managers_are_those_of_the_table_but_for_one_alone_and_two_in_a_circle() -> None:
    managers = {number: row["ManagerID"] for number, row in PEOPLE.items() if number < 2041}
    odd = {2020: 2020, 2021: 2022, 2022: 2021}
    assert managers == {person.id: person.manager for person in payroll_people.PEOPLE} | odd
    assert [number for number, manager in managers.items() if manager is None] == [payroll_people.DIRECTOR]


def test_the_licence_is_active() -> None:
    assert STATE["License"] == [{"Code": "YA1740", "Option": 36, "Active": True}]


@pytest.mark.parametrize(
    ("number", "fields"),
    [
        (2041, {"FirstName": "Hanneke", "MiddleName": "van", "LastName": "Schaik", "MaidenName": "Graaf"}),
        (2042, {"EmployeeStatus": "H", "StartDate": "2026-04-01T00:00:00"}),
        (2044, {"ContractEnd": "2026-03-31T00:00:00", "InactiveDate": "2026-03-31T00:00:00"}),
        (2045, {"EmployeeStatus": "A", "InactiveDate": "2026-06-01T00:00:00"}),
        (2046, {"EmployeeStatus": "A", "InactiveDate": None}),
        (2047, {"EmployeeType": "A", "AnnualSalary": None}),
        (2048, {"EmployeeType": "R"}),
        (2049, {"EmployeeType": "V"}),
        (2050, {"CountryCode": "BE"}),
        (2051, {"EmployeeStatus": "P"}),
        (2052, {"EmployeeStatus": "R"}),
        (2053, {"SocialSecurityNumber": "123456789"}),
        (2054, {"SocialSecurityNumber": "99999006"}),
        (2058, {"Gender": None, "MaritalStatus": None}),
        (2059, {"EmployeeType": "S", "AnnualSalary": None}),
        (2060, {"EmployeeType": "T", "AnnualSalary": None}),
        (2061, {"MiddleName": "van der", "BirthPrefix": None, "MaidenName": "Aydin"}),
        (2062, {"EmployeeStatus": "T"}),
        (2063, {"EmployeeType": "C", "AnnualSalary": None}),
    ],
)
def test_every_rule_of_the_way_to_payroll_has_its_person(number: int, fields: dict[str, Any]) -> None:
    assert {name: PEOPLE[number][name] for name in fields} == fields


def test_contracts_and_accounts_show_their_rules() -> None:
    spans: dict[int, list[tuple[str, str | None]]] = {}
    for row in STATE["Contract"]:
        end = row["EndDate"] and row["EndDate"][:10]
        spans.setdefault(row["ResourceID"], []).append((row["StartDate"][:10], end))
    assert set(spans) == set(PEOPLE)
    assert spans[2044] == [("2020-01-01", "2021-05-31"), ("2021-09-01", "2026-03-31")]
    assert spans[2045] == [("2020-01-01", "2026-06-01"), ("2021-09-01", "2026-06-01")]
    assert spans[2046] == [("2020-01-01", "2024-12-31"), ("2026-03-01", None)]
    accounts = {row["ResourceID"]: row for row in STATE["BankAccount"]}
    assert set(PEOPLE) - set(accounts) == {2062}
    assert (accounts[2055]["IBAN"][:2], accounts[2055]["BIC"]) == ("DE", "TESTDEFF")
    assert accounts[2056]["IBAN"] == "nl12 bank 0123 4567 89"
    assert [number for number, row in accounts.items() if not row["IsDefault"]] == [2057]


def test_requests_are_of_all_types_and_in_every_status() -> None:
    rows = {row["HID"]: row for row in STATE["Request"]}
    realised = {row["RequestTypeCode"] for row in rows.values() if row["StatusCode"] == "Realised"}
    types = {row["Code"]: row["HasProcess"] for row in STATE["RequestType"]}
    assert realised == set(types)
    assert [code for code, steps in types.items() if not steps] == ["TRAINING"]
    assert {row["StatusCode"] for row in rows.values()} == set(STATUSES)
    assert {row.get("ItemCode") for row in rows.values()} - {None} <= {
        row["ItemCode"] for row in STATE["Item"]
    }
    assert {row["ResourceID"] for row in rows.values()} <= set(PEOPLE)
    raises = [(rows[number]["StatusCode"], rows[number]["StartDate"][:10]) for number in (90_001, 90_044)]
    assert raises == [("Processed", "2018-08-01"), ("Realised", "2018-10-01")]
    assert (rows[91_008]["StartDate"][:10], rows[91_008]["EndDate"][:10]) == ("2026-02-27", "2026-03-02")


@pytest.mark.parametrize(
    ("today", "span"),
    [
        (date(2026, 3, 2), (date(2026, 2, 23), date(2026, 3, 22))),
        (date(2026, 12, 27), (date(2026, 11, 30), date(2026, 12, 27))),
        (date(2026, 12, 28), (date(2026, 12, 28), date(2027, 1, 3))),
        (date(2027, 1, 1), (date(2026, 12, 28), date(2027, 1, 3))),
        (date(2024, 12, 30), (date(2024, 12, 30), date(2025, 1, 26))),
    ],
)
def test_every_day_lies_in_one_period_of_four_weeks(today: date, span: tuple[date, date]) -> None:
    assert four_weeks(today) == span
