"""Which calls to AWS a function may come to make: its code is followed from the handler, name by name.

What a reached piece of code names is reached: a plain name as it is imported, `self.x` in its own class, any
other `.x` as a method of whatever class the reached modules have. That is more than ever runs, but for the
classes that hold a client of AWS it is exact: their methods are reached only through the names by which the
code knows their objects (`HELD_AS`), so that a `client.create(…)` of an outside system is none of ours.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import botocore.session
from botocore import xform_name

from tests.architecture.sources import FUNCTIONS, PACKAGE, python_files, tree

HELD_AS = {
    "Table": {"table"},
    "Plans": {"plans"},
    "EventBus": {"events"},
    "Credentials": {"credentials", "credentials_of", "credentials_for"},
    "Held": {"held"},
    "HookKeys": {"hook_keys"},
    "Executions": {"executions"},
    "Schedules": {"schedules", "scheduler"},
    "DeadLetters": {"dead_letters"},
    "LogLines": {"log_lines"},
    "Vault": {"vault", "old_vault"},
}
# The state is one: whoever reads or writes a part of it may do to any part what the ledger does.
AS_A_WHOLE = {"Table"}
# What imports modules by a name that it puts together, and which those may be.
IMPORTED_BY_NAME = {
    "flows/opening.py:open_flow": "flows/*/flow.py",
    "flows/opening.py:views_of": "flows/*/views.py",
    "flows/connecting/connect.py:": "flows/*/[fj]*ing.py",
    "flows/accrual_sync/flow.py:": "flows/accrual_sync/*/direction.py",
    "flows/accrual_sync/diagnose.py:": "flows/accrual_sync/*/*.py",
    "api/api.py:": "api/routes/*.py",
}
# Imported by name, and without a client of AWS: the rooms of systems, models of settings, texts.
WITHOUT_AWS = {
    "flows/connecting/consent.py",
    "flows/reasons.py",
    "flows/sources.py",
    "flows/settings/__init__.py",
    "systems/registry.py",
}


class Piece(NamedTuple):
    """A function or method (`owner` is its class), or what a module does when it is imported (no name)."""

    path: Path
    owner: str
    name: str


class Call(NamedTuple):
    """One operation of a service, as boto3 has both: `stepfunctions`, `start_execution`."""

    service: str
    operation: str


@cache
def operations() -> dict[str, str]:
    """The services by the names of their operations, of those services that the code has clients of."""
    found: dict[str, str] = {}
    for service in services():
        for name in botocore.session.get_session().get_service_model(service).operation_names:
            found[xform_name(name)] = service
    return found


@cache
def services() -> frozenset[str]:
    """The services that the code makes clients of."""
    return frozenset(
        node.args[0].value
        for path in python_files(PACKAGE, FUNCTIONS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "client"
        if node.args and isinstance(node.args[0], ast.Constant)
    )


def _file(module: str, folder: Path) -> Path | None:
    """The file of a module of payrelay, or of the function's own folder."""
    start = PACKAGE.parent if module.split(".", maxsplit=1)[0] == "payrelay" else folder
    path = start.joinpath(*module.split("."))
    found = (path.with_suffix(".py"), path / "__init__.py")
    return next((one for one in found if one.is_file()), None)


def _short(path: Path) -> str:
    root = PACKAGE if path.is_relative_to(PACKAGE) else FUNCTIONS
    return path.relative_to(root).as_posix()


@cache
def pieces(path: Path) -> dict[tuple[str, str], ast.AST]:
    """The pieces of a file by class and name."""
    found: dict[tuple[str, str], ast.AST] = {("", ""): tree(path)}
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef):
            found["", node.name] = node
        if isinstance(node, ast.ClassDef):
            found |= {(node.name, one.name): one for one in node.body if isinstance(one, ast.FunctionDef)}
    return found


def _own_names(piece: ast.AST) -> set[str]:
    """The arguments and variables of a function: what else its file calls so is not meant there."""
    if not isinstance(piece, ast.FunctionDef):
        return set()
    stored = {
        node.id for node in ast.walk(piece) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return stored | {node.arg for node in ast.walk(piece) if isinstance(node, ast.arg)}


@cache
def bound(path: Path) -> dict[str, tuple[str, str]]:
    """What a file's imports bind: the module of each name, and what it is called there ("" for the module)."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: (alias.name, "") for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return found


def _named(node: ast.AST) -> str:
    """The last name of an expression: `held` of `self._held`, `credentials_of` of `c.credentials_of(kind)`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_")
        case ast.Call(func=func):
            return _named(func)
    return ""


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """What a piece of code does; the bodies of a module's functions are pieces of their own."""
    todo: list[ast.AST] = [node]
    while todo:
        one = todo.pop()
        yield one
        for name, value in ast.iter_fields(one):
            if name in ("annotation", "returns"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                    continue
                own = isinstance(one, ast.Module | ast.ClassDef) and isinstance(child, ast.FunctionDef)
                if isinstance(child, ast.AST):
                    todo += child.decorator_list if own else [child]


class Walk:
    """All that may come to run in a container of one function."""

    def __init__(self, handler: Path, name: str) -> None:
        self.folder = handler.parent
        self.reached: set[Piece] = set()
        self.files: set[Path] = set()
        # By name: who asks for a method of it, as (name of the object, class and file of who asks).
        self._asked: set[tuple[str, str]] = set()
        self._methods: dict[str, set[Piece]] = defaultdict(set)
        self._todo: list[Piece] = []
        self._import(handler)
        self._reach(Piece(handler, "", name))
        while self._todo:
            self._follow(self._todo.pop())

    def calls(self) -> set[Call]:
        """The calls in all that is reached."""
        whole = {(one.path, one.owner) for one in self.reached if one.owner in AS_A_WHOLE}
        found = {call for one in self.reached for call in calls_of(one)}
        for path, owner in whole:
            found |= {call for key in pieces(path) if key[0] == owner for call in calls_of(Piece(path, *key))}
        return found

    def _reach(self, piece: Piece) -> None:
        if (piece.owner, piece.name) in pieces(piece.path) and piece not in self.reached:
            self.reached.add(piece)
            self._todo.append(piece)

    def _import(self, path: Path) -> None:
        if path in self.files:
            return
        self.files.add(path)
        self._reach(Piece(path, "", ""))
        for owner, name in pieces(path):
            if owner:
                self._methods[name].add(Piece(path, owner, name))
        for name, holder in list(self._asked):
            self._ask(name, holder)

    def _module(self, name: str) -> Path | None:
        path = _file(name, self.folder)
        if path:
            self._import(path)
        return path

    def _follow(self, piece: Piece) -> None:
        path, code = piece.path, pieces(piece.path)[piece.owner, piece.name]
        own = _own_names(code)
        for node in _inside(code):
            match node:
                case ast.Import(names=names):
                    for alias in names:
                        self._module(alias.name)
                case ast.ImportFrom(module=str(module), names=names):
                    self._module(module)
                    for alias in names:
                        self._module(f"{module}.{alias.name}")
                case ast.Name(id=name) if name not in own:
                    self._name(path, name)
                case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if piece.owner:
                    self._reach(Piece(path, piece.owner, name))
                    self._ask(name, "self")
                case ast.Attribute(value=value, attr=name):
                    self._ask(name, _named(value))
                    if isinstance(value, ast.Name) and value.id in bound(path):
                        self._of_module(path, value.id, name)
                case ast.Call(func=ast.Name(id="import_module")):
                    self._by_name(piece)

    def _of_module(self, path: Path, alias: str, name: str) -> None:
        module, what = bound(path)[alias]
        found = self._module(f"{module}.{what}" if what else module)
        if found:
            self._name(found, name)

    def _name(self, path: Path, name: str) -> None:
        """A name that stands in a file: a function, a class, or what it was imported as."""
        if ("", name) in pieces(path):
            self._reach(Piece(path, "", name))
        elif name in bound(path):
            module, what = bound(path)[name]
            found = self._module(module)
            if found and found != path:
                self._name(found, what)
        else:
            self._reach(Piece(path, name, "__init__"))

    def _ask(self, name: str, holder: str) -> None:
        self._asked.add((name, holder))
        for one in list(self._methods[name]):
            if holder in HELD_AS.get(one.owner, {holder}):
                self._reach(one)

    def _by_name(self, piece: Piece) -> None:
        short = _short(piece.path)
        if short in WITHOUT_AWS:
            return
        pattern = IMPORTED_BY_NAME.get(f"{short}:{piece.name}") or IMPORTED_BY_NAME[f"{short}:"]
        root = FUNCTIONS if short.startswith(f"{self.folder.name}/") else PACKAGE
        for path in root.glob(pattern):
            self._import(path)
            for owner, name in pieces(path):
                if not owner:
                    self._reach(Piece(path, "", name))


@cache
def calls_of(piece: Piece) -> frozenset[Call]:
    """The calls to AWS that stand in one piece of code."""
    found = set()
    for node in _inside(pieces(piece.path)[piece.owner, piece.name]):
        match node:
            case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=str(name)), *_]):
                found.add(Call(operations()[name], name))
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in operations():
                # Names of one word are those of our own methods, too.
                if "_" in name or _named(value) in ("client", "functions", "kms"):
                    found.add(Call(operations()[name], name))
    return frozenset(found)


@cache
def calls(folder: str, handler: str) -> frozenset[Call]:
    """The calls to AWS that a function may come to make."""
    module, name = handler.split(".")
    return frozenset(Walk(FUNCTIONS / folder / f"{module}.py", name).calls())
