"""Runs the runbook's blocks as they are written: each in a shell of its own, which a failing line ends."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from local.stack.home import ROOT

from .failing import GameDayFailedError, must

# What `./payrelay` ends with when it did what was asked, and what it looked at is not right.
NOT_RIGHT = 3
PATIENCE_SECONDS = 120
# Of PyPI, beside the environment that runs this; `make gameday` installs it.
AWS = Path(f"{sys.prefix}-aws", "bin", "aws")
# Before the runbook's first block, and before the block itself, whose lines are shown as they are read.
STRICT = """\
set -uo pipefail
judge() {{ [ "$1" -eq {fine} ] || {{ echo "failed with $1: $2"; exit "$1"; }}; }}
trap 'judge "$?" "$BASH_COMMAND"' ERR
"""
# How bash shows the trap, while it shows what it reads.
TRAP = 'judge "$?" "$BASH_COMMAND"'
READ = "set -v\n"


@dataclass(frozen=True)
class Done:
    """A block, and what stood on the screen: its lines as the shell read them, and what each printed."""

    block: str
    screen: str

    @property
    def output(self) -> str:
        """What its commands printed."""
        return "\n".join(line for line in self.screen.splitlines() if line not in self.lines)

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the block."""
        return self.block.splitlines()


@dataclass(frozen=True)
class Shell:
    """Shells in a folder where `./payrelay` is, with one AWS command line on the path."""

    folder: Path
    facts: Path
    token: str
    aws: Path
    preamble: str

    @classmethod
    def make(cls, folder: Path, facts: Path, token: str, aws: Path, preamble: str) -> "Shell":
        """A shell whose folder has a link to this project's tool, as it stands there."""
        tools = folder / "bin"
        tools.mkdir(parents=True)
        (tools / "aws").symlink_to(aws)
        (folder / "payrelay").symlink_to(ROOT / "payrelay")
        return cls(folder, facts, token, aws, preamble)

    def of(self, token: str) -> "Shell":
        """The same as somebody else."""
        return replace(self, token=token)

    def run(self, block: str, values: Mapping[str, str], *, looking: bool) -> Done:
        """Run a block. A line that fails ends game day, with all that stood on the screen.

        While `looking`, the tool may say that what it sees is not right: that is what one looks for.
        """
        first = STRICT.format(fine=NOT_RIGHT if looking else 0) + filled(self.preamble, values) + READ
        (self.folder / "first.sh").write_text(first)
        (self.folder / "block.sh").write_text(block)
        try:
            done = subprocess.run(
                ["bash", "-c", ". ./first.sh; . ./block.sh"],
                env={
                    "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
                    "HOME": str(self.folder),
                    "LANG": "C.UTF-8",
                    "PAYRELAY_STACK": str(self.facts),
                    "PAYRELAY_TOKEN": self.token,
                },
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=PATIENCE_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            told = (late.stdout or b"").decode("utf-8", "replace")
            raise GameDayFailedError(f"no end after {PATIENCE_SECONDS} s:\n{told}") from None
        screen = "".join(line for line in done.stdout.splitlines(keepends=True) if line.strip() != TRAP)
        fine = done.returncode == 0 or (looking and done.returncode == NOT_RIGHT)
        must(fine, f"the block ended with {done.returncode}:\n{screen}")
        return Done(block, screen)


def aws_tools() -> list[Path]:
    """The AWS command lines that people have: PyPI's, and this machine's own where that is version 2."""
    found = shutil.which("aws")
    if not AWS.exists():
        must(found is not None, f"{AWS} is missing: call this by `make gameday`, which installs it")
        return [Path(found or AWS).absolute()]
    if found is None:
        return [AWS]
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    return [AWS, Path(found).absolute()] if told.stdout.startswith("aws-cli/2") else [AWS]


def filled(preamble: str, values: Mapping[str, str]) -> str:
    """The runbook's first block with these values in their lines."""
    for name, value in values.items():
        preamble, count = re.subn(rf"^{name}=.*$", f"{name}='{value}'", preamble, flags=re.MULTILINE)
        must(count == 1, f"docs/runbook.md does not say at its top what {name} is")
    return preamble
