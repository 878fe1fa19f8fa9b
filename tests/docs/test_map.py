"""docs/map.md: every vendor and flow has all the parts that its steps name; the files of every document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.sandbox.rooms import ROOMS
from local.seed import SEEDS
from payrelay.flows.catalog import KINDS
from payrelay.systems.registry import SYSTEMS
from tests.architecture.sources import PACKAGE
from tests.conftest import ROOT
from tests.docs.documents import documents

MAP = (ROOT / "docs" / "map.md").read_text()
STEPS = MAP[MAP.index("## Adding a vendor") :]
FLOWS = [flow for kind in KINDS.values() for flow in kind.flows]


def parts(placeholder: str) -> list[str]:
    """The paths with `<system>` or `<flow>` in them that the steps name."""
    return sorted(set(re.findall(rf"`([\w/.]*<{placeholder}>[\w/.]*)`", STEPS)))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("part", parts("system"))
def test_a_system_has_every_part(system: str, part: str) -> None:
    assert (ROOT / part.replace("<system>", system)).exists()


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("part", parts("flow"))
def test_a_flow_has_every_part(flow: str, part: str) -> None:
    assert (ROOT / part.replace("<flow>", flow)).exists()


def test_the_map_names_enough() -> None:
    assert len(parts("system")) >= 8
    assert len(parts("flow")) >= 8


def test_every_system_has_a_sandbox_and_data() -> None:
    assert {room.name for room in ROOMS} == set(SEEDS)
    # AutoVu has a sandbox for each package that a tenant may sync with.
    assert {"autovu" if name.startswith("autovu_") else name for name in SEEDS} == set(SYSTEMS)


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_a_document_names_is_there(path: Path) -> None:
    places = (ROOT, PACKAGE, PACKAGE.parent, path.parent)
    names = re.findall(r"`([\w/.]+\.(?:py|toml|yaml|md))`", path.read_text())
    assert not [name for name in names if "/" in name and not any((at / name).exists() for at in places)]
