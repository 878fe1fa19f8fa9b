"""The benchmark at a small size: what it counts is the same on every machine; what it times is not judged."""

from __future__ import annotations

import subprocess
import sys

import pytest

from local.bench import imports
from tests.conftest import ROOT

EMPLOYEES = 1200
# What depends on nothing but the code.
COUNTED = (
    "one refused for ever: created in the same run",
    "one refused for ever: failed",
    "the run after it",
    "the run after it: employees tried again",
    "once mended",
    "unchanged: records unchanged",
    "unchanged: writes at the target",
    "unchanged: stored plans",
    "unchanged: DynamoDB writes for a page, at most",
    "1 % changed: records updated",
    "1 % changed: calls",
    "1 % changed: fixed calls (the total, the look-ups)",
)


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    command = [sys.executable, "-m", "local.bench", "--employees", str(EMPLOYEES), "--pairs", "1"]
    done = subprocess.run(
        [*command, "--no-imports", "--no-document"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    assert lines, done.stderr
    return {line[0]: [cell.strip() for cell in line[1:]] for line in lines}


@pytest.mark.requirement("RUN-4", "RUN-8", "EX-4")
@pytest.mark.parametrize("what", COUNTED)
def test_calls_and_writes_are_the_least_possible(rows: dict[str, list[str]], what: str) -> None:
    assert rows[what][2] == "reached", rows[what]


@pytest.mark.requirement("RUN-8")
def test_time_and_memory_are_measured(rows: dict[str, list[str]]) -> None:
    for what in ("1 % changed: time of the run over its floor", "memory of a page worker over its imports"):
        measured, target, _ = rows[what]
        assert float(measured.split()[0]) > 0
        assert target.startswith("≤")


def test_every_function_has_its_cold_start_measured() -> None:
    found = {f"{path.parent.name}/{path.stem}" for path in imports.handlers()}
    assert {"api/api", "start_run/start_run", "runs/open_run", "employee_export/plan_page"} <= found


def test_a_cold_start_is_measured_beside_its_third_party_modules() -> None:
    handler = next(path for path in imports.handlers() if path.stem == "open_run")
    start = imports.start(handler, pairs=1)
    assert start.whole > 0
    assert start.others > 0
    assert start.rooms == ()
