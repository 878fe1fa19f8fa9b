"""What payroll gives back: pay slips, annual statements, and the entries for the ledger."""

import base64
import binascii
import hashlib
from collections.abc import Iterable

from local.sandbox.frame.calls import Answer
from local.sandbox.frame.kinds import (
    DAY,
    FLAG,
    KEY,
    NAME,
    TEXT,
    like,
    listed,
    misfit,
    one_of,
    or_null,
    record,
    that,
    whole,
)
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import System

from .rows import YEAR

SLIP, STATEMENT = "PaySlip", "AnnualStatement"
_EMPTY_PDF = "JVBERi0="
_LANGUAGE = like("a language such as nl", r"[a-z]{2}")
# Whether an amount has cents, and whether an entry adds up, is for its reader to see.
_AMOUNT = like('an amount as text, such as "3500.00"', r"-?\d{1,12}(\.\d{1,6})?")


def _is_base64(value: object) -> bool:
    try:
        base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except binascii.Error:
        return False
    return isinstance(value, str)


def _document(row: Row, reading: Reading) -> Row:
    """Of the year of its run, and announced by the checksum of its content, unless the state says another."""
    run = reading.store["payrollRuns"].get(row.get("runId"))
    if run is None and "year" not in row:
        raise misfit("year", "is required")
    kind = STATEMENT if row.get("runId") is None else SLIP
    content = row.get("content", _EMPTY_PDF)
    named = {
        "kind": kind,
        "runId": None,
        "year": int(run["prPeriod"][:4]) if run else None,
        "version": 1,
        "blank": False,
        "fileName": f"{row['documentId']}.pdf",
        "sha256": hashlib.sha256(base64.b64decode(content)).hexdigest(),
        "content": content,
    }
    return {**named, **row}


DOCUMENTS = Resource(
    "documents",
    ("documentId", "language"),
    {
        "documentId": KEY,
        "kind": one_of(SLIP, STATEMENT),
        "employeeId": KEY,
        "runId": or_null(KEY),
        "year": whole(1900, 2099, "a year such as 2026"),
        "language": _LANGUAGE,
        "version": whole(1),
        "blank": FLAG,
        "fileName": NAME,
        "sha256": NAME,
        "content": that("base64", _is_base64),
    },
    needed=("documentId", "employeeId"),
    defaults={"language": "nl"},
    made=_document,
    order=("documentId",),
    hidden=("content",),
)
YEARS = Resource(
    "payrollYears",
    "year",
    {"year": whole(1900, 2099, "a year such as 2026"), "status": one_of("Open", "Closed")},
    needed=("year", "status"),
)
_LINE = record(
    {
        "lineNo": whole(1),
        "glAccount": TEXT,
        "costCentre": or_null(TEXT),
        "costUnit": or_null(TEXT),
        "amount": _AMOUNT,
        "description": TEXT,
    },
    ("lineNo", "glAccount", "amount"),
)


def _entry(row: Row, _: Reading) -> Row:
    """Its dates are alike, where the state does not tell them apart; its lines are those of wages."""
    lines = [{"costCentre": "", "costUnit": "", "description": "Salaris", **line} for line in row["lines"]]
    dates = dict.fromkeys(("reportingDate", "fulfilmentDate"), row["entryDate"])
    return {"description": "", **dates, **row, "lines": lines}


ENTRIES = Resource(
    "journalEntries",
    "entryId",
    {
        "entryId": KEY,
        "runId": KEY,
        "administratienummer": NAME,
        "description": TEXT,
        "entryDate": DAY,
        "reportingDate": DAY,
        "fulfilmentDate": DAY,
        "lines": listed(_LINE),
    },
    needed=("entryId", "runId", "entryDate", "lines"),
    made=_entry,
    group=("runId",),
)
RESOURCES = (DOCUMENTS, YEARS, ENTRIES)


class Outputs:
    """The routes of documents and entries, over the store of a room."""

    def __init__(self, room: System) -> None:
        self._room = room

    def routes(self) -> Iterable[Route]:
        """Of the whole employer."""
        pages = self._room.paging.query
        of_run, of_year = {"runId": KEY, "language": _LANGUAGE}, {"year": YEAR, "language": _LANGUAGE}
        return (
            Route("GET", "/paySlips", "list paySlips", self._slips, {**of_run, **pages}, tuple(of_run)),
            Route(
                "GET",
                "/annualStatements",
                "list annualStatements",
                self._statements,
                {**of_year, **pages},
                tuple(of_year),
            ),
            Route(
                "GET",
                "/documents/<documentId>/content",
                "get documents",
                self._content,
                {"language": _LANGUAGE},
                ("language",),
            ),
            Route(
                "GET",
                "/journalEntries",
                "list journalEntries",
                self._entries,
                {"runId": KEY, **pages},
                ("runId",),
            ),
            self._room.lists("/payrollYears", YEARS),
        )

    def _slips(self, asked: Asked) -> object:
        return self._documents(asked, "runId")

    def _statements(self, asked: Asked) -> object:
        return self._documents(asked, "year")

    def _documents(self, asked: Asked, field: str) -> object:
        """Those of a run, or the statements of a year, in one language."""
        kind = SLIP if field == "runId" else STATEMENT
        wanted = (kind, asked.query[field], asked.query["language"])
        store = self._room.store

        def found() -> list[Row]:
            rows = store["documents"].rows()
            chosen = (row for row in rows if (row["kind"], row[field], row["language"]) == wanted)
            return [row for row in chosen if self._is_out(row)]

        # Whether a document is out depends on other rows too.
        rows = store.listings.of(store["documents"], (self._room.version, *wanted), found)
        return self._page(rows, DOCUMENTS, asked)

    def _content(self, asked: Asked) -> Answer:
        row = self._room.store["documents"].get((asked.path["documentId"], asked.query["language"]))
        if row is None or not self._is_out(row):
            raise self._room.not_there(asked)
        return Answer(200, base64.b64decode(row["content"]), {"Content-Type": "application/pdf"})

    def _is_out(self, row: Row) -> bool:
        """A slip once its run is approved, a statement once its year is closed."""
        if row["kind"] == SLIP:
            run = self._room.store["payrollRuns"].get(row["runId"])
            return run is not None and run["status"] == "Approved"
        year = self._room.store["payrollYears"].get(row["year"])
        return year is not None and year["status"] == "Closed"

    def _entries(self, asked: Asked) -> object:
        """Those of a run that has been processed."""
        run = self._room.store["payrollRuns"].get(asked.query["runId"])
        rows = self._room.store["journalEntries"].of(asked.query["runId"])
        return self._page(rows if run and run["status"] != "Open" else [], ENTRIES, asked)

    def _page(self, rows: list[Row], of: Resource, asked: Asked) -> object:
        page = self._room.paging.cut(rows, (), asked.query, of)
        return self._room.envelope(page._replace(rows=[of.shown(row) for row in page.rows]), asked)
