"""Cold start: what importing a handler takes beside importing the third-party modules that it needs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.bench.memory import environment
from payrelay.systems.registry import SYSTEMS

ROOT = Path(__file__).parents[2]
ROOMS = {row.room: name for name, row in SYSTEMS.items()}
A_HANDLER = re.compile(r"^(def handler\(|handler = )", re.MULTILINE)

# Imports modules in a fresh process: seconds of its CPU, and the modules that came, in their order.
PROBE = """
import json, sys, time
from importlib import import_module
names = json.load(sys.stdin)
before = set(sys.modules)
began = time.process_time()
for name in names:
    import_module(name)
seconds = time.process_time() - began
came = [[name, getattr(module, "__file__", None) or ""] for name, module in sys.modules.items()]
print(json.dumps([seconds, [one for one in came if one[0] not in before]]))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds of a handler's import, and of its third-party modules' alone: the least of many, in turn.

    Whatever else the machine does only adds to a time, so that the least is the nearest to the truth.
    """

    handler: str
    whole: float
    others: float
    rooms: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """The one over the other."""
        return self.whole / self.others


def handlers() -> list[Path]:
    """Every module of a function's folder that holds a handler."""
    found = sorted((ROOT / "functions").glob("*/*.py"))
    return [path for path in found if A_HANDLER.search(path.read_text())]


def start(handler: Path, pairs: int = 9) -> Start:
    """The handler's import beside that of its third-party modules, in turn."""
    _, came = _probe([handler.stem], handler.parent)
    others = [name for name, file in came if "/site-packages/" in file and _importable(name)]
    times = [
        (_probe([handler.stem], handler.parent)[0], _probe(others, handler.parent)[0]) for _ in range(pairs)
    ]
    whole, least = (min(side) for side in zip(*times, strict=True))
    rooms = {ROOMS[name] for name, _ in came if name in ROOMS}
    name = f"{handler.parent.name}/{handler.stem}"
    return Start(name, whole, least, tuple(sorted(rooms)))


def _importable(name: str) -> bool:
    """Not what only looks like a module: compiled parts under names of their own, lazy stand-ins."""
    return all(part.isidentifier() for part in name.split(".")) and ".six.moves" not in name


def _probe(names: Sequence[str], folder: Path) -> tuple[float, list[list[str]]]:
    settings = {
        **environment("http://127.0.0.1:1", folder.name),
        "PYTHONPATH": f"{folder}:{ROOT / 'layers' / 'payrelay'}",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        input=json.dumps(list(names)),
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    seconds, came = json.loads(done.stdout)
    return float(seconds), came
