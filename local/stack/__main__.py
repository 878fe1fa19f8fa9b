"""The command line of the local stack: up, down, status."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .errors import StackError
from .home import Home
from .stack import USUAL_HOME, Plan, down, status, up

_NOT_RUNNING = 3


def _up(asked: argparse.Namespace, home: Home) -> int:
    began = time.monotonic()
    if asked.fresh and down(home, forget=True):
        print("Stopped the running stack, to start afresh.")
    stack = up(home, Plan(port=asked.port, sandbox_port=asked.sandbox_port), print)
    print(f"The stack is ready after {time.monotonic() - began:.1f} s.")
    print(f"  API        {stack.api_url}")
    print(f"  AWS        {stack.endpoint}")
    for name, url in sorted(stack.facts["sandboxes"].items()):
        print(f"  sandbox    {url}  ({name})")
    print(f"Addresses and tokens are in {home.facts}.")
    print(f"\nThe console  {stack.facts['console']['url']}")
    for name, address in stack.facts["console"]["people"].items():
        print(f"  sign in as {address:<28} {name.replace('_', ' ')}")
    print(f"  password   {stack.facts['console']['password']}")
    return 0


def _down(asked: argparse.Namespace, home: Home) -> int:
    stopped = down(home, forget=asked.forget)
    print("The stack is stopped." if stopped else "The stack was not running.")
    return 0


def _status(_: argparse.Namespace, home: Home) -> int:
    running = status(home)
    for name, port in running.items():
        print(f"{name:<10} {f'runs on port {port}' if port else 'does not run'}")
    return 0 if all(running.values()) else _NOT_RUNNING


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.stack",
        description="Payrelay on this machine: MiniStack (an AWS emulator) holding the deployed "
        "template.yaml, and the sandboxes of the outside systems.",
    )
    parser.add_argument("--home", type=Path, default=USUAL_HOME, help="state, logs and records (.local)")
    commands = parser.add_subparsers(required=True, metavar="up | down | status")
    start = commands.add_parser(
        "up",
        help="start, deploy and seed; returns when ready",
        description="Starts what does not run yet, deploys the template as it is now, seeds, and writes "
        "stack.json. On a running stack it deploys again. State of earlier runs is kept.",
    )
    start.add_argument("--fresh", action="store_true", help="forget all state first")
    start.add_argument("--port", type=int, help="MiniStack's port (4566, or a free one when that is taken)")
    start.add_argument("--sandbox-port", type=int, help="the sandboxes' port (4700, or a free one)")
    start.set_defaults(run=_up)
    stop = commands.add_parser("down", help="stop everything; the state is kept for the next up")
    stop.add_argument("--forget", action="store_true", help="remove the state, too")
    stop.set_defaults(run=_down)
    told = f"what runs; exit status {_NOT_RUNNING} when not all of it does"
    show = commands.add_parser("status", help=told)
    show.set_defaults(run=_status)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 and the reason when it can't be done."""
    asked = _arguments(arguments)
    try:
        return int(asked.run(asked, Home.at(asked.home)))
    except StackError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    sys.exit(main())
