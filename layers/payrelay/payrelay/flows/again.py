"""What a run reads once more for records that are named: by their names, or whole, once for all its batches.

A plan that has become old is made afresh batch by batch (RUN-4, RUN-8). Asking about each of the people takes
calls that grow with them. Whole lists are read in fewer, but not if they are read for each batch. So, in the
time that a plan is fresh, people are asked about until that took as much as the lists would; then the lists
are read, and kept with the run for the batches to come: that is at most twice the least.

Pages that are planned at the same time may each read them. What one reading keeps is kept under a name of its
own, so that no page takes its people from the parts of another reading, which begin elsewhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.runs import Page, Run
from payrelay.ledger.plans import Plans

_NAME = "again"


class _Again(Struct, frozen=True):
    """Since when calls are counted, or when all was read (RFC 3339); and what tells where that is kept."""

    at: str
    calls: int = 0
    told: dict[str, Any] | None = None


def whole_again(
    plans: Plans, run: Run, page: Page, calls: tuple[int, int], read: Callable[[str], Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """What `read` tells of what it has read whole, and kept under names that begin with the one it is given.

    None where those named are to be asked about.

    `calls` are those that asking about them takes, and those of the lists. Crash after the lists were read
    and before that is noted: they are read once more.
    """
    named, whole = calls
    kept = plans.kept(run, _NAME, _Again)
    if kept is None or kept.at < page.fresh:
        kept = _Again(page.at)
    if kept.told is not None:
        return kept.told
    if kept.calls + named <= whole:
        plans.keep(run, _NAME, replace(kept, calls=kept.calls + named))
        return None
    told = dict(read(f"{_NAME}-{secrets.token_hex(4)}"))
    plans.keep(run, _NAME, _Again(page.at, told=told))
    return told
