"""docs/runbook.md as game day reads it: entries, the commands of each of their parts, and where they lead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.stack.home import ROOT

from .failing import must

PATH = ROOT / "docs" / "runbook.md"
LOOK, DO, FIXED = "Look", "Do", "Fixed when"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PART = re.compile(r"^\*\*(For the customer|You see|Look|Do|Fixed when)\*\*", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One entry: its title and all that stands below it."""

    title: str
    text: str

    @property
    def anchor(self) -> str:
        """What a link to it ends with."""
        return anchor_of(self.title)

    def blocks(self, part: str) -> list[str]:
        """The blocks of shell of one of its parts: `LOOK`, `DO` or `FIXED`."""
        pieces = _PART.split(self.text)
        parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
        return list(blocks(parts[part], "bash"))

    @property
    def means(self) -> str:
        """Its first line: what it means for the customer, and whether it can wait."""
        first = self.text.strip().split("\n\n")[0]
        return " ".join(first.removeprefix("**For the customer** ").split())

    def leads_to(self, other: "Entry") -> bool:
        """Whether it is the other one, or has a link to it."""
        return self.anchor == other.anchor or f"(#{other.anchor})" in self.text


@dataclass(frozen=True)
class Runbook:
    """The whole of it: the variables that every command may use, and the entries."""

    preamble: str
    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, path: Path = PATH) -> "Runbook":
        """As it stands in the documents."""
        head, *rest = re.split(r"^## ", path.read_text(), flags=re.MULTILINE)
        entries = [Entry(*part.split("\n", 1)) for part in rest]
        return cls(next(blocks(head, "bash")), tuple(entries))

    def entry(self, anchor: str) -> Entry:
        """The entry that a link ends with."""
        found = [entry for entry in self.entries if entry.anchor == anchor]
        must(len(found) == 1, f"docs/runbook.md has no entry #{anchor}")
        return found[0]


def anchor_of(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def blocks(text: str, language: str) -> Iterator[str]:
    """The code blocks of one language."""
    return (body for kind, body in _BLOCK.findall(text) if kind == language)


def commands(script: str) -> list[str]:
    """The lines of a shell block, those joined that belong together: by a backslash, or in quotes."""
    joined = re.sub(r"\\\n\s*", "", script)
    found: list[str] = []
    for line in joined.splitlines():
        if found and found[-1].count("'") % 2:
            found[-1] += "\n" + line
        elif line.strip() and not line.startswith("#"):
            found.append(line)
    return found
