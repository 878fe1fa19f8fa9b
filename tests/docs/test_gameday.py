"""Game day without a stack: what it reads of the template and of the runbook, and how it ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.environment import OUTPUTS
from local.gameday import __main__ as gameday
from local.gameday.alarms import Alarm, Datum
from local.gameday.failing import GameDayFailedError
from local.gameday.incident import Incident
from local.gameday.runbook import DO, FIXED, LOOK, Runbook
from local.gameday.shell import Shell, filled
from local.stack.errors import StackError

RUNBOOK = Runbook.read()
ENVIRONMENT = {*OUTPUTS, "MACHINES", "QUEUES"}


@pytest.mark.requirement("OPS-4")
@pytest.mark.parametrize("kind", gameday.INCIDENTS)
def test_the_entry_of_an_incident_has_commands_to_look_cure_and_see_and_its_alarm_leads_there(
    kind: type[Incident],
) -> None:
    entry = RUNBOOK.entry(kind.entry)
    assert entry.blocks(LOOK)
    assert entry.blocks(DO)
    assert entry.blocks(FIXED)
    assert not kind.alarm or RUNBOOK.entry(Alarm.read(kind.alarm).anchor).leads_to(entry)


@pytest.mark.parametrize("kind", gameday.INCIDENTS)
def test_every_variable_of_an_entry_is_explained_at_the_top_or_made_by_the_entry(
    kind: type[Incident],
) -> None:
    entry = RUNBOOK.entry(kind.entry)
    for part in (LOOK, DO, FIXED):
        script = "\n".join(entry.blocks(part))
        known = re.findall(r"^([A-Z_]+)=", f"{RUNBOOK.preamble}\n{script}", re.MULTILINE)
        assert set(re.findall(r"\$\{?([A-Z_]+)", script)) <= {*known, *ENVIRONMENT}


def test_a_variable_that_the_runbook_does_not_explain_is_told() -> None:
    assert filled("A=...  # this\nB=2", {"A": "1"}) == "A='1'\nB=2"
    with pytest.raises(GameDayFailedError, match="what C is"):
        filled("A=...", {"C": "1"})


@pytest.mark.parametrize(
    ("statistic", "comparison", "threshold", "periods", "values", "expected"),
    [
        ("Sum", "GreaterThanThreshold", 0, 1, [(10, 1)], 1),
        ("Sum", "GreaterThanThreshold", 0, 1, [(10, 0)], None),
        ("Sum", "GreaterThanThreshold", 0, 1, [], None),
        ("Sum", "GreaterThanThreshold", 1, 1, [(10, 1), (20, 1)], 2),
        ("Sum", "GreaterThanThreshold", 1, 1, [(290, 1), (310, 1)], None),
        ("Maximum", "GreaterThanThreshold", 3, 1, [(10, 2), (20, 3)], None),
        ("SampleCount", "LessThanThreshold", 1, 1, [(10, 7)], None),
        ("Sum", "GreaterThanOrEqualToThreshold", 2, 3, [(10, 2), (310, 2), (610, 3)], 3),
        ("Sum", "GreaterThanOrEqualToThreshold", 2, 3, [(10, 2), (310, 1), (610, 3)], None),
    ],
)
def test_an_alarm_is_judged_by_its_period_statistic_and_threshold(
    statistic: str,
    comparison: str,
    threshold: int,
    periods: int,
    values: list[tuple[float, float]],
    expected: float | None,
) -> None:
    properties = {
        "Statistic": statistic,
        "Period": 300,
        "EvaluationPeriods": periods,
        "ComparisonOperator": comparison,
        "Threshold": threshold,
    }
    found = Alarm("A", "says", "whose", "anchor", properties).judge(
        [Datum(at, value) for at, value in values]
    )
    assert found == expected


def test_an_alarm_that_the_template_does_not_have_is_told() -> None:
    with pytest.raises(GameDayFailedError, match="no alarm State"):
        Alarm.read("State")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in which `aws` does as its first word says."""
    aws = tmp_path / "stand-in"
    aws.write_text('#!/bin/sh\nexit "$1"\n')
    aws.chmod(0o755)
    found = Shell.make(tmp_path / "shell", tmp_path / "stack.json", "t", aws, "RUN=...  # run_01J...\n")
    (found.folder / "payrelay").unlink()
    (found.folder / "payrelay").symlink_to(aws)
    return found


def test_a_block_is_run_as_it_is_written_and_shown_as_it_is_read(shell: Shell) -> None:
    """(oncall OC-44)"""
    done = shell.run(
        'echo "the run $RUN" \\\n  | tr a-z A-Z\nFOUND=$(echo 7)\necho $FOUND\n', {"RUN": "r1"}, looking=False
    )
    assert done.output == "THE RUN R1\n7"
    assert done.screen.splitlines()[:3] == ['echo "the run $RUN" \\', "  | tr a-z A-Z", "THE RUN R1"]


@pytest.mark.parametrize(
    "line", ["aws 252", "aws 1 | cat", "echo $UNKNOWN", "FOUND=$(aws 252)", "unknown-command", "cat nothing"]
)
def test_a_line_that_fails_fails_its_block(line: str, shell: Shell) -> None:
    """(oncall OC-12, OC-44)"""
    with pytest.raises(GameDayFailedError) as failed:
        shell.run(f"{line}\necho goes on\n", {}, looking=True)
    assert "\ngoes on" not in str(failed.value)


def test_what_is_not_right_is_what_one_looks_for_and_no_cure(shell: Shell) -> None:
    assert shell.run("./payrelay 3\necho and more\n", {}, looking=True).output == "and more"
    with pytest.raises(GameDayFailedError, match="failed with 3"):
        shell.run("./payrelay 3\n", {}, looking=False)


@pytest.mark.parametrize("error", [GameDayFailedError("Xledger saw two"), StackError("no port is free")])
def test_what_was_not_proved_is_told_and_ends_with_1(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*chosen: object) -> None:
        raise error

    monkeypatch.setattr(gameday, "play_all", fail)
    assert gameday.main([]) == 1
    assert f"Game day failed: {error}" in capsys.readouterr().out


def test_all_was_proved_so_it_ends_with_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = []
    monkeypatch.setattr(gameday, "play_all", lambda *asked: chosen.append(asked))
    assert gameday.main(["3", "8", "--transcript", "night.md"]) == 0
    assert chosen == [([3, 8], Path("night.md"))]
    assert "2 incidents" in capsys.readouterr().out


def test_an_incident_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    number = len(gameday.INCIDENTS) + 1
    with pytest.raises(SystemExit) as ended:
        gameday.main([f"{number}"])
    assert ended.value.code == 2
    assert f"there is no incident {number}" in capsys.readouterr().err
