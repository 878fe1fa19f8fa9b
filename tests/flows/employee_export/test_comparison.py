"""Compare first, then write only what differs; what stands in the way of one employee (EX-4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.conftest import World
from tests.worlds.people import Person, Row, in_xledger, person, row_id, whole
from tests.worlds.structs import replace


def with_fields(one: Person, **changes: Any) -> Person:
    return replace(one, employee={**one.employee, **changes})


@pytest.mark.requirement("EX-4")
def test_of_many_employees_only_those_with_a_difference_are_sent(world: World) -> None:
    people = [person(str(number)) for number in range(101, 106)]
    world.fresh(*people)
    world.run()
    world.forget_requests()
    world.staff(*people[:3], with_fields(people[3], title="CFO"), people[4])
    world.run()
    assert [(one["operation"], one["nodes"]) for one in world.writes()] == [("updateContacts", 1)]


# What was changed by hand in Xledger, and where.
OUTSIDE: Row = {
    "info": "Parking space 12",
    "managerPhone": "+4722222222",
    "seniorityDate": "2010-01-01",
    "noticeDate": "2027-01-01",
    "timesheet": True,
    "glObject2": {"code": "320"},
    "employmentType": {"code": "FRIL"},
}


@pytest.mark.requirement("EX-4")
def test_fields_outside_the_integration_data_fields_are_never_touched(world: World) -> None:
    kari = whole("101")
    world.fresh(kari, there=[in_xledger(kari, description="Somebody Else", **OUTSIDE)])
    world.run()
    contact = {"phone3": "+4733333333", "middleName": "Marie", "personalId": "P-1", "email3": "x@y.example"}
    world.edit("xledger", "contacts", {"firstName": "Kari"}, **contact)
    world.staff(with_fields(kari, title="CFO", workEmail="new@acme.example"))
    world.run()
    after, person_after = world.employee("101"), world.contact("101")
    assert after["email"] == "new@acme.example"
    for name, value in OUTSIDE.items():
        held = after[name]["code"] if isinstance(value, dict) else after[name]
        assert held == (value["code"] if isinstance(value, dict) else value), name
    assert {name: person_after[name] for name in contact} == contact


@pytest.mark.requirement("EX-4", "RUN-4")
def test_what_can_not_be_written_or_read_blocks_only_its_own_employee(world: World) -> None:
    """Xledger lacks a cost centre; a custom field holds no day; a related row does not exist."""
    world.fresh(
        person("101"),
        person("102", costCenterId=row_id("centre", 990)),
        person("103", custom={"probationEndDate": "soon"}),
        person("104", costCenterId=row_id("centre", 777)),
        person("105"),
    )
    run = world.run()
    assert world.reasons(run) == {
        "102": "COST_CENTRE_UNKNOWN",
        "103": "VALUE_NOT_VALID",
        "104": "VALUE_NOT_VALID",
    }
    messages = {key: world.records(run)[f"employee:{key}"].reason.message for key in ("103", "104")}
    assert "custom.probationEndDate" in messages["103"]
    assert "costCenterId" in messages["104"]
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101", "105"]
    assert run.status == "partial"


@pytest.mark.requirement("EX-4")
def test_a_changed_number_is_mended_by_changing_the_code_in_xledger_as_the_remedy_says(world: World) -> None:
    kari = person("101")
    world.fresh(kari)
    world.run()
    world.staff(with_fields(kari, employeeNumber="201", title="CFO"))
    assert world.reasons(world.run()) == {"201": "NUMBER_CHANGED"}
    world.edit("xledger", "employees", {"code": "101"}, code="201")
    run = world.run()
    assert world.outcomes(run) == {"201": "updated"}
    assert world.contact("201")["jobTitle"] == "CFO"
    assert len(world.state("xledger")["employees"]) == 1
    world.forget_requests()
    again = world.run()
    assert again.counts
    assert again.counts["unchanged"] == 1
    assert world.writes() == []


@pytest.mark.requirement("EX-4")
def test_someone_who_was_equal_from_the_start_is_known_all_the_same(world: World) -> None:
    """In Xledger already, without a difference: never written, and yet not made twice, nor lost."""
    kari, ola = person("101"), person("102")
    contact = {"initials": "KN"}
    world.fresh(kari, ola, there=[in_xledger(one, **contact) for one in (kari, ola)])
    for row in world.state("xledger")["contacts"]:
        world.edit("xledger", "contacts", {"dbId": row["dbId"]}, jobTitle="Controller")
    first = world.run()
    assert first.counts
    assert first.counts["unchanged"] == 2
    world.staff(with_fields(kari, employeeNumber="201"))
    run = world.run()
    assert world.reasons(run) == {"201": "NUMBER_CHANGED", "102": "GONE_FROM_SOURCE"}
    assert len(world.state("xledger")["employees"]) == 2
