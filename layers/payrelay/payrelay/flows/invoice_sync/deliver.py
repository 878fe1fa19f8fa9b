"""Posting what was planned, and nothing twice: looked up once more, posted, and explained (IN-4, IN-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import Posted, Posting, Side
from payrelay.domain.reasons import reason
from payrelay.domain.records import Outcome, Record
from payrelay.errors import PartlyWritten, Rejected
from payrelay.flows.engine.bulk import Refusal, refused
from payrelay.flows.invoice_sync.books import Books, judged
from payrelay.systems.registry import label

# A document as the package has it now, or the record of why it has it not.
Fate = Posted | Record


class Delivery(Struct, frozen=True):
    """A posting on its way, with the record of its document.

    `doubtful` is one that may have been sent before; `listed` is false when AutoVu lists it no more.
    """

    record: Record
    posting: Posting
    doubtful: bool = False
    listed: bool = True


def deliver(books: Books, package: str, deliveries: Sequence[Delivery]) -> dict[str, Fate]:
    """What became of each, by document id. Errors are those of the package, but for what it refused."""
    found: dict[str, Fate] = {}
    for group in _numbers_apart(deliveries):
        found |= _deliver(books, package, group)
    return found


def _deliver(books: Books, package: str, group: Sequence[Delivery]) -> dict[str, Fate]:
    """Documents of different numbers.

    Timeline: a document passes its checks, somebody makes one of the same number in the package, and ours
    is posted. Where the package would take both, numbers are looked up right here, so that this gap is as
    short as it can be; where it takes none twice, only what it refused is looked up, to say why.
    """
    guarded = books.package.unique_numbers
    unsure = [one for one in group if one.doubtful or one.posting.kind not in guarded]
    fates = _standing(books, package, unsure)
    for one in group:
        if not one.listed and one.posting.document_id not in fates:
            why = reason("DOCUMENT_GONE", label=one.record.label)
            fates[one.posting.document_id] = _ended(one.record, Outcome.SKIPPED, why)
    waiting = {one.posting.document_id: one for one in group if one.posting.document_id not in fates}
    if not waiting:
        return fates
    try:
        return fates | dict(books.package.post([one.posting for one in waiting.values()]))
    except Rejected as error:
        done: Mapping[str, Posted] = error.done if isinstance(error, PartlyWritten) else {}  # type: ignore[assignment]
        left = [one for document_id, one in waiting.items() if document_id not in done]
        words = {one.posting.document_id: _refused(one.record, error, package) for one in left}
        return fates | dict(done) | words | _standing(books, package, left)


def _standing(books: Books, package: str, deliveries: Sequence[Delivery]) -> dict[str, Fate]:
    """Those that stand in the package already: our own document, or somebody's that has the number."""
    there = books.standing((one.posting.kind, one.posting.number) for one in deliveries)
    fates: dict[str, Fate] = {}
    for one in deliveries:
        posting = one.posting
        posted = there.get((posting.kind, posting.number), [])
        own, taken = judged(posted, posting.mark, posting.kind, posting.account_id)
        if own:
            fates[posting.document_id] = own
        elif taken:
            values = {"label": one.record.label, "package": label(package), "id": taken.id}
            why = reason("DUPLICATE_DOCUMENT_NUMBER", **values)
            fates[posting.document_id] = _ended(one.record, Outcome.BLOCKED, why)
    return fates


def _numbers_apart(deliveries: Iterable[Delivery]) -> list[list[Delivery]]:
    """Groups in which no number comes twice: the second one is looked up once the first one stands."""
    groups: list[dict[tuple[str, ...], Delivery]] = []
    for one in deliveries:
        posting = one.posting
        whose = posting.account_id if posting.kind.side is Side.SUPPLIER else ""
        # Packages take S1 and s1 for the same number.
        name = (posting.kind, posting.number.casefold(), whose)
        group = next((group for group in groups if name not in group), None)
        if group is None:
            group = {}
            groups.append(group)
        group[name] = one
    return [list(group.values()) for group in groups]


def _refused(record: Record, error: Rejected, package: str) -> Record:
    return refused(record, replace(Refusal.of(error, record.source_id), system=package))


def _ended(record: Record, outcome: Outcome, why: object) -> Record:
    return replace(record, outcome=outcome, reason=why, changes=())
