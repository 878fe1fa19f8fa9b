"""Runs and their leases: one run in progress per connection and flow, whatever dies (RUN-1)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Halt, Mode, Run, Status
from payrelay.ledger import Ledger, keys
from payrelay.ledger.runs import Leased, LeaseLost, Life
from tests.ledger.conftest import CONNECTION, FLOW, NOW, TENANT, a_run, start
from tests.worlds.structs import replace

FINISHED: dict[str, Any] = {"finished_at": "2026-03-02T06:00:00.000Z", "status": Status.SUCCEEDED}


def holding(ledger: Ledger, run: Run, now: int = NOW) -> Run:
    return ledger.runs.holding(run.tenant, run.run_id, now=now, lease_seconds=100)


def finish(ledger: Ledger, run: Run) -> bool:
    standing = {"first_load_done": True, "last_run_id": run.run_id}
    return ledger.runs.finish(replace(run, **FINISHED), standing=standing)


def ids(runs: Iterator[Run]) -> list[str]:
    return [run.run_id for run in runs]


@pytest.mark.requirement("RUN-1")
def test_a_start_takes_the_lease_and_a_second_one_joins(ledger: Ledger) -> None:
    first = a_run(1)
    assert start(ledger, first) == first
    assert start(ledger, a_run(2)) == first
    assert ledger.runs.get(TENANT, "run_002") is None
    assert ledger.runs.in_progress(TENANT, CONNECTION, FLOW) == first


@pytest.mark.requirement("RUN-1")
def test_other_flows_and_connections_have_leases_of_their_own(ledger: Ledger) -> None:
    runs = [
        a_run(1),
        a_run(2, flow="time_off_export"),
        a_run(3, connection_id="con_B"),
        a_run(4, tenant="other"),
    ]
    assert [start(ledger, run) for run in runs] == runs


@pytest.mark.requirement("RUN-1")
def test_of_starts_that_race_one_takes_the_lease_and_the_others_join(ledger: Ledger) -> None:
    racers = [a_run(number) for number in range(1, 9)]
    line = Barrier(len(racers))

    def race(run: Run) -> Run:
        line.wait(timeout=10)
        return start(ledger, run)

    with ThreadPoolExecutor(len(racers)) as track:
        ran = {run.run_id for run in track.map(race, racers)}
    assert len(ran) == 1
    assert ids(ledger.runs.list(TENANT)) == [*ran]


@pytest.mark.requirement("RUN-1")
def test_of_two_starts_that_both_saw_a_free_lease_the_second_joins(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race itself: the second start reads the lease before the first one's transaction."""
    first, second = a_run(1), a_run(2)
    table: Any = ledger.runs._table
    transact = table.transact

    def overtaken(actions: Any) -> Any:
        monkeypatch.setattr(table, "transact", transact)
        start(ledger, first)
        return transact(actions)

    monkeypatch.setattr(table, "transact", overtaken)
    assert start(ledger, second) == first
    assert ledger.runs.get(TENANT, second.run_id) is None


@pytest.mark.requirement("RUN-1")
def test_a_lease_whose_run_died_is_taken_over_once_it_expired(ledger: Ledger) -> None:
    dead, heir = a_run(1), a_run(2)
    start(ledger, dead)
    assert start(ledger, heir, now=NOW + 100) == dead
    took_over = ledger.runs.start(heir, now=NOW + 101, lease_seconds=100, ttl=NOW + 10_000)
    assert (took_over.run, took_over.dead) == (heir, dead.run_id)
    with pytest.raises(LeaseLost):
        holding(ledger, dead, NOW + 101)
    assert holding(ledger, heir, NOW + 101) == heir


@pytest.mark.requirement("RUN-1")
def test_whoever_acts_gives_a_sign_of_life_and_renews_the_lease(ledger: Ledger) -> None:
    """(oncall OC-13) At most every quarter of a minute, so that steps that come thick are not slowed down."""
    run = a_run(1)
    start(ledger, run)
    assert ledger.runs.life(run) == Life(own=True, until=NOW + 100, seen_at=NOW)
    holding(ledger, run, NOW + 14)
    assert ledger.runs.life(run).seen_at == NOW
    holding(ledger, run, NOW + 15)
    assert ledger.runs.life(run) == Life(own=True, until=NOW + 115, seen_at=NOW + 15)
    assert start(ledger, a_run(2), now=NOW + 115) == run
    assert ledger.runs.life(a_run(2)) == Life(own=False)
    assert start(ledger, a_run(2), now=NOW + 116) != run


@pytest.mark.requirement("RUN-1")
def test_a_sign_of_life_shortens_no_wait(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    ledger.runs.extend(run, until=NOW + 900)
    holding(ledger, run, NOW + 20)
    assert ledger.runs.life(run) == Life(own=True, until=NOW + 900, seen_at=NOW + 20)


@pytest.mark.requirement("RUN-1")
def test_a_lease_of_before_there_were_signs_of_life_is_read_and_gets_one(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    former = {**keys.lease(TENANT, CONNECTION, FLOW), "run_id": run.run_id, "lease_until": NOW + 100}
    ledger.runs._table.put(former)
    assert ledger.runs.life(run) == Life(own=True, until=NOW + 100)
    assert list(ledger.runs.leased()) == []
    holding(ledger, run, NOW + 1)
    assert list(ledger.runs.leased()) == [Leased(TENANT, run.run_id)]


@pytest.mark.requirement("RUN-1")
def test_the_watch_sees_who_has_a_lease_of_all_tenants_until_it_is_given_back(ledger: Ledger) -> None:
    one, other = a_run(1), replace(a_run(2), tenant="other")
    start(ledger, one)
    start(ledger, other)
    both = [Leased(TENANT, one.run_id), Leased("other", other.run_id)]
    assert sorted(ledger.runs.leased(), key=lambda leased: leased.tenant) == both
    assert finish(ledger, one)
    assert list(ledger.runs.leased()) == both[1:]


@pytest.mark.requirement("RUN-1")
def test_a_lease_is_kept_over_a_wait_and_never_made_shorter(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    ledger.runs.extend(run, until=NOW + 900)
    ledger.runs.extend(run, until=NOW + 300)
    assert start(ledger, a_run(2), now=NOW + 900) == run
    heir = start(ledger, a_run(2), now=NOW + 901)
    ledger.runs.extend(run, until=NOW + 9000)
    assert start(ledger, a_run(3), now=NOW + 1002) != heir


@pytest.mark.requirement("RUN-1")
def test_a_run_that_ends_gives_its_lease_back(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    assert finish(ledger, run)
    assert ledger.runs.in_progress(TENANT, CONNECTION, FLOW) is None
    assert start(ledger, a_run(2)) == a_run(2)
    standing = ledger.connections.standing(TENANT, CONNECTION, FLOW)
    assert standing["first_load_done"] is True
    assert standing["last_run_id"] == "run_001"


def test_a_run_ends_once_and_then_stays_as_it_is(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    assert finish(ledger, run)
    assert not ledger.runs.finish(replace(run, **FINISHED, total=9), standing={"last_run_id": "x"})
    ended = ledger.runs.get(TENANT, run.run_id)
    assert ended == replace(run, **FINISHED)
    ledger.runs.halt(run, Halt(Status.STOPPED, reason("RUN_DIED", problem="late")))
    assert ledger.runs.get(TENANT, run.run_id) == ended
    with pytest.raises(LeaseLost):
        ledger.runs.change(run, total=9)
    with pytest.raises(LeaseLost):
        holding(ledger, run)


def test_a_dead_run_that_is_closed_late_leaves_its_heirs_lease_and_standing_alone(ledger: Ledger) -> None:
    dead, heir = a_run(1), a_run(2)
    start(ledger, dead)
    start(ledger, heir, now=NOW + 101)
    assert finish(ledger, heir)
    next_one = a_run(3)
    start(ledger, next_one, now=NOW + 102)
    assert finish(ledger, dead)
    assert ledger.runs.in_progress(TENANT, CONNECTION, FLOW) == next_one
    assert ledger.connections.standing(TENANT, CONNECTION, FLOW)["last_run_id"] == "run_002"


@pytest.mark.requirement("OPS-4")
def test_steps_at_the_same_time_add_up_what_they_asked_of_each_system(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    ledger.runs.change(run, asked={"made_xledger": 2, "waited_xledger": 1500}, pages=3)
    ledger.runs.add_asked(run, {"made_xledger": 3, "made_simployer": 1})
    found = ledger.runs.get(TENANT, run.run_id)
    asked = {"made_xledger": 5, "waited_xledger": 1500, "made_simployer": 1}
    assert found == replace(run, pages=3, asked=asked)
    assert finish(ledger, found)
    ledger.runs.add_asked(run, {"made_xledger": 9})
    ended = ledger.runs.get(TENANT, run.run_id)
    assert ended
    assert ended.asked == asked, "what has ended stays as it is"


def test_the_first_reason_to_halt_stays(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    first = Halt(Status.STOPPED, reason("RUN_DIED", problem="first"))
    ledger.runs.halt(run, first)
    ledger.runs.halt(run, Halt(Status.FAILED, reason("RUN_DIED", problem="second")))
    found = ledger.runs.get(TENANT, run.run_id)
    assert found
    assert found.halt == first


def test_a_run_is_stored_whole(ledger: Ledger) -> None:
    run = a_run(
        1,
        mode=Mode.APPLY,
        options={"employees": ["1042"]},
        settings={"brake": {"share": "0.10"}, "nested": {"none": None}},
        plan_of="run_000",
        only=3,
    )
    start(ledger, run)
    changed = ledger.runs.change(run, status=Status.RUNNING, pages=2, held={"people": 7}, complete=True)
    assert changed == replace(run, status=Status.RUNNING, pages=2, held={"people": 7}, complete=True)
    assert ledger.runs.get(TENANT, run.run_id) == changed


def test_runs_are_listed_newest_first_and_go_on_after_a_cursor(ledger: Ledger) -> None:
    for number in range(1, 6):
        start(ledger, a_run(number, flow=f"flow_{number}", connection_id="con_AB"[: 5 + number % 2]))
    assert ids(ledger.runs.list(TENANT)) == [f"run_00{n}" for n in (5, 4, 3, 2, 1)]
    assert ids(ledger.runs.list(TENANT, after="run_004")) == ["run_003", "run_002", "run_001"]
    assert ids(ledger.runs.list(TENANT, "con_AB")) == ["run_005", "run_003", "run_001"]
    assert ids(ledger.runs.list(TENANT, "con_AB", after="run_003")) == ["run_001"]
    assert ids(ledger.runs.list(TENANT, "con_none")) == []


@pytest.mark.requirement("CON-4")
def test_a_run_is_only_there_for_its_own_tenant(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    assert ledger.runs.get("other", run.run_id) is None
    assert ledger.runs.in_progress("other", CONNECTION, FLOW) is None
    assert ids(ledger.runs.list("other")) == []
    assert ids(ledger.runs.list("other", CONNECTION)) == []
    with pytest.raises(LeaseLost):
        ledger.runs.holding("other", run.run_id, now=NOW, lease_seconds=100)
    with pytest.raises(LeaseLost):
        ledger.runs.change(replace(run, tenant="other"), total=1)


def test_the_details_of_a_run_expire(ledger: Ledger) -> None:
    run = a_run(1)
    start(ledger, run)
    finish(ledger, run)
    table: Any = ledger.runs._table
    assert table.get(keys.run(TENANT, run.run_id))["ttl"] == NOW + 10_000
