"""What pages have left is looked at together, in pages of its own behind theirs (RUN-11).

So few of a page may have moved that each page would ask for hardly anything; together they fill a call.
"""

from __future__ import annotations

from collections.abc import Sequence

from payrelay.domain.groups import in_groups
from payrelay.domain.mirror import Part
from payrelay.domain.runs import Page, Run
from payrelay.errors import Unfinished
from payrelay.flows.engine.engine import Engine
from payrelay.flows.engine.late import Watch
from payrelay.flows.engine.pages import plan_one
from payrelay.flows.flow import Flow
from payrelay.ledger.parts import PAGE, kept_by, left_by
from payrelay.ledger.table import Item

# What comes after, which begins from the start when it is broken off, may take so long.
AFTER_SECONDS = 120.0


def plan_left(
    engine: Engine, flow: Flow, run: Run, pages: Sequence[Item], behind: Sequence[Item]
) -> tuple[list[Part], int]:
    """Plan what `pages` have left; what all of them kept of the mirror, in their order, and the next index.

    Those `behind` them are planned already, by a function whose time was over, or that died. They are not
    planned again; of the last it is told again what is blocked, which may not have been told. When the time
    of this function is over as well, it is Unfinished.
    """
    left = dict.fromkeys(source_id for page in pages for source_id in left_by(page))
    groups = [tuple(group) for group in in_groups(left, flow.together)]
    first = run.pages or 0
    done = {page["index"]: page for page in behind if page["index"] < first + len(groups)}
    if done:
        engine.tell_blocked(run, engine.ledger.parts.part_records(run, PAGE, max(done)))
    kept = [kept_by(page) for page in (*pages, *done.values())]
    todo = [index for index in range(first, first + len(groups)) if index not in done]
    watch = Watch(engine.time_left)
    for number, index in enumerate(todo):
        if number and watch.is_late():
            raise Unfinished
        page = Page(index, ids=groups[index - first], at=engine.stamp(), together=True)
        kept.append(plan_one(engine, flow, run, page).mirror)
    if todo and engine.time_left() < AFTER_SECONDS:
        raise Unfinished
    return [part for part in kept if part], first + len(groups)
