"""Why documents have not synced: all checks of one, or of every listed one, live, writing nothing (IN-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from payrelay.domain.groups import in_groups
from payrelay.domain.invoices import Document, Side, TaxCode
from payrelay.domain.records import Reason
from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.invoice_sync.check import look_at
from payrelay.flows.invoice_sync.read import Books, Chart, document_of
from payrelay.flows.invoice_sync.rules import CHECKS, Rule, Seen, failing
from payrelay.flows.invoice_sync.taxes import is_named, shown
from payrelay.flows.invoice_sync.wording import NONE
from payrelay.systems.rows import BadRow

# So many documents are looked at together: one look-up of accounts and numbers for all of them.
TOGETHER = 50
NAMED = 10


def checks(books: Books, key: str | None) -> list[Check]:
    """Connection first; then the checks of the document with this id or number, or of all that are listed."""
    found = [reached("AutoVu", books.autovu), reached(books.label, books.package)]
    if not all(check.passed for check in found):
        return found
    unusable: list[BadRow] = []
    listed = books.autovu.queue().documents.take(unusable)
    chart = books.chart() if key is None else None
    if chart:
        found += of_taxes(books, chart)
    wanted = [document_of(one) for one in listed if key is None or key in (one.document_id, one.number)]
    bad = [one for one in unusable if key is None or key in (one.id, one.number)]
    found += [_unreadable(one) for one in bad]
    if key is not None and bad:
        return found
    if not wanted:
        shown = f"{len(listed)} documents are listed" + (f", none is {key}" if key else "")
        remedy = "Mark the document for sync in AutoVu." if key else None
        return [*found, Check("is on the list", key is None, shown, remedy)]
    seen = seen_live(books, wanted, chart)
    if key is not None:
        return found + [one for document in seen for one in of_one(document)]
    return found + of_all(seen)


def seen_live(books: Books, documents: Sequence[Document], chart: Chart | None = None) -> list[Seen]:
    """The documents as their checks look at them now; `chart` is what was read once already."""
    chart = chart or books.chart()
    return [one for group in in_groups(documents, TOGETHER) for one in look_at(books, group, chart)]


def of_taxes(books: Books, chart: Chart) -> list[Check]:
    """Which of the package's tax codes each selector of AutoVu's chart stands for, and what can't be read."""
    found = []
    if chart.bad_tax_codes:
        names = ", ".join(f"{one.number or one.id}: {one.field} {one.problem}" for one in chart.bad_tax_codes)
        remedy = f"Correct these tax codes in {books.label}; documents that do not need them go on."
        found.append(Check("tax codes can be read", False, names, remedy))
    told, unsure = [], []
    for selector in sorted({*chart.selectors.values(), *books.rates, *books.codes}):
        codes, sure = _standing_for(selector, books, chart)
        told.append(f"{selector}: {shown(codes) or NONE}")
        unsure += [] if sure else told[-1:]
    seen = "; ".join(told)
    if not unsure:
        return [*found, Check("tax codes are named", True, seen)]
    remedy = f"Name the one that is meant in the connection's `tax_codes`, of {'; '.join(unsure)}."
    return [*found, Check("tax codes are named", False, seen, remedy)]


def _standing_for(selector: str, books: Books, chart: Chart) -> tuple[list[TaxCode], bool]:
    """The tax codes that a selector may stand for, and whether that is one alone for each side."""
    names, rate = books.codes.get(selector, ()), books.rates.get(selector)
    named = [one for one in chart.tax_codes if is_named(one, names)]
    codes = named if names else [one for one in chart.tax_codes if one.rate == rate]
    several = any(
        len({(one.id, one.rate) for one in codes if side in one.sides}) > 1 and not names for side in Side
    )
    return codes, bool(codes) and not several


def of_one(seen: Seen) -> list[Check]:
    """Every check of one document, with what is wrong where it fails."""
    reasons = {rule.name: why for rule, why in failing(seen)}
    found = [Check("is on the list", True, seen.document.label)]
    for rule in CHECKS:
        why = reasons.get(rule.name)
        found.append(
            Check(rule.name, why is None, why.message if why else "yes", why.remedy if why else None)
        )
    return found


def of_all(seen: Sequence[Seen]) -> list[Check]:
    """Every check of many documents: how many fail it, and how many it alone keeps back."""
    reasons = {one.document.document_id: failing(one) for one in seen}
    names = {one.document.document_id: one.document.label for one in seen}
    return [_of_rule(rule, reasons, names) for rule in CHECKS]


def _of_rule(
    rule: Rule, reasons: Mapping[str, Sequence[tuple[Rule, Reason]]], names: Mapping[str, str]
) -> Check:
    failed = [names[one] for one, found in reasons.items() if any(of is rule for of, _ in found)]
    alone = sum(1 for found in reasons.values() if [of for of, _ in found] == [rule])
    if not failed:
        return Check(rule.name, True, f"all {len(reasons)} documents")
    more = f" and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
    shown = f"{len(failed)} of {len(reasons)} documents fail: {', '.join(failed[:NAMED])}{more}"
    first = next(why for found in reasons.values() for of, why in found if of is rule)
    return Check(rule.name, False, f"{shown}; this fix alone frees {alone}", first.remedy)


def _unreadable(row: BadRow) -> Check:
    """A row of the list that can't be used."""
    shown = f"Document {row.number or row.id}: {row.field} {row.problem}"
    return Check("can be read", False, shown, f"Correct {row.field} of this document in AutoVu.")
