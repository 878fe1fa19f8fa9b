"""MiniStack, the AWS emulator, as a process of its own on loopback."""

import http.client
import json
import os
import sys
from collections.abc import Callable

from .clients import REGION
from .home import Home, read_json, write_json
from .ports import HOST, choose_port
from .service import Service, Watch

DEFAULT_PORT = 4566
_NAME = "ministack"


def service(home: Home) -> Service:
    """MiniStack in a stack's home."""
    return Service(_NAME, home, discard=(home.temporary,))


def launch(home: Home, port: int | None, say: Callable[[str], None], watch: Watch, *, keep: bool) -> None:
    """Start MiniStack; it is not ready yet. `keep` keeps its state at a clean stop."""
    usual = int(read_json(home.ports).get(_NAME, DEFAULT_PORT))
    chosen = choose_port("MiniStack", port, usual, say)
    home.temporary.mkdir(parents=True, exist_ok=True)
    service(home).start(
        [sys.executable, "-m", "ministack"], chosen, _variables(home, chosen, keep=keep), watch
    )
    write_json(home.ports, {**read_json(home.ports), _NAME: chosen})


def await_ready(home: Home) -> str:
    """Wait until MiniStack answers; its address. Raises NotReadyError."""
    port = service(home).await_ready(_answers)
    return f"http://{HOST}:{port}"


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/_ministack/ready")
        answer = connection.getresponse()
        return answer.status == 200 and json.loads(answer.read())["status"] == "completed"
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _variables(home: Home, port: int, *, keep: bool) -> dict[str, str]:
    """MiniStack's settings. Its MQTT and SFTP servers would listen on every interface, so they stay off."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1" if keep else "0",
        "STATE_DIR": str(home.state),
        "S3_PERSIST": "1" if keep else "0",
        "S3_DATA_DIR": str(home.state / "s3"),
        "TMPDIR": str(home.temporary),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("MINISTACK_LOG_LEVEL", "INFO"),
    }
