"""Who is exported and who is not, each with a reason (EX-6, EX-8)."""

from __future__ import annotations

import pytest

from tests.flows.conftest import World
from tests.worlds.people import TEMPORARY, in_xledger, moment, person, row_id
from tests.worlds.structs import replace


@pytest.mark.requirement("EX-6", "EX-8")
def test_each_employee_who_is_left_out_has_a_reason_of_their_own(world: World) -> None:
    """One run over one employee per rule, and one who is complete."""
    people = {
        "complete": (person("101"), None),
        "inactive": (person("102", active=False), "NOT_ACTIVE"),
        "no e-mail": (person("103", workEmail=None), "EMAIL_MISSING"),
        "no hire date": (person("104", hireDate=None), "HIRE_DATE_MISSING"),
        "no job title": (person("105", title=None), "JOB_TITLE_MISSING"),
        "no employment": (person("106", employed=None), "EMPLOYMENT_MISSING"),
        "no start": (person("107", employed={"startDate": None}), "EMPLOYMENT_START_MISSING"),
        "temporary": (person("108", kind=TEMPORARY), "NOT_PERMANENT"),
        "80 %": (person("109", employed={"rate": 80}), "NOT_FULL_RATE"),
        "no number": (person("", record=110), "REQUIRED_FIELD_MISSING"),
        "no company": (person("111", companyId=None), "REQUIRED_FIELD_MISSING"),
    }
    world.fresh(*(one for one, _ in people.values()))
    run = world.run()
    expected = {
        one.employee["employeeNumber"] or one.id: code for one, code in people.values() if code is not None
    }
    assert world.reasons(run) == expected
    assert run.counts == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": 8,
        "blocked": 2,
        "failed": 0,
    }
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["101"]
    records = world.records(run)
    assert "no employee number" in records[f"employee:{row_id('employee', 110)}"].reason.message
    assert "no company" in records["employee:111"].reason.message


@pytest.mark.requirement("EX-6")
def test_someone_left_out_is_taken_by_the_next_run_once_complete(world: World) -> None:
    world.fresh(person("101"), person("102", title=None))
    world.run()
    world.edit("simployer", "employee", {"employeeNumber": "102"}, title="Controller")
    second = world.run()
    assert world.outcomes(second) == {"102": "created"}
    assert world.employee("102")["description"] == "Kari Nordmann102"


@pytest.mark.requirement("EX-6")
def test_a_run_can_be_asked_for_some_employees_only(world: World) -> None:
    world.fresh(person("101"), person("102"), person("103"))
    run = world.run(options={"employees": ["102", "999"]})
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["102"]
    assert world.reasons(run) == {"999": "EMPLOYEE_NOT_FOUND"}
    assert run.counts
    assert sum(run.counts.values()) == 2


@pytest.mark.requirement("EX-6")
@pytest.mark.parametrize("rows", [1, 10], ids=["on pages of their own", "on one page"])
def test_doubles_on_different_pages_of_a_first_load_are_found_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", rows)
    late = person("101", record=1, firstName="Late", hireDate=moment("2022-08-15"))
    early = person("101", record=5, firstName="Early", hireDate=moment("2019-03-01"))
    world.fresh(late, person("103", record=3), early)
    run = world.run()
    assert world.contact("101")["firstName"] == "Early"
    assert world.reasons(run) == {late.id: "DUPLICATE_NUMBER"}
    assert run.counts == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "skipped": 1,
        "blocked": 0,
        "failed": 0,
    }
    world.forget_requests()
    world.run()
    assert world.writes() == []


@pytest.mark.requirement("EX-6")
def test_a_double_who_appears_later_and_was_hired_first_takes_over_and_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", 1)
    known = person("101", record=1, firstName="Known", hireDate=moment("2022-08-15"))
    older = person("101", record=5, firstName="Older", hireDate=moment("2019-03-01"))
    world.fresh(known)
    world.run()
    world.staff(known, older)
    world.run()
    assert world.contact("101")["firstName"] == "Older"
    world.forget_requests()
    third = world.run()
    assert world.reasons(third) == {known.id: "DUPLICATE_NUMBER"}
    assert world.contact("101")["firstName"] == "Older"
    assert world.writes() == [], "the two records overwrite each other in turn"


@pytest.mark.requirement("EX-6", "RUN-4")
def test_someone_whose_number_another_unreadable_record_has_waits_until_it_can_be_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", 1)
    late = person("101", record=1, firstName="Late", hireDate=moment("2022-08-15"))
    early = person("101", record=5, firstName="Early", hireDate=moment("2019-03-01"))
    broken = replace(early, employee={**early.employee, "costCenterId": row_id("centre", 777)})
    world.fresh(late, broken)
    run = world.run()
    assert world.reasons(run) == {late.id: "VALUE_NOT_VALID", "101": "VALUE_NOT_VALID"}
    assert f"record {early.id}: costCenterId" in world.records(run)[f"employee:{late.id}"].reason.message
    assert world.state("xledger")["employees"] == []
    world.staff(late, early)
    world.run()
    assert world.contact("101")["firstName"] == "Early"
    world.staff(late, broken)
    world.run()
    assert world.contact("101")["firstName"] == "Early", "the other record took the place"


@pytest.mark.requirement("EX-6")
def test_someone_hired_again_with_a_new_record_and_the_old_number_takes_the_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", 1)
    left = person("101", record=1, firstName="Before")
    world.fresh(left)
    world.run()
    again = person("101", record=5, firstName="Again", hireDate=moment("2026-02-01"))
    world.staff(replace(left, employee={**left.employee, "active": False}), again)
    second = world.run()
    assert world.reasons(second) == {left.id: "NOT_ACTIVE"}, "two records of one id (faults B8)"
    assert world.contact("101")["firstName"] == "Again"
    assert world.employee("101")["employmentFrom"] == "2026-02-01"
    assert len(world.state("xledger")["employees"]) == 1
    world.forget_requests()
    world.run()
    assert world.writes() == []


@pytest.mark.requirement("EX-6")
def test_someone_in_xledger_already_is_adopted_by_number_not_made_twice(world: World) -> None:
    kari = person("101")
    world.fresh(kari, there=[in_xledger(kari, description="Someone Else")])
    run = world.run()
    assert world.outcomes(run) == {"101": "updated"}
    assert [row["description"] for row in world.state("xledger")["employees"]] == ["Kari Nordmann101"]
