"""The process dies at every edge of every call of a run; the repeat ends as one clean run does (RUN-5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from local.sandbox import Options
from payrelay.domain.runs import Run
from payrelay.systems.http import door as http
from tests.flows.conftest import World
from tests.worlds.saboteur import Saboteur, moments
from tests.worlds.sandboxes import running

VOLATILE = {"dbId", "createdAt", "modifiedAt", "contactDbId", "updated"}
WINTER = {"from": "2026-01-01", "to": "2026-03-31"}


@pytest.fixture
def sandboxes() -> Iterator[dict[str, str]]:
    with running(options=Options(rate_limits=False)) as served:
        yield dict(served.urls)


def small_state() -> tuple[dict[str, Any], dict[str, Any]]:
    """Four people of the seed: one new, one changed, one who is not for export, and one with leave."""
    from local.seed.simployer_xledger import simployer_state, xledger_state

    source, target = simployer_state(), xledger_state()
    numbers = ("1001", "1002", "1222", "1228")
    people = [row for row in source["employee"] if row.get("employeeNumber") in numbers]
    ids = {row["id"] for row in people}
    source["employee"] = people
    for resource in ("employment", "compensation", "leave", "leave-transaction"):
        source[resource] = [row for row in source[resource] if row.get("employeeId") in ids]
    employees = [row for row in target["employees"] if row["code"] in ("1001", "1002")]
    contacts = {row.get("contactDbId") for row in employees}
    target["employees"] = employees
    target["contacts"] = [row for row in target["contacts"] if row["dbId"] in contacts]
    target["absences"] = []
    return source, target


def plain(value: Any) -> Any:
    """A state without what differs from run to run by nature."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return sorted((plain(inner) for inner in value), key=repr)
    return value


class Trial:
    """One run in a world of its own, with a crash at one edge or none."""

    def __init__(self, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch, flow: str) -> None:
        self.urls, self.monkeypatch, self.flow = urls, monkeypatch, flow
        self.source, self.target = small_state()

    def __call__(self, at: int | None) -> tuple[dict[str, Any], list[str]]:
        saboteur = Saboteur(at)
        self.monkeypatch.setattr(http, "observer", saboteur)
        memory = memory_ledger(saboteur.edge)
        world = World(self.urls, memory.ledger, memory)
        world.connect()
        world.put("simployer", self.source)
        world.put("xledger", self.target)
        options = {}
        if self.flow == "time_off_export":
            options = WINTER
            world.run("employee_export")
        world.forget_requests()
        run = world.start(self.flow, options=options)
        saboteur.awake = True
        world.act(run)
        saboteur.awake = False
        assert at is None or world.crashes == 1, "the crash was not reached"
        outcome = self.outcome(world, run)
        world.forget_requests()
        again = world.run(self.flow, options=options)
        assert world.writes() == [], f"edge {at}: the next run wrote again"
        assert again.counts
        assert again.counts["created"] == again.counts["updated"] == 0
        return outcome, saboteur.seen

    def outcome(self, world: World, run: Run) -> dict[str, Any]:
        """Everything that a crash must not change."""
        ended = world.get(run)
        records = world.records(ended)
        trail = world.ledger.history
        return {
            "status": ended.status,
            "counts": ended.counts,
            "error": ended.error,
            "records": {name: (record.outcome, record.changes) for name, record in records.items()},
            "history": {
                name: [entry["changes"] for entry in trail.of("demo", world.connection_id, name)]
                for name in records
            },
            "target": plain(world.state("xledger")),
            "nodes": sum(int(write["nodes"] or 0) for write in world.writes()),
        }


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("flow", ["employee_export", "time_off_export"])
def test_a_crash_at_any_edge_ends_as_a_clean_run_and_writes_nothing_twice(
    sandboxes: dict[str, str], monkeypatch: pytest.MonkeyPatch, flow: str
) -> None:
    """Dies after each call that writes; between two of them all moments are the same."""
    trial = Trial(sandboxes, monkeypatch, flow)
    clean, edges = trial(None)
    assert clean["nodes"] > 0
    assert len(edges) > 40, "a run of this shape makes more calls than that"
    for at in moments(edges):
        crashed, _ = trial(at)
        assert crashed == clean, f"edge {at}: {edges[at]}"
