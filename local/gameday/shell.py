"""Runs the runbook's commands by the shell itself, with its variables filled in."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.stack.clients import REGION
from local.stack.home import ROOT

from .failing import GameDayFailedError, must

# What `./payrelay` ends with when it did what was asked, and what it looked at is not right.
NOT_RIGHT = 3
PATIENCE_SECONDS = 120
_BEGIN, _END = "\x1e", "\x1f"
_STAND_INS = {"aws": "local.gameday.aws", "curl": "local.gameday.curl", "payrelay": "cli"}


@dataclass(frozen=True)
class Done:
    """A command, what it printed, and what it ended with."""

    command: str
    output: str
    status: int


class Shell:
    """A shell in a folder where `aws`, `curl` and `./payrelay` are."""

    def __init__(self, folder: Path, endpoint: str, facts: Path) -> None:
        self._folder = folder
        for name, module in _STAND_INS.items():
            script = folder / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m {module} "$@"\n')
            script.chmod(0o755)
        self._variables = {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": REGION,
            "PAYRELAY_STACK": str(facts),
        }

    def prepare(self, preamble: str, values: Mapping[str, str]) -> None:
        """Run the runbook's first block, with values for what it leaves open.

        From then on every command may use them.
        """
        script = filled(preamble, values)
        names = re.findall(r"^([A-Z]+)=", script, re.MULTILINE)
        told = "\n".join(f"printf '{name}=%s{_END}' \"${name}\"" for name in names)
        output = self._bash(f"set -eu\n{script}\n{told}")
        for line in output.split(_END)[:-1]:
            name, _, value = line.partition("=")
            self._variables[name] = value
        self._variables |= {
            "PAYRELAY_API": self._variables["API"],
            "PAYRELAY_TOKEN": self._variables["TOKEN"],
        }

    def run(self, commands: Sequence[str], values: Mapping[str, str], may_fail: str = "") -> list[Done]:
        """Run commands one after the other, in one shell. One that fails ends game day, with its output.

        `may_fail` is part of the one command of which a refusal is what one looks for.
        """
        steps = [f"printf '{_BEGIN}'\n{{ {command}\n}} 2>&1\nprintf '{_END}%s' $?" for command in commands]
        output = self._bash("\n".join(steps), values)
        found = []
        for command, part in zip(commands, output.split(_BEGIN)[1:], strict=True):
            text, _, status = part.rpartition(_END)
            done = Done(command, text.rstrip(), int(status))
            fine = done.status in (0, NOT_RIGHT) or (may_fail and may_fail in command)
            must(bool(fine), f"`{command}` ended with {status}:\n{text}")
            found.append(done)
        return found

    def _bash(self, script: str, values: Mapping[str, str] | None = None) -> str:
        try:
            done = subprocess.run(
                ["bash", "-c", script],
                env={**self._variables, **(values or {})},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            told = (late.stdout or b"").decode("utf-8", "replace")
            raise GameDayFailedError(f"no end after {PATIENCE_SECONDS} s:\n{told}") from None
        must(
            done.returncode == 0 and not done.stderr, f"the shell ended with {done.returncode}: {done.stderr}"
        )
        return done.stdout


def filled(preamble: str, values: Mapping[str, str]) -> str:
    """The runbook's first block with these values in their lines."""
    for name, value in values.items():
        preamble, count = re.subn(rf"^{name}=.*$", f"{name}='{value}'", preamble, flags=re.MULTILINE)
        must(count == 1, f"docs/runbook.md does not say at its top what {name} is")
    return preamble
