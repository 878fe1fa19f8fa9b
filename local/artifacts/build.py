"""The files of a layer or a function as they are deployed: modules, pinned packages, and their bytecode."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from local.artifacts.runtime import VERSION, runtime_python

ROOT = Path(__file__).parents[2]
# In a function's folder: the folders of the project, one a line, that it has beside its modules.
CARRIED = "carried.txt"
MANIFESTS = ("requirements.txt", "requirements.in", CARRIED)
# Where Lambda puts it: what a traceback names.
LAYER, FUNCTION = "/opt/python", "/var/task"
# Amazon Linux 2023 has glibc 2.34.
PLATFORMS = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
_PIP = (
    *("install", "--quiet", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"),
    *("--require-hashes", "--only-binary=:all:", "--no-compile", "--implementation", "cp"),
    *("--python-version", VERSION),
    *(word for name in PLATFORMS for word in ("--platform", f"{name}_x86_64")),
)


class BuildError(Exception):
    """What can't be built, and what to do."""


def build_layer(source: Path, artifacts: Path) -> None:
    """A layer: the folder's modules and the packages that it pins, where Lambda looks for them."""
    modules = artifacts / "python"
    requirements = source / MANIFESTS[0]
    if requirements.exists():
        install(requirements, modules)
    _copy(source, modules)
    compile_all(modules, LAYER)


def build_function(source: Path, artifacts: Path) -> None:
    """A function: the folder's modules, and what it carries."""
    if (source / MANIFESTS[0]).exists():
        raise BuildError(f"{source.name}/{MANIFESTS[0]}: third-party packages belong in a layer.")
    _copy(source, artifacts)
    for name in carried(source):
        _copy(ROOT / name, artifacts / name)
    compile_all(artifacts, FUNCTION)


def carried(source: Path) -> list[str]:
    """The folders of the project that a function has beside its modules."""
    manifest = source / CARRIED
    return manifest.read_text().split() if manifest.exists() else []


def compile_all(folder: Path, deployed: str) -> bool:
    """Put the bytecode beside every module, valid whatever time a file gets; False without Lambda's Python.

    Only that very Python can make it: what another one has compiled is not even looked at.
    """
    python = runtime_python()
    if python is None:
        return False
    done = subprocess.run(
        [
            *(python, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", deployed, str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(
            f"{folder} does not compile:\n{done.stdout.strip()[-2000:]}{done.stderr.strip()[-2000:]}"
        )
    return True


def _copy(source: Path, target: Path) -> None:
    """Everything but the manifests, what is hidden, and what another Python has compiled."""
    shutil.copytree(
        source,
        target,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns(*MANIFESTS, ".*", "__pycache__"),
    )


def install(requirements: Path, target: Path) -> None:
    """The pinned packages for Lambda's Python and platform, whatever Python and platform this is."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", *_PIP, "--target", str(target), "-r", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"pip could not install {requirements}:\n{done.stderr.strip()[-2000:]}")
    shutil.rmtree(target / "bin", ignore_errors=True)  # commands, which start the Python of this machine
