"""One server of the stack as a process of its own: started, recorded, found again, and ended."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import processes
from .errors import NotReadyError
from .home import ROOT, Home, read_json, write_json

_READY_SECONDS = 60
_STOP_SECONDS = 25
_LEFTOVER_SECONDS = 5


@dataclass(frozen=True)
class Watch:
    """Who must stay alive for the server to stay: a process, until a file says that it may go."""

    pid: int
    until: Path | None = None


@dataclass(frozen=True)
class Service:
    """A server by name, in a stack's home."""

    name: str
    home: Home
    discard: Sequence[Path] = ()

    @property
    def log(self) -> Path:
        """What the server writes."""
        return self.home.logs / f"{self.name}.log"

    @property
    def _record(self) -> Path:
        return self.home.run / f"{self.name}.json"

    @property
    def port(self) -> int | None:
        """The port it serves, or None when it does not run."""
        kept = read_json(self._record)
        return int(kept["port"]) if kept and processes.is_alive(kept["pid"], kept["started"]) else None

    def start(self, command: Sequence[str], port: int, variables: Mapping[str, str], watch: Watch) -> None:
        """Start the server under its supervisor, in a session and process group of its own."""
        supervisor = [sys.executable, "-m", "local.stack.supervise", "--parent-pid", str(watch.pid)]
        supervisor += ["--until", str(watch.until)] if watch.until else []
        for folder in self.discard:
            supervisor += ["--discard", str(folder)]
        with self.log.open("w") as log:
            started = subprocess.Popen(
                [*supervisor, "--", *command],
                cwd=ROOT,
                env={**_plain_environment(), **variables, processes.MARK: str(self.home.path)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = processes.look_up(started.pid)
        if process is None:
            raise NotReadyError(self.name, "ended at once", self.log)
        write_json(self._record, {"pid": process.pid, "started": process.started, "port": port})
        _children[process.pid] = started

    def await_ready(self, is_ready: Callable[[int], bool]) -> int:
        """Wait until it serves; its port. Raises NotReadyError with the end of its log when it never does."""

        def is_settled() -> bool:
            port = self.port
            return port is None or is_ready(port)

        answered = processes.await_true(is_settled, _READY_SECONDS)
        if self.port is None:
            raise NotReadyError(self.name, "ended while it started", self.log)
        if not answered:
            raise NotReadyError(self.name, f"did not answer within {_READY_SECONDS} seconds", self.log)
        return self.port

    def stop(self) -> bool:
        """End the server, cleanly if it can, and everything of its group; False when there was none."""
        kept = read_json(self._record)
        ran = self.port is not None
        if ran:
            processes.send(signal.SIGTERM, [kept["pid"]])
            processes.await_true(lambda: self.port is None, _STOP_SECONDS)
        self._end_leftovers(kept.get("pid"))
        self._record.unlink(missing_ok=True)
        return ran

    def kill(self) -> None:
        """Kill the server and everything of its group, which is quick, and loses what it did not save yet."""
        processes.send(signal.SIGKILL, self._members(read_json(self._record).get("pid")))

    def _members(self, group: int | None) -> list[int]:
        """The processes of a group that carry this stack's mark."""
        found = processes.group_members(group) if group is not None else []
        return [pid for pid in found if processes.is_marked(pid, self.home.path)]

    def _end_leftovers(self, group: int | None) -> None:
        """End what a killed supervisor left: processes of its group that carry this stack's mark."""
        processes.send(signal.SIGTERM, self._members(group))
        if not processes.await_true(lambda: not self._members(group), _LEFTOVER_SECONDS):
            processes.send(signal.SIGKILL, self._members(group))
        if group in _children:
            _children.pop(group).wait()
        for folder in self.discard:
            shutil.rmtree(folder, ignore_errors=True)


_children: dict[int, "subprocess.Popen[bytes]"] = {}
"""The supervisors that this very process started, to collect them once they ended."""


def _plain_environment() -> dict[str, str]:
    """What a server needs of the environment: no AWS profile, no Python setting of the caller leaks in."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ}
