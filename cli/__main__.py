"""The command line: `payrelay <command>`, or `python -m cli <command>`."""

from __future__ import annotations

import io
import sys

from .command_line import Tool
from .commands import connections, cures, letters, runs

ABOUT = """Payrelay for on-call engineers: what ran, what failed and why, and how to do it again.

It speaks to the HTTP API alone. Without --api and --token it takes the local stack, if that runs.
`payrelay COMMAND --help` tells all about a command.
"""
EXAMPLES = (
    "payrelay failures --since 24h",
    f"payrelay show {runs.RUN} employee:1042",
    f"payrelay replay {runs.RUN}",
)

payrelay = Tool(ABOUT, [connections.section, runs.section, cures.section, letters.section], EXAMPLES)

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    payrelay(prog_name="payrelay")
