"""Cold start: what importing a handler costs beside the third-party modules that it needs."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("payrelay", "api_")
RUNS = 5

# Imports the names it is given in one fresh process, and tells how long that took and what came along.
PROBE = """
import json, sys, time
names = json.loads(sys.argv[1])
before = set(sys.modules)
began = time.perf_counter()
for name in names:
    try:
        __import__(name)
    except ImportError:
        pass
print(json.dumps([time.perf_counter() - began, sorted(set(sys.modules) - before)]))
"""


def _probe(names: list[str], folder: Path) -> tuple[float, list[str]]:
    path = f"{folder}:{ROOT / 'layers' / 'payrelay'}"
    environment = {"PYTHONPATH": path, "PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "eu-north-1"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(names)],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    seconds, modules = json.loads(done.stdout)
    return float(seconds), list(modules)


def ratio(handler: Path) -> tuple[float, float, float]:
    """Median seconds of the handler, of its third-party modules alone, and the median ratio of pairs."""
    _, loaded = _probe([handler.stem], handler.parent)
    local = {path.stem for path in handler.parent.glob("*.py")}
    others = [name for name in loaded if name.split(".")[0] not in local and not name.startswith(OURS)]
    pairs = []
    for _ in range(RUNS):
        whole, _ = _probe([handler.stem], handler.parent)
        floor, _ = _probe(others, handler.parent)
        pairs.append((whole, floor))
    whole, floor = (statistics.median(side) for side in zip(*pairs, strict=True))
    return whole, floor, statistics.median(one / two for one, two in pairs)


def handlers() -> list[Path]:
    """Every file of a function folder that holds a handler."""
    found = sorted((ROOT / "functions").glob("*/*.py"))
    return [path for path in found if "handler" in path.read_text() and not path.stem.startswith("api_")]
