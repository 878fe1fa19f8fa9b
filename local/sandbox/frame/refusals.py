"""How a system says no: a code of the room's table, with its status and words, and what it is about."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """A call that the system refuses. `code` names a row of the room's `refusals`.

    Message and status are those of the table unless they are given; `beside` is what a room's own body
    has more.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        field: str | None = None,
        *,
        status: int = 0,
        headers: Mapping[str, str] | None = None,
        beside: Any = None,
    ) -> None:
        super().__init__(code, message)
        self.code, self.message, self.field, self.status = code, message, field, status
        self.headers = dict(headers or {})
        self.beside = beside

    def by(self, table: Mapping[str, tuple[int, str]]) -> "Refused":
        """The same with status and words of a table where it has none of its own."""
        status, words = table[self.code]
        self.status, self.message = self.status or status, self.message or words
        return self
