"""The processes of this machine: who is alive, whose group they are in, and ending our own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

MARK = "PAYRELAY_STACK"
"""The environment variable that every process of a stack carries: its home folder."""

_PROC = Path("/proc")
_START_TIME = 19  # field 22 of /proc/<pid>/stat, counted after the command's closing bracket


@dataclass(frozen=True)
class Process:
    """A live process. `started` tells it from a later one with the same id."""

    pid: int
    group: int
    started: str


def look_up(pid: int) -> Process | None:
    """The process, or None when there is none or it has ended and only waits to be collected."""
    if not _PROC.is_dir():
        return next((process for process in _from_ps("-p", str(pid))), None)
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return Process(pid=pid, group=int(fields[2]), started=fields[_START_TIME])


def running() -> list[Process]:
    """Every live process that can be seen."""
    if not _PROC.is_dir():
        return _from_ps("-A")
    found = (look_up(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdigit())
    return [process for process in found if process is not None]


def is_alive(pid: int, started: str) -> bool:
    """True while the very process of that id and start time runs."""
    process = look_up(pid)
    return process is not None and process.started == started


def group_members(group: int) -> list[int]:
    """The ids of the live processes in a process group."""
    return [process.pid for process in running() if process.group == group]


def is_marked(pid: int, home: Path) -> bool:
    """True when the process carries the mark of the stack in that home."""
    return f"{MARK}={home}".encode() in _environment(pid)


def marked_with(home: Path, name: str, part: str) -> list[int]:
    """The processes of the stack in that home whose variable `name` has `part` in its value."""
    start, sought = f"{name}=".encode(), part.encode()
    return [
        process.pid
        for process in running()
        if is_marked(process.pid, home)
        and any(one.startswith(start) and sought in one for one in _environment(process.pid))
    ]


def send(number: signal.Signals, pids: Iterable[int]) -> None:
    """Send processes a signal; those that are gone already are none."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def await_true(condition: Callable[[], bool], seconds: float, step: float = 0.02) -> bool:
    """Wait until the condition holds; False when the seconds are over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


def _environment(pid: int) -> list[bytes]:
    if not _PROC.is_dir():
        return subprocess.run(
            ["ps", "eww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        ).stdout.split()
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _from_ps(*selection: str) -> list[Process]:
    """The same from `ps`, for systems without /proc."""
    asked = ["ps", *selection, "-o", "pid=,pgid=,stat=,lstart="]
    lines = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    rows = (line.split(maxsplit=3) for line in lines)
    return [Process(int(pid), int(group), started) for pid, group, state, started in rows if state[0] != "Z"]
