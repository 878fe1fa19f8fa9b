"""docs/night.md: a game day's story as a document, in words that a second one has, too.

What differs each time is written so that it does not: ids are numbered in the order in which they come, and
times, ports and durations are put as such.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from local.stack.home import ROOT

from .failing import must
from .story import Part, shown

PATH = ROOT / "docs" / "night.md"
HEAD = """\
# A night on call

Everything that `make gameday` broke, and how someone cured it who typed only what the alarm's mail and
[the runbook](runbook.md) print. Each line behind `$` is of one of their blocks, typed as an admin of the
tenant (`whose` as one of the service); below it is what stood on the screen, the middle left out where that
is long. `make gameday ARGS="--transcript docs/night.md"` writes this page. Ids are numbered in the order in
which they come, and times are left out, so that one night can be compared with another.
"""
NAMES = {
    "broken": "What broke",
    "alarm": "The alarm",
    "whose": "Whose it is",
    "no alarm": "No alarm",
    "runbook": "The runbook",
    "look": "Look",
    "outside": "Outside",
    "cure": "Do",
    "fixed": "Fixed when",
    "proof": "The proof",
}
_ID = re.compile(r"\b(run|con)_[0-9A-HJKMNP-TV-Z]{26}\b")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
# So many digits are left of an id, and its column is as much narrower.
_DIGITS = 6
_SHORTER = 26 - _DIGITS
# A table of ids, and the cells that leave a column of ids empty.
_TITLES = re.compile(r"(RUN|LETTER|AT|LEFT AT)  ")
_ROW = re.compile(r"(run_|YYYY-|[0-9a-f]{8}-)")
_WIDER = re.compile(r"(?:(?<= )|^)(RUN|CONNECTION|LETTER|-)( {22,})")
_VARYING = (
    (
        re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(Z|\+00:?00)"),
        r"YYYY-MM-DD\1hh:mm:ss\2",
    ),
    (re.compile(r"\b\d\d:\d\d \(UTC\)"), "hh:mm (UTC)"),
    (re.compile(r"\bcron\(\d+ \d+ "), "cron(mm hh "),
    (re.compile(r"(127\.0\.0\.1|localhost):\d+"), r"\1:PORT"),
    (re.compile(r"\b(duration_ms|ms)=\d+"), r"\1=…"),
    (re.compile(r"\b1-[0-9a-f]{8}-[0-9a-f]{24}\b"), "1-…"),
    (re.compile(re.escape(str(ROOT))), "."),
)


@dataclass(frozen=True)
class Told:
    """An incident as it was told."""

    number: int
    title: str
    anchor: str
    entry: str
    parts: Sequence[Part]


class Steady:
    """Writes what differs from one night to the next so that it does not."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def text(self, text: str) -> str:
        """Ids become numbers, in the order in which they come; columns of them are as much narrower."""
        for pattern, instead in _VARYING:
            text = pattern.sub(instead, text)
        text = "\n".join(_narrowed(text.split("\n")))
        text = _ID.sub(lambda found: f"{found[1]}_{self._number(found[0])}", text)
        return _UUID.sub(lambda found: f"{'0' * 10}{self._number(found[0])}", text)

    def part(self, part: Part) -> Part:
        """A part of a story."""
        blocks = [replace(done, screen=self.text(done.screen)) for done in part.blocks]
        return replace(part, lines=list(map(self.text, part.lines)), blocks=blocks)

    def _number(self, found: str) -> str:
        return f"{self._seen.setdefault(found, len(self._seen) + 1):0{_DIGITS}}"


def _narrowed(lines: Sequence[str]) -> Iterator[str]:
    """Take out of a table with ids what those lose: behind its titles, and in empty cells."""
    inside = False
    for line in lines:
        inside = bool(_TITLES.match(line) or (inside and _ROW.match(line)))
        yield _WIDER.sub(lambda found: found[1] + found[2][_SHORTER:], line) if inside else line


def write(path: Path, night: Sequence[Told], secrets: Sequence[str]) -> None:
    """The page. Nothing secret may stand in it."""
    steady = Steady()
    chapters = [_chapter(told, list(map(steady.part, told.parts))) for told in night]
    text = "\n".join([HEAD, *(line for chapter in chapters for line in chapter)])
    must(not any(secret in text for secret in secrets), "a secret stands on the screens")
    path.write_text(text.rstrip() + "\n")


def _chapter(told: Told, parts: Sequence[Part]) -> list[str]:
    found = [f"## {told.number}. {told.title}", ""]
    for part in parts:
        name = f"**{NAMES[part.name]}**"
        if part.name == "runbook":
            means = part.lines[1].replace("](#", "](runbook.md#")
            found += [f"{name}: [{told.entry}](runbook.md#{told.anchor}), {means}", ""]
            continue
        found += [name, "", "```text"]
        for number, done in enumerate(part.blocks):
            found += [*([""] if number else []), *shown(done)]
        found += [*(f"  {line}" for line in part.lines), "```", ""]
    return found
