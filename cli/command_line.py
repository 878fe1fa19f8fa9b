"""What a command is: its words and options, its help, and how it ends.

No word that is not understood is repeated: it might be a token.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from click import Context, HelpFormatter, Parameter

from .api import Api
from .errors import NOBODY_READS, BrokenOff, ToolError
from .place import ROLES, STACK, USUAL_ROLE, find_place
from .screen import Screen, Typed

STATUSES = [
    ("0", "done, and all that was looked at is right, or still on its way"),
    ("1", "the API refused, or can't be reached: the line on standard error says why, and what to do"),
    ("2", "the command was not understood, lacks something, or had nobody to ask: nothing was done"),
    (
        "3",
        "done, but what was looked at is not right: a run that did not succeed, a failure, a letter, a check",
    ),
    ("130", "broken off by Ctrl-C: the line on standard error says what goes on without you"),
    ("141", "nobody reads the output any more"),
]
ADMIN = "admin"
SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
SPANS = {"m": "minutes", "h": "hours", "d": "days"}


class OneOf(click.Choice[str]):
    """One of these words."""

    def get_invalid_choice_message(self, value: object, ctx: Context | None) -> str:  # noqa: ARG002
        """What is said of another word."""
        return f"must be one of {', '.join(self.choices)}"


def whole(text: str) -> int:
    """A number from 1 on."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValueError("must be a whole number from 1 on")
    return int(text)


def seconds(text: str) -> float:
    """A length of time that one can wait for."""
    if not re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) or not 0.1 <= float(text) <= 3600:
        raise ValueError("must be a number of seconds from 0.1 to 3600")
    return float(text)


def since(text: str) -> str:
    """A time with its zone, or how long ago: 90m, 24h, 7d."""
    try:
        span = SPAN.fullmatch(text)
        ago = timedelta(**{SPANS[span[2]]: int(span[1])}) if span else None
        found = datetime.now(UTC) - ago if ago else datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        raise ValueError("must be like 24h, 7d or 2026-11-22T06:00:00Z") from None


run_argument = click.argument("run_id", metavar="RUN", help="The run's id: run_01J...")
connection_argument = click.argument(
    "connection", metavar="CONNECTION", help="The connection's id: con_01J..."
)
flow_argument = click.argument("flow", metavar="FLOW", help="The flow, such as employee_export.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
flow_option = click.option("--flow", metavar="FLOW", help="Of this flow only, such as employee_export.")
interval_option = click.option(
    "--interval", metavar="S", type=seconds, default="0.5", help="Look every so many seconds."
)


def limit_option(usual: int, what: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """How many items of a list are wanted."""
    return click.option(
        "--limit", metavar="N", type=whole, default=str(usual), help=f"So many {what} at most."
    )


def _keep(context: Context, option: Parameter, value: object) -> None:
    if value:
        context.ensure_object(dict)[option.name] = value


def _common(*names: str, **how: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_keep, **how)


# They may stand before the command, too.
COMMON = [
    _common("--json", is_flag=True, help="Print the API's own JSON, and nothing beside it."),
    _common("--api", metavar="URL", help="The address of the API (PAYRELAY_API)."),
    _common(
        "--token",
        metavar="TOKEN",
        help="Who asks (PAYRELAY_TOKEN, which the list of processes does not show). It is never printed.",
    ),
    _common(
        "--token-file",
        metavar="FILE",
        help="A file of yours alone that has it (PAYRELAY_TOKEN_FILE): a token, or an app's key.",
    ),
    _common(
        "--as",
        type=OneOf(ROLES),
        help="Whose token of the running local stack, where no other is given; the operator's, if not said.",
    ),
    _common(
        "--tenant",
        metavar="TENANT",
        help="Which tenant, for somebody of the service who has access to several.",
    ),
]


class _Explained(click.Command):
    """Something with options and examples."""

    examples: Sequence[str] = ()

    def get_params(self, ctx: Context) -> list[Parameter]:
        return [*super().get_params(ctx), *COMMON]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        own = [param for param in self.params if isinstance(param, click.Option)]
        rest = [param for param in self.get_params(ctx) if param not in self.params]
        for title, options in ("Options", own), ("Options of every command", rest):
            if options:
                with formatter.section(title):
                    formatter.write_dl(filter(None, (option.get_help_record(ctx) for option in options)))

    def format_help_text(self, ctx: Context, formatter: HelpFormatter) -> None:
        super().format_help_text(ctx, formatter)
        with formatter.section("Examples"):
            called = ctx.find_root().info_name
            formatter.write("".join(f"  {called} {example}\n" for example in self.examples))

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Exit status"):
            formatter.write_dl(STATUSES)


class Command(_Explained):
    """One command. Its function takes the API, the screen and what was given, and returns the exit status.

    One that stands `alone` speaks to no API: it gets the screen, and which address and role were named.
    """

    alone = False
    usual = USUAL_ROLE

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Read what was given."""
        ctx.allow_extra_args = True
        if super().parse_args(ctx, args):
            ctx.fail("More words than the command takes.")
        return []

    def invoke(self, ctx: Context) -> None:
        """Do it, and end."""
        given = ctx.ensure_object(dict)
        api, role, tenant = (given.get(name) for name in ("api", "as", "tenant"))
        assert self.callback is not None
        asked = None
        typed = Typed(
            called=ctx.find_root().info_name or "payrelay",
            api=["--api", api] if api else [],
            role=[*(["--as", role] if role else []), *(["--tenant", tenant] if tenant else [])],
        )
        try:
            if self.alone:
                screen = Screen(as_json="json" in given, typed=typed)
                status = self.callback(screen, api, role, **ctx.params)
            else:
                place = find_place(
                    api=api,
                    token=given.get("token"),
                    token_file=given.get("token_file"),
                    role=role,
                    environ=os.environ,
                    stack=STACK,
                    usual=self.usual,
                    tenant=tenant or "",
                )
                asked = Api(place)
                as_admin = ["--as", ADMIN] if place.role not in (None, ADMIN) else []
                typed = typed._replace(as_admin=as_admin, local=place.local)
                screen = Screen(as_json="json" in given, typed=typed)
                status = self.callback(asked, screen, **ctx.params)
            sys.stdout.flush()
        except KeyError as missing:
            # An answer without what every answer has is not from this API, or from another version of it.
            raise ToolError(f"an answer has no {missing}: is this the API, and the tool as new?") from None
        except KeyboardInterrupt:
            raise BrokenOff(_broken_off(asked)) from None
        except BrokenPipeError:
            # Whoever read the output has gone, such as `head`: Python must not flush to them at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = NOBODY_READS
        ctx.exit(status)


def _broken_off(api: Api | None) -> str:
    """What is true after Ctrl-C: whether anything had been asked for by then."""
    if api is None or not api.orders:
        return "broken off; nothing was changed"
    return f"broken off after {', '.join(api.orders)}, which stands, or may: see the runs"


class Section:
    """Commands that belong together: those of one module, and one part of `payrelay --help`."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.commands: dict[str, click.Command] = {}

    def command(
        self, *examples: str, alone: bool = False, usual: str = USUAL_ROLE
    ) -> Callable[[Callable[..., int]], None]:
        """A new command, after its function, whose docstring is its help; `usual` is whose it mostly is."""

        def add(function: Callable[..., int]) -> None:
            command = click.command(cls=Command)(function)
            command.alone = alone
            command.usual = usual
            name = str(command.name).replace("_", "-")
            command.name = name
            command.examples = [f"{name} {words}".rstrip() for words in examples]
            self.commands[name] = command

        return add


class Tool(_Explained, click.Group):
    """All the commands."""

    spoken: Mapping[tuple[str, str], str] = {
        ("letters", "redrive"): "redrive",
        ("access", "take"): "access-take",
        ("access", "end"): "access-end",
        ("apps", "create"): "apps-create",
        ("apps", "revoke"): "apps-revoke",
    }

    def __init__(self, about: str, sections: Sequence[Section], examples: Sequence[str]) -> None:
        settings = {"show_default": True, "max_content_width": 100, "help_option_names": ["-h", "--help"]}
        commands = {name: one for section in sections for name, one in section.commands.items()}
        super().__init__("payrelay", commands, help=about, context_settings=settings)
        self.sections = sections
        self.examples = examples

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The commands, and the options."""
        width = max(map(len, self.commands))
        for section in self.sections:
            with formatter.section(section.title):
                for name, command in section.commands.items():
                    formatter.write_dl([(name.ljust(width), command.get_short_help_str(200))])
        super().format_options(ctx, formatter)

    def resolve_command(self, ctx: Context, args: list[str]) -> Any:
        """The command that is meant; two words may say what one does."""
        if tuple(args[:2]) in self.spoken:
            args = [self.spoken[args[0], args[1]], *args[2:]]
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            near = f" Is {' or '.join(error.possibilities)} meant?" if error.possibilities else ""
            raise click.UsageError(f"There is no such command.{near}", ctx) from None
