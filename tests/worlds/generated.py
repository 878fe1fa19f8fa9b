"""Calls that schemathesis generates from the OpenAPI document, all of whose answers it checks."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from tests.worlds.contract import DOCUMENT


def call(url: str, token: str, *chosen: str) -> str:
    """What it tells of the calls to operations so `chosen`; AssertionError where an answer is wrong."""
    # Only here, since it takes a second that no other test has to pay.
    from schemathesis.cli import schemathesis

    arguments = [
        f"--config-file={Path(__file__).with_name('schemathesis.toml')}",
        "run",
        str(DOCUMENT),
        f"--url={url}",
        f"--header=Authorization: Bearer {token}",
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
        *chosen,
    ]
    done = CliRunner().invoke(schemathesis, arguments)
    assert done.exit_code == 0, done.output[-30000:]
    assert "Fuzzing" in done.output, done.output[-2000:]
    return done.output
