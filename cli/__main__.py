"""The command line: `payrelay <command>`, or `python -m cli <command>`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from . import connections, failures, letters, replay, runs
from .api import Api
from .arguments import STATUSES, Asked, CommandParser, Parser, common
from .errors import INTERRUPTED, NOBODY_READS, REFUSED, ToolError
from .place import STACK, find_place
from .screen import Screen, clean

ABOUT = """Payrelay for on-call engineers: what ran, what failed and why, and how to do it again.

It speaks to the HTTP API alone. Without --api and --token it takes the local stack, if that runs."""
EXAMPLE = """example:
  payrelay failures --since 24h
  payrelay show run_01JD9Z4A6B8C0D2E4F6G8H0J2K employee:1042
  payrelay replay run_01JD9Z4A6B8C0D2E4F6G8H0J2K

`payrelay <command> --help` has more."""


def parse(arguments: Sequence[str] | None = None) -> Asked:
    """What is asked for; ends with 2 where it can't be understood."""
    parser = Parser(
        prog="payrelay",
        description=ABOUT,
        epilog=f"{EXAMPLE}\n\n{STATUSES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common(parser)
    commands = parser.add_subparsers(
        required=True, metavar="command", title="commands", parser_class=CommandParser
    )
    for module in (connections, runs, failures, replay, letters):
        module.add_commands(commands)
    return parser.parse_args(arguments, argparse.Namespace(api=None, token=None, role=None, json=False))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and give its exit status."""
    asked = parse(arguments)
    try:
        place = find_place(api=asked.api, token=asked.token, role=asked.role, environ=os.environ, stack=STACK)
        status = int(asked.run(Api(place), asked, Screen(as_json=asked.json)))
        sys.stdout.flush()
    except ToolError as error:
        print(clean(f"payrelay: {error}"), file=sys.stderr)
        return error.status
    except KeyError as missing:
        # An answer without what every answer has is not from this API, or from another version of it.
        print(f"payrelay: an answer has no {missing}: is this the API, and the tool as new?", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone, such as `head`: Python must not try to flush to them at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    return status


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    sys.exit(main())
