"""How documents and what they come in are named: to people, and so that a replay finds them again."""

from __future__ import annotations

from urllib.parse import quote, unquote

from msgspec import Struct

from payrelay.flows.document_pull.rules import Group, Kind

SOURCE, TARGET = "Exact Payroll Plus", "Exact Synergy"
TITLES = {Kind.SLIP: "Payslip", Kind.STATEMENT: "Annual statement"}
# The settings of HRM, as the screen of Exact Synergy has them.
FIELDS = {
    Kind.SLIP: "Payroll slip: Document type",
    Kind.STATEMENT: "Annual statement: Document type",
}
_GROUPS = {"run": Kind.SLIP, "year": Kind.STATEMENT}


class Place(Struct, frozen=True):
    """Where a document is listed: in the slips of a run, or the statements of a year; "" for all of them."""

    kind: Kind
    group: str
    document: str = ""

    @classmethod
    def parse(cls, source_id: str) -> Place:
        """The place that a source id is."""
        kind, _, rest = source_id.partition(":")
        group, _, document = rest.partition(":")
        return cls(_GROUPS[kind] if kind in _GROUPS else Kind(kind), unquote(group), unquote(document))

    @property
    def source_id(self) -> str:
        """How a replay finds it again."""
        if not self.document:
            return f"{'run' if self.kind is Kind.SLIP else 'year'}:{_quoted(self.group)}"
        return f"{self.kind}:{_quoted(self.group)}:{_quoted(self.document)}"

    @property
    def group_key(self) -> str:
        """The key of its group."""
        return f"{'run' if self.kind is Kind.SLIP else 'year'}:{self.group}"


def _quoted(text: str) -> str:
    return quote(text, safe="")


def group_label(group: Group, description: str = "") -> str:
    """How messages name a run or a year: `Payroll run Januari 2026 (run-55)`."""
    if group.kind is Kind.STATEMENT:
        return f"Payroll year {group.id}"
    return f"Payroll run {description or group.period} ({group.id})"


def subject(group: Group, version: int) -> str:
    """The subject of a document in Exact Synergy: `Payslip 2026-01`, from version 2 on with its version."""
    return f"{TITLES[group.kind]} {group.period}" + (f" (version {version})" if version > 1 else "")


def person_label(number: object, name: str | None) -> str:
    """How messages name a person: `Hanneke de Graaf (1042)`."""
    return f"{name} ({number})" if name else f"employee {number}"


def document_label(group: Group, employee: str, name: str | None) -> str:
    """How messages name a document: `Payslip 2026-01 of Hanneke de Graaf (1042)`."""
    return f"{TITLES[group.kind]} {group.period} of {person_label(employee, name)}"
