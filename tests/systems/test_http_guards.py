"""What the door refuses, limits, shows to observers, and never shows."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from payrelay.domain.sensitive import Secret, SocialSecurityNumber
from payrelay.errors import CredentialsRefused, NeedsAttention, OutcomeUnknown, Rejected, RetryLater
from payrelay.systems.http import door as http
from payrelay.systems.http.door import Call, Door, Observer
from tests.systems.conftest import Bench
from tests.systems.doors import OK, TOKEN, door
from tests.systems.loopback import CUT, RESET, Loopback, Reply, closed_port, reply
from tests.worlds.structs import replace


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, loopback: Loopback, bench: Bench) -> None:
    away = reply({"code": "", "message": ""}, status, Location="http://127.0.0.1:1/steal?ssn=1")
    loopback.answers(away, OK)
    made = door(loopback.origin, bench.options)

    with pytest.raises(NeedsAttention, match=r"redirect to 127\.0\.0\.1,") as refusal:
        made.get("/rows")
    assert "ssn" not in str(refusal.value)
    assert len(loopback.seen) == 1


def test_an_answer_has_a_largest_size(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(Reply(body=gzip.compress(b" " * 100_000), headers={"Content-Encoding": "gzip"}))
    made = door(loopback.origin, replace(bench.options, largest_answer=1000))

    with pytest.raises(Rejected, match="larger than 1000 bytes"):
        made.get("/rows")
    with pytest.raises(OutcomeUnknown, match="larger than 1000 bytes"):
        made.post("/rows", {})


def test_an_answer_that_only_drips_in_ends_in_time(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(Reply(body=b" " * 200_000))
    ticks = iter(range(0, 10_000, 50))
    options = replace(bench.options, clock=lambda: float(next(ticks)))

    with pytest.raises(RetryLater, match="not complete in time"):
        door(loopback.origin, options).get("/rows")


def test_a_statuses_that_the_caller_accepts_is_an_answer(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"errors": []}, 400))

    assert door(loopback.origin, bench.options).post("/graphql", {}, accept={400}) == {"errors": []}


@pytest.mark.parametrize("token", ["line\nbreak", "blank ", "tøken", "\x00"])
def test_credentials_that_no_header_can_carry_are_refused_unseen(token: str, bench: Bench) -> None:
    with pytest.raises(CredentialsRefused) as refusal:
        Door(
            "vendor",
            "https://www.vendor.example",
            ("www.vendor.example",),
            secret_headers={"Authorization": Secret(token)},
            explain=lambda _: ("", ""),
            options=bench.options,
        )
    assert token not in str(refusal.value)


def test_nothing_of_the_environment_reroutes_a_call(
    loopback: Loopback, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, closed_port())
    loopback.answers(reply({}, Set_Cookie="session=1; Path=/"))
    made = door(loopback.origin, bench.options)

    made.get("/rows")
    made.get("/rows")

    assert "Cookie" not in loopback.seen[1].headers


def test_a_connection_that_slept_long_is_not_used_for_a_write(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(OK)
    time = [0.0]
    made = door(loopback.origin, replace(bench.options, clock=lambda: time[0]))
    made.get("/rows")
    closed: list[float] = []
    made._session.close = lambda: closed.append(time[0])  # type: ignore[method-assign]

    for moment in (10.0, 40.0, 45.0):
        time[0] = moment
        made.post("/rows", {})

    assert closed == [40.0]


class Crash(BaseException):
    """The process dies here."""


class CrashAt(Observer):
    def __init__(self, number: int, moment: str) -> None:
        super().__init__()
        self.number, self.moment = number, moment

    def before(self, call: Call) -> None:
        super().before(call)
        if (self.calls, "before") == (self.number, self.moment):
            raise Crash(call.path)

    def after(self, call: Call) -> None:
        if (self.calls, "after") == (self.number, self.moment):
            raise Crash(call.path)


@pytest.mark.parametrize(("moment", "arrived"), [("before", 1), ("after", 2)])
@pytest.mark.parametrize("place", ["module", "door"])
def test_a_crash_can_be_put_before_and_after_any_call(
    moment: str, arrived: int, place: str, loopback: Loopback, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher, options = CrashAt(2, moment), bench.options
    if place == "module":
        monkeypatch.setattr(http, "observer", watcher)
    else:
        options = replace(options, observer=watcher)
    loopback.answers(OK)
    made = door(loopback.origin, options)

    made.post("/rows", {})
    with pytest.raises(Crash, match="/second"):
        made.post("/second", {})
    assert len(loopback.seen) == arrived
    assert watcher.calls == 2


Attempt = Callable[[Door], object]


@pytest.mark.requirement("SEC-1")
@pytest.mark.parametrize(
    "answer",
    [
        reply({"code": "E", "message": f"{TOKEN} 01019012345"}, 400),
        reply({"code": "", "message": ""}, 401),
        reply({"code": "", "message": ""}, 500),
        RESET,
        CUT,
        Reply(body=b"01019012345"[:5] + b"<"),
    ],
)
@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(lambda made: made.get("/rows", [("ssn", "01019012345")]), id="query"),
        pytest.param(lambda made: made.post("/rows", {"s": SocialSecurityNumber("01019012345")}), id="body"),
    ],
)
def test_no_error_or_log_shows_header_query_or_body(
    answer: Reply, attempt: Attempt, loopback: Loopback, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    loopback.answers(answer)
    caplog.set_level("DEBUG")
    made = door(loopback.origin, bench.options)

    with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is
        attempt(made)

    chain, error = [], raised.value
    while error is not None:
        chain += [str(error), repr(error), repr(vars(error))]
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    shown = " ".join([*chain, caplog.text, repr(bench.calls)])
    assert TOKEN not in shown
    assert "01019012345" not in shown
