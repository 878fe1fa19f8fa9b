"""Whether a run in progress does at least what is asked for, so that who asks may join it (RUN-1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from payrelay.domain.runs import MORE, Mode, Run


def lacking(running: Run, asked: Run, narrowing: Collection[str]) -> str | None:
    """What the run in progress does otherwise than is asked, in words; None when it may be joined.

    Options in `narrowing` only confine a run to some records: a run without them does more, not other things.
    With those in `MORE` it does more than without.
    """
    for told in (_mode(running, asked), _confined(running, asked), _options(running, asked, narrowing)):
        if told:
            return told
    return None


def _mode(running: Run, asked: Run) -> str | None:
    """An applied plan is one of its own; a session that goes on by itself does what a sync does, too."""
    if running.mode is asked.mode and running.plan_of == asked.plan_of:
        return None
    if (running.mode, asked.mode) == (Mode.AUTO, Mode.SYNC):
        return None
    if running.mode is Mode.APPLY:
        return f"it applies the plan of {running.plan_of}"
    return f"its mode is {running.mode.value}"


def _confined(running: Run, asked: Run) -> str | None:
    """A replay reads afresh what a run in progress may have read before it was mended."""
    if (running.replay_of, running.only) == (asked.replay_of, asked.only):
        return None
    if running.replay_of:
        return f"it replays {running.replay_of}"
    return f"it may have read already what the replay of {asked.replay_of} is to read afresh"


def _options(running: Run, asked: Run, narrowing: Collection[str]) -> str | None:
    has, wants = ({k: v for k, v in run.options.items() if v or k not in MORE} for run in (running, asked))
    told = _shown(has)
    for name in MORE - wants.keys():
        has.pop(name, None)
    for name in narrowing:
        if name not in has:
            wants.pop(name, None)
        elif name in wants and set(wants[name]) <= set(has[name]):
            has.pop(name)
            wants.pop(name)
    if has == wants:
        return None
    return f"its options are {told}" if told else f"it has no options, and {_shown(wants)} is asked for"


def _shown(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in sorted(options.items()))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
