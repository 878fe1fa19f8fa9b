"""The running stack as tests have it: on free ports, and thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import requests

from local.stack.stack import THROW_AWAY, Stack, running_stack


def thrown_away() -> AbstractContextManager[Stack]:
    """The deployed template and the sandboxes on free ports, for as long as the block lasts.

    The sandboxes' limits of calls are off: what a busy vendor does to a flow has tests of its own.
    """
    return running_stack(plan=replace(THROW_AWAY, rate_limits=False))


@contextmanager
def quick_waits_of(stack: Stack) -> Iterator[None]:
    """Waits of the state machines take a hundredth of their time."""
    knob = f"{stack.endpoint}/_ministack/config"
    requests.post(knob, json={"stepfunctions._SFN_WAIT_SCALE": 0.01}, timeout=10).raise_for_status()
    yield
    requests.post(knob, json={"stepfunctions._SFN_WAIT_SCALE": 1}, timeout=10)
