"""`python -m local.docs`: make the tables of all documents anew."""

from __future__ import annotations

from .documents import DOCS, documents, filled

if __name__ == "__main__":
    for path in documents():
        path.write_text(filled(path.read_text()))
        print(path.relative_to(DOCS.parent))
