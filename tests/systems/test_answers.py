"""Which error an answer means."""

from datetime import UTC, datetime

import pytest

from payrelay.errors import (
    CredentialsRefused,
    NeedsAttention,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    VendorError,
)
from payrelay.systems.http.answers import (
    Answer,
    NoAnswer,
    error_of_answer,
    error_of_no_answer,
    growing_wait,
    named_wait,
)

NOW = datetime(2026, 2, 9, 6, 0, tzinfo=UTC)


@pytest.mark.requirement("SEC-1")
def test_an_answer_in_a_traceback_shows_its_status_only() -> None:
    assert repr(Answer(200, {"set-cookie": "x"}, b"body")) == "Answer(status=200)"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("1.5", 1.5),
        (" 12 ", 12),
        ("Mon, 09 Feb 2026 06:00:30 GMT", 30),
        ("Mon, 09 Feb 2026 06:00:30 -0000", 30),
        ("Mon, 09 Feb 2026 07:00:30 +0100", 30),
        ("Mon, 09 Feb 2026 05:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("9" * 20, None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert named_wait(Answer(429, {"retry-after": header}, b""), NOW) == seconds


def test_waits_grow_to_a_limit() -> None:
    assert [growing_wait(refusals) for refusals in (0, 1, 2, 5, 6, 7, 1000)] == [
        5,
        10,
        20,
        160,
        300,
        300,
        300,
    ]


@pytest.mark.parametrize(
    ("status", "of_read", "of_write"),
    [
        (400, Rejected, Rejected),
        (401, CredentialsRefused, CredentialsRefused),
        (403, CredentialsRefused, CredentialsRefused),
        (404, Rejected, Rejected),
        (408, RetryLater, RetryLater),
        (409, Rejected, Rejected),
        (425, RetryLater, RetryLater),
        (429, RetryLater, RetryLater),
        (500, RetryLater, OutcomeUnknown),
        (503, RetryLater, OutcomeUnknown),
        (504, RetryLater, OutcomeUnknown),
        (301, NeedsAttention, NeedsAttention),
        (307, NeedsAttention, NeedsAttention),
    ],
)
def test_each_status_means_one_error(
    status: int, of_read: type[Exception], of_write: type[Exception]
) -> None:
    for safe, kind in ((True, of_read), (False, of_write)):
        answer = Answer(status, {}, b"")
        error = error_of_answer("vendor", answer, safe=safe, wait=None, refusals=0, words=("", ""))
        assert type(error) is kind
        if isinstance(error, VendorError):
            assert error.code == str(status)


@pytest.mark.parametrize(
    ("wait", "seconds", "named"), [(7.0, 7, True), (0.2, 1, True), (0.0, 1, True), (None, 20, False)]
)
def test_the_named_time_goes_before_our_own(wait: float | None, seconds: int, named: bool) -> None:
    error = error_of_answer("vendor", Answer(429, {}, b""), safe=True, wait=wait, refusals=2, words=("", ""))

    assert isinstance(error, RetryLater)
    assert (error.seconds, error.named) == (seconds, named)


def test_a_refusal_carries_the_vendors_code_and_words() -> None:
    words = ("E42", "limit must be a number")
    error = error_of_answer("vendor", Answer(400, {}, b""), safe=True, wait=None, refusals=0, words=words)

    assert isinstance(error, Rejected)
    assert (error.code, str(error)) == ("E42", "vendor: limit must be a number")


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://evil.example/login?token=abc", "evil.example"),
        ("/v2/employee?ssn=1", "the same host"),
        ("https://[broken", "an address that can't be read"),
    ],
)
@pytest.mark.requirement("SEC-3")
def test_a_redirect_names_the_host_only(location: str, named: str) -> None:
    answer = Answer(302, {"location": location}, b"")
    error = error_of_answer("vendor", answer, safe=True, wait=None, refusals=0, words=("", ""))

    assert isinstance(error, NeedsAttention)
    assert named in error.message
    assert "?" not in str(error)


@pytest.mark.parametrize(
    ("lost", "of_read", "of_write"),
    [
        (NoAnswer("not reachable", sent=False), RetryLater, RetryLater),
        (NoAnswer("connection lost"), RetryLater, OutcomeUnknown),
        (NoAnswer("answer too large", too_large=True), Rejected, OutcomeUnknown),
    ],
)
@pytest.mark.requirement("RUN-5")
def test_a_lost_answer_of_a_write_is_unknown_unless_it_never_left(
    lost: NoAnswer, of_read: type[Exception], of_write: type[Exception]
) -> None:
    assert type(error_of_no_answer("vendor", lost, safe=True, seconds=5)) is of_read
    assert type(error_of_no_answer("vendor", lost, safe=False, seconds=5)) is of_write
