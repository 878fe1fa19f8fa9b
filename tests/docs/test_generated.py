"""Tables that are made from the code are those that the code makes now, and there are no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.docs.documents import DOCS, documents, filled, makers, names


@pytest.mark.parametrize("path", [*documents()], ids=lambda path: path.relative_to(DOCS).as_posix())
def test_the_tables_of_a_document_are_fresh(path: Path) -> None:
    assert path.read_text() == filled(path.read_text()), f"{path.name} is old: make docs"


def test_every_maker_is_used_by_a_document() -> None:
    used = {name for path in documents() for name in names(path.read_text())}
    assert set(makers()) == used


@pytest.mark.parametrize("name", makers())
def test_a_table_has_rows_of_which_none_is_without_words(name: str) -> None:
    _, _, *rows = makers()[name]().splitlines()
    assert rows
    for row in rows:
        assert sum(bool(cell.strip()) for cell in row.split(" | ")) > 1, row


@pytest.mark.parametrize("text", ["<!-- table: a.b -->\nprose\n", "prose\n<!-- end -->\n"])
def test_prose_is_never_taken_for_a_table(text: str) -> None:
    with pytest.raises(ValueError, match="no end"):
        names(f"{text}\n<!-- table: a.b -->\n<!-- end -->\n")
