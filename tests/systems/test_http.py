"""The one door out, over real sockets on loopback."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import responses

from payrelay.domain.sensitive import SocialSecurityNumber
from payrelay.errors import OutcomeUnknown, Rejected, RetryLater
from payrelay.systems.http.answers import time_in
from payrelay.systems.http.door import Door
from tests.systems.conftest import Bench
from tests.systems.doors import OK, TOKEN, door
from tests.systems.loopback import CUT, HOLD, RESET, Loopback, Reply, closed_port, reply
from tests.worlds.structs import replace


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


@pytest.mark.parametrize(
    "value", ["", ".", "..", "../x", "a/../b", "a\\..\\b", "a//b", "a\n", "a\x00", "a\x7f"]
)
def test_an_id_can_not_climb_the_path(value: str, loopback: Loopback, bench: Bench) -> None:
    """(security F1, faults F5) It was a bare ValueError, which ended the run as RUN_DIED."""
    with pytest.raises(Rejected, match="an id in a path"):
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


@pytest.mark.requirement("RUN-11")
def test_the_time_is_what_the_newest_answer_says(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(OK)
    there = door(loopback.origin, bench.options)
    assert there.server_time() is None

    there.get("/rows")

    told = there.server_time()
    assert told
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 02 Mar 2026 05:00:07 GMT", datetime(2026, 3, 2, 5, 0, 7, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 05:00:07 -0000", datetime(2026, 3, 2, 5, 0, 7, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 06:00:07 +0100", datetime(2026, 3, 2, 5, 0, 7, tzinfo=UTC)),
        ("2026-03-02T05:00:07Z", None),
        ("soon", None),
        ("", None),
    ],
)
def test_what_no_http_date_says_is_no_time(text: str, moment: datetime | None) -> None:
    assert time_in(text) == moment


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
