"""The command line itself: help, order of words, terminals, the launcher, and what the documents say."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli.__main__ import payrelay
from cli.command_line import Command
from tests.cli.answers import WHY, a_run, blocked, page
from tests.cli.conftest import Tool
from tests.conftest import ROOT

COMMANDS = (
    "failures", "show", "logs", "replay", "apply", "runs", "records", "start", "tail", "stop", "close",
    "connections", "connect", "credentials", "settings", "hook-secret", "schedule",
    "diagnose", "history", "changes", "calls", "documents", "link", "create", "balances", "refresh",
    "letters", "redrive", "whose", "access", "access-take", "access-end", "env", "me",
    "apps", "apps-create", "apps-revoke",
)  # fmt: skip
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
RUN = a_run()["run_id"]
RUN_AT = a_run()["connection_id"]
Meaning = Callable[[str], str]


@pytest.fixture
def meaning(monkeypatch: pytest.MonkeyPatch) -> Meaning:
    """The name of the command that a line means, which is not run."""
    monkeypatch.setattr(Command, "invoke", lambda command, _: command.name)
    return lambda line: payrelay.main(shlex.split(line), standalone_mode=False)


def typed(text: str) -> list[str]:
    """The commands of the tool in a text."""
    return re.findall(r"^ *(?:\./)?payrelay (.+)$", text, re.MULTILINE)


def test_help_names_every_command_with_what_it_does(tool: Tool) -> None:
    out = "\n".join(tool.shows("-h"))

    assert sorted(re.findall(r"^  ([a-z][a-z-]*) +[A-Z]", out, re.MULTILINE)) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_all_that_one_needs(tool: Tool, meaning: Meaning, command: str) -> None:
    out = "\n".join(tool.shows(f"{command} --help"))

    assert out.startswith(f"Usage: payrelay {command} [OPTIONS]")
    assert re.findall(r"^  ([0-9]+) +[a-z]", out, re.MULTILINE) == ["0", "1", "2", "3", "130", "141"]
    examples = typed(out.partition("Examples:")[2])
    assert {meaning(example) for example in examples} == {command}
    params = payrelay.commands[command].params
    assert [param.name for param in params if not param.help] == []
    defaults = [param.default for param in params if isinstance(param.default, str)]
    assert re.findall(r"\[default: (.*)\]", out) == defaults


@pytest.mark.parametrize(
    "line",
    ["--json runs --limit 3", "runs --json --limit 3", "runs --limit=3 --json",
     f"show --json {RUN} employee:1042 --limit 3", f"show {RUN} --limit 3 --json employee:1042"],
)  # fmt: skip
def test_words_and_options_may_stand_in_any_order(tool: Tool, line: str) -> None:
    tool.reads("/runs", page(a_run()))
    tool.reads(f"/runs/{RUN}", a_run())
    tool.reads(f"/runs/{RUN}/records", page(blocked()))

    assert tool(*line.split()).json == (blocked() if "show" in line else page(a_run()))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "Usage: payrelay"),
        ("dance", "There is no such command."),
        ("shwo", "There is no such command. Is show meant?"),
        ("show", "Missing argument 'RUN'."),
        ("tail a b", "More words than the command takes."),
        ("runs --limit", "Option '--limit' requires an argument."),
        ("runs --limit 0", "must be a whole number from 1 on"),
        ("runs --limit two", "must be a whole number from 1 on"),
        ("tail a --interval 0", "must be a number of seconds from 0.1 to 3600"),
        ("tail a --interval nan", "must be a number of seconds from 0.1 to 3600"),
        ("tail a --interval often", "must be a number of seconds from 0.1 to 3600"),
        ("runs --status odd", "must be one of queued, running, succeeded, partial"),
        ("runs --lmit 3", "No such option '--lmit'. Did you mean '--limit'?"),
        ("replay a --all --failed", "payrelay: give either records, or --failed, or --reason, or --all\n"),
        ("replay a employee:1 --all", "payrelay: give either records, or --failed, or --reason, or --all\n"),
        ("redrive", "payrelay: give either letters or --all\n"),
        ("redrive let-1 --all", "payrelay: give either letters or --all\n"),
        *(
            (f"tail '{dots}'", "payrelay: an id must not be empty, or dots alone\n")
            for dots in ("", ".", "..")
        ),
    ],
)
def test_what_can_not_be_understood_ends_with_2(tool: Tool, line: str, says: str) -> None:
    told = tool(*shlex.split(line))

    assert (told.status, told.out) == (2, "")
    assert says in told.err
    assert tool.calls == []


def test_output_that_nobody_reads_any_more_is_no_error(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave() -> None:
        raise BrokenPipeError

    tool.reads("/runs", page(a_run()))
    replaced: list[int] = []
    monkeypatch.setattr(os, "dup2", lambda _, old: replaced.append(old))
    nobody = SimpleNamespace(flush=leave, fileno=lambda: 1)
    monkeypatch.setattr("cli.command_line.sys", SimpleNamespace(stdout=nobody))

    told = tool("runs")

    assert (told.status, told.err, replaced) == (141, "", [1])


def test_a_terminal_has_colours_and_folds_what_is_long(tool: Tool) -> None:
    run = a_run(status="failed", error={**WHY, "remedy": "Make a new token [as an admin]. " * 4})
    tool.reads(f"/runs/{RUN}", run)
    tool.reads(f"/runs/{RUN}/records", page(blocked()))
    tool.on_a_terminal(columns=60)

    texts = ("\x1b[31mFAILED\x1b[0m", "\x1b[1mCREDENTIALS_REFUSED\x1b[0m")
    out = "\n".join(tool.shows(f"show {RUN}", *texts, status=3))

    shown = re.sub(r"\x1b\[[\d;]*m", "", out)
    assert "\n  status      FAILED\n" in shown
    folded = shown.partition("remedy      ")[2].splitlines()
    assert [line.strip() for line in folded[:3]] == [
        "Make a new token [as an admin]. Make a new",
        "token [as an admin]. Make a new token [as an",
        "admin]. Make a new token [as an admin].",
    ]
    assert folded[1].startswith(" " * 14)
    assert f"\n  payrelay connect {RUN_AT}\n" in shown


def test_a_table_on_a_terminal_is_as_wide_as_it_is(tool: Tool) -> None:
    tool.reads("/runs", page(a_run()))
    plain = tool.shows("runs")
    tool.on_a_terminal(columns=60)

    lines = tool.shows("runs", "\x1b[1mRUN", "\x1b[33mpartial\x1b[0m")

    assert [re.sub(r"\x1b\[[\d;]*m", "", line).rstrip() for line in lines] == plain


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_switched_off(tool: Tool, name: str, value: str) -> None:
    tool.reads("/runs", page(a_run()))
    tool.on_a_terminal()
    tool.monkeypatch.setenv(name, value)

    assert "\x1b[3" not in "".join(tool.shows("runs"))


def test_the_launcher_runs_from_anywhere_and_through_a_link(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "a project", tmp_path / "elsewhere"
    project.mkdir()
    shutil.copy(ROOT / "payrelay", project)
    (project / "cli").symlink_to(ROOT / "cli")
    (project / ".venv").symlink_to(sys.prefix)
    (elsewhere / "cli").mkdir(parents=True)
    (elsewhere / "cli" / "__init__.py").write_text("raise SystemExit('another tool of that name')")
    link = elsewhere / "payrelay"
    link.symlink_to(project / "payrelay")

    for launcher in (project / "payrelay", link):
        done = subprocess.run(
            [launcher, "--help"], cwd=elsewhere, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"Usage: {launcher} ")


def test_commands_are_suggested_by_the_name_that_the_tool_was_called_by(tmp_path: Path) -> None:
    """(oncall OC-14)"""
    (tmp_path / "payrelay").symlink_to(ROOT / "payrelay")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    for words in (["./payrelay"], ["payrelay"], [str(tmp_path / "payrelay")]):
        done = subprocess.run(
            ["bash", "-c", f"{words[0]} --help"],
            cwd=tmp_path,
            env={**os.environ, "PATH": path if words == ["payrelay"] else os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"\n  {words[0]} show run_" in done.stdout


def test_the_launcher_says_what_is_missing(tmp_path: Path) -> None:
    shutil.copy(ROOT / "payrelay", tmp_path)

    done = subprocess.run([tmp_path / "payrelay"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (2, "payrelay: it is not installed yet: make setup\n")


def test_the_tool_starts_quickly() -> None:
    slow = {"boto3", "payrelay", "pydantic", "local", "requests", "rich"}
    script = f"import cli.__main__, sys; print({slow} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_the_runbook_shows_every_command(meaning: Meaning) -> None:
    section = RUNBOOK.partition("\n## The tool\n")[2].partition("\n## ")[0]
    block = re.findall(r"^```text\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    lines = [line.partition("  #")[0] for line in typed("".join(block))]
    assert {meaning(line.replace("...", "run_1")) for line in lines} == set(COMMANDS)


def test_the_readme_names_the_tool() -> None:
    assert "| `./payrelay` |" in (ROOT / "README.md").read_text()
