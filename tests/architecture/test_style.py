"""What style rules a machine can hold, and that matter: no more than these."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from tests.architecture.sources import CLI, FUNCTIONS, LOCAL, PACKAGE, TESTS, python_files, shown, tree

ALL = python_files(PACKAGE, FUNCTIONS, LOCAL, CLI, TESTS)
# Names that say nothing of what lives there.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def test_every_module_says_what_lives_there() -> None:
    silent = [shown(path) for path in ALL if path.stat().st_size and not ast.get_docstring(tree(path))]
    assert not silent


def test_a_path_names_what_lives_there() -> None:
    assert not [shown(path) for path in ALL if EMPTY_NAMES & {path.stem, path.parent.name}]


def test_nothing_is_left_for_later() -> None:
    guilty = []
    for path in ALL:
        tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
        guilty += [f"{shown(path)}: {comment}" for comment in comments if LATER.search(comment)]
    assert not guilty
