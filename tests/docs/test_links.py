"""Links lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.documents import anchors, documents, links


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_links_of_a_document_lead_somewhere(path: Path) -> None:
    broken = []
    for link in links(path):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)
    assert not broken


def test_every_document_is_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    todo = list(reached)
    while todo:
        path = todo.pop()
        for link in links(path):
            file = (path.parent / link.partition("#")[0]).resolve()
            if "://" not in link and file.suffix == ".md" and file not in reached:
                reached.add(file)
                todo.append(file)
            if file.is_dir() and file.parent == ROOT / "docs":
                reached |= set(file.glob("*.md"))
    lost = [
        path for path in documents() if path not in reached and "docs" in path.relative_to(ROOT).parts[:1]
    ]
    assert not lost
