"""What the door counts of calls and waits, by system (OPS-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import PayrelayError, RetryLater
from payrelay.systems.http.tally import AllowanceSpent, Tally
from tests.systems.conftest import Bench
from tests.systems.doors import OK, door
from tests.systems.loopback import CUT, Loopback, Reply, closed_port, reply
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("OPS-4")
BUSY = reply({"code": "", "message": ""}, 429, Retry_After="3")
DOWN, REFUSED = reply({"code": "", "message": ""}, 500), reply({"code": "E1", "message": "no"}, 422)

ANSWERS = [
    ("well", [OK], {"made": 1}),
    ("busy, and then well", [BUSY, BUSY, OK], {"made": 3, "refused": 2, "retried": 2, "waited": 6000}),
    ("no answer, and then well", [CUT, OK], {"made": 2, "refused": 1, "retried": 1, "waited": 200}),
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
    assert found["retried_vendor"] == 2


def test_what_a_call_with_patience_waits_is_counted(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(BUSY, OK)
    tally = Tally()
    made = door(loopback.origin, replace(bench.options, tally=tally))
    made.patiently(lambda: made.post("/rows", {}))
    expected = {"made_vendor": 2, "refused_vendor": 1, "retried_vendor": 1, "waited_vendor": 3000}
    assert tally.take() == expected


def test_a_renewed_token_has_the_call_made_again_and_is_no_refusal(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({}, 401), OK)
    tally = Tally()
    options = replace(bench.options, tally=tally, renew=lambda: Secret("new"))
    door(loopback.origin, options).get("/rows")
    assert tally.take() == {"made_vendor": 2, "retried_vendor": 1}


def test_what_is_taken_by_a_run_is_taken_once_more_by_the_day(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({}, 200, X_DayLimit_Remaining="4188"), OK)
    tally = Tally()
    made = door(loopback.origin, replace(bench.options, tally=tally))
    made.get("/rows")
    assert tally.take() == {"made_vendor": 1}
    made.get("/rows")
    spent = tally.take_day()
    assert spent.numbers == {"made_vendor": 2}
    assert {system: left.calls for system, left in spent.left.items()} == {"vendor": 4188}
    assert not tally.take_day()
    assert tally.take() == {}


def test_no_more_calls_leave_than_are_allowed(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(OK, OK, OK)
    tally = Tally()
    made = door(loopback.origin, replace(bench.options, tally=tally))
    tally.allow({"vendor": 1, "another": 0})
    made.get("/rows")
    with pytest.raises(AllowanceSpent) as refused:
        made.get("/rows")
    assert refused.value.system == "vendor"
    assert tally.take_day().numbers == {"made_vendor": 1}
    tally.forget()
    made.get("/rows")


def test_calls_side_by_side_are_all_counted() -> None:
    tally = Tally()
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: tally.call("vendor", 200), range(2000)))
    assert tally.take() == {"made_vendor": 2000}
