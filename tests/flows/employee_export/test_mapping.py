"""Every integration data field: its conversion, and that a change of it changes nothing else (EX-3, EX-5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from payrelay.flows.employee_export.mapping import FIELDS
from tests.flows.conftest import World
from tests.worlds.people import IBAN, SSN, TEMPORARY, Person, Row, in_xledger, moment, person, row_id, whole
from tests.worlds.structs import replace

OTHER_SSN = "02819054321"
OTHER_IBAN = "NO8330001234567"
SETTINGS: dict[str, Any] = {
    "selection": {"employment_types": []},
    "employee_groups": {"permanent_employment": "FAST", "temporary_employment": "VIKAR"},
    "compensation_types": {"MONTHLY": "MONTH", "HOURLY": "HOUR"},
    "brake": {"people": 100},
}
# Of Xledger's own making, or shown a second time: a contact's fields beside its employee's.
NOT_COMPARED = {"modifiedAt", "name", "socialSecurityMasked"}
OF_THE_CONTACT = {"firstName", "lastName", "initials", "birthday", "phone", "socialSec"}


@dataclass(frozen=True)
class Case:
    """A change at the source, and what changes at the target: `{"contact.phone": new value}`."""

    row: str
    change: Row
    expected: dict[str, Any]
    employment: Row = field(default_factory=dict)
    pay: Row = field(default_factory=dict)


def case(row: str, expected: dict[str, Any] | None = None, **change: Any) -> Case:
    return Case(row, change, expected or {})


ADDRESS = {"street": "Storgata 1", "postalCode": "0001", "city": "Oslo", "country": "NO"}
CUSTOM = {"probationEndDate": "2024-08-19", "exitReason": "Frivillig"}


def moved(part: str, value: str | None) -> Case:
    names = {"street": "streetAddress", "postalCode": "zipCode", "city": "place", "country": "country"}
    target = {
        "streetAddress": "Storgata 1",
        "zipCode": "0001",
        "place": "Oslo",
        "country": {"code": "NO"},
    }
    wire: Any = {"code": value} if part == "country" and value else value
    expected = {"contact.homeAddress": {**target, names[part]: wire}}
    return case(f"contact.homeAddress.{names[part]}", expected, homeAddress={**ADDRESS, part: value})


CASES = [
    case(
        "contact.firstName",
        {"employee.description": "Åse Nordmann{n}", "contact.firstName": "Åse", "contact.initials": "ÅN"},
        firstName=" Åse ",
    ),
    case(
        "contact.lastName",
        {"employee.description": "Kari Berg-Dal", "contact.lastName": "Berg-Dal", "contact.initials": "KBD"},
        lastName="Berg-Dal",
    ),
    case(
        "employee.email",
        {"employee.email": "new@acme.example", "contact.email": "new@acme.example"},
        workEmail="new@acme.example",
    ),
    case("employee.employmentFrom", {"employee.employmentFrom": "2024-03-01"}, hireDate=moment("2024-03-01")),
    case("employee.employmentTo", {"employee.employmentTo": "2027-12-31"}, endDate=moment("2027-12-31")),
    case("employee.employmentTo", {"employee.employmentTo": None}, endDate=None),
    case(
        "employee.trialTo",
        {"employee.trialTo": "2024-09-30"},
        custom={**CUSTOM, "probationEndDate": "2024-09-30T00:00:00.000Z"},
    ),
    case("employee.trialTo", {"employee.trialTo": None}, custom={"exitReason": "Frivillig"}),
    Case(
        "employee.employeeGroup",
        {"employmentTypeId": row_id("type", 1)},
        {"employee.employeeGroup": "VIKAR"},
        employment={"typeId": row_id("type", 1)},
    ),
    case("employee.glObject1", {"employee.glObject1": "320"}, costCenterId=row_id("centre", 320)),
    case("employee.glObject1", {"employee.glObject1": None}, costCenterId=None),
    case(
        "employee.exitReason",
        {"employee.exitReason": "Ufrivillig"},
        custom={**CUSTOM, "exitReason": "Ufrivillig"},
    ),
    Case(
        "employee.compensationType", {}, {"employee.compensationType": "HOUR"}, pay={"payoutPeriod": "HOURLY"}
    ),
    case("employee.bankAccount", {"employee.bankAccount": OTHER_IBAN}, bankAccount={"iban": OTHER_IBAN}),
    case(
        "employee.bankAccount", {"employee.bankAccount": "86011117947"}, bankAccount={"number": "86011117947"}
    ),
    case("employee.bankAccount", {"employee.bankAccount": None}, bankAccount=None),
    case("employee.compensationType", {"employee.compensationType": None}, compensationId=None),
    case("employee.socialSec", {"contact.socialSec": OTHER_SSN}, ssn=OTHER_SSN),
    case("employee.socialSec", {"contact.socialSec": None}, ssn=None),
    case("contact.birthday", {"contact.birthday": "1991-12-31"}, birthDate=moment("1991-12-31")),
    case("contact.gender", {"contact.gender": "M"}, gender="male"),
    case("contact.gender", {"contact.gender": None}, gender="non-binary"),
    case("contact.jobTitle", {"contact.jobTitle": "Økonomisjef"}, title="Økonomisjef"),
    case("contact.phone", {"contact.phone": "+4791111111"}, privatePhone="+4791111111"),
    case("contact.phone", {"contact.phone": None}, privatePhone=None),
    case("contact.phone2", {"contact.phone2": "+4741111111"}, workPhone="+4741111111"),
    case("contact.email2", {"contact.email2": "me@post.example"}, privateEmail="me@post.example"),
    moved("street", "Kirkeveien 2"),
    moved("postalCode", "5003"),
    moved("city", "Bergen"),
    moved("country", "SE"),
]
HARD_CODED = {
    "employee.employmentType": ("employment_type", "ORD", "FRIL"),
    "employee.employeeType": ("employee_type", "STAFF", "OWNER"),
    "employee.paymentNotification": ("payment_notification", True, False),
}
# Written together with another field of the same source value.
ALONG = {"employee.description", "contact.initials", "contact.email"}


def test_the_tables_below_name_every_row_of_the_mapping() -> None:
    named = {one.row for one in CASES} | HARD_CODED.keys() | ALONG
    assert named == {one.name for one in FIELDS}


def changed(one: Person, what: Case) -> Person:
    """The person after the case's change at the source."""
    employee = {**one.employee, **what.change}
    return replace(
        one,
        employee={name: value for name, value in employee.items() if value is not None},
        employment={**(one.employment or {}), **what.employment},
        pay={**one.pay, **what.pay},
    )


def at_target(world: World) -> dict[str, Row]:
    """All fields of every employee and contact in Xledger, by employee number."""
    state = world.state("xledger")
    contacts = {row["dbId"]: row for row in state["contacts"]}
    found: dict[str, Row] = {}
    for row in state["employees"]:
        own = {f"employee.{name}": plain(value) for name, value in row.items() if name not in OF_THE_CONTACT}
        person_fields = contacts[row["contactDbId"]].items()
        found[row["code"]] = own | {f"contact.{name}": plain(value) for name, value in person_fields}
    return found


def plain(value: Any) -> Any:
    """A reference as its code; everything else as it stands."""
    return value["code"] if isinstance(value, dict) and {"dbId", "code"} <= value.keys() else value


def differences(before: Row, after: Row) -> Row:
    """The fields that differ, with what they hold now."""
    names = {name for name in before.keys() | after.keys() if name.partition(".")[2] not in NOT_COMPARED}
    return {name: after.get(name) for name in sorted(names) if before.get(name) != after.get(name)}


@pytest.mark.requirement("EX-3", "EX-4")
def test_a_change_of_one_source_value_changes_exactly_its_own_fields_at_the_target(world: World) -> None:
    """Two runs over one employee per row of the table, each with one change of their own between them."""
    world.settings(**SETTINGS)
    people = {str(101 + place): what for place, what in enumerate(CASES)}
    before = [whole(number) for number in people]
    world.fresh(*before)
    world.run()
    first = at_target(world)
    world.staff(*(changed(one, what) for one, what in zip(before, people.values(), strict=True)))
    run = world.run()
    second = at_target(world)
    expected = {
        number: {name: _filled(value, number) for name, value in what.expected.items()}
        for number, what in people.items()
    }
    assert {number: differences(first[number], second[number]) for number in people} == expected
    assert run.counts
    assert run.counts["updated"] == len(people)


def _filled(value: Any, number: str) -> Any:
    return value.format(n=number) if isinstance(value, str) else value


@pytest.mark.requirement("EX-3")
def test_a_new_employee_arrives_with_every_field(world: World) -> None:
    world.settings(**SETTINGS)
    world.fresh(whole("101"))
    world.run()
    found = at_target(world)["101"]
    expected = {
        "employee.code": "101",
        "employee.description": "Kari Nordmann101",
        "employee.email": "kari.101@acme.example",
        "employee.employmentFrom": "2024-02-19",
        "employee.employmentTo": "2027-06-30",
        "employee.trialTo": "2024-08-19",
        "employee.employeeGroup": "FAST",
        "employee.glObject1": "310",
        "employee.exitReason": "Frivillig",
        "employee.compensationType": "MONTH",
        "employee.bankAccount": IBAN,
        "contact.socialSec": SSN,
        "contact.firstName": "Kari",
        "contact.lastName": "Nordmann101",
        "contact.initials": "KN",
        "contact.birthday": "1990-01-01",
        "contact.gender": "F",
        "contact.jobTitle": "Controller",
        "contact.phone": "+4790000001",
        "contact.phone2": "+4740000001",
        "contact.email": "kari.101@acme.example",
        "contact.email2": "101@post.example",
        "contact.homeAddress": {
            "streetAddress": "Storgata 1",
            "zipCode": "0001",
            "place": "Oslo",
            "country": {"code": "NO"},
        },
    }
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.requirement("EX-3", "RUN-6")
def test_fields_that_xledger_does_not_show_are_compared_by_what_was_last_sent(world: World) -> None:
    world.settings(**SETTINGS)
    kari = whole("101")
    world.fresh(kari, there=[in_xledger(kari)])
    first = world.run()
    sent = {one.field: (one.old, one.new) for one in world.records(first)["employee:101"].changes}
    there = "cannot be read there"
    assert sent["employee.bankAccount"] == (there, "*****47"), "(oncall OC-41)"
    assert sent["employee.socialSec"] == (there, "*****45")
    assert sent["employee.compensationType"] == (there, "MONTH")
    world.forget_requests()
    second = world.run()
    assert second.counts
    assert second.counts["unchanged"] == 1
    assert world.writes() == []
    world.staff(changed(kari, case("", bankAccount={"iban": OTHER_IBAN}, ssn=OTHER_SSN)))
    third = world.run()
    changes = {one.field: (one.old, one.new) for one in world.records(third)["employee:101"].changes}
    assert changes == {
        "employee.bankAccount": ("*****", "*****67"),
        "employee.socialSec": ("*****", "*****21"),
    }
    found = at_target(world)["101"]
    assert (found["employee.bankAccount"], found["contact.socialSec"]) == (OTHER_IBAN, OTHER_SSN)


@pytest.mark.requirement("EX-5")
def test_hard_coded_fields_follow_their_settings_for_everybody_and_are_left_alone_without_one(
    world: World,
) -> None:
    kari, ola = person("101"), person("102", kind=TEMPORARY)
    world.settings(selection=SETTINGS["selection"], employee_groups=SETTINGS["employee_groups"])
    own = {
        "employmentType": {"code": "FRIL"},
        "employeeType": {"code": "OWNER"},
        "paymentNotification": False,
    }
    world.fresh(kari, ola, there=[in_xledger(kari, **own)])
    seen = []
    names = list(HARD_CODED)
    for place in (None, 1, 2):
        hard_coded = {} if place is None else {row[0]: row[place] for row in HARD_CODED.values()}
        world.settings(hard_coded=hard_coded)
        world.run()
        found = at_target(world)
        seen.append([[found[number].get(name) for name in names] for number in ("101", "102")])
    first, second = ([row[place] for row in HARD_CODED.values()] for place in (1, 2))
    assert seen == [[second, [None, None, None]], [first, first], [second, second]]
    world.settings(hard_coded={})
    world.forget_requests()
    world.run()
    assert world.writes() == [], "a setting that was taken away must leave the field alone"
