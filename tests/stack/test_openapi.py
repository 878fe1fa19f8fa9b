"""The OpenAPI document against the running stack: every answer is one that the document promises (TRG-4)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local.stack.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("another stack")]

ROOT = Path(__file__).parents[2]
SECONDS = 480


@pytest.mark.requirement("TRG-4", "CON-1")
def test_generated_calls_are_answered_as_the_document_says(stack: Stack, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={Path(__file__).with_name('schemathesis.toml')}",
        "run",
        str(ROOT / "infrastructure" / "openapi.yaml"),
        f"--url={stack.api_url}",
        f"--header=Authorization: Bearer {stack.facts['tokens']['admin']}",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=4",
        "--seed=1",
        "--workers=1",
        "--request-timeout=30",
        "--suppress-health-check=all",
        "--generation-database=none",
        "--continue-on-failure",
        "--no-color",
        # Rules over several fields (`from` and `to`, at least one of…) are more than a schema can say.
        "--exclude-checks=positive_data_acceptance",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-30000:] + done.stderr[-2000:]
    assert "Fuzzing" in done.stdout, done.stdout[-2000:]
