"""The frame of every step of a run: it holds the lease, and what goes wrong outside becomes an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from msgspec import to_builtins

from payrelay.domain.runs import Run
from payrelay.errors import TROUBLE, Unfinished
from payrelay.flows.engine.answers import Answer, Halted, Later
from payrelay.flows.engine.engine import Engine
from payrelay.ledger.runs import LeaseLost

Event: TypeAlias = Mapping[str, Any]
# An answer as it goes back to the state machine.
Payload: TypeAlias = dict[str, Any]
Opening = TypeVar("Opening")
# Of the wait between a step and the one that goes on.
GO_ON_SECONDS = 1


def step(body: Callable[[Engine, Run, Event], Answer]) -> Callable[[Engine, Event], Payload]:
    """A step over the run that `event` names, as the state machine calls it.

    It is `halted` when the run may not act any more, because another one has its lease; and it answers what
    `Engine.trouble` says when an outside system, or something that a person has to mend, is in its way. One
    that has done as much as it may goes on in another step.
    """

    @wraps(body)
    def held(engine: Engine, event: Event) -> Payload:
        try:
            run = engine.holding(event)
        except LeaseLost:
            return payload(Halted())
        try:
            answer = _answer(engine, run, event, body)
        except LeaseLost:
            answer = Halted()
        engine.put_down_calls(run)
        return payload(answer)

    return held


def _answer(engine: Engine, run: Run, event: Event, body: Callable[[Engine, Run, Event], Answer]) -> Answer:
    try:
        return body(engine, run, event)
    except TROUBLE as error:
        return engine.trouble(run, error, tries(event))
    except Unfinished:
        return Later(GO_ON_SECONDS, 0)


def flow_step(
    body: Callable[[Engine, Opening, Run, Event], Answer],
) -> Callable[[Engine, Opening, Event], Payload]:
    """The same for a step that needs the flow; it is opened over the run."""

    @wraps(body)
    def held(engine: Engine, opening: Opening, event: Event) -> Payload:
        return step(lambda engine, run, event: body(engine, opening, run, event))(engine, event)

    return held


def tries(event: Event) -> int:
    """How often this step has waited for a vendor so far."""
    return int(event.get("tries", 0))


def payload(answer: Answer) -> Payload:
    """An answer as it goes back to the state machine."""
    made: Payload = to_builtins(answer)
    return made
