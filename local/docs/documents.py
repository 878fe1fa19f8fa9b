"""People write the documents; what stands between two marks is made from the code.

    <!-- table: reasons.every -->
    <!-- end -->

The mark names a function of a module of `local/docs/tables/`, which makes that table.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from . import tables

DOCS = Path(__file__).parents[2] / "docs"
# A mark that nobody closed must not swallow the prose up to the next end.
MARKED = re.compile(r"(<!-- table: (\S+) -->\n)(?:(?!<!--).)*(<!-- end -->)", re.DOTALL)


def makers() -> dict[str, Callable[[], str]]:
    """Every maker by the name that a mark calls it by."""
    found: dict[str, Callable[[], str]] = {}
    for info in pkgutil.iter_modules(tables.__path__):
        module = import_module(f"{tables.__name__}.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                found[f"{info.name}.{name}"] = function
    return found


def names(text: str) -> list[str]:
    """The tables that a text holds; ValueError when a mark and its end don't go together."""
    found = [mark[2] for mark in MARKED.finditer(text)]
    if not text.count("<!-- table:") == text.count("<!-- end -->") == len(found):
        raise ValueError("a mark has no end, or an end no mark")
    return found


def filled(text: str) -> str:
    """A text with all of its tables made anew; KeyError for one that nobody makes."""
    known = makers()
    names(text)
    return MARKED.sub(lambda mark: f"{mark[1]}{known[mark[2]]()}\n{mark[3]}", text)


def documents() -> Iterator[Path]:
    """The documents that hold tables."""
    yield from (path for path in sorted(DOCS.rglob("*.md")) if "<!-- table:" in path.read_text())
