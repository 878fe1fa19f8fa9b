"""Compare first, then write only what differs; what stands in the way of one employee (EX-4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.conftest import World
from tests.worlds.people import Person, Row, in_xledger, moment, person, row_id, whole
from tests.worlds.structs import replace


def with_fields(one: Person, **changes: Any) -> Person:
    return replace(one, employee={**one.employee, **changes})


@pytest.mark.requirement("EX-4")
def test_an_employee_without_a_difference_is_not_written(world: World) -> None:
    world.fresh(whole("101"), whole("102"))
    world.run()
    world.forget_requests()
    second = world.run()
    assert world.writes() == []
    assert second.status == "succeeded"
    assert second.counts
    assert second.counts["unchanged"] == 2


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
EDITS: list[tuple[str, str, Any, Any]] = [
    ("employees", "description", "Somebody Else", "Kari Nordmann101"),
    ("employees", "email", "hand@acme.example", "kari.101@acme.example"),
    ("employees", "employmentFrom", "2020-01-01", "2024-02-19"),
    ("employees", "trialTo", "2020-01-01", "2024-08-19"),
    ("contacts", "jobTitle", "Sjef", "Controller"),
    ("contacts", "phone", "+4799999999", "+4790000001"),
    ("contacts", "email2", None, "101@post.example"),
    ("contacts", "gender", {"code": "M"}, {"dbId": "2", "code": "F", "name": "Female"}),
]


@pytest.mark.requirement("EX-4")
def test_the_source_wins_over_every_edit_of_an_integration_field_in_xledger(world: World) -> None:
    """All edits at once, on one employee: each is put right, and told with the value that was there."""
    world.fresh(whole("101"))
    world.run()
    state = world.state("xledger")
    for resource, name, by_hand, _ in EDITS:
        state[resource][0][name] = by_hand
    world.put("xledger", state)
    run = world.run()
    found = world.state("xledger")
    assert [found[resource][0][name] for resource, name, _, _ in EDITS] == [row[3] for row in EDITS]
    changed = {one.field: one.old for one in world.records(run)["employee:101"].changes}
    kinds = {"employees": "employee", "contacts": "contact"}
    told = {f"{kinds[resource]}.{name}": old for resource, name, old, _ in EDITS}
    assert changed == {**told, "contact.gender": "M"}


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


@pytest.mark.requirement("EX-4")
def test_a_blank_around_a_value_is_no_difference(world: World) -> None:
    kari = person("101", title=" Controller ", firstName="Kari ")
    world.fresh(kari)
    world.run()
    world.forget_requests()
    world.staff(with_fields(kari, title="Controller", firstName="Kari"))
    run = world.run()
    assert world.writes() == []
    assert run.counts
    assert run.counts["unchanged"] == 1


def _type_of(number: int) -> Row:
    return {"employmentTypeId": row_id("type", number)}


@pytest.mark.requirement("EX-4", "RUN-4")
def test_what_xledger_does_not_have_blocks_only_the_employee_who_needs_it(world: World) -> None:
    """One employee per reference, and one who has all of them."""
    world.settings(
        selection={"employment_types": []},
        employee_groups={"permanent_employment": "FAST", "temporary_employment": "GONE"},
    )
    apprentice = person("104", employed={"typeId": row_id("type", 2)}, **_type_of(2))
    temporary = person("103", employed={"typeId": row_id("type", 1)}, **_type_of(1))
    world.fresh(
        person("101"),
        person("102", costCenterId=row_id("centre", 990)),
        temporary,
        apprentice,
        person("105", custom={"exitReason": "Pensjon"}),
        person("106", custom={"probationEndDate": "soon"}),
    )
    run = world.run()
    assert world.reasons(run) == {
        "102": "COST_CENTRE_UNKNOWN",
        "103": "EMPLOYEE_GROUP_UNKNOWN",
        "104": "EMPLOYMENT_TYPE_NOT_MAPPED",
        "105": "REFERENCE_UNKNOWN",
        "106": "VALUE_NOT_VALID",
    }
    messages = {key: world.records(run)[f"employee:{key}"].reason.message for key in world.reasons(run)}
    named = {
        "102": "990",
        "103": "GONE",
        "104": "apprenticeship",
        "105": "Pensjon",
        "106": "custom.probationEndDate",
    }
    assert all(value in messages[key] for key, value in named.items()), messages
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101"]
    assert run.status == "partial"


@pytest.mark.requirement("EX-4")
def test_a_hard_coded_reference_that_xledger_does_not_have_blocks_with_its_field(world: World) -> None:
    world.settings(hard_coded={"employment_type": "GONE"})
    world.fresh(person("101"))
    run = world.run()
    record = world.records(run)["employee:101"]
    assert (record.outcome, record.reason.code) == ("blocked", "REFERENCE_UNKNOWN")
    assert "employmentType GONE" in record.reason.message


@pytest.mark.requirement("RUN-4")
def test_a_row_that_can_not_be_read_blocks_only_itself(world: World) -> None:
    """The cost centre of one employee names a row that does not exist."""
    world.fresh(person("101"), person("102", costCenterId=row_id("centre", 777)), person("103"))
    run = world.run()
    assert world.reasons(run) == {"102": "VALUE_NOT_VALID"}
    record = world.records(run)["employee:102"]
    assert "costCenterId" in record.reason.message
    assert "Simployer One" in record.reason.remedy
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101", "103"]
    assert run.counts
    assert (run.counts["created"], run.counts["blocked"]) == (2, 1)


@pytest.mark.requirement("EX-4")
def test_someone_whose_number_changed_is_blocked_instead_of_made_twice(world: World) -> None:
    kari = person("101")
    world.fresh(kari, person("102"))
    world.run()
    world.staff(with_fields(kari, employeeNumber="201"), person("102"))
    run = world.run()
    record = world.records(run)["employee:201"]
    assert (record.outcome, record.reason.code) == ("blocked", "NUMBER_CHANGED")
    assert "101" in record.reason.message
    assert "201" in record.reason.message
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101", "102"]


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
def test_a_changed_number_is_mended_by_putting_the_old_one_back(world: World) -> None:
    kari = person("101")
    world.fresh(kari)
    world.run()
    world.staff(with_fields(kari, employeeNumber="201"))
    world.run()
    world.staff(with_fields(kari, hireDate=moment("2024-03-01")))
    run = world.run()
    assert world.outcomes(run) == {"101": "updated"}
    assert world.employee("101")["employmentFrom"] == "2024-03-01"


@pytest.mark.requirement("EX-4")
def test_two_employees_who_swap_their_numbers_are_both_blocked(world: World) -> None:
    kari, ola = person("101"), person("102", firstName="Ola")
    world.fresh(kari, ola)
    world.run()
    world.forget_requests()
    world.staff(with_fields(kari, employeeNumber="102"), with_fields(ola, employeeNumber="101"))
    run = world.run()
    assert world.reasons(run) == {"102": "NUMBER_CHANGED", "101": "NUMBER_CHANGED"}
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
