"""docs/night.md: a game day's story as a document, in words that a second one has, too.

What differs each time is written so that it does not: ids are numbered in the order in which they come, and
times, ports and durations are put as such. Nothing changes its width, so that columns stay where they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.stack.home import ROOT

from .failing import must
from .story import Part, shown

PATH = ROOT / "docs" / "night.md"
HEAD = """\
# A night on call

Everything that `make gameday` broke, and how someone cured it who typed only what [the runbook](runbook.md)
prints: each line behind `$` is of one of its blocks, and what follows is what stood on the screen, cut where
it is long. `make gameday ARGS="--transcript docs/night.md"` writes this page. Ids are numbered in the order
in which they come, and times are left out, so that one night can be compared with another.
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
_ID = re.compile(r"\b(run|con|apl|evt|rpt)_([0-9A-HJKMNP-TV-Z]{26})\b")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d(?::\d\d)?(?:\.\d+)?(Z|\+00:00)"), r"YYYY-MM-DD\1hh:mm:ss\2"),
    (re.compile(r"(127\.0\.0\.1|localhost):\d+"), r"\1:PORT"),
    (re.compile(r"\b(duration_ms|latency_ms|ms)=\d+"), r"\1=…"),
    (re.compile(re.escape(str(ROOT))), "."),
    (re.compile(r"/tmp/payrelay-gameday-\w+/\d"), "."),
)


@dataclass(frozen=True)
class Told:
    """An incident as it was told."""

    number: int
    title: str
    anchor: str
    entry: str
    parts: Sequence[Part]


def write(path: Path, night: Sequence[Told], secrets: Sequence[str]) -> None:
    """The page. Nothing secret may stand in it."""
    text = steady("\n".join([HEAD, *(line for told in night for line in _chapter(told))]))
    must(not any(secret in text for secret in secrets), "a secret stands on the screens")
    path.write_text(text)


def _chapter(told: Told) -> list[str]:
    found = [f"## {told.number}. {told.title}", ""]
    for part in told.parts:
        name = NAMES[part.name]
        if part.name == "runbook":
            _, means = part.lines
            found += [f"**{name}**: [{told.entry}](runbook.md#{told.anchor}). {_sentence(means)}", ""]
        elif part.blocks:
            found += [f"**{name}**", ""]
            for done in part.blocks:
                found += ["```text", *shown(done), "```", ""]
        else:
            found += [f"**{name}**: {_sentence(' '.join(part.lines))}", ""]
    return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def steady(text: str) -> str:
    """The text without what differs from one night to the next."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    text = _numbered(_ID, text, "{0[1]}_{1:0>26}")
    return _numbered(_UUID, text, "00000000-0000-0000-0000-{1:0>12}")


def _numbered(pattern: re.Pattern[str], text: str, form: str) -> str:
    """Each id as the number in which it came first."""
    seen: dict[str, int] = {}
    return pattern.sub(lambda found: form.format(found, seen.setdefault(found[0], len(seen) + 1)), text)
