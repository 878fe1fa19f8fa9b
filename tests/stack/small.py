"""A stack of a few functions of its own, for tests that deploy it anew, break it, or end it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from local.stack.stack import Plan


def small_plan(folder: Path, files: Mapping[str, str]) -> Plan:
    """A stack without sandboxes, on a free port, of these files by their paths; one is `template.yaml`."""
    for name, text in files.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Plan(folder / "source/template.yaml", port=0, with_sandboxes=False, seeded=False)


def quiet(_: str) -> None:
    """What the stack tells is of no interest here."""
