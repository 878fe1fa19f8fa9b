"""A batch of a plan: its writes, whose claims they are, and what identifies each of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from payrelay.domain.records import Write
from payrelay.domain.runs import Run
from payrelay.flows.engine.engine import Engine
from payrelay.flows.flow import Flow
from payrelay.ledger import plans
from payrelay.ledger.deliveries import Intent


def load(engine: Engine, run: Run, batch: Mapping[str, Any]) -> list[Write[Any]]:
    """The writes of a batch, each record once."""
    found: dict[str, Write[Any]] = {}
    for one in batch["slices"]:
        page, part = int(one["page"]), slice(int(one["start"]), int(one["stop"]))
        for write in engine.ledger.plans.writes(run.tenant, run.connection_id, run.plan_run_id, page, part):
            found.setdefault(write.record.record_id, write)
    return list(found.values())


def typed(flow: Flow, writes: Sequence[Write[Any]]) -> list[Write[Any]]:
    """The writes with their payloads as the flow's own type."""
    return [replace(write, payload=plans.typed(write.payload, flow.payload)) for write in writes]


def fingerprint(run: Run, write: Write[Any]) -> str:
    """What identifies this very write: the plan it belongs to, what is sent, and what it replaces."""
    shape = {
        "plan": run.plan_run_id,
        "send": plans.shape(write.payload),
        "changes": [[c.field, c.old, c.new] for c in write.record.changes],
        "digests": dict(write.digests),
        "target": write.target_id,
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()


def owner_of(run: Run, index: int) -> str:
    """Who claims the deliveries of a batch."""
    return f"{run.run_id}/{index}"


def batch_of(owner: str) -> tuple[str, int]:
    """The run and the batch of an owner."""
    run_id, _, index = owner.partition("/")
    return run_id, int(index)


def intents(flow: Flow | None, run: Run, writes: Sequence[Write[Any]]) -> list[Intent]:
    """What is about to be sent of a batch; without the flow, what was."""
    return [
        Intent(w.record.record_id, w.record.source_id, fingerprint(run, w), flow.name_of(w) if flow else "")
        for w in writes
    ]
