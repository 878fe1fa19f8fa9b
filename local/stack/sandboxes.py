"""The outside systems' sandboxes as a process of their own."""

import json
import sys
from collections.abc import Callable
from typing import Any

from .home import Home, read_json, write_json
from .ports import choose_port
from .service import Service, Watch

DEFAULT_PORT = 4700
_NAME = "sandbox"


def service(home: Home) -> Service:
    """The sandboxes in a stack's home."""
    return Service(_NAME, home)


def launch(
    home: Home, port: int | None, say: Callable[[str], None], watch: Watch, *, rate_limits: bool = True
) -> None:
    """Start the sandboxes; they are not ready yet."""
    usual = int(read_json(home.ports).get(_NAME, DEFAULT_PORT))
    chosen = choose_port("the sandboxes", port, usual, say)
    arguments = ["--port", str(chosen), "--state-dir", str(home.sandbox_state), "--seed"]
    arguments += [] if rate_limits else ["--no-rate-limits"]
    service(home).start([sys.executable, "-m", "local.sandbox", *arguments], chosen, {}, watch)
    write_json(home.ports, {**read_json(home.ports), _NAME: chosen})


def await_ready(home: Home) -> dict[str, str]:
    """Wait until they serve; each system's address by its name. Raises NotReadyError."""
    server = service(home)
    server.await_ready(lambda _: bool(_ready_line(server)))
    return dict(_ready_line(server)["sandboxes"])


def _ready_line(server: Service) -> dict[str, Any]:
    """The line of JSON that the sandboxes print once they serve."""
    with server.log.open(errors="replace") as log:
        for line in log:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict) and "port" in told:
                return told
    return {}
