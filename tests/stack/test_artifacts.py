"""What `sam build` makes of the template's layers and functions: its makefile, called as SAM calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.artifacts.build import BuildError
from local.artifacts.report import compiled, megabytes, report
from local.artifacts.runtime import VERSION, runtime_python
from tests.conftest import ROOT, template

TEMPLATE = template()
RESOURCES = TEMPLATE["Resources"]
LAYERS = ("DependenciesLayer", "PayrelayLayer")
# The functions of one folder are built alike; one of them is enough.
FUNCTION_OF = {
    Path(resource["Properties"]["CodeUri"]).name: name
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}
MAKEFILE = ROOT / "local" / "artifacts" / "Makefile"
needs_the_python = pytest.mark.skipif(runtime_python() is None, reason=f"Python {VERSION} is not here")

# Imports each folder's handlers in a process of its own, as Lambda does. boto3, which Lambda's runtime
# brings, is not on every machine, and only stands there.
IMPORT = """
import importlib, json, os, sys
from unittest.mock import MagicMock
asked = json.load(sys.stdin)
sys.modules.update((name, MagicMock(name=name, __path__=[])) for name in asked["runtime"])
for folder, modules in asked["handlers"].items():
    if os.fork():
        if os.wait()[1]:
            sys.exit(f"{folder}: not imported")
        continue
    sys.path.insert(0, folder)
    assert all(callable(importlib.import_module(name).handler) for name in modules)
    sys.exit()
"""
OF_THE_RUNTIME = (
    *("boto3", "boto3.dynamodb", "boto3.dynamodb.types", "boto3.dynamodb.conditions"),
    *("botocore", "botocore.config", "botocore.exceptions"),
)


def build(name: str, source: Path, artifacts: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """As SAM does: in the folder's copy, with the place for the artifacts."""
    return subprocess.run(
        ["make", "--makefile", str(MAKEFILE), f"build-{name}"],
        cwd=source,
        env={**os.environ, "BUILD_PYTHON": sys.executable, "ARTIFACTS_DIR": str(artifacts), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with everything built."""
    folder = tmp_path_factory.mktemp("built")
    for name in (*LAYERS, *FUNCTION_OF.values()):
        properties = RESOURCES[name]["Properties"]
        source = properties.get("CodeUri") or properties["ContentUri"]
        done = build(name, ROOT / source, folder / name)
        assert done.returncode == 0, done.stderr
    return folder


def test_the_layers_have_what_the_functions_need_and_nothing_else(built: Path) -> None:
    """(aws 10)"""
    dependencies, own = (built / name / "python" for name in LAYERS)
    assert (own / "payrelay/errors.py").is_file()
    assert (dependencies / "requests/__init__.py").is_file()
    binaries = [path.name for path in dependencies.rglob("*.so")]
    tag = f"cpython-{VERSION.replace('.', '')}-x86_64-linux-gnu"
    assert binaries
    assert [name for name in binaries if tag not in name and ".abi3." not in name] == []
    zones = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["PYTHONTZPATH"]
    assert (dependencies / Path(zones).relative_to("/opt/python") / "Europe" / "Oslo").is_file()
    unwanted = {"bin", "requirements.txt", "requirements.in", "boto3", "botocore"}
    assert unwanted.isdisjoint(path.name for folder in (dependencies, own) for path in folder.iterdir())
    assert sum(megabytes(built / name) for name in LAYERS) < 60


@needs_the_python
def test_every_module_has_bytecode_that_no_time_of_a_file_makes_stale(built: Path) -> None:
    """(aws 13) `sam deploy` gives every file of a zip the same time, 1980."""
    assert [folder.name for folder in built.iterdir() if not compiled(folder)] == []
    # By the hash of the source, which is not looked at again (PEP 552).
    assert {path.read_bytes()[4:8] for path in built.rglob("*.pyc")} == {b"\x01\x00\x00\x00"}
    assert {path.suffixes[0] for path in (built / FUNCTION_OF["api"]).rglob("*.pyc")} == {
        f".cpython-{VERSION.replace('.', '')}"
    }
    assert f"With the bytecode of Python {VERSION}." in report(built)


@needs_the_python
def test_every_handler_is_imported_from_what_is_built(built: Path) -> None:
    """(aws 10)"""
    handlers: dict[str, list[str]] = {}
    for resource in RESOURCES.values():
        if resource["Type"] == "AWS::Serverless::Function":
            folder = built / FUNCTION_OF[Path(resource["Properties"]["CodeUri"]).name]
            handlers.setdefault(str(folder), []).append(resource["Properties"]["Handler"].split(".")[0])
    done = subprocess.run(
        [str(runtime_python()), "-S", "-B", "-c", IMPORT],
        input=json.dumps({"runtime": OF_THE_RUNTIME, "handlers": handlers}),
        env={"PYTHONPATH": os.pathsep.join(str(built / name / "python") for name in LAYERS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_function_has_what_it_carries(built: Path) -> None:
    of_console = built / FUNCTION_OF["console"]
    carried = {path.name for path in of_console.iterdir()} - {"__pycache__"}
    assert carried == {"serve.py", "files.py", "console"}
    assert (of_console / "console" / "index.html").is_file()


def test_without_that_python_it_is_built_all_the_same_and_said_aloud(tmp_path: Path) -> None:
    """(aws 10) (aws 13)"""
    artifacts = tmp_path / "Watch"
    done = build("Watch", ROOT / "functions/watch", artifacts, RUNTIME_PYTHON="/no/such/python")
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in artifacts.rglob("*")] == ["watch.py"]
    told = report(tmp_path)
    assert f"WITHOUT BYTECODE: no Python {VERSION} was found" in told
    assert "make sam-build RUNTIME_PYTHON=" in told


@pytest.mark.parametrize(
    ("name", "pinned", "told"),
    [
        ("Job", "idna\n", "third-party packages belong in a layer"),
        ("NewLayer", "idna==0 --hash=sha256:0\n", "pip could not install"),
    ],
)
def test_what_cannot_be_built_is_told(tmp_path: Path, name: str, pinned: str, told: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "requirements.txt").write_text(pinned)
    done = build(name, source, tmp_path / "artifacts")
    assert done.returncode != 0
    assert told in done.stderr


def test_a_report_of_nothing_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="make sam-build"):
        report(tmp_path)
