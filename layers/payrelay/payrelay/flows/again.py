"""What a run reads whole, once more, for records that are named: once for all its batches (RUN-4, RUN-8).

A plan that has become old is made afresh batch by batch. Where the records of a batch can't be read without
whole lists, these are not read for each batch: what was read is kept with the run for as long as a plan is
fresh, and the batches take theirs from it: the calls grow with the people, and not with batches times people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from msgspec import Struct

from payrelay.domain.runs import Page, Run
from payrelay.ledger.plans import Plans

_NAME = "again"


class _Again(Struct, frozen=True):
    """When it was read (RFC 3339), and what tells where it is kept."""

    at: str
    told: dict[str, Any]


def read_again(
    plans: Plans, run: Run, page: Page, read: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What `read` tells of what it has read and kept with the run; called only if nothing is fresh enough.

    Crash after it was read and before that is noted: it is read once more.
    """
    kept = plans.kept(run, _NAME, _Again)
    if kept is None or kept.at < page.fresh:
        kept = _Again(page.at, dict(read()))
        plans.keep(run, _NAME, kept)
    return kept.told


def named_in_all(run: Run, page: Page, count: int) -> int:
    """About how many people all batches, or all pages, of a run name, this one naming so many."""
    pages = ceil(run.only / len(page.ids)) if run.only and page.ids else 1
    return count * max(run.batches or 1, pages)
