"""Somebody who waits for the API is told who does not answer, while there is time to (faults H7)."""

from __future__ import annotations

import time

import pytest

from payrelay.errors import RetryLater
from payrelay.systems.http.patience import Patience
from tests.systems.conftest import Bench
from tests.systems.doors import OK, door
from tests.systems.loopback import HOLD, TRICKLE, Loopback, Reply, reply, serving
from tests.worlds.structs import replace


def patience(call: float = 2.0, answer: float = 0.3) -> Patience:
    return Patience(time.monotonic() + call, answer)


@pytest.mark.parametrize("hangs", [HOLD, TRICKLE], ids=["no answer", "a byte at a time"])
def test_a_system_that_hangs_is_waited_for_once_and_the_others_are_asked(
    hangs: Reply, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(hangs)
    options = replace(bench.options, patience=patience())
    began = time.monotonic()

    for _ in range(3):
        with pytest.raises(RetryLater):
            door(loopback.origin, options).get("/rows")

    assert time.monotonic() - began < 1.5
    assert len(loopback.seen) == 1, "neither tried again nor asked anything else"
    other = replace(options, patience=replace_silent(options.patience))
    with serving() as healthy:
        healthy.answers(OK)
        assert door(healthy.origin, other).get("/rows") == {"rows": 1}


def replace_silent(known: Patience | None) -> Patience:
    """The same patience, of which another system has used its part."""
    assert known
    assert known.silent == {"vendor"}
    return Patience(known.until, known.answer, silent={"another"})


def test_no_pause_is_made_that_would_outlast_the_call(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"code": "busy", "message": "busy"}, 429, Retry_After="3"))
    with pytest.raises(RetryLater) as busy:
        door(loopback.origin, replace(bench.options, patience=patience(call=2.0, answer=2.0))).get("/rows")
    assert (busy.value.seconds, busy.value.named, bench.pauses) == (3, True, [])


def test_after_the_time_of_the_call_nobody_is_asked(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(OK)
    over = replace(bench.options, patience=patience(call=-1.0))
    with pytest.raises(RetryLater, match="in the time that a call of Payrelay has"):
        door(loopback.origin, over).get("/rows")
    assert loopback.seen == []


def test_whatever_answers_in_time_is_read_as_ever(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"code": "", "message": ""}, 503, Retry_After="0"), OK)
    options = replace(bench.options, patience=patience(call=5.0, answer=5.0))
    assert door(loopback.origin, options).get("/rows") == {"rows": 1}
    assert options.patience is not None
    assert options.patience.silent == set()
