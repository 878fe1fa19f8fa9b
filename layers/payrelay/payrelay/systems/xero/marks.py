"""Where our own mark stands in a document of Xero's, and how it is found there again."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

# Bills have no Reference. Their Url, "a link to a source document", is the one field that no page of Xero's
# mixes with what people type. The reserved name makes sure that nobody else's site is ever opened.
_SOURCE = "https://payrelay.invalid/documents/"
_AT_THE_END = re.compile(r"(?:^|.* )\[([^\[\]]+)\]", re.DOTALL)


def marked_reference(reference: str, mark: str) -> str:
    """A reference that also carries the mark: `PO 77 [mark]`."""
    return f"{reference} [{mark}]".lstrip()


def mark_in_reference(reference: str | None) -> str | None:
    """The mark at the end of a reference, if there is one."""
    match = _AT_THE_END.fullmatch(reference or "")
    return match[1] if match else None


def marked_url(mark: str) -> str:
    """An address that carries the mark."""
    return _SOURCE + quote(mark, safe="")


def mark_in_url(url: str | None) -> str | None:
    """The mark in an address of ours, None for any other."""
    return unquote(url.removeprefix(_SOURCE)) if url and url.startswith(_SOURCE) else None
