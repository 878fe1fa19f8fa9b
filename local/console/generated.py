"""What is made from the project itself: files that the console has, and the document of its views."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.stack.home import ROOT

from .document import DOCUMENT, document
from .runbook import runbook
from .schemas import schemas

CONSOLE = ROOT / "console"
MAKERS: Mapping[str, Callable[[], Any]] = {"runbook.json": runbook, "schemas.json": schemas}


def generated() -> dict[Path, str]:
    """Every file with what it has to hold now; JSON is as short as it gets, with a line for each part."""
    return {DOCUMENT: document(), **{CONSOLE / name: _written(make()) for name, make in MAKERS.items()}}


def _written(value: dict[str, Any]) -> str:
    lines = (f"{json.dumps(key)}:{_short(one)}" for key, one in value.items())
    return "{" + ",\n".join(lines) + "}\n"


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
