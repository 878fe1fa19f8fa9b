"""The running stack as tests have it: on free ports, and thrown away."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from local.stack.stack import THROW_AWAY, Stack, running_stack


def thrown_away() -> AbstractContextManager[Stack]:
    """The deployed template and the sandboxes on free ports, for as long as the block lasts.

    The sandboxes' limits of calls are off: what a busy vendor does to a flow has tests of its own.
    """
    return running_stack(plan=replace(THROW_AWAY, rate_limits=False))
