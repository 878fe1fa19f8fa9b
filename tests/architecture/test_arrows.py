"""Arrows point one way (docs/map.md): import-linter between packages, and what it can't see."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from payrelay.systems.registry import SYSTEMS
from tests.architecture.sources import CLI, FUNCTIONS, LOCAL, PACKAGE, ROOT, imports, python_files, shown

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
FOLDERS = sorted(path for path in FUNCTIONS.iterdir() if any(path.glob("*.py")))

# What the domain is made of beside the standard library: frozen values (docs/decisions/0006).
FROZEN_VALUES = {"msgspec", "msgspec.structs"}


def test_packages_import_only_along_the_arrows() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contracts_name_every_system_that_there_is() -> None:
    rooms = {path.name for path in (PACKAGE / "systems").iterdir() if (path / "client.py").exists()}
    independent = next(contract for contract in CONTRACTS if contract["type"] == "independence")
    named = {module.removeprefix("payrelay.systems.") for module in independent["modules"]}
    assert rooms == named == set(SYSTEMS)


@pytest.mark.parametrize("path", python_files(PACKAGE / "domain"), ids=lambda path: path.name)
def test_the_domain_imports_the_standard_library_and_frozen_values_only(path: Path) -> None:
    foreign = {
        name
        for name in imports(path, for_types=False)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("payrelay.domain", "payrelay.errors"))
        and name not in FROZEN_VALUES
    }
    assert not foreign


def test_no_package_imports_a_function() -> None:
    folders = {f"functions.{path.name}" for path in FOLDERS} | {"functions"}
    modules = {path.stem for folder in FOLDERS for path in folder.glob("*.py")}
    guilty = {
        shown(path): sorted(wrong)
        for path in python_files(PACKAGE, LOCAL, CLI)
        if (wrong := imports(path) & (folders | modules))
    }
    assert not guilty


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_function_imports_its_own_modules_and_payrelay_only(folder: Path) -> None:
    own = {path.stem for path in folder.iterdir()}
    allowed = own | {"payrelay", "aws_lambda_powertools", "msgspec", "pydantic"} | sys.stdlib_module_names
    guilty = {
        shown(path): sorted(wrong)
        for path in folder.rglob("*.py")
        if (wrong := {name.split(".")[0] for name in imports(path)} - allowed)
    }
    assert not guilty, "AWS and HTTP are reached through payrelay; another function's modules are not there"


@pytest.mark.parametrize("path", python_files(CLI), ids=lambda path: path.name)
def test_the_tool_has_one_client_of_the_api_and_one_screen(path: Path) -> None:
    own = {"api.py": {"requests"}, "screen.py": {"rich"}}.get(path.name, set())
    roots = {name.split(".")[0] for name in imports(path) if not name.startswith(".")}
    assert roots - sys.stdlib_module_names <= {"cli", "click"} | own


def test_module_names_of_functions_do_not_hide_others() -> None:
    # On Lambda a function's own folder comes first on the path.
    names = {path.stem for folder in FOLDERS for path in folder.glob("*.py")}
    assert not names & (sys.stdlib_module_names | {"payrelay", "requests", "pydantic", "boto3", "jwt"})
