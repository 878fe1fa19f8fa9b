"""From what was read of a document to what would be posted of it, or why it is not; no call is made."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import Account, Document, Line, Nominal, Posted, Posting, Takes, TaxCode
from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.flows.invoice_sync.linking import namesakes
from payrelay.flows.invoice_sync.parties import Found
from payrelay.flows.invoice_sync.posting import changes_of, mark_of, posting_of
from payrelay.flows.invoice_sync.read import Chart, Standing
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.rules import Seen, first_failing, judged, total_as_posted
from payrelay.flows.invoice_sync.taxes import Codes, Meant, code_of, is_named
from payrelay.flows.invoice_sync.unread import Unasked, Unread
from payrelay.flows.invoice_sync.writes import Adoption, Payload, Post, Row, TakeOff, Tell
from payrelay.systems.autovu.client import SYSTEM
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow, Unusable

ENTITY = "document"


class Package(Protocol):
    """What a package says of its own ways, without a call."""

    @property
    def takes(self) -> Takes:
        """What it takes of a document."""

    def nominal_code(self, code: str) -> str:
        """A nominal code of AutoVu's as the package writes it."""

    def total_of(self, posting: Posting) -> Decimal:
        """The gross total that the package will make of it."""


class Terms(Struct, frozen=True):
    """How documents of one connection are compared: the package, its name for people, and its taxes.

    By AutoVu's tax selectors: `codes` are names or ids of the package's tax codes, `rates` are in per cent.
    """

    package: Package
    label: str
    connection_id: str
    rates: Mapping[str, Decimal]
    codes: Mapping[str, tuple[str, ...]] = {}


def seen_of(found: Found, chart: Chart, terms: Terms) -> Seen:
    """A document as the checks look at it, before anything is known of its number."""
    document = found.document
    nominals = _nominals(document, chart, terms)
    tax_codes = {line.line_no: _tax_code(line, document, chart, terms) for line in document.lines}
    adopted = namesake(found)
    account = _or_why(found.known, document) or adopted
    posting = posting_of(
        document,
        nominals,
        tax_codes,
        needs_tax=chart.needs_tax,
        account_id=account.id if isinstance(account, Account) else "",
        connection_id=terms.connection_id,
        longest_text=terms.package.takes.text,
    )
    return Seen(
        package=terms.label,
        document=document,
        accs_id=found.linked,
        account=account,
        alike=found.alike,
        care_of_id=found.care_of_id,
        care_of=_or_why(found.care_of, document),
        care_of_name=found.care_of_name,
        nominals=nominals,
        selectors=chart.selectors,
        tax_codes=tax_codes,
        needs_tax=chart.needs_tax,
        takes=terms.package.takes,
        company=chart.company,
        currencies=found.currencies,
        uses_care_of=chart.care_of and document.care_of_account_id is not None,
        posting=posting,
        total=terms.package.total_of(posting) if posting else None,
    )


def lacks_nominal(document: Document, chart: Chart, package: Package) -> bool:
    """Whether a line names a nominal that the chart does not have for this kind of document."""
    codes = {package.nominal_code(line.nominal_code) for line in document.lines if line.nominal_code}
    found = [chart.nominals.get(code) for code in codes]
    return any(one is None or document.kind.side not in one.ids for one in found)


def namesake(found: Found) -> Account | None:
    """The one account of the same name, for a document whose account's link a person removed (IN-6)."""
    same = namesakes(found.alike)
    return same[0] if found.removed and len(same) == 1 else None


def numbered(seen: Seen, standing: Standing) -> Seen:
    """The same, with what stands under its number in the package."""
    document = seen.document
    account_id = seen.account.id if isinstance(seen.account, Account) else None
    own, taken = judged(standing.posted, mark_of(document.document_id), document.kind, account_id)
    why = None if own or standing.unusable is None else standing.unusable.why(document.label)
    return replace(seen, own=own, taken=taken or why)


def sent_as(seen: Seen, standing: Standing) -> Seen:
    """The same, with what stands under another number with which it may have been posted before.

    Timeline: a document is posted, the answer is lost, and a person gives it another number in AutoVu.
    """
    document = seen.document
    own, _ = judged(standing.posted, mark_of(document.document_id), document.kind, None)
    if seen.own or own or standing.unusable is None:
        return replace(seen, own=seen.own or own)
    return replace(seen, taken=standing.unusable.why(document.label))


def planned(seen: Seen) -> Write[Payload] | Record:
    """A write, or the record of a document whose StatusCode says already why it can't be synced."""
    document = seen.document
    row = Row(document.row_version, document.status_code)
    if seen.own:
        differs = as_posted(document, seen.own, seen.package)
        change = Change("external_id", None, seen.own.id)
        record = record_of(document, Outcome.CREATED, differs, (change,))
        return Write(record, TakeOff(row), target_id=seen.own.id)
    why = first_failing(seen)
    if why is not None:
        record = record_of(document, Outcome.BLOCKED, why)
        return record if row.status_code == why.message else Write(record, Tell(row, why.message))
    if seen.posting is None or not isinstance(seen.account, Account):
        raise ValueError(f"{document.label} passes every check and can't be posted")
    record = record_of(document, Outcome.CREATED, None, changes_of(seen.posting, seen.total))
    adopts = None
    if seen.accs_id is None:
        adopts = Adoption(document.account_id, document.kind.side, seen.account.id)
    by_mark = document.kind in seen.company.numbers_anew
    return Write(record, Post(row, seen.posting, adopts, by_mark=by_mark))


def as_posted(document: Document, own: Posted, package: str) -> Reason | None:
    """What to say of a document that stands in the package otherwise than AutoVu has it now, if it does."""
    if own.number and own.number.casefold() != document.number.casefold():
        edited = {"edited": f"given another number than {own.number}", "or_void": "", "id": own.id}
        return reason("DOCUMENT_EDITED", label=document.label, package=package, **edited)
    return total_as_posted(document.label, package, own, document.gross)


def record_of(
    document: Document, outcome: Outcome, why: Reason | None, changes: tuple[Change, ...] = ()
) -> Record:
    """The record of a document."""
    document_id = document.document_id
    return Record(ENTITY, document_id, document.label, outcome, document_id, why, changes)


def _or_why(found: Account | Unread | Unasked | None, document: Document) -> Account | Reason | None:
    return found.why(document.label) if isinstance(found, Unread | Unasked) else found


def _nominals(document: Document, chart: Chart, terms: Terms) -> dict[str, Nominal | Reason]:
    """What the package has by the codes of the lines; why, where the row of a code may be an unusable one."""
    side = document.kind.side
    found: dict[str, Nominal | Reason] = {}
    for code in dict.fromkeys(line.nominal_code for line in document.lines if line.nominal_code):
        written = terms.package.nominal_code(code)
        nominal = chart.nominals.get(written)
        bad = Unusable(chart.bad_nominals, _number).instead_of(written)
        if bad is not None and (nominal is None or side not in nominal.ids):
            found[code] = Unread(replace(bad, number=code), "nominal", terms.label).why(document.label)
        elif nominal is not None:
            found[code] = nominal
    return found


def _tax_code(line: Line, document: Document, chart: Chart, terms: Terms) -> TaxCode | Reason | None:
    """The package's tax code for a line: by its own tax code, or else by its nominal's selector."""
    code = line.nominal_code or ""
    own_selector = chart.selectors.get(code)
    if own_selector is None and (chart.needs_selector or not line.tax_code):
        bad = Unusable(chart.bad_selectors, _number).instead_of(code)
        if bad is not None:
            return Unread(replace(bad, number=code), "nominal", label(SYSTEM)).why(document.label)
    selector = line.tax_code or own_selector or ""
    meant = Meant(selector, terms.codes.get(selector, ()), terms.rates.get(selector))
    if (not meant.names and meant.rate is None) or (chart.needs_selector and own_selector is None):
        return None
    chosen = code_of(line, meant, document, Codes(terms.label, chart.tax_codes))
    return _lost(meant, chosen, chart, terms, document) or chosen


def _lost(
    meant: Meant, code: TaxCode | Reason | None, chart: Chart, terms: Terms, document: Document
) -> Reason | None:
    """Why a tax code that can't be used may be the one that is missing."""
    if isinstance(code, TaxCode) or not chart.bad_tax_codes:
        return None
    named = [one for one in chart.bad_tax_codes if _is_bad(one, meant.names)] if meant.names else []
    if named or code is None:
        return Unread((named or chart.bad_tax_codes)[0], "tax code", terms.label).why(document.label)
    return None


def _is_bad(row: BadRow, names: tuple[str, ...]) -> bool:
    return not row.id or is_named(TaxCode(row.id, row.number, Decimal(), frozenset()), names)


def _number(row: BadRow) -> str:
    return row.number
