"""Who a run looks at: those of whom something moved on either side, or everybody (RUN-11, PE-9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.clocks import BACK, Mark
from payrelay.domain.runs import Listing, Page, Run, Trigger
from payrelay.flows.exact import ExactSystems, pages_of, today_of
from payrelay.flows.last_run import OVERLAP, STAMP, is_full_due, mark_of, moment, reading, stamp_of
from payrelay.flows.payroll_sync.moved import Known, moved, saved
from payrelay.flows.payroll_sync.records import ENTITY
from payrelay.flows.payroll_sync.rules import Before, reconciles
from payrelay.flows.payroll_sync.there import MOST_KEPT, There, changed, compare_all
from payrelay.ledger import Ledger

PAGE_SIZE = 200
SYNERGY, PAYROLL = "synergy", "payroll_plus"
# What moved so long before a run began is read once more by the run after it.
_BACK = {SYNERGY: OVERLAP, PAYROLL: BACK}


def there_name(index: int) -> str:
    """Under which name a page's rows of Payroll Plus are kept with the plan."""
    return f"there-{index:05d}"


class Since(Struct, frozen=True):
    """From when on each system is asked what moved, after a complete run by the same rules; else from now on.

    `before` are the marks of that run, none without one.
    """

    synergy: datetime
    payroll: datetime
    before: Mapping[str, Mark]

    def holds(self, now: Mapping[str, Mark]) -> bool:
        """Whether the lists of what moved can be relied on: both clocks went on as ours did."""
        return bool(self.before) and all(
            self.before[name].holds(now[name], back) for name, back in _BACK.items()
        )


class Lister(Struct, frozen=True):
    """The listing of one run, given its flow's standing and whom the last run had `left` unfinished."""

    sides: ExactSystems
    ledger: Ledger
    run: Run
    key: bytes
    zone: str
    reconcile_day: int | None
    last: Mapping[str, Any]
    left: AbstractSet[int]

    def listing(self, members: AbstractSet[int]) -> Listing:
        """Pages of those of whom something moved, or of everybody who is, or was, an employee of payroll."""
        now = {SYNERGY: reading(self.run, self.sides.synergy.server_time())}
        stamp = stamp_of(self.ledger, self.run, version=True)
        since = self._since(stamp)
        links = self.ledger.links.digests(*self._where, ENTITY)
        known = Known.of(links, today_of(self.run, self.zone), since.payroll)
        there = changed(self.sides, known.sent, since.payroll, self.key)
        now[PAYROLL] = reading(self.run, self.sides.payroll.server_time())
        marks = {STAMP: stamp, **{name: mark.stored() for name, mark in now.items()}}
        holds = since.holds(now)
        if self.run.options.get("full") or self._reconciles():
            found = self._everybody(members, known, there, since if holds else None, reconciles=True)
        elif not holds or is_full_due(self.run, self.last, stamp):
            found = self._everybody(members, known, there, since if holds else None, reconciles=False)
        else:
            found = self._moved(members, known, there, since)
        return replace(self._with_rows(found, there), marks=marks)

    # --- since when --------------------------------------------------------------------------------------

    @property
    def _where(self) -> tuple[str, str]:
        return self.run.tenant, self.run.connection_id

    def _since(self, stamp: str) -> Since:
        marks = {name: mark for name in _BACK if (mark := mark_of(self.last, name))}
        if len(marks) < len(_BACK) or self.last["marks"].get(STAMP) != stamp:
            began = reading(self.run, None).ours
            return Since(began, began, {})
        synergy, payroll = (marks[name].since(back) for name, back in _BACK.items())
        return Since(synergy, payroll, marks)

    def _reconciles(self) -> bool:
        """Whether the run compares everybody by itself; all that it depends on stays until the run ends."""
        first, last = moment(self.last, "first_at"), moment(self.last, "reconciled_at")
        before = Before("complete_since" in self.last, first, last)
        asked, scheduled = datetime.fromisoformat(self.run.queued_at), self.run.trigger is Trigger.SCHEDULE
        return reconciles(asked, ZoneInfo(self.zone), self.reconcile_day, before, scheduled=scheduled)

    # --- who ---------------------------------------------------------------------------------------------

    def _moved(self, members: AbstractSet[int], known: Known, there: There, since: Since) -> Listing:
        """Those of whom something moved on either side, with what the lists of Synergy showed of them."""
        others = {*self.left, *there.people}
        found = moved(self.sides, since.synergy, known, members, others, self.key)
        context = {"kept": found.kept, "afresh": sorted(others)}
        listing = listing_of(sorted(found.people), members, context, moved_only=True, full=False)
        for page in listing.pages if found.kept else ():
            self.ledger.plans.put_read(self.run, page.index, found.rows(_ids(listing, page)))
        return listing

    def _everybody(
        self, members: AbstractSet[int], known: Known, there: There, since: Since | None, *, reconciles: bool
    ) -> Listing:
        """Everybody, with the details that Payroll Plus has by its list of all.

        Of whom nothing is known to be kept for planning, a run that reconciles asks for each by itself.
        """
        if not reconciles or len(known.sent.digests) <= MOST_KEPT:
            compare_all(self.sides, known.sent, there, self.key, keep=reconciles)
        context: dict[str, Any] = {"afresh": sorted({*self.left, *there.people}), "reconciles": reconciles}
        if since:
            context |= {
                "since": {"synergy": since.synergy.isoformat(), "payroll": since.payroll.isoformat()},
                "left": sorted(self.left),
                "saved": sorted(saved(self.sides, since.synergy) & known.sent.digests.keys()),
                "shown": sorted(there.shown),
            }
        ids = sorted({*members, *known.sent.digests})
        listing = listing_of(ids, members, context, moved_only=False, full=True)
        return replace(listing, reconciles=reconciles)

    def _with_rows(self, listing: Listing, there: There) -> Listing:
        """The listing, and beside it the rows of Payroll Plus for the pages that have some."""
        kept = []
        for page in listing.pages if there.rows else ():
            part = there.page(_ids(listing, page))
            if part:
                self.ledger.plans.keep(self.run, there_name(page.index), part)
                kept.append(page.index)
        return replace(listing, context={**listing.context, "there": kept})


def listing_of(
    ids: Sequence[int],
    members: AbstractSet[int],
    more: Mapping[str, Any],
    *,
    moved_only: bool,
    full: bool | None,
) -> Listing:
    """Pages of these ids, with what each page needs: whether all are compared, or who is `afresh`."""
    with_role = [number for number in ids if number in members] if ids else sorted(members)
    context = {"ids": list(ids), "members": with_role, **more}
    return Listing(pages_of(len(ids), PAGE_SIZE), len(ids), context, moved_only=moved_only, full=full)


def _ids(listing: Listing, page: Page) -> Sequence[int]:
    ids: Sequence[int] = listing.context["ids"]
    return ids[page.offset : page.offset + page.limit]
