"""Who a record is about: two people are never one, nor one person two, whatever the numbers say (EX-9)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from payrelay.domain.sensitive import SocialSecurityNumber
from payrelay.flows.employee_export.numbers import doubt, spellings, tidy
from payrelay.flows.employee_export.who import People, one_person
from payrelay.flows.opening import open_flow
from payrelay.systems.rows import Day
from payrelay.systems.simployer.models import Employee
from tests.flows.conftest import World
from tests.worlds.people import Person, in_xledger, moment, person
from tests.worlds.structs import replace

TODAY = date(2026, 3, 2)
SSN_KARI, SSN_OLA = "30089412345", "02056112345"
KARI: dict[str, Any] = {
    "firstName": "Kari",
    "lastName": "Berg",
    "birthDate": moment("1994-08-30"),
    "ssn": SSN_KARI,
    "workEmail": "kari@acme.example",
    "bankAccount": {"iban": "NO8330001234567"},
}
OLA: dict[str, Any] = {
    "firstName": "Ola",
    "lastName": "Hansen",
    "birthDate": moment("1961-05-02"),
    "ssn": SSN_OLA,
    "workEmail": "ola@acme.example",
    "bankAccount": {"iban": "NO9386011117947"},
}


def changed(one: Person, **changes: Any) -> Person:
    employee = {**one.employee, **changes}
    return replace(one, employee={name: value for name, value in employee.items() if value is not None})


def in_target(one: Person, **changes: Any) -> dict[str, Any]:
    """The person as Xledger has them, all that it knows included."""
    known = {"birthday": one.employee["birthDate"][:10], "socialSec": one.employee["ssn"]}
    return in_xledger(one, **{**known, **changes})


def seen(world: World, key: str) -> str:
    checks = open_flow(world, "employee_export", world.connection).diagnose(key)
    return " ".join(f"{one.seen} {one.remedy}" for one in checks)


# --- pure ---------------------------------------------------------------------------------------------------

NUMBERS = [
    ("145 ", "145", None),
    ("\u00a0145", "145", None),
    ("145\u200b", "145", None),
    ("\ufeff145\u2060", "145", None),
    ("\t145\n", "145", None),
    ("  ", None, None),
    ("\u200b", None, None),
    ("", "", None),
    (None, None, None),
    ("A 145", "A 145", None),
    ("14\u200b5", "14\u200b5", "invisible signs"),
    ("14\u00a05", "14\u00a05", "blanks"),
    ("\uff11\uff14\uff15", "\uff11\uff14\uff15", "the width of its letters"),
    ("\u0410145", "\u0410145", "letters of another alphabet"),
]


@pytest.mark.requirement("EX-9")
@pytest.mark.parametrize(("typed", "number", "why"), NUMBERS, ids=[ascii(row[0]) for row in NUMBERS])
def test_a_number_is_joined_where_only_nothing_stands_around_it_and_doubted_where_it_looks_like_another(
    typed: str | None, number: str | None, why: str | None
) -> None:
    """(faults B5)"""
    assert tidy(typed) == number
    assert (doubt(number) if number else None) == why


@pytest.mark.requirement("EX-9")
def test_other_spellings_of_a_number_are_the_likely_ones() -> None:
    """(faults B5)"""
    assert {"145", "00145", "0145 "} <= set(spellings("0145"))
    assert {"0145", "000145", "145\u00a0"} <= set(spellings("145"))
    assert {"a145", "A145"} - {"a145"} <= set(spellings("a145"))
    assert "145" not in spellings("145")


def someone(number: str, **known: Any) -> Employee:
    return Employee(id=f"e{number}", active=True, employee_number=number, **known)


BORN = Day(1990, 1, 1)
NAMED = {"first_name": "Kari", "last_name": "Berg"}
TWO: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    (
        "one number, spelled otherwise",
        {"ssn": "19900101-2384"},
        {"ssn": "9001012384"},
        "social security number",
    ),
    (
        "one number, whatever the names",
        {"ssn": "1", **NAMED},
        {"ssn": "1", "first_name": "Ola"},
        "social security number",
    ),
    (
        "name and birth date",
        {"birth_date": BORN, **NAMED},
        {"birth_date": BORN, **NAMED},
        "birth date and name",
    ),
    (
        "e-mail and name",
        {"work_email": "K@a.example", **NAMED},
        {"work_email": "k@a.example", **NAMED},
        "e-mail and name",
    ),
    (
        "twins",
        {"birth_date": BORN, **NAMED},
        {"birth_date": BORN, "first_name": "Ida", "last_name": "Berg"},
        None,
    ),
    (
        "a birthday and a first name",
        {"birth_date": BORN, **NAMED},
        {"birth_date": BORN, "first_name": "Kari", "last_name": "Li"},
        None,
    ),
    ("namesakes", NAMED, NAMED, None),
    (
        "namesakes with numbers",
        {"ssn": "1", "birth_date": BORN, **NAMED},
        {"ssn": "2", "birth_date": BORN, **NAMED},
        None,
    ),
    (
        "a shared mailbox",
        {"work_email": "x@a.example", "first_name": "Per", "last_name": "Li"},
        {"work_email": "x@a.example", **NAMED},
        None,
    ),
    ("nothing known", {}, {}, None),
]


@pytest.mark.requirement("EX-9")
@pytest.mark.parametrize(("one", "other", "evidence"), [row[1:] for row in TWO], ids=[row[0] for row in TWO])
def test_one_person_under_two_numbers_is_told_by_evidence(
    one: dict[str, Any], other: dict[str, Any], evidence: str | None
) -> None:
    """(faults B4)"""
    both = [
        someone(number, **{k: SocialSecurityNumber(v) if k == "ssn" else v for k, v in known.items()})
        for number, known in (("1", one), ("2", other))
    ]
    assert one_person(*both, TODAY) == evidence
    found = People(both).alike(both[0], TODAY)
    assert found == ([(both[1], evidence)] if evidence else [])


# --- in a run -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("EX-9", "OPS-2")
def test_a_number_that_is_another_persons_in_xledger_is_blocked_with_both_names(world: World) -> None:
    """(faults B1)"""
    kari, ola = person("145", **KARI), person("145", **OLA)
    world.fresh(kari, there=[in_target(ola, employmentTo="2024-06-30")])
    before = world.state("xledger")
    for mode in ("preview", "sync"):
        (record,) = world.stored(world.run(mode=mode))
        assert (record.outcome, record.reason.code) == ("blocked", "NUMBER_OF_ANOTHER")
        for words in ("145", "Kari Berg", "Ola Hansen", "social security number, birth date and name"):
            assert words in record.reason.message
        assert not any(secret in str(record.reason) for secret in (SSN_KARI, SSN_OLA, "1994", "1961"))
    assert world.state("xledger") == before
    assert record.reason.message in seen(world, "145")
    # The remedy: the former employee's code is changed there.
    world.edit("xledger", "employees", {"code": "145"}, code="145-2024")
    assert world.outcomes(world.run()) == {"145": "created"}
    assert world.contact("145-2024")["firstName"] == "Ola"


REHIRES: list[tuple[str, dict[str, Any]]] = [
    ("the same", {}),
    ("without a social security number", {"socialSec": None}),
    ("a married name", {"lastName": "Dahl"}),
    ("only the name is known", {"socialSec": None, "birthday": None, "email": None}),
]


@pytest.mark.requirement("EX-9", "EX-4")
@pytest.mark.parametrize("there", [row[1] for row in REHIRES], ids=[row[0] for row in REHIRES])
def test_a_true_rehire_goes_on_as_before(world: World, there: dict[str, Any]) -> None:
    """(faults B1)"""
    kari = person("145", **KARI)
    world.fresh(kari, there=[in_target(kari, employmentTo="2024-06-30", **there)])
    assert world.outcomes(world.run()) == {"145": "updated"}


@pytest.mark.requirement("EX-9", "EX-4")
def test_a_number_that_was_given_again_overwrites_nobody_and_who_is_gone_stays_told(world: World) -> None:
    """(faults B2, B8)"""
    ola, kari = person("200", record=1, **OLA), person("200", record=2, **KARI)
    world.fresh(ola)
    world.run()
    world.staff(kari)
    for _ in range(2):
        run = world.run()
        found = {record.record_id: record for record in world.stored(run)}
        codes = sorted(one.reason.code for one in found.values())
        assert codes == ["GONE_FROM_SOURCE", "NUMBER_OF_ANOTHER"]
        assert len(found) == 2, "two records of one id"
        assert any(
            "Ola Hansen" in one.reason.message
            for one in found.values()
            if one.reason.code == "GONE_FROM_SOURCE"
        )
    assert world.contact("200")["firstName"] == "Ola"


@pytest.mark.requirement("EX-9")
def test_a_record_that_becomes_another_person_overwrites_nobody(world: World) -> None:
    """(faults B2): the same record in Simployer One, used again for somebody else."""
    world.fresh(person("200", **OLA))
    world.run()
    world.staff(person("200", **KARI))
    assert world.reasons(world.run()) == {"200": "RECORD_OF_ANOTHER"}
    world.staff(changed(person("200", **KARI), employeeNumber="201"))
    assert world.reasons(world.run()) == {"201": "RECORD_OF_ANOTHER"}, "a new number makes it no better"
    world.staff(person("200", **{**OLA, "lastName": "Dahl", "workEmail": "dahl@acme.example"}))
    assert world.outcomes(world.run()) == {"200": "updated"}, "a new name is no other person"


@pytest.mark.requirement("EX-9", "RUN-5")
@pytest.mark.parametrize("rows", [1, 10], ids=["on pages of their own", "on one page"])
@pytest.mark.parametrize("options", [{}, {"employees": ["300"]}], ids=["everybody", "one person"])
def test_one_person_is_not_created_under_a_second_number(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: int, options: dict[str, Any]
) -> None:
    """(faults B4)"""
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", rows)
    old = person("200", **KARI)
    world.fresh(old)
    world.run()
    left = changed(old, active=False, endDate=moment("2025-12-31"))
    world.staff(left, person("300", **{**KARI, "ssn": "300894 12345"}))
    run = world.run(options=options)
    record = world.records(run)["employee:300"]
    assert (record.outcome, record.reason.code) == ("blocked", "PERSON_TWICE")
    assert "employee 200 (Kari Berg) has the same social security number" in record.reason.message
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["200"]
    assert record.reason.message in seen(world, "300")
    # The remedy: the code of the old one is changed.
    world.edit("xledger", "employees", {"code": "200"}, code="300")
    second = world.run()
    assert "blocked" not in world.outcomes(second).values()
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["300"]


@pytest.mark.requirement("EX-9")
def test_two_new_records_of_one_person_are_both_named(world: World) -> None:
    """(faults B4)"""
    world.fresh(person("200", **KARI), person("300", **KARI), person("400", **OLA))
    run = world.run()
    assert world.reasons(run) == {"200": "PERSON_TWICE", "300": "PERSON_TWICE"}
    assert world.outcomes(run)["400"] == "created"


@pytest.mark.requirement("EX-9")
@pytest.mark.parametrize("typed", ["145 ", "\u00a0145", "145\u200b"], ids=ascii)
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_a_number_with_something_invisible_around_it_is_the_number(
    world: World, typed: str, known: bool
) -> None:
    """(faults B5)"""
    kari = person("145", **KARI)
    if known:
        world.fresh(kari)
        world.run()
        world.staff(changed(kari, employeeNumber=typed, title="CFO"))
    else:
        world.fresh(changed(kari, employeeNumber=typed), there=[in_target(kari)])
    assert world.outcomes(world.run()) == {"145": "updated"}
    assert [row["code"] for row in world.state("xledger")["employees"]] == ["145"]
    world.forget_requests()
    assert world.run().counts["unchanged"] == 1
    assert world.run(options={"employees": ["145"]}).counts["unchanged"] == 1
    assert "no record has the number" not in seen(world, "145")
    assert world.writes() == []


DOUBTFUL: list[tuple[str, str, str, str, str]] = [
    ("zeros here", "0145", "145", "NUMBER_SPELLED_OTHERWISE", "leading zeros"),
    ("zeros there", "145", "0145", "NUMBER_SPELLED_OTHERWISE", "leading zeros"),
    ("capitals", "a145", "A145", "NUMBER_SPELLED_OTHERWISE", "capitals"),
    ("an invisible sign within", "14\u200b5", "145", "NUMBER_DOUBTFUL", '"14<U+200B>5"'),
    ("a letter of another alphabet", "\u0410145", "A145", "NUMBER_DOUBTFUL", "another alphabet"),
]


@pytest.mark.requirement("EX-9", "RUN-5")
@pytest.mark.parametrize(
    ("number", "code", "reason", "words"), [row[1:] for row in DOUBTFUL], ids=[row[0] for row in DOUBTFUL]
)
def test_a_number_that_may_be_one_that_xledger_has_makes_no_second_employee(
    world: World, number: str, code: str, reason: str, words: str
) -> None:
    """(faults B5)"""
    kari = person(number, record=1, **KARI)
    world.fresh(kari, there=[in_target(kari, code=code)])
    (record,) = world.stored(world.run())
    assert (record.outcome, record.reason.code) == ("blocked", reason)
    assert words in record.reason.message
    assert "Kari Berg" in record.reason.message
    assert len(world.state("xledger")["employees"]) == 1
    assert record.reason.message in seen(world, number)
    world.staff(changed(kari, employeeNumber=code))
    assert world.outcomes(world.run()) == {code: "updated"}


@pytest.mark.requirement("EX-9")
def test_another_person_with_zeros_before_the_number_is_another_employee(world: World) -> None:
    """(faults B5)"""
    world.fresh(person("0145", record=1, **KARI), there=[in_target(person("145", **OLA))])
    assert world.outcomes(world.run()) == {"0145": "created"}


@pytest.mark.requirement("EX-9", "RUN-5")
def test_a_code_that_was_changed_in_xledger_makes_no_second_employee(world: World) -> None:
    """(faults B5)"""
    world.fresh(person("145", **KARI))
    world.run()
    world.edit("xledger", "employees", {"code": "145"}, code="0145")
    (record,) = world.stored(world.run())
    assert (record.outcome, record.reason.code) == ("blocked", "CODE_CHANGED_IN_XLEDGER")
    assert len(world.state("xledger")["employees"]) == 1
    world.edit("xledger", "employees", {"code": "0145"}, code="145 ")
    world.forget_requests()
    assert world.run().counts["unchanged"] == 1, "a blank behind it is no other code"
    assert world.writes() == []


@pytest.mark.requirement("EX-6", "EX-9")
@pytest.mark.parametrize("rows", [1, 10], ids=["on pages of their own", "on one page"])
def test_of_two_with_one_number_and_one_hire_date_nobody_is_exported_and_both_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """(faults B7)"""
    monkeypatch.setattr("payrelay.flows.employee_export.read.ROWS", rows)
    ola, kari = person("200", record=1, **OLA), person("200", record=2, **KARI)
    world.fresh(ola, kari)
    run = world.run()
    found = {record.record_id: record for record in world.stored(run)}
    assert len(found) == 2
    for record in found.values():
        assert (record.outcome, record.reason.code) == ("blocked", "SAME_NUMBER_AND_HIRE_DATE")
        assert "Kari Berg" in record.reason.message
        assert "Ola Hansen" in record.reason.message
    assert world.state("xledger")["employees"] == []
    world.staff(ola, changed(kari, employeeNumber="201"))
    assert world.outcomes(world.run()) == {"200": "created", "201": "created"}


@pytest.mark.requirement("EX-6", "EX-9")
@pytest.mark.parametrize(
    ("other", "outcome"), [(KARI, "blocked"), (OLA, "skipped")], ids=["another person", "the same person"]
)
def test_who_was_hired_later_gives_way_by_name_and_another_person_is_not_passed_over(
    world: World, other: dict[str, Any], outcome: str
) -> None:
    """(faults B7)"""
    first, later = (
        person("200", record=2, **OLA),
        person("200", record=1, **{**other, "hireDate": moment("2025-01-01")}),
    )
    world.fresh(first, later)
    run = world.run()
    record = world.records(run)[f"employee:{later.id}"]
    assert (record.outcome, record.reason.code) == (outcome, "DUPLICATE_NUMBER")
    assert "Ola Hansen" in record.reason.message
    assert world.contact("200")["firstName"] == "Ola"


@pytest.mark.requirement("EX-6", "OPS-1")
def test_an_old_and_a_new_record_with_one_number_are_two_records(world: World) -> None:
    """(faults B8)"""
    old = person("200", record=1, active=False, **KARI)
    new = person("200", record=2, **{**KARI, "hireDate": moment("2026-01-01")})
    world.fresh(old, new)
    run = world.run()
    assert world.outcomes(run) == {"200": "created", old.id: "skipped"}
    assert world.reasons(run) == {old.id: "NOT_ACTIVE"}


@pytest.mark.requirement("EX-4", "EX-9")
def test_a_number_that_a_leaver_had_can_be_taken_over_as_the_remedy_says(world: World) -> None:
    """(faults B9)"""
    ola, kari = person("200", **OLA), person("201", **KARI)
    world.fresh(ola, kari)
    world.run()
    taken = changed(kari, employeeNumber="200")
    world.staff(taken)
    run = world.run()
    codes = {r.reason.code: r for r in world.stored(run)}
    assert set(codes) == {"NUMBER_CHANGED_TO_ONE_IN_USE", "GONE_FROM_SOURCE"}
    assert len({r.record_id for r in codes.values()}) == 2
    changed_one = codes["NUMBER_CHANGED_TO_ONE_IN_USE"]
    assert "employee 200 (Ola Hansen)" in changed_one.reason.message
    assert "first change the code of employee 200 (Ola Hansen)" in changed_one.reason.remedy
    # As the remedies say, in their order.
    world.edit("xledger", "employees", {"code": "200"}, code="200-2026", employmentTo="2026-02-28")
    world.edit("xledger", "employees", {"code": "201"}, code="200")
    last = world.run()
    assert (last.status, world.reasons(last)) == ("succeeded", {})
    assert last.counts["unchanged"] == 1


@pytest.mark.requirement("EX-9", "EX-6")
def test_a_leaver_whose_number_another_person_has_by_now_is_ended_all_the_same(world: World) -> None:
    """(faults B2, A1)"""
    ola, kari = (
        person("200", record=1, **OLA),
        person("200", record=2, **{**KARI, "hireDate": moment("2026-01-01")}),
    )
    world.fresh(ola)
    world.run()
    world.staff(changed(ola, active=False, endDate=moment("2026-02-28")), kari)
    run = world.run()
    assert world.outcomes(run) == {"200": "updated", kari.id: "blocked"}
    assert world.reasons(run) == {kari.id: "NUMBER_OF_ANOTHER"}
    assert (world.employee("200")["employmentTo"], world.contact("200")["firstName"]) == ("2026-02-28", "Ola")
