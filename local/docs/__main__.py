"""`python -m local.docs`: make the tables of all documents anew, and what the console has of them."""

from __future__ import annotations

from local.console.generated import generated

from .documents import DOCS, documents, filled

if __name__ == "__main__":
    for path in documents():
        path.write_text(filled(path.read_text()))
        print(path.relative_to(DOCS.parent))
    for path, text in generated().items():
        path.write_text(text)
        print(path.relative_to(DOCS.parent))
