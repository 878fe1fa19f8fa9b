"""Delft Techniek in Exact Synergy: its sandbox takes it, and every cause has its person."""

from datetime import UTC, date, datetime
from typing import Any

from local.sandbox import Options
from local.sandbox.synergy import Synergy
from local.seed import payroll_people, synergy
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
        kept = [{field: row[field] for field in rows[0]} for row in there[name]]
        assert kept == rows
    assert synergy_state(TODAY) == STATE
    assert synergy_state()["RoleMember"] == STATE["RoleMember"]


def test_everybody_of_the_payroll_is_a_person_there_but_one() -> None:
    assert set(PEOPLE) == {person.id for person in payroll_people.PEOPLE} == set(range(2001, 2041))
    assert payroll_people.ONLY_IN_PAYROLL.id not in PEOPLE
    for person in payroll_people.PEOPLE:
        row = PEOPLE[person.id]
        assert (row["LastName"], row["Email"], row["EmployeeType"], row["CountryCode"]) == (
            person.last,
            person.email,
            person.type,
            "NL",
        )
    assert len({row["Email"].casefold() for row in PEOPLE.values()}) == 40
    assert PEOPLE[2003]["FullName"] == "Sanne van den Berg"


def test_every_cause_has_its_person() -> None:
    assert role(synergy.PAYROLL) == set(PEOPLE) - set(synergy.NO_ROLE)
    assert role(synergy.HR) == {synergy.HR_PERSON} == {2002}
    inactive = {number for number, row in PEOPLE.items() if row["EmployeeStatus"] != "A"}
    assert inactive == {synergy.INACTIVE}
    left = PEOPLE[synergy.INACTIVE]
    assert (left["EmployeeStatus"], left["InactiveDate"]) == ("I", "2026-01-31T00:00:00")
    assert synergy.INACTIVE in role(synergy.PAYROLL)


def test_managers_are_those_of_the_table_but_for_one_alone_and_two_in_a_circle() -> None:
    managers = {number: row["ManagerID"] for number, row in PEOPLE.items()}
    odd = {2020: 2020, 2021: 2022, 2022: 2021}
    assert managers == {person.id: person.manager for person in payroll_people.PEOPLE} | odd
    assert [number for number, manager in managers.items() if manager is None] == [payroll_people.DIRECTOR]


def test_the_licence_is_active() -> None:
    assert STATE["License"] == [{"Code": "YA1740", "Option": 36, "Active": True}]
