"""Pay slips and annual statements of Payroll Plus: the lists that announce them, and their content (DOC)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.rows import Listed, Reader, Row

from .models import Text

Kind: TypeAlias = Literal["PaySlip", "AnnualStatement"]
Params: TypeAlias = Sequence[tuple[str, str]]
# What a document is refused with that is not there, or not any more: its run was withdrawn.
NOT_THERE = "NotFound"


class Document(Row, frozen=True, kw_only=True):
    """A document as it is announced: whose it is, and the checksum of its content in one language."""

    named_by: ClassVar[tuple[str, ...]] = ("document_id", "kind", "version")

    document_id: Text
    kind: Kind
    employee_id: Text
    run_id: str | None = None
    year: int
    language: Text
    version: Annotated[int, Meta(ge=1)]
    blank: bool = False
    file_name: str
    sha256: str


class Year(Row, frozen=True, kw_only=True):
    """A payroll year; statements are final once it is closed."""

    named_by: ClassVar[tuple[str, ...]] = ("year", "status")

    year: int
    status: Literal["Open", "Closed"]


class DocumentPage(Struct, frozen=True):
    """One page of a list of documents; `next` is where to go on."""

    rows: Listed[Document]
    next: str | None


DOCUMENTS = Reader(Document, id_key="documentId", number_key="documentId")
YEARS = Reader(Year, id_key="year", number_key="year")


class Lists(Struct, frozen=True):
    """How one employer's documents are asked for: a `page`, all `rows` of a list, the bytes of a `file`."""

    system: str
    page: Callable[[str, Params, str | None], tuple[list[Any], str | None]]
    rows: Callable[[str, Mapping[str, str], Params], list[Any]]
    file: Callable[[str, Mapping[str, str], Params], bytes]


class Documents:
    """One employer's documents. A list of those in a language that it has none in is empty."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def slips(self, run_id: str, language: str, cursor: str | None = None) -> DocumentPage:
        """A page of the pay slips of a run; there are none before it is approved."""
        return self._page("/paySlips", (("runId", run_id), ("language", language)), cursor)

    def statements(self, year: int, language: str, cursor: str | None = None) -> DocumentPage:
        """A page of the annual statements of a year; there are none before it is closed."""
        return self._page("/annualStatements", (("year", str(year)), ("language", language)), cursor)

    def years(self) -> Listed[Year]:
        """All payroll years."""
        return Listed(*YEARS.read(self._lists.rows("/payrollYears", {}, ())))

    def content(self, document_id: str, language: str) -> bytes:
        """The content of a document, whatever it is; Rejected `NotFound` where there is none (any more)."""
        return self._lists.file(
            "/documents/{document}/content", {"document": document_id}, (("language", language),)
        )

    def _page(self, path: str, params: Params, cursor: str | None) -> DocumentPage:
        raws, following = self._lists.page(path, params, cursor)
        if following is not None and (not raws or following == cursor):
            raise error_of_unreadable(self._lists.system, "a page does not lead to the next", safe=True)
        return DocumentPage(Listed(*DOCUMENTS.read(raws)), following)
