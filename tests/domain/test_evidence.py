"""Whether two records are about one person: a table of what is known of both."""

from __future__ import annotations

from datetime import date

import pytest

from payrelay.domain.evidence import BORN, EMAIL, NAME, NATIONAL, Person, Weighed, Who, name_weight, weigh
from payrelay.domain.sensitive import SocialSecurityNumber

TODAY = date(2026, 11, 29)
BORN_1961, BORN_1994 = date(1961, 5, 2), date(1994, 8, 30)


def person(
    national: str = "", born: date | None = None, name: str | None = None, email: str | None = None
) -> Person:
    return Person("145", SocialSecurityNumber(national) if national else None, born, name, email)


OLA = person("02056112345", BORN_1961, "Ola Hansen", "ola@acme.example")
TABLE = {
    "another person, B1": (
        OLA,
        person("30089412345", BORN_1994, "Kari Berg", "kari@acme.example"),
        Who.OTHER,
    ),
    "another, whose social security number is unknown": (OLA, person("", BORN_1994, "Kari Berg"), Who.OTHER),
    "another, of whom only the name is known": (OLA, person(name="Kari Berg"), Who.OTHER),
    "a relation with the father's number": (
        OLA,
        person("30089412345", BORN_1994, "Kari Hansen"),
        Who.OTHER,
    ),
    "a relation without a social security number": (OLA, person("", BORN_1994, "Kari Hansen"), Who.OTHER),
    "a son of the same name": (OLA, person("30089412345", BORN_1994, "Ola Hansen"), Who.OTHER),
    "a twin": (OLA, person("02056154321", BORN_1961, "Kari Hansen"), Who.OTHER),
    "the same": (OLA, OLA, Who.SAME),
    "a rehire of whom the number is unknown": (OLA, person("", BORN_1961, "Ola Hansen"), Who.SAME),
    "the same with a middle name": (OLA, person("", BORN_1961, "Ola Martin Hansen"), Who.SAME),
    "the same, last name first": (OLA, person("", BORN_1961, "HANSEN, Ola"), Who.SAME),
    "a married name": (OLA, person("02056112345", BORN_1961, "Ola Berg"), Who.SAME),
    "a married name, of whom the number is unknown": (OLA, person("", BORN_1961, "Ola Berg"), Who.SAME),
    "a number written otherwise": (OLA, person("020561 12345", None, "Ola Hansen"), Who.SAME),
    "a nickname": (OLA, person("", BORN_1961, "Olav Hansen", "OLA@acme.example"), Who.SAME),
    "a social security number that was corrected": (
        OLA,
        person("02056199999", BORN_1961, "Ola Hansen"),
        Who.UNKNOWN,
    ),
    "a birth date that was corrected": (OLA, person("", date(1961, 2, 5), "Ola Hansen"), Who.UNKNOWN),
    "both corrected, the e-mail known": (
        OLA,
        person("02056199999", date(1961, 2, 5), "Ola Hansen", "ola@acme.example"),
        Who.UNKNOWN,
    ),
    "a nickname and nothing else": (OLA, person(name="Olav Hansen"), Who.UNKNOWN),
    "nothing known": (OLA, person(), Who.UNKNOWN),
    "a name alone": (OLA, person(name="Ola Hansen"), Who.UNKNOWN),
}


@pytest.mark.requirement("EX-9")
@pytest.mark.parametrize("case", TABLE)
def test_what_is_known_decides_whether_it_is_one_person(case: str) -> None:
    """(faults B1)"""
    one, other, who = TABLE[case]
    assert weigh(one, other, TODAY).who is who
    assert weigh(other, one, TODAY).who is who


@pytest.mark.requirement("EX-9")
def test_what_agrees_and_what_does_not_is_said_in_words() -> None:
    other = person("30089412345", BORN_1961, "Kari Hansen", "ola@acme.example")
    assert weigh(OLA, other, TODAY) == Weighed(Who.UNKNOWN, (BORN, EMAIL), (NATIONAL, NAME))


@pytest.mark.parametrize(
    ("one", "other", "weight"),
    [
        ("Åse-Marie Bø", "ASE MARIE BO", 2),
        ("Mu\u0308ller, Ida", "Ida Müller", 2),
        ("Li", "Li", 2),
        ("Li", "Wang", -3),
        ("Ola", "Ola Hansen", 1),
        ("Per Olsen", "Per Hansen", 1),
        ("Per Hansen", "Ola Hansen", -1),
        ("Per Hansen", "", 0),
        (None, "Per Hansen", 0),
        ("…", "Per Hansen", 0),
    ],
)
def test_what_two_names_say(one: str | None, other: str | None, weight: int) -> None:
    assert name_weight(one, other) == weight
    assert name_weight(other, one) == weight
