"""The checks of a document, in their order, and what follows from them (IN-3, IN-6, IN-11, IN-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from payrelay.domain.invoices import (
    Account,
    Document,
    Kind,
    Nominal,
    Posted,
    Posting,
    Side,
    Suggestion,
    TaxCode,
)
from payrelay.domain.records import Reason
from payrelay.flows.invoice_sync.linking import link_problem
from payrelay.flows.invoice_sync.reasons import reason

# So many documents make a batch (IN-2).
BATCH = 5


class Seen(Struct, frozen=True):
    """All that the checks look at: a document, and what the package has of everything that it names.

    Where a row that can't be used keeps the answer back, its reason stands in the place of what it is about.
    `accs_id` is the id by which the account is linked, `account` what the package has under it, `alike` the
    suggestions. `taken` is somebody's document that has the number, `own` what a posting of ours left there.
    A line without a tax code of its rate has None. `posting` is what would be posted, None while a line has
    no nominal or tax code; `total` is the gross total that the package would make of it.
    """

    package: str
    document: Document
    accs_id: str | None
    account: Account | Reason | None
    alike: tuple[Suggestion, ...]
    care_of_id: str | None
    care_of: Account | Reason | None
    nominals: Mapping[str, Nominal | Reason]
    selectors: Mapping[str, str]
    tax_codes: Mapping[int, TaxCode | Reason | None]
    needs_tax: bool
    uses_care_of: bool = False
    posting: Posting | None = None
    total: Decimal | None = None
    taken: Posted | Reason | None = None
    own: Posted | None = None


class Rule(Struct, frozen=True):
    """One check: its name for people, and the reason why a document fails it, None if it passes."""

    name: str
    test: Callable[[Seen], Reason | None]


def sent(seen: Seen) -> Reason | None:
    """Invoices only: it was sent to the customer."""
    if seen.document.kind is Kind.SALES_INVOICE and seen.document.sent is not True:
        return reason("NOT_SENT", label=seen.document.label)
    return None


def account(seen: Seen) -> Reason | None:
    """The account that it names is linked with one that the package has."""
    if isinstance(seen.account, Reason):
        return seen.account
    who = (seen.package, seen.document.account_id, seen.document.account_name)
    return link_problem(*who, linked=seen.accs_id, found=seen.account, alike=seen.alike)


def care_of(seen: Seen) -> Reason | None:
    """Its care-of id, if it uses one, is known to the package."""
    if isinstance(seen.care_of, Reason):
        return seen.care_of
    if seen.care_of is not None or not seen.uses_care_of:
        return None
    label = seen.document.label
    return reason("CARE_OF_UNKNOWN", label=label, value=seen.care_of_id or "(none)", package=seen.package)


def number(seen: Seen) -> Reason | None:
    """Its number is not in use yet."""
    if seen.taken is None or isinstance(seen.taken, Reason):
        return seen.taken
    return number_taken(seen.document.label, seen.package, seen.taken)


def number_taken(label: str, package: str, taken: Posted) -> Reason:
    """Why a document is not posted under a number that somebody's has there."""
    return reason("DUPLICATE_DOCUMENT_NUMBER", label=label, package=package, id=taken.id)


def nominals(seen: Seen) -> Reason | None:
    """Every line's nominal code is one that the package has for this kind of document."""
    side = seen.document.kind.side
    for line in seen.document.lines:
        found = seen.nominals.get(line.nominal_code or "")
        if isinstance(found, Reason):
            return found
        if found is None or side not in found.ids:
            values = {"label": seen.document.label, "line": line.line_no, "package": seen.package}
            return reason("NOMINAL_UNKNOWN", **values, value=line.nominal_code or "(none)")
    return None


def taxes(seen: Seen) -> Reason | None:
    """Every nominal has a tax value, where the package needs one."""
    for line in seen.document.lines if seen.needs_tax else ():
        found = seen.tax_codes.get(line.line_no)
        if isinstance(found, Reason):
            return found
        if found is None:
            code = line.nominal_code or "(none)"
            values = {"label": seen.document.label, "line": line.line_no, "value": code}
            selector = seen.selectors.get(code) or line.tax_code or "(none)"
            return reason("NOMINAL_WITHOUT_TAX", **values, selector=selector, package=seen.package)
    return None


def texts(seen: Seen) -> Reason | None:
    """Every line has text."""
    if not seen.document.lines:
        return reason("LINE_WITHOUT_TEXT", label=seen.document.label, line="(there is none)")
    for line in seen.document.lines:
        if not (line.text or "").strip():
            return reason("LINE_WITHOUT_TEXT", label=seen.document.label, line=line.line_no)
    return None


def totals(seen: Seen) -> Reason | None:
    """The package would come to the same total (IN-11)."""
    document = seen.document
    own = sum((line.net + line.tax for line in document.lines), Decimal())
    theirs = seen.total if own == document.gross else own
    if theirs is None or theirs == document.gross:
        return None
    values = {"label": document.label, "gross": f"{document.gross:.2f}", "total": f"{theirs:.2f}"}
    who = seen.package if own == document.gross else "the sum of its lines"
    return reason("TOTALS_DIFFER", **values, who=who)


# In the order of the source document, and then our own; the first one that fails is the StatusCode.
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


def failing(seen: Seen) -> list[tuple[Rule, Reason]]:
    """The checks that a document fails, in their order; one that we posted already fails none."""
    if seen.own:
        return []
    return [(rule, why) for rule in CHECKS if (why := rule.test(seen))]


def first_failing(seen: Seen) -> Reason | None:
    """The reason that is shown as StatusCode, None for a document that may be posted."""
    return next((why for _, why in failing(seen)), None)


def judged(
    posted: Sequence[Posted], mark: str, kind: Kind, account_id: str | None
) -> tuple[Posted | None, Posted | None]:
    """Of what stands under a number: our own document, or else somebody's that takes the number.

    Suppliers' numbers are their own, so only those of the same supplier are in the way.
    """
    own = next((one for one in posted if one.mark == mark), None)
    if own:
        return own, None
    shared = kind.side is Side.CUSTOMER or account_id is None
    return None, next((one for one in posted if shared or one.account_id == account_id), None)


def total_as_posted(label: str, package: str, posted: Posted, gross: Decimal) -> Reason | None:
    """What to say of a document that the package made at another total than AutoVu's, if it did (IN-11)."""
    if posted.total == gross:
        return None
    amounts = {"total": f"{posted.total:.2f}", "gross": f"{gross:.2f}"}
    return reason("TOTAL_AS_POSTED", label=label, package=package, id=posted.id, **amounts)
