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
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import botocore.session
from botocore import xform_name

from payrelay.flows.catalog import KINDS
from payrelay.systems.registry import SYSTEMS
from tests.architecture.sources import FUNCTIONS as FOLDERS
from tests.architecture.sources import PACKAGE, file_of, python_files, tree
from tests.template.stack_template import FUNCTIONS

HELD_AS = {
    "Table": {"table"},
    "Plans": {"plans"},
    "Objects": {"objects", "_objects"},
    "Mirrors": {"mirrors"},
    "Memory": {"memory"},
    "BalanceSync": {"flow", "open_flow"},
    # No client of its own, but names of methods that others have, too.
    "Deliveries": {"deliveries"},
    "EventBus": {"events"},
    "Credentials": {"credentials", "credentials_of", "credentials_for"},
    "Held": {"held"},
    "Moving": {"moving"},
    "Keyring": {"keyring"},
    "Safe": {"safe", "safe_of"},
    "HookKeys": {"hook_keys"},
    "Executions": {"executions"},
    "Schedules": {"schedules", "scheduler"},
    "DeadLetters": {"dead_letters"},
    "LogLines": {"log_lines"},
    "Vault": {"vault", "old_vault"},
}
# What only flows over systems reach whose tokens renew themselves.
RENEWING = frozenset({"Tokens", "Sessions", "Safe", "Keyring"})
# The state is one: whoever touches a part of it may do to any part what the ledger does.
AS_A_WHOLE = {"Table"}
# Where modules are imported by a name that is put together, and which those may be.
IMPORTED_BY_NAME = {
    "flows/opening.py:open_flow": "flows/*/flow.py",
    "flows/opening.py:views_of": "flows/*/views.py",
    "flows/connecting/connect.py:": "flows/*/[fj]*ing.py",
    "flows/accrual_sync/flow.py:": "flows/accrual_sync/*/direction.py",
    "flows/accrual_sync/diagnose.py:": "flows/accrual_sync/*/*.py",
    "api/api.py:": "api/routes/*.py",
}
# Imported by name, and nothing of AWS in it: rooms of systems, models of settings, texts.
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


class Facts(NamedTuple):
    """What stands in a piece: the modules it imports, the names and the members it uses, its calls."""

    modules: tuple[str, ...]
    names: frozenset[str]
    # Of what (by its last name), and which; "self" for its own class.
    members: frozenset[tuple[str, str]]
    by_name: bool
    calls: frozenset[Call]


@cache
def services() -> frozenset[str]:
    """The services that the code makes clients of."""
    return frozenset(
        node.args[0].value
        for path in python_files(PACKAGE, FOLDERS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and _named(node.func) in ("client", "Clients")
        if node.args and isinstance(node.args[0], ast.Constant)
    )


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Service and name of each operation, by the name that boto3 has for it."""
    session = botocore.session.get_session()
    return {
        xform_name(name): (service, name)
        for service in sorted(services())
        for name in session.get_service_model(service).operation_names
    }


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


@cache
def bound(path: Path) -> dict[str, tuple[str, str]]:
    """What a file's imports bind: the module of each name, and what it is called there."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


@cache
def facts(piece: Piece) -> Facts:
    """What stands in a piece of code."""
    code = pieces(piece.path)[piece.owner, piece.name]
    modules: list[str] = []
    names, members, calls, by_name = set(), set(), set(), False
    for node in _inside(code):
        match node:
            case ast.Import(names=aliases):
                modules += (alias.name for alias in aliases)
            case ast.ImportFrom(module=str(module), names=aliases):
                modules += (module, *(f"{module}.{alias.name}" for alias in aliases))
            case ast.Name(id="import_module"):
                by_name = True
            case ast.Name(id=name):
                names.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                members.add(("self", name))
            case ast.Attribute(value=value, attr=name):
                members.add((_named(value), name))
            case ast.Call(func=func, args=args):
                calls |= _called(func, args)
    own = _own_names(code) if isinstance(code, ast.FunctionDef) else set()
    return Facts(tuple(modules), frozenset(names - own), frozenset(members), by_name, frozenset(calls))


def _inside(code: ast.AST) -> Iterator[ast.AST]:
    """All of a piece of code but types; the functions of a module and a class are pieces of their own."""
    todo: list[ast.AST] = [code]
    while todo:
        one = todo.pop()
        yield one
        for name, value in ast.iter_fields(one):
            for child in value if isinstance(value, list) else [value]:
                if name in ("annotation", "returns") or not isinstance(child, ast.AST):
                    continue
                if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                    continue
                own = isinstance(one, ast.Module | ast.ClassDef) and isinstance(child, ast.FunctionDef)
                todo += child.decorator_list if own else [child]


def _own_names(code: ast.FunctionDef) -> set[str]:
    """The arguments and variables of a function: what else its file calls so is not meant there."""
    nodes = list(ast.walk(code))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _named(node: ast.AST) -> str:
    """The last name of an expression: `held` of `self._held`, `safe_of` of `self.safe_of(whose)`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_")
        case ast.Call(func=func):
            return _named(func)
    return ""


def _called(func: ast.AST, args: list[ast.expr]) -> set[Call]:
    match func, args:
        case ast.Attribute(attr="get_paginator"), [ast.Constant(value=str(name)), *_]:
            return {Call(operations()[name][0], name)}
        # The ledger deletes schedules, too; and methods of ours have the names that are one word.
        case ast.Attribute(value=value, attr=name), _ if (
            name in operations() and _named(value) != "connections"
        ):
            if "_" in name or _named(value) in ("client", "functions", "kms"):
                return {Call(operations()[name][0], name)}
        # An operation that is named to what makes the call.
        case ast.Attribute(value=ast.Name(id="self")), [_, ast.Constant(value=str(name))] if (
            name in operations()
        ):
            return {Call(operations()[name][0], name)}
    return set()


class Walk:
    """All that may come to run in a container of one function, apart from the classes in `without`."""

    def __init__(self, handler: Path, name: str, without: frozenset[str]) -> None:
        self._folder, self._without = handler.parent, without
        self.reached: set[Piece] = set()
        self._files: set[Path] = set()
        self._names: set[tuple[Path, str]] = set()
        # By the name of a method: what has it, and the names of those of whom it is asked.
        self._methods: dict[str, set[Piece]] = defaultdict(set)
        self._asked: dict[str, set[str]] = defaultdict(set)
        self._todo: list[Piece] = []
        self._import(handler)
        self._reach(Piece(handler, "", name))
        while self._todo:
            self._follow(self._todo.pop())

    @cached_property
    def calls(self) -> frozenset[Call]:
        """The calls in all that is reached."""
        found = set(self.reached)
        for path, owner in {(one.path, one.owner) for one in self.reached if one.owner in AS_A_WHOLE}:
            found |= {Piece(path, *key) for key in pieces(path) if key[0] == owner}
        return frozenset(call for one in found for call in facts(one).calls)

    def _reach(self, piece: Piece) -> None:
        known = (piece.owner, piece.name) in pieces(piece.path) and piece.owner not in self._without
        if known and piece not in self.reached:
            self.reached.add(piece)
            self._todo.append(piece)

    def _import(self, path: Path) -> None:
        if path in self._files:
            return
        self._files.add(path)
        self._reach(Piece(path, "", ""))
        for owner, name in pieces(path):
            if owner:
                self._methods[name].add(Piece(path, owner, name))
                for holder in self._asked[name]:
                    self._answer(Piece(path, owner, name), holder)

    def _module(self, name: str) -> Path | None:
        """The file of a module of payrelay, or of the function's own folder, which is imported."""
        path = file_of(name, self._folder)
        if path:
            self._import(path)
        return path

    def _follow(self, piece: Piece) -> None:
        found = facts(piece)
        for module in found.modules:
            self._module(module)
        for name in found.names:
            self._name(piece.path, name)
        for holder, name in found.members:
            if holder == "self":
                self._reach(Piece(piece.path, piece.owner, name))
            if holder not in self._asked[name]:
                self._asked[name].add(holder)
                for one in self._methods[name]:
                    self._answer(one, holder)
            if holder in bound(piece.path):
                module = self._module(".".join(bound(piece.path)[holder]))
                if module:
                    self._name(module, name)
        if found.by_name:
            self._by_name(piece)

    def _name(self, path: Path, name: str) -> None:
        """A name that stands in a file: a function, a class, or what it is imported as."""
        if (path, name) in self._names:
            return
        self._names.add((path, name))
        if name in bound(path):
            module, called = bound(path)[name]
            found = self._module(module)
            if found and found != path:
                self._name(found, called)
        self._reach(Piece(path, "", name))
        self._reach(Piece(path, name, "__init__"))

    def _answer(self, method: Piece, holder: str) -> None:
        if holder in HELD_AS.get(method.owner, {holder}):
            self._reach(method)

    def _by_name(self, piece: Piece) -> None:
        root = PACKAGE if piece.path.is_relative_to(PACKAGE) else FOLDERS
        short = piece.path.relative_to(root).as_posix()
        if short in WITHOUT_AWS:
            return
        pattern = IMPORTED_BY_NAME.get(f"{short}:{piece.name}") or IMPORTED_BY_NAME[f"{short}:"]
        for path in root.glob(pattern):
            self._import(path)
            for owner, name in pieces(path):
                if not owner:
                    self._reach(Piece(path, "", name))


@cache
def walk(function: str) -> Walk:
    """What a function may come to do; tokens are renewed only where its kind has such systems."""
    properties = FUNCTIONS[function]
    folder, handler = properties["CodeUri"].removeprefix("functions/"), properties["Handler"]
    kind = next((kind for kind in KINDS.values() if folder in kind.flows), None)
    renews = kind is None or any(SYSTEMS[name].oauth or SYSTEMS[name].session for name in kind.every_system)
    module, name = handler.split(".")
    without = frozenset() if renews else RENEWING
    return Walk(FOLDERS / folder / f"{module}.py", name, without)


def calls_of(function: str) -> frozenset[Call]:
    """The calls to AWS that a function of the template may come to make."""
    return walk(function).calls
