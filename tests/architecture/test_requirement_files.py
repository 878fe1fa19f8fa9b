"""Requirement files: every package pinned with its hashes, one version in all of them, no registry named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

LAYER = ROOT / "layers" / "dependencies" / "requirements.txt"
LOCAL = ROOT / "requirements" / "local.txt"
DEV = ROOT / "requirements" / "dev.txt"
FILES = [LAYER, *sorted((ROOT / "requirements").glob("*.txt"))]
PIN = re.compile(r"^([a-z0-9-]+)==([^ ]+?)( ;.*)? \\$")


def pins(path: Path) -> set[tuple[str, str]]:
    """Every package of a file with its version."""
    return {(m[1], m[2]) for line in path.read_text().splitlines() if (m := PIN.match(line))}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_package_is_pinned_with_its_hashes(path: Path) -> None:
    text = path.read_text()
    packages = re.split(r"\n(?=[a-z])", text)
    assert packages
    for package in packages:
        assert PIN.match(package.splitlines()[0]), package
        assert "--hash=sha256:" in package, package
    assert "://" not in text


@pytest.mark.parametrize(("smaller", "larger"), [(LAYER, LOCAL), (LOCAL, DEV)], ids=["layer", "local"])
def test_what_is_tested_is_what_runs(smaller: Path, larger: Path) -> None:
    assert pins(smaller) <= pins(larger)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_wanted_package_is_pinned(path: Path) -> None:
    pinned = {name for name, _ in pins(path)}
    lines = path.with_suffix(".in").read_text().splitlines()
    wanted = {re.split(r"[\[>=<]", line)[0].lower() for line in lines if line and line[0] not in "#-"}
    assert wanted <= pinned
