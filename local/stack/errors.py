"""What can go wrong with the local stack, told to the person who started it."""

import re
from pathlib import Path

_LAST_LINES = 15
_AN_ERROR = re.compile(r"(\w+\.)*\w*(Error|Exception): ")


class StackError(Exception):
    """The local stack can't do what was asked; the message says why and what helps."""


class PortTakenError(StackError):
    """The port that was asked for belongs to another program."""

    def __init__(self, what: str, port: int) -> None:
        super().__init__(
            f"Port {port} on 127.0.0.1 is taken by another program, so {what} can't use it. "
            "Stop that program, or name another port; without a named port a free one is chosen."
        )


class NotReadyError(StackError):
    """A process ended, or did not answer in time; the message carries its first error and its log's end."""

    def __init__(self, what: str, happened: str, log: Path) -> None:
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        told = lines[-_LAST_LINES:] or ["(the log is empty)"]
        # What breaks down afterwards may have pushed the cause out of the log's end.
        cause = next((line for line in lines if _AN_ERROR.match(line)), None)
        if cause and cause not in told:
            told = [cause, "...", *told]
        shown = "\n".join(f"  | {line}" for line in told)
        super().__init__(f"{what} {happened}. The end of {log}:\n{shown}")


class PackageError(StackError):
    """Something that the template names can't be packaged."""


class DeployError(StackError):
    """CloudFormation did not accept the template, or a resource failed."""
