"""The map's steps are complete: a toy vendor and a toy flow, added to a copy of the tree by them, run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import toy_tree
from tests.docs.toy_tree import SECTIONS, covers

# What holds every vendor and every flow, and the toy's own tests: of the former only what concerns the toy.
TESTS = (
    "tests/architecture/test_arrows.py",
    "tests/docs/test_generated.py",
    "tests/docs/test_map.py",
    "tests/docs/test_requirements.py",
    "tests/template/test_calls.py",
    "tests/template/test_flows.py",
    "tests/template/test_secrets_access.py",
    "tests/api/test_openapi.py",
    "tests/systems/test_registry.py",
    "tests/systems/test_bulletin.py",
    "tests/systems/test_bulletin_adapter.py",
    "tests/sandbox/test_rooms.py",
    "tests/sandbox/test_bulletin.py",
    "tests/flows/pin_notes",
)
CONCERNED = (
    *("bulletin", "pin_notes", "PinNotes", "TOY", "packages_import", "contracts_name", "enough"),
    *("has_a_sandbox", "every_maker", "mark_names", "enumerations", "a_history", "own_order"),
    *("started_by_the_api", "machine_is_left", "each_kind_there_is", "under_its_tags"),
)


@pytest.mark.parametrize("section", SECTIONS)
def test_each_step_says_what_to_change_and_the_toy_changes_it(section: str) -> None:
    changed = {*toy_tree.files(), *(edit["file"] for edit in toy_tree.edits(section))}
    for step in toy_tree.steps(section):
        assert step, "a step that names no file"
        assert not [path for path in step if not any(covers(path, one) for one in changed)]


def test_nothing_of_the_toy_belongs_to_no_step() -> None:
    named = {section: [p for step in toy_tree.steps(section) for p in step] for section in SECTIONS}
    everywhere = [path for paths in named.values() for path in paths]
    assert not [f for f in toy_tree.files() if not any(covers(path, f) for path in everywhere)]
    for section, paths in named.items():
        edited = {edit["file"] for edit in toy_tree.edits(section)}
        assert not [file for file in edited if not any(covers(path, file) for path in paths)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the toy in it."""
    to = tmp_path_factory.mktemp("tree")
    toy_tree.add_toy(to)
    assert run(to, "-m", "local.docs").returncode == 0
    return to


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of Python in the copy, whose modules come before those of this tree."""
    environment = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'layers' / 'payrelay'}"}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def test_the_toy_is_accepted_by_what_holds_every_vendor_and_flow_and_it_runs(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(tree, "-m", "pytest", "-p", "no:cacheprovider", *TESTS, "-k", " or ".join(CONCERNED), "-rA")
    assert done.returncode == 0, done.stdout[-4000:]
    for own in ("test_a_run_pins_what_differs_and_a_second_one_nothing", "TestBulletin::", "[TOY-1]"):
        assert own in done.stdout
    with capsys.disabled():
        for name, sections in (("vendor", ("vendor",)), ("flow and its kind", ("kind", "flow"))):
            files, lines, edits = toy_tree.cost(*sections)
            told = f"A {name}: {files} files of {lines} lines, and {edits} lines in files that are there"
            print(f"\n{told}", end="")  # noqa: T201  (what is measured is to be seen)


def test_the_toy_is_written_like_everything_else(tree: Path) -> None:
    edited = {edit["file"] for section in SECTIONS for edit in toy_tree.edits(section)}
    python = sorted(name for name in {*toy_tree.files(), *edited} if name.endswith(".py"))
    for command in (("check",), ("format", "--check")):
        done = run(tree, "-m", "ruff", *command, "--no-cache", "-q", *python)
        assert done.returncode == 0, done.stdout
