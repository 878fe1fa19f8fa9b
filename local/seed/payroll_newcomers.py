"""People who show a rule each of the way from Exact Synergy to Exact Payroll Plus; no report has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .payroll_people import Colleague, colleague

Span = tuple[date, date | None]
EIGHT_DIGITS, WRONG_CSN = "99999006", "123456789"
RAISE, HIRE, CONCEPT, LEAVER, TWO_AT_ONCE, REHIRE = 2041, 2042, 2043, 2044, 2045, 2046
CALLED_OFF, FOUR_WEEKLY, FOREIGN_ACCOUNT = 2052, 2060, 2055


@dataclass(frozen=True)
class Newcomer:
    """`card` and `account` are what differs from the usual in Exact Synergy; no account at all is None.

    `payroll` is what Exact Payroll Plus has: nothing, a concept, or an employee with `employments`, which are
    the contracts without their new end, if nothing else is said.
    """

    why: str
    person: Colleague
    card: Mapping[str, Any] = field(default_factory=dict)
    contracts: tuple[Span, ...] = ()
    account: Mapping[str, Any] | None = field(default_factory=dict)
    payroll: str = ""
    employments: tuple[Span, ...] = ()


def newcomers(today: date) -> tuple[Newcomer, ...]:
    """In the order of their ids, from 2041."""
    return (*_starting_and_leaving(today), *_left_out(today), *_with_odd_values())


def _starting_and_leaving(today: date) -> list[Newcomer]:
    first = today.replace(day=1)
    next_month = (first + timedelta(days=31)).replace(day=1)
    last, far = next_month - timedelta(days=1), (next_month + timedelta(days=61)).replace(day=1)
    old, new = date(2020, 1, 1), date(2021, 9, 1)
    ends = {"ContractEnd": last, "InactiveDate": last}
    long_ago = date(today.year - 2, 12, 31)
    return [
        Newcomer(
            "married; her wage of 1 August 2018 was raised on 1 October 2018",
            colleague(RAISE, "V", "Hanneke", "van", "Schaik", 2004),
            {"BirthPrefix": "de", "MaidenName": "Graaf", "MaritalStatus": "M"},
            ((date(2018, 3, 1), None),),
            payroll="employee",
        ),
        Newcomer(
            "hired: starts next month",
            colleague(HIRE, "M", "Bas", "", "Timmerman", 2003),
            {"EmployeeStatus": "H"},
            ((next_month, None),),
        ),
        Newcomer(
            "a concept employee whose bank account and hours wait",
            colleague(CONCEPT, "V", "Esra", "", "Demir", 2003),
            {},
            ((first, None),),
            payroll="concept",
        ),
        Newcomer(
            "leaves at the end of this month; the contract before ended in 2021",
            colleague(LEAVER, "M", "Wouter", "van", "Rijn", 2004),
            ends,
            ((old, date(2021, 5, 31)), (new, last)),
            payroll="employee",
            employments=((old, date(2021, 5, 31)), (new, None)),
        ),
        Newcomer(
            "leaves later, and both contracts end with it",
            colleague(TWO_AT_ONCE, "V", "Saskia", "", "Prinsen", 2005),
            {"ContractEnd": far, "InactiveDate": far},
            ((old, far), (new, far)),
            payroll="employee",
            employments=((old, None), (new, None)),
        ),
        Newcomer(
            "back after years: all employments have ended",
            colleague(REHIRE, "M", "Rik", "", "Zwart", 2005),
            {},
            ((old, long_ago), (first, None)),
            payroll="employee",
            employments=((old, long_ago),),
        ),
    ]


def _left_out(today: date) -> list[Newcomer]:
    start = date(2024, 4, 1)
    later = today + timedelta(days=120)

    def one(number: int, why: str, first: str, last: str, start: date = start, **card: Any) -> Newcomer:
        kind, payroll = card.pop("kind", "E"), card.pop("payroll", "")
        who = colleague(number, "V", first, "", last, 2006, kind)
        return Newcomer(why, who, card, ((start, None),), payroll=payroll)

    return [
        one(2047, "an applicant", "Iris", "Blom", kind="A"),
        one(2048, "a partner", "Nadia", "Bouzid", kind="R"),
        one(2049, "a vacancy", "Vacature", "Planner", kind="V"),
        one(2050, "lives in Belgium", "Lies", "Claes", CountryCode="BE"),
        one(2051, "to be approved", "Puck", "Kramer", EmployeeStatus="P"),
        one(
            CALLED_OFF,
            "rejected after the concept was made",
            "Mila",
            "Postma",
            later,
            EmployeeStatus="R",
            payroll="concept",
        ),
    ]


def _with_odd_values() -> list[Newcomer]:
    start = date(2023, 2, 1)

    def one(
        number: int, why: str, first: str, middle: str, last: str, kind: str = "E", **more: Any
    ) -> Newcomer:
        gender = more.pop("gender", "M")
        who = colleague(number, gender, first, middle, last, 2006, kind)
        return Newcomer(why, who, contracts=((start, None),), **more)

    return [
        one(
            2053,
            "a number that fails the elfproef",
            "Job",
            "",
            "Kuiper",
            card={"SocialSecurityNumber": WRONG_CSN},
        ),
        one(
            2054,
            "a number that lost its zero",
            "Ties",
            "",
            "Schipper",
            card={"SocialSecurityNumber": EIGHT_DIGITS},
        ),
        one(
            FOREIGN_ACCOUNT,
            "an account in Germany, with its BIC",
            "Jürgen",
            "von der",
            "Heide",
            account={"IBAN": "DE58123456780123456789", "BIC": "TESTDEFF"},
            payroll="employee",
        ),
        one(
            2056,
            "an account written with blanks and small letters",
            "Anne-Fleur",
            "",
            "Huisman",
            gender="V",
            account={"IBAN": "nl12 bank 0123 4567 89"},
            payroll="employee",
        ),
        one(2057, "an account that is not the default", "Sem", "", "Bosch", account={"IsDefault": False}),
        one(
            2058,
            "neither gender nor marital status",
            "Robin",
            "",
            "Faber",
            card={"Gender": None, "MaritalStatus": None},
        ),
        one(2059, "a student who is new", "Zoë", "", "Çelik", "S", gender="V"),
        one(FOUR_WEEKLY, "paid by four weeks", "Mats", "de", "Lange", "T", payroll="employee"),
        one(
            2061,
            "a prefix of her partner's name, none of her own",
            "Noor",
            "van der",
            "Dijk",
            gender="V",
            card={"MaidenName": "Aydin", "FullName": "Noor van der Dijk - Aydin"},
        ),
        one(
            2062,
            "the status Future, without an account",
            "Kees",
            "",
            "Ruiter",
            card={"EmployeeStatus": "T"},
            account=None,
        ),
        one(2063, "a contractor who is new", "Imran", "el", "Idrissi", "C"),
    ]
