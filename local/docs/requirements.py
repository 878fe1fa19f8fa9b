"""The requirements in scope: what each promises, the place that holds it, and the tests that prove it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "payrelay" / "payrelay"
# By id: `promise` and `place`.
IN_SCOPE: Mapping[str, Mapping[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
MARK = re.compile(r"\bmark\.requirement\(([^)]*)\)")
# What stands there belongs to another tree.
ELSEWHERE = ROOT / "tests" / "docs" / "toy"


def file_of(place: str) -> Path:
    """The file of a place; FileNotFoundError if there is none."""
    path = place.partition(": ")[0]
    for file in (PACKAGE / path, ROOT / path):
        if file.exists():
            return file
    raise FileNotFoundError(path)


@cache
def proofs() -> dict[str, list[Path]]:
    """The files of the tests that cite each id, once for each test, class or file that is marked."""
    found: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if not path.is_relative_to(ELSEWHERE):
            for arguments in MARK.findall(path.read_text()):
                for requirement in re.findall(r'"([^"]+)"', arguments):
                    found.setdefault(requirement, []).append(path.relative_to(ROOT))
    return found
