"""Why documents have not synced: all checks of one, or of every listed one, live, writing nothing (IN-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from payrelay.domain.groups import in_groups
from payrelay.domain.invoices import Document
from payrelay.domain.records import Reason
from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.invoice_sync.check import look_at
from payrelay.flows.invoice_sync.read import Books, document_of
from payrelay.flows.invoice_sync.rules import CHECKS, Rule, Seen, failing
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
    wanted = [document_of(one) for one in listed if key is None or key in (one.document_id, one.number)]
    bad = [one for one in unusable if key is None or key in (one.id, one.number)]
    found += [_unreadable(one) for one in bad]
    if key is not None and bad:
        return found
    if not wanted:
        shown = f"{len(listed)} documents are listed" + (f", none is {key}" if key else "")
        remedy = "Mark the document for sync in AutoVu." if key else None
        return [*found, Check("is on the list", key is None, shown, remedy)]
    seen = seen_live(books, wanted)
    if key is not None:
        return found + [one for document in seen for one in of_one(document)]
    return found + of_all(seen)


def seen_live(books: Books, documents: Sequence[Document]) -> list[Seen]:
    """The documents as their checks look at them now."""
    chart = books.chart()
    return [one for group in in_groups(documents, TOGETHER) for one in look_at(books, group, chart)]


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
