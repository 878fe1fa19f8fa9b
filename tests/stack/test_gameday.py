"""Game day on the running stack: each incident is broken, cured by the runbook's commands, and proved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.demo.client import Outside
from local.gameday.__main__ import INCIDENTS
from local.gameday.incident import Incident, Scene
from local.gameday.story import Story
from local.stack.stack import Stack

pytestmark = pytest.mark.stack

TOUCHED = (
    "simployer",
    "xledger",
    "autovu_xero",
    "xero",
    "synergy",
    "payroll_plus",
    "millennium",
    "timeworksplus",
)


@pytest.fixture(scope="module")
def scene(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The stack that all tests here share, and afterwards the data of the sandboxes as they were."""
    outside = [Outside(stack.facts["sandboxes"][name]) for name in TOUCHED]
    before = [one.state() for one in outside]
    scene = Scene.of(stack, tmp_path_factory.mktemp("gameday"))
    scene.prepare()
    yield scene
    scene.waits(1)
    for one, state in zip(outside, before, strict=True):
        one.calm()
        one.put(state)


@pytest.mark.requirement("OPS-1", "OPS-2", "OPS-3", "OPS-4", "OPS-5", "TRG-5")
@pytest.mark.parametrize("kind", INCIDENTS, ids=lambda kind: kind.__name__)
def test_an_incident_is_told_cured_by_the_runbook_and_proved(scene: Scene, kind: type[Incident]) -> None:
    kind().play(scene, scene.shells[0], Story())
