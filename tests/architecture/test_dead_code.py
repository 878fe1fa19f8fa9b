"""No dead code: what nothing uses is deleted, or `dead_code.toml` says who uses it out of vulture's sight."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from vulture import Vulture

from tests.architecture.sources import CLI, FUNCTIONS, LOCAL, PACKAGE, ROOT, TESTS, shown

KNOWN = tomllib.loads(Path(__file__).with_name("dead_code.toml").read_text())
# What runs. A test's use of it does not keep it alive.
PRODUCT = (PACKAGE, FUNCTIONS, LOCAL, CLI)
# pytest finds these by their names and marks.
COLLECTED = {
    "ignore_names": ["test_*", "Test*", "pytest_*", "pytestmark"],
    "ignore_decorators": ["@pytest.fixture*"],
}
ENTRIES = [(entry, used["why"]) for used in KNOWN["used"] for entry in used["names"]]


@cache
def unused() -> tuple[frozenset[str], frozenset[str]]:
    """What nothing in the product seems to use, and what nothing there or in the tests does: `path: name`."""
    finder = Vulture(**COLLECTED)
    return _unused(finder, *PRODUCT), _unused(finder, TESTS)


def _unused(finder: Vulture, *folders: Path) -> frozenset[str]:
    """What seems unused once these folders have been read, too."""
    finder.scavenge([str(folder) for folder in folders], exclude=[str(TESTS / "docs" / "toy" / "*")])
    return frozenset(f"{shown(Path(item.filename))}: {item.name}" for item in finder.get_unused_code())


@cache
def named() -> frozenset[str]:
    """The names that are looked up at run time, from the places that hold them as text."""
    return frozenset(_named())


def _named() -> Iterator[str]:
    for place in KNOWN["named"]:
        for path in ROOT.glob(place["in"]):
            yield from re.findall(place["as"], path.read_text())


def test_all_code_of_the_product_is_used() -> None:
    dead = [
        item
        for item in sorted(unused()[0])
        if item.split(": ")[1] not in named() and not any(fnmatch(item, entry) for entry, _ in ENTRIES)
    ]
    assert not dead, "delete it, or say in tests/architecture/dead_code.toml who uses it"


def test_all_code_of_the_tests_is_used() -> None:
    dead = [
        item
        for item in sorted(unused()[1])
        if item.startswith("tests/") and not any(fnmatch(item, entry) for entry, _ in ENTRIES)
    ]
    assert not dead


@pytest.mark.parametrize(("entry", "why"), ENTRIES)
def test_an_exception_is_still_one_and_says_why(entry: str, why: str) -> None:
    assert len(why.split()) > 3
    found = unused()[entry.startswith("tests/")]
    assert any(fnmatch(item, entry) for item in found), "not needed any more"


@pytest.mark.parametrize("place", KNOWN["named"], ids=lambda place: place["in"])
def test_a_place_that_holds_names_holds_some(place: dict[str, str]) -> None:
    texts = [path.read_text() for path in ROOT.glob(place["in"])]
    assert any(re.search(place["as"], text) for text in texts)
