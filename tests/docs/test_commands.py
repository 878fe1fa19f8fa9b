"""Commands in documents are real ones: shell, make, Payrelay's API, the AWS tool."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import boto3
import pytest

from cli.__main__ import payrelay
from cli.command_line import Command
from cli.environment import OUTPUTS
from local.gameday.aws_command import AwsCommand
from local.gameday.runbook import commands
from payrelay.ledger import Ledger
from payrelay.runtime.identity import ROLES
from tests.conftest import ROOT
from tests.docs.documents import aws_commands, blocks, documents

README = ROOT / "README.md"
RUNBOOK = ROOT / "docs" / "runbook.md"
MAKEFILE = (ROOT / "Makefile").read_text()

SHELL = [
    pytest.param(script, id=f"{path.stem}-{n}")
    for path in documents()
    for n, script in enumerate(blocks(path, "bash"))
]
LINES = [line for path in documents() for script in blocks(path, "bash") for line in commands(script)]
AWS = [command for line in LINES for command in aws_commands(line)]
TOOL = [line for line in LINES if line.startswith("./payrelay ")]
LINES_OF_RUNBOOK = [line for script in blocks(RUNBOOK, "bash") for line in commands(script)]


def targets() -> set[str]:
    """The commands of the Makefile that are meant for people."""
    return set(re.findall(r"^([\w-]+):.*## ", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize("script", SHELL)
def test_a_shell_block_can_be_read_by_the_shell(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_names_commands_of_the_makefile_only(path: Path) -> None:
    text = path.read_text()
    named = set(re.findall(r"`make ([\w-]+)", text)) | set(re.findall(r"^make ([\w-]+)", text, re.MULTILINE))
    assert named <= targets()


def test_the_readme_lists_every_command() -> None:
    assert set(re.findall(r"^\| `make ([\w-]+)`", README.read_text(), re.MULTILINE)) == targets()


def test_help_lists_every_command() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(re.findall(r"^ +make ([\w-]+)", done.stdout, re.MULTILINE)) == targets()


@pytest.mark.parametrize("command", AWS, ids=lambda command: f"{command.service}-{command.operation}")
def test_a_command_of_the_aws_tool_is_one_that_it_has(command: AwsCommand) -> None:
    assert not command.problems()


def test_the_runbook_needs_no_curl_and_no_option_that_one_aws_tool_alone_has() -> None:
    """(oncall OC-9, OC-12, OC-16)"""
    assert [line for line in LINES_OF_RUNBOOK if "curl " in line or "--cli-binary-format" in line] == []
    queues = [line for line in LINES_OF_RUNBOOK if "aws sqs " in line]
    assert [line for line in queues if '--endpoint-url "$QUEUES"' not in line] == []


@pytest.mark.parametrize("line", sorted(set(TOOL)))
def test_a_command_of_the_tool_is_one_that_it_has(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Command, "invoke", lambda *_: "understood")
    words = shlex.split(re.split(r" [|]{1,2} | <<< ", line)[0])[1:]
    assert payrelay.main(words, standalone_mode=False) == "understood"


@pytest.fixture
def ledger(aws: None) -> Ledger:
    """The ledger that the runbook's commands write to."""
    return Ledger.open(boto3.client("dynamodb"), "state", boto3.client("s3"), "plans")


def do(table_commands: list[AwsCommand]) -> None:
    """Run commands of the runbook against the table."""
    for command in table_commands:
        name = command.operation.replace("-", "_")
        getattr(boto3.client(command.service), name)(**{**command.arguments(), "TableName": "state"})


def under(heading: str, operation: str) -> list[AwsCommand]:
    """The commands of one operation below a heading of the runbook."""
    section = re.split(r"^## ", RUNBOOK.read_text(), flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(heading))
    scripts = re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line for script in scripts for line in commands(script)]
    return [c for line in lines for c in aws_commands(line) if c.operation == operation]


@pytest.mark.requirement("EX-7")
def test_the_runbooks_command_activates_an_add_on(ledger: Ledger) -> None:
    assert not ledger.connections.add_ons("acme")
    do(under("Activate an add-on", "put-item"))
    assert ledger.connections.add_ons("acme") == {"simployer_xledger"}


@pytest.mark.requirement("TRG-4")
def test_the_runbooks_commands_register_an_app_of_the_user_pool_and_shut_it_out(ledger: Ledger) -> None:
    do(under("An app of the user pool", "put-item"))
    app = ledger.connections.app("3n4fexample")
    assert app is not None
    assert (app["tenant"], app["role"]) == ("acme", "operator")
    assert app["role"] in ROLES
    do(under("An app of the user pool", "delete-item"))
    assert ledger.connections.app("3n4fexample") is None


@pytest.mark.parametrize("output", sorted(OUTPUTS.values()))
def test_the_environment_asks_for_outputs_that_the_template_has(output: str) -> None:
    template = (ROOT / "template.yaml").read_text().split("\nOutputs:\n")[1]
    assert f"\n  {output}:" in f"\n{template}"


def test_every_entry_says_what_to_look_at_what_to_do_and_when_it_is_fixed() -> None:
    """Each begins with what it means for the customer, and whether it can wait (oncall OC-44)."""
    entries = re.split(r"^## ", RUNBOOK.read_text(), flags=re.MULTILINE)[1:]
    for entry in entries:
        title, _, text = entry.partition("\n")
        if title not in ("The tool", "From a record to its request"):
            first = " ".join(text.strip().split("\n\n")[0].split())
            assert first.startswith("**For the customer** "), title
            assert re.search("wait until morning|can't wait|same as|in the morning", first), title
            for word in ("**You see**", "**Look**", "**Do**", "**Fixed when**"):
                assert word in entry, f"{title}: {word}"
