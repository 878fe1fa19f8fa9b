"""docs/data-model.md: every key and every access pattern, read off ledger/keys.py and the ledger."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_type_hints

from payrelay.ledger import Ledger, keys

from .markdown import code, page, table

# Arguments by name, for every function of keys.py; the other words stand in braces.
EXAMPLES: Mapping[str, Any] = {"kind": "PAGE", "index": 3, "chunk": 0, "version": 1}

# What the ledger's methods call on the table and on the bucket, in DynamoDB's and S3's own words.
OPERATIONS = {
    "get": "GetItem",
    "get_many": "BatchGetItem",
    "query": "Query",
    "put": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "put_object": "PutObject",
    "get_object": "GetObject",
}
IN_TRANSACTIONS = {"putting": "Put", "updating": "Update", "deleting": "Delete"}
HANDS = ("self._table", "self._client")
INDEXES = {"BY_TIME": keys.BY_TIME, "BY_CONNECTION": keys.BY_CONNECTION}

INTRO = """All state is in one DynamoDB table (`State` in `template.yaml`), plans are in one bucket (`Plans`).
Every list is a Query, nothing is ever scanned. Keys are made in `ledger/keys.py` and nowhere else; the tenant
is part of every one, so that an id of another tenant leads nowhere.

- The index `by_time` lists runs and failures of a tenant, newest first; `by_connection` lists runs of a
  connection. Run ids sort by time, so that they are the sort keys.
- One partition of `by_time` spans all tenants: the enabled schedules, which the watch goes through. Its sort
  keys begin with the tenant, and nothing of the API reads it.
- Every write that others may race is conditional. A delivery is settled in one transaction with its link and
  its entry in the audit trail.
- `ttl` forgets runs, their parts and their records after the connection's `retention_days`. Connections,
  links, deliveries and the audit trail stay.
- Records are kept compressed, up to 200 in one item ([why](decisions/0004-records-in-chunks.md)).
- Sensitive values are masked before they are stored. Only planned writes hold them, in the encrypted bucket,
  where they expire with the parameter `PlanRetentionDays`."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which the ledger is asked or told something; `keys` are as they are shown."""

    call: str
    what: str
    operations: tuple[str, ...]
    keys: tuple[str, ...]
    indexes: tuple[str, ...]


def key_functions() -> dict[str, Callable[..., Any]]:
    """The public functions of keys.py, by name."""
    functions = inspect.getmembers(keys, inspect.isfunction)
    return {name: function for name, function in functions if not name.startswith("_")}


def example(name: str) -> Any:
    """What a function of keys.py makes, with the names of its arguments in braces."""
    function = key_functions()[name]
    return function(
        **{word: EXAMPLES.get(word, f"{{{word}}}") for word in inspect.signature(function).parameters}
    )


def key_text(made: Any, only: str = "") -> str:
    """A key as it is shown: partition and sort key, of an index after the index's name."""
    if not isinstance(made, dict):
        return " / ".join(code(part) for part in (made if isinstance(made, tuple) else [made]))
    if only or "pk" in made:
        return " / ".join(code(part) for name, part in made.items() if only in ("", name))
    indexes = dict.fromkeys(name.removesuffix("_pk").removesuffix("_sk") for name in made)
    return "<br>".join(f"{name}: {code(made[f'{name}_pk'])} / {code(made[f'{name}_sk'])}" for name in indexes)


def patterns() -> list[Pattern]:
    """Every public method of the ledger."""
    found = []
    for part, kind in get_type_hints(Ledger, include_extras=True).items():
        module = inspect.getmodule(kind)
        assert module is not None
        functions = _functions(module)
        for name, node in functions.items():
            owner, _, method = name.rpartition(".")
            if owner == kind.__name__ and not method.startswith("_"):
                found.append(_pattern(f"{part}.{method}", owner, node, functions))
    return found


def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    """The functions of a module by name, methods with their class before them."""
    tree = ast.parse(inspect.getsource(module))
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{f.name}": f for f in node.body if isinstance(f, ast.FunctionDef)}
    return found


def _pattern(
    call: str, owner: str, node: ast.FunctionDef, functions: Mapping[str, ast.FunctionDef]
) -> Pattern:
    nodes = list(_nodes(node, owner, functions, set()))
    called = [n.attr for n in nodes if isinstance(n, ast.Attribute) and ast.unparse(n.value) in HANDS]
    operations = [OPERATIONS[name] for name in called if name in OPERATIONS]
    together = dict.fromkeys(IN_TRANSACTIONS[name] for name in called if name in IN_TRANSACTIONS)
    if together:
        operations.append(f"TransactWriteItems ({', '.join(together)})")
    named = [n.attr for n in nodes if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "keys"]
    partitions = [n.value for n in nodes if isinstance(n, ast.Subscript) and ast.unparse(n.slice) == "'pk'"]
    halves = {
        c.func.attr for c in partitions if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute)
    }
    shown = [key_text(example(n), "pk" if n in halves else "") for n in named if n in key_functions()]
    prefixes = [f"sort key begins with {code(prefix)}" for prefix in _prefixes(nodes)]
    return Pattern(
        call,
        (ast.get_docstring(node) or "").split("\n")[0],
        tuple(dict.fromkeys(operations)),
        tuple(dict.fromkeys(shown + prefixes)),
        tuple(dict.fromkeys(INDEXES[name] for name in named if name in INDEXES)),
    )


def _prefixes(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """What is written as `prefix=` of a query, its values in braces."""
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg == "prefix" and not isinstance(node.value, ast.Name):
            parts = node.value.values if isinstance(node.value, ast.JoinedStr) else [node.value]
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
                for part in parts
                if isinstance(part, ast.Constant | ast.FormattedValue)
            )


def _nodes(
    node: ast.AST, owner: str, functions: Mapping[str, ast.FunctionDef], seen: set[str]
) -> Iterator[ast.AST]:
    """Everything in a function, and in the functions of its module that it names."""
    for inner in ast.walk(node):
        yield inner
        name = ast.unparse(inner) if isinstance(inner, ast.Attribute | ast.Name) else ""
        name = name.replace("self.", f"{owner}.")
        if name in functions and name not in seen:
            seen.add(name)
            yield from _nodes(functions[name], owner, functions, seen)


def render() -> str:
    """The document."""
    key_rows = [(code(name), key_text(example(name)), _told(function)) for name, function in _in_order()]
    pattern_rows = [
        (
            code(pattern.call),
            pattern.what,
            ", ".join(pattern.operations),
            "<br>".join(pattern.keys),
            ", ".join(code(index) for index in pattern.indexes),
        )
        for pattern in patterns()
    ]
    return page(
        "The data model",
        "layers/payrelay/payrelay/ledger",
        INTRO,
        "## Keys",
        table(("keys.py", "key", "what it is"), key_rows),
        "## Access patterns",
        "Every public method of the ledger, what it does, and by which keys.",
        table(("ledger", "what it does", "operations", "keys", "index"), pattern_rows),
    )


def _in_order() -> list[tuple[str, Callable[..., Any]]]:
    """The key functions as they stand in the file."""
    return sorted(key_functions().items(), key=lambda item: inspect.getsourcelines(item[1])[1])


def _told(function: Callable[..., Any]) -> str:
    """What a docstring says beside its example."""
    first = (inspect.getdoc(function) or "").split("\n")[0]
    told = re.sub(r"^(`[^`]+`( / | or )?)+[:.]?", "", first).strip()
    return told[:1].upper() + told[1:]
