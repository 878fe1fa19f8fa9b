"""The Python files of the project as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "payrelay" / "payrelay"
FUNCTIONS = ROOT / "functions"
LOCAL = ROOT / "local"
CLI = ROOT / "cli"
TESTS = ROOT / "tests"


def python_files(*folders: Path) -> list[Path]:
    """All modules below the folders."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def shown(path: Path) -> str:
    """A file's path for a message."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(), str(path))


@cache
def file_of(module: str, folder: Path) -> Path | None:
    """The file of a module of payrelay, or of one of a function's own folder."""
    start = PACKAGE.parent if module.split(".", maxsplit=1)[0] == "payrelay" else folder
    path = start.joinpath(*module.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


@cache
def imports(path: Path, *, for_types: bool = True) -> frozenset[str]:
    """Every module that a file imports, also inside functions; relative ones begin with dots.

    Without `for_types` those are left out that only a type checker makes.
    """
    return frozenset(_imports(tree(path), for_types))


def _imports(module: ast.Module, for_types: bool) -> Iterator[str]:
    found: list[ast.AST] = [module]
    while found:
        node = found.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif not for_types and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found += node.orelse
        else:
            found += ast.iter_child_nodes(node)
