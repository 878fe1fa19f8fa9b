"""Look-alikes as tables: what is searched for, what is evidence, and what is suggested first (IN-5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.invoices import NO_TRAITS, Account, Traits
from payrelay.systems.matching import (
    MOST_ALIKE,
    likeness,
    ranked,
    same_tax_number,
    search_words,
    suggested,
    suggestions,
)

WORDS = [
    ("Brook Farm Ltd", ("Broo", "Far")),
    ("O'Neil & Sons", ("Nei", "Son")),
    ("O\u2019Neil & Sons", ("Nei", "Son")),
    ('The "Old Forge" Café', ("Old", "Forg")),
    ("St. Mary's School", ("Mar", "Scho")),
    ("Smith-Jones Ltd", ("Smit", "Jone")),
    ("Messrs Hart and Sons", ("Har", "Son")),
    ("Holding Partners Werner", ("Wern", "Holdi")),
    ("Harper Ltd", ("Har", "per")),
    ("Har\u200bper Ltd", ("Har", "per")),
    ("Zebrra", ("Zeb", "rra")),
    ("Müller", ("ler",)),
    ("Mu\u0308ller", ("ler",)),
    ("Mueller", ("ler",)),
    ("Ørsted Joinery", ("rste", "Joine")),
    ("Strasse Bau", ("Str", "Bau")),
    ("李小龍有限公司", ("李小龍", "限公司")),
    ("3M Company", ("3M",)),
    ("Ltd and Co", ("Ltd",)),
    ("AB", ("AB",)),
    ("A\\B", ("A",)),
    (" & ", ("&",)),
    (" ", ()),
    ("", ()),
]
# Two names, the evidence that one is the other, and whether both read as one name.
ALIKE = [
    ("Harper Ltd", "Harper Ltd", "same name", True),
    ("Harper  Ltd", "Harper Ltd", "same but for blanks", True),
    ("Harper Ltd", "Harper Ltd ", "same but for blanks", True),
    ("Harper Ltd", "Harper\u00a0Ltd", "same but for blanks", True),
    ("Harper Ltd", "HARPER LTD", "same but for capitals", True),
    ("Harper Ltd", "Har\u200bper Ltd", "same but for invisible signs", True),
    ("Müller", "Mu\u0308ller", "same but for the form of its letters (Unicode)", True),
    ("O\u2019Brien", "O'Brien", "same but for quotation marks or dashes", True),
    ("Harper  Ltd", "harper Ltd", "same but for blanks and capitals", True),
    ("J & B", "J and B", 'same but for punctuation or "and"', False),
    ("A.B.C. Ltd", "ABC Ltd", 'same but for punctuation or "and"', False),
    ("Harper Ltd", "Harper Limited", "same but for the company's form (Ltd, The)", False),
    ("The Old Forge", "Old Forge", "same but for the company's form (Ltd, The)", False),
    ("Müller", "Mueller", "same but for accents or how they are written out (ü, ue)", False),
    ("Straße 7", "Strasse 7", "same but for accents or how they are written out (ü, ue)", False),
    ("Ørsted", "Oersted", "same but for accents or how they are written out (ü, ue)", False),
    ("Åse", "Aase", "same but for accents or how they are written out (ü, ue)", False),
    ("Café Rouge", "Cafe Rouge", "same but for accents or how they are written out (ü, ue)", False),
    ("Jose Munoz", "José Muñoz", "same but for accents or how they are written out (ü, ue)", False),
    ("Brook Farm", "Brooke Farms", "similar name (0.97)", False),
    ("Brook Farm", "Farm Brook", "same but for the order of its words", False),
    ("Zebrra", "Zebra", "similar name (0.97)", False),
    ("Mueller", "Möller", "similar name (0.90)", False),
    ("Brook Farm Ltd", "Brook Farm Ltd 2", "similar name (0.97)", False),
    ("Brook Farm Ltd", "Harper Ltd:Brook Farm Ltd", "similar name (0.92)", False),
    ("J & B", "Jackson Bros", None, False),
    ("J & B", "Juliet Jones", None, False),
    ("Smith Plumbing", "Green Electrical", None, False),
]
TAX_NUMBERS = [
    ("GB 123 4567 89", "123456789", True),
    ("GB123456789", "gb 123-4567-89", True),
    ("NO 987 654 321 MVA", "987654321", True),
    ("987 654 321 MVA", "NO987654321", True),
    ("DE811569869", "DE811569868", False),
    ("DE811569869", "FR811569869", False),
    ("XXXXX6789", "XXXXX6789", False),
    ("none", "none", False),
    ("", None, False),
]
RANKED = [
    ("nobody", ["Zzz"], []),
    ("the same name first", ["Harper Ltd 2", "Harper Ltd"], ["Harper Ltd", "Harper Ltd 2"]),
    ("both of the same name", ["Harper Ltd", "Harper Ltd"], ["Harper Ltd", "Harper Ltd"]),
    ("what reads the same next", ["Harper Limited", "HARPER LTD"], ["HARPER LTD", "Harper Limited"]),
    ("the most alike first", ["Harpers Farm", "Harpers"], ["Harpers", "Harpers Farm"]),
    ("as alike: by name", ["Harper B", "Harper A"], ["Harper A", "Harper B"]),
]


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(("name", "words"), WORDS)
def test_others_are_found_by_what_a_slip_or_another_spelling_leaves(
    name: str, words: tuple[str, ...]
) -> None:
    assert search_words(name) == words


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(("name", "other", "evidence", "one"), ALIKE)
def test_of_two_names_it_is_told_in_what_they_differ(
    name: str, other: str, evidence: str | None, one: bool
) -> None:
    """(faults C3, C4)"""
    for ours, theirs in ((name, other), (other, name)):
        found = suggested(ours, NO_TRAITS, Account("1", theirs))
        assert found.evidence == ((evidence,) if evidence else ())
        assert (found.spelled is not None) is one
        assert bool(found.score) is bool(evidence)


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(("name", "other", "evidence", "one"), ALIKE)
def test_a_search_finds_every_name_that_there_is_evidence_for(
    name: str, other: str, evidence: str | None, one: bool
) -> None:
    """Packages look for a word anywhere in a name, in any case of letters."""
    if evidence:
        assert any(word.casefold() in other.casefold() for word in search_words(name)), search_words(name)


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(("one", "other", "same"), TAX_NUMBERS)
def test_a_tax_number_is_the_same_however_it_is_written(one: str, other: str | None, same: bool) -> None:
    assert same_tax_number(one, other) is same


@pytest.mark.requirement("IN-5")
def test_tax_number_and_e_mail_come_before_names_that_are_only_alike() -> None:
    """(faults C4)"""
    known = Traits(email="AP@zebra.example ", tax_number="GB123456789", numbers=("Z77",))
    found = [
        Account("1", "Zebra Ltd 2"),
        Account("2", "Stripes plc", email="ap@zebra.example"),
        Account("3", "Stripes Group", tax_number="123 4567 89"),
        Account("4", "Stripes", number="z77"),
        Account("5", "Zebra  Ltd", active=False),
        Account("6", "Zebra Ltd"),
        Account("7", "Otter"),
    ]
    told = [(one.account.id, one.evidence) for one in suggestions("Zebra Ltd", found, known)]
    assert told == [
        ("6", ("same name",)),
        ("3", ("same tax number",)),
        ("2", ("same e-mail",)),
        ("5", ("same but for blanks",)),
        ("4", ("same account number",)),
        ("1", ("similar name (0.94)",)),
    ]
    both = suggested("Zebra Ltd", known, Account("8", "Zebra Limited", email="ap@zebra.example"))
    assert both.evidence == ("same e-mail", "same but for the company's form (Ltd, The)")
    assert 0.95 < both.score < 1


@pytest.mark.requirement("IN-5")
@pytest.mark.parametrize(("names", "expected"), [row[1:] for row in RANKED], ids=[row[0] for row in RANKED])
def test_suggestions_stand_in_the_order_of_their_likeness(names: list[str], expected: list[str]) -> None:
    found = [Account(str(number), one) for number, one in enumerate(names)]
    assert [one.name for one in ranked("Harper Ltd", found)] == expected


@pytest.mark.requirement("IN-5")
def test_one_account_is_suggested_once_and_only_the_ten_most_alike() -> None:
    longer = [Account(str(number), f"Harper {'x' * number}") for number in range(1, 31)]
    same = Account("same", "Harper Ltd")
    found = ranked("Harper Ltd", [*reversed(longer), same, same, *longer])
    assert found[0].id == "same"
    assert len(found) == 1 + MOST_ALIKE
    assert len({one.id for one in found}) == len(found)


@pytest.mark.requirement("IN-5")
@given(st.text(), st.text())
def test_nothing_is_more_alike_than_the_same_name(name: str, other: str) -> None:
    assert likeness(name, name) == 1
    assert 0 <= likeness(name, other) <= 1
    assert 0 <= suggested(name, NO_TRAITS, Account("1", other)).score <= 1


@pytest.mark.requirement("IN-5")
@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=30))
def test_no_namesake_is_ever_left_out(name: str, names: list[str]) -> None:
    found = ranked(name, [Account(str(number), one) for number, one in enumerate([*names, name])])
    assert [one.name for one in found].count(name) == [*names, name].count(name)
