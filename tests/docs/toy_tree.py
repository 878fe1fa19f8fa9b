"""A copy of the tree, and the toy that the map's steps add to it: new files, and edits of old ones."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

TOY = ROOT / "tests" / "docs" / "toy"
EDITS = TOY / "edits.toml"
# What the placeholders of the steps stand for.
NAMES = {"<system>": "bulletin", "<kind>": "bulletin", "<flow>": "pin_notes"}
SECTIONS = {
    "vendor": "## Adding a vendor\n",
    "kind": "## Adding a kind of connection\n",
    "flow": "## Adding a flow\n",
}


def tracked() -> list[str]:
    """The files of the tree without the toy, also those that are not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    return sorted(name for name in found if not (ROOT / name).is_relative_to(TOY))


def files() -> list[str]:
    """The files of the toy, each where it belongs in the tree."""
    found = (path for path in TOY.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path.relative_to(TOY).as_posix() for path in found if path != EDITS)


def edits(section: str) -> list[dict[str, str]]:
    """What one section's steps change in files that are there."""
    found: list[dict[str, str]] = tomllib.loads(EDITS.read_text())[section]
    return found


def steps(section: str) -> Iterator[set[str]]:
    """The paths that each step of a section names, with the toy's names filled in."""
    text = (ROOT / "docs" / "map.md").read_text().split(SECTIONS[section])[1].split("\n## ")[0]
    top = {path.name for path in ROOT.iterdir()}
    for step in re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]:
        named = [_filled(path) for path in re.findall(r"`([\w./<>]+)`", step)]
        yield {path for path in named if path.split("/")[0] in top}


def _filled(path: str) -> str:
    """A path with the toy's names for the placeholders."""
    for placeholder, name in NAMES.items():
        path = path.replace(placeholder, name)
    return path


def covers(path: str, changed: str) -> bool:
    """Whether a step that names a path, or a folder, names what is changed."""
    return changed == path or (path.endswith("/") and changed.startswith(path))


def add_toy(to: Path) -> None:
    """Copy the tree, and take the steps."""
    for name in tracked():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, to / name)
    for name in files():
        assert not (to / name).exists(), f"{name} is there already"
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOY / name, to / name)
    for section in SECTIONS:
        for edit in edits(section):
            path = to / edit["file"]
            path.write_text(edited(path.read_text(), **{k: v for k, v in edit.items() if k != "file"}))


def edited(text: str, insert: str, after: str = "", before: str = "") -> str:
    """A text with one insertion; lines go behind, or in front of, the line of the place."""
    place = after or before
    assert text.count(place) == 1, f"{place!r} stands {text.count(place)} times in the file"
    at = text.index(place)
    if before:
        at = text.rfind("\n", 0, at) + 1
    else:
        at += len(after)
        if insert.endswith("\n"):
            at = text.index("\n", at) + 1
    return text[:at] + insert + text[at:]


def cost(*sections: str) -> tuple[int, int, int]:
    """New files, lines in them, and lines in files that were there."""
    changed = [edit["insert"].count("\n") or 1 for section in sections for edit in edits(section)]
    ours = [
        name for name in files() if any(covers(p, name) for s in sections for step in steps(s) for p in step)
    ]
    lines = sum((TOY / name).read_text().count("\n") for name in ours)
    return len(ours), lines, sum(changed)
