"""The employees that show a rule each: why one is left out, or what is special about another."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from .person import APPRENTICE, SWEDISH_COMPANY, TEMPORARY, Person, invent
from .simployer_rows import NO_COST_CENTER, UNKNOWN_COST_CENTER

FIRST_SERIAL = 223


def notable_people(today: date, seed: str) -> list[Person]:
    """One employee per rule, numbered from 1223; two share 1231, and one has no number."""
    people = []
    for serial, (_, changes) in enumerate(_cases(today), FIRST_SERIAL):
        person = invent(serial, seed, swedish_share=0)
        people.append(replace(person, **{"number": _number(serial), **changes}))
    return people


def reasons(today: date) -> dict[str, list[str]]:
    """Why each notable employee is there, by number."""
    found: dict[str, list[str]] = {}
    for serial, (why, changes) in enumerate(_cases(today), FIRST_SERIAL):
        found.setdefault(changes.get("number", _number(serial)), []).append(why)
    return found


def _number(serial: int) -> str:
    return str(1000 + serial)


Case = tuple[str, dict[str, Any]]


def _cases(today: date) -> list[Case]:
    return [*_left_out(today), *_special(today)]


# Simployer One's published API says that both are always there. These two rows have them not, on purpose.
_NEVER_THERE = "a case of EX-8: the published API always has one"


def _left_out(today: date) -> list[Case]:
    return [
        ("no e-mail", {"email": None}),
        ("no hire date", {"hired": None}),
        ("no job title", {"title": None}),
        ("no employment", {"employment": None}),
        (f"employment without a start date, {_NEVER_THERE}", {"employment_start": None}),
        ("inactive: left last year", {"active": False, "ends": today - timedelta(days=365)}),
        ("temporary, not permanent", {"employment": TEMPORARY}),
        ("permanent at 80 %", {"rate": 80}),
        ("number 1231 twice: hired first, so this one counts", {"number": "1231", "hired": date(2019, 3, 1)}),
        ("number 1231 twice: hired later", {"number": "1231", "hired": date(2022, 8, 15)}),
        ("cost centre 990 is not in Xledger", {"cost_center": UNKNOWN_COST_CENTER}),
        ("employment type without a counterpart", {"employment": APPRENTICE}),
        ("no employee number", {"number": ""}),
        (f"no company, {_NEVER_THERE}", {"company": None}),
    ]


def _special(today: date) -> list[Case]:
    probation = str(today + timedelta(days=60))
    swede = {"country": "SE", "company": SWEDISH_COMPANY, "cost_center": "800", "department": "800"}
    return [
        ("two first names and a particle", {"first": "Anne-Grethe Sofie", "last": "von der Lippe"}),
        ("gender neither female nor male", {"gender": "non-binary"}),
        (
            "leaves in 45 days",
            {"ends": today + timedelta(days=45), "custom": (("exitReason", "Frivillig"),)},
        ),
        (
            "on probation, end in `custom`",
            {
                "hired": today - timedelta(days=120),
                "employment_start": today - timedelta(days=120),
                "custom": (("probationEndDate", probation),),
            },
        ),
        ("cost centre only through the department", {"cost_center": None}),
        ("no cost centre at all", {"cost_center": None, "department": NO_COST_CENTER}),
        ("employed in Sweden", {**swede, "first": "Göran", "last": "Åkesson", "gender": "male"}),
        (
            "two employments, the former has ended",
            {
                "former_employment_end": date(2021, 12, 31),
                "employment_start": date(2022, 1, 1),
                "hired": date(2018, 5, 1),
            },
        ),
        ("changed by hand in Xledger", {}),
        ("closed in Xledger, so hidden there, yet the code is taken", {}),
        (
            "starts next month",
            {"hired": today + timedelta(days=30), "employment_start": today + timedelta(days=30)},
        ),
        ("neither phone nor gender", {"work_phone": None, "private_phone": None, "gender": None}),
        ("two employments at once", {"second_employment": date(2024, 2, 1)}),
        ("letters that are easy to break", {"first": "Åse-Märta", "last": "Ødegård-Sjöström"}),
    ]
