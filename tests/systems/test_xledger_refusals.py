"""What each error of Xledger means, for reads and for writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from payrelay.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    PartlyWritten,
    ProgrammingError,
    Rejected,
    RetryLater,
    VendorError,
)
from payrelay.systems.xledger.refusals import Context, error_of

NOW = datetime(2026, 2, 9, 6, 0, tzinfo=UTC)
IDS = ["emp-1", "emp-14", "emp-145", "abs-145-2026-02-09-ABC"]


def context(*, safe: bool, now: datetime = NOW) -> Context:
    return Context(safe=safe, client_ids=IDS, hidden=(), now=now)


def error(message: str, code: str | None = None, **extensions: Any) -> dict[str, Any]:
    return {"message": message, "extensions": extensions} | ({"code": code} if code else {})


@pytest.mark.parametrize(
    ("given", "of_read", "of_write"),
    [
        (error("Burst", "BAD_REQUEST.BURST_RATE_LIMIT_REACHED"), RetryLater, RetryLater),
        (error("Busy", "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED"), RetryLater, RetryLater),
        (error("Credits", "BAD_REQUEST.INSUFFICIENT_CREDITS"), RetryLater, RetryLater),
        (error("Bad", code="INVALID_VALUE"), Rejected, Rejected),
        ({"message": "Bad", "extensions": {"code": "INVALID_VALUE"}}, Rejected, Rejected),
        (
            {"message": "Bad", "code": "BAD_REQUEST", "extensions": {"code": "INVALID_VALUE"}},
            Rejected,
            Rejected,
        ),
        ({"message": "Bad", "extensions": {"code": "ARGUMENTS_OF_CORRECT_TYPE"}}, Rejected, Rejected),
        (error("Something new", "BAD_REQUEST.SOMETHING_NEW"), Rejected, Rejected),
        (error("Cannot query field 'x' on type 'Employee'."), ProgrammingError, ProgrammingError),
        (error("Unknown argument 'x' on field 'Query.employees'."), ProgrammingError, ProgrammingError),
        (error("Syntax Error: Expected Name."), ProgrammingError, ProgrammingError),
        (error("An unhandled error", "UNHANDLED_ERROR"), RetryLater, OutcomeUnknown),
        ({"message": "An error", "extensions": {"code": "UNHANDLED_ERROR"}}, RetryLater, OutcomeUnknown),
        (error("Your query timed out."), RetryLater, OutcomeUnknown),
        (error("Execution Timeout Expired", "BAD_REQUEST"), RetryLater, OutcomeUnknown),
        (
            error('Bad format for API Token. Expected header: "Authorization: token <t>"'),
            CredentialsRefused,
            CredentialsRefused,
        ),
        (error("No", "UNAUTHORIZED"), CredentialsRefused, CredentialsRefused),
        (error("No rights on Human Resources", "FORBIDDEN.DOMAIN"), CredentialsRefused, CredentialsRefused),
        (error("Words without a code"), Rejected, OutcomeUnknown),
        ("not even an object", Rejected, OutcomeUnknown),
        ({"message": None, "extensions": None}, Rejected, OutcomeUnknown),
    ],
)
def test_each_error_means_one_of_ours(
    given: object, of_read: type[Exception], of_write: type[Exception]
) -> None:
    assert type(error_of([given], {}, context(safe=True))) is of_read
    assert type(error_of([given], {}, context(safe=False))) is of_write


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        ("BAD_REQUEST.BURST_RATE_LIMIT_REACHED", 5),
        ("BAD_REQUEST.CONCURRENCY_LIMIT_REACHED", 1),
        ("BAD_REQUEST.INSUFFICIENT_CREDITS", 1200),
    ],
)
def test_a_limit_has_its_usual_wait(code: str, seconds: int) -> None:
    later = error_of([error("Limit", code)], {}, context(safe=False))

    assert isinstance(later, RetryLater)
    assert (later.seconds, later.named, later.code) == (seconds, True, code)


@pytest.mark.parametrize(
    ("reset_at", "now", "seconds"),
    [
        pytest.param("2026-02-09T07:20:00", NOW, 1200, id="wall clock in winter"),
        pytest.param("2026-02-09T06:20:00Z", NOW, 1200, id="UTC"),
        pytest.param("2026-02-09T06:20:00.250Z", NOW, 1201, id="part of a second"),
        pytest.param("2026-02-09T07:20:00+01:00", NOW, 1200, id="with an offset"),
        pytest.param(
            "2026-07-01T08:20:00",
            datetime(2026, 7, 1, 6, 0, tzinfo=UTC),
            1200,
            id="wall clock in summer",
        ),
        pytest.param(
            "2026-10-25T02:20:00",
            datetime(2026, 10, 25, 0, 0, tzinfo=UTC),
            80 * 60,
            id="the hour that comes twice: the second",
        ),
        pytest.param("2026-02-09T05:00:00", NOW, 1, id="already past"),
        pytest.param("tomorrow", NOW, 1200, id="no time"),
        pytest.param(1770620400, NOW, 1200, id="a number"),
        pytest.param(None, NOW, 1200, id="none"),
    ],
)
def test_credits_come_back_when_they_say(reset_at: object, now: datetime, seconds: int) -> None:
    given = error("Credits", "BAD_REQUEST.INSUFFICIENT_CREDITS", resetAt=reset_at)

    later = error_of([given], {}, context(safe=True, now=now))

    assert isinstance(later, RetryLater)
    assert (later.seconds, later.named) == (seconds, True)


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        (error("Unknown group", "X", clientId="emp-14"), ("emp-14",)),
        (error("Unknown group", "X", clientIds=["emp-145", "emp-1", "nobody"]), ("emp-1", "emp-145")),
        (error("emp-14: unknown group", "X"), ("emp-14",)),
        (error("node 'emp-145' and (abs-145-2026-02-09-ABC)", "X"), ("emp-145", "abs-145-2026-02-09-ABC")),
        (error("code 145 in use", "X"), ()),
        (error("Unknown group", "X", clientId={"odd": 1}), ()),
    ],
)
def test_the_culprits_are_named_where_xledger_names_them(
    given: dict[str, Any], keys: tuple[str, ...]
) -> None:
    refused = error_of([given], {}, context(safe=False))

    assert isinstance(refused, Rejected)
    assert refused.keys == keys


def test_several_errors_give_their_words_once_and_all_culprits() -> None:
    given = [error("Bad group", "X", clientId=client_id) for client_id in ("emp-1", "emp-14")]

    refused = error_of([*given, error("Bad date", "Y", clientId="emp-145")], {}, context(safe=False))

    assert isinstance(refused, Rejected)
    assert (refused.message, refused.code) == ("Bad group; Bad date", "X")
    assert refused.keys == ("emp-1", "emp-14", "emp-145")
    assert refused.reasons == {"emp-1": "Bad group", "emp-14": "Bad group", "emp-145": "Bad date"}


def test_the_error_that_decides_the_cure_goes_first() -> None:
    bad, limit = error("Bad", "X", clientId="emp-1"), error("Busy", "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED")

    assert type(error_of([bad, limit], {}, context(safe=False))) is RetryLater


@pytest.mark.requirement("RUN-5")
def test_a_partial_write_tells_both_sides() -> None:
    done = {"emp-1": "ref 1", "emp-14": "ref 14"}

    partly = error_of([error("Bad", "X", clientId="emp-145")], done, context(safe=False))

    assert isinstance(partly, PartlyWritten)
    assert partly.done == done
    assert partly.keys == ("emp-145", "abs-145-2026-02-09-ABC")


@pytest.mark.requirement("SEC-1")
def test_an_echoed_value_is_masked() -> None:
    given = error("socialSec 99-77 of kari@acme.example is bad", "X")

    refused = error_of([given], {}, Context(safe=False, client_ids=[], hidden={"99-77"}, now=NOW))

    assert isinstance(refused, VendorError)
    assert refused.message == "socialSec ***** of ***** is bad"
