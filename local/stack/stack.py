"""The local stack as a whole: up, down, its status, and a throw-away one for tests and the demo."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import broken_off, sandboxes, server
from .clients import REGION, client
from .deploy import deploy
from .home import BUILD, ROOT, Home, write_json
from .package import package
from .processes import marked_with, send
from .seed import seed
from .service import Service, Watch
from .template import declared_parameters
from .users import common_password

Say = Callable[[str], None]
USUAL_HOME = ROOT / ".local"
_HANDED_OVER = "handed-over"


@dataclass(frozen=True)
class Plan:
    """How a stack is to be brought up. No port is the usual one; port 0 is any free one."""

    template: Path = ROOT / "template.yaml"
    port: int | None = None
    sandbox_port: int | None = None
    with_sandboxes: bool = True
    rate_limits: bool = True
    seeded: bool = True
    keep: bool = True


THROW_AWAY = Plan(port=0, sandbox_port=0, keep=False)


@dataclass(frozen=True)
class Stack:
    """A running stack: what the template put out, and what its clients need to know."""

    home: Home
    endpoint: str
    outputs: Mapping[str, str]
    facts: Mapping[str, Any]

    @property
    def api_url(self) -> str:
        """The HTTP API's address, without a slash at its end."""
        return str(self.facts["api_url"])

    def client(self, service: str) -> Any:
        """A boto3 client of one service."""
        return client(service, self.endpoint)

    def crash(self, function: str) -> int:
        """Kill the processes that run a function of the template, in the middle of their work; how many."""
        found = marked_with(self.home.path, "AWS_LAMBDA_FUNCTION_NAME", function)
        send(signal.SIGKILL, found)
        return len(found)


def up(home: Home, plan: Plan, say: Say, watch: Watch | None = None) -> Stack:
    """Start what does not run yet, deploy, seed, and write the facts; what it started ends if it fails.

    Without a watch the servers stay once this has returned, and end with this process before that.
    """
    with home.locked():
        handed_over = home.run / f"{_HANDED_OVER}.{time.time_ns()}"
        launched: list[Service] = []
        try:
            _launch(home, plan, say, watch or Watch(os.getpid(), until=handed_over), launched)
            stack = _equip(home, plan, say)
        except BaseException:
            for service in reversed(launched):
                service.stop()
            raise
        handed_over.touch()
        return stack


def down(home: Home, *, forget: bool = False) -> bool:
    """Stop everything, keeping the state unless told to forget it; False when nothing ran."""
    with home.locked():
        stopped = [service.stop() for service in _services(home)]
        home.facts.unlink(missing_ok=True)
        for mark in home.run.glob(f"{_HANDED_OVER}.*"):
            mark.unlink()
        if forget:
            for folder in (home.state, home.sandbox_state):
                shutil.rmtree(folder, ignore_errors=True)
    return any(stopped)


def status(home: Home) -> dict[str, int | None]:
    """The port of every service that runs, None for one that does not."""
    return {service.name: service.port for service in _services(home)}


@contextmanager
def running_stack(
    state_dir: Path | None = None, plan: Plan = THROW_AWAY, say: Say = lambda _: None
) -> Iterator[Stack]:
    """A stack for as long as the block lasts; it ends with this process, however that ends.

    Without a state directory it is thrown away; with one its state is there at the next start.
    """
    folder = state_dir or Path(tempfile.mkdtemp(prefix="payrelay-"))
    home = Home.at(folder)
    try:
        yield up(home, replace(plan, keep=state_dir is not None), say, Watch(os.getpid()))
    finally:
        if state_dir is None:
            for service in _services(home):
                service.kill()
        down(home)
        if state_dir is None:
            shutil.rmtree(folder, ignore_errors=True)


def _services(home: Home) -> tuple[Service, ...]:
    return (sandboxes.service(home), server.service(home))


def _launch(home: Home, plan: Plan, say: Say, watch: Watch, launched: list[Service]) -> None:
    """Start the servers that do not run yet, side by side, and add them to `launched`."""
    emulator, outside = server.service(home), sandboxes.service(home)
    for service in (emulator, outside) if plan.with_sandboxes else (emulator,):
        if service.port is not None:
            say(f"{service.name} already runs on port {service.port}.")
            continue
        service.stop()  # what an earlier crash left
        if service is emulator:
            server.launch(home, plan.port, say, watch, keep=plan.keep)
        else:
            sandboxes.launch(home, plan.sandbox_port, say, watch, rate_limits=plan.rate_limits)
        launched.append(service)


def _equip(home: Home, plan: Plan, say: Say) -> Stack:
    """Package while the servers start, then deploy, seed and write down what clients need."""
    packaged = package(plan.template, BUILD, home.temporary / "layers")
    endpoint = server.await_ready(home)
    outside = sandboxes.await_ready(home) if plan.with_sandboxes else {}
    values = {"Stage": "local", "LocalEndpoint": endpoint, "SandboxUrl": _origin(outside)}
    declared = declared_parameters(packaged.template)
    parameters = {name: value for name, value in values.items() if name in declared}
    outputs = deploy(endpoint, packaged, parameters, say)
    if plan.keep and "TableName" in outputs:
        broken_off.close(outputs, endpoint, say)
    api_url = _api_url(endpoint, outputs)
    seeded = seed(outputs, endpoint, outside, api_url, common_password(home)) if plan.seeded else {}
    facts = {
        "api_url": api_url,
        "aws_endpoint_url": endpoint,
        "tokens": seeded.get("tokens", {}),
        "hook_secret": seeded.get("hook_secret", ""),
        "sandboxes": outside,
        "connections": seeded.get("connections", {}),
        "console": seeded.get("console", {}),
        "aws_region": REGION,
        "outputs": outputs,
    }
    write_json(home.facts, facts, private=True)
    return Stack(home, endpoint, outputs, facts)


def _origin(outside: Mapping[str, str]) -> str:
    """Where all sandboxes are served: scheme, host and port."""
    for url in outside.values():
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"
    return ""


def _api_url(endpoint: str, outputs: Mapping[str, str]) -> str:
    """MiniStack serves an API by its id under a path of its own, not under a host of its own."""
    if "ApiUrl" not in outputs:
        return ""
    parts = urlsplit(outputs["ApiUrl"])
    api = (parts.hostname or "").partition(".")[0]
    return f"{endpoint}/_aws/execute-api/{api}{parts.path}".rstrip("/")
