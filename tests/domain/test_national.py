"""National numbers: which texts are one person's."""

from __future__ import annotations

from datetime import date

import pytest

from payrelay.domain.national import national_key, same_national

TODAY = date(2026, 11, 29)
ONE = [
    ("010190 12345", "01019012345"),
    ("19900101-2384", "9001012384"),
    ("900101-2384", "9001012384"),
    ("900101-2384", "199001012384"),
    ("121212+1212", "191212121212"),
    ("121212-1212", "201212121212"),
    ("1212121212", "191212121212"),
    ("131052-308t", "131052-308T"),
    ("131052-308T", "131052308T"),
    ("123.456.782", "123456782"),
    ("123/456/782", "123 456\u00a0782"),
    ("010190\u201312345", "01019012345"),
]
TWO = [
    ("121212-1212", "191212121212"),
    ("121212+1212", "121212-1212"),
    ("191212121212", "201212121212"),
    ("01019012345", "01019012346"),
    ("131052-308T", "131052A308T"),
    ("209913121234", "9913121234"),
    ("", "01019012345"),
]


@pytest.mark.requirement("EX-9")
@pytest.mark.parametrize(("one", "other"), ONE)
def test_one_number_however_it_is_written(one: str, other: str) -> None:
    """(faults C2)"""
    assert same_national(one, other, TODAY)
    assert same_national(other, one, TODAY)
    assert national_key(one) == national_key(other)


@pytest.mark.requirement("EX-9")
@pytest.mark.parametrize(("one", "other"), TWO)
def test_two_numbers_that_look_alike(one: str, other: str) -> None:
    """(faults C2)"""
    assert not same_national(one, other, TODAY)
    assert not same_national(other, one, TODAY)
