"""The documents that people write, and what is in them: links, commands, paths."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from local.gameday.aws_command import AwsCommand
from local.gameday.runbook import anchor_of
from local.gameday.runbook import blocks as blocks_of
from tests.conftest import ROOT

SKIPPED = {"build", "node_modules"}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@cache
def documents() -> list[Path]:
    """Every Markdown file of the project."""
    folders = [path for path in ROOT.iterdir() if path.name[0] != "." and path.name not in SKIPPED]
    found = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    return sorted(path for path in found if not path.is_symlink())


def blocks(path: Path, language: str) -> Iterator[str]:
    """The code blocks of one language."""
    return blocks_of(path.read_text(), language)


def links(path: Path) -> list[str]:
    """Where a document's links lead; what stands in code is none."""
    text = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", path.read_text()))
    return LINK.findall(text)


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {anchor_of(heading) for heading in headings}


def aws_commands(line: str) -> list[AwsCommand]:
    """The commands of the AWS tool in a line of shell, also those in `$(…)` and in a function's body."""
    inner = re.findall(r"\$\((aws [^()]*)\)", line)
    body = re.match(r"(?:\w+\(\) \{ )?(aws .*?)(?:; \})?$", line, re.DOTALL)
    return [AwsCommand.read(shlex.split(text)[1:]) for text in [*inner, *([body[1]] if body else [])]]
