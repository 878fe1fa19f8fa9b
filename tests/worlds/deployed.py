"""A deployment in the middle of things: the package's source, linked, so that a test may change it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from payrelay.flows import versions


class Deployed:
    """The source that versions are made of."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self._home, self._patch = home, patch
        self.package = home / "payrelay"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(versions.PACKAGE, self.package, ignore=ignored, copy_function=os.symlink)
        self._use()

    def change(self, path: str) -> None:
        """Deploy another version of one file."""
        changed = self.package / path
        text = changed.read_text()
        changed.unlink()
        changed.write_text(f"{text}# changed\n")
        versions._version.cache_clear()

    def move(self) -> None:
        """Install the same elsewhere."""
        self.package = Path(shutil.move(self.package, self._home / "elsewhere"))
        self._use()

    def _use(self) -> None:
        self._patch.setattr(versions, "PACKAGE", self.package)
