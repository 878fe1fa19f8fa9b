"""Documents in the dossiers of Synergy: their types, whose they are, and how one is found again (DOC)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar, TypeVar
from urllib.parse import quote_plus

from msgspec import Struct, field

from payrelay.systems.odata import text
from payrelay.systems.rows import BadRow, Listed, Reader, Row

from .models import Id
from .odata import Service, any_of

# What one call asks for: so many letters of a filter still fit into the address, and a page has so many rows.
LETTERS_AT_ONCE, ROWS_AT_ONCE = 1_700, 100
# Beside a number, or a key, stand so many letters in the filter: `ID eq … or `.
_BESIDE_ID, _BESIDE_KEY = 10, 30


V = TypeVar("V")


class Setting(Row, frozen=True, rename="pascal", kw_only=True):
    """The settings of HRM that are about documents of payroll."""

    named_by: ClassVar[tuple[str, ...]] = ()

    payroll_slip_document_type: int | None = None
    annual_statement_document_type: int | None = None


class Resource(Row, frozen=True, rename="pascal", kw_only=True):
    """Somebody who has a dossier: whoever has a card, in whatever status."""

    named_by: ClassVar[tuple[str, ...]] = ("id",)

    id: Id = field(name="ID")
    full_name: str | None = None


class Filed(Row, frozen=True, rename="pascal", kw_only=True):
    """A document that is there: whose, and the key that it was stored under."""

    named_by: ClassVar[tuple[str, ...]] = ("key",)

    key: str = field(name="TextFreeField1")
    resource_id: Id = field(name="ResourceID")
    subject: str | None = None


class DocumentTypes(Struct, frozen=True):
    """The document types of slips and statements; None for one that is not defined."""

    slip: int | None = None
    statement: int | None = None


SETTINGS = Reader(Setting, id_key="ID", number_key="ID")
RESOURCES = Reader(Resource, id_key="ID", number_key="ID")
FILED = Reader(Filed, id_key="TextFreeField1", number_key="TextFreeField1")
SETTING = ("PayrollSlipDocumentType", "AnnualStatementDocumentType")
RESOURCE = ("ID", "FullName")
DOCUMENT = ("TextFreeField1", "ResourceID", "Subject")


class Documents:
    """The documents of one server. What is in them is written, and never read."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def types(self) -> DocumentTypes:
        """The document types that the settings of HRM have; a setting that can't be read is none."""
        rows, _ = SETTINGS.read(self._service.rows("HRMSetting", where=None, select=SETTING))
        slips = (row.payroll_slip_document_type for row in rows)
        statements = (row.annual_statement_document_type for row in rows)
        return DocumentTypes(next(filter(None, slips), None), next(filter(None, statements), None))

    def persons(self, numbers: Iterable[int]) -> dict[int, str]:
        """Which of these persons are there, in whatever status, and their names; 100 are one call."""
        asked = dict.fromkeys(numbers)
        found: dict[int, str] = {}
        for part in _in_addresses(asked, lambda number: _BESIDE_ID + len(str(number))):
            raws = self._service.rows("Resource", where=any_of("ID", part), select=RESOURCE)
            rows, _ = RESOURCES.read(raws)
            found.update({row.id: row.full_name or "" for row in rows if row.id in asked})
        return found

    def any_there(self, *prefixes: str) -> bool:
        """Whether there is any document whose key begins so; one call."""
        rows = self._service.rows("Document", where=_begins(prefixes), select=DOCUMENT)
        return next(iter(rows), None) is not None

    def filed(self, keys: Iterable[str]) -> Listed[Filed]:
        """The documents that were stored under these keys, letter by letter; some 40 are one call."""
        asked = dict.fromkeys(keys)
        rows: list[Filed] = []
        bad_rows: list[BadRow] = []
        for part in _in_addresses(asked, lambda key: _BESIDE_KEY + len(quote_plus(key))):
            where = " or ".join(f"TextFreeField1 eq {text(one)}" for one in part)
            found, bad = FILED.read(self._service.rows("Document", where=where, select=DOCUMENT))
            rows += [row for row in found if row.key in asked]
            bad_rows += bad
        return Listed(rows, bad_rows)

    def filed_for(self, person: int, *prefixes: str) -> Listed[Filed]:
        """The documents in the dossier of a person whose key begins so."""
        where = f"ResourceID eq {person:d} and ({_begins(prefixes)})"
        return Listed(*FILED.read(self._service.rows("Document", where=where, select=DOCUMENT)))

    def create(self, values: Mapping[str, object]) -> None:
        """Put a document into a dossier; OutcomeUnknown for an answer that was lost."""
        self._service.create("Document", values)


def _begins(prefixes: Iterable[str]) -> str:
    """A key that begins with one of some texts."""
    return " or ".join(f"startswith(TextFreeField1, {text(one)})" for one in prefixes)


def _in_addresses(values: Iterable[V], letters: Callable[[V], int]) -> Iterator[list[V]]:
    """Values in parts of which each fits into the address of one call."""
    part: list[V] = []
    room = LETTERS_AT_ONCE
    for value in values:
        needed = letters(value)
        if part and (needed > room or len(part) == ROWS_AT_ONCE):
            yield part
            part, room = [], LETTERS_AT_ONCE
        part.append(value)
        room -= needed
    if part:
        yield part
