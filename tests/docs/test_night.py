"""docs/night.md tells all incidents of game day, by the runbook as it is; how it is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.gameday.__main__ import INCIDENTS
from local.gameday.alarms import Alarm
from local.gameday.failing import GameDayFailedError
from local.gameday.incident import Incident
from local.gameday.runbook import DO, FIXED, LOOK, Runbook
from local.gameday.shell import Done
from local.gameday.story import Part, shown
from local.gameday.transcript import PATH, Steady, Told, write
from tests.docs.documents import blocks

NIGHT = PATH.read_text()
RUNBOOK = Runbook.read()


def test_the_night_has_every_incident_in_its_order() -> None:
    titles = [f"{number}. {kind.title}" for number, kind in enumerate(INCIDENTS, start=1)]
    assert re.findall(r"^## (.+)$", NIGHT, re.MULTILINE) == titles


@pytest.mark.requirement("OPS-4")
@pytest.mark.parametrize("kind", INCIDENTS)
def test_what_was_typed_is_what_the_alarm_and_the_runbook_print(kind: type[Incident], tmp_path: Path) -> None:
    """(oncall OC-44)"""
    (tmp_path / "chapter.md").write_text(NIGHT.partition(f". {kind.title}\n")[2].partition("\n## ")[0])
    screens = "\n".join(blocks(tmp_path / "chapter.md", "text"))
    typed = re.findall(r"^[$>] (.*)$", screens, re.MULTILINE)
    entry = RUNBOOK.entry(kind.entry)
    printed = [
        line for part in (LOOK, DO, FIXED) for block in entry.blocks(part) for line in block.splitlines()
    ]
    whose = [Alarm.read(kind.alarm).whose] if kind.alarm else []
    assert sorted(typed) == sorted([*whose, *printed])


def test_the_night_is_narrow_enough_to_be_read() -> None:
    assert [line for line in NIGHT.splitlines() if line.startswith("  ") and len(line) > 150] == []


def test_ids_are_numbered_and_times_left_out_so_that_columns_stay() -> None:
    one, two = "run_01M8M055FACV1CJZAY41DWZBPS", "con_01M8M04BMR1V2DGX1CPJF2KBTH"
    steady = Steady()
    assert steady.text(
        f"RUN{'CONNECTION':>39}{'AT':>24}\n{one}  {two}  2026-11-29 15:53:08Z"
    ).splitlines() == [
        f"RUN{'CONNECTION':>19}  AT",
        "run_000001  con_000002  YYYY-MM-DD hh:mm:ssZ",
    ]
    assert steady.text(f"2026-11-29 15:56:03,483+0000 {one}") == "YYYY-MM-DD hh:mm:ss+0000 run_000001"
    assert steady.text("http://127.0.0.1:4566/x duration_ms=31") == "http://127.0.0.1:PORT/x duration_ms=…"


def test_a_screen_shows_what_was_typed_and_folds_what_is_wide() -> None:
    done = Done("a \\\n  b\nc\n", "a \\\n  b\nrun_1  running  1 / 2\nx\nc\n  " + "wide " * 30)
    assert list(shown(done)) == [
        "$ a \\",
        ">   b",
        "  x",
        "$ c",
        "    " + " ".join(["wide"] * 29),
        "        wide",
    ]


def test_nothing_secret_is_written(tmp_path: Path) -> None:
    told = [Told(1, "t", "a", "e", [Part("look", blocks=[Done("a\n", "a\nthe-token\n")])])]
    with pytest.raises(GameDayFailedError, match="secret"):
        write(tmp_path / "night.md", told, ["the-token"])
    assert not (tmp_path / "night.md").exists()
