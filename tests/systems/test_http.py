"""The one door out, over real sockets on loopback."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
import responses

from payrelay.domain.sensitive import Secret, SocialSecurityNumber
from payrelay.errors import CredentialsRefused, NeedsAttention, OutcomeUnknown, Rejected, RetryLater
from payrelay.systems import http
from payrelay.systems.answers import Answer
from payrelay.systems.http import Call, Door, DoorOptions, Observer
from tests.systems.conftest import Bench
from tests.systems.loopback import CUT, HOLD, RESET, Loopback, Reply, closed_port, reply

TOKEN = "token-never-shown"
OK = reply({"rows": 1})


def door(base_url: str, options: DoorOptions) -> Door:
    def explain(answer: Answer) -> tuple[str, str]:
        body = answer.json()
        return body["code"], body["message"]

    return Door(
        "vendor",
        base_url,
        ("www.vendor.example",),
        secret_headers={"Authorization": Secret(TOKEN)},
        explain=explain,
        options=options,
    )


def test_a_read_gives_the_json_with_exact_numbers(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(Reply(body=b'{"hours": 7.10}'))

    read = door(f"{loopback.origin}/prefix/v1", bench.options).get(
        "/rows/{id}", [("a[]", "1 2")], values={"id": "x/y"}
    )

    assert read == {"hours": Decimal("7.10")}
    (seen,) = loopback.seen
    assert (seen.method, seen.path, seen.params) == ("GET", "/prefix/v1/rows/x%2Fy", [("a[]", "1 2")])
    assert seen.headers["Authorization"] == TOKEN
    assert bench.calls == [("vendor", "GET", "/rows/{id}", 200)]


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_id_can_not_climb_the_path(value: str, loopback: Loopback, bench: Bench) -> None:
    with pytest.raises(ValueError, match="an id in a path"):
        door(loopback.origin, bench.options).get("/rows/{id}", values={"id": value})
    assert loopback.seen == []


def test_a_write_sends_json_and_reveals_only_there(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(OK)

    door(loopback.origin, bench.options).post("/rows", {"ssn": SocialSecurityNumber("01019012345")})

    assert loopback.seen[0].body == {"ssn": "01019012345"}
    assert loopback.seen[0].headers["Content-Type"] == "application/json"


def test_a_compressed_answer_is_read(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(Reply(body=gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": "gzip"}))

    assert door(loopback.origin, bench.options).get("/rows") == {"a": 1}


BLIPS = [pytest.param(RESET, id="reset"), pytest.param(HOLD, id="no answer"), pytest.param(CUT, id="cut off")]


@pytest.mark.parametrize("blip", BLIPS)
def test_a_read_is_tried_again_after_a_blip(blip: Reply, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(blip, blip, OK)

    assert door(loopback.origin, bench.waiting_for(blip)).get("/rows") == {"rows": 1}
    assert len(loopback.seen) == 3
    assert bench.pauses == [0.2, 0.2]
    assert [call[3] for call in bench.calls] == [0, 0, 200]


@pytest.mark.parametrize("blip", BLIPS)
def test_a_read_that_goes_on_failing_is_for_later(blip: Reply, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(blip)

    with pytest.raises(RetryLater) as later:
        door(loopback.origin, bench.waiting_for(blip)).get("/rows")
    assert type(later.value) is RetryLater
    assert (later.value.seconds, later.value.named, later.value.code) == (5, False, "ANSWER_LOST")
    assert len(loopback.seen) == 3


@pytest.mark.parametrize("blip", BLIPS)
@pytest.mark.requirement("RUN-5")
def test_a_write_without_its_answer_is_unknown_and_not_sent_again(
    blip: Reply, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(blip, OK)

    with pytest.raises(OutcomeUnknown):
        door(loopback.origin, bench.waiting_for(blip)).post("/rows", {})
    assert len(loopback.seen) == 1
    assert bench.pauses == []


@pytest.mark.parametrize(("safe", "pauses"), [(True, [0.2, 0.2]), (False, [])])
def test_a_refused_connection_is_for_later_since_nothing_was_sent(
    safe: bool, pauses: list[float], bench: Bench
) -> None:
    with pytest.raises(RetryLater) as later:
        door(closed_port(), bench.options).post("/rows", {}, safe=safe)

    assert type(later.value) is RetryLater
    assert later.value.code == "UNREACHABLE"
    assert bench.pauses == pauses


@responses.activate
def test_a_host_that_does_not_exist_is_for_later(bench: Bench) -> None:
    # The registered name ".invalid" never resolves, so this stays on the machine.
    responses.add_passthru("https://www.vendor.invalid")
    made = Door(
        "vendor",
        "https://www.vendor.invalid",
        ("www.vendor.invalid",),
        secret_headers={},
        explain=lambda _: ("", ""),
        options=bench.options,
    )

    with pytest.raises(RetryLater) as later:
        made.post("/rows", {})
    assert (type(later.value), later.value.code) == (RetryLater, "UNREACHABLE")


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_named_wait_is_taken_here_for_a_read(status: int, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({}, status, Retry_After="2"), reply({}, status, Retry_After="5"), OK)

    assert door(loopback.origin, bench.options).get("/rows") == {"rows": 1}
    assert bench.pauses == [2, 5]


@pytest.mark.parametrize(
    ("answers", "seconds", "pauses"),
    [
        pytest.param([reply({}, 429, Retry_After="6")], 6, [], id="too long to sit out here"),
        pytest.param([reply({}, 429, Retry_After="5")], 5, [5, 5], id="two more tries"),
        pytest.param([reply({}, 429, Retry_After="72000")], 72000, [], id="a daily limit"),
        pytest.param([reply({}, 429)], 5, [], id="no time named"),
        pytest.param([reply({}, 429, Retry_After="Mon, 09 Feb 2026 06:02:00 GMT")], 120, [], id="a date"),
    ],
)
def test_other_waits_are_the_callers(
    answers: list[Reply], seconds: int, pauses: list[float], loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(*answers)
    code_and_words = {"code": "", "message": ""}
    loopback.answers(*(replace(answer, body=json.dumps(code_and_words).encode()) for answer in answers))

    with pytest.raises(RetryLater) as later:
        door(loopback.origin, bench.options).get("/rows")
    assert later.value.seconds == seconds
    assert later.value.named is ("Retry-After" in answers[0].headers)
    assert bench.pauses == pauses


def test_all_pauses_of_a_call_have_a_limit(loopback: Loopback, bench: Bench) -> None:
    busy = reply({"code": "", "message": ""}, 429, Retry_After="4")
    loopback.answers(busy)

    with pytest.raises(RetryLater):
        door(loopback.origin, replace(bench.options, all_pauses=7)).get("/rows")
    assert bench.pauses == [4]


def test_a_busy_system_is_not_asked_twice_for_a_write(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"code": "", "message": ""}, 429, Retry_After="1"), OK)

    with pytest.raises(RetryLater) as later:
        door(loopback.origin, bench.options).post("/rows", {})
    assert (type(later.value), later.value.seconds) == (RetryLater, 1)
    assert len(loopback.seen) == 1


def test_the_wait_grows_while_a_system_refuses_and_starts_again_after(
    loopback: Loopback, bench: Bench
) -> None:
    trouble = reply({"code": "", "message": ""}, 500)
    loopback.answers(trouble, trouble, OK, trouble)
    made, seconds = door(loopback.origin, bench.options), []

    for _ in range(4):
        try:
            made.get("/rows")
        except RetryLater as later:
            seconds.append(later.seconds)

    assert seconds == [5, 10, 5]


def test_a_refusal_carries_the_vendors_words_without_what_was_sent(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"code": "E7", "message": "no such number 99-77"}, 422))

    with pytest.raises(Rejected) as refusal:
        door(loopback.origin, bench.options).post("/rows", {"ssn": SocialSecurityNumber("99-77")})
    assert (refusal.value.code, str(refusal.value)) == ("E7", "vendor: no such number *****")


@pytest.mark.parametrize(
    ("body", "status"), [(b"<html>", 200), (b"", 200), (b'{"a"', 200), (b"", 204), (b"NaN", 200)]
)
def test_an_answer_that_is_not_json_is_for_later_or_unknown(
    body: bytes, status: int, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(Reply(status, body))
    made = door(loopback.origin, bench.options)

    with pytest.raises(RetryLater, match="unreadable answer") as of_read:
        made.get("/rows")
    with pytest.raises(OutcomeUnknown, match="unreadable answer"):
        made.post("/rows", {})
    assert type(of_read.value) is RetryLater


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
