"""Which requests a run looks at: all that wait, and those that were taken back altogether (RQ-6, RUN-11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from payrelay.domain.runs import Listing, Page, Run
from payrelay.flows.last_run import OVERLAP, STAMP, changed_since, is_full_due, mark_of, reading, stamp_of
from payrelay.flows.request_sync import facts
from payrelay.flows.request_sync.read import Sides, taken_back, waiting
from payrelay.flows.request_sync.records import ENTITY
from payrelay.flows.request_sync.rules import Request
from payrelay.ledger import Ledger

# A page holds whole persons, so that nobody's requests are in two.
PAGE_SIZE = 100
SYNERGY = "synergy"
# So far back a comparison of all looks for what was taken back.
FULL_BACK = timedelta(days=400)


def listing(sides: Sides, ledger: Ledger, run: Run, last: Mapping[str, Any]) -> Listing:
    """Pages of these requests, person by person; `last` is the standing of the flow.

    What waits is always read whole. What was taken back is known by when it was saved: a comparison of all
    looks at everything of which something was sent, however long ago that was.
    """
    found = waiting(sides)
    now, before = reading(run, sides.synergy.server_time()), mark_of(last, SYNERGY)
    since = changed_since(last, SYNERGY)
    holds = before is None or before.holds(now, OVERLAP)
    stamp = stamp_of(ledger, run, version=True)
    full = bool(run.options.get("full")) or not holds or is_full_due(run, last, stamp)
    requests, bad = [*found.requests], [*found.bad]
    missed: list[str] = []
    if since:
        # The wider one first: what is taken back between the two is shown by both.
        wide = taken_back(sides, min(since, now.ours - FULL_BACK)) if full else None
        shown = taken_back(sides, since)
        requests, bad = [*requests, *shown.requests], [*bad, *shown.bad]
        known = {one.hid for one in shown.requests}
        more = [one for one in wide.requests if one.hid not in known] if wide else []
        more = list(_sent(ledger, run, more))
        requests += more
        missed = [str(one.hid) for one in more] if holds else []
    asked = {int(one) for one in run.options.get("employees") or ()}
    by_person: dict[int, set[int]] = defaultdict(set)
    for one in requests:
        if not asked or one.person in asked:
            by_person[one.person].add(one.hid)
    groups = [sorted(by_person[person]) for person in sorted(by_person)]
    ids = [str(hid) for group in groups for hid in group]
    context = {
        "ids": ids,
        "bad": [[row.id, row.number, row.field, row.problem] for row in bad],
        "missed": missed,
    }
    return Listing(
        tuple(_pages(groups)),
        len(ids),
        context,
        moved_only=True,
        full=None if asked else full,
        marks={STAMP: stamp, SYNERGY: now.stored()},
    )


def _sent(ledger: Ledger, run: Run, requests: Sequence[Request]) -> Iterator[Request]:
    """Those of which something may stand in payroll."""
    hids = [str(one.hid) for one in requests]
    links = ledger.links.get(run.tenant, run.connection_id, ENTITY, hids)
    for one in requests:
        known = facts.known(links.get(str(one.hid)))
        if any(value != 0 for value in known.cells.values()):
            yield one


def _pages(groups: Iterable[Sequence[int]]) -> Iterator[Page]:
    """Pages of whole groups, each of as many as fit."""
    index = start = size = 0
    for group in groups:
        if size and size + len(group) > PAGE_SIZE:
            yield Page(index, offset=start, limit=size)
            index, start, size = index + 1, start + size, 0
        size += len(group)
    yield Page(index, offset=start, limit=size)
