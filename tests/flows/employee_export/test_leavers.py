"""Who was exported and falls out of the selection is never forgotten in Xledger (EX-6, RUN-10)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.flows.opening import open_flow
from tests.flows.conftest import World
from tests.worlds.people import TEMPORARY, Person, in_xledger, moment, person, row_id, whole
from tests.worlds.structs import replace

ENDED = {"active": False, "endDate": moment("2026-02-28")}
OTHER_IBAN = "NO8330001234567"


def changed(one: Person, **changes: Any) -> Person:
    employee = {**one.employee, **changes}
    return replace(one, employee={name: value for name, value in employee.items() if value is not None})


def employed(one: Person, **changes: Any) -> Person:
    return replace(one, employment={**(one.employment or {}), **changes})


@pytest.fixture
def loaded(world: World) -> World:
    world.fresh(person("101"), person("102"))
    world.run()
    world.forget_requests()
    return world


def said(world: World, number: str = "101", mode: str = "sync") -> Any:
    run = world.run(mode=mode)
    return next(r for r in world.stored(run) if r.label == f"Employee {number}")


def seen(world: World, key: str = "101") -> str:
    checks = open_flow(world, "employee_export", world.connection).diagnose(key)
    return " ".join(f"{one.seen} {one.remedy}" for one in checks)


LEAVINGS: list[tuple[str, dict[str, Any]]] = [
    ("inactive", {}),
    ("the e-mail was taken away, too", {"workEmail": None}),
    ("the title was emptied", {"title": None}),
    ("the hire date was emptied", {"hireDate": None}),
    ("no employment type any more", {"employmentTypeId": None, "employmentId": None}),
    ("the number was emptied", {"employeeNumber": None}),
    ("no company", {"companyId": None}),
    ("still active, past the end and without e-mail", {"active": True, "workEmail": None}),
]


@pytest.mark.requirement("EX-6", "EX-4")
@pytest.mark.parametrize("change", [row[1] for row in LEAVINGS], ids=[row[0] for row in LEAVINGS])
def test_a_leaving_is_written_whatever_else_takes_the_person_out_of_the_selection(
    loaded: World, change: dict[str, Any]
) -> None:
    """(faults A1)"""
    bank = {"bankAccount": {"iban": OTHER_IBAN}}
    loaded.staff(changed(person("101"), **{**ENDED, **bank, **change}), person("102"))
    record = said(loaded)
    assert record.outcome == "updated", record.reason
    after = loaded.employee("101")
    assert (after["employmentTo"], after["bankAccount"]) == ("2026-02-28", OTHER_IBAN)
    assert (after["employmentFrom"], after["email"]) == ("2024-02-19", "kari.101@acme.example")
    assert after["employeeGroup"]["code"] == "FAST"
    again = said(loaded)
    assert again.outcome in ("skipped", "unchanged")


@pytest.mark.requirement("EX-6")
def test_who_has_no_end_date_of_their_own_leaves_with_the_last_employment(loaded: World) -> None:
    """(faults A1)"""
    left = employed(changed(person("101"), active=False), endDate=moment("2026-01-31"))
    loaded.staff(left, person("102"))
    assert said(loaded).outcome == "updated"
    assert loaded.employee("101")["employmentTo"] == "2026-01-31"
    assert said(loaded).outcome == "skipped"


FALLEN: list[tuple[str, Person]] = [
    ("inactive without an end", changed(person("101"), active=False)),
    (
        "inactive, and the employment is said to go on",
        employed(changed(person("101"), active=False), rate=50),
    ),
    ("another rate", person("101", employed={"rate": 80})),
    ("another type", person("101", kind=TEMPORARY)),
    ("no title", person("101", title=None)),
    ("no e-mail", person("101", workEmail=None)),
    ("no hire date", person("101", hireDate=None)),
    ("no employment", person("101", employed=None)),
    ("no number", changed(person("101"), employeeNumber=None)),
    ("blanks for a number", changed(person("101"), employeeNumber="  ")),
    ("no company", person("101", companyId=None)),
    (
        "the employment ended, and nothing says more",
        person("101", employed={"endDate": moment("2026-02-01")}),
    ),
    ("an end ahead, and no title", person("101", title=None, endDate=moment("2026-12-31"))),
]


@pytest.mark.requirement("EX-6", "EX-8", "OPS-2")
@pytest.mark.parametrize("fallen", [row[1] for row in FALLEN], ids=[row[0] for row in FALLEN])
def test_whom_nothing_says_to_have_left_is_blocked_with_what_is_open_in_xledger(
    loaded: World, fallen: Person
) -> None:
    """(faults A1)"""
    loaded.staff(fallen, person("102"))
    for mode in ("preview", "sync"):
        record = said(loaded, mode=mode)
        assert (record.outcome, record.reason.code) == ("blocked", "STILL_EMPLOYED")
        assert "Nordmann101" in record.reason.message
        assert "Employment to is empty" in record.reason.message
        assert "Nothing to do" not in record.reason.remedy
        assert "Employment to of employee 101" in record.reason.remedy
    assert loaded.writes() == []
    diagnosis = seen(loaded)
    assert record.reason.message in diagnosis
    assert "Nothing to do" not in diagnosis
    one = loaded.run(options={"employees": ["101"]})
    assert [r.reason.code for r in loaded.stored(one)] == ["STILL_EMPLOYED"]
    # The remedy: once it is ended there, nothing is open.
    loaded.edit("xledger", "employees", {"code": "101"}, employmentTo="2026-03-01")
    assert said(loaded).outcome != "failed"
    assert "STILL_EMPLOYED" not in loaded.reasons(loaded.run()).values()


@pytest.mark.requirement("EX-6")
def test_a_group_that_is_no_longer_chosen_forgets_nobody(world: World) -> None:
    """(faults A1)"""
    types = {"permanent_employment": "FAST", "temporary_employment": "VIKAR"}
    both = {"employment_types": list(types)}
    world.settings(selection=both, employee_groups=types)
    world.fresh(person("101"), person("102", kind=TEMPORARY))
    world.run()
    world.settings(selection={}, employee_groups={"permanent_employment": "FAST"})
    assert world.reasons(world.run()) == {"102": "STILL_EMPLOYED"}
    world.staff(person("101"), person("102", kind=TEMPORARY, endDate=moment("2026-02-28")))
    assert world.outcomes(world.run()) == {"102": "updated"}
    assert world.employee("102")["employmentTo"] == "2026-02-28"
    assert world.employee("102")["employeeGroup"]["code"] == "VIKAR"


@pytest.mark.requirement("RUN-10", "EX-6")
def test_many_leavers_at_once_are_seen_by_the_brake(world: World) -> None:
    """(faults A2)"""
    people = [person(str(number)) for number in range(101, 121)]
    world.fresh(*people)
    world.run()
    world.forget_requests()
    world.staff(*(changed(one, **ENDED) for one in people[:10]), *people[10:])
    run = world.run()
    assert run.status == "held"
    assert run.held
    assert run.held["risks"] == {"end": 10}
    assert world.writes() == []


@pytest.mark.requirement("EX-6")
def test_an_employment_that_begins_later_does_not_count_yet(world: World) -> None:
    """(faults A3): another rate from 2027 on; until then a new bank account goes as ever."""
    kari = person("101", employed={"endDate": moment("2026-12-31")})
    world.fresh(kari)
    world.run()
    later = {
        **(kari.employment or {}),
        "id": row_id("employment", 900),
        "startDate": moment("2027-01-01"),
        "endDate": None,
        "rate": 50,
        "typeId": row_id("type", 1),
    }
    world.staff(changed(kari, bankAccount={"iban": OTHER_IBAN}))
    state = world.state("simployer")
    state["employment"].append({name: value for name, value in later.items() if value is not None})
    # Already the one that the employee record names.
    state["employee"][0] |= {"employmentId": later["id"], "employmentTypeId": later["typeId"]}
    world.put("simployer", state)
    run = world.run()
    assert world.outcomes(run) == {"101": "updated"}, world.reasons(run)
    assert world.employee("101")["bankAccount"] == OTHER_IBAN
    assert world.employee("101")["employeeGroup"]["code"] == "FAST"


@pytest.mark.requirement("EX-6", "EX-9")
def test_a_leaver_who_was_never_exported_counts_while_xledger_pays_the_same_person(world: World) -> None:
    """(faults A1): in Xledger by hand, inactive here; part-time people kept by hand there are left alone."""
    born = {"birthDate": moment("1990-01-01")}
    kari, ola, ida = (whole(number, **born) for number in ("101", "102", "103"))
    part_time = person("104", employed={"rate": 80}, **born)
    other = changed(whole("105"), active=False)
    there = [
        in_xledger(one, birthday="1990-01-01", socialSec=one.employee.get("ssn"))
        for one in (kari, ola, ida, part_time)
    ]
    there[2]["employmentTo"] = "2025-12-31"
    there.append(in_xledger(other, firstName="Per", lastName="Olsen", birthday="1960-02-03", email=None))
    world.fresh(
        changed(kari, **ENDED),
        changed(ola, active=False, endDate=None),
        changed(ida, **ENDED),
        part_time,
        other,
        there=there,
    )
    run = world.run()
    assert world.outcomes(run) == {
        "101": "updated",
        "102": "blocked",
        "103": "skipped",
        "104": "skipped",
        "105": "skipped",
    }
    assert world.reasons(run)["102"] == "STILL_EMPLOYED"
    assert world.employee("101")["employmentTo"] == "2026-02-28"


@pytest.mark.requirement("EX-4", "RUN-10")
def test_an_employee_whom_xledger_has_closed_is_opened_when_employed_again(world: World) -> None:
    """(faults G9)"""
    kari = person("101")
    world.fresh(kari, there=[in_xledger(kari, dateTo="2025-06-30", employmentTo="2025-06-30")])
    run = world.run(mode="preview")
    assert world.reasons(run) == {}
    world.run()
    assert world.employee("101")["dateTo"] is None
    world.edit("xledger", "employees", {"code": "101"}, dateTo="2026-01-31")
    assert "employee.dateTo" in seen(world)
    changes = {c.field: (c.old, c.new) for c in said(world).changes}
    assert changes == {"employee.dateTo": ("2026-01-31", None)}
    world.forget_requests()
    world.run()
    assert world.writes() == []
