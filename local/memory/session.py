"""A session that goes on by itself, in one process: the middle of `auto_sync.asl.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from payrelay.flows.engine import apply, auto, plan

# Takes one step with its event, and waits where a system asks for it.
Step = Callable[[Callable[..., dict[str, Any]], Mapping[str, Any]], Mapping[str, Any]]


def go_on(step: Step, base: Mapping[str, Any], wait: Callable[[int], None]) -> str:
    """Batch after batch, until nothing more is to be done: the status that says so.

    `base` is the event of the run; `wait` lets the seconds pass after which the list is looked at again.
    """
    while True:
        following = step(auto.next_batch, base)
        if following["status"] == "wait":
            wait(following["wait_seconds"])
            continue
        if following["status"] != "plan":
            return str(following["status"])
        planned = step(plan.plan, {**base, "page": following["page"]})
        if planned["status"] == "done" and planned["writes"]:
            step(apply.apply_page, {**base, "batch": planned["batch"]})
