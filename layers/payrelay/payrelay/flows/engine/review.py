"""ReviewPlan: the whole plan before the first write: the brake, and the batches to apply (RUN-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Mode, Run
from payrelay.flows.catalog import flow_row
from payrelay.flows.engine.engine import Answer, Engine
from payrelay.ledger.parts import PAGE
from payrelay.ledger.runs import LeaseLost
from payrelay.ledger.table import Item

BRAKE_PEOPLE = 5
BRAKE_SHARE = Decimal("0.10")


def review_plan(engine: Engine, event: Mapping[str, Any]) -> Answer:
    """What happens with the plan: `apply` with its batches, or `finish` (preview), or `held`."""
    try:
        run = engine.holding(event)
        if run.halt:
            return {"status": "halted"}
        pages = planned_pages(engine, run)
        if run.mode is Mode.PREVIEW:
            return {"status": "finish"}
        held = brake(run, pages) if run.mode is not Mode.APPLY else None
        if held:
            engine.ledger.runs.change(run, held=held)
            return {"status": "held"}
        found = batches_of(engine, run, pages)
        total = run.total if run.mode is Mode.APPLY else sum(page["looked_at"] for page in pages)
        engine.ledger.runs.change(run, batches=len(found), total=total)
    except LeaseLost:
        return {"status": "halted"}
    return {"status": "apply", "batches": found}


def planned_pages(engine: Engine, run: Run) -> list[Item]:
    """The page summaries of the plan that `run` writes: its own, or those of the run it applies."""
    plan = engine.ledger.runs.get(run.tenant, run.plan_run_id)
    return engine.ledger.parts.summaries(plan, PAGE) if plan else []


def brake(run: Run, pages: Sequence[Item]) -> Item | None:
    """Why the plan must be looked at by an admin first, or None. First loads pass (RUN-10).

    The plan is held when it hurts more people than the limit's number and also more than its share of
    those looked at: a few leavers in a small company pass, and so does a busy month in a large one.
    """
    if run.first_load:
        return None
    setting = run.settings.get("brake", {})
    people_limit = int(setting.get("people", BRAKE_PEOPLE))
    share_limit = Decimal(str(setting.get("share", BRAKE_SHARE)))
    risks: dict[str, int] = {}
    for page in pages:
        for risk, count in page.get("risks", {}).items():
            risks[risk] = risks.get(risk, 0) + count
    people = risks.pop("people", 0)
    total = sum(page["looked_at"] for page in pages)
    if people <= people_limit or people <= share_limit * total:
        return None
    named = ", ".join(f"{risk}: {count}" for risk, count in sorted(risks.items()))
    limit = f"{people_limit} people and {share_limit * 100:.0f} %"
    why = reason("BRAKE", people=people, total=total, risks=named, limit=limit)
    return {"people": people, "total": total, "risks": risks, "message": why.message, "remedy": why.remedy}


def batches_of(engine: Engine, run: Run, pages: Iterable[Item]) -> list[Item]:
    """The batches of a run's plan; a session that goes on by itself applies each page as it is planned."""
    if run.mode is Mode.AUTO:
        return [batch_of(page["index"], page["writes"]) for page in pages if page["writes"]]
    return batches(pages, min(engine.limits.batch_size, flow_row(run.flow).batch_size))


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
