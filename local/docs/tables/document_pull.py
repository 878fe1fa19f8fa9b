"""Tables of docs/flows/document_pull.md (DOC-1 to DOC-4)."""

from __future__ import annotations

from local.docs.markdown import code, table
from local.docs.settings import settings_table
from payrelay.flows.document_pull.names import FIELDS, TITLES
from payrelay.flows.document_pull.reasons import REASONS
from payrelay.flows.document_pull.rules import Kind, key_of
from payrelay.flows.document_pull.settings import DocumentPullOptions, DocumentSettings

_OUT = {Kind.SLIP: "its payroll run is processed and approved", Kind.STATEMENT: "its year is closed"}


def kinds() -> str:
    """The two kinds of documents: when, as what, and under which key."""
    rows = [
        (TITLES[kind], _OUT[kind], FIELDS[kind], code(key_of(kind, "<id>")), code(key_of(kind, "<id>", 2)))
        for kind in Kind
    ]
    return table(("document", "pulled once", "its type in Exact Synergy", "key", "key of version 2"), rows)


def settings() -> str:
    """Settings of a connection that are about its documents."""
    return settings_table(DocumentSettings)


def options() -> str:
    """Options of a run."""
    return settings_table(DocumentPullOptions)


def reasons() -> str:
    """The reasons that this flow alone gives."""
    return table(("code", "message", "what to do"), ((code(name), *texts) for name, texts in REASONS.items()))
