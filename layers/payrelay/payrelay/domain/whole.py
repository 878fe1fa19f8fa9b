"""Remedies name a call of the API by its end; whoever reads one gets it whole, so that it can be typed."""

from __future__ import annotations

import re

_CUT = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) …/")


def whole(text: str, connection_id: str) -> str:
    """A text with the calls in it as they are for that connection; also one that was stored long ago."""
    return _CUT.sub(rf"\1 /connections/{connection_id}/", text)
