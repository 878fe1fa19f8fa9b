"""What a step of a run answers to the state machine: one type for each way to go on, told by its `status`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from msgspec import Struct


class Halted(Struct, frozen=True, tag_field="status", tag="halted"):
    """The run is not to go on; why is kept with it."""


class Later(Struct, frozen=True, tag_field="status", tag="later"):
    """The same step again after so many seconds; `tries` counts the waits so far."""

    wait_seconds: int
    tries: int


class List(Struct, frozen=True, tag_field="status", tag="list"):
    """The run begins with its pages."""


class Apply(Struct, frozen=True, tag_field="status", tag="apply", omit_defaults=True):
    """The run goes on with a plan that is there; `batches` once it was reviewed."""

    batches: tuple[Mapping[str, Any], ...] | None = None


class Listed(Struct, frozen=True, tag_field="status", tag="done"):
    """The pages to plan, so many of them at the same time."""

    pages: tuple[Mapping[str, Any], ...]
    at_once: int


class Planned(Struct, frozen=True, tag_field="status", tag="done"):
    """A page is planned, with so many writes; `batch` is all of it as one batch."""

    writes: int
    batch: Mapping[str, Any]


class Done(Struct, frozen=True, tag_field="status", tag="done"):
    """The step is done, and there is nothing to say of it."""


class Again(Struct, frozen=True, tag_field="status", tag="again"):
    """The source moved while it was read: list its pages once more."""


class Plan(Struct, frozen=True, tag_field="status", tag="plan"):
    """The next batch of a session that goes on by itself, as a page to plan."""

    page: Mapping[str, Any]


class Wait(Struct, frozen=True, tag_field="status", tag="wait"):
    """Nothing can be done now; look again after so many seconds."""

    wait_seconds: int


class Finish(Struct, frozen=True, tag_field="status", tag="finish"):
    """There is nothing left to do but to close the run."""


class Held(Struct, frozen=True, tag_field="status", tag="held"):
    """The brake holds the plan until an admin applies it."""


class Closed(Struct, frozen=True, tag_field="status", tag="closed"):
    """The run has ended."""


Answer: TypeAlias = (
    Halted | Later | List | Apply | Listed | Planned | Done | Again | Plan | Wait | Finish | Held | Closed
)
