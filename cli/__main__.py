"""The command line: `payrelay <command>`, or `python -m cli <command>`."""

from __future__ import annotations

import io
import os
import sys

from .command_line import Tool
from .commands import (
    apps,
    checks,
    connections,
    cures,
    documents,
    entering,
    environment,
    failures,
    letters,
    runs,
    schedules,
    service,
)

ABOUT = """Payrelay for on-call engineers: what ran, what failed and why, and how to do it again.

It speaks to the HTTP API alone. Without --api and --token it takes the local stack, if that runs.
`COMMAND --help` tells all about a command.
"""
EXAMPLES = (
    "failures --open",
    f"show {runs.RUN} employee:1042",
    f"replay {runs.RUN}",
)

SECTIONS = (
    failures,
    cures,
    runs,
    connections,
    entering,
    schedules,
    checks,
    documents,
    letters,
    apps,
    service,
    environment,
)
payrelay = Tool(ABOUT, [room.section for room in SECTIONS], EXAMPLES)

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    payrelay(prog_name=os.environ.get("PAYRELAY_CALLED", "python -m cli"))
