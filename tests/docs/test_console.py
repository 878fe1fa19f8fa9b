"""What the console has of other documents, and its own, say what is so now."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from local.console.document import PICTURES, SIZES
from local.console.generated import CONSOLE, generated
from local.console.views import VIEWS
from local.gameday.runbook import Runbook
from tests.architecture.javascript import routed
from tests.worlds.contract import document

BOOK = json.loads((CONSOLE / "runbook.json").read_text())
FORMS = json.loads((CONSOLE / "schemas.json").read_text())


def test_the_generated_files_are_fresh() -> None:
    assert not [path.name for path, text in generated().items() if path.read_text() != text], "make docs"


def test_every_view_is_in_the_document_with_its_pictures() -> None:
    assert routed() <= {view.name for view in VIEWS}
    wanted = {size.file(view) for view in VIEWS for size in SIZES}
    wanted |= {size.file(view, "dark") for view in VIEWS if view.dark for size in SIZES}
    assert {path.name for path in PICTURES.glob("*")} == wanted, "make screenshots"


def test_every_alarm_and_every_link_leads_to_an_entry() -> None:
    entries = {entry["id"]: entry for entry in BOOK["entries"]}
    assert set(entries) == {"the-runbook", *(entry.anchor for entry in Runbook.read().entries)}
    assert BOOK["alarms"]
    assert {alarm["entry"] for alarm in BOOK["alarms"]} <= set(entries)
    assert all(entries[alarm["entry"]]["means"] for alarm in BOOK["alarms"])
    assert {part[2] for part in _within(BOOK["entries"]) if part[0] == "a"} <= set(entries)


def test_every_word_of_the_runbook_is_there() -> None:
    """Without its marks, which the blocks stand for."""
    shown = " ".join(text for text in _texts(BOOK["entries"]))
    for entry in Runbook.read().entries:
        for line in re.sub(r"^```\w*$", "", entry.text, flags=re.MULTILINE).splitlines():
            for word in line.split():
                plain = word.strip("*`[]().,:;|-")
                assert plain in shown or "](" in word, word


def test_every_kind_and_flow_has_its_form() -> None:
    named = document()["components"]["schemas"]
    assert set(FORMS["connections"]) == set(named["Kind"]["enum"])
    assert set(FORMS["orders"]) == set(named["Flow"]["enum"])
    for part in _references(FORMS):
        where: Any = FORMS
        for step in part.removeprefix("#/").split("/"):
            where = where[step]
        assert where


def _within(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        if len(value) == 3 and all(isinstance(part, str) for part in value):
            yield value
        for part in value:
            yield from _within(part)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _references(part)
