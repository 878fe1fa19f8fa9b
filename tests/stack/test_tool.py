"""The tool against the running stack: what an engineer types, from a shell, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import threading

import pytest
import requests

from local.stack.stack import Stack
from tests.conftest import ROOT

pytestmark = pytest.mark.stack


def command(stack: Stack, *words: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PAYRELAY_", "AWS_"))}
    return subprocess.Popen(
        ["./payrelay", *words, "--as", "admin"],
        cwd=ROOT,
        env={**kept, "PAYRELAY_STACK": str(stack.home.facts)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(stack: Stack, *words: str) -> tuple[int, str]:
    """What a command ends with, and what it said."""
    running = command(stack, *words)
    out, _ = running.communicate(timeout=120)
    return running.returncode, out


@pytest.mark.requirement("CON-2", "IN-8")
def test_a_consent_is_asked_for_given_in_a_browser_and_the_connection_connected(stack: Stack) -> None:
    """(oncall OC-8, OC-9)"""
    books = stack.facts["connections"]["autovu_xero"]
    running = command(stack, "connect", books, "--consent")
    limit = threading.Timer(60, running.kill)
    limit.start()
    assert running.stdout is not None
    page = next(line.strip() for line in running.stdout if line.startswith("http"))
    answer = requests.get(page, timeout=30)
    out = running.stdout.read()
    limit.cancel()
    assert "Payrelay has the consent" in answer.text
    assert (running.wait(timeout=60), "connected" in out) == (0, True), out


@pytest.mark.requirement("TRG-5")
def test_a_schedule_that_was_put_is_put_again_as_it_is(stack: Stack) -> None:
    """(oncall OC-42)"""
    connection = stack.facts["connections"]["simployer_xledger"]
    line = ["schedule", connection, "time_off_export"]
    status, out = said(stack, *line, "--days", "TUE,FRI", "--time", "05:15", "--zone", "Europe/Oslo")
    assert status == 0, out
    assert "05:15 (Europe/Oslo)" in said(stack, *line, "--again")[1]
    assert "TUE, FRI" in said(stack, *line)[1]
    assert said(stack, *line, "--off")[0] == 0


@pytest.mark.requirement("OPS-5")
def test_every_suggestion_can_be_typed_as_it_stands(stack: Stack) -> None:
    """A run with blocked records, and what is suggested from there on (oncall OC-4, OC-14)."""
    connection = stack.facts["connections"]["simployer_xledger"]
    _, out = said(stack, "start", connection, "employee_export", "--mode", "preview")
    todo = re.findall(r"^  \./payrelay (.*) --as admin$", out, re.MULTILINE)
    assert todo
    seen = set()
    while todo and len(seen) < 8:
        words = todo.pop(0).split()
        if words[0] in ("replay", "apply", "start", "stop") or tuple(words) in seen:
            continue
        seen.add(tuple(words))
        status, out = said(stack, *words)
        assert status in (0, 3), (words, out)
        todo += re.findall(r"^  \./payrelay (.*) --as admin$", out, re.MULTILINE)
    assert {words[0] for words in seen} >= {"show", "logs", "diagnose", "history"}
