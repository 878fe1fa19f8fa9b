"""What every flow offers; handlers, replay and diagnosis use nothing else of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from payrelay.domain.records import Applied, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Page, Run


class Batch(Struct, frozen=True):
    """What is next in a session that goes on by itself: source ids, none when nothing is to be done now.

    `looks` tells of each what may move it if it turns out to be blocked; `listed` how many wait in all.
    """

    ids: tuple[str, ...]
    looks: Mapping[str, str]
    listed: int


class Flow(Protocol):
    """One directed job over a connection. Planning reads only; applying writes only what was planned."""

    @property
    def name(self) -> str:
        """As the API calls it."""

    @property
    def version(self) -> str:
        """Grows with each change of what would be written."""

    @property
    def entity(self) -> str:
        """What its records are."""

    @property
    def links_by_target(self) -> bool:
        """Whether its links are found by the target's id, because the source has no lasting one."""

    @property
    def at_once(self) -> int | None:
        """How many writes of a batch go out before their outcome is stored; None for all of them."""

    def pages(self, run: Run) -> Listing:
        """The pages of the whole source, and what each of them needs, read once."""

    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read both sides of one page and compare: what would be written, and why the rest is not."""

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """What to do about things that were written once and that a complete read did not see."""

    def apply(self, run: Run, writes: Sequence[Write]) -> list[Applied]:
        """Write what was planned; the outcome of every write."""

    def ended(self, run: Run, writes: Sequence[Write], records: Sequence[Record]) -> None:
        """Keep what is to be known of a whole batch; told again when the batch is done again."""

    def remaining(self, planned: Write, fresh: Write | None) -> Write | None:
        """What is left to send of a write that may have been sent before, given the plan made afresh."""

    def diagnose(self, key: str | None) -> list[Check]:
        """Ordered checks of the connection, or of one record; both systems live, nothing written."""


class AutoFlow(Flow, Protocol):
    """A flow that can also go on by itself, batch after batch (mode `auto`)."""

    def next_batch(self, run: Run, tried: Mapping[str, str]) -> Batch:
        """What is next, given how all that was tried in this session looked then."""


Opening = Callable[[Run], Flow]
AutoOpening = Callable[[Run], AutoFlow]
