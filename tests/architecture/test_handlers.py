"""Handlers parse, call and return; and load no system that they do not use."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys

import pytest

from payrelay.flows.catalog import KINDS
from payrelay.systems.registry import SYSTEMS
from tests.architecture.sources import FUNCTIONS, ROOT, tree
from tests.conftest import read_template

LONGEST_HANDLER = 20

HANDLERS = sorted(
    {
        (resource["Properties"]["CodeUri"].removeprefix("functions/"), resource["Properties"]["Handler"])
        for resource in read_template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
)
SYSTEMS_OF = {flow: {*kind.systems, *kind.chosen} for kind in KINDS.values() for flow in kind.flows}
# Costly to import, and needed only by what speaks to an outside system or checks settings.
HEAVY = {"pydantic", "requests"}

SCRIPT = "import sys, json, {module}; print(json.dumps(sorted(sys.modules)))"


def loaded(folder: str, module: str) -> frozenset[str]:
    """The modules that a container of this function has once its handler is imported."""
    layer = ROOT / "layers" / "payrelay"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(module=module)],
        env={**os.environ, "PYTHONPATH": f"{FUNCTIONS / folder}:{layer}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(json.loads(done.stdout))


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


@pytest.mark.parametrize(("folder", "handler"), HANDLERS, ids=str)
def test_a_handler_loads_only_what_it_uses(folder: str, handler: str) -> None:
    module, _, _ = handler.partition(".")
    modules = loaded(folder, module)
    rooms = {
        parts[2]
        for name in modules
        if len(parts := name.split(".")) > 2 and name.startswith("payrelay.systems.")
        if parts[2] in SYSTEMS
    }
    assert rooms <= SYSTEMS_OF.get(folder, set())
    if folder not in SYSTEMS_OF:
        assert not modules & HEAVY
