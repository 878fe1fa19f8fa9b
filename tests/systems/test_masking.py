"""Nothing that was sent and nothing personal shows in a vendor's words, however it is spelled (SEC-1)."""

from __future__ import annotations

import base64

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.masking import clean, parts_of

IBAN = "NL91ABNA0417164300"


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("plain words", "plain words"),
        ("employee 145, absence 2026-02-09 to 2026-02-15", "employee 145, absence 2026-02-09 to 2026-02-15"),
        ("unknown id 65d3a1f00000000000000145", "unknown id 65d3a1f00000000000000145"),
        ("bad socialSec 01019012345!", "bad socialSec *****!"),
        ("bad socialSec 010190 12345", "bad socialSec *****"),
        ("bad number 19900101-1234", "bad number *****"),
        ("bad IBAN NO9386011117947", "bad IBAN *****"),
        ("bad IBAN NL91 ABNA 0417 1643 00.", "bad IBAN *****."),
        ("bad IBAN nl91 abna 0417 1643 00", "bad IBAN *****"),
        ("bad IBAN NL91-ABNA-0417-1643-00", "bad IBAN *****"),
        ("accountNL91ABNA0417164300is wrong", "account*****is wrong"),
        ("order AB12CDEF34567890 is unknown", "order ***** is unknown"),
        ("order ab12cdef34567890 is unknown", "order ab12cdef34567890 is unknown"),
        ("bad BSN 123/456/782", "bad BSN *****"),
        ("from 2026/02/09 to 2026/02/15", "from 2026/02/09 to 2026/02/15"),
        ("mail kari.n@acme.example is taken", "mail ***** is taken"),
        ("two\nlines\tand \x00 more", "two lines and more"),
        ("x" * 400, "x" * 300 + "…"),
    ],
)
def test_a_message_shows_nothing_personal(message: str, shown: str) -> None:
    assert clean(message) == shown


@pytest.mark.requirement("SEC-1")
def test_a_message_that_echoes_what_was_sent_is_masked() -> None:
    assert clean("bad value '99-X'", {"99-X", "99"}) == "bad value '*****'"


SPELLED = [
    (IBAN, "iban nl91abna0417164300 is wrong", "iban ***** is wrong"),
    (IBAN, "iban NL91-ABNA-0417-1643-00 is wrong", "iban ***** is wrong"),
    (IBAN, "valueNL91ABNA0417164300!", "value*****!"),
    ("123456782", "BSN 123/456/782", "BSN *****"),
    ("4250.00", "an amount of 4,250.00 is too much", "an amount of ***** is too much"),
    ("s3cr+t/tok=en", "token=s3cr%2Bt%2Ftok%3Den refused", "token=***** refused"),
    ("S3cret-Word", "password s3cret_word is wrong", "password ***** is wrong"),
]


@pytest.mark.requirement("SEC-1", "RUN-6")
@pytest.mark.parametrize(("value", "message", "shown"), SPELLED)
def test_a_hidden_value_is_found_in_another_spelling(value: str, message: str, shown: str) -> None:
    assert clean(message, {value}) == shown


@pytest.mark.requirement("SEC-1")
def test_of_a_basic_header_both_halves_are_hidden() -> None:
    token = base64.b64encode(b"client-77:the-secret").decode()
    assert set(parts_of(Secret(f"Basic {token}"))) == {token, "client-77", "the-secret"}
    assert set(parts_of(Secret("Bearer abc"))) == {"abc"}
    assert set(parts_of(Secret("Basic not-base64"))) == {"not-base64"}
