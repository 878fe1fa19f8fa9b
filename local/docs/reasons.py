"""docs/reasons.md: every reason code with its message and its remedy, made from domain/reasons.py."""

from __future__ import annotations

from payrelay.domain.reasons import REASONS

from .markdown import code, page, table

INTRO = """\
A record that is skipped, blocked or failed carries a reason, and so does a run that did not end well: a
stable `code`, a `message` that names the values, and a `remedy` that says what a person does next, and
where. Words in braces are filled in."""


def render() -> str:
    """The document."""
    rows = [(code(name), message, remedy) for name, (message, remedy) in REASONS.items()]
    return page(
        "Reasons",
        "layers/payrelay/payrelay/domain/reasons.py",
        INTRO,
        table(("code", "message", "what to do"), rows),
    )
