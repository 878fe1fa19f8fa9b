"""Game day without a stack: what it reads of the template and of the runbook, and how it ends."""

from __future__ import annotations

import re

import pytest

from local.gameday import __main__ as gameday
from local.gameday.alarms import Alarm, Datum
from local.gameday.aws import matches
from local.gameday.failing import GameDayFailedError
from local.gameday.incident import Incident
from local.gameday.runbook import DO, FIXED, LOOK, Runbook
from local.gameday.shell import filled
from local.stack.errors import StackError

RUNBOOK = Runbook.read()


@pytest.mark.requirement("OPS-4")
@pytest.mark.parametrize("kind", gameday.INCIDENTS)
def test_the_entry_of_an_incident_has_commands_to_look_cure_and_see_and_its_alarm_leads_there(
    kind: type[Incident],
) -> None:
    entry = RUNBOOK.entry(kind.entry)
    assert entry.commands(LOOK)
    assert entry.commands(DO)
    assert entry.commands(FIXED)
    assert RUNBOOK.entry(Alarm.read(kind.alarm).anchor).leads_to(entry)


@pytest.mark.parametrize("kind", gameday.INCIDENTS)
def test_every_variable_of_an_entry_is_explained_at_the_top_or_made_by_the_entry(
    kind: type[Incident],
) -> None:
    entry = RUNBOOK.entry(kind.entry)
    for part in (LOOK, DO, FIXED):
        script = "\n".join(entry.commands(part))
        known = re.findall(r"^([A-Z_]+)=", f"{RUNBOOK.preamble}\n{script}", re.MULTILINE)
        assert set(re.findall(r"\$\{?([A-Z_]+)", script)) <= {*known, "AWS_REGION"}


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
    found = Alarm("A", "says", "anchor", properties).judge([Datum(at, value) for at, value in values])
    assert found == expected


def test_an_alarm_that_the_template_does_not_have_is_told() -> None:
    with pytest.raises(GameDayFailedError, match="no alarm State"):
        Alarm.read("State")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"message": "call", "http_status": 503}', True),
        ('{"message": "call", "http_status": 200}', False),
        ('{"message": "call"}', False),
        ('{"message": "step", "http_status": 503}', False),
        ("REPORT RequestId: 1", False),
    ],
)
def test_a_pattern_of_log_lines_is_read_as_cloudwatch_reads_it(line: str, expected: bool) -> None:
    assert matches(line, '{ $.message = "call" && $.http_status != 200 }') is expected


@pytest.mark.parametrize("error", [GameDayFailedError("Xledger saw two"), StackError("no port is free")])
def test_what_was_not_proved_is_told_and_ends_with_1(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(chosen: object) -> None:
        raise error

    monkeypatch.setattr(gameday, "play_all", fail)
    assert gameday.main([]) == 1
    assert f"Game day failed: {error}" in capsys.readouterr().out


def test_all_was_proved_so_it_ends_with_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = []
    monkeypatch.setattr(gameday, "play_all", chosen.extend)
    assert gameday.main(["3", "8"]) == 0
    assert chosen == [3, 8]
    assert "2 incidents" in capsys.readouterr().out


def test_an_incident_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        gameday.main(["10"])
    assert ended.value.code == 2
    assert "there is no incident 10" in capsys.readouterr().err
