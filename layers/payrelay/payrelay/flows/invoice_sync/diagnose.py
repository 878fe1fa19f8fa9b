"""Why documents have not synced: all checks of one, or of every listed one, live, writing nothing (IN-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from payrelay.domain.groups import in_groups
from payrelay.domain.records import Reason
from payrelay.domain.runs import Check
from payrelay.flows.diagnosis import reached
from payrelay.flows.invoice_sync.books import Books, Pair
from payrelay.flows.invoice_sync.rules import CHECKS, Rule, label_of
from payrelay.systems.autovu.models import Document
from payrelay.systems.registry import label
from payrelay.systems.rows import BadRow

# So many documents are looked at together: one look-up of accounts and numbers for all of them.
TOGETHER = 50
NAMED = 10


def checks(books: Books, package: str, key: str | None) -> list[Check]:
    """Connection first; then the checks of the document with this id or number, or of all that are listed."""
    found = [reached("AutoVu", books.autovu), reached(label(package), books.package)]
    if not all(check.passed for check in found):
        return found
    queue = books.autovu.queue()
    wanted = [one for one in queue.documents if key is None or key in (one.document_id, one.number)]
    bad = [one for one in queue.bad_rows if key is None or key in (one.id, one.number)]
    found += [_unreadable(one) for one in bad]
    if key is not None and bad:
        return found
    if not wanted:
        seen = f"{len(queue.documents)} documents are listed" + (f", none is {key}" if key else "")
        remedy = "Mark the document for sync in AutoVu." if key else None
        return [*found, Check("is on the list", key is None, seen, remedy)]
    pairs = look_at(books, wanted)
    if key is not None:
        return found + [one for pair in pairs for one in _of_one(pair)]
    reasons = {label_of(pair.document): failing(pair) for pair in pairs}
    return found + [_of_all(rule, reasons, len(pairs)) for rule in CHECKS]


def _unreadable(row: BadRow) -> Check:
    """A row of the list that can't be used."""
    seen = f"Document {row.number or row.id}: {row.field} {row.problem}"
    return Check("can be read", False, seen, f"Correct {row.field} of this document in AutoVu.")


def look_at(books: Books, documents: Sequence[Document]) -> list[Pair]:
    """The documents with all that is known of them."""
    chart = books.chart()
    return [pair for group in in_groups(documents, TOGETHER) for pair in books.look_at(group, chart)]


def failing(pair: Pair) -> list[tuple[Rule, Reason]]:
    """The checks that a document fails, in their order; one that we posted already fails none."""
    if pair.own:
        return []
    return [(rule, why) for rule in CHECKS if (why := rule.test(pair.seen))]


def _of_one(pair: Pair) -> list[Check]:
    reasons = {rule.name: why for rule, why in failing(pair)}
    found = [Check("is on the list", True, label_of(pair.document))]
    for rule in CHECKS:
        why = reasons.get(rule.name)
        found.append(
            Check(rule.name, why is None, why.message if why else "yes", why.remedy if why else None)
        )
    return found


def _of_all(rule: Rule, reasons: Mapping[str, Sequence[tuple[Rule, Reason]]], looked_at: int) -> Check:
    """How many documents fail this check, and how many it alone keeps back."""
    names = [name for name, found in reasons.items() if any(one is rule for one, _ in found)]
    alone = sum(1 for found in reasons.values() if [one for one, _ in found] == [rule])
    if not names:
        return Check(rule.name, True, f"all {looked_at} documents")
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    seen = f"{len(names)} of {looked_at} documents fail: {', '.join(names[:NAMED])}{more}"
    first = next(why for found in reasons.values() for one, why in found if one is rule)
    return Check(rule.name, False, f"{seen}; this fix alone frees {alone}", first.remedy)
