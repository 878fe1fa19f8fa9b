"""Messages that start runs, and runs of one person's own: each has its place in the table (RUN-1, TRG-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from payrelay.domain.runs import Connection, ConnectionStatus, Run, Status
from payrelay.ledger import Ledger, keys
from payrelay.ledger.connections import Arriving
from payrelay.ledger.runs import Arrival, Started
from tests.ledger.conftest import CONNECTION, FLOW, NOW, TENANT, a_run, start
from tests.worlds.structs import replace

FLOWS = (FLOW, "time_off_export")
DAY = 24 * 3600


def arriving(ledger: Ledger, message_id: str = "msg_1", tenant: str = TENANT) -> Arriving:
    return ledger.connections.arriving(tenant, CONNECTION, message_id, FLOWS)


def told(ledger: Ledger, run: Run, message_id: str = "msg_1", now: int = NOW) -> Started:
    """A message starts `run`, as the hook does it when the message is not known yet."""
    lease = arriving(ledger, message_id).leases.get(run.flow)
    arrival = Arrival(message_id, lease, now + DAY)
    return ledger.runs.start(run, now=now, lease_seconds=100, ttl=now + 10_000, arrival=arrival)


def finish(ledger: Ledger, run: Run) -> None:
    ended = replace(run, status=Status.SUCCEEDED, finished_at="2026-03-02T06:00:00.000Z")
    assert ledger.runs.finish(ended, standing={})


@pytest.mark.requirement("TRG-3")
def test_what_a_message_meets_is_read_in_one_go(ledger: Ledger) -> None:
    assert arriving(ledger) == Arriving(None, {}, None)
    connection = Connection(
        TENANT, CONNECTION, "Acme", "attache_express_leave", {}, ConnectionStatus.CONNECTED, "then", "then"
    )
    ledger.connections.create(connection)
    run = a_run(1)
    told(ledger, run)
    start(ledger, a_run(2, scope="E1"))
    found = arriving(ledger)
    assert (found.connection, found.known, list(found.leases)) == (connection, run.run_id, [FLOW])
    assert (found.leases[FLOW]["run_id"], found.leases[FLOW]["lease_until"]) == (run.run_id, NOW + 100)
    assert arriving(ledger, "msg_2").known is None


@pytest.mark.requirement("CON-4", "TRG-3")
def test_nothing_of_another_tenant_is_met(ledger: Ledger) -> None:
    told(ledger, a_run(1))
    assert arriving(ledger, tenant="other") == Arriving(None, {}, None)


@pytest.mark.requirement("TRG-3")
def test_a_message_is_noted_with_the_run_that_it_started_for_as_long_as_it_may_come_again(
    ledger: Ledger,
) -> None:
    assert told(ledger, a_run(1)) == Started(a_run(1))
    table: Any = ledger.runs._table
    item = table.get(keys.arrival(TENANT, CONNECTION, "msg_1"))
    assert (item["run_id"], item["ttl"]) == ("run_001", NOW + DAY)


@pytest.mark.requirement("TRG-3", "RUN-1")
def test_a_message_that_joins_is_noted_with_the_run_that_it_joined(ledger: Ledger) -> None:
    told(ledger, a_run(1))
    assert told(ledger, a_run(2), "msg_2") == Started(a_run(1))
    finish(ledger, a_run(1))
    assert arriving(ledger, "msg_2").known == "run_001"
    assert ledger.runs.get(TENANT, "run_002") is None


@pytest.mark.requirement("TRG-3")
def test_the_same_message_starts_no_other_run_even_when_it_was_not_known_a_moment_ago(
    ledger: Ledger,
) -> None:
    """Both read that the message is new; the first one's run has even ended when the second starts."""
    lease = arriving(ledger).leases.get(FLOW)
    late = Arrival("msg_1", lease, NOW + DAY)
    told(ledger, a_run(1))
    finish(ledger, a_run(1))
    found = ledger.runs.start(a_run(2), now=NOW, lease_seconds=100, ttl=NOW + 10_000, arrival=late)
    assert found.run.run_id == "run_001"
    assert ledger.runs.get(TENANT, "run_002") is None
    assert arriving(ledger).leases == {}, "and it keeps no lease"


@pytest.mark.requirement("TRG-3", "RUN-1")
def test_the_same_message_gets_its_run_while_another_one_is_in_progress(ledger: Ledger) -> None:
    lease = arriving(ledger).leases.get(FLOW)
    late = Arrival("msg_1", lease, NOW + DAY)
    told(ledger, a_run(1))
    finish(ledger, a_run(1))
    told(ledger, a_run(2), "msg_2")
    found = ledger.runs.start(a_run(3), now=NOW, lease_seconds=100, ttl=NOW + 10_000, arrival=late)
    assert found.run.run_id == "run_001"


@pytest.mark.requirement("RUN-1")
def test_a_lease_that_was_read_too_early_is_read_again(ledger: Ledger) -> None:
    stale = Arrival("msg_2", arriving(ledger).leases.get(FLOW), NOW + DAY)
    start(ledger, a_run(1))
    found = ledger.runs.start(a_run(2), now=NOW, lease_seconds=100, ttl=NOW + 10_000, arrival=stale)
    assert found == Started(a_run(1))
    assert arriving(ledger, "msg_2").known == "run_001"


@pytest.mark.requirement("RUN-1")
def test_a_message_takes_over_from_a_run_that_died_and_says_which(ledger: Ledger) -> None:
    told(ledger, a_run(1))
    assert told(ledger, a_run(2), "msg_2", NOW + 101) == Started(a_run(2), "run_001")


@pytest.mark.requirement("TRG-3", "RUN-1")
@pytest.mark.parametrize("same", [True, False], ids=["one message", "a message each"])
def test_of_messages_at_once_one_starts_a_run_and_each_is_noted_with_it(ledger: Ledger, same: bool) -> None:
    numbers = range(1, 9)
    line = Barrier(len(numbers))

    def race(number: int) -> str:
        line.wait(timeout=10)
        return told(ledger, a_run(number), "msg" if same else f"msg_{number}").run.run_id

    with ThreadPoolExecutor(len(numbers)) as track:
        ran = {*track.map(race, numbers)}
    assert len(ran) == 1
    assert [run.run_id for run in ledger.runs.list(TENANT)] == [*ran]
    noted = {arriving(ledger, "msg" if same else f"msg_{number}").known for number in numbers}
    assert noted == ran


# Runs of one person's own.


@pytest.mark.requirement("RUN-1", "LB-12")
def test_a_run_of_one_persons_own_has_a_lease_of_its_own(ledger: Ledger) -> None:
    everybody, one, other = a_run(1), a_run(2, scope="E1"), a_run(3, scope="E2")
    assert [start(ledger, run) for run in (everybody, one, other)] == [everybody, one, other]
    assert start(ledger, a_run(4, scope="E1")) == one
    assert start(ledger, a_run(4)) == everybody
    assert ledger.runs.in_progress(TENANT, CONNECTION, FLOW) == everybody
    finish(ledger, one)
    assert start(ledger, a_run(5, scope="E1")) == a_run(5, scope="E1")
    assert start(ledger, a_run(6)) == everybody


@pytest.mark.requirement("RUN-1", "LB-12")
def test_the_lease_of_one_persons_run_is_renewed_and_given_back_by_that_run(ledger: Ledger) -> None:
    start(ledger, a_run(1))
    run = start(ledger, a_run(2, scope="E1"))
    assert ledger.runs.holding(TENANT, run.run_id, now=NOW + 60, lease_seconds=100) == run
    assert start(ledger, a_run(3, scope="E1"), now=NOW + 150) == run
    ledger.runs.extend(run, until=NOW + 900)
    assert start(ledger, a_run(3, scope="E1"), now=NOW + 890) == run
    assert start(ledger, a_run(4), now=NOW + 150) == a_run(4), "that of everybody has run out meanwhile"


@pytest.mark.requirement("CON-2", "CON-4")
def test_all_runs_in_progress_are_those_of_all_flows_and_people(ledger: Ledger) -> None:
    there = [a_run(1), a_run(2, scope="E1"), a_run(3, flow="time_off_export"), a_run(4, scope="E2")]
    for run in [*there, a_run(5, connection_id="con_B"), a_run(6, tenant="other")]:
        start(ledger, run)
    finish(ledger, there.pop())
    assert [*ledger.runs.all_in_progress(TENANT, CONNECTION)] == sorted(
        there, key=lambda run: f"{run.flow}#{run.scope}"
    )
    assert [*ledger.runs.all_in_progress("nobody", CONNECTION)] == []
