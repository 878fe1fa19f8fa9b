"""Keeps one server: ends its whole process group when it stops, is told to, or its starter is gone."""

import argparse
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from . import processes

_LOOK_EVERY_SECONDS = 0.2
_CLEAN_STOP_SECONDS = 20
_SET_PARENT_DEATH_SIGNAL = 1


class Supervisor:
    """One server in this process's own group."""

    def __init__(self, command: Sequence[str], is_abandoned: Callable[[], bool]) -> None:
        self._command = command
        self._is_abandoned = is_abandoned
        self._told_to_stop = False

    def run(self) -> int:
        """Start the server, wait for an end, leave no process of the group behind; its exit status."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        server = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - this process has no threads
        )
        while server.poll() is None and not self._told_to_stop and not self._is_abandoned():
            time.sleep(_LOOK_EVERY_SECONDS)
        ended_alone = server.poll() is not None
        if not ended_alone:
            server.terminate()
            processes.await_true(lambda: server.poll() is not None, _CLEAN_STOP_SECONDS)
        end_rest_of_group()
        return server.wait() if ended_alone else 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True


def end_with_parent() -> None:
    """Ask Linux to end the calling process when its parent dies; elsewhere the next start does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def end_rest_of_group() -> None:
    """End every other process of this process's group."""

    def rest_is_gone() -> bool:
        rest = set(processes.group_members(os.getpgrp())) - {os.getpid()}
        processes.send(signal.SIGKILL, rest)
        return not rest

    processes.await_true(rest_is_gone, seconds=10)


def _watch(pid: int, until: Path | None) -> Callable[[], bool]:
    """Tells whether the process is gone; never again once the file exists."""
    parent = processes.look_up(pid)
    is_released = False

    def is_abandoned() -> bool:
        nonlocal is_released
        is_released = is_released or (until is not None and until.exists())
        return not is_released and (parent is None or not processes.is_alive(pid, parent.started))

    return is_abandoned


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the supervisor from its command line."""
    parser = argparse.ArgumentParser(prog="python -m local.stack.supervise", description=__doc__)
    parser.add_argument("--parent-pid", type=int, required=True, help="end when this process is gone")
    parser.add_argument("--until", type=Path, help="stop watching the parent once this file exists")
    parser.add_argument(
        "--discard", type=Path, action="append", default=[], help="folder to remove at the end"
    )
    parser.add_argument("command", nargs="+", help="the server to keep, after --")
    asked = parser.parse_args(arguments)
    status = Supervisor(asked.command, _watch(asked.parent_pid, asked.until)).run()
    for folder in asked.discard:
        shutil.rmtree(folder, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
