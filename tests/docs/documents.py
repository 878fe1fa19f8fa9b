"""The documents that people write, and what is in them: links, commands, paths."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from local.gameday.aws_command import AwsCommand
from local.gameday.runbook import anchor_of
from local.gameday.runbook import blocks as blocks_of
from tests.conftest import ROOT

SKIPPED = {".venv", ".venv-sam", ".local", "build", "node_modules"}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def documents() -> list[Path]:
    """Every Markdown file of the project."""
    found = [path for path in ROOT.rglob("*.md") if not ROOT.joinpath(path).is_symlink()]
    return sorted(path for path in found if not _hidden(path))


def _hidden(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") or part in SKIPPED for part in parts)


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
