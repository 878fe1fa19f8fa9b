"""Values that mean the same are no difference, however spelled; those that can't be right are told."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from payrelay.domain.runs import Link
from payrelay.domain.sensitive import BankAccount, SocialSecurityNumber
from payrelay.flows.employee_export import hidden
from payrelay.flows.employee_export.days import wrong_day
from payrelay.flows.employee_export.mapping import Target
from payrelay.flows.employee_export.rules import end_of, has_left
from payrelay.flows.opening import open_flow
from payrelay.systems.simployer.models import WholeDay
from payrelay.systems.xledger.models import ContactNode, DbId, EmployeeNode
from tests.flows.conftest import World
from tests.worlds.people import Person, moment, person, whole
from tests.worlds.structs import replace

TODAY = date(2026, 3, 2)
KEY = b"k" * 32
IBAN = "NO9386011117947"


def changed(one: Person, **changes: Any) -> Person:
    employee = {**one.employee, **changes}
    return replace(one, employee={name: value for name, value in employee.items() if value is not None})


# --- pure ---------------------------------------------------------------------------------------------------

SPELLINGS: list[tuple[type[Any], str, str, bool]] = [
    (BankAccount, IBAN, "NO93 8601 1117 947", True),
    (BankAccount, IBAN, "no9386011117947", True),
    (BankAccount, IBAN, "no93 8601 1117 947", True),
    (BankAccount, IBAN, "NO93\u00a08601\u00a01117\u00a0947", True),
    (BankAccount, "86011117947", "8601.11.17947", True),
    (BankAccount, IBAN, "NO8330001234567", False),
    (SocialSecurityNumber, "9001012384", "19900101-2384", True),
    (SocialSecurityNumber, "9001012384", "900101-2384", True),
    (SocialSecurityNumber, "191212121212", "121212+1212", True),
    (SocialSecurityNumber, "01019012345", "010190 12345", True),
    (SocialSecurityNumber, "01019012345", "01019012346", False),
]


@pytest.mark.requirement("EX-4", "EX-9")
@pytest.mark.parametrize(
    ("kind", "one", "other", "same"), SPELLINGS, ids=[f"{r[1]} {r[2]}" for r in SPELLINGS]
)
def test_a_number_was_sent_however_it_was_spelled(kind: Any, one: str, other: str, same: bool) -> None:
    """(faults C1, C2): also against the hash of a spelling that a version before kept as it was."""
    for new, old in ((one, other), (other, one)):
        now = hidden.digest(hidden.plain(kind(old)), KEY)
        assert hidden.was_sent(kind(new), now, KEY) is same
    assert hidden.was_sent(kind(other), hidden.digest(kind(one), KEY), KEY) is same


SHOWN: list[tuple[str, str | None, str, bool]] = [
    ("010190*****", None, "010190 12345", False),
    ("900101****", None, "19900101-2384", False),
    ("199001******", None, "9001012384", False),
    ("121212****", None, "191212121212", False),
    ("191212******", None, "121212+1212", False),
    ("311299*****", None, "01019012345", True),
    (None, "9001012384", "19900101-2384", False),
    (None, "191212121212", "121212+1212", False),
    (None, "201212121212", "121212+1212", True),
    (None, "01019012346", "01019012345", True),
    (None, "010190*****", "01019012345", False),
    (None, None, "01019012345", False),
]


@pytest.mark.requirement("EX-4", "EX-9")
@pytest.mark.parametrize(("masked", "own", "ours", "overtyped"), SHOWN)
def test_a_social_security_number_is_overtyped_only_where_it_means_another(
    masked: str | None, own: str | None, ours: str, overtyped: bool
) -> None:
    """(faults C2)"""
    node = EmployeeNode(db_id=DbId("1"), code="1", social_security_masked=masked)
    contact = ContactNode(db_id=DbId("2"), social_sec=SocialSecurityNumber(own) if own else None)
    assert hidden.overtyped(SocialSecurityNumber(ours), Target(node, contact), TODAY) is overtyped


def days(**known: date) -> Any:
    return SimpleNamespace(**{"birth_date": None, "hire_date": None, "end_date": None, **known})


DAYS: list[tuple[str, dict[str, date], tuple[str, str, str] | None]] = [
    ("none", {}, None),
    (
        "usual",
        {"birth_date": date(1990, 1, 1), "hire_date": date(2024, 2, 19), "end_date": date(2027, 6, 30)},
        None,
    ),
    ("hired soon", {"hire_date": date(2026, 9, 1)}, None),
    (
        "born ahead",
        {"birth_date": date(2090, 1, 1)},
        ("birth date", "lies in the year 2090", "the birth date"),
    ),
    (
        "born in the year one",
        {"birth_date": date(1, 1, 1)},
        ("birth date", "lies in the year 0001", "the birth date"),
    ),
    (
        "born too long ago",
        {"birth_date": date(1899, 12, 31)},
        ("birth date", "lies in the year 1899", "the birth date"),
    ),
    (
        "born later this year",
        {"birth_date": date(2026, 3, 3)},
        ("birth date", "lies in the year 2026", "the birth date"),
    ),
    (
        "born after the hire",
        {"birth_date": date(2024, 1, 1), "hire_date": date(2020, 1, 1)},
        ("birth date", "is not before the hire date 2020-01-01", "the birth date or the hire date"),
    ),
    ("hired in the year one", {"hire_date": date(1, 1, 1)}, ("hire date", "is 0001-01-01", "the hire date")),
    ("hired ahead", {"hire_date": date(2090, 1, 1)}, ("hire date", "is 2090-01-01", "the hire date")),
    (
        "left before the hire",
        {"hire_date": date(2024, 2, 19), "end_date": date(2020, 1, 1)},
        (
            "end date",
            "is 2020-01-01, before the hire date 2024-02-19",
            "the end date (or empty it) or the hire date",
        ),
    ),
    ("never ends", {"end_date": date(9999, 12, 31)}, ("end date", "is 9999-12-31", "the end date")),
]


@pytest.mark.requirement("EX-8", "EX-9")
@pytest.mark.parametrize(("known", "wrong"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_a_day_that_can_not_be_right_is_found(
    known: dict[str, date], wrong: tuple[str, str, str] | None
) -> None:
    """(faults G10)"""
    assert wrong_day(days(**known), TODAY) == wrong


WIRE: list[tuple[object, str | date]] = [
    ("2026-02-09", date(2026, 2, 9)),
    ("2026-02-09T00:00:00.000Z", date(2026, 2, 9)),
    ("2026-02-09T00:00:00+00:00", date(2026, 2, 9)),
    ("2026-02-09T23:00:00.000Z", "a time of day (23:00:00) stands behind the day"),
    ("2026-02-09T00:30:00.000Z", "a time of day (00:30:00) stands behind the day"),
    ("1-01-01T00:00:00.000Z", "it is not a day such as 2026-02-09 (year 1)"),
    ("2026-02-30T00:00:00.000Z", "it is not a day such as 2026-02-09 (year 2026)"),
    ("soon", "it is not a day such as 2026-02-09"),
    (5, "it is not a day such as 2026-02-09"),
]


@pytest.mark.requirement("EX-9")
@pytest.mark.parametrize(("raw", "found"), WIRE, ids=[str(row[0]) for row in WIRE])
def test_a_day_is_midnight_and_no_other_time(raw: object, found: str | date) -> None:
    """(faults G10)"""
    if isinstance(found, date):
        assert WholeDay.from_wire(raw) == found
    else:
        with pytest.raises(ValueError, match="day") as error:
            WholeDay.from_wire(raw)
        assert str(error.value) == found


def leaver(active: bool, end: date | None, *employments: tuple[date | None, date | None]) -> Any:
    rows = [SimpleNamespace(end_date=e, effective_end_date=eff, terminated=False) for e, eff in employments]
    return SimpleNamespace(active=active, end_date=end, employments=rows)


JAN, FEB, JUNE = date(2026, 1, 31), date(2026, 2, 28), date(2026, 6, 30)
ENDS: list[tuple[str, Any, date | None, bool]] = [
    ("active, no end", leaver(True, None), None, False),
    ("active, ended", leaver(True, FEB), FEB, True),
    ("active, an end ahead", leaver(True, JUNE), JUNE, False),
    ("inactive, an end ahead", leaver(False, JUNE), JUNE, True),
    ("inactive, no end", leaver(False, None, (None, None)), None, False),
    ("inactive, the employments ended", leaver(False, None, (JAN, None), (FEB, None)), FEB, True),
    ("inactive, ended early", leaver(False, None, (JUNE, JAN)), JAN, True),
    ("inactive, one goes on", leaver(False, None, (JAN, None), (None, None)), None, False),
    ("inactive, a contract that would go on", leaver(False, None, (JUNE, None)), JUNE, False),
]


@pytest.mark.requirement("EX-6")
@pytest.mark.parametrize(("one", "end", "left"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_a_leaving_is_an_end_that_the_source_tells(one: Any, end: date | None, left: bool) -> None:
    """(faults A1)"""
    assert (end_of(one), has_left(one, TODAY)) == (end, left)


# --- in a run -----------------------------------------------------------------------------------------------


def seen(world: World, key: str = "101") -> str:
    checks = open_flow(world, "employee_export", world.connection).diagnose(key)
    return " ".join(f"{one.seen} {one.remedy}" for one in checks)


@pytest.mark.requirement("EX-4", "EX-9")
def test_another_spelling_of_the_same_values_is_not_written_and_goes_out_as_the_source_has_it(
    world: World,
) -> None:
    """(faults C1, C2)"""
    kari = whole("101", ssn="9001012384", lastName="Mu\u0308ller", title="Head  of IT")
    world.fresh(kari)
    world.run()
    state = world.contact("101")
    assert (state["lastName"], state["socialSec"]) == ("Mu\u0308ller", "9001012384"), "as the source has it"
    # In Xledger somebody composed the letter, and made it one blank, which is no break.
    world.edit(
        "xledger", "contacts", {"dbId": state["dbId"]}, lastName="M\u00fcller", jobTitle="Head\u00a0of IT"
    )
    world.forget_requests()
    world.staff(
        changed(
            kari,
            ssn="19900101-2384",
            bankAccount={"iban": "no93 8601 1117 947"},
            firstName="\u200bKari\u00a0",
        )
    )
    run = world.run()
    assert run.counts["unchanged"] == 1, world.stored(run)
    assert world.writes() == []
    world.staff(changed(kari, lastName="Muller"))
    assert "contact.lastName" in {c.field for c in world.records(world.run())["employee:101"].changes}


@pytest.mark.requirement("EX-4", "EX-9", "RUN-10")
def test_hashes_that_a_version_before_kept_are_of_the_same_account(world: World) -> None:
    """(faults C1)"""
    kari = whole("101", bankAccount={"iban": "NO93 8601 1117 947"})
    world.fresh(kari)
    world.run()
    (link,) = world.ledger.links.all("demo", world.connection_id, "employee")
    raw = hidden.digest(BankAccount("NO93 8601 1117 947"), KEY)
    old = Link(link.entity, link.source_id, link.key, link.target_id, {**link.digests, "bankAccount": raw})
    world.ledger.links.put("demo", world.connection_id, old)
    for iban in ("NO93 8601 1117 947", IBAN):
        world.staff(changed(kari, bankAccount={"iban": iban}))
        assert world.run().counts["unchanged"] == 1


@pytest.mark.requirement("OPS-2", "EX-4")
def test_a_diagnosis_claims_no_equality_of_what_it_can_not_read(world: World) -> None:
    """(faults G8)"""
    world.fresh(whole("101"), person("102"))
    world.run()
    world.edit("xledger", "employees", {"code": "101"}, bankAccount="NO8330001234567")
    found = seen(world)
    assert "every integration data field is equal" not in found
    assert "what can't be read there: bank account as last sent on 2026-03-02" in found


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("born ahead", {"birthDate": moment("2090-01-01")}, "birth date in Simployer One lies in the year 2090"),
    (
        "a time",
        {"birthDate": "1990-01-01T23:00:00.000Z"},
        "birth date has a value that is not valid: a time of day",
    ),
    (
        "left before the hire",
        {"hireDate": moment("2024-02-19"), "endDate": moment("2020-01-01")},
        "end date in Simployer One is 2020-01-01, before the hire date 2024-02-19",
    ),
    ("never ends", {"endDate": moment("9999-12-31")}, "end date in Simployer One is 9999-12-31"),
]


@pytest.mark.requirement("EX-8", "EX-9", "OPS-2")
@pytest.mark.parametrize(("change", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_a_day_that_can_not_be_right_blocks_the_employee_with_what_is_wrong(
    world: World, known: bool, change: dict[str, Any], words: str
) -> None:
    """(faults G10)"""
    world.fresh(person("101"))
    if known:
        world.run()
    world.staff(changed(person("101"), **change))
    world.forget_requests()
    (record,) = world.stored(world.run())
    assert record.outcome == "blocked"
    assert words in record.reason.message
    assert "1990" not in record.reason.message
    assert world.writes() == []
    assert record.reason.message in seen(world)
