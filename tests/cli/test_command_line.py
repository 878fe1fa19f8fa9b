"""The command line itself: help, order of words, the launcher, and what the documents say of it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.__main__ import parse
from tests.cli.answers import a_run, page
from tests.cli.conftest import Tool
from tests.conftest import ROOT

COMMANDS = (
    "connections", "runs", "show", "logs", "tail", "apply", "stop",
    "failures", "diagnose", "replay", "letters", "redrive",
)  # fmt: skip
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()


def typed(text: str) -> list[str]:
    """The commands of the tool in a text."""
    return re.findall(r"^ *(?:\./)?payrelay (.+)$", text, re.MULTILINE)


def test_help_names_every_command_and_the_exit_statuses(tool: Tool) -> None:
    told = tool("--help")

    assert told.status == 0
    assert [name for name in COMMANDS if f"\n    {name} " not in told.out] == []
    assert re.findall(r"^  ([0-3])  ", told.out, re.MULTILINE) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_that_can_be_typed(tool: Tool, command: str) -> None:
    told = tool(command, "--help")

    assert told.status == 0
    assert re.findall(r"^  ([0-3])  ", told.out, re.MULTILINE) == ["0", "1", "2", "3"]
    examples = typed(told.out.partition("example:")[2])
    assert examples
    for example in examples:
        assert parse(shlex.split(example)).run.__name__ == command


@pytest.mark.parametrize("words", ["--json runs --limit 3", "runs --json --limit 3", "runs --limit 3 --json"])
def test_an_option_may_stand_anywhere(words: str) -> None:
    asked = parse(words.split())
    assert (asked.json, asked.limit, asked.api) == (True, 3, None)


@pytest.mark.parametrize("words", ["show --json run_1 employee:1", "show run_1 --json employee:1"])
def test_words_and_options_may_be_mixed(words: str) -> None:
    asked = parse(words.split())
    assert (asked.run_id, asked.record, asked.json) == ("run_1", "employee:1", True)


@pytest.mark.parametrize(
    "words",
    ["", "dance", "show", "tail a b", "runs --limit 0", "runs --limit two", "tail a --interval 0",
     "tail a --interval nan", "tail a --interval often", "runs --status odd", "replay a --all --failed"],
)  # fmt: skip
def test_what_can_not_be_understood_ends_with_2(tool: Tool, words: str) -> None:
    told = tool(*words.split())

    assert told.status == 2
    assert "error:" in told.err
    assert tool.calls == []


def test_output_that_nobody_reads_any_more_is_no_error(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object) -> None:
        raise BrokenPipeError

    tool.answers("GET", "/runs", page(a_run()))
    monkeypatch.setattr("cli.screen.Screen.tell", leave)
    monkeypatch.setattr("cli.__main__.os.dup2", lambda *_: None)
    monkeypatch.setattr(sys.stdout, "fileno", lambda: 1)

    told = tool("runs")

    assert (told.status, told.err) == (141, "")


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
        assert done.stdout.startswith("usage: payrelay ")


def test_the_launcher_says_what_is_missing(tmp_path: Path) -> None:
    shutil.copy(ROOT / "payrelay", tmp_path)

    done = subprocess.run([tmp_path / "payrelay"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (2, "payrelay: it is not installed yet: make setup\n")


def test_the_tool_starts_quickly() -> None:
    script = "import cli.__main__, sys; print({'boto3', 'payrelay', 'pydantic', 'local'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_the_runbook_shows_every_command() -> None:
    section = RUNBOOK.partition("\n## The tool\n")[2].partition("\n## ")[0]
    block = re.findall(r"^```text\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    lines = [line.partition("  #")[0] for line in typed("".join(block))]
    words = [shlex.split(line.replace("...", "run_1")) for line in lines]
    assert {parse(one).run.__name__ for one in words} == set(COMMANDS)


def test_the_readme_names_the_tool() -> None:
    assert "| `./payrelay` |" in (ROOT / "README.md").read_text()
