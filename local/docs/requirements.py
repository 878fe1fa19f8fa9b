"""The requirements in scope: what each promises, the place that holds it, and the tests that prove it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "payrelay" / "payrelay"
# By id: `promise` and `place`.
IN_SCOPE: Mapping[str, Mapping[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
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
            for requirement in _marks(ast.parse(path.read_text())):
                found.setdefault(requirement, []).append(path.relative_to(ROOT))
    return found


def _marks(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "requirement":
            yield from (ast.literal_eval(argument) for argument in node.args)
