"""Account numbers: which texts are one, and which are the same."""

from __future__ import annotations

import pytest

from payrelay.domain.iban import is_iban, same_account

RIGHT = [
    "NO9386011117947",
    "no93 8601 1117 947",
    "NO93\u00a08601\u00a01117\u00a0947",
    "NL91ABNA0417164300",
    "GB29-NWBK-6016-1331-9268-19",
    "DE89370400440532013000",
    "MT84MALT011000012345MTLCAST001S",
]
WRONG = [
    "",
    "NO9386011117948",
    "NO938601111794",
    "XX9386011117947",
    "NL91ABNA04171643",
    "9386011117947",
    "NO93\uff18601111794",
]


@pytest.mark.parametrize("text", RIGHT)
def test_a_number_is_one_however_it_is_spaced(text: str) -> None:
    assert is_iban(text)


@pytest.mark.parametrize("text", WRONG)
def test_a_length_or_check_digit_that_is_wrong_makes_none(text: str) -> None:
    assert not is_iban(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("NO93 8601 1117 947", "NO9386011117947", True),
        ("no9386011117947", "NO9386011117947", True),
        ("NO9386011117947\u200b", "NO9386011117947", True),
        ("8601.11.17947", "86011117947", True),
        ("NO9386011117947", "NO8330001234567", False),
    ],
)
def test_two_texts_name_one_account_or_do_not(one: str, other: str, same: bool) -> None:
    assert same_account(one, other) is same
