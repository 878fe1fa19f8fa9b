"""What outside systems do on bad days: every record ends right, or says why and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payrelay.domain.runs import ConnectionStatus, Halt, Status, Waits
from payrelay.flows.engine import apply, close, plan, review
from payrelay.flows.engine.life import signs
from payrelay.ledger.deliveries import Intent
from payrelay.ledger.parts import BATCH
from tests.flows.conftest import World
from tests.worlds import people
from tests.worlds.people import person, simployer, xledger
from tests.worlds.steps import Crash, event

PEOPLE = ("1001", "1002", "1003", "1004")


@pytest.fixture
def small(world: World) -> World:
    """Four people in Simployer; Xledger has the first two, one of them with another e-mail."""
    known = [person(number) for number in PEOPLE]
    world.put("simployer", simployer(known))
    world.put(
        "xledger",
        xledger(people.in_xledger(known[0]), people.in_xledger(known[1], email="old@acme.example")),
    )
    return world


def settled(world: World, run: Any) -> None:
    """The run did its work, and the next one finds nothing left to write."""
    assert run.status is Status.SUCCEEDED, run.error
    assert run.counts["created"] == 2
    codes = sorted(row["code"] for row in world.state("xledger")["employees"])
    assert codes == list(PEOPLE)
    world.calm("xledger")
    world.calm("simployer")
    world.forget_requests()
    again = world.run()
    assert world.writes() == []
    assert again.counts
    assert again.counts["unchanged"] == len(PEOPLE)


def nodes_written(world: World) -> int:
    return sum(int(write["nodes"] or 0) for write in world.writes())


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("operation", ["addEmployees", "updateEmployees", "updateContacts"])
def test_a_lost_answer_to_a_bulk_mutation_is_looked_up_and_not_sent_again(
    small: World, operation: str
) -> None:
    small.forget_requests()
    small.faults("xledger", errors=["after_write_reset"], match=operation, count=1)
    run = small.run()
    assert small.waits, "the step should have answered `later`"
    sent = [write["operation"] for write in small.writes()]
    assert sent.count(operation) == 1
    settled(small, run)


@pytest.mark.requirement("RUN-5", "RUN-4")
@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        ({"errors": ["burst"], "count": 9}, 5),
        ({"errors": ["concurrency"], "count": 9}, 1),
        ({"errors": ["credits"], "count": 1, "reset_in_seconds": 1200}, 1200),
        ({"errors": [429], "count": 1}, None),
        ({"errors": [503], "count": 1, "match": "addEmployees"}, None),
        ({"errors": ["unhandled"], "count": 1, "match": "updateContacts"}, None),
        ({"errors": ["reset"], "count": 1, "match": "addEmployees"}, None),
    ],
    ids=lambda case: str(case["errors"][0]) if isinstance(case, dict) else "",
)
def test_limits_and_short_troubles_of_the_target_are_waited_out(
    small: World, fault: dict[str, Any], waited: int | None
) -> None:
    small.faults("xledger", **fault)
    run = small.run()
    if waited:
        assert small.waits
        assert all(abs(seconds - waited) <= 5 for seconds in small.waits), small.waits
    settled(small, run)


TOLD = [
    ({"errors": [429], "count": 9}, "429, first try"),
    ({"errors": ["concurrency"], "count": 9}, "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED, first try"),
    ({"errors": [503], "count": 1, "match": "addEmployees"}, "503, first try"),
    ({"errors": ["reset"], "count": 1, "match": "addEmployees"}, "no answer, first try"),
]


@pytest.mark.requirement("RUN-3", "RUN-4")
@pytest.mark.parametrize(("fault", "why"), TOLD, ids=[why for _, why in TOLD])
def test_a_run_that_waits_says_for_whom_until_when_and_why(
    small: World, fault: dict[str, Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(oncall OC-33) It looked like a dead one: running, and nothing moved."""
    told: list[str] = []
    small.faults("xledger", **fault)
    run = small.start()
    wait = small.wait

    def looks(seconds: float) -> None:
        found = signs(small.engine, small.get(run)).waits
        assert found
        told.append(found["message"])
        until = small.clock.now + timedelta(seconds=seconds)
        assert found["message"].startswith(f"waits for Xledger until {until:%H:%M:%S} (")
        wait(seconds)

    monkeypatch.setattr(small, "wait", looks)
    ended = small.drive(run)
    assert told[0].endswith(f"({why})")
    settled(small, ended)


@pytest.mark.requirement("RUN-3", "RUN-5")
def test_a_run_that_waits_for_what_a_dead_one_has_claimed_says_so(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(oncall OC-33)"""
    dead, until = small.start(), small.engine.now + 60
    theirs = [Intent("employee:1003", "1003", "what it sent")]
    small.ledger.deliveries.claim(dead, f"{dead.run_id}/0", theirs, now=small.engine.now, until=until)
    close.close_run(small.engine, {"run": event(dead), "problem": "its execution is ABORTED"})
    run, wait = small.start(), small.wait
    told: list[str] = []

    def looks(seconds: float) -> None:
        found = signs(small.engine, small.get(run)).waits
        assert found
        told.append(found["message"])
        wait(seconds)

    monkeypatch.setattr(small, "wait", looks)
    settled(small, small.drive(run))
    ends = f"{datetime.fromtimestamp(until, UTC):%H:%M:%S}"
    assert told[0].startswith(
        f"waits for what another run has begun to send, whose claims end at {ends}, until "
    )


def test_the_try_is_counted_in_words() -> None:
    """(oncall OC-33)"""
    until = "2026-06-01T03:19:47.000Z"
    assert Waits("Xledger", until, "429", 1).message == "waits for Xledger until 03:19:47 (429, first try)"
    assert Waits("Xledger", until, "", 7).message == "waits for Xledger until 03:19:47 (7th try)"
    assert Waits("Xledger", until).message == "waits for Xledger until 03:19:47"


@pytest.mark.requirement("RUN-4")
def test_a_vendor_that_asks_for_many_hours_ends_the_run_instead_of_being_slept_through(small: World) -> None:
    small.faults("xledger", errors=["credits"], reset_in_seconds=70_000)
    run = small.run()
    assert run.status is Status.FAILED
    assert run.error
    assert run.error.code == "COME_BACK_LATER"
    assert "Xledger" in run.error.message or "xledger" in run.error.message
    assert small.waits == []
    small.calm("xledger")
    settled(small, small.run())


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize("system", ["simployer", "xledger"])
def test_an_unreachable_system_fails_the_run_with_its_reason_and_the_next_run_finishes(
    small: World, system: str
) -> None:
    small.faults(system, errors=["reset"])
    run = small.run()
    assert run.status is Status.FAILED
    assert run.error
    assert run.error.code == "SYSTEM_UNREACHABLE"
    assert run.error.remedy
    small.calm(system)
    settled(small, small.run())


@pytest.mark.requirement("RUN-4", "RUN-2")
def test_a_target_that_goes_down_in_mid_run_leaves_every_record_accounted_for(small: World) -> None:
    small.faults("xledger", errors=[503], match="addEmployees")
    run = small.run()
    assert run.status is Status.FAILED
    assert run.counts
    assert sum(run.counts.values()) == len(PEOPLE)
    records = small.records(run)
    failed = [record for record in records.values() if record.outcome == "failed"]
    assert len(failed) == run.counts["failed"] >= 2
    codes = {record.key: record.reason.code for record in failed if record.reason}
    sent, kept_back = "OUTCOME_UNKNOWN", "NOT_ATTEMPTED"
    assert codes == {"1001": kept_back, "1002": kept_back, "1003": sent, "1004": sent}, (
        "a 503 to a write says nothing of it"
    )
    small.calm("xledger")
    finished = small.run()
    assert finished.status is Status.SUCCEEDED
    assert sorted(row["code"] for row in small.state("xledger")["employees"]) == list(PEOPLE)


@pytest.mark.requirement("CON-2", "RUN-4")
@pytest.mark.parametrize(
    ("system", "match"), [("simployer", "employee"), ("xledger", "employees"), ("xledger", "addEmployees")]
)
def test_a_token_refused_in_mid_run_fails_it_and_marks_the_connection(
    small: World, system: str, match: str
) -> None:
    small.faults(system, errors=["token"], match=match, after=1 if system == "simployer" else 0)
    run = small.run()
    assert run.status is Status.FAILED
    assert run.error
    assert run.error.code == "CREDENTIALS_REFUSED"
    connection = small.connection
    assert connection.status is ConnectionStatus.ATTENTION
    assert connection.reason
    assert connection.reason.code == "CREDENTIALS_REFUSED"
    assert "token" in connection.reason.remedy


@pytest.mark.requirement("RUN-4", "RUN-8")
def test_half_of_a_bulk_mutation_that_fails_is_looked_up_and_only_the_rest_is_sent_again(
    small: World,
) -> None:
    small.forget_requests()
    small.faults("xledger", errors=["partial"], match="addEmployees", count=1)
    run = small.run()
    added = [write["nodes"] for write in small.writes() if write["operation"] == "addEmployees"]
    assert added == [2, 1]
    settled(small, run)


@pytest.mark.requirement("RUN-4", "RUN-8")
def test_one_whom_the_target_refuses_for_ever_holds_nobody_up(small: World) -> None:
    state = small.state("simployer")
    del state["employee"][3]["firstName"], state["employee"][3]["lastName"]
    small.put("simployer", state)
    run = small.run()
    assert run.status is Status.PARTIAL
    assert run.counts
    assert (run.counts["created"], run.counts["failed"]) == (1, 1)
    small.forget_requests()
    again = small.run()
    assert again.counts
    assert (again.counts["unchanged"], again.counts["failed"]) == (3, 1)
    assert nodes_written(small) == 1, "only that one is tried"


@pytest.mark.requirement("RUN-1")
def test_the_same_execution_started_twice_changes_nothing_more(small: World) -> None:
    run = small.start()
    small.steps(run)
    close.close_run(small.engine, {"run": event(run)})
    before = small.get(run)
    small.forget_requests()
    assert small.steps(run) == "halted"
    close.close_run(small.engine, {"run": event(run)})
    assert small.get(run) == before
    assert small.requests("xledger") == []


@pytest.mark.requirement("RUN-1")
def test_two_triggers_at_once_are_one_run(small: World) -> None:
    first = small.start()
    second = small.start()
    assert first.run_id == second.run_id
    assert small.executions.started == [first.run_id, first.run_id], "a queued run's start is made sure of"


@pytest.mark.requirement("RUN-1")
def test_a_run_whose_lease_was_taken_over_writes_nothing_more(small: World) -> None:
    dead = small.start()
    plan.open_run(small.engine, {"run": event(dead)})
    small.clock.pass_by(small.limits.lease_seconds + 1)
    alive = small.start()
    assert alive.run_id != dead.run_id
    assert small.get(dead).status is Status.FAILED
    small.forget_requests()
    for step in (plan.list_pages, plan.plan):
        message = {"run": event(dead), "page": {"index": 0, "offset": 0, "limit": 999, "ids": []}}
        assert step(small.engine, small.opening, message)["status"] == "halted"
    assert review.review_plan(small.engine, {"run": event(dead)})["status"] == "halted"
    assert small.requests("xledger") == []


@pytest.mark.requirement("RUN-2", "RUN-4")
def test_an_execution_that_is_aborted_in_mid_run_is_closed_with_every_record(small: World) -> None:
    run = small.start()
    plan.open_run(small.engine, {"run": event(run)})
    small.planned(run)
    review.review_plan(small.engine, {"run": event(run)})
    close.close_run(small.engine, {"run": event(run), "problem": "its execution is ABORTED"})
    ended = small.get(run)
    assert ended.status is Status.FAILED
    assert ended.error
    assert ended.error.code == "RUN_DIED"
    assert ended.counts
    assert sum(ended.counts.values()) == len(PEOPLE)
    settled(small, small.run())


@pytest.mark.requirement("RUN-4")
def test_a_batch_that_broke_off_says_why(small: World) -> None:
    """(aws 16) The run said "a batch of writes was not done", and nobody knew what of."""
    run = small.start()
    plan.open_run(small.engine, {"run": event(run)})
    small.planned(run)
    review.review_plan(small.engine, {"run": event(run)})
    close.close_run(small.engine, {"run": event(run), "problem": None, "left": "ApplyPage: TableBusy"})
    ended = small.get(run)
    assert ended.error
    assert "a batch of writes was not done: ApplyPage: TableBusy" in ended.error.message
    failed = small.ledger.parts.part_records(run, BATCH, 0)
    assert {"TableBusy" in one.reason.message for one in failed if one.reason} == {True}


@pytest.mark.requirement("RUN-2")
def test_a_stopped_run_says_so_and_accounts_for_what_it_did_not_write(small: World) -> None:
    from payrelay.domain.reasons import reason

    run = small.start()
    plan.open_run(small.engine, {"run": event(run)})
    small.planned(run)
    answer = review.review_plan(small.engine, {"run": event(run)})
    small.ledger.runs.halt(small.get(run), Halt(Status.STOPPED, reason("STOPPED_BY_USER", who="tester")))
    for batch in answer["batches"]:
        apply.apply_page(small.engine, small.opening, {"run": event(run), "batch": batch})
    small.forget_requests()
    close.close_run(small.engine, {"run": event(run)})
    ended = small.get(run)
    assert ended.status is Status.STOPPED
    assert ended.counts
    assert ended.counts["failed"] == len(PEOPLE)
    assert sum(ended.counts.values()) == len(PEOPLE)
    assert small.writes() == []


@pytest.mark.requirement("RUN-5")
def test_a_lambda_that_times_out_in_mid_batch_is_repeated_without_a_double_write(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is gone after the employees are created and before their contacts are written."""
    from payrelay.systems.xledger.client import XledgerClient

    real: Callable[..., Any] = XledgerClient.update_contacts
    deaths = iter([True])

    def dies_once(self: XledgerClient, nodes: Any) -> Any:
        if next(deaths, False):
            raise Crash("timed out")
        return real(self, nodes)

    monkeypatch.setattr(XledgerClient, "update_contacts", dies_once)
    small.forget_requests()
    run = small.run()
    assert small.crashes == 1
    operations = [write["operation"] for write in small.writes()]
    assert operations.count("addEmployees") == 1
    settled(small, run)
