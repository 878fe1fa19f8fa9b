"""The process dies at every edge of every call of a run; the repeat ends as one clean run does (RUN-5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.sandbox import Options, running
from payrelay.ledger import Ledger
from tests.conftest import create_table
from tests.flows.conftest import World
from tests.flows.saboteur import aws_clients, sabotage

VOLATILE = {"dbId", "createdAt", "modifiedAt", "contactDbId", "updated"}
WINTER = {"from": "2026-01-01", "to": "2026-03-31"}


@pytest.fixture
def sandboxes(aws: None) -> Iterator[dict[str, str]]:
    del aws
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
        self.number = 0
        self.clients = aws_clients()
        self.source, self.target = small_state()

    def __call__(self, at: int | None) -> tuple[dict[str, Any], list[str]]:
        self.number += 1
        table = f"state-{self.number}"
        create_table(self.clients[0], table)
        ledger = Ledger.open(self.clients[0], table, self.clients[1], "plans")
        world = World(self.urls, ledger, connection_id=f"con_{self.number}")
        world.connect()
        world.put("simployer", self.source)
        world.put("xledger", self.target)
        world.forget_requests()
        options = WINTER if self.flow == "time_off_export" else {}
        if self.flow == "time_off_export":
            world.run("employee_export")
            world.forget_requests()
        run = world.start(self.flow, options=options)
        with sabotage(self.monkeypatch, self.clients, at) as saboteur:
            world.act(run)
        ended = world.get(run)
        assert at is None or world.crashes == 1, "the crash was not reached"
        record_ids = {name: (record.outcome, record.changes) for name, record in world.records(ended).items()}
        history = {
            name: [entry["changes"] for entry in ledger.history.of("demo", world.connection_id, name)]
            for name in record_ids
        }
        outcome = {
            "status": ended.status,
            "counts": ended.counts,
            "error": ended.error,
            "records": record_ids,
            "history": history,
            "target": plain(world.state("xledger")),
            "nodes": sum(int(write["nodes"] or 0) for write in world.writes()),
        }
        world.forget_requests()
        again = world.run(self.flow, options=options)
        assert world.writes() == [], f"edge {at}: the next run wrote again"
        assert again.counts and again.counts["created"] == again.counts["updated"] == 0
        self.clients[0].delete_table(TableName=table)
        return outcome, saboteur.seen


SHARDS = 4


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("flow", ["employee_export", "time_off_export"])
def test_a_crash_at_any_edge_ends_as_a_clean_run_and_writes_nothing_twice(
    sandboxes: dict[str, str], monkeypatch: pytest.MonkeyPatch, flow: str, shard: int
) -> None:
    """Dies before each call. After a call is the same moment as before the next one; the last has its own."""
    trial = Trial(sandboxes, monkeypatch, flow)
    clean, edges = trial(None)
    assert clean["nodes"] > 0
    assert len(edges) > 40, "a run of this shape makes more calls than that"
    deaths = [at for at, name in enumerate(edges) if name.startswith("before")] + [len(edges) - 1]
    for at in deaths[shard::SHARDS]:
        crashed, _ = trial(at)
        assert crashed == clean, f"edge {at}: {edges[at]}"
