"""Functions, their code and their environment variables agree."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import FUNCTIONS as FOLDERS
from tests.architecture.sources import PACKAGE, ROOT, file_of, imports, python_files, tree
from tests.template.stack_template import FUNCTIONS, GLOBALS, environment, template

# Read by the libraries themselves.
BY_LIBRARIES = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "PYTHONTZPATH"}


def handler_file(function: str) -> Path:
    """The file that a function's handler is in."""
    properties = FUNCTIONS[function]
    return ROOT / properties["CodeUri"] / f"{properties['Handler'].split('.')[0]}.py"


def reach(start: Path) -> set[Path]:
    """A handler's file and all of our own that it may come to import."""
    found = {start}
    todo = [start]
    while todo:
        for name in imports(todo.pop(), for_types=False):
            path = file_of(name, start.parent)
            if path and path not in found:
                found.add(path)
                todo.append(path)
    return found


@cache
def variables(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The environment variables that a file needs, and those that it reads if they are there."""
    needed, optional = set(), set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            needed.add(ast.literal_eval(node.slice))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
            optional.add(ast.literal_eval(node.args[0]))
    return frozenset(needed), frozenset(optional)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_functions_handler_exists(function: str) -> None:
    assert handler_file(function).is_file()


def test_every_function_folder_is_deployed() -> None:
    deployed = {properties["CodeUri"] for properties in FUNCTIONS.values()}
    assert deployed == {f"functions/{path.name}" for path in FOLDERS.iterdir() if any(path.glob("*.py"))}


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_is_given_every_variable_that_its_code_needs(function: str) -> None:
    needed = {name for path in reach(handler_file(function)) for name in variables(path)[0]}
    assert needed <= environment(function)


def test_no_variable_is_set_that_no_code_reads() -> None:
    read = {name for path in python_files(PACKAGE, FOLDERS) for names in variables(path) for name in names}
    given = {name for function in FUNCTIONS for name in environment(function)}
    assert given == read | BY_LIBRARIES


def test_every_function_gets_both_layers_and_one_python() -> None:
    assert GLOBALS["Layers"] == [{"Ref": "DependenciesLayer"}, {"Ref": "PayrelayLayer"}]
    assert not any("Layers" in properties or "Runtime" in properties for properties in FUNCTIONS.values())
    for name in ("DependenciesLayer", "PayrelayLayer"):
        layer = template()["Resources"][name]
        assert layer["Properties"]["CompatibleRuntimes"] == [GLOBALS["Runtime"]]
        assert (ROOT / layer["Properties"]["ContentUri"]).is_dir()


def test_every_parameter_and_condition_is_used() -> None:
    text = str({key: value for key, value in template().items() if key != "Parameters"})
    for parameter in template()["Parameters"]:
        assert f"'{parameter}'" in text or f"${{{parameter}}}" in text, parameter
    for condition in template()["Conditions"]:
        assert f"'Fn::If': ['{condition}'" in text or f"'Condition': '{condition}'" in text, condition
