"""One invocation of a function, in a process of its own: what it takes of memory, and of the CPU.

Reads the event from standard input; writes resident megabytes after the imports, the peak, the seconds of the
CPU of the imports and of all else, and the answer. Without an event only the clients of AWS are made.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

STATUS = Path("/proc/self/status")


def _resident(name: str) -> float:
    """Megabytes that the kernel counts under this name."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def _rest(_: Any, __: Any) -> dict[str, Any]:
    """What a function makes before it does anything."""
    container = import_module("payrelay.runtime.container").this_container()
    made = container.engine, container.executions, container.session.client("secretsmanager")
    return {"status": "done", "made": len(made)}


def _whole_diagnosis(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """The largest thing that the API does: one diagnosis of everybody."""
    container = import_module("payrelay.runtime.container").this_container()
    connection = container.ledger.connections.get(event["tenant"], event["connection_id"])
    flow = import_module("payrelay.flows.opening").open_flow(container, event["flow"], connection)
    return {"status": "done", "checks": len(flow.diagnose(None))}


def main() -> None:
    """Import the handler that is named, invoke it, tell."""
    event = json.load(sys.stdin)
    began = time.process_time()
    handler: Callable[..., Any] = import_module(sys.argv[1]).handler
    imports = time.process_time() - began
    if event is None:
        handler = _rest
    elif "diagnose" in event:
        handler = _whole_diagnosis
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    imported, began = _resident("VmRSS"), time.process_time()
    context = SimpleNamespace(aws_request_id="bench", get_remaining_time_in_millis=lambda: 900_000)
    answer = handler(event, context)
    told = {"imported": imported, "peak": _resident("VmHWM"), "answer": answer}
    print(json.dumps({**told, "import_cpu": imports, "cpu": time.process_time() - began}))


if __name__ == "__main__":
    main()
