"""Posting what was planned, and nothing twice: looked up once more, posted, written back (IN-4, IN-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from payrelay.domain.invoices import Posted
from payrelay.domain.records import Applied, Outcome, Reason, Record, Write
from payrelay.errors import TROUBLE, NeedsAttention, VendorError
from payrelay.flows.flow import Interrupted
from payrelay.flows.invoice_sync import writeback
from payrelay.flows.invoice_sync.posting import gross_of
from payrelay.flows.invoice_sync.read import Books
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.rules import judged, name_of, number_taken, total_as_posted
from payrelay.flows.invoice_sync.sending import Delivery, Fate, Stopped, ToldOf, after, ended, nobody, send
from payrelay.flows.invoice_sync.writeback import Meanwhile
from payrelay.flows.invoice_sync.writes import Payload, Post, Tell


def apply(books: Books, writes: Sequence[Write[Payload] | Record], now: datetime) -> list[Applied]:
    """Post what is to be posted, take it off the list, and say there why the rest stays.

    Records are of what is not to be written after all. Errors are those of AutoVu and of the package, but for
    what the package refused.
    """
    back = _Back(books, [one for one in writes if isinstance(one, Write)], now)
    deliveries = [
        Delivery(one.record, one.payload) for one in back.writes.values() if isinstance(one.payload, Post)
    ]
    for one in deliveries:
        _link(books, one.post)
    trouble: VendorError | NeedsAttention | None = None
    lost: Sequence[str] | None = ()
    try:
        try:
            back.fates |= deliver(books, deliveries, back.told)
        except Stopped as stop:
            back.fates |= stop.fates
            trouble = stop.trouble
            # Which of those without an answer were sent, it does not tell.
            lost = None
        back.tell_the_rest()
    except Untold as untold:
        trouble = trouble or untold.trouble
    except TROUBLE as error:
        if not back.applied:
            raise
        trouble, lost = error, None
    ended = [
        Applied(one) if isinstance(one, Record) else back.applied.get(one.record.source_id) for one in writes
    ]
    applied = [one for one in ended if one]
    if trouble:
        raise Interrupted(applied, trouble, back.posted(), lost)
    return applied


class Untold(Exception):
    """Trouble of AutoVu's after the package has taken something."""

    def __init__(self, trouble: VendorError | NeedsAttention) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


class _Back:
    """Writes back to AutoVu what became of documents, each as soon as that is known.

    `fates` are what became of postings, `applied` how the writes ended that are told, both by document id.
    """

    def __init__(self, books: Books, writes: Sequence[Write[Payload]], now: datetime) -> None:
        self.writes = {one.record.source_id: one for one in writes}
        self.fates: dict[str, Fate] = {}
        self.applied: dict[str, Applied] = {}
        self._books, self._now = books, now

    def told(self, fates: Mapping[str, Fate]) -> None:
        """The package has told what became of these; Untold where AutoVu is in trouble."""
        self.fates |= fates
        for document_id in fates:
            self._tell(self.writes[document_id])

    def tell_the_rest(self) -> None:
        """All others of which it is known what to tell; Untold where AutoVu is in trouble."""
        for document_id, write in self.writes.items():
            if not isinstance(write.payload, Post) or document_id in self.fates:
                self._tell(write)

    def posted(self) -> list[Applied]:
        """Those that are posted, and were not taken off AutoVu's list yet."""
        left = {one: fate for one, fate in self.fates.items() if one not in self.applied}
        return [
            Applied(self.writes[one].record, fate.id)
            for one, fate in left.items()
            if isinstance(fate, Posted)
        ]

    def _tell(self, write: Write[Payload]) -> None:
        document_id = write.record.source_id
        if document_id in self.applied:
            return
        try:
            fate = self.fates.get(document_id)
            self.applied[document_id] = _applied(self._books, write, fate, self._now)
        except TROUBLE as error:
            raise Untold(error) from error


def deliver(books: Books, deliveries: Sequence[Delivery], told: ToldOf = nobody) -> dict[str, Fate]:
    """What became of each posting, by document id; Stopped where trouble began after some.

    Those that the package has answered are `told` at once: a document stands in both as soon as it can.
    """
    found: dict[str, Fate] = {}
    for group in _numbers_apart(deliveries):
        with after(found):
            found |= _deliver(books, group, told)
    return found


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
    found = writeback.take_off(books.autovu, document_id, version, target, now)
    values = {"label": write.record.label, "package": books.label, "id": target}
    match found:
        case Meanwhile.NOTHING:
            return None
        case Meanwhile.DELETED:
            return reason("DOCUMENT_DELETED", **values)
        case Meanwhile.EDITED:
            return reason("DOCUMENT_EDITED", **values, edited="edited", or_void="")
    or_void = f", or void it there ({target}) if it should not be there"
    return reason("DOCUMENT_EDITED", **values, edited="taken off the list", or_void=or_void)


def _differs(books: Books, record: Record, post: Post, posted: Posted) -> Reason | None:
    """What the package made of a document otherwise than it was told, if anything."""
    if posted.number and posted.number != post.posting.number:
        values = {"label": record.label, "package": books.label, "value": posted.number}
        at = books.package.takes.numbers_at
        return reason("NUMBER_REPLACED", **values, number=post.posting.number, where=f" ({at})" if at else "")
    return total_as_posted(record.label, books.label, posted, gross_of(post.posting))


def _deliver(books: Books, group: Sequence[Delivery], told: ToldOf) -> dict[str, Fate]:
    """Documents of different numbers.

    Timeline: a document passes its checks, somebody makes one of the same number in the package, and ours
    is posted. Where the package would take both, numbers are looked up right here, so that this gap is as
    short as it can be; where it takes none twice, only what it refused is looked up, to say why.
    """
    guarded = books.package.unique_numbers
    unsure = [one for one in group if one.post.doubtful or one.post.posting.kind not in guarded]
    # Of those that go out one by one, each right before it does.
    later = [] if books.package.posts_together else [one for one in unsure if one.post.listed]
    fates = _standing(books, [one for one in unsure if one not in later])
    for one in group:
        if not one.post.listed and one.document_id not in fates:
            why = reason("DOCUMENT_GONE", label=one.record.label)
            fates[one.document_id] = ended(one.record, Outcome.SKIPPED, why)
    waiting = [one for one in group if one.document_id not in fates]

    def standing(left: Sequence[Delivery]) -> dict[str, Fate]:
        return _standing(books, left)

    def before(left: Sequence[Delivery]) -> dict[str, Fate]:
        return _standing(books, [one for one in left if one in later])

    return fates | send(books, waiting, standing, told, before)


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
