"""The folder of one local stack: what lies where."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import StackError

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"


@dataclass(frozen=True)
class Home:
    """Where a stack keeps its state, its logs and the records of its processes."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> "Home":
        """The home at a path, its folders made."""
        home = cls(path.resolve())
        for folder in (home.logs, home.run):
            folder.mkdir(parents=True, exist_ok=True)
        return home

    @property
    def state(self) -> Path:
        """MiniStack's state."""
        return self.path / "ministack"

    @property
    def sandbox_state(self) -> Path:
        """The sandboxes' state."""
        return self.path / "sandbox"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """One record per running process."""
        return self.path / "run"

    @property
    def temporary(self) -> Path:
        """Where functions and layers are unpacked; emptied at every start and stop."""
        return self.path / "tmp"

    @property
    def facts(self) -> Path:
        """What clients need to know of the running stack."""
        return self.path / "stack.json"

    @property
    def people(self) -> Path:
        """The password of the stack's people."""
        return self.path / "people.json"

    @property
    def ports(self) -> Path:
        """The ports of the last start, so that addresses stay the same."""
        return self.path / "ports.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the stack for one command. Raises StackError when another command holds it."""
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(
                    f"Another command is starting or stopping the stack in {self.path}."
                ) from None
            yield


def read_json(path: Path) -> dict[str, Any]:
    """The object kept in a file; empty when there is none or it is damaged."""
    try:
        kept = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def write_json(path: Path, value: Mapping[str, Any], *, private: bool = False) -> None:
    """Put an object into a file at once, never half written."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600 if private else 0o644)
    draft.write_text(json.dumps(value, indent=2) + "\n")
    draft.replace(path)
