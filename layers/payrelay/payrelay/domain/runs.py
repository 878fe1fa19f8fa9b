"""Runs, connections and pages: the nouns of the run's life."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from payrelay.domain.reasons import ASKED_AGAIN
from payrelay.domain.records import Reason, Request

# Options with which a run does more than without them, and nothing less.
MORE = frozenset({"full"})
# A state machine ends whatever takes longer (the `TimeoutSeconds` of sync.asl.json).
LONGEST_RUN = timedelta(hours=12)


class Mode(StrEnum):
    """What a run may do."""

    SYNC = "sync"
    PREVIEW = "preview"
    APPLY = "apply"
    AUTO = "auto"


class Trigger(StrEnum):
    """What started a run."""

    LOGIN = "login"
    SCHEDULE = "schedule"
    MANUAL = "manual"
    AUTO = "auto"
    REPLAY = "replay"
    CONNECT = "connect"


class Status(StrEnum):
    """Where a run stands; all but the first two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    STOPPED = "stopped"
    HELD = "held"

    @property
    def final(self) -> bool:
        """Whether the run has ended."""
        return self not in (Status.QUEUED, Status.RUNNING)

    @property
    def well(self) -> bool:
        """Whether the run has ended as it was meant to, be it that some records wait for people."""
        return self in (Status.SUCCEEDED, Status.PARTIAL)


class ConnectionStatus(StrEnum):
    """CON-2."""

    NOT_CONNECTED = "not_connected"
    CONNECTED = "connected"
    ATTENTION = "attention"


class Connection(Struct, frozen=True):
    """One tenant's configured link between systems; credentials are elsewhere (CON-3).

    `switched_at` is when a person last connected or disconnected it. `organisation_ids` tell
    organisations apart without naming them. With each other organisation a new `era` begins: what was pulled
    and joined in the one before is not seen in it.
    """

    tenant: str
    connection_id: str
    name: str
    kind: str
    settings: Mapping[str, Any]
    status: ConnectionStatus
    created_at: str
    updated_at: str
    reason: Reason | None = None
    organisations: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    switched_at: str | None = None
    organisation_ids: Mapping[str, str] = field(default_factory=dict)
    era: int = 0

    @property
    def usable(self) -> bool:
        """Whether runs may start: also over one that needs attention for what each run asks again."""
        told = self.reason.code if self.reason else ""
        mending = self.status is ConnectionStatus.ATTENTION and told in ASKED_AGAIN
        return self.status is ConnectionStatus.CONNECTED or mending


class Halt(Struct, frozen=True):
    """Why a run must not go on: asked by a person (`stopped`) or forced by a system (`failed`).

    `request` is the call that failed, where one did.
    """

    status: Status
    reason: Reason
    request: Request | None = None


class Waits(Struct, frozen=True):
    """What a run waits for: what, until when (RFC 3339), why (`429`), and for the how manieth time."""

    what: str
    until: str
    why: str = ""
    tries: int = 0

    @property
    def message(self) -> str:
        """In words, such as `waits for Xledger until 03:19:47 (429, first try)`."""
        told = ", ".join([*([self.why] if self.why else []), *([_nth(self.tries)] if self.tries else [])])
        return f"waits for {self.what} until {self.until[11:19]}" + (f" ({told})" if told else "")


def _nth(number: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth", "sixth")
    return f"{words[number - 1] if number <= len(words) else f'{number}th'} try"


class Run(Struct, frozen=True):
    """One execution of a flow over a connection. Times are RFC 3339 UTC.

    `batch_size` is how many writes are applied together. One that read `moved_only` knows of
    nothing gone; one that `reconciles` compares all that there is on both sides. `calls` are those that
    listing took; an `estimate` is what a preview says a run like it would do and cost. A run of one person's
    own has that person as `scope`, and a lease beside that of the whole flow. `applied_by` is the run that
    wrote this one's plan, `applying` the one that was started last to do so.
    Where no page tells what it saw of the source, it has `nothing_to_prove`: it has listed all that there is.
    `era` is that of the connection when the run was started. `waits_until` is when the claims end that kept
    it waiting last: those of a run that died, or is still at work on the same records. `waits` is what it
    waits for, or waited for last. One that could not end by itself has `died`, whatever its status. An
    ended one tells how many records have which of its `reasons`, by outcome, and change its `fields`. `asked`
    is what its calls to each system have come to, as far as it is known with it: all once it has ended.
    Its `forecast` is how many calls it takes in all, by system, and a preview's that of the run that writes,
    which makes some calls `beyond` the preview's: it is told with the whole plan.
    It has a `full` comparison if everything was read on both sides, and not only what moved; None where the
    flow knows but one way. `drift` is how many records it found otherwise than what was known of them said.
    Its `marks` tell the run after it what moved since.
    """

    tenant: str
    connection_id: str
    run_id: str
    flow: str
    trigger: Trigger
    mode: Mode
    status: Status
    requested_by: str
    queued_at: str
    options: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    flow_version: str = ""
    started_at: str | None = None
    finished_at: str | None = None
    replay_of: str | None = None
    plan_of: str | None = None
    scope: str = ""
    only: int | None = None
    first_load: bool = False
    pages: int | None = None
    batches: int | None = None
    batch_size: int | None = None
    total: int | None = None
    reads: int = 0
    complete: bool = False
    nothing_to_prove: bool = False
    moved_only: bool = False
    reconciles: bool = False
    halt: Halt | None = None
    held: Mapping[str, Any] | None = None
    counts: Mapping[str, int] | None = None
    done: int | None = None
    error: Reason | None = None
    request: Request | None = None
    calls: int = 0
    estimate: Mapping[str, int] | None = None
    applied_by: str | None = None
    applying: str | None = None
    lease: str | None = None
    era: int = 0
    waits_until: str | None = None
    waits: Waits | None = None
    died: Reason | None = None
    reasons: Mapping[str, Mapping[str, int]] | None = None
    fields: Mapping[str, int] | None = None
    asked: Mapping[str, int] = field(default_factory=dict)
    beyond: Mapping[str, int] | None = None
    forecast: Mapping[str, int] | None = None
    full: bool | None = None
    drift: int | None = None
    marks: Mapping[str, str] = field(default_factory=dict)

    @property
    def plan_run_id(self) -> str:
        """The run whose plan this run writes: itself, or the preview or held run it applies."""
        return self.plan_of or self.run_id

    @property
    def lease_name(self) -> str:
        """Which lease of its flow it holds: the flow's own (empty), a person's, or that of previews.

        A run that was queued before leases had names holds that of its scope.
        """
        return self.scope if self.lease is None else self.lease

    @property
    def whole(self) -> bool:
        """Whether it was asked for what a schedule asks for: to sync all that there is, and to write it."""
        named = self.only is not None or self.scope or self.options.keys() - MORE
        return self.mode in (Mode.SYNC, Mode.AUTO) and not named


class Page(Struct, frozen=True):
    """One page to plan: a stretch of the source's list, or named records, or what is gone from it.

    Of the named ones those are `doubtful` that may have been sent since they were planned. They are read `at`
    a time (RFC 3339), and what the run has read since `fresh` may be used for them. Those that pages of the
    list have left are looked at `together`.
    """

    index: int
    offset: int = 0
    limit: int = 0
    ids: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    at: str = ""
    fresh: str = ""
    together: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As it travels through the state machine."""
        return {"index": self.index, "offset": self.offset, "limit": self.limit, "ids": list(self.ids)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Page:
        """Back from the state machine."""
        return cls(int(raw["index"]), int(raw["offset"]), int(raw["limit"]), tuple(raw["ids"]))


class Listing(Struct, frozen=True):
    """The pages of a run, the number of source records, and what every page needs (look-ups).

    One of what moved only is no read of the whole source: what it does not show is not gone. One that
    `reconciles` has everything compared, also what is as it was last sent. In a `full` comparison nothing is
    taken from the mirror, while another has read what moved at the target alone; None where the flow knows
    but one way. From its `marks` on the next run reads what moved, once this one is complete.
    """

    pages: tuple[Page, ...]
    total: int
    context: Mapping[str, Any]
    moved_only: bool = False
    reconciles: bool = False
    full: bool | None = None
    marks: Mapping[str, str] = {}


class Link(Struct, frozen=True):
    """Source id ↔ target id, with the business key and keyed hashes of what was last sent."""

    entity: str
    source_id: str
    key: str
    target_id: str
    digests: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


class Check(Struct, frozen=True):
    """One step of a diagnosis (LB-10): what was asked, what was seen, and the remedy when it failed.

    One that is about many records has a `code`, and the keys of all that it concerns; `labels` are what
    people call them, by key, where that is known.
    """

    name: str
    passed: bool | None
    seen: str
    remedy: str | None = None
    code: str | None = None
    keys: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
