"""docs/glossary.md: each word says what it means, and where it lives; that place is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, tree
from tests.conftest import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("| \n").split(" | ")]
    for line in (ROOT / "docs" / "glossary.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| word"))
]
# The vocabulary that API, logs and documents share.
AGREED = {"system", "connection", "flow", "run", "trigger", "plan", "mode", "record", "outcome", "reason"}


def found(place: str) -> Path | None:
    """The file or folder of a place, from the root of the repository or of the package."""
    return next((path for path in (ROOT / place, PACKAGE / place) if path.exists()), None)


def defined(path: Path, name: str) -> bool:
    """Whether a module defines a name, or its class the name after the dot."""
    nodes: list[ast.stmt] = tree(path).body
    for part in name.split("."):
        node = next((node for node in nodes if part in _names(node)), None)
        if node is None:
            return False
        nodes = getattr(node, "body", [])
    return True


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return {node.name}
    targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    return {ast.unparse(target) for target in targets}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_word_has_a_meaning_and_lives_where_the_glossary_says(row: list[str]) -> None:
    word, meaning, where = row
    assert word
    assert len(meaning.split()) > 3
    for place in re.findall(r"`([^`<]+)`", where):
        name = place.partition(": ")[2]
        path = found(place.partition(": ")[0])
        assert path, place
        assert not name or defined(path, name), place
    assert re.search(r"`|\]\(", where)


def test_no_word_stands_twice_and_none_that_is_agreed_is_missing() -> None:
    words = [word for row in ROWS for word in row[0].split(", ")]
    assert len(words) == len(set(words))
    assert set(words) >= AGREED
