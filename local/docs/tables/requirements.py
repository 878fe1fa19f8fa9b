"""The table of docs/requirements.md."""

from __future__ import annotations

from pathlib import Path

from local.docs.markdown import code, table
from local.docs.requirements import IN_SCOPE, ROOT, file_of, proofs

# So many files of tests are named; the marks lead to the others.
NAMED = 2


def in_scope() -> str:
    """Every requirement in scope."""
    found = proofs()
    rows = (
        (name, row["promise"], _linked(row["place"]), _told(found.get(name, [])))
        for name, row in IN_SCOPE.items()
    )
    return table(("id", "what it promises", "its place", "tests"), rows)


def _linked(place: str) -> str:
    return f"[{code(place)}](../{file_of(place).relative_to(ROOT)})"


def _told(proofs: list[Path]) -> str:
    """The files that have most of the tests. No numbers: they would be old with every new test."""
    files = sorted(set(proofs), key=lambda path: (-proofs.count(path), path))
    links = ", ".join(f"[{path.relative_to('tests')}](../{path})" for path in files[:NAMED])
    return f"{links} …" if len(files) > NAMED else links or "none"
