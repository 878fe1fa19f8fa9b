"""The first deployment's commands, as they are written, in real shells against the stack.

(aws 1, aws 3, aws 6, aws 15, aws 18, aws 19, aws 20)
"""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from local.gameday.failing import GameDayFailedError
from local.gameday.runbook import blocks
from local.gameday.shell import Shell, aws_tools
from local.stack.stack import Stack
from tests.conftest import ROOT

pytestmark = pytest.mark.stack

PAGE = ROOT / "docs" / "first-deployment.md"
HERE = "*Here too"
# The local stack sends no mail and has no metrics, so that these print nothing; it can't restore a table.
PRINT_NOTHING = ["An alarm that reaches somebody", "A first run of many", "Numbers come", "Cold starts"]
NOT_HERE = {*PRINT_NOTHING, "Put the table back, once"}
# What MiniStack takes and does not do, by what AWS answers or is asked, and what stands for it here.
LACKS = {
    # how a table is encrypted, and that it can be put back
    "KMS\nACTIVE\nENABLED": "None\nACTIVE\nDISABLED",
    # names in capitals
    "First.Check@": "first.check@",
    # a header that API Gateway keeps for itself
    "x-amzn-remapped-www-authenticate": "www-authenticate",
    # the last slash of an address, unless it has its stage in it
    '"$PAYRELAY_API/console/"': '"$PAYRELAY_API/\\$default/console/"',
    # the log of a state machine
    "ERROR\nfunction": "function",
}


def checks() -> dict[str, str]:
    """The checks of the page, by their title."""
    parts = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {title: text for title, _, text in (part.partition("\n") for part in parts)}


CHECKS = checks()
RUN_HERE = [title for title, text in CHECKS.items() if HERE in text]


@pytest.fixture(scope="module")
def shell(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A shell with the stack's names, and the AWS command line of PyPI."""
    token = stack.facts["tokens"]["admin"]
    folder = tmp_path_factory.mktemp("first")
    return Shell.make(folder, stack.home.facts, token, aws_tools()[0], 'eval "$(./payrelay env)"\n')


def test_a_check_says_why_what_it_prints_and_what_to_do_otherwise() -> None:
    for title, text in CHECKS.items():
        assert text.strip().startswith("**Why** "), title
        why, printed, otherwise = (text.find(f"**{part}**") for part in ("Why", "It must print", "Otherwise"))
        assert 0 <= why < printed < otherwise, title
        assert next(blocks(text, "bash")), title


def test_every_check_runs_here_or_is_known_not_to() -> None:
    assert set(CHECKS) - set(RUN_HERE) == NOT_HERE


@pytest.mark.parametrize("title", RUN_HERE)
def test_a_check_prints_what_it_says_here_too(shell: Shell, title: str) -> None:
    text = CHECKS[title]
    for on_aws, here in LACKS.items():
        text = text.replace(on_aws, here)
    done = shell.run(next(blocks(text, "bash")), {}, looking=False)
    (expected,) = blocks(text, "text")
    pattern = re.escape(expected.strip()).replace(re.escape("..."), ".*")
    assert re.fullmatch(pattern, done.output.strip(), re.DOTALL), done.output


@pytest.mark.parametrize("title", PRINT_NOTHING)
def test_a_check_that_prints_nothing_here_can_be_typed(shell: Shell, title: str) -> None:
    shell.run(next(blocks(CHECKS[title], "bash")).replace("sleep 10\n", ""), {}, looking=False)


def test_what_the_local_stack_lacks_stands_on_the_page() -> None:
    for on_aws in LACKS:
        assert any(on_aws in text for text in CHECKS.values()), on_aws


def test_what_a_check_has_made_is_taken_away(shell: Shell, stack: Stack) -> None:
    """In one test, since it needs its own schedule; who asks again after a lost answer is told it is gone."""
    scheduler = stack.client("scheduler")

    def there() -> bool:
        return bool(scheduler.list_schedules(GroupName="payrelay", NamePrefix="first-check")["Schedules"])

    made, taken_away = list(blocks(CHECKS["What the scheduler leaves"], "bash"))
    if not there():
        shell.run(made, {}, looking=False)
    delete = next(line for line in taken_away.splitlines() if "delete-schedule" in line)
    assert there()
    with suppress(GameDayFailedError):
        shell.run(delete, {}, looking=False)
    assert not there()
