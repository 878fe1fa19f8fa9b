"""`python -m local.sandbox`: it says when it is ready, keeps its data, and leaves nothing behind."""

import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]
WAIT = 20


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]]:
    started = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        command = [sys.executable, "-m", "local.sandbox", "--port", "0", *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout
        return process, json.loads(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_data_are_kept_over_a_clean_stop(serve: Any, tmp_path: Path) -> None:
    process, ready = serve("--seed", "--state-dir", str(tmp_path / "kept"))
    state = f"{ready['sandboxes']['simployer']}/_sandbox/state"
    assert len(requests.get(state, timeout=WAIT).json()["employee"]) == 250
    requests.put(state, json={"company": [{"id": "a" * 24, "name": "Acme AS"}]}, timeout=WAIT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT) == 0
    assert process.communicate()[1] == ""
    _, again = serve("--seed", "--state-dir", str(tmp_path / "kept"))
    kept = requests.get(f"{again['sandboxes']['simployer']}/_sandbox/state", timeout=WAIT).json()
    assert [len(kept[name]) for name in ("company", "employee")] == [1, 0]


def test_a_taken_port_is_said_and_ends_with_status_2(served: Any) -> None:
    command = [sys.executable, "-m", "local.sandbox", "--port", str(served.port)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT, check=False)
    assert ended.returncode == 2
    assert f"Port {served.port} on 127.0.0.1 is taken" in ended.stderr
    assert ended.stdout == ""


def test_kept_data_that_do_not_fit_are_named_and_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "xledger.json"
    kept.write_text('{"employees": [{"shoe": 44}]}')
    command = [sys.executable, "-m", "local.sandbox", "--port", "0", "--state-dir", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT, check=False)
    assert ended.returncode == 2
    assert str(kept) in ended.stderr
    assert kept.read_text() == '{"employees": [{"shoe": 44}]}'


def test_it_ends_with_the_process_that_it_is_told_of(serve: Any) -> None:
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process, _ = serve("--parent-pid", str(other.pid))
    other.communicate(b"\n")
    assert process.wait(WAIT) == 0


def test_a_connection_is_kept_alive(served: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=WAIT)
    sockets = set()
    for path in ("/simployer/_sandbox/faults", "/xledger/nothing", "/simployer/v1/employee", "/none"):
        connection.request("GET", path)
        connection.getresponse().read()
        sockets.add(connection.sock)
    connection.close()
    assert len(sockets) == 1
    assert None not in sockets


def test_the_limits_can_be_switched_off(serve: Any) -> None:
    _, ready = serve("--no-rate-limits")
    token = {"Authorization": "Bearer simployer-sandbox-token"}
    url = f"{ready['sandboxes']['simployer']}/v1/company"
    with requests.Session() as session:
        assert {session.get(url, headers=token, timeout=WAIT).status_code for _ in range(30)} == {200}


def test_no_sandbox_knows_the_product() -> None:
    for folder in ("local/sandbox", "local/seed"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"^\s*(from|import) payrelay\b", text, re.MULTILINE), path
