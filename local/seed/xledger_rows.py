"""Invented people as rows of Xledger: as a first sync finds them there."""

from collections.abc import Iterable
from dataclasses import replace

from .invented import iban, social_security
from .person import COST_CENTERS, Person
from .state import Row, State

EMPLOYEE_GROUPS = {"FAST": "Fast ansatt", "VIKAR": "Vikar", "TIME": "Timelønnet", "STYRE": "Styremedlem"}
EMPLOYMENT_TYPES = {"ORD": "Ordinært arbeidsforhold", "MARI": "Maritimt arbeidsforhold", "FRIL": "Frilanser"}
EXIT_REASONS = {"Frivillig": "Frivillig", "Ufrivillig": "Ufrivillig"}
ABSENCE_CODES = {
    "FERIE": "Ferie",
    "SYK": "Sykmelding",
    "EGENM": "Egenmelding",
    "FORELDRE": "Foreldrepermisjon",
    "BARN": "Sykt barn",
    "PERM": "Permisjon uten lønn",
    "SEM": "Semester",
    "SJUK": "Sjukfrånvaro",
    "FLDL": "Föräldraledighet",
}
COST_CENTER_KIND = "9"
WRITTEN = "2026-01-05T06:01:12"


def look_ups() -> State:
    """What references may name."""
    return {
        "entities": [{"dbId": "500", "code": "NE", "description": "Nordlys Energi AS"}],
        "employeeGroups": [
            {"dbId": str(number), "code": code, "description": name, "ownerDbId": "500"}
            for number, (code, name) in enumerate(EMPLOYEE_GROUPS.items(), 11)
        ],
        "employmentTypes": _coded(EMPLOYMENT_TYPES, 21),
        "exitReasons": _coded(EXIT_REASONS, 31),
        "absenceCodes": _coded(ABSENCE_CODES, 71),
        "objectValues": [
            {
                "dbId": f"310{code}",
                "code": code,
                "description": name,
                "dateFrom": "2005-01-01",
                "dateTo": "2024-12-31" if code == "150" else None,
                "posting": True,
                "objectKindDbId": COST_CENTER_KIND,
            }
            for code, name in {**COST_CENTERS, "150": "Fiber (avviklet)"}.items()
        ],
    }


def _coded(names: dict[str, str], first: int) -> list[Row]:
    return [
        {"dbId": str(number), "code": code, "description": name}
        for number, (code, name) in enumerate(names.items(), first)
    ]


def employee_db_id(serial: int) -> str:
    """An employee's dbId."""
    return str(700_000 + serial)


def contact_db_id(serial: int) -> str:
    """The dbId of an employee's contact."""
    return str(1_800_000 + serial)


def xledger_rows(people: Iterable[Person]) -> State:
    """The people as they stand in Xledger, each with a contact."""
    known = list(people)
    present = {person.serial for person in known}
    return {
        **look_ups(),
        "contacts": [contact_row(person) for person in known],
        "employees": [employee_row(person, present) for person in known],
    }


def employee_row(person: Person, present: set[int]) -> Row:
    """The employee; the superior is named when they are there too."""
    trial = dict(person.custom).get("probationEndDate")
    return {
        "dbId": employee_db_id(person.serial),
        "code": person.number,
        "description": person.name,
        "email": person.email,
        "employmentFrom": str(person.hired) if person.hired else None,
        "employmentTo": str(person.ends) if person.ends else None,
        "trialTo": trial,
        "employeeGroup": {"code": "FAST"},
        "glObject1": {"code": person.cost_center} if person.cost_center in COST_CENTERS else None,
        "superior": {"dbId": employee_db_id(person.manager)} if person.manager in present else None,
        "contactDbId": contact_db_id(person.serial),
        "ownerDbId": "500",
        "bankAccount": iban(person.country, person.serial),
        "createdAt": "2024-02-20T08:15:00",
        "modifiedAt": WRITTEN,
    }


def contact_row(person: Person) -> Row:
    """The contact: what an employee holds of a person."""
    gender = {"female": "F", "male": "M"}.get(person.gender or "")
    return {
        "dbId": contact_db_id(person.serial),
        "code": person.number,
        "name": person.name,
        "firstName": person.first,
        "lastName": person.last,
        "initials": person.first[0] + person.last[0],
        "birthday": str(person.born),
        "socialSec": social_security(person.country, person.born, person.serial),
        "phone": person.private_phone,
        "phone2": person.work_phone,
        "email": person.email,
        "email2": person.private_email,
        "jobTitle": person.title,
        "gender": {"code": gender} if gender else None,
        "homeAddress": {
            "streetAddress": person.street,
            "zipCode": person.postal_code,
            "place": person.city,
            "country": {"code": person.country},
        },
        "modifiedAt": WRITTEN,
    }


def drifted(person: Person) -> Person:
    """The person as Xledger still has them, where every fifth has moved on since."""
    if person.serial % 5:
        return person
    match person.serial // 5 % 5:
        case 0:
            return replace(person, private_phone="+4790000000")
        case 1:
            return replace(person, title="Trainee")
        case 2:
            return replace(person, cost_center="100" if person.cost_center != "100" else "200")
        case 3:
            return replace(person, street="Gamleveien 1")
        case _:
            return replace(person, last="Olsen" if person.country == "NO" else "Svensson")
