"""A vendor's own code and words in a refusal, wherever in its JSON they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .answers import Answer, Explain


def in_json(words: Callable[[Any], tuple[str, str]]) -> Explain:
    """Explains a refusal by the (code, message) that `words` finds in its JSON; by none in any other body."""

    def explain(answer: Answer) -> tuple[str, str]:
        try:
            body = answer.json()
        except ValueError:
            return "", ""
        return words(body)

    return explain


def coded(
    body: object, code: str = "Code", message: str = "Message", field: str = "Field"
) -> tuple[str, str]:
    """Code and message of an object with members of these names; the field's name goes into the message."""
    match body:
        case dict() if isinstance(body.get(code), str) and isinstance(body.get(message), str):
            name = body.get(field)
            text = body[message]
            return body[code], f"{text} ({name})" if isinstance(name, str) and name else text
    return "", ""
