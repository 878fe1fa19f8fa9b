"""ReviewPlan: the whole plan before the first write: a preview ends, the brake, batches (RUN-7, RUN-10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from payrelay.domain import brake as domain_brake
from payrelay.domain.forecast import LOOKS, calls_of_plan, made_of, together
from payrelay.domain.runs import Mode, Run
from payrelay.flows.engine.answers import Answer, Apply, Finish, Halted, Held
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.step import Event, step
from payrelay.ledger.parts import PAGE
from payrelay.ledger.table import Item

# Of runs that were planned before their batch size was kept with them.
FORMER_BATCH_SIZES = {"balance_sync": 600, "invoice_sync": 5}
BATCH_SIZE = 500


@step
def review_plan(engine: Engine, run: Run, event: Event) -> Answer:
    """What happens with the plan: `apply` with its batches, or `finish` (preview), or `held`."""
    del event
    if run.halt:
        return Halted()
    pages = planned_pages(engine, run)
    held = brake(engine, run, pages) if run.mode is not Mode.APPLY else None
    found = batches_of(engine, run, pages)
    plan = engine.ledger.runs.get(run.tenant, run.plan_of) if run.plan_of else None
    forecast = forecast_of(run, plan, pages, found)
    if run.mode is Mode.PREVIEW or held:
        engine.ledger.runs.change(run, held=held, forecast=forecast)
        return Finish() if run.mode is Mode.PREVIEW else Held()
    total = run.total if run.mode is Mode.APPLY else sum(page["looked_at"] for page in pages)
    engine.ledger.runs.change(run, batches=len(found), total=total, forecast=forecast)
    return Apply(tuple(found))


def forecast_of(run: Run, plan: Run | None, pages: Sequence[Item], found: Sequence[Item]) -> dict[str, int]:
    """How many calls a run takes, by system: those until now, and those that writing these batches takes.

    A preview tells those of the run that writes, and one that is held those of the run that is not held. By
    a plan that was looked at, what it writes is looked at once more before.
    """
    before, spared = dict(run.asked), Counter[str]()
    if run.mode is not Mode.APPLY:
        for page in pages:
            before = together(before, page.get("asked", {}))
            spared.subtract(page.get("spared", {}))
    looks = _looks(plan, pages, found) if plan and run.mode is Mode.APPLY else {}
    return together(made_of(before), spared, run.beyond or {}, looks, calls_of_plan(pages, found))


def _looks(plan: Run, pages: Sequence[Item], found: Sequence[Item]) -> dict[str, int]:
    """The calls of looking at a plan once more; where nothing else is known, as many as making it took."""
    return calls_of_plan(pages, found, LOOKS) or (made_of(plan.asked) if found else {})


def planned_pages(engine: Engine, run: Run) -> list[Item]:
    """The page summaries of the plan that `run` writes: its own, or those of the run it applies."""
    plan = engine.ledger.runs.get(run.tenant, run.plan_run_id)
    return engine.ledger.parts.summaries(plan, PAGE) if plan else []


def brake(engine: Engine, run: Run, pages: Sequence[Item]) -> Item | None:
    """Why the plan must be looked at by an admin first, or None (RUN-10).

    A replay counts with the run that it replays: of a held one every record that the brake watches stays for
    an admin, and a share is one of all that the first run looked at. So a brake can't be walked around in
    small steps. Whoever is not at the target yet is at no risk there, which is all that a first load needs.
    """
    hurt: Counter[str] = Counter()
    for page in pages:
        hurt.update(page.get("risks", {}))
    people = hurt.pop("people", 0)
    total = _people(pages)
    limit = domain_brake.Limit.of(run.settings)
    replayed = engine.ledger.runs.get(run.tenant, run.replay_of) if run.replay_of else None
    if replayed:
        total = max(total, _people(planned_pages(engine, replayed)))
        limit = domain_brake.NONE if replayed.held else limit
    return domain_brake.brake(limit, hurt, people, total)


def _people(pages: Iterable[Item]) -> int:
    """How many people were looked at: the records, where nothing else is known of them."""
    return sum(int(page["people"] if "people" in page else page["looked_at"]) for page in pages)


def batches_of(engine: Engine, run: Run, pages: Iterable[Item]) -> list[Item]:
    """The batches of a run's plan; a session that goes on by itself applies each page as it is planned."""
    if run.mode is Mode.AUTO:
        return [batch_of(page["index"], page["writes"]) for page in pages if page["writes"]]
    former = FORMER_BATCH_SIZES.get(run.flow, BATCH_SIZE)
    return batches(pages, min(engine.limits.batch_size, run.batch_size or former))


def batch_of(page: int, writes: int) -> Item:
    """One page as the batch of the same index."""
    return {"index": page, "slices": [{"page": page, "start": 0, "stop": writes}]}


def batches(pages: Iterable[Item], size: int) -> list[Item]:
    """The writes of all pages cut into batches of `size`: slices of pages, in the pages' order."""
    found: list[Item] = []
    room = 0
    for page in pages:
        start = 0
        while start < page["writes"]:
            if room == 0:
                found.append({"index": len(found), "slices": []})
                room = size
            stop = min(page["writes"], start + room)
            found[-1]["slices"].append({"page": page["index"], "start": start, "stop": stop})
            room -= stop - start
            start = stop
    return found
