"""docs/requirements.md: every requirement in scope, and the tests that prove it, found by their marks."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from .markdown import page

ROOT = Path(__file__).parents[2]

IN_SCOPE: dict[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["in_scope"]

INTRO = """What the product promises, and the tests that prove it: they are marked
`@pytest.mark.requirement("<id>")`."""


def proofs(tests: Path = ROOT / "tests") -> dict[str, list[tuple[Path, str]]]:
    """The tests that cite each id: file, and name of the test, class or file that is marked."""
    found: dict[str, list[tuple[Path, str]]] = {}
    for path in sorted(tests.rglob("*.py")):
        for requirement, name in _marks(ast.parse(path.read_text()), path.stem):
            entry = (path.relative_to(tests.parent), name)
            if entry not in found.setdefault(requirement, []):
                found[requirement].append(entry)
    return found


def _marks(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """Every id that is cited below a node, with the name of the test or class that cites it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        name = node.name
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.requirement"):
        for argument in node.args:
            yield ast.literal_eval(argument), name
    for inner in ast.iter_child_nodes(node):
        yield from _marks(inner, name)


def render() -> str:
    """The document."""
    found = proofs()
    parts = []
    for requirement, line in IN_SCOPE.items():
        tests = [f"- [{_spoken(name)}](../{path.as_posix()})" for path, name in found.get(requirement, [])]
        parts.append("\n".join([f"## {requirement}", "", line, "", *(tests or ["No test yet."])]))
    return page("Requirements", "local/docs/requirements.toml, or the marks of the tests,", INTRO, *parts)


def _spoken(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")
