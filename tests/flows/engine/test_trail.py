"""The audit trail holds every write that a target answered, of the run that sent it, whatever came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from payrelay.domain.runs import Run, Status
from payrelay.errors import Rejected
from payrelay.flows.engine import apply, close, plan, review
from payrelay.systems.http import door as http
from payrelay.systems.xledger.client import XledgerClient
from tests.flows.conftest import World
from tests.worlds import people
from tests.worlds.people import person, simployer, whole, xledger
from tests.worlds.saboteur import Saboteur, moments
from tests.worlds.steps import Crash, event

pytestmark = pytest.mark.requirement("RUN-6")

NEW = ("1003", "1004")
EMPLOYEES = ("employee.description", "employee.email", "employee.employmentFrom", "employee.employeeGroup")
HIDDEN = ("employee.bankAccount", "employee.socialSec")


@pytest.fixture
def small(world: World) -> World:
    """Three people in Simployer, of whom Xledger has the first with another e-mail."""
    known = [person("1001"), *map(whole, NEW)]
    world.put("simployer", simployer(known))
    world.put("xledger", xledger(people.in_xledger(known[0], email="old@acme.example")))
    world.forget_requests()
    return world


def trail(world: World, number: str) -> list[dict[str, Any]]:
    """The entries of one person, oldest first."""
    found = world.ledger.history.of("demo", world.connection_id, f"employee:{number}")
    return list(reversed(list(found)))


def fields(entry: Mapping[str, Any]) -> set[str]:
    return {change["field"] for change in entry["changes"]}


def dies_before_contacts(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose worker is gone for good once the employees are created; its execution is aborted."""

    def dies(self: XledgerClient, nodes: Any) -> Any:
        raise Crash("gone")

    real: Callable[..., Any] = XledgerClient.update_contacts
    monkeypatch.setattr(XledgerClient, "update_contacts", dies)
    run = world.start()
    base = {"run": event(run)}
    plan.open_run(world.engine, base)
    world.planned(run)
    (batch,) = review.review_plan(world.engine, base)["batches"]
    with pytest.raises(Crash):
        apply.apply_page(world.engine, world.opening, {**base, "batch": batch})
    close.close_run(world.engine, {**base, "problem": "its execution is ABORTED"})
    monkeypatch.setattr(XledgerClient, "update_contacts", real)
    return world.get(run)


def test_what_was_answered_before_the_target_went_down_stands_as_created(small: World) -> None:
    """(oncall OC-2) (oncall OC-6)"""
    small.faults("xledger", errors=[503], match="updateContacts")
    run = small.run()
    assert (run.status, run.error.code) == (Status.FAILED, "SYSTEM_UNREACHABLE")
    assert (run.counts["created"], run.counts["failed"]) == (2, 0)
    records = small.records(run)
    for number in NEW:
        record = records[f"employee:{number}"]
        assert (record.outcome, record.reason.code) == ("created", "WRITTEN_IN_PART")
        assert "contact." in record.reason.message
        (entry,) = trail(small, number)
        assert (entry["run_id"], entry["outcome"]) == (run.run_id, "created")
        assert fields(entry) >= {*EMPLOYEES, *HIDDEN}
        assert not any(one.startswith("contact.") for one in fields(entry))
        assert {change.field for change in record.changes} == fields(entry)
    (part,) = small.ledger.parts.failing("demo")
    assert part.reasons == {"WRITTEN_IN_PART": 3}, "it is wrong still"
    small.calm("xledger")
    small.forget_requests()
    again = small.run()
    assert again.status is Status.SUCCEEDED
    assert [one["operation"] for one in small.writes()] == ["updateContacts"], "nothing is sent twice"
    for number in NEW:
        first, second = trail(small, number)
        assert first["run_id"] == run.run_id
        assert (second["run_id"], second["outcome"]) == (again.run_id, "updated")
        assert all(one.startswith("contact.") for one in fields(second))


def test_what_is_certainly_not_sent_is_not_in_doubt(small: World) -> None:
    """A vendor that says when to come back has done nothing of that call (oncall OC-2)."""
    small.faults("xledger", errors=["credits"], match="updateContacts", reset_in_seconds=70_000)
    run = small.run()
    assert run.error.code == "COME_BACK_LATER"
    assert small.outcomes(run) == {"1001": "updated", "1003": "created", "1004": "created"}
    assert set(small.reasons(run).values()) == {"WRITTEN_IN_PART"}
    assert list(small.ledger.doubts.of(run)) == []


def test_a_replay_of_what_failed_takes_what_is_written_in_part_along(small: World) -> None:
    """(oncall OC-2)"""
    from payrelay.flows.engine import orders

    small.faults("xledger", errors=[503], match="updateContacts")
    run = small.run()
    small.calm("xledger")
    asked = orders.Replay(outcomes=frozenset({"failed"}))
    order = orders.replay_order(small.engine, run, asked, "tester")
    assert order.only is not None
    assert len(order.only) == 3, "of the third the contact is to be written, too"


def test_what_the_target_refuses_of_somebody_it_has_created_is_beside_what_it_took(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(oncall OC-6)"""

    def refuses(self: XledgerClient, nodes: Any) -> Any:
        raise Rejected("xledger", "The phone is too long.", keys=tuple(key for key, _ in nodes))

    monkeypatch.setattr(XledgerClient, "update_contacts", refuses)
    run = small.run()
    for number in NEW:
        assert small.reasons(run)[number] == "REFUSED_BY_TARGET"
        (entry,) = trail(small, number)
        assert (entry["run_id"], entry["outcome"]) == (run.run_id, "created")
        assert fields(entry) >= {*EMPLOYEES, *HIDDEN}
        assert not any(one.startswith("contact.") for one in fields(entry))


def test_what_a_dead_run_had_written_is_found_by_the_next_and_put_down_as_the_dead_ones(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(oncall OC-6)"""
    dead = dies_before_contacts(small, monkeypatch)
    records = small.records(dead)
    assert {records[f"employee:{one}"].reason.code for one in NEW} == {"OUTCOME_UNKNOWN"}
    assert [trail(small, one) for one in NEW] == [[], []]
    small.wait(small.limits.claim_seconds + 1)
    small.forget_requests()
    again = small.run()
    assert again.status is Status.SUCCEEDED
    assert [one["operation"] for one in small.writes()] == ["updateContacts"]
    for number in NEW:
        first, second = trail(small, number)
        assert (first["run_id"], first["outcome"]) == (dead.run_id, "created")
        assert fields(first) >= {*EMPLOYEES, *HIDDEN}
        assert again.run_id in first["comment"]
        assert (second["run_id"], second["outcome"]) == (again.run_id, "updated")


def test_what_a_dead_run_had_written_whole_is_found_though_nothing_is_left_to_write(small: World) -> None:
    """(oncall OC-6)"""
    small.faults("xledger", errors=["after_write_reset"], match="updateContacts", count=1)
    run = small.start()
    base = {"run": event(run)}
    plan.open_run(small.engine, base)
    small.planned(run)
    (batch,) = review.review_plan(small.engine, base)["batches"]
    assert apply.apply_page(small.engine, small.opening, {**base, "batch": batch})["status"] == "later"
    close.close_run(small.engine, {**base, "problem": "its execution is ABORTED"})
    small.wait(small.limits.claim_seconds + 1)
    small.forget_requests()
    again = small.run()
    assert small.writes() == []
    assert again.counts["unchanged"] == 3
    for number in NEW:
        (entry,) = trail(small, number)
        assert entry["run_id"] == run.run_id
        assert {"contact.email", *EMPLOYEES, *HIDDEN} <= fields(entry)


def test_a_run_before_doubts_were_kept_is_found_by_what_its_deliveries_show(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(oncall OC-6)"""
    from payrelay.domain.reasons import reason
    from tests.worlds.structs import replace

    dead = dies_before_contacts(small, monkeypatch)
    for doubt in list(small.ledger.doubts.of(dead)):
        small.ledger.doubts.settled(dead, doubt)
    old = [
        replace(one, reason=reason("NOT_ATTEMPTED", label=one.label, problem="down"))
        for one in small.stored(dead)
    ]
    small.ledger.parts.put_batch(dead, 0, old, small.engine.ttl(dead))
    forget_that_doubts_are_known(small)
    small.wait(small.limits.claim_seconds + 1)
    small.run()
    assert [trail(small, one)[0]["run_id"] for one in NEW] == [dead.run_id, dead.run_id]


def forget_that_doubts_are_known(world: World) -> None:
    world.ledger.connections.forget_standings("demo", world.connection_id)


def test_nothing_is_put_down_of_what_never_arrived(small: World) -> None:
    """(oncall OC-6)"""
    small.faults("xledger", errors=[503], match="addEmployees")
    run = small.run()
    assert run.status is Status.FAILED
    small.calm("xledger")
    again = small.run()
    for number in NEW:
        (entry,) = trail(small, number)
        assert (entry["run_id"], entry["outcome"]) == (again.run_id, "created")


def test_wherever_a_run_dies_what_it_wrote_is_in_the_trail_as_its_own(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(oncall OC-6)"""
    source, target = small.state("simployer"), small.state("xledger")

    def dies(at: int | None) -> tuple[dict[str, set[str]], list[str]]:
        saboteur = Saboteur(at)
        monkeypatch.setattr(http, "observer", saboteur)
        memory = memory_ledger(saboteur.edge)
        world = World(small.urls, memory.ledger, memory)
        world.connect()
        world.put("simployer", source)
        world.put("xledger", target)
        first = world.start()
        if saboteur.kills(world, first, stays_dead=True):
            there = {row["code"] for row in world.state("xledger")["employees"]}
            close.close_run(world.engine, {"run": event(first), "problem": "its execution is ABORTED"})
            world.wait(world.limits.claim_seconds + 1)
            again = world.run()
            assert again.status is Status.SUCCEEDED, (at, again.error)
            for number in there & set(NEW):
                created = trail(world, number)[0]
                assert (created["run_id"], created["outcome"]) == (first.run_id, "created"), (at, number)
        entries = {number: trail(world, number) for number in ("1001", *NEW)}
        return {number: set().union(*map(fields, found)) for number, found in entries.items()}, saboteur.seen

    clean, edges = dies(None)
    begin = next(at for at, name in enumerate(edges) if name == "before xledger POST") - 1
    for at in (at for at in moments(edges) if at >= begin):
        found, _ = dies(at)
        for number, wrote in clean.items():
            # Whom Xledger creates with an e-mail has it in the contact, too, which nobody writes then.
            assert wrote - {"contact.email"} <= found[number] <= wrote, f"edge {at}: {edges[at]}"
