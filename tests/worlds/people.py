"""A few people, and nothing about them that a test does not ask for: rows of both systems.

A person's number makes all ids, so that the order of the numbers is the order in which Simployer lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
State = dict[str, list[Row]]

KINDS = ("company", "employee", "employment", "type", "pay", "centre", "leave", "leave-type", "code", "day")
PERMANENT, TEMPORARY, APPRENTICE = "permanent_employment", "temporary_employment", "apprenticeship"
TYPES = (PERMANENT, TEMPORARY, APPRENTICE)
GROUPS = {"FAST": "11", "VIKAR": "12"}
CENTRES = {"310": "310310", "320": "310320"}
EMPLOYMENT_TYPES = {"ORD": "21", "FRIL": "22"}
EXIT_REASONS = {"Frivillig": "31", "Ufrivillig": "32"}
# leave type: its payroll code in the company, if it has one
LEAVE_TYPES = {"Ferie": "FERIE", "Sykmelding": "SYK", "Studier": None, "Velferd": "VELF"}
ABSENCE_CODES = {"FERIE": "71", "SYK": "72"}
SSN = "01819012345"
IBAN = "NO9386011117947"


def row_id(kind: str, number: int) -> str:
    """24 hexadecimal characters."""
    return f"{KINDS.index(kind):04x}{number:020x}"


def moment(day: str | date) -> str:
    """A day as Simployer writes it."""
    return f"{day}T00:00:00.000Z"


@dataclass(frozen=True)
class Person:
    """One employee of Simployer with what belongs to them alone."""

    employee: Row
    employment: Row | None
    pay: Row

    @property
    def id(self) -> str:
        """The id of the employee record."""
        return str(self.employee["id"])


def person(
    number: str, *, record: int | None = None, kind: str = PERMANENT, employed: Any = True, **changes: Any
) -> Person:
    """An employee whom the published selection takes; `changes` by Simployer's field names, None is absent.

    `record` numbers the record where the number does not; `employed` are changes of the employment, or None.
    """
    serial = int(number) if record is None else record
    shared = {"companyId": row_id("company", 1)}
    employment = {
        "id": row_id("employment", serial),
        **shared,
        "employeeId": row_id("employee", serial),
        "typeId": row_id("type", TYPES.index(kind)),
        "startDate": moment("2024-02-19"),
        "terminated": False,
        "rate": 100,
        "country": "NO",
    }
    pay = {
        "id": row_id("pay", serial),
        **shared,
        "employeeId": row_id("employee", serial),
        "amount": 42000,
        "currency": "NOK",
        "payoutPeriod": "MONTHLY",
        "payoutFrequency": "MONTH",
    }
    employee = {
        "id": row_id("employee", serial),
        "active": True,
        **shared,
        "employeeNumber": number,
        "title": "Controller",
        "firstName": "Kari",
        "lastName": f"Nordmann{number}",
        "workEmail": f"kari.{number}@acme.example",
        "hireDate": moment("2024-02-19"),
        "costCenterId": row_id("centre", 310),
        "employmentId": employment["id"] if employed else None,
        "employmentTypeId": employment["typeId"] if employed else None,
        "compensationId": pay["id"],
    }
    if isinstance(employed, Mapping):
        employment |= employed
    return Person(_given(employee | changes), _given(employment) if employed else None, pay)


def ssn_of(number: str) -> str:
    """Everybody has a social security number of their own; that of 101 is SSN."""
    return f"{SSN[:6]}{int(number) + int(SSN[6:]) - 101:05d}"


def whole(number: str, **changes: Any) -> Person:
    """An employee with every field that the mapping knows."""
    every = {
        "gender": "female",
        "birthDate": moment("1990-01-01"),
        "ssn": ssn_of(number),
        "privateEmail": f"{number}@post.example",
        "workPhone": "+4740000001",
        "privatePhone": "+4790000001",
        "endDate": moment("2027-06-30"),
        "bankAccount": {"iban": IBAN},
        "homeAddress": {"street": "Storgata 1", "postalCode": "0001", "city": "Oslo", "country": "NO"},
        "custom": {"probationEndDate": "2024-08-19", "exitReason": "Frivillig"},
    }
    return person(number, **{**every, **changes})


def _given(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def simployer(people: Iterable[Person], leaves: Iterable[Leave] = ()) -> State:
    """All that Simployer has: one company with these people and their leave."""
    known = list(people)
    company = {"companyId": row_id("company", 1)}
    state: State = {
        "company": [{"id": row_id("company", 1), "name": "Acme AS"}],
        "employment-type": [{"id": row_id("type", n), "name": name} for n, name in enumerate(TYPES)],
        "cost-center": [{"id": row_id("centre", n), "code": str(n), **company} for n in (310, 320, 990)],
        "employee": [one.employee for one in known],
        "employment": [one.employment for one in known if one.employment],
        "compensation": [one.pay for one in known],
        "leave-type": [{"id": row_id("leave-type", n), "name": name} for n, name in enumerate(LEAVE_TYPES)],
        "leaveTypeCode": [
            {"id": row_id("code", n), "leaveTypeId": row_id("leave-type", n), "code": code, **company}
            for n, code in enumerate(LEAVE_TYPES.values())
            if code
        ],
        "leave": [],
        "leave-transaction": [],
    }
    for number, leave in enumerate(leaves):
        row, days = leave.rows(number if leave.serial is None else leave.serial)
        state["leave"].append(row)
        state["leave-transaction"] += days
    return state


def xledger(*employees: Row, absences: Iterable[Row] = ()) -> State:
    """All that Xledger has: the look-ups, and these employees and absences."""
    return {
        "entities": [{"dbId": "500", "code": "ACME", "description": "Acme AS"}],
        "employeeGroups": _coded(GROUPS),
        "employmentTypes": _coded(EMPLOYMENT_TYPES),
        "exitReasons": _coded(EXIT_REASONS),
        "absenceCodes": _coded(ABSENCE_CODES),
        "compensationTypes": _coded({"MONTH": "41", "HOUR": "42"}),
        "employeeTypes": _coded({"STAFF": "51", "OWNER": "52"}),
        "objectValues": _coded(CENTRES),
        "employees": list(employees),
        "absences": list(absences),
    }


def _coded(codes: Mapping[str, str]) -> list[Row]:
    return [{"dbId": db_id, "code": code, "description": code} for code, db_id in codes.items()]


def in_xledger(one: Person, **changes: Any) -> Row:
    """The employee as an export of `person` writes it; `changes` by Xledger's field names."""
    source = one.employee
    return {
        "code": source["employeeNumber"],
        "description": f"{source['firstName']} {source['lastName']}",
        "email": source["workEmail"],
        "employmentFrom": source["hireDate"][:10],
        "employeeGroup": {"code": "FAST"},
        "glObject1": {"code": "310"},
        "firstName": source["firstName"],
        "lastName": source["lastName"],
        **changes,
    }


@dataclass(frozen=True)
class Leave:
    """Someone away from one day to another; `rows` has a transaction for each working day."""

    number: str
    first: str
    last: str
    kind: str = "Ferie"
    extent: float = 100
    text: str = "Ferie"
    serial: int | None = None
    days: tuple[str, ...] | None = None

    def rows(self, serial: int) -> tuple[Row, list[Row]]:
        """The leave, and one row per day."""
        common = {"employeeId": row_id("employee", int(self.number)), "status": "APPROVED"}
        kind = list(LEAVE_TYPES).index(self.kind)
        whole = {
            "id": row_id("leave", serial),
            **common,
            "typeId": row_id("leave-type", kind),
            "description": self.text,
            "duration": "longer",
            "startDate": moment(self.first),
            "endDate": moment(self.last),
        }
        days = [
            {
                "id": row_id("day", serial * 1000 + count),
                "parent": {"id": whole["id"], "type": "Leave"},
                **common,
                "leaveTypeId": whole["typeId"],
                "date": moment(day),
                "hours": 7.5 * self.extent / 100,
                "extent": self.extent,
                "description": self.text,
            }
            for count, day in enumerate(self.days or self.working_days())
        ]
        return whole, days

    def working_days(self) -> list[str]:
        """The days of the leave that are not Saturday or Sunday."""
        first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day.isoformat() for day in days if day.weekday() < 5]
