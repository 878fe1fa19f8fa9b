"""Documents in Xero's own form, the totals that it makes of them, and what it says became of each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from payrelay.domain.invoices import Kind, Posted, Posting, PostingLine
from payrelay.errors import OutcomeUnknown, PartlyWritten, Rejected
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.masking import clean
from payrelay.systems.http.wire import Number
from payrelay.systems.rows import Reader

from .endpoint import SYSTEM, elements, messages, rejected
from .marks import marked_reference, marked_url
from .models import CREDIT_NOTES, INVOICES, TYPES, CreditNoteRow, InvoiceRow

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_CENT, _UNIT = Decimal("0.01"), Decimal("0.0001")


class Resource(msgspec.Struct, frozen=True):
    """A collection of Xero's that takes documents: its name, its member for the number, and its rows."""

    name: str
    number: str
    kinds: frozenset[Kind]
    reader: Reader[InvoiceRow] | Reader[CreditNoteRow]


RESOURCES = (
    Resource("Invoices", "InvoiceNumber", frozenset({Kind.SALES_INVOICE, Kind.SUPPLIER_INVOICE}), INVOICES),
    Resource("CreditNotes", "CreditNoteNumber", frozenset({Kind.SALES_CREDIT_NOTE}), CREDIT_NOTES),
)


def is_guid(text: str) -> bool:
    """Whether a text has the form of Xero's ids: any other form in a document is answered by a bare 500."""
    return _GUID.fullmatch(text) is not None


def total_of(posting: Posting) -> Decimal:
    """The gross total that Xero makes: it multiplies line by line, and adds the tax that it is told."""
    return sum((net + line.tax for line, net in _nets(posting)), Decimal("0.00"))


def why_unsendable(posting: Posting) -> str | None:
    """Why a document would break a whole call; None when it may go."""
    if not is_guid(posting.account_id):
        return "The account is no ContactID of Xero's."
    if posting.due_date is None and posting.kind is not Kind.SALES_CREDIT_NOTE:
        return "Xero needs a due date on an invoice."
    return None


def key_of(postings: Sequence[Posting]) -> str:
    """The same for every try at the same documents; Xero takes 128 characters."""
    return hashlib.sha256(" ".join(posting.key for posting in postings).encode()).hexdigest()


def element_of(posting: Posting, resource: Resource) -> dict[str, object]:
    """A document as PUT takes it."""
    element: dict[str, object] = {
        "Type": TYPES[posting.kind],
        resource.number: posting.number,
        "Contact": {"ContactID": posting.account_id},
        "Date": posting.date,
        "LineAmountTypes": "Exclusive",
        "CurrencyCode": posting.currency,
        "Status": "AUTHORISED",
        "LineItems": [_line(line) for line in posting.lines],
    }
    if posting.kind is Kind.SUPPLIER_INVOICE:
        element["Url"] = marked_url(posting.mark)
    else:
        element["Reference"] = marked_reference(posting.reference, posting.mark)
    if posting.kind is not Kind.SALES_CREDIT_NOTE:
        element["DueDate"] = posting.due_date
    return element


class Outcome:
    """What became of the documents of one `post`, gathered over its calls."""

    def __init__(self) -> None:
        self.done: dict[str, Posted] = {}
        self.reasons: dict[str, str] = {}
        self._said: list[str] = []

    def refuse(self, posting: Posting, reason: str) -> None:
        """This one was not taken."""
        self.reasons[posting.document_id] = reason
        self._said.append(reason)

    def take(
        self, body: object, resource: Resource, postings: Sequence[Posting], hidden: Collection[str]
    ) -> None:
        """Read the answer to one call; OutcomeUnknown when it does not speak of every document."""
        if (refusal := rejected(body, hidden)) is not None:
            self._refused_whole(body, refusal, resource, postings, hidden)
            return
        found = elements(body, resource.name, safe=False)
        if len(found) != len(postings):
            raise error_of_unreadable(SYSTEM, "another number of documents than was sent", safe=False)
        for posting, element in zip(postings, found, strict=True):
            if not isinstance(element, dict) or element.get(resource.number) not in (None, posting.number):
                raise error_of_unreadable(SYSTEM, "documents in another order", safe=False)
            if reason := _reason(element, hidden):
                self.refuse(posting, reason)
            else:
                self.done[posting.document_id] = _written(element, resource)

    def result(self, postings: Sequence[Posting]) -> Mapping[str, Posted]:
        """All of them, or the error that tells who is missing."""
        missing = tuple(one.document_id for one in postings if one.document_id not in self.done)
        if not missing:
            return self.done
        message = "; ".join(dict.fromkeys(self._said[:3]))
        if self.done:
            raise PartlyWritten(
                SYSTEM, message, done=self.done, code="400", keys=missing, reasons=self.reasons
            )
        named = tuple(key for key in missing if key in self.reasons)
        raise Rejected(SYSTEM, message, code="400", keys=named, reasons=self.reasons)

    def _refused_whole(
        self,
        body: Any,
        refusal: Rejected,
        resource: Resource,
        postings: Sequence[Posting],
        hidden: Collection[str],
    ) -> None:
        """Nothing of the call was saved; the elements that are shown with reasons are the culprits."""
        self._said.append(refusal.message)
        shown = body.get("Elements")
        for element in shown if isinstance(shown, list) else []:
            reason = "; ".join(messages(element))
            for posting in postings:
                if reason and _is_of(element, posting, resource):
                    self.reasons[posting.document_id] = clean(reason, hidden)


def unknown_after(done: Mapping[str, Posted], error: Exception) -> OutcomeUnknown:
    """The error of a later call when an earlier one was taken: all of them have to be looked up."""
    seconds, named = getattr(error, "seconds", 5), getattr(error, "named", False)
    text = f"{len(done)} documents were taken before a later call failed: {getattr(error, 'message', error)}"
    return OutcomeUnknown(SYSTEM, text, seconds=seconds, named=named, code=getattr(error, "code", ""))


def _is_of(element: Mapping[str, Any], posting: Posting, resource: Resource) -> bool:
    """Whether an element that a refusal echoes is this document: two suppliers' bills may share a number."""
    if element.get(resource.number) != posting.number or element.get("Type") not in (
        None,
        TYPES[posting.kind],
    ):
        return False
    match element.get("Contact"):
        case {"ContactID": str(contact_id)}:
            return contact_id.lower() == posting.account_id.lower()
    return True


def _reason(element: Mapping[str, Any], hidden: Collection[str]) -> str:
    """Why an element was refused; empty if it was taken."""
    said = "; ".join(messages(element))
    refused = element.get("StatusAttributeString") == "ERROR" or element.get("HasErrors") is True
    return clean(said, hidden) or ("refused without a reason" if refused else "")


def _written(element: Mapping[str, Any], resource: Resource) -> Posted:
    rows, bad = resource.reader.read([element])
    posted = rows[0].posted() if rows else None
    if posted is None:
        what = f"{bad[0].field} {bad[0].problem}" if bad else "it does not stand"
        raise error_of_unreadable(SYSTEM, f"a written document: {what}", safe=False)
    return posted


def _line(line: PostingLine) -> dict[str, object]:
    item: dict[str, object] = {
        "Description": line.text,
        "Quantity": Number(line.quantity),
        "UnitAmount": Number(line.unit_price),
        "AccountCode": line.nominal,
    }
    if line.tax_code is None:
        return item
    # The document's own tax: Xero would work it out anew.
    return {**item, "TaxType": line.tax_code, "TaxAmount": Number(line.tax)}


def _nets(posting: Posting) -> list[tuple[PostingLine, Decimal]]:
    """Each line with its net: Xero multiplies, with a unit price of four decimals (`unitdp=4`)."""
    return [
        (line, _cents(line.quantity * line.unit_price.quantize(_UNIT, ROUND_HALF_UP)))
        for line in posting.lines
    ]


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
