"""The console's modules as text: their strings, their templates and what they import."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.architecture.sources import ROOT

CONSOLE = ROOT / "console"
VENDOR = CONSOLE / "vendor"
HOLE = "\0"
# A slash after one of these begins a regular expression, after anything else it divides.
BEFORE_REGEX = re.compile(r"(?:[=(,:;\[!&|?{}]|=>|\breturn|^)\s*$")
TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[`{}/]", re.DOTALL)
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/[a-z]*")
IMPORT = re.compile(r'^(?:import|export)\s(?:[^;"]*?\sfrom\s)?"([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Template:
    """A template literal: its tag, its text with a hole for each `${…}`, and the line on which it begins."""

    tag: str
    text: str
    line: int


@dataclass(frozen=True)
class Source:
    """A module: its code without comments, its string literals and its templates."""

    path: Path
    code: str
    strings: tuple[str, ...]
    templates: tuple[Template, ...]


def own_files(suffix: str = "") -> list[Path]:
    """The console's own files, without the libraries."""
    files = (path for path in CONSOLE.rglob(f"*{suffix}") if path.is_file())
    return sorted(path for path in files if VENDOR not in path.parents)


def name(path: Path) -> str:
    """A file's path within the console."""
    return path.relative_to(CONSOLE).as_posix()


def imported(path: Path) -> set[str]:
    """The modules that a module imports at its top, by their path within the console."""
    found = (path.parent / one for one in IMPORT.findall(read(path).code))
    return {one.resolve().relative_to(CONSOLE).as_posix() for one in found}


@cache
def routed() -> frozenset[str]:
    """The views that have an address."""
    rows = re.findall(r'\["[^"]*", "([\w-]+)", "\w+"\]', (CONSOLE / "main.js").read_text())
    return frozenset(rows)


@cache
def read(path: Path) -> Source:
    """A module, taken apart."""
    reader = _Reader(path.read_text())
    reader.code_until_end()
    return Source(path, "".join(reader.code), tuple(reader.strings), tuple(reader.templates))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.code: list[str] = []
        self.strings: list[str] = []
        self.templates: list[Template] = []

    def code_until_end(self) -> None:
        """Read code up to the brace that closes what was open before, or to the end."""
        depth = 0
        while found := TOKEN.search(self.text, self.place):
            self.code.append(self.text[self.place : found.start()])
            self.place = found.end()
            token = found[0]
            if token == "`":
                self.template()
            elif token == "/":
                self.slash(found.start())
            elif token.startswith("/"):
                continue
            elif token in "{}":
                depth += 1 if token == "{" else -1
                if depth < 0:
                    return
                self.code.append(token)
            else:
                self.strings.append(token[1:-1])
                self.code.append(token)
        self.code.append(self.text[self.place :])

    def slash(self, start: int) -> None:
        before = "".join(self.code[-2:])
        found = REGEX.match(self.text, start) if BEFORE_REGEX.search(before) else None
        if found:
            self.place = found.end()
        self.code.append("/…/" if found else "/")

    def template(self) -> None:
        line = self.text.count("\n", 0, self.place) + 1
        tag = re.search(r"\w*$", "".join(self.code[-1:]))
        here = len(self.templates)
        parts = []
        while True:
            part = re.compile(r"(?:\\.|(?!\$\{)[^`\\])*", re.DOTALL).match(self.text, self.place)
            assert part
            parts.append(part[0])
            self.place = part.end()
            if self.text.startswith("`", self.place):
                self.place += 1
                break
            self.place += 2
            self.code.append("(")
            self.code_until_end()
            self.code.append(")")
        self.templates.insert(here, Template(tag[0] if tag else "", HOLE.join(parts), line))
