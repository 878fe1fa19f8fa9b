"""Cold start: what importing a handler takes beside importing the third-party modules that it needs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from local.bench.memory import environment

# Imports in a fresh process first the third-party modules and then the handler: seconds of its CPU until the
# one and until the other, and the modules that came, in their order. What slows the machine slows both alike.
# What the package sets for the whole process, before all else, holds for both.
PROBE = """
import json, sys, time
from importlib import import_module
import payrelay
handler, others = json.load(sys.stdin)
before = set(sys.modules)
began = time.process_time()
for name in others:
    import_module(name)
least = time.process_time() - began
import_module(handler)
whole = time.process_time() - began
came = [[name, getattr(module, "__file__", None) or ""] for name, module in sys.modules.items()]
print(json.dumps([whole, least, [one for one in came if one[0] not in before]]))
"""


# Seconds; importing nothing takes less.
LEAST = 0.001


@dataclass(frozen=True, slots=True)
class Handler:
    """A handler as it is deployed: the Python that runs it, and the folders of its modules and others."""

    name: str
    python: str
    folder: Path
    own: Path
    others: tuple[Path, ...]

    @property
    def path(self) -> str:
        """What is searched for modules, in Lambda's order."""
        return os.pathsep.join(map(str, (self.folder, *self.others[:1], self.own, *self.others[1:])))


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds of a handler's import, and of its third-party modules' alone, of each measurement."""

    times: tuple[tuple[float, float], ...]

    @property
    def ratio(self) -> float:
        """The one over the other: the median of all processes, each of which has measured both."""
        return median(whole / others for whole, others in self.times)

    @property
    def has_others(self) -> bool:
        """Whether it imports third-party modules at all."""
        return self.others > LEAST

    @property
    def whole(self) -> float:
        """The least of all: whatever else the machine does only adds to it."""
        return min(whole for whole, _ in self.times)

    @property
    def others(self) -> float:
        """The same of the third-party modules."""
        return min(others for _, others in self.times)


def starts(handlers: Sequence[Handler], rounds: int) -> dict[str, Start]:
    """Every handler's start, measured in turn, so that no handler has the quiet minute for itself."""
    needed = {handler.name: third_party(handler) for handler in handlers}
    times: dict[str, list[tuple[float, float]]] = {handler.name: [] for handler in handlers}
    for _ in range(rounds):
        for handler in handlers:
            whole, others, _came = _probe(handler, needed[handler.name])
            times[handler.name].append((whole, others))
    return {name: Start(tuple(found)) for name, found in times.items()}


def third_party(handler: Handler) -> list[str]:
    """The third-party modules that come with a handler, in their order."""
    _, _, came = _probe(handler, [])
    folders = tuple(f"{folder}{os.sep}" for folder in handler.others)
    return [name for name, file in came if file.startswith(folders) and _importable(name)]


def _importable(name: str) -> bool:
    """Not what only looks like a module: compiled parts under names of their own, lazy stand-ins."""
    return all(part.isidentifier() for part in name.split(".")) and ".six.moves" not in name


def _probe(handler: Handler, others: Iterable[str]) -> tuple[float, float, list[list[str]]]:
    settings = {**environment("http://127.0.0.1:1", handler.folder.name), "PYTHONPATH": handler.path}
    done = subprocess.run(
        [handler.python, "-S", "-B", "-c", PROBE],
        input=json.dumps([handler.name.split("/")[1], list(others)]),
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    whole, least, came = json.loads(done.stdout)
    return float(whole), float(least), came
