"""What can't be read, or is not looked for: why a document that depends on it has to wait (RUN-4)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.records import Reason
from payrelay.domain.spelling import shown
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.systems.rows import BadRow, Unusable


class Unread(Struct, frozen=True):
    """A row that can't be used, and what it is of, for people: an `account` in `AutoVu`."""

    row: BadRow
    what: str
    system: str

    def why(self, label: str) -> Reason:
        """The reason of a document that depends on it, by the document's label."""
        named = f"{self.row.field} of the {self.what} {self.row.number or self.row.id}".rstrip()
        return replace(self.row, field=named).why(label, self.system)


class Unasked(Struct, frozen=True):
    """A text that the package does not look for: the `name` of an account, or the `number` of a document."""

    what: str
    value: str
    system: str
    problem: str

    def why(self, label: str) -> Reason:
        """The reason of a document that depends on it, by the document's label."""
        odd = (char for char in dict.fromkeys(self.value) if not " " <= char <= "~")
        signs = ", ".join(f"{char if char.isprintable() else ''} (U+{ord(char):04X})".strip() for char in odd)
        values = {"what": self.what, "value": shown(self.value), "package": self.system}
        values["signs"] = f" than {signs}" if signs else ""
        values["or_link"] = ", or link the account by its id" if self.what == "name" else ""
        return reason("LOOKUP_REFUSED", label=label, **values, problem=self.problem)


def unread_of(bad: Iterable[BadRow], by: str, key: str, what: str, system: str) -> Unread | None:
    """The unusable row that is, or may be, the one with this key: its `id` or its `number`."""
    row = Unusable(bad, lambda one: str(getattr(one, by))).instead_of(key)
    return Unread(row, what, system) if row else None
