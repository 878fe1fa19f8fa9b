"""Lambda's Python: which it is, and where this machine has one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# The Python of the template's functions (tests/template/test_artifacts.py holds the two together).
VERSION = "3.13"
NAMED = "RUNTIME_PYTHON"

# Only a final one: until then the format of compiled code changes.
_IS_IT = (
    f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{VERSION}' or sys.version_info[3] != 'final')"
)


@cache
def runtime_python() -> str | None:
    """A Python of Lambda's version that runs here, or None.

    The one that is named, or else one on the path, of pyenv, or of uv.
    """
    return next((path for path in _candidates() if _runs(path)), None)


def _candidates() -> Iterator[str]:
    if named := os.environ.get(NAMED):
        yield named
        return
    name = f"python{VERSION}"
    if found := shutil.which(name):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    uv = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share"), "uv/python")
    for pattern in (pyenv / "versions" / f"{VERSION}.*", uv / f"cpython-{VERSION}.*"):
        for folder in sorted(pattern.parent.glob(pattern.name), reverse=True):
            yield str(folder / "bin" / name)


def _runs(path: str) -> bool:
    """Whether it is one: a shim of pyenv on the path may stand for no Python at all."""
    try:
        return subprocess.run([path, "-c", _IS_IT], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
