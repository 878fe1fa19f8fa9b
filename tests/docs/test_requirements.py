"""Every requirement in scope has one place and a test, and every mark names a requirement that there is."""

from __future__ import annotations

import ast
import re

import pytest

from local.docs.requirements import IN_SCOPE, file_of, proofs


def told_at(place: str) -> str:
    """The docstring of a place: of its module, or of the name in it; KeyError without the name."""
    file, name = file_of(place), place.partition(": ")[2]
    if file.suffix != ".py":
        return file.read_text()
    nodes: list[ast.stmt] = ast.parse(file.read_text()).body
    if not name:
        return ast.get_docstring(ast.parse(file.read_text())) or ""
    for part in name.split("."):
        named = {node.name: node for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        nodes = named[part].body
    return ast.get_docstring(named[part]) or ""


@pytest.mark.parametrize("requirement", IN_SCOPE)
def test_a_requirement_in_scope_has_a_test(requirement: str) -> None:
    assert proofs().get(requirement)


@pytest.mark.parametrize("requirement", IN_SCOPE)
def test_the_place_of_a_requirement_is_there_and_cites_it(requirement: str) -> None:
    row = IN_SCOPE[requirement]
    assert row.keys() == {"promise", "place"}
    assert re.search(rf"\b{requirement}\b(?!\d)", told_at(row["place"])), f"{row['place']} does not cite it"


def test_every_mark_names_a_known_requirement() -> None:
    unknown = {name: tests for name, tests in proofs().items() if name not in IN_SCOPE}
    assert not unknown, "put it into local/docs/requirements.toml, or mend the mark"
