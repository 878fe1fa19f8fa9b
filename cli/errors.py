"""What a command ends with when it can't go on: one clear line, and an exit status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import click

from .screen import problem

OK = 0
REFUSED = 1
USAGE = 2
NOT_RIGHT = 3
INTERRUPTED = 130
NOBODY_READS = 141


class ToolError(click.ClickException):
    """A reason to stop, as one line for a person."""

    exit_code = REFUSED

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002  (click's own signature)
        """Say it."""
        problem(self.message)


class UsageError(ToolError):
    """Something is missing or wrong in how the tool was called."""

    exit_code = USAGE


class BrokenOff(ToolError):
    """A person pressed Ctrl-C: what was done by then, and what goes on."""

    exit_code = INTERRUPTED


class ApiError(ToolError):
    """The API refused, or did not answer; `passing` means that a moment later it may.

    `found` are the problem details, if it gave any.
    """

    def __init__(
        self, message: str, *, passing: bool = False, found: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.passing = passing
        self.found = dict(found or {})

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.found.get("code", ""))

    @property
    def system(self) -> str:
        """The outside system that it is about."""
        return str(self.found.get("system", ""))
