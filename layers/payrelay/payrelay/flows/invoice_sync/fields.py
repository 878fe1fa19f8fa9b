"""What a package takes of a document beside its accounts and nominals: sign, currency, day, length (IN-3)."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import name

from payrelay.domain.invoices import Company, Document, Kind, Takes
from payrelay.domain.records import Reason
from payrelay.flows.invoice_sync.posting import mark_of
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.wording import account_in, switched_on, told

_PLAIN_SIGNS = 0xFFFF
# A blank and two brackets stand around our mark in a reference.
_AROUND_MARK = 3
_INSTEAD = {
    Kind.SALES_INVOICE: (
        "Make it a sales credit note in AutoVu, with the signs of its lines turned round, or join it with an "
        "invoice of the customer that is larger"
    ),
    Kind.SALES_CREDIT_NOTE: (
        "Make it a sales invoice in AutoVu, with the signs of its lines turned round, or join it with a "
        "credit note of the customer that is larger"
    ),
    Kind.SUPPLIER_INVOICE: (
        "Enter it in {package} by hand as a credit of the supplier, and take it off the list in AutoVu"
    ),
}


def negative(document: Document, package: str) -> Reason | None:
    """Why a document of less than nothing is not posted: it would be an entry of the other sign."""
    total = min(document.sum_of_lines, document.gross)
    if total >= 0:
        return None
    return reason(
        "NEGATIVE_TOTAL",
        label=document.label,
        total=f"{total:.2f}",
        package=package,
        kind=document.kind.label.lower(),
        instead=_INSTEAD[document.kind].format(package=package),
    )


def foreign(
    document: Document,
    package: str,
    takes: Takes,
    company: Company,
    allowed: frozenset[str] | None,
    theirs: str | None,
) -> Reason | None:
    """Why a document's currency does not go: the company's `allowed` ones, and `theirs`, the account's."""
    currency, home = document.currency, company.currency
    values = {"label": document.label, "currency": told(currency) or "(no currency)", "package": package}
    name = told(document.account_name)
    if home is not None and allowed is not None and currency not in allowed | {home}:
        switch_on = switched_on(told(currency), package, takes, document.account_id, name)
        return reason("CURRENCY_NOT_TAKEN", **values, home=home, switch_on=switch_on)
    own = theirs or home
    if takes.one_currency_each and own is not None and own != currency:
        account = account_in(values["currency"], package, takes, document.account_id, name)
        return reason("CURRENCY_OF_ACCOUNT", **values, name=name, theirs=own, account=account)
    return None


def closed(document: Document, package: str, takes: Takes, company: Company) -> Reason | None:
    """Why a document's day is refused: the books are closed."""
    until = company.closed_until
    if until is None or document.date > until:
        return None
    return period_closed(document.label, document.date.isoformat(), package, takes, until.isoformat())


def period_closed(label: str, day: str, package: str, takes: Takes, until: str) -> Reason:
    """That the books are closed on a document's day."""
    return reason("PERIOD_CLOSED", label=label, date=day, package=package, until=until, where=takes.opened_at)


def unfit(document: Document, package: str, takes: Takes) -> Reason | None:
    """The first field that is missing, too long, or has a sign that the package does not take."""
    if not document.number.strip():
        return reason("NUMBER_MISSING", label=document.label)
    if document.due_date is None and document.kind in takes.due_date:
        return reason("DUE_DATE_MISSING", label=document.label, package=package)
    for field, text, longest in _texts(document, takes):
        values = {"field": field, "label": document.label, "package": package}
        if len(text) > longest:
            return reason("FIELD_TOO_LONG", **values, length=len(text), longest=longest)
        odd = [sign for sign in text if takes.plain_signs and ord(sign) > _PLAIN_SIGNS]
        if odd:
            return reason("SIGN_NOT_TAKEN", **values, sign=_spelled(odd[0]))
    return None


def _texts(document: Document, takes: Takes) -> Iterator[tuple[str, str, int]]:
    """What is sent of a document, with the longest that it may be."""
    yield "The number", document.number, takes.number
    if takes.reference is not None and document.reference:
        mark = len(mark_of(document.document_id)) + _AROUND_MARK if takes.mark_in_reference else 0
        if document.kind is not Kind.SUPPLIER_INVOICE:
            yield "The reference", document.reference, takes.reference - mark
    for line in document.lines:
        yield f"The text of line {line.line_no}", line.text or "", takes.text


def _spelled(sign: str) -> str:
    seen = f"{sign} " if sign.isprintable() else ""
    return f"{seen}(U+{ord(sign):04X}, {name(sign, 'without a name').lower()})"


def too_fine(document: Document) -> Reason | None:
    """An amount of a line that has more than two decimals."""
    for line in document.lines:
        for field, value in (("The net", line.net), ("The tax", line.tax)):
            if value != round(value, 2):
                values = {"line": line.line_no, "label": document.label, "value": f"{value:f}"}
                return reason("AMOUNT_TOO_FINE", field=field, **values)
    return None
