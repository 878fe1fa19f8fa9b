"""Where a command writes: text for a person, or the API's own JSON and nothing beside it.

Text is plain, except on a terminal: there `rich` gives it colours, and folds what does not fit beside its
name. It is slow to import, and so is imported where it is used.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Pairs = Sequence[tuple[str, object]]
Words = Sequence[str]

# Begins the word of a command that only says when it helps.
NOTE = "# "
LABEL = 10
GAP = 2
ENDLESS = 100_000
COLOURS = {
    "green": r"\bSUCCEEDED\b|^(succeeded|ok)\b",
    "yellow": r"\b(PARTIAL|HELD|STOPPED|BLOCKED|WARNING)\b|^(partial|held|stopped)\b|\battention$",
    "red": r"\b(FAILED|FAILS|ERROR)\b|^failed\b",
    "bold": r"\b[A-Z]+(_[A-Z]+)+\b",
    "cyan": r"^  \S*(payrelay|cli) .*",
}


class Table(NamedTuple):
    """Columns, each as wide as its widest cell, `by` spaces further in."""

    rows: Sequence[Sequence[object]]
    head: Sequence[str] = ()
    by: int = 0

    @property
    def cells(self) -> list[list[str]]:
        """The titles, if it has any, and the rows."""
        head = [[name.upper() for name in self.head]] if self.head else []
        return [*head, *([clean(str(cell)) for cell in row] for row in self.rows)]


def facts(pairs: Pairs, by: int) -> Table:
    """A name and a value a line; what has no value has no line."""
    return Table([(f"{name:<{LABEL}}", value) for name, value in pairs if value is not None], by=by)


def lines(part: str | Table) -> list[str]:
    """Plain text, line by line."""
    if isinstance(part, str):
        return [clean(part)]
    widths = [max(map(len, column)) for column in zip(*part.cells, strict=True)]
    return [" " * part.by + "  ".join(map(str.ljust, row, widths)).rstrip() for row in part.cells]


class Typed(NamedTuple):
    """How a command is typed here: the name that the tool was called by, and what has to be repeated.

    `as_admin` is what a command for admins needs beside, where whoever asks now is none.
    """

    called: str = "payrelay"
    api: Words = ()
    role: Words = ()
    as_admin: Words = ()
    local: bool = False

    def line(self, words: Words) -> str:
        """A command that can be typed as it stands."""
        role = self.as_admin or self.role if isinstance(words, ForAdmin) else self.role
        plain = [word for word in words if not word.startswith(NOTE)]
        return f"{self.called} {shlex.join([*plain, *self.api, *role])}"

    def lines(self, words: Words) -> list[str]:
        """The same, after the line that says when, if there is one."""
        notes = [f"  {word.removeprefix(NOTE)}:" for word in words if word.startswith(NOTE)]
        return [*notes, f"  {self.line(words)}"]


class ForAdmin(tuple[str, ...]):
    """The words of a command that only an admin may have done."""

    __slots__ = ()


def for_admin(*words: str) -> ForAdmin:
    """A command that only an admin may have done."""
    return ForAdmin(words)


class Screen:
    """What stands on standard output."""

    def __init__(self, *, as_json: bool, typed: Typed) -> None:
        self._as_json = as_json
        self.typed = typed
        self._terminal = not as_json and sys.stdout.isatty()

    def say(self, *parts: str | Table) -> None:
        """Text for a person; nothing where JSON is asked for."""
        for part in () if self._as_json else parts:
            if self._terminal:
                self._draw(part)
            else:
                print(*(f"{line}\n" for line in lines(part)), sep="", end="", flush=True)

    def next(self, *commands: Words) -> None:
        """What one would type next; nothing where nothing would help."""
        if commands:
            self.say("", "Next:", *(line for words in commands for line in self.typed.lines(words)))

    def give(self, found: object) -> None:
        """What the API answered; nothing where text is asked for."""
        if self._as_json:
            print(json.dumps(found, indent=2))

    def ask(self, question: str) -> bool | None:
        """Whether a person says yes; None where there is no person."""
        if not sys.stdin.isatty():
            return None
        print(clean(question), end=" [y/N] ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, str, int, int], None]]:
        """How far something is: a moving bar on a terminal, elsewhere a line whenever it has changed.

        It is told of what, its status, how many are done, and of how many.
        """
        if not self._terminal:
            last = ""

            def tell(of: str, status: str, done: int, total: int) -> None:
                nonlocal last
                if last != (last := f"{of}  {status}  {done} / {total}"):
                    self.say(last)

            yield tell
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

        columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False)
        with Progress(*columns, transient=True) as bar:
            task = bar.add_task("", total=None)

            def move(_: str, status: str, done: int, total: int) -> None:
                bar.update(task, description=clean(status), completed=done, total=total)

            yield move

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console  # noqa: PLC0415

        return Console(width=ENDLESS, highlighter=_coloured, markup=False, emoji=False)

    def _draw(self, part: str | Table) -> None:
        """Only the values of facts are folded: tables, and commands to be typed, stay as wide as they are."""
        from rich.padding import Padding  # noqa: PLC0415
        from rich.table import Column  # noqa: PLC0415
        from rich.table import Table as Grid  # noqa: PLC0415

        if isinstance(part, str):
            self._console.print(clean(part), soft_wrap=True)
            return
        columns = [] if part.head else [Column(style="dim"), Column(overflow="fold", highlight=True)]
        grid = Grid(
            *columns, box=None, show_header=False, padding=(0, GAP, 0, 0), pad_edge=False, highlight=True
        )
        for number, row in enumerate(part.cells):
            grid.add_row(*row, style="bold" if part.head and not number else None)
        width = ENDLESS if part.head else shutil.get_terminal_size().columns
        with self._console.capture() as drawn:
            self._console.print(Padding(grid, (0, 0, 0, part.by), expand=False), width=width)
        for line in drawn.get().splitlines():
            print(line.rstrip())


def problem(text: str) -> None:
    """One line on standard error."""
    print(clean(f"payrelay: {text}"), file=sys.stderr)


def clean(text: str) -> str:
    """A line without control characters, which could move the cursor or hide what was written before."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _coloured(text: str | Text) -> Text:
    from rich.text import Text  # noqa: PLC0415

    coloured = Text(str(text))
    for colour, words in COLOURS.items():
        coloured.highlight_regex(words, colour)
    return coloured
