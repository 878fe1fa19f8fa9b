"""`python -m local.sandbox`: serve every sandbox until told to stop."""

import argparse
import errno
import json
import os
import signal
import sys
import threading
from pathlib import Path

from local.seed.simployer_xledger import generate

from .frame.room import Options
from .frame.saving import KeptDataError
from .running import Running, start

PARENT_CHECK_SECONDS = 0.5


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=4700, help="on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--state-dir", type=Path, help="keep the data here between starts")
    parser.add_argument("--seed", action="store_true", help="realistic data where none is kept")
    parser.add_argument(
        "--generate", type=int, metavar="N", help="N ordinary employees in Simployer, none in Xledger yet"
    )
    parser.add_argument("--alike", action="store_true", help="those are in Xledger, too, with equal values")
    parser.add_argument("--no-rate-limits", action="store_true", help="the vendors' own limits are off")
    parser.add_argument("--parent-pid", type=int, help="stop when this process has ended")
    return parser.parse_args()


def _serve(arguments: argparse.Namespace) -> Running:
    options = Options(rate_limits=not arguments.no_rate_limits)
    try:
        return start(arguments.port, seed=arguments.seed, options=options, state_dir=arguments.state_dir)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.exit(
            _said(
                f"Port {arguments.port} on 127.0.0.1 is taken: choose another with --port, 0 for a free one."
            )
        )
    except KeptDataError as broken:
        sys.exit(_said(str(broken)))


def _generate(served: Running, employees: int, *, alike: bool) -> None:
    """What a company of that size has before its first sync; where all is `alike`, after it."""
    both = generate(employees, already_there=1.0 if alike else 0, alike=alike)
    served.room("simployer").replace_state(both.simployer)
    served.room("xledger").replace_state(both.xledger)


def _said(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


def _has_ended(pid: int, was_parent: bool) -> bool:
    if was_parent:
        return os.getppid() != pid
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def main() -> None:
    """Start, say so in one line of JSON, and wait for the end."""
    arguments = _arguments()
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    was_parent = arguments.parent_pid == os.getppid()
    served = _serve(arguments)
    if arguments.generate:
        _generate(served, arguments.generate, alike=arguments.alike)
    print(
        json.dumps({"ready": True, "port": served.port, "pid": os.getpid(), "sandboxes": served.urls}),
        flush=True,
    )
    while not ending.wait(PARENT_CHECK_SECONDS):
        if arguments.parent_pid and _has_ended(arguments.parent_pid, was_parent):
            break
    served.stop()


if __name__ == "__main__":
    main()
