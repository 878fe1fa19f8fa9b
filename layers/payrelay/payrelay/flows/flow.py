"""What every flow is; handlers, replay and diagnosis use nothing else of it."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from msgspec import Struct, StructMeta
from msgspec.structs import replace

from payrelay.domain.forecast import Loads
from payrelay.domain.mirror import Part
from payrelay.domain.records import Applied, Change, PlannedPage, Record, Write
from payrelay.domain.runs import Check, Link, Listing, Page, Run
from payrelay.errors import NeedsAttention, OutcomeUnknown, VendorError
from payrelay.flows.catalog import flow_row
from payrelay.flows.versions import version_of
from payrelay.ledger import Ledger


class Batch(Struct, frozen=True):
    """What is next in a session that goes on by itself: source ids, none when nothing is to be done now.

    `looks` tells of each what may move it if it turns out to be blocked; `listed` how many wait in all, and
    `untried` how many of them nobody has tried yet, beside these.
    """

    ids: tuple[str, ...]
    looks: Mapping[str, str]
    listed: int
    untried: int


class _FlowMeta(StructMeta, ABCMeta):
    """Structs with methods that every flow has to write."""


class Interrupted(Exception):
    """Trouble in the middle of a group of writes, and all that was answered before it.

    `applied` are those that are done or refused. `begun` are those of which a part is done, each with its
    outcome and the changes that were taken; these and the rest are tried again. `doubtful` are the record ids
    of what the trouble leaves in doubt; None for all the rest if it is a lost answer, else none.
    """

    def __init__(
        self,
        applied: Sequence[Applied],
        trouble: VendorError | NeedsAttention,
        begun: Sequence[Applied] = (),
        doubtful: Collection[str] | None = None,
    ) -> None:
        super().__init__(str(trouble))
        self.applied, self.trouble, self.begun = tuple(applied), trouble, tuple(begun)
        self._doubtful = doubtful

    def in_doubt(self, writes: Sequence[Write[Any]]) -> set[str]:
        """The ids of those among `writes` that may have been written without anybody being told."""
        told = {one.record.record_id for one in self.applied}
        left = {one.record.record_id for one in writes} - told
        if self._doubtful is not None:
            return left & set(self._doubtful)
        return left if isinstance(self.trouble, OutcomeUnknown) else set()


class Flow(Struct, frozen=True, metaclass=_FlowMeta):
    """One directed job over one connection. Planning reads only; applying writes only what was planned.

    What a flow must write is abstract; the rest is what holds for most, and stands here once.
    """

    tenant: str
    connection_id: str
    ledger: Ledger

    # As the API calls it; its row in the catalog has the rest.
    name: ClassVar[str]
    # The type of its writes' payloads.
    payload: ClassVar[type[Any]]
    # Whether its links are found by the target's id, because the source has no lasting one.
    links_by_target: ClassVar[bool] = False
    # Whether a plan becomes old, so that its writes are planned afresh: the target would take them blindly.
    plans_age: ClassVar[bool] = True
    # How many writes make a batch.
    batch_size: ClassVar[int] = 500
    # How many pages are planned at the same time: one where a vendor counts the calls of all together.
    pages_at_once: ClassVar[int] = 4
    # How many source ids that pages have left are looked at together.
    together: ClassVar[int] = 1000

    @property
    def connection_key(self) -> tuple[str, str]:
        """The tenant and the connection."""
        return self.tenant, self.connection_id

    @property
    def entity(self) -> str:
        """What its records are."""
        return flow_row(self.name).entity

    @property
    def version(self) -> str:
        """Differs with each change of what would be written."""
        return version_of(self.name)

    @property
    def at_once(self) -> int | None:
        """How many writes of a batch go out before their outcome is stored; None for all of them."""
        return None

    @abstractmethod
    def pages(self, run: Run) -> Listing:
        """The pages of the whole source, and what each of them needs, read once."""

    @abstractmethod
    def plan(self, run: Run, page: Page, context: Mapping[str, Any]) -> PlannedPage:
        """Read both sides of one page and compare: what would be written, and why the rest is not."""

    @abstractmethod
    def apply(self, run: Run, writes: Sequence[Write[Any]]) -> list[Applied]:
        """Write what was planned; the outcome of every write."""

    @abstractmethod
    def loads(self, writes: Sequence[Write[Any]]) -> Loads:
        """What applying these sends to outside systems, as far as that can be told before: so many things by
        name, and how many of them one call takes."""

    def looks(self, writes: Sequence[Write[Any]]) -> Loads:
        """About what looking at these once more asks for, before a plan is written that was looked at.

        Nothing where that can't be told: then it is taken for as much as making the plan took.
        """
        del writes
        return {}

    @property
    def beyond(self) -> Mapping[str, int]:
        """The calls of a run that writes which its preview does not make, beside those of its writes."""
        return {}

    @abstractmethod
    def diagnose(self, key: str | None) -> list[Check]:
        """Ordered checks of the connection, or of one record; both systems live, nothing written."""

    def plan_absent(
        self, run: Run, index: int, gone: Sequence[Link], context: Mapping[str, Any]
    ) -> PlannedPage:
        """What to do about things that were written once and that a complete read did not see: nothing."""
        del run, gone, context
        return PlannedPage(index, 0, (), ())

    def keep(self, run: Run, parts: Sequence[Part], context: Mapping[str, Any]) -> None:
        """Put the mirror of a complete read in the place of the one before: nothing, where there is none.

        `parts` are what the pages have kept of it, in their order; those of what was looked at together last.
        Told again when the step is done again.
        """

    def ended(self, run: Run, writes: Sequence[Write[Any]], records: Sequence[Record]) -> None:
        """Keep what is to be known of a whole batch: nothing. Told again when the batch is done again."""

    def remaining(self, planned: Write[Any], fresh: Write[Any] | None) -> Write[Any] | None:
        """What is left to send of a write that may have been sent before, given the plan made afresh.

        Whatever still differs, where what is sent are absolute values.
        """
        return replace(fresh, record=planned.record) if fresh else None

    def name_of(self, write: Write[Any]) -> str:
        """Under which name a write will stand at the target, where people may change it at the source."""
        del write
        return ""

    def sent_of(self, write: Write[Any], changes: Sequence[Change]) -> Mapping[str, str] | None:
        """The digests to keep of a write of which only these changes were taken; None if there are none."""
        del write, changes
        return None

    def arrived(self, planned: Write[Any], fresh: Write[Any] | None, *, there: bool) -> tuple[Change, ...]:
        """The changes of a write that may have been sent which are found to be made, given the plan afresh.

        `there` tells whether the target has the thing. A field counts that needs no change any more, or that
        has the value now that was to be sent.
        """
        if planned.removes:
            return () if fresh or there else planned.record.changes
        if not there:
            return ()
        left = {change.field: change for change in fresh.record.changes} if fresh else {}
        changes = planned.record.changes
        return tuple(one for one in changes if one.field not in left or left[one.field].old == one.new)


class AutoFlow(Flow, frozen=True):
    """A flow that can also go on by itself, batch after batch (mode `auto`)."""

    @abstractmethod
    def next_batch(self, run: Run, tried: Mapping[str, str]) -> Batch:
        """What is next, given how all that was tried in this session looked then."""


Opening: TypeAlias = Callable[[Run], Flow]
AutoOpening: TypeAlias = Callable[[Run], AutoFlow]
