"""One invocation of a step's function, in a process of its own: what it takes of memory.

Reads the event from standard input; writes resident megabytes after the imports, the peak, and the answer.
"""

from __future__ import annotations

import gc
import json
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

STATUS = Path("/proc/self/status")


def _resident(name: str) -> float:
    """Megabytes that the kernel counts under this name."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Import the handler that is named, invoke it, tell."""
    event = json.load(sys.stdin)
    handler = import_module(sys.argv[1]).handler
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    imported = _resident("VmRSS")
    answer = handler(event, SimpleNamespace(aws_request_id="bench"))
    print(json.dumps({"imported": imported, "peak": _resident("VmHWM"), "answer": answer}))


if __name__ == "__main__":
    main()
