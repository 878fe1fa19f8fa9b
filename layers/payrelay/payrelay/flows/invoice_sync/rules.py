"""The seven checks of a document, in their order, and what follows from them (IN-3, IN-6, IN-11, IN-12)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from payrelay.domain.invoices import Account, Kind, Nominal, Posted, TaxCode
from payrelay.domain.reasons import reason
from payrelay.domain.records import Reason


class SourceLine(Protocol):
    """A line as AutoVu has it."""

    @property
    def line_no(self) -> int: ...
    @property
    def text(self) -> str | None: ...
    @property
    def nominal_code(self) -> str | None: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def net(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def tax_code(self) -> str | None: ...


class SourceDocument(Protocol):
    """A document as AutoVu has it."""

    @property
    def document_id(self) -> str: ...
    @property
    def row_version(self) -> str: ...
    @property
    def type(self) -> Kind: ...
    @property
    def number(self) -> str: ...
    @property
    def date(self) -> datetime.date: ...
    @property
    def due_date(self) -> datetime.date | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def reference(self) -> str | None: ...
    @property
    def sent(self) -> bool | None: ...
    @property
    def account_id(self) -> str: ...
    @property
    def account_name(self) -> str: ...
    @property
    def care_of_account_id(self) -> str | None: ...
    @property
    def lines(self) -> Sequence[SourceLine]: ...
    @property
    def net(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def gross(self) -> Decimal: ...


class Seen(Struct, frozen=True):
    """One document, and all that both sides know of what it names.

    `accs_id` is the id that the account is linked by, `account` what the package has under it; without a
    link `alike` are the package's accounts of the same name (first) or a similar one. `taken` is the
    document of somebody else that has the number already. `tax_codes` are the package's tax codes by line
    number, None where no code fits. `total` is what the package would make of the document, None while it
    can't be told.
    """

    package: str
    document: SourceDocument
    accs_id: str | None
    account: Account | None
    alike: tuple[Account, ...]
    care_of_id: str | None
    care_of_known: bool
    taken: Posted | None
    nominals: Mapping[str, Nominal]
    selectors: Mapping[str, str]
    tax_codes: Mapping[int, TaxCode | None]
    needs_tax: bool
    total: Decimal | None

    @property
    def namesakes(self) -> tuple[Account, ...]:
        """The package's accounts with exactly the same name (IN-5)."""
        return tuple(one for one in self.alike if one.name == self.document.account_name)


class Rule(Struct, frozen=True):
    """One check: its name for people, and the reason why a document fails it, None if it passes."""

    name: str
    test: Callable[[Seen], Reason | None]


def label_of(document: SourceDocument) -> str:
    """How messages name a document: `Sales invoice S1234`."""
    return f"{KINDS[document.type]} {document.number}"


KINDS = {
    Kind.SALES_INVOICE: "Sales invoice",
    Kind.SALES_CREDIT_NOTE: "Sales credit note",
    Kind.SUPPLIER_INVOICE: "Supplier invoice",
}


def sent(seen: Seen) -> Reason | None:
    """Invoices only: it was sent to the customer."""
    if seen.document.type is Kind.SALES_INVOICE and seen.document.sent is not True:
        return reason("NOT_SENT", label=label_of(seen.document))
    return None


def account(seen: Seen) -> Reason | None:
    """The account that it names is linked with one that the package has."""
    who = (seen.package, seen.document.account_id, seen.document.account_name)
    return link_problem(*who, linked=seen.accs_id, found=seen.account, namesakes=seen.namesakes)


def link_problem(
    package: str,
    account_id: str,
    name: str,
    *,
    linked: str | None,
    found: Account | None,
    namesakes: Sequence[Account],
) -> Reason | None:
    """What is wrong with an account's link: `linked` is the id, `found` what the package has under it."""
    if found and found.active:
        return None
    values = {"name": name, "package": package, "account_id": account_id}
    if found:
        return reason("ACCOUNT_INACTIVE", **values)
    if linked is not None:
        wanted = namesakes[0].id if len(namesakes) == 1 else "the id of an account that it has"
        return reason("ACCOUNTS_ID_WRONG", **values, id=linked, wanted=wanted)
    return reason("ACCOUNT_NOT_LINKED" if namesakes else "ACCOUNT_NOT_FOUND", **values)


def care_of(seen: Seen) -> Reason | None:
    """Its care-of id, if it uses one, is known to the package."""
    if seen.document.care_of_account_id is None or seen.care_of_known:
        return None
    label = label_of(seen.document)
    return reason("CARE_OF_UNKNOWN", label=label, value=seen.care_of_id or "(none)", package=seen.package)


def number(seen: Seen) -> Reason | None:
    """Its number is not in use yet."""
    if seen.taken is None:
        return None
    label = label_of(seen.document)
    return reason("DUPLICATE_DOCUMENT_NUMBER", label=label, package=seen.package, id=seen.taken.id)


def nominals(seen: Seen) -> Reason | None:
    """Every line's nominal code is one that the package has for this kind of document."""
    side = seen.document.type.side
    for line in seen.document.lines:
        found = seen.nominals.get(line.nominal_code or "")
        if found is None or side not in found.ids:
            values = {"label": label_of(seen.document), "line": line.line_no, "package": seen.package}
            return reason("NOMINAL_UNKNOWN", **values, value=line.nominal_code or "(none)")
    return None


def taxes(seen: Seen) -> Reason | None:
    """Every nominal has a tax value, where the package needs one."""
    if not seen.needs_tax:
        return None
    for line in seen.document.lines:
        if seen.tax_codes.get(line.line_no) is None:
            code = line.nominal_code or "(none)"
            values = {"label": label_of(seen.document), "line": line.line_no, "value": code}
            selector = seen.selectors.get(code) or line.tax_code or "(none)"
            return reason("NOMINAL_WITHOUT_TAX", **values, selector=selector, package=seen.package)
    return None


def texts(seen: Seen) -> Reason | None:
    """Every line has text."""
    if not seen.document.lines:
        return reason("LINE_WITHOUT_TEXT", label=label_of(seen.document), line="(there is none)")
    for line in seen.document.lines:
        if not (line.text or "").strip():
            return reason("LINE_WITHOUT_TEXT", label=label_of(seen.document), line=line.line_no)
    return None


def totals(seen: Seen) -> Reason | None:
    """The package would come to the same total (IN-11)."""
    document = seen.document
    own = sum((line.net + line.tax for line in document.lines), Decimal())
    theirs = seen.total if own == document.gross else own
    if theirs is None or theirs == document.gross:
        return None
    values = {"label": label_of(document), "gross": f"{document.gross:.2f}", "total": f"{theirs:.2f}"}
    who = seen.package if own == document.gross else "the sum of its lines"
    return reason("TOTALS_DIFFER", **values, who=who)


# In the order of the source document; the first one that fails is the StatusCode.
CHECKS: tuple[Rule, ...] = (
    Rule("marked as sent", sent),
    Rule("matching accounts id", account),
    Rule("matching care-of id", care_of),
    Rule("document number is new", number),
    Rule("matching nominal codes", nominals),
    Rule("nominals have a tax value", taxes),
    Rule("every line has text", texts),
    Rule("totals agree", totals),
)


def failing(seen: Seen) -> list[Reason]:
    """The reasons of all checks that fail, in their order."""
    return [why for rule in CHECKS if (why := rule.test(seen))]


def first_failing(seen: Seen) -> Reason | None:
    """The reason that is shown as StatusCode, None for a document that may be posted."""
    return next(iter(failing(seen)), None)
