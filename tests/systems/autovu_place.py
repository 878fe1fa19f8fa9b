"""How AutoVu's client is told which version of which document a change is for."""

from payrelay.systems.autovu.models import Document


def place(document: Document) -> tuple[str, str]:
    """Its id and its version."""
    return document.document_id, document.row_version
