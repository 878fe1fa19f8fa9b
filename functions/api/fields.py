"""The fields of a body: what is wrong is gathered, so that one answer names everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from payrelay.runtime.problems import invalid

if TYPE_CHECKING:
    from payrelay.errors import FieldError

_LONGEST_NAME = 100


class Fields:
    """A body that may have the fields `allowed` and must have those `required`."""

    def __init__(self, body: Mapping[str, Any], allowed: Sequence[str], required: Iterable[str] = ()) -> None:
        self._body = body
        self.errors: list[FieldError] = [
            (name[:_LONGEST_NAME], f"is not known; allowed: {', '.join(allowed) or 'none'}")
            for name in body
            if name not in allowed
        ]
        self.errors += [(name, "is required") for name in required if name not in body]

    def __contains__(self, name: object) -> bool:
        return name in self._body

    def __iter__(self) -> Iterator[str]:
        """The names that were given."""
        return iter(self._body)

    def refuse(self, field: str, message: str) -> None:
        """Note that a field is wrong."""
        self.errors.append((field, message))

    def text(self, name: str, longest: int) -> str:
        """A text with something in it; blanks around it are cut off. Empty if left out."""
        value = self._body.get(name)
        if name not in self._body:
            return ""
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            self.refuse(name, f"must be a text of 1 to {longest} characters")
            return ""
        return value.strip()

    def one_of(self, name: str, allowed: Iterable[str], default: str = "") -> str:
        """One of these words."""
        words = list(allowed)
        value = self._body.get(name, default)
        if name in self._body and value not in words:
            self.refuse(name, f"must be one of: {', '.join(words)}")
            return default
        return str(value)

    def object(self, name: str) -> dict[str, Any]:
        """An object, empty if left out."""
        value = self._body.get(name, {})
        if not isinstance(value, dict):
            self.refuse(name, "must be an object")
            return {}
        return value

    def number(self, name: str, most: int) -> float:
        """A number above 0; 0 if left out."""
        value = self._body.get(name, 0)
        right = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= most
        if name in self._body and not right:
            self.refuse(name, f"must be a number above 0 and up to {most}")
        return float(value) if right else 0.0

    def flag(self, name: str) -> bool:
        """True or false; false if left out."""
        value = self._body.get(name, False)
        if not isinstance(value, bool):
            self.refuse(name, "must be true or false")
        return value is True

    def texts(self, name: str, most: int, allowed: Iterable[str] | None = None) -> frozenset[str]:
        """A list of different texts, of `allowed` ones if given; empty only if left out."""
        value = self._body.get(name)
        if name not in self._body:
            return frozenset()
        if not _different_texts(value) or not 0 < len(value) <= most:
            self.refuse(name, f"must be a list of 1 to {most} different texts")
            return frozenset()
        words = value if allowed is None else list(allowed)
        for position, text in enumerate(value):
            if text not in words:
                self.refuse(f"{name}.{position}", f"must be one of: {', '.join(words)}")
        return frozenset(value)

    def stop_if_wrong(self) -> None:
        """Problem 422 that names every wrong field, if there is one."""
        if self.errors:
            raise invalid(self.errors)


def _different_texts(value: object) -> TypeGuard[list[str]]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        return False
    return len(set(value)) == len(value)
