"""The requirements in scope, and the tests that prove each, found by their marks."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
IN_SCOPE: dict[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["in_scope"]


def proofs() -> dict[str, list[Path]]:
    """The files of the tests that cite each id, once for each test, class or file that is marked."""
    found: dict[str, list[Path]] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for requirement in _marks(ast.parse(path.read_text())):
            found.setdefault(requirement, []).append(path.relative_to(ROOT))
    return found


def _marks(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.requirement"):
            yield from (ast.literal_eval(argument) for argument in node.args)
