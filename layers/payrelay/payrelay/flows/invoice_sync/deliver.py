"""Posting what was planned, and nothing twice: looked up once more, posted, written back (IN-4, IN-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from payrelay.domain.invoices import Kind, Posted
from payrelay.domain.records import Applied, Outcome, Reason, Record, Write
from payrelay.errors import TROUBLE, NeedsAttention, VendorError
from payrelay.flows.flow import Interrupted
from payrelay.flows.invoice_sync import writeback
from payrelay.flows.invoice_sync.posting import gross_of
from payrelay.flows.invoice_sync.read import Books
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.rules import judged, name_of, number_taken, total_as_posted
from payrelay.flows.invoice_sync.sending import Delivery, Fate, Stopped, after, ended, send
from payrelay.flows.invoice_sync.writes import Payload, Post, Tell


def apply(books: Books, writes: Sequence[Write[Payload]], now: datetime) -> list[Applied]:
    """Post what is to be posted in one go, take it off the list, and say there why the rest stays.

    Errors are those of AutoVu and of the package, but for what the package refused.
    """
    deliveries = _as_listed_now(
        books, [Delivery(one.record, one.payload) for one in writes if isinstance(one.payload, Post)]
    )
    for one in deliveries:
        _link(books, one.post)
    trouble: VendorError | NeedsAttention | None = None
    lost: Sequence[str] | None = ()
    try:
        fates = deliver(books, deliveries)
    except Stopped as stop:
        fates, trouble = stop.fates, stop.trouble
        # Which of those without an answer were sent, it does not tell.
        lost = None
    told = [
        write
        for write in writes
        if trouble is None or not isinstance(write.payload, Post) or write.record.source_id in fates
    ]
    applied: list[Applied] = []
    try:
        for write in told:
            fate = fates.get(write.record.source_id)
            applied += [_applied(books, write, fate, now)]
    except TROUBLE as error:
        trouble = trouble or error
    if trouble:
        raise Interrupted(applied, trouble, _posted(told[len(applied) :], fates), lost)
    return applied


def _posted(writes: Sequence[Write[Payload]], fates: Mapping[str, Fate]) -> list[Applied]:
    """Those that are posted, and were not taken off AutoVu's list yet."""
    found = [(write, fates.get(write.record.source_id)) for write in writes]
    return [Applied(write.record, fate.id) for write, fate in found if isinstance(fate, Posted)]


def deliver(books: Books, deliveries: Sequence[Delivery]) -> dict[str, Fate]:
    """What became of each posting, by document id; Stopped where trouble began after some."""
    found: dict[str, Fate] = {}
    for group in _numbers_apart(deliveries):
        with after(found):
            found |= _deliver(books, group)
    return found


def _as_listed_now(books: Books, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Each with whether AutoVu still lists it: a person may have deleted it or taken it off since."""
    wanted: dict[Kind, list[str]] = {}
    for one in deliveries:
        if one.post.listed:
            wanted.setdefault(one.post.posting.kind, []).append(one.document_id)
    there = books.autovu.still_listed(wanted)
    return [
        replace(one, post=replace(one.post, listed=one.post.listed and one.document_id in there))
        for one in deliveries
    ]


def _link(books: Books, post: Post) -> None:
    """Link an account with its namesake, as a person wished by removing the wrong id."""
    adopts = post.adopts
    if adopts is not None and books.package.takes_account_ids:
        writeback.link(books.autovu, adopts.account_id, adopts.side, adopts.accs_id)


def _applied(books: Books, write: Write[Payload], fate: Fate | None, now: datetime) -> Applied:
    """What is written back to AutoVu, and the record as it ended."""
    payload, document_id = write.payload, write.record.source_id
    if isinstance(payload, Tell):
        writeback.say(books.autovu, document_id, payload.row, payload.text)
        return Applied(write.record)
    if isinstance(fate, Record):
        writeback.say(books.autovu, document_id, payload.row, fate.reason.message if fate.reason else "")
        return Applied(fate)
    target = fate.id if fate else write.target_id or ""
    why = _taken_off(books, write, target, now)
    if why is None and fate is not None and isinstance(payload, Post):
        why = _differs(books, write.record, payload, fate)
    return Applied(replace(write.record, reason=why) if why else write.record, target)


def _taken_off(books: Books, write: Write[Payload], target: str, now: datetime) -> Reason | None:
    """Take a posted document off AutoVu's list; what a person did with it meanwhile, if anything."""
    document_id, version = write.record.source_id, write.payload.row.version
    code = writeback.take_off(books.autovu, document_id, version, target, now)
    return reason(code, label=write.record.label, package=books.label, id=target) if code else None


def _differs(books: Books, record: Record, post: Post, posted: Posted) -> Reason | None:
    """What the package made of a document otherwise than it was told, if anything."""
    if posted.number and posted.number != post.posting.number:
        values = {"label": record.label, "package": books.label, "value": posted.number}
        at = books.package.takes.numbers_at
        return reason("NUMBER_REPLACED", **values, number=post.posting.number, where=f" ({at})" if at else "")
    return total_as_posted(record.label, books.label, posted, gross_of(post.posting))


def _deliver(books: Books, group: Sequence[Delivery]) -> dict[str, Fate]:
    """Documents of different numbers.

    Timeline: a document passes its checks, somebody makes one of the same number in the package, and ours
    is posted. Where the package would take both, numbers are looked up right here, so that this gap is as
    short as it can be; where it takes none twice, only what it refused is looked up, to say why.
    """
    guarded = books.package.unique_numbers
    unsure = [one for one in group if one.post.doubtful or one.post.posting.kind not in guarded]
    fates = _standing(books, unsure)
    for one in group:
        if not one.post.listed and one.document_id not in fates:
            why = reason("DOCUMENT_GONE", label=one.record.label)
            fates[one.document_id] = ended(one.record, Outcome.SKIPPED, why)
    waiting = [one for one in group if one.document_id not in fates]
    return fates | send(books, waiting, lambda left: _standing(books, left))


def _standing(books: Books, deliveries: Sequence[Delivery]) -> dict[str, Fate]:
    """Those that stand in the package already: our own document, or somebody's that has the number.

    Where a document there can't be read, nobody can tell, and ours is not posted.
    """
    there = books.standing((one.post.posting.kind, one.post.posting.number) for one in deliveries)
    fates: dict[str, Fate] = {}
    for one in deliveries:
        posting, document_id = one.post.posting, one.document_id
        standing = there[posting.kind, posting.number]
        own, taken = judged(standing.posted, posting.mark, posting.kind, posting.account_id)
        if own:
            fates[document_id] = own
        elif taken:
            why = number_taken(one.record.label, books.label, taken)
            fates[document_id] = ended(one.record, Outcome.BLOCKED, why)
        elif standing.unusable:
            fates[document_id] = ended(one.record, Outcome.BLOCKED, standing.unusable.why(one.record.label))
    return fates


def _numbers_apart(deliveries: Iterable[Delivery]) -> list[list[Delivery]]:
    """Groups in which no number comes twice: the second one is looked up once the first one stands."""
    groups: list[dict[tuple[str, ...], Delivery]] = []
    for one in deliveries:
        posting = one.post.posting
        # Packages take S1 and s1 for the same number.
        name = name_of(posting.kind, posting.number.casefold(), posting.account_id)
        group = next((group for group in groups if name not in group), None)
        if group is None:
            group = {}
            groups.append(group)
        group[name] = one
    return [list(group.values()) for group in groups]
