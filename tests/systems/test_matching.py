"""Look-alike names as tables: what is searched for, and what is suggested in which order (IN-5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.invoices import Account
from payrelay.systems.matching import MOST_ALIKE, likeness, ranked, search_word

WORDS = [
    ("Brook Farm Ltd", "Brook"),
    ("O'Neil & Sons", "Neil"),
    ("O\u2019Neil & Sons", "Neil"),
    ('The "Old Forge" Café', "Old"),
    ("St. Mary's School", "Mary"),
    ("Smith-Jones Ltd", "Smith"),
    ("Under_score Ltd", "Under"),
    ("Messrs Hart and Sons", "Hart"),
    ("MRS Green", "Green"),
    ("PLC Supplies", "Supplies"),
    ("Limited Edition Prints", "Edition"),
    ("Ørsted Joinery", "Ørsted"),
    ("李小龍有限公司", "李小龍有限公司"),
    ("3M Company", "Company"),
    ("Ltd and Co", "Ltd"),
    ("AB", "AB"),
    ("3 D", "3"),
    ("A\\B", "A"),
    (" & ", "&"),
    (" ", ""),
    ("", ""),
]
RANKED = [
    ("nobody", "Harper Ltd", [], []),
    ("the same name first", "Harper Ltd", ["Harper Ltd 2", "Harper Ltd"], ["Harper Ltd", "Harper Ltd 2"]),
    ("both of the same name", "Harper Ltd", ["Harper Ltd", "Harper Ltd"], ["Harper Ltd", "Harper Ltd"]),
    (
        "letters decide what is the same",
        "Harper Ltd",
        ["HARPER LTD", "Harper Ltd"],
        ["Harper Ltd", "HARPER LTD"],
    ),
    ("only letters decide it", "Brook Ltd", ["Brook  Ltd", "Brook Ltd"], ["Brook Ltd", "Brook  Ltd"]),
    (
        "case does not make less alike",
        "Brook Farm Ltd",
        ["Brook Form Ltd", "BROOK FARM LTD"],
        ["BROOK FARM LTD", "Brook Form Ltd"],
    ),
    (
        "the most alike first",
        "Brook Farm",
        ["Brook", "The Brook Inn", "Brook Farms"],
        ["Brook Farms", "Brook", "The Brook Inn"],
    ),
    ("as alike: by name", "Brook", ["Brook B", "Brook A"], ["Brook A", "Brook B"]),
]


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(("name", "word"), WORDS)
def test_others_are_found_by_the_first_word_that_tells_one_company_from_another(name: str, word: str) -> None:
    assert search_word(name) == word


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(
    ("name", "names", "expected"), [row[1:] for row in RANKED], ids=[row[0] for row in RANKED]
)
def test_suggestions_stand_in_the_order_of_their_likeness(
    name: str, names: list[str], expected: list[str]
) -> None:
    found = [Account(str(number), one) for number, one in enumerate(names)]
    assert [one.name for one in ranked(name, found)] == expected


@pytest.mark.requirement("IN-5")
def test_one_account_is_suggested_once_and_only_the_ten_most_alike() -> None:
    longer = [Account(str(number), f"Harper {'x' * number}") for number in range(1, 31)]
    same = Account("same", "Harper Ltd")
    found = ranked("Harper Ltd", [*reversed(longer), same, same, *longer])
    assert [one.id for one in found] == ["same", *(str(number) for number in range(1, MOST_ALIKE + 1))]


@pytest.mark.requirement("IN-5")
@given(st.text(), st.text())
def test_nothing_is_more_alike_than_the_same_name(name: str, other: str) -> None:
    assert likeness(name, name) == 1
    assert 0 <= likeness(name, other) <= 1


@pytest.mark.requirement("IN-5")
@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=30))
def test_no_namesake_is_ever_left_out(name: str, names: list[str]) -> None:
    found = ranked(name, [Account(str(number), one) for number, one in enumerate([*names, name])])
    assert [one.name for one in found].count(name) == [*names, name].count(name)
    assert len(found) <= names.count(name) + 1 + MOST_ALIKE
