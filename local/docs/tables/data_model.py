"""The tables of docs/data-model.md: what the docstrings of the ledger and of its keys say."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from typing import Any, get_type_hints

from local.docs.markdown import code, table
from payrelay import ledger
from payrelay.ledger import Ledger, pieces
from payrelay.ledger import keys as key_module
from payrelay.ledger.table import Table


def keys() -> str:
    """Every function of keys.py, with its example, what it is of, and the modules that use it."""
    return table(("`keys.py`", "example", "what it is", "used by"), _keys())


def access_patterns() -> str:
    """Every public method of the ledger."""
    return table(("ledger", "what it does"), _methods())


def _keys() -> Iterator[tuple[str, ...]]:
    functions = inspect.getmembers(key_module, inspect.isfunction)
    for name, function in sorted(functions, key=lambda item: inspect.getsourcelines(item[1])[1]):
        if not name.startswith("_"):
            meaning, example = doctest.DocTestParser().parse(inspect.getdoc(function) or "")[:2]
            assert isinstance(example, doctest.Example)
            users = ", ".join(code(user) for user in _users(name))
            yield code(name), _shown(ast.literal_eval(example.want)), str(meaning).strip(), users


def _users(name: str) -> Iterator[str]:
    """The modules of the ledger that make this key; the table itself keeps what is large in pieces."""
    modules = [(part, inspect.getmodule(kind) or ledger) for part, kind in _rooms()]
    for part, module in (*modules, ("table", pieces)):
        source = inspect.getsource(module)
        if re.search(rf"\bkeys\.{name}\(", source):
            yield part


def _rooms() -> Iterator[tuple[str, type[Any]]]:
    """The rooms of the ledger: those that it has, and those that it imports where they are used."""
    for part, kind in get_type_hints(Ledger, include_extras=True).items():
        if kind is not Table:
            yield part, kind
    for part, member in vars(Ledger).items():
        if isinstance(member, cached_property):
            # Their modules are named in the annotation alone, which only a type checker follows.
            ((module, name),) = re.findall(r"from (\S+) import (\w+)", inspect.getsource(member.func))
            yield part, getattr(import_module(module), name)


def _shown(key: Any) -> str:
    """Partition and sort key; those of an index after its name, and several keys one below the other."""
    if isinstance(key, list):
        return "<br>".join(_shown(one) for one in key)
    if not isinstance(key, dict):
        return " / ".join(code(part) for part in (key if isinstance(key, tuple) else [key]))
    indexes = dict.fromkeys(name[:-2] for name in key)
    pairs = {index: f"{code(key[f'{index}pk'])} / {code(key[f'{index}sk'])}" for index in indexes}
    return "<br>".join(f"{index[:-1]}: {pair}" if index else pair for index, pair in pairs.items())


def _methods() -> Iterator[tuple[str, ...]]:
    for part, kind in _rooms():
        for name, method in vars(kind).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                yield code(f"{part}.{name}"), (inspect.getdoc(method) or "").split("\n")[0]
