"""Handlers parse, call and return; and load no system that they do not use."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from payrelay.flows.catalog import KINDS
from payrelay.systems.registry import SYSTEMS
from tests.architecture.sources import FUNCTIONS, ROOT, tree
from tests.conftest import template

LONGEST_HANDLER = 20

HANDLERS = sorted(
    {
        (resource["Properties"]["CodeUri"].removeprefix("functions/"), resource["Properties"]["Handler"])
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
)
SYSTEMS_OF = {flow: {*kind.systems, *kind.chosen} for kind in KINDS.values() for flow in kind.flows}
# Costly to import, and needed only by what speaks to an outside system or checks settings.
HEAVY = {"pydantic", "requests"}
LIGHT = ("aws_lambda_powertools", "boto3", "msgspec")

# The handlers of a folder in a process of its own; the libraries that all of them need are imported before.
SCRIPT = """
import importlib, json, os, sys
for libraries, folder, modules in json.load(sys.stdin):
    for library in libraries:
        importlib.import_module(library)
    if os.fork():
        if os.wait()[1]:
            sys.exit(f"{folder}: not imported")
        continue
    sys.path.insert(0, folder)
    for module in modules:
        importlib.import_module(module)
    print(json.dumps([folder, *sys.modules]))
    sys.exit()
"""


@cache
def loaded() -> dict[str, frozenset[str]]:
    """The modules that the containers of a folder's functions have once their handlers are imported."""
    asked = []
    for folder in sorted({folder for folder, _ in HANDLERS}, key=lambda folder: folder in SYSTEMS_OF):
        modules = sorted({handler.partition(".")[0] for one, handler in HANDLERS if one == folder})
        asked.append(([*LIGHT, *(HEAVY if folder in SYSTEMS_OF else ())], str(FUNCTIONS / folder), modules))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers" / "payrelay")},
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {Path(folder).name: frozenset(modules) for folder, *modules in told}


@pytest.mark.parametrize(("folder", "handler"), HANDLERS, ids=str)
def test_a_handler_is_short(folder: str, handler: str) -> None:
    module, name = handler.split(".")
    for node in tree(FUNCTIONS / folder / f"{module}.py").body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            lines = ast.unparse(node).splitlines()
            assert len(lines) <= LONGEST_HANDLER
            return
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            assert isinstance(node.value, ast.Call)
            return
    pytest.fail(f"functions/{folder}/{module}.py has no {name}")


@pytest.mark.parametrize("folder", sorted({folder for folder, _ in HANDLERS}))
def test_handlers_load_only_what_they_use(folder: str) -> None:
    rooms = {
        parts[2]
        for name in loaded()[folder]
        if len(parts := name.split(".")) > 2 and name.startswith("payrelay.systems.")
        if parts[2] in SYSTEMS
    }
    assert rooms <= SYSTEMS_OF.get(folder, set())
    if folder not in SYSTEMS_OF:
        assert not loaded()[folder] & HEAVY
