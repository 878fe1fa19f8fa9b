"""The checks of a document, in their order, and what follows from them (IN-3, IN-6, IN-11, IN-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import (
    Account,
    Company,
    Document,
    Kind,
    Nominal,
    Posted,
    Posting,
    Side,
    Suggestion,
    Takes,
    TaxCode,
)
from payrelay.domain.records import Reason
from payrelay.flows.invoice_sync import fields
from payrelay.flows.invoice_sync.linking import link_problem
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.taxes import UNSURE
from payrelay.flows.invoice_sync.wording import NONE, nominal_made, told

# So many documents make a batch (IN-2).
BATCH = 5


class Seen(Struct, frozen=True):
    """All that the checks look at: a document, and what the package has of everything that it names.

    Where a row that can't be used keeps the answer back, its reason stands in the place of what it is about.
    `accs_id` is the id by which the account is linked, `account` what the package has under it, `alike` the
    suggestions. `taken` is somebody's document that has the number, `own` what a posting of ours left there.
    `earlier` is a document before it on the list that has the number, and may be posted. A line without a
    tax code of its rate has None. `posting` is what would be posted, None while a line has no nominal or tax
    code; `total` is the gross total that the package would make of it. `currencies` are those that the
    company takes beside its own, None if any.
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
    takes: Takes = Takes()
    company: Company = Company()
    currencies: frozenset[str] | None = None
    uses_care_of: bool = False
    care_of_name: str = ""
    posting: Posting | None = None
    total: Decimal | None = None
    taken: Posted | Reason | None = None
    own: Posted | None = None
    earlier: Document | None = None


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
    return link_problem(
        *who,
        linked=seen.accs_id,
        found=seen.account,
        alike=seen.alike,
        any_name=seen.takes.links_any_name,
    )


def care_of(seen: Seen) -> Reason | None:
    """Its care-of id, if it uses one, is known to the package."""
    if isinstance(seen.care_of, Reason):
        return seen.care_of
    if seen.care_of is not None or not seen.uses_care_of:
        return None
    values = {"label": seen.document.label, "name": told(seen.care_of_name), "package": seen.package}
    problem = f"the care-of id {seen.care_of_id}; {seen.package} does not have it"
    return reason("CARE_OF_UNKNOWN", **values, problem=problem if seen.care_of_id else "no care-of id")


def number(seen: Seen) -> Reason | None:
    """Its number is not in use yet, nor of a document before it on the list."""
    if isinstance(seen.taken, Reason):
        return seen.taken
    if seen.taken:
        return number_taken(seen.document.label, seen.package, seen.taken)
    if seen.earlier:
        first = f"{seen.earlier.document_id} of {seen.earlier.account_name}, before it on the list"
        return reason("DUPLICATE_DOCUMENT_NUMBER", label=seen.document.label, package="AutoVu", id=first)
    return None


def number_taken(label: str, package: str, taken: Posted) -> Reason:
    """Why a document is not posted under a number that somebody's has there."""
    named = f"{taken.id}, which is void" if taken.void else taken.id
    return reason("DUPLICATE_DOCUMENT_NUMBER", label=label, package=package, id=named)


def nominals(seen: Seen) -> Reason | None:
    """Every line's nominal code is one that the package has for this kind of document."""
    side = seen.document.kind.side
    for line in seen.document.lines:
        found = seen.nominals.get(line.nominal_code or "")
        if isinstance(found, Reason):
            return found
        if found is None or side not in found.ids:
            values = {"label": seen.document.label, "line": line.line_no, "package": seen.package}
            if found and (items := found.several.get(side)):
                values |= {"name": found.name, "items": ", ".join(items)}
                return reason("NOMINAL_AMBIGUOUS", **values, value=found.code)
            code = line.nominal_code or ""
            value = told(code) if code.strip() else NONE
            create = nominal_made(value, side, seen.package, seen.takes)
            return reason("NOMINAL_UNKNOWN", **values, value=value, create=create)
    return None


def taxes(seen: Seen) -> Reason | None:
    """Every nominal has a tax value, where the package needs one."""
    for line in seen.document.lines if seen.needs_tax else ():
        found = seen.tax_codes.get(line.line_no)
        if isinstance(found, Reason):
            if found.code in UNSURE:
                continue
            return found
        if found is None:
            code = line.nominal_code or NONE
            values = {"label": seen.document.label, "line": line.line_no, "value": code}
            selector = told(seen.selectors.get(code) or line.tax_code or NONE)
            return reason("NOMINAL_WITHOUT_TAX", **values, selector=selector, package=seen.package)
    return None


def texts(seen: Seen) -> Reason | None:
    """Every line has text."""
    label = seen.document.label
    if not seen.document.lines:
        add = "Add the lines, or take the document off the list"
        return reason("LINE_WITHOUT_TEXT", label=label, line="No line", no="a", fill_in=add)
    for line in seen.document.lines:
        if not (line.text or "").strip():
            fill_in = "Fill in the text of the line, or delete the line if it is one too many,"
            return reason(
                "LINE_WITHOUT_TEXT", label=label, line=f"Line {line.line_no}", no="no", fill_in=fill_in
            )
    return None


def sign(seen: Seen) -> Reason | None:
    """It comes to nothing or more, as the package needs it."""
    return fields.negative(seen.document, seen.package)


def currency(seen: Seen) -> Reason | None:
    """The company, and the account, can have documents in its currency."""
    theirs = seen.account.currency if isinstance(seen.account, Account) else seen.document.currency
    return fields.foreign(seen.document, seen.package, seen.takes, seen.company, seen.currencies, theirs)


def period(seen: Seen) -> Reason | None:
    """The package's books are open on its day."""
    return fields.closed(seen.document, seen.package, seen.takes, seen.company)


def fit(seen: Seen) -> Reason | None:
    """The package takes its number, dates and texts as they are."""
    return fields.unfit(seen.document, seen.package, seen.takes)


def tax_codes(seen: Seen) -> Reason | None:
    """Of the package's tax codes, one alone can be meant by each line, and its tax is of that rate."""
    found = (seen.tax_codes.get(line.line_no) for line in seen.document.lines if seen.needs_tax)
    return next((one for one in found if isinstance(one, Reason) and one.code in UNSURE), None)


def totals(seen: Seen) -> Reason | None:
    """Its amounts are whole cents, and the package would come to the same total (IN-11)."""
    document = seen.document
    if why := fields.too_fine(document):
        return why
    own = document.sum_of_lines
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
    Rule("total is not negative", sign),
    Rule("currency is taken", currency),
    Rule("books are open", period),
    Rule("fields fit", fit),
    Rule("tax codes are certain", tax_codes),
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


def name_of(kind: Kind, number: str, account_id: str) -> tuple[str, ...]:
    """By what a document is told from all others: suppliers' numbers are their own."""
    return kind, number, account_id if kind.side is Side.SUPPLIER else ""


def same_numbers(documents: Sequence[Seen], same: Callable[[str], str]) -> list[Seen]:
    """The documents of one look, each with the one before it that is going to take its number."""
    first: dict[tuple[str, ...], Document] = {}
    found = []
    for one in documents:
        document = one.document
        name = name_of(document.kind, same(document.number), document.account_id)
        if name in first and not one.own:
            one = replace(one, earlier=first[name])  # noqa: PLW2901
        elif one.own or first_failing(one) is None:
            first.setdefault(name, document)
        found.append(one)
    return found


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
