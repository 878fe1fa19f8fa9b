"""What style rules a machine can hold, and that matter: no more than these."""

from __future__ import annotations

import io
import re
import tokenize
from functools import cache
from pathlib import Path

from tests.architecture.sources import CLI, FUNCTIONS, LOCAL, PACKAGE, TESTS, python_files, shown

ALL = python_files(PACKAGE, FUNCTIONS, LOCAL, CLI, TESTS)
# Names that say nothing of what lives there.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
TOLD = re.compile(r'(?:#.*\n)*"""\s*[^\s"]')
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


@cache
def texts() -> dict[Path, str]:
    """What stands in every file."""
    return {path: path.read_text() for path in ALL}


def test_every_module_says_what_lives_there() -> None:
    assert not [shown(path) for path, text in texts().items() if text and not TOLD.match(text)]


def test_a_path_names_what_lives_there() -> None:
    assert not [shown(path) for path in ALL if EMPTY_NAMES & {path.stem, path.parent.name}]


def test_nothing_is_left_for_later() -> None:
    guilty = []
    for path, text in texts().items():
        tokens = tokenize.generate_tokens(io.StringIO(text).readline) if LATER.search(text) else ()
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
        guilty += [f"{shown(path)}: {comment}" for comment in comments if LATER.search(comment)]
    assert not guilty
