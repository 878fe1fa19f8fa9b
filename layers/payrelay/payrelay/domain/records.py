"""What a run says of each record: outcome, reason, changes; and what it plans to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from payrelay.domain.mirror import Part

# The reason of a record that is created or updated, but for a part of it.
WRITTEN_IN_PART = "WRITTEN_IN_PART"


class Outcome(StrEnum):
    """How a record fared in a run (RUN-2)."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    FAILED = "failed"


class Risk(StrEnum):
    """What the brake watches (RUN-10): what a planned change would do to a person."""

    END = "end"
    EMPTY = "empty"
    PAY = "pay"
    BANK = "bank"
    EMPLOYMENT = "employment"


class Reason(Struct, frozen=True):
    """Why a record did not sync: a stable code, a message that names the values, and who does what."""

    code: str
    message: str
    remedy: str


class Change(Struct, frozen=True):
    """One field: old and new value, as shown to people (sensitive values masked)."""

    field: str
    old: str | None
    new: str | None


class Request(Struct, frozen=True):
    """The call that failed: no values, no query, no body; `status` is None where no answer came."""

    system: str
    method: str
    path: str
    status: int | None = None
    code: str = ""


class Record(Struct, frozen=True):
    """One thing that a run looked at. `source_id` is how the source finds it again (for replay).

    `request` is the call that failed, where one did; `risks` are of a write that is looked at in its plan.
    """

    entity: str
    key: str
    label: str
    outcome: Outcome
    source_id: str
    reason: Reason | None = None
    changes: tuple[Change, ...] = ()
    attempts: int = 1
    request: Request | None = None
    risks: tuple[Risk, ...] = ()

    @property
    def record_id(self) -> str:
        """The id in the API: `employee:1042`."""
        return f"{self.entity}:{self.key}"

    @property
    def failing(self) -> bool:
        """Whether something of it is wrong still: it failed or is blocked, or is written in part."""
        return self.outcome in (Outcome.FAILED, Outcome.BLOCKED) or self.in_part

    @property
    def in_part(self) -> bool:
        """Whether only a part of it was written when its run ended."""
        return self.reason is not None and self.reason.code == WRITTEN_IN_PART


P = TypeVar("P")


class Write(Struct, Generic[P], frozen=True):
    """One planned write: the record as it will be shown, and what will be sent.

    The `payload` is of the flow's own type, with sensitive values as `Sensitive`; it is None where it was
    planned by a version that kept it otherwise. `digests` are keyed hashes of write-only fields and `facts`
    what the flow wants to know of the link later; both are kept on the link once sent. `removes` says that
    the thing is taken away at the target.
    """

    record: Record
    payload: P
    target_id: str | None = None
    risks: tuple[Risk, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    removes: bool = False


class Seen(Struct, frozen=True):
    """What a page saw of the source, to prove later that all pages together are a complete read.

    `before` is the id of the row that the source listed just before this page's first own row. `linked`
    are the ids of the links that belong to what was seen, where these are not the rows' own ids.
    """

    ids: tuple[str, ...]
    before: str | None
    total: int
    linked: tuple[str, ...] | None = None

    @property
    def present(self) -> tuple[str, ...]:
        """The ids under which links of what was seen are kept."""
        return self.ids if self.linked is None else self.linked


class PlannedPage(Struct, frozen=True):
    """One page, compared: the records that are not for writing, the writes, and what was unchanged.

    `matched` holds the target id by record id of all that the target has; it is not stored. `noted` is what
    later pages of the run need not read again: it is added to the run's look-ups. Where a person has several
    records, `people` is how many persons were looked at, and each has its risks on one write only.

    Source ids that are `left` are not looked at here, but together with those of other pages. `mirror` is
    what the page has kept of the mirror, and `drift` how many records an earlier mirror was wrong about.
    Calls that a run which writes is `spared`, by system, are made by previews alone.
    """

    index: int
    unchanged: int
    records: tuple[Record, ...]
    writes: tuple[Write[Any], ...]
    seen: Seen | None = None
    matched: Mapping[str, str] = field(default_factory=dict)
    noted: Mapping[str, Any] = field(default_factory=dict)
    people: int | None = None
    left: tuple[str, ...] = ()
    mirror: Part | None = None
    drift: int = 0
    spared: Mapping[str, int] = field(default_factory=dict)

    @property
    def looked_at(self) -> int:
        """All records of the page; outcome counts add up to it."""
        return self.unchanged + len(self.records) + len(self.writes)


class Applied(Struct, frozen=True):
    """What became of one planned write: the final record and, when written, its id at the target.

    `partly` is what the target had taken of one that is not done: its outcome, and these changes alone.
    `facts` are what its answer told that the flow wants to know of the link later.
    """

    record: Record
    target_id: str | None = None
    partly: Record | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


class Counts(Struct):
    """Records per outcome."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    blocked: int = 0
    failed: int = 0

    @classmethod
    def of(cls, records: Iterable[Record], *, unchanged: int = 0) -> Counts:
        """Count `records` by outcome, and add those that were unchanged."""
        counts = cls(unchanged=unchanged)
        for record in records:
            setattr(counts, record.outcome.value, getattr(counts, record.outcome.value) + 1)
        return counts

    @classmethod
    def sum(cls, parts: Iterable[Mapping[str, int]]) -> Counts:
        """Add up counts that were stored per page."""
        total = cls()
        for part in parts:
            for outcome in Outcome:
                value = getattr(total, outcome.value) + int(part.get(outcome.value, 0))
                setattr(total, outcome.value, value)
        return total

    def as_dict(self) -> dict[str, int]:
        """Every outcome with its count, also those at zero."""
        return {outcome.value: getattr(self, outcome.value) for outcome in Outcome}

    @property
    def total(self) -> int:
        """All records counted."""
        return sum(self.as_dict().values())

    @property
    def needs_people(self) -> bool:
        """Whether some records failed or are blocked, so that the run is only partly done."""
        return bool(self.failed or self.blocked)
