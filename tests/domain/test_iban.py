"""Account numbers: which texts are one."""

from __future__ import annotations

import pytest

from payrelay.domain.iban import is_iban

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
