"""How an incident is told: parts with a name, each some sentences or what stood on the screen."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from local.demo.client import say

from .shell import Done

# Wider lines are folded, as a terminal folds them; of longer outputs the beginning and the end are told.
WIDTH = 148
FIRST_LINES, LAST_LINES = 18, 10
# So few are not worth being left out.
FEW_LINES = 6
# A run that somebody waits for: how often this is told depends on the machine.
_MOVES = re.compile(r"^(run_\w+)  (queued|running)  \d+ / \d+$")


@dataclass(frozen=True)
class Part:
    """A part of the story: sentences, or blocks with their screens."""

    name: str
    lines: Sequence[str] = ()
    blocks: Sequence[Done] = ()


class Story:
    """One incident's story, which is said as it goes, and kept."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def tell(self, name: str, lines: Sequence[str]) -> None:
        """Sentences: the name stands at the side, before the first."""
        if lines:
            self.parts.append(Part(name, lines=lines))
            _say(name, lines)

    def show(self, name: str, blocks: Sequence[Done]) -> None:
        """What stood on the screen, block by block."""
        self.parts.append(Part(name, blocks=blocks))
        for number, done in enumerate(blocks):
            if number:
                say()
            _say("" if number else name, list(shown(done)))


def shown(done: Done) -> Iterator[str]:
    """A block's screen: what was typed stands behind `$`; the long is cut short, the wide folded."""
    waiting, goes_on = list(done.lines), False
    printed: list[str] = []
    for line in done.screen.splitlines():
        if waiting and line == waiting[0]:
            yield from _cut(printed)
            yield f"{'>' if goes_on else '$'} {waiting.pop(0)}"
            printed, goes_on = [], line.endswith("\\")
        elif not _MOVES.match(line):
            printed += _folded(line)
    yield from _cut(printed)


def _folded(line: str) -> list[str]:
    deep = " " * (len(line) - len(line.lstrip()) + 4)
    folded = textwrap.wrap(
        line, WIDTH, initial_indent="  ", subsequent_indent=f"  {deep}", break_on_hyphens=False, tabsize=4
    )
    return folded or [""]


def _cut(printed: list[str]) -> Iterator[str]:
    """The beginning and the end, which is what one reads of what has run off the screen."""
    if len(printed) <= FIRST_LINES + LAST_LINES + FEW_LINES:
        yield from printed
        return
    yield from printed[:FIRST_LINES]
    yield f"  … {len(printed) - FIRST_LINES - LAST_LINES} lines more …"
    yield from printed[-LAST_LINES:]


def _say(name: str, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines):
        say(f"   {'' if number else name:<9} {line}".rstrip())
