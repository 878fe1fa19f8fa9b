"""What both directions are: one flow, one recipe; the company's setting says which one runs (AC-1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from payrelay.domain.forecast import Loads
from payrelay.domain.records import Applied, PlannedPage, Record, Write
from payrelay.domain.runs import Listing, Page, Run
from payrelay.flows.accrual_sync.facts import Notebook
from payrelay.flows.accrual_sync.payload import Payload
from payrelay.flows.accrual_sync.systems import Systems
from payrelay.flows.flow import Flow


class Direction(ABC):
    """Reads, plans and delivers from one of the systems to the other.

    The `flow` gives its ledger and its place in it. Memo and note of the company have been looked at before
    any of this is asked (AC-8).
    """

    # How many writes go out before their outcome is stored; None for all of a batch.
    at_once: int | None = None

    def __init__(self, flow: Flow, systems: Systems, notebook: Notebook) -> None:
        self.flow, self.systems, self.notebook = flow, systems, notebook

    @abstractmethod
    def pages(self, run: Run) -> Listing:
        """The pages of all that is to be looked at; what each needs of both sides is kept with it."""

    @abstractmethod
    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Compare one page, or the named balances read afresh."""

    @abstractmethod
    def apply(self, run: Run, writes: Sequence[Write[Payload]]) -> list[Applied]:
        """Write what was planned; what became of each."""

    @abstractmethod
    def loads(self, writes: Sequence[Write[Payload]]) -> Loads:
        """What writing these sends."""

    def looks(self, writes: Sequence[Write[Payload]]) -> Loads:
        """About what looking at these once more asks for: nothing that could be told."""
        del writes
        return {}

    def ended(self, run: Run, writes: Sequence[Write[Payload]], records: Sequence[Record]) -> None:
        """Keep what is to be known of a whole batch: nothing, mostly."""
        del run, writes, records
