"""Employees at random: what a preview promises, the sync after it keeps (RUN-7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from payrelay.domain.records import Record
from tests.flows.conftest import World
from tests.machines.chance import NAMES, SEEDS, SPACES, Chance
from tests.machines.promises import in_words, kept
from tests.worlds.people import Person, Row, in_xledger, moment, person, row_id

TODAY = date(2026, 3, 2)
IBANS = (
    "NO9386011117947",
    "no93 8601 1117 947",
    "NO93\u00a08601 1117947",
    "NO9386011117948",
    "86011117947",
    "",
)
NATIONAL = ("01819012345", "018190 12345", "19900101-2384", "9001012384", "121212+1212", "", " ")
PEOPLE = 40


def somebody(chance: Chance, serial: int) -> Person:
    """An employee of Simployer One, mostly a usual one."""
    number = str(100 + serial)
    given: dict[str, Any] = chance.some(
        12,
        employeeNumber=(
            None,
            " ",
            f"{number}{chance.one(*SPACES)}",
            f"{chance.one(*SPACES)}{number}",
            f"0{number}",
            str(100 + serial - 1),
            "9" * 60,
        ),
        title=(None, "", " ", "Controller ", *NAMES),
        firstName=(None, "", *NAMES),
        lastName=(None, " ", *NAMES),
        workEmail=(None, "", f"KARI.{number}@ACME.EXAMPLE", f" kari.{number}@acme.example", "no e-mail"),
        privateEmail=("kari@post.example", "", "x"),
        hireDate=(
            None,
            moment("2024-02-19"),
            "2024-02-19T23:00:00.000Z",
            moment("0001-01-01"),
            moment("2027-01-01"),
        ),
        endDate=(moment(chance.day(TODAY)), moment("2027-06-30"), moment("2020-01-01")),
        birthDate=(
            moment("1990-01-01"),
            moment("2090-01-01"),
            moment("0001-01-01"),
            "1990-01-01T22:00:00.000Z",
        ),
        ssn=NATIONAL,
        gender=("female", "M", "divers", ""),
        bankAccount=tuple({"iban": text} for text in IBANS),
        workPhone=("+4740000001", " ", "x" * 60),
        homeAddress=(
            {"street": "Storgata 1", "postalCode": "0001", "city": "Oslo", "country": "NO"},
            {"street": " ", "country": "no"},
            {"city": "Oslo\u200b", "country": "Norway"},
            {},
        ),
        custom=(
            {"probationEndDate": "2024-08-19", "exitReason": "Frivillig"},
            {"probationEndDate": "soon"},
            {"exitReason": "frivillig"},
            {"exitReason": 7},
        ),
        active=(False,),
        companyId=(None,),
        costCenterId=(row_id("centre", 320), row_id("centre", 990), None),
    )
    employment: dict[str, Any] = chance.some(
        8,
        startDate=(moment(chance.day(TODAY)), None),
        endDate=(moment(chance.day(TODAY)),),
        rate=(100, 99.5, 0, None),
        terminated=(True,),
    )
    return person(
        number, record=serial + 1, employed=False if chance.happens(3) else employment or True, **given
    )


def known(chance: Chance, one: Person) -> Row:
    """What Xledger has of somebody: as they are, as they were, or as somebody else who had the number."""
    source = one.employee
    row = in_xledger(person(str(source.get("employeeNumber") or "1").strip() or "1", **_names(source)))
    return row | chance.some(
        25,
        firstName=("Ola", *NAMES[:6]),
        lastName=("Hansen",),
        email=("old@acme.example", f"{row['email']}".upper()),
        employmentTo=("2025-12-31",),
        socialSec=NATIONAL[:4],
        birthday=("1990-01-01", "1961-05-02"),
    )


def _names(source: Mapping[str, Any]) -> dict[str, Any]:
    return {name: source.get(name) or "Kari" for name in ("firstName", "lastName")}


def person_at_xledger(world: World, record: Record) -> Mapping[str, Any]:
    """What Xledger has of an employee, by the names of the changes."""
    numbers = [row["code"] for row in world.state("xledger")["employees"]]
    if numbers.count(record.key) != 1:
        return {change.field: f"{numbers.count(record.key)} employees" for change in record.changes}
    rows = {"employee": world.employee(record.key), "contact": world.contact(record.key)}
    found = {}
    for change in record.changes:
        resource, _, path = change.field.partition(".")
        value: Any = rows[resource]
        for name in path.split("."):
            value = (value or {}).get(name)
        found[change.field] = in_words(value)
    return found


@pytest.mark.requirement("RUN-7", "EX-4")
@pytest.mark.parametrize("seed", SEEDS)
def test_employees_end_up_as_the_preview_said(world: World, seed: int) -> None:
    chance = Chance(seed)
    staff = [somebody(chance, serial) for serial in range(PEOPLE)]
    there = {row["code"]: row for row in (known(chance, one) for one in staff if chance.happens(50))}
    world.settings(brake={"people": 1000, "share": 1})
    world.fresh(*staff, there=there.values())
    standing = lambda record: person_at_xledger(world, record)  # noqa: E731
    kept(world, "employee_export", "xledger", standing)
    later = [somebody(chance, serial) if chance.happens(30) else one for serial, one in enumerate(staff)]
    world.staff(*(one for one in later if not chance.happens(5)))
    kept(world, "employee_export", "xledger", standing)
