"""Texts that look alike: what the eye sees, in what they differ, and how a message shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.spelling import EYE, NUMBER, READER, folded, seen, shown, spelled_otherwise, trimmed

# A text, another, and in what they differ: "" in nothing, None in more than how they are spelled.
PAIRS = [
    ("Zebra", "Zebra", ""),
    ("Müller", "Mu\u0308ller", "the form of its letters (Unicode)"),
    ("Acme  Ltd", "Acme Ltd", "blanks"),
    ("Acme Ltd ", "Acme Ltd", "blanks"),
    ("Acme\u00a0Ltd", "Acme Ltd", "blanks"),
    ("Acme\u202fLtd", "Acme Ltd", "blanks"),
    ("Acme\tLtd", "Acme Ltd", "blanks"),
    ("145\u200b", "145", "invisible signs"),
    ("\ufeff145", "145", "invisible signs"),
    ("1\u00ad45", "145", "invisible signs"),
    ("145\ufe0f", "145", "invisible signs"),
    ("145\u0000", "145", "invisible signs"),
    ("\uff11\uff14\uff15", "145", "the width of its letters"),
    ("А145", "A145", "letters of another alphabet"),
    ("ACME", "Acme", "capitals"),
    ("STRASSE", "straße", "capitals"),
    ("O’Brien", "O'Brien", "quotation marks or dashes"),
    ("Jean–Luc", "Jean-Luc", "quotation marks or dashes"),
    ("ACME  LTD", "acme ltd", "blanks and capitals"),
    ("O’BRIEN  LTD\u200b", "o'brien ltd", "quotation marks or dashes, invisible signs, blanks and capitals"),
    ("Zebrra", "Zebra", None),
    ("Acme Ltd", "Acme Limited", None),
    ("AcmeLtd", "Acme Ltd", None),
    ("Müller", "Muller", None),
    ("0145", "145", None),
    ("", "Acme", None),
    ("", " ", "blanks"),
]


@pytest.mark.requirement("EX-9", "IN-5")
@pytest.mark.parametrize(("one", "other", "words"), PAIRS)
def test_two_texts_that_are_one_differ_in_what_is_said(one: str, other: str, words: str | None) -> None:
    """(faults C3)"""
    assert spelled_otherwise(one, other) == words
    assert spelled_otherwise(other, one) == words


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("0145", "145", "leading zeros"),
        ("002010", "2010", "leading zeros"),
        ("0", "000", "leading zeros"),
        ("a01", "A1", None),
        (" 0145\u200b", "145", "invisible signs, blanks and leading zeros"),
        ("10", "1", None),
        ("0", "", None),
    ],
)
def test_a_number_may_have_zeros_before_it(one: str, other: str, words: str | None) -> None:
    """(faults B5)"""
    assert spelled_otherwise(one, other, NUMBER) == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("145", '"145"'),
        ("145 ", '"145 "'),
        ("145\u200b", '"145<U+200B>"'),
        ("\u00a0145", '"<U+00A0>145"'),
        ("a\tb\r\n", '"a<U+0009>b<U+000D><U+000A>"'),
        ("Bjørk", '"Bjørk"'),
    ],
)
def test_what_can_not_be_seen_is_named(text: str, said: str) -> None:
    """(faults B5)"""
    assert shown(text) == said


@pytest.mark.parametrize(
    ("text", "left"),
    [("145 ", "145"), ("\u00a0\u200b145\ufeff\r\n", "145"), ("  ", ""), ("a  b ", "a  b"), ("", "")],
)
def test_outer_blanks_and_signs_are_no_part_of_a_text(text: str, left: str) -> None:
    assert trimmed(text) == left


@given(st.text())
def test_what_the_eye_sees_stays_when_it_is_looked_at_again(text: str) -> None:
    assert seen(text) == folded(text, EYE)
    assert seen(seen(text)) == seen(text)


@given(st.text(), st.text())
def test_words_are_given_exactly_where_texts_fold_to_one(one: str, other: str) -> None:
    assert (spelled_otherwise(one, other) is None) == (folded(one, READER) != folded(other, READER))
