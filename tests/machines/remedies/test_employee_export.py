"""The remedies of the employee export, each carried out as it is written, in all of its ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Options
from tests.flows.conftest import World
from tests.machines.cures import Cure, carry_out, reasons
from tests.worlds.people import TEMPORARY, Person, in_xledger, moment, person, row_id
from tests.worlds.sandboxes import running
from tests.worlds.structs import replace

FLOW = "employee_export"
Step = Callable[[World], object]

KARI: dict[str, Any] = {
    "firstName": "Kari",
    "lastName": "Berg",
    "birthDate": moment("1994-08-30"),
    "ssn": "30089412345",
    "workEmail": "kari@acme.example",
}
OLA: dict[str, Any] = {
    "firstName": "Ola",
    "lastName": "Hansen",
    "birthDate": moment("1961-05-02"),
    "ssn": "02056112345",
    "workEmail": "ola@acme.example",
}
LEFT = {"active": False, "endDate": moment("2026-02-28")}
ALL_TYPES = {"permanent_employment": "FAST", "temporary_employment": "VIKAR"}


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with running(options=Options(rate_limits=False)) as served:
        yield dict(served.urls)


@pytest.fixture
def world(urls: dict[str, str]) -> World:
    """Sandboxes that each row fills anew, and a connection with a ledger of its own."""
    memory = memory_ledger()
    found = World(urls, memory.ledger, memory)
    found.connect()
    return found


# --- what makes a record, and what a person does ------------------------------------------------------------


def of(one: Person, **changes: Any) -> Person:
    employee = {**one.employee, **changes}
    return replace(one, employee={name: value for name, value in employee.items() if value is not None})


def kari(number: str, record: int = 1, **changes: Any) -> Person:
    return person(number, record=record, **{**KARI, **changes})


def ola(number: str, record: int = 2, **changes: Any) -> Person:
    return person(number, record=record, **{**OLA, **changes})


def known(one: Person, **changes: Any) -> dict[str, Any]:
    """The person as Xledger has them, all that it knows included."""
    told = {"birthday": one.employee["birthDate"][:10], "socialSec": one.employee["ssn"]}
    return in_xledger(one, **{**told, **changes})


def new(*people: Person, there: tuple[dict[str, Any], ...] = ()) -> Step:
    """These people before the first run."""
    return lambda world: world.fresh(*people, there=there)


def exported(*people: Person, then: tuple[Person, ...]) -> Step:
    """People who were exported, and what Simployer One has of them later."""

    def make(world: World) -> None:
        world.fresh(*people)
        world.run(FLOW)
        world.staff(*then)

    return make


def source(*people: Person) -> Step:
    """What Simployer One has once somebody corrected it."""
    return lambda world: world.staff(*people)


def target(number: str, /, **values: Any) -> Step:
    """Somebody corrects an employee in Xledger."""
    return lambda world: world.edit("xledger", "employees", {"code": number}, **values)


def contact(code: str, **values: Any) -> Step:
    """Somebody corrects what Xledger has of the person themselves."""
    return lambda world: world.edit("xledger", "contacts", {"dbId": world.contact(code)["dbId"]}, **values)


def settings(**values: Any) -> Step:
    return lambda world: world.settings(**values)


def both(*steps: Step) -> Step:
    return lambda world: [step(world) for step in steps]


def lookup(resource: str, code: str) -> Step:
    """Somebody creates a reference object in Xledger."""

    def create(world: World) -> None:
        state = world.state("xledger")
        state[resource].append({"dbId": "9001", "code": code, "description": code})
        world.put("xledger", state)

    return create


def two_employments(world: World, **second: Any) -> None:
    one = person("101")
    other = {**(one.employment or {}), "id": row_id("employment", 900), **second}
    world.fresh(one)
    state = world.state("simployer")
    state["employment"].append(other)
    world.put("simployer", state)


def end_the_second(world: World) -> None:
    world.edit("simployer", "employment", {"id": row_id("employment", 900)}, endDate=moment("2026-01-31"))


def follow_on(world: World) -> None:
    two_employments(world, startDate=moment("2026-02-02"))
    world.edit("simployer", "employment", {"id": row_id("employment", 101)}, endDate=moment("2026-02-01"))


def swapped(world: World) -> None:
    """Two who were exported have each other's numbers since."""
    world.fresh(kari("145"), ola("146"))
    world.run(FLOW)
    world.staff(kari("146"), ola("145"))


def twice(*, other: dict[str, Any]) -> Step:
    """Kari was exported under 200, and has a second record with 300."""
    return exported(kari("200"), then=(kari("200", **other), kari("300", record=3)))


SECOND = kari("300", record=3)
LATER = kari("200", record=3, hireDate=moment("2025-01-01"))
TEMP = person("101", kind=TEMPORARY)
BOTH_TYPES = {"employment_types": list(ALL_TYPES)}
ENDED = person("101", employed={"endDate": moment("2026-02-01")})

CURES = [
    # What the selection asks for.
    Cure(
        "EMAIL_MISSING", new(person("101", workEmail=None)), source(person("101")), "Fill in the work e-mail"
    ),
    Cure(
        "EMAIL_MISSING",
        new(person("101", workEmail=None)),
        settings(selection={"require": ["hire_date", "job_title"]}),
        "take `email` out of `selection.require`",
    ),
    Cure(
        "HIRE_DATE_MISSING", new(person("101", hireDate=None)), source(person("101")), "Fill in the hire date"
    ),
    Cure("JOB_TITLE_MISSING", new(person("101", title=None)), source(person("101")), "Fill in the job title"),
    Cure(
        "JOB_TITLE_MISSING",
        new(person("101", title=None)),
        settings(selection={"require": ["hire_date", "email"]}),
        "take `job_title` out of `selection.require`",
    ),
    Cure(
        "EMPLOYMENT_MISSING", new(person("101", employed=None)), source(person("101")), "Add the employment"
    ),
    Cure(
        "EMPLOYMENT_START_MISSING",
        new(person("101", employed={"startDate": None})),
        source(person("101")),
        "Fill in the employment's start date",
    ),
    Cure("SEVERAL_EMPLOYMENTS", two_employments, end_the_second, "End or delete the employments"),
    Cure("SEVERAL_EMPLOYMENTS", two_employments, source(person("101")), "End or delete the employments"),
    Cure("NOT_ACTIVE", new(person("101", active=False)), lambda _: None, "Nothing to do", stays=True),
    Cure(
        "NOT_ACTIVE",
        new(person("101", active=False)),
        source(person("101")),
        "set them active in Simployer One",
    ),
    Cure(
        "NOT_ACTIVE",
        new(person("101", active=False)),
        settings(selection={"active_only": False}),
        "set `selection.active_only` to false",
    ),
    Cure("NOT_PERMANENT", new(TEMP), lambda _: None, "Nothing to do", stays=True),
    Cure(
        "NOT_PERMANENT",
        new(TEMP),
        settings(selection=BOTH_TYPES, employee_groups=ALL_TYPES),
        "add them to `selection.employment_types`, and to `employee_groups`",
    ),
    Cure(
        "NOT_PERMANENT",
        new(person("101", employmentTypeId=None, employmentId=None)),
        source(person("101")),
        "If the type is wrong or missing, correct it in Simployer One",
    ),
    Cure(
        "NOT_FULL_RATE",
        new(person("101", employed={"rate": 80})),
        lambda _: None,
        "Nothing to do",
        stays=True,
    ),
    Cure(
        "NOT_FULL_RATE",
        new(person("101", employed={"rate": 80})),
        settings(selection={"full_rate_only": False}),
        "set `selection.full_rate_only` to false",
    ),
    Cure(
        "NOT_FULL_RATE",
        new(person("101", employed={"rate": 80})),
        source(person("101")),
        "If the rate is wrong or missing, correct it in Simployer One",
    ),
    Cure(
        "EMPLOYMENT_ENDED",
        new(ENDED),
        source(of(ENDED, endDate=moment("2026-02-01"))),
        "Enter the end date of the employee",
    ),
    Cure("EMPLOYMENT_ENDED", new(ENDED), follow_on, "add the employment that follows"),
    Cure(
        "EMPLOYEE_NOT_FOUND",
        new(person("101")),
        source(person("999", record=101)),
        "or in Simployer One",
        {"employees": ["999"]},
    ),
    # Values, and what Xledger lacks.
    Cure(
        "DATE_NOT_PLAUSIBLE",
        new(kari("101", hireDate=moment("2202-01-01"))),
        source(kari("101")),
        "Correct the hire date in Simployer One",
    ),
    Cure(
        "DATE_NOT_PLAUSIBLE",
        new(kari("101", hireDate=moment("1994-08-30"))),
        source(kari("101")),
        "Correct the birth date or the hire date in Simployer One",
    ),
    Cure(
        "DATE_NOT_PLAUSIBLE",
        new(kari("101", hireDate=moment("2026-02-01"), endDate=moment("2024-06-30"))),
        source(kari("101", hireDate=moment("2026-02-01"))),
        "Correct the end date (or empty it) or the hire date in Simployer One",
    ),
    Cure(
        "COST_CENTRE_UNKNOWN",
        new(person("101", costCenterId=row_id("centre", 990))),
        lookup("objectValues", "990"),
        "Create cost centre 990 in Xledger",
    ),
    Cure(
        "COST_CENTRE_UNKNOWN",
        new(person("101", costCenterId=row_id("centre", 990))),
        source(person("101")),
        "or correct it in Simployer One",
    ),
    Cure(
        "EMPLOYMENT_TYPE_NOT_MAPPED",
        both(settings(selection=BOTH_TYPES), new(TEMP)),
        settings(employee_groups=ALL_TYPES),
        "Add the employment type to the connection's `employee_groups`",
    ),
    Cure(
        "EMPLOYMENT_TYPE_NOT_MAPPED",
        both(
            settings(selection={"employment_types": []}),
            new(person("101", employmentTypeId=None, employmentId=None)),
        ),
        source(person("101")),
        "or fill it in, in Simployer One",
    ),
    Cure(
        "EMPLOYEE_GROUP_UNKNOWN",
        both(settings(employee_groups={"permanent_employment": "NY"}), new(person("101"))),
        lookup("employeeGroups", "NY"),
        "Create employee group NY in Xledger",
    ),
    Cure(
        "EMPLOYEE_GROUP_UNKNOWN",
        both(settings(employee_groups={"permanent_employment": "NY"}), new(person("101"))),
        settings(employee_groups={"permanent_employment": "FAST"}),
        "correct the connection's `employee_groups`",
    ),
    Cure(
        "REFERENCE_UNKNOWN",
        new(person("101", custom={"exitReason": "Pensjon"})),
        lookup("exitReasons", "Pensjon"),
        "Create the exit reason Pensjon in Xledger",
    ),
    Cure(
        "REFERENCE_UNKNOWN",
        new(person("101", custom={"exitReason": "Pensjon"})),
        source(person("101", custom={"exitReason": "Frivillig"})),
        "or correct it in Simployer One",
    ),
    Cure(
        "REFERENCE_UNKNOWN",
        both(settings(hard_coded={"employment_type": "FAST"}), new(person("101"))),
        settings(hard_coded={"employment_type": "ORD"}),
        "or correct it in the connection's `hard_coded.employment_type`",
    ),
    # Two records with one number.
    Cure(
        "DUPLICATE_NUMBER",
        new(ola("200"), kari("200", hireDate=moment("2025-01-01"))),
        source(ola("200"), kari("201", hireDate=moment("2025-01-01"))),
        "give Kari Berg (record 000100000000000000000001) an employee number of their own in Simployer One",
    ),
    Cure(
        "DUPLICATE_NUMBER",
        exported(
            kari("200", hireDate=moment("2025-01-01")),
            then=(kari("200", hireDate=moment("2025-01-01")), ola("200")),
        ),
        source(kari("200", hireDate=moment("2025-01-01")), ola("201")),
        "give Ola Hansen (record 000100000000000000000002) an employee number of their own in Simployer One",
    ),
    Cure(
        "DUPLICATE_NUMBER",
        new(kari("200"), LATER),
        source(kari("200")),
        "delete one of the two records there",
    ),
    Cure(
        "DUPLICATE_NUMBER",
        new(kari("200"), LATER),
        source(LATER),
        "delete one of the two records there",
    ),
    Cure(
        "SAME_NUMBER_AND_HIRE_DATE",
        new(ola("200"), kari("200")),
        source(ola("200"), kari("201")),
        "give one of them another employee number",
    ),
    Cure(
        "SAME_NUMBER_AND_HIRE_DATE",
        exported(ola("200"), then=(ola("200"), kari("200"))),
        source(ola("200"), kari("201")),
        "(not the one whom Xledger has under 200, if it has one of them)",
    ),
    Cure(
        "SAME_NUMBER_AND_HIRE_DATE",
        new(kari("200"), kari("200", record=3)),
        source(kari("200")),
        "delete one of the two records there",
    ),
    Cure(
        "SAME_NUMBER_AND_HIRE_DATE",
        exported(kari("200"), then=(kari("200"), kari("200", record=3))),
        source(kari("200", record=3)),
        "delete one of the two records there",
    ),
    # Numbers that change.
    Cure(
        "NUMBER_CHANGED",
        exported(kari("145"), then=(kari("146"),)),
        target("145", code="146"),
        "Change the code of employee 145 (Kari Berg) in Xledger to 146",
    ),
    Cure(
        "NUMBER_CHANGED",
        exported(kari("145"), then=(kari("146"),)),
        source(kari("145")),
        "or enter the number 145 in Simployer One",
    ),
    Cure(
        "NUMBER_CHANGED",
        both(exported(kari("145"), then=(kari("146"),)), target("145", code="147")),
        target("147", code="146"),
        "Change the code of employee 147 (Kari Berg) in Xledger to 146",
    ),
    Cure(
        "NUMBER_CHANGED_TO_ONE_IN_USE",
        exported(kari("145"), ola("146"), then=(kari("146"), ola("146", **LEFT))),
        source(kari("145"), ola("146", **LEFT)),
        "Enter the number 145 in Simployer One",
    ),
    Cure(
        "NUMBER_CHANGED_TO_ONE_IN_USE",
        exported(kari("145"), ola("146"), then=(kari("146"), ola("146", **LEFT))),
        both(target("146", code="146-2026"), target("145", code="146")),
        "first change the code of employee 146 (Ola Hansen) in Xledger to a free one, then that of "
        "employee 145 (Kari Berg) to 146",
    ),
    Cure(
        "NUMBER_CHANGED_TO_ONE_IN_USE",
        swapped,
        both(target("146", code="free"), target("145", code="146"), target("free", code="145")),
        "first change the code of employee 146 (Ola Hansen) in Xledger to a free one, then that of "
        "employee 145 (Kari Berg) to 146",
    ),
    Cure(
        "CODE_CHANGED_IN_XLEDGER",
        both(exported(kari("145"), then=(kari("145"),)), target("145", code="0145")),
        target("0145", code="145"),
        'Change the code "0145" in Xledger back to "145"',
    ),
    Cure(
        "CODE_CHANGED_IN_XLEDGER",
        both(exported(kari("145"), then=(kari("145"),)), target("145", code="0145")),
        source(kari("0145")),
        'give Employee 145 (Kari Berg) the number "0145" in Simployer One',
    ),
    Cure(
        "NUMBER_DOUBTFUL",
        new(kari("14\u200b5")),
        source(kari("145")),
        "Delete the employee number in Simployer One and type it in again",
    ),
    Cure(
        "NUMBER_SPELLED_OTHERWISE",
        new(kari("145"), there=(known(kari("0145")),)),
        source(kari("0145")),
        'write the number in Simployer One as it is in Xledger ("0145")',
    ),
    Cure(
        "NUMBER_SPELLED_OTHERWISE",
        new(kari("145"), there=(known(kari("0145")),)),
        target("0145", code="145"),
        'or change the code in Xledger to "145"',
    ),
    Cure(
        "NUMBER_SPELLED_OTHERWISE",
        new(kari("145"), there=(in_xledger(kari("0145", workEmail="k@acme.example")),)),
        source(kari("7145")),
        'that nobody has had and that doesn\'t look like "0145"',
    ),
    # Who is who.
    Cure(
        "NUMBER_OF_ANOTHER",
        new(kari("145"), there=(known(ola("145")),)),
        source(kari("345")),
        "give Kari Berg an employee number in Simployer One that nobody has had",
    ),
    Cure(
        "NUMBER_OF_ANOTHER",
        new(kari("145"), there=(known(ola("145")),)),
        target("145", code="145-2024"),
        "change the code of Ola Hansen in Xledger to a free one",
    ),
    Cure(
        "NUMBER_OF_ANOTHER",
        new(
            kari("145"),
            there=(known(kari("145", ssn="30089499999", lastName="Berge", birthDate=moment("1949-08-30"))),),
        ),
        contact("145", socialSec=KARI["ssn"], birthday="1994-08-30"),
        "correct the social security number and birth date in Xledger",
    ),
    Cure(
        "NUMBER_OF_ANOTHER",
        new(
            kari("145", ssn="30089499999", lastName="Berge", birthDate=moment("1949-08-30")),
            there=(known(kari("145")),),
        ),
        source(kari("145")),
        "or in Simployer One where that is wrong",
    ),
    Cure(
        "RECORD_OF_ANOTHER",
        exported(ola("200"), then=(kari("200", record=2),)),
        source(ola("200"), kari("201")),
        "make a new record for Kari Berg in Simployer One, with an employee number of its own, and put back "
        "what was there of Ola Hansen",
    ),
    Cure(
        "RECORD_OF_ANOTHER",
        exported(ola("200"), then=(kari("200", record=2),)),
        contact("200", firstName="Kari", lastName="Berg", birthday="1994-08-30", socialSec=KARI["ssn"]),
        "correct the social security number, birth date and name in Xledger, too",
    ),
    Cure(
        "PERSON_TWICE",
        twice(other=LEFT),
        source(kari("200", **LEFT), kari("200", record=3)),
        "give Employee 300 (Kari Berg) the number 200 in Simployer One",
    ),
    Cure(
        "PERSON_TWICE",
        twice(other=LEFT),
        target("200", code="300"),
        "or change the code of employee 200 in Xledger to 300",
    ),
    Cure(
        "PERSON_TWICE",
        twice(other={}),
        source(kari("200")),
        "delete the record of Employee 300 (Kari Berg) in Simployer One",
    ),
    Cure(
        "PERSON_TWICE",
        new(kari("200"), SECOND),
        source(kari("200")),
        "delete one of the two records in Simployer One",
    ),
    Cure(
        "PERSON_TWICE",
        twice(other={}),
        source(kari("200"), kari("300", record=3, ssn="30089454321")),
        "correct the social security number in Simployer One",
    ),
    Cure(
        "PERSON_TWICE",
        exported(kari("200", ssn=None), then=(kari("200", ssn=None), kari("300", record=3, ssn=None))),
        source(kari("200"), kari("300", record=3, ssn="30089454321")),
        "fill in both social security numbers",
    ),
    # Who leaves.
    Cure(
        "STILL_EMPLOYED",
        exported(kari("101"), then=(kari("101", active=False),)),
        source(kari("101", **LEFT)),
        "enter the end date in Simployer One, and the next run writes it",
    ),
    Cure(
        "STILL_EMPLOYED",
        exported(kari("101"), then=(kari("101", title=None),)),
        source(kari("101", title=None, endDate=moment("2026-02-28"))),
        "enter the end date in Simployer One, and the next run writes it",
    ),
    Cure(
        "STILL_EMPLOYED",
        exported(kari("101"), then=(kari("101", title=None),)),
        source(kari("101")),
        "Fill in the job title in Simployer One",
    ),
    Cure(
        "STILL_EMPLOYED",
        exported(kari("101"), then=(kari("101", active=False),)),
        source(kari("101")),
        "set them active in Simployer One",
    ),
    Cure(
        "GONE_FROM_SOURCE",
        exported(kari("101"), ola("102"), then=(ola("102"),)),
        target("101", employmentTo="2026-02-28"),
        "Enter the last day as Employment to of employee 101 in Xledger",
    ),
    Cure(
        "GONE_FROM_SOURCE",
        exported(kari("101"), ola("102"), then=(ola("102"),)),
        source(kari("101"), ola("102")),
        "or restore the employee in Simployer One",
    ),
    Cure(
        "GONE_FROM_SOURCE",
        exported(kari("101"), ola("102"), then=(ola("102"),)),
        source(kari("101", record=5), ola("102")),
        "or enter them there again, with the number 101",
    ),
]


@pytest.mark.requirement("RUN-7", "EX-4", "EX-6", "EX-8", "EX-9")
@pytest.mark.parametrize("case", CURES, ids=lambda case: f"{case.code}: {case.says}")
def test_a_remedy_that_is_carried_out_cures(world: World, case: Cure) -> None:
    """And what it made of Xledger stays so: a run after it has nothing to write."""
    carry_out(world, FLOW, case)
    world.forget_requests()
    world.run(FLOW, options=case.options)
    assert world.writes() == []


NOTHING_LEFT = [
    Cure(
        "STILL_EMPLOYED",
        exported(kari("101"), then=(kari("101", active=False),)),
        target("101", employmentTo="2026-02-28"),
        "or enter it as Employment to of employee 101 in Xledger",
    ),
    Cure(
        "PERSON_TWICE",
        twice(other={}),
        source(kari("200"), kari("300", record=3, active=False)),
        "delete the record of Employee 300 (Kari Berg) in Simployer One, or set it inactive",
    ),
    Cure(
        "DUPLICATE_NUMBER",
        new(kari("200"), LATER),
        source(kari("200"), of(LATER, active=False)),
        "delete one of the two records there, or set it inactive",
    ),
    Cure(
        "DUPLICATE_NUMBER",
        new(kari("200"), LATER),
        source(kari("200", active=False), LATER),
        "delete one of the two records there, or set it inactive",
    ),
    Cure(
        "SAME_NUMBER_AND_HIRE_DATE",
        exported(kari("200"), then=(kari("200"), kari("200", record=3))),
        source(kari("200", active=False), kari("200", record=3)),
        "delete one of the two records there, or set it inactive",
    ),
]


@pytest.mark.requirement("EX-6", "EX-9")
@pytest.mark.parametrize("case", NOTHING_LEFT, ids=lambda case: f"{case.code}: {case.says}")
def test_who_is_not_for_export_after_a_remedy_is_skipped_with_nothing_to_do(world: World, case: Cure) -> None:
    case.make(world)
    why, _ = reasons(world, world.run(FLOW))[case.code]
    assert case.says in why.remedy
    case.cure(world)
    after = reasons(world, world.run(FLOW))
    assert list(after) == ["NOT_ACTIVE"]
    assert after["NOT_ACTIVE"][0].remedy.startswith("Nothing to do. ")
    world.forget_requests()
    world.run(FLOW)
    assert world.writes() == []


@pytest.mark.requirement("EX-9", "EX-4")
@pytest.mark.parametrize("rows", [1, 10], ids=["on pages of their own", "on one page"])
def test_who_was_hired_again_under_another_number_is_one_employee_from_then_on(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """The code in Xledger was changed to the new number: the old record ends nobody, nor is it missed."""
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", rows)
    twice(other=LEFT)(world)
    assert "PERSON_TWICE" in reasons(world, world.run(FLOW))
    target("200", code="300")(world)
    for people in ((kari("200", **LEFT), SECOND), (SECOND,)):
        world.staff(*people)
        world.run(FLOW)
        world.forget_requests()
        run = world.run(FLOW)
        assert "blocked" not in world.outcomes(run).values()
        assert world.writes() == []
        assert world.employee("300")["employmentTo"] is None


@pytest.mark.requirement("EX-4", "EX-9")
def test_a_number_that_changed_of_somebody_whom_xledger_has_no_more_is_a_new_one(world: World) -> None:
    """There is no code to change: nobody would be there twice."""
    exported(kari("145"), then=(kari("146"),))(world)
    state = world.state("xledger")
    world.put("xledger", {**state, "employees": [], "contacts": []})
    assert world.outcomes(world.run(FLOW)) == {"146": "created"}
    assert world.run(FLOW).counts == {
        **dict.fromkeys(("created", "updated", "skipped", "blocked", "failed"), 0),
        "unchanged": 1,
    }


@pytest.mark.requirement("EX-6", "EX-9")
@pytest.mark.parametrize("rows", [1, 10], ids=["on pages of their own", "on one page"])
def test_who_gave_the_number_up_can_have_another_one(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Exported first, and hired later than a record with the same last name that comes with the number."""
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", rows)
    first = person("101", record=1, firstName="Ida", hireDate=moment("2025-01-01"))
    before = person("101", record=2, firstName="Per")
    exported(first, then=(first, before))(world)
    world.run(FLOW)
    why, _ = reasons(world, world.run(FLOW))["DUPLICATE_NUMBER"]
    assert "give Ida Nordmann101" in why.remedy
    world.staff(of(first, employeeNumber="102"), before)
    run = world.run(FLOW)
    assert (world.outcomes(run), world.reasons(run)) == ({"102": "created"}, {})
    assert [world.contact(number)["firstName"] for number in ("101", "102")] == ["Per", "Ida"]


@pytest.mark.requirement("EX-6", "EX-9")
@pytest.mark.parametrize("rows", [1, 10], ids=["on pages of their own", "on one page"])
def test_whom_xledger_has_keeps_the_number_that_another_person_comes_with(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Whoever of the two was hired first; the other one is told to take another number."""
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", rows)
    exported(LATER, then=(of(LATER, title="CFO"), ola("200")))(world)
    run = world.run(FLOW)
    outcomes = {record.source_id: record.outcome for record in world.stored(run)}
    assert outcomes == {LATER.id: "updated", ola("200").id: "blocked"}
    ((why, _),) = reasons(world, run).values()
    assert "give Ola Hansen" in why.remedy
    world.staff(of(LATER, title="CFO"), ola("201"))
    assert world.outcomes(world.run(FLOW)) == {"201": "created"}
