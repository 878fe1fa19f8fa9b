"""What the door counts of calls and waits, by system (OPS-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import PayrelayError, RetryLater
from payrelay.systems.http.tally import Tally
from tests.systems.conftest import Bench
from tests.systems.doors import OK, door
from tests.systems.loopback import CUT, Loopback, Reply, closed_port, reply
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("OPS-4")
BUSY = reply({"code": "", "message": ""}, 429, Retry_After="3")
DOWN, REFUSED = reply({"code": "", "message": ""}, 500), reply({"code": "E1", "message": "no"}, 422)

ANSWERS = [
    ("well", [OK], {"made": 1}),
    ("busy, and then well", [BUSY, BUSY, OK], {"made": 3, "refused": 2, "waited": 6000}),
    ("no answer, and then well", [CUT, OK], {"made": 2, "refused": 1, "waited": 200}),
    ("down", [DOWN], {"made": 1, "refused": 1}),
    ("refused for good", [REFUSED], {"made": 1}),
]


@pytest.mark.parametrize(
    ("answers", "expected"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_calls_refusals_and_waits_are_counted(
    answers: list[Reply], expected: dict[str, int], loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(*answers)
    tally = Tally()
    try:
        door(loopback.origin, replace(bench.options, tally=tally)).get("/rows")
    except PayrelayError:
        assert answers[-1] is not OK
    assert tally.take() == {f"{name}_vendor": number for name, number in expected.items()}
    assert tally.take() == {}, "each is taken once"


def test_a_system_that_is_not_there_refuses_each_try(bench: Bench) -> None:
    tally = Tally()
    with pytest.raises(RetryLater):
        door(closed_port(), replace(bench.options, tally=tally)).get("/rows")
    found = tally.take()
    assert found["made_vendor"] == found["refused_vendor"] == 3


def test_what_a_call_with_patience_waits_is_counted(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(BUSY, OK)
    tally = Tally()
    made = door(loopback.origin, replace(bench.options, tally=tally))
    made.patiently(lambda: made.post("/rows", {}))
    assert tally.take() == {"made_vendor": 2, "refused_vendor": 1, "waited_vendor": 3000}


def test_a_renewed_token_is_a_call_more_and_no_refusal(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({}, 401), OK)
    tally = Tally()
    options = replace(bench.options, tally=tally, renew=lambda: Secret("new"))
    door(loopback.origin, options).get("/rows")
    assert tally.take() == {"made_vendor": 2}


def test_calls_side_by_side_are_all_counted() -> None:
    tally = Tally()
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: tally.call("vendor", 200), range(2000)))
    assert tally.take() == {"made_vendor": 2000}
