"""What a preview promises, and whether the sync after it keeps that (RUN-7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from payrelay.domain.records import Outcome, Record
from payrelay.domain.runs import Run, Status
from payrelay.ledger.plans import PlanExpired
from tests.worlds.run import World

WRITTEN = (Outcome.CREATED, Outcome.UPDATED)
# What no preview can know beforehand: none of it comes from the data.
_HIDDEN = "*****"

# What stands at the target of a record that was written, by the names that its changes have.
Standing = Callable[[Record], Mapping[str, Any]]


def told(world: World, run: Run) -> dict[str, Record]:
    """The records of a run by their id: what planning settled, and the writes that it plans or made."""
    stored = world.stored(run)
    made = [record for record in stored if record.outcome in WRITTEN]
    if not made:
        for index in range((run.pages or 0) + 1):
            with suppress(PlanExpired):  # a page that writes nothing keeps no plan
                writes = world.ledger.plans.writes(run.tenant, run.connection_id, run.run_id, index)
                made += [write.record for write in writes]
    # What a flow only writes back to its source, that a document is blocked, is a record and a write.
    everything = dict.fromkeys([*(record for record in stored if record.outcome not in WRITTEN), *made])
    found = {record.record_id: record for record in everything}
    assert len(found) == len(everything), "two records have one id"
    return found


def kept(world: World, flow: str, target: str, standing: Standing, **more: Any) -> None:
    """A preview, and then a sync: neither the sync nor the target after it breaks a promise."""
    broken = "\n".join(_broken(world, flow, target, standing, **more))
    assert not broken, f"the preview promised something else:\n{broken}"


def _broken(world: World, flow: str, target: str, standing: Standing, **more: Any) -> list[str]:
    before = _data(world, target)
    preview = world.run(flow, "preview", **more)
    if _data(world, target) != before:
        return ["the preview wrote"]
    promised = told(world, preview)
    sync = world.run(flow, **more)
    if preview.held or sync.status is Status.HELD:
        same = preview.held == sync.held
        return [] if same else [f"the brake: {preview.held} in the preview, {sync.held} in the sync"]
    ended = (Status.SUCCEEDED, Status.PARTIAL)
    if sync.status not in ended or preview.status not in ended:
        return [f"preview {preview.status} {preview.error}, sync {sync.status} {sync.error}"]
    done = told(world, sync)
    broken = [f"{key}: only in one of the two" for key in promised.keys() ^ done.keys()]
    for key in promised.keys() & done.keys():
        broken += _differences(promised[key], done[key])
        if done[key].outcome in WRITTEN:
            broken += _missing(done[key], standing(done[key]))
    again = world.run(flow, "preview", **more)
    writes = [one for one in told(world, again).values() if one.outcome in WRITTEN]
    broken += [f"{one.record_id}: would be written once more: {one.changes}" for one in writes]
    return broken


def _data(world: World, target: str) -> Mapping[str, Any]:
    """What is at the target, but for who is signed in."""
    return {name: rows for name, rows in world.state(target).items() if name != "sessions"}


def in_words(value: Any) -> Any:
    """What a row holds, as changes tell it: objects by their code."""
    if isinstance(value, Mapping):
        return value.get("code") or value.get("description")
    return value


def _differences(promised: Record, done: Record) -> Sequence[str]:
    names = ("outcome", "reason", "changes", "label")
    return [
        f"{done.record_id}: {name} promised {getattr(promised, name)}, and is {getattr(done, name)}"
        for name in names
        if getattr(promised, name) != getattr(done, name)
    ]


def _missing(done: Record, there: Mapping[str, Any]) -> Sequence[str]:
    return [
        f"{done.record_id}: {change.field} was to be {change.new!r}, and is {there[change.field]!r}"
        for change in done.changes
        if change.field in there
        and not str(change.new or "").startswith(_HIDDEN)
        and (change.new or None) != (there[change.field] or None)
    ]
