"""The command line: the options that every command has, how one is added, and how words are read."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from .api import Api
from .place import ROLES
from .screen import Screen

Asked = argparse.Namespace
Run = Callable[[Api, Asked, Screen], int]
Commands = Any  # argparse has no public name for what holds the commands

FLOW = "of this flow only, such as employee_export"
SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
SPANS = {"m": "minutes", "h": "hours", "d": "days"}

STATUSES = """exit status:
  0  done, and all is right
  1  the API refused, or can't be reached: the line on standard error says why, and what to do
  2  the command was not understood, or lacks something it needs
  3  done, but what was looked at is not right: a run that did not succeed, a check that fails"""


class Parser(argparse.ArgumentParser):
    """A parser that repeats no word it did not understand: it might be a token."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end with 2."""
        message = re.sub(r"invalid choice: .* \(choose", "invalid choice (choose", message, flags=re.DOTALL)
        known, unknown, rest = message.partition("unrecognized arguments: ")
        names = [word.partition("=")[0] for word in rest.split() if word.startswith("--")]
        super().error(
            f"{known}{unknown}{' '.join(names) or 'more words than the command takes' * bool(unknown)}"
        )


class CommandParser(Parser):
    """A parser of one command: its words and options may come in any order."""

    _mixing = False

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Asked | None = None
    ) -> tuple[Asked, list[str]]:
        """Read the words that were given to the command."""
        if self._mixing:  # The reader of mixed words calls this one for its parts.
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False


def common(parser: argparse.ArgumentParser) -> None:
    """The options that stand before a command or after it."""
    group = parser.add_argument_group("which API, and as whom")
    unset = argparse.SUPPRESS
    group.add_argument("--api", metavar="URL", default=unset, help="its address (PAYRELAY_API)")
    group.add_argument(
        "--token",
        default=unset,
        help="who asks (PAYRELAY_TOKEN, which the list of processes does not show); never printed",
    )
    group.add_argument(
        "--as",
        dest="role",
        choices=ROLES,
        default=unset,
        help="whose token of the running local stack, where no other is given (operator)",
    )
    parser.add_argument("--json", action="store_true", default=unset, help="print the API's own JSON")


def add(commands: Commands, name: str, run: Run, help: str, example: str, more: str = "") -> Parser:  # noqa: A002
    """A new command, for its own arguments to be added to."""
    parser: Parser = commands.add_parser(
        name,
        help=help,
        description=textwrap.fill(f"{help[0].upper()}{help[1:]}. {more}", 100),
        epilog=f"example:\n{textwrap.indent(example, '  ')}\n\n{STATUSES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common(parser)
    parser.set_defaults(run=run)
    return parser


def limited(parser: argparse.ArgumentParser, usual: int, what: str) -> None:
    """How many items of a list are wanted."""
    parser.add_argument("--limit", type=whole, default=usual, metavar="N", help=f"{what} at most ({usual})")


def whole(text: str) -> int:
    """A number from 1 on."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1 on")
    return int(text)


def seconds(text: str) -> float:
    """A length of time that one can wait for."""
    try:
        found = float(text)
    except ValueError:
        found = 0
    if not 0.1 <= found <= 3600:
        raise argparse.ArgumentTypeError("must be a number of seconds from 0.1 to 3600")
    return found


def since(text: str) -> str:
    """A time with its zone, or how long ago: 90m, 24h, 7d."""
    if span := SPAN.fullmatch(text):
        found = datetime.now(UTC) - timedelta(**{SPANS[span[2]]: int(span[1])})
        return found.strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError("must be like 24h, 7d or 2026-11-22T06:00:00Z") from None
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
