"""The third-party packages of a layer, built for the Python that runs the local stack."""

import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from .errors import PackageError

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


def built_dependencies(requirements: Path, build: Path) -> Path:
    """The folder with exactly the pinned packages; built once per requirements and Python."""
    text = requirements.read_text()
    made_for = f"{platform.python_version()} {sysconfig.get_platform()} {sys.implementation.cache_tag}"
    key = hashlib.sha256(f"{made_for}\n{text}".encode()).hexdigest()[:16]
    folder = build / "dependencies" / key
    if folder.is_dir():
        return folder
    draft = folder.with_name(f"{key}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    if not _copy_installed(dict(_PIN.findall(text)), draft):
        _install(requirements, draft)
    try:
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft)  # another process was first
    return folder


def _copy_installed(pins: dict[str, str], target: Path) -> bool:
    """Copy the packages from the running environment; False when it lacks one of those very versions."""
    found = []
    for name, version in pins.items():
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            return False
        if distribution.version != version or distribution.files is None:
            return False
        found.append(distribution)
    for distribution in found:
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            if ".." not in file.parts and source.is_file():
                copy = target / file
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, copy)
    return True


def _install(requirements: Path, target: Path) -> None:
    """Let pip install them: slower, but right for any Python."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*pip, "--target", str(target), "-r", str(requirements)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(target, ignore_errors=True)
        raise PackageError(f"pip could not install {requirements}:\n{done.stderr.strip()[-2000:]}")
