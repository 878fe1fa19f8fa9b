"""Who rows are about whose employee id is spelled otherwise than in Exact Synergy (faults B6, EX-9)."""

from __future__ import annotations

import pytest

from payrelay.flows.exact_ids import resource_id
from payrelay.flows.report_pull.walk import part_of
from payrelay.flows.report_pull.whose import by_person, doubtful, in_words, likely, person_of

pytestmark = pytest.mark.requirement("REP-1")

IDS = [
    ("2012", 2012),
    ("0", 0),
    ("000", 0),
    ("2147483647", 2147483647),
    ("2147483648", None),
    ("0" * 40 + "7", 7),
    ("9" * 5000, None),
    ("002012", 2012),
    (" 2012 ", 2012),
    ("\u00a02012", 2012),
    ("2012\u200b", 2012),
    ("20\u00ad12", 2012),
    ("\ufeff02012\t", 2012),
    ("20 12", None),
    ("-1", None),
    ("+1", None),
    ("1_000", None),
    ("\u00b2", None),
    ("\u0663", None),
    ("\uff12\uff10\uff11\uff12", None),
    ("E2012", None),
    ("", None),
    (" ", None),
    ("2012 or ID gt 0", None),
]


@pytest.mark.parametrize(("text", "number"), IDS)
def test_zeros_in_front_blanks_around_and_unseen_signs_make_no_other_number(
    text: str, number: int | None
) -> None:
    assert resource_id(text) == number
    assert person_of(text) == (str(number) if number is not None else person_of(person_of(text)))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("2012", "E2012"),
        ("2012", "0020-12"),
        ("2012", "20 12"),
        ("2012", "\uff12\uff10\uff11\uff12"),
        ("abc", "ABC "),
    ],
)
def test_ids_that_may_be_one_persons_are_in_one_part(text: str, other: str) -> None:
    assert likely(text) == likely(other)
    assert part_of(text, 64) == part_of(other, 64)


def test_spellings_of_one_person_are_put_together() -> None:
    found = by_person(["2012", "02012", "x", "x\u200b", "2001"])
    assert found == {"2012": ["2012", "02012"], "x": ["x", "x\u200b"], "2001": ["2001"]}


@pytest.mark.parametrize(
    ("absent", "there", "found"),
    [
        (["2012"], ["E2012", "2001"], {"2012": ["E2012"]}),
        (["2012"], ["20 12", "2012a"], {"2012": ["20 12", "2012a"]}),
        (["2012"], ["2001", "x"], {}),
        (["2012"], ["12012"], {}),
        ([], ["E2012"], {}),
    ],
)
def test_nobody_is_emptied_who_may_stand_there_under_an_id_that_is_nobodys(
    absent: list[str], there: list[str], found: dict[str, list[str]]
) -> None:
    assert doubtful(absent, by_person(there)) == found


def test_signs_that_nobody_sees_are_spelled_out() -> None:
    assert in_words(["2012\u200b", "2012"]) == '"2012" and "2012<U+200B>"'
    assert in_words(["\u00a02012"]) == '"<U+00A0>2012"'
