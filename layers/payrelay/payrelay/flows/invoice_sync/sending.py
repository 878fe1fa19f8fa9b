"""Sending postings so that one that the package fails over keeps back no other (IN-2, RUN-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import Company, Posted
from payrelay.domain.records import Outcome, Reason, Record
from payrelay.errors import OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.flows.engine.bulk import Refusal, refused, request_of
from payrelay.flows.invoice_sync.fields import period_closed
from payrelay.flows.invoice_sync.read import Books
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.writes import Post

# A document as the package has it now, or the record of why it has it not.
Fate = Posted | Record


class Delivery(Struct, frozen=True):
    """A posting on its way, with the record of its document."""

    record: Record
    post: Post

    @property
    def document_id(self) -> str:
        """AutoVu's id of the document."""
        return self.record.source_id


# What stands in the package already, by document id.
LookUp = Callable[[Sequence[Delivery]], dict[str, Fate]]
# Who is told what became of documents as soon as the package has answered.
ToldOf = Callable[[Mapping[str, Fate]], None]


def nobody(fates: Mapping[str, Fate]) -> None:
    """All of it is told at the end."""


def nothing(deliveries: Sequence[Delivery]) -> dict[str, Fate]:  # noqa: ARG001
    """Nothing is known to stand there."""
    return {}


class Stopped(Exception):
    """Trouble after the package has told of some: their fates."""

    def __init__(self, fates: Mapping[str, Fate], trouble: RetryLater) -> None:
        super().__init__(str(trouble))
        self.fates, self.trouble = dict(fates), trouble


@contextmanager
def after(fates: Mapping[str, Fate]) -> Iterator[None]:
    """Trouble within comes after these fates, which are told with it; as it is where there are none."""
    try:
        yield
    except Stopped as stop:
        raise Stopped({**fates, **stop.fates}, stop.trouble) from stop
    except RetryLater as trouble:
        if not fates:
            raise
        raise Stopped(fates, trouble) from trouble


def ended(record: Record, outcome: Outcome, why: Reason) -> Record:
    """The record of a document that is not posted."""
    return replace(record, outcome=outcome, reason=why, changes=())


def send(
    books: Books,
    waiting: Sequence[Delivery],
    look_up: LookUp,
    told: ToldOf = nobody,
    before: LookUp = nothing,
) -> dict[str, Fate]:
    """What became of each: posted together, where the package takes several.

    `before` is asked right before one goes out by itself: what stands there already is not sent.
    What the package answered stands. What is left without an answer of its own is looked up, and sent one by
    one; a document over which the package fails while it answers to others is named. Where nothing is
    answered at all, it is the package that is in trouble: OutcomeUnknown, or RetryLater; Stopped where the
    trouble began after some.
    """
    if not waiting:
        return {}
    fates: dict[str, Fate] = {}
    # Also what is in doubt: the same documents sent once more are known by their key.
    if books.package.posts_together and len(waiting) > 1:
        fates, _ = _attempt(books, waiting, look_up)
        told(fates)
    left = [one for one in waiting if one.document_id not in fates]
    with after(fates):
        one_by_one = _OneByOne(books, look_up, told, before)
        return fates | one_by_one.send(left, answered=bool(fates))


class _Tried(Struct):
    """What became of some that were sent by themselves: fates, what the package failed over, lost answers.

    It has `answered` if it took or refused one, rather than had it already.
    """

    fates: dict[str, Fate]
    troubles: dict[str, RetryLater]
    lost: list[RetryLater]
    answered: bool = False


class _OneByOne(Struct, frozen=True):
    """Each by itself."""

    books: Books
    look_up: LookUp
    told: ToldOf
    before: LookUp

    def send(self, left: Sequence[Delivery], *, answered: bool) -> dict[str, Fate]:
        """What became of each; `answered` tells that the package has answered to others.

        One over which the package fails gets a second chance after the others. One whose answer was lost is
        to wait, for it may be under way, and the others with it; but not twice.
        """
        once = self._tried(left)
        fates, troubles, lost = once.fates, once.troubles, once.lost
        if not answered and not once.answered:
            if troubles or lost:
                raise next(iter([*troubles.values(), *lost]))
            return fates
        again = self._tried([one for one in left if one.document_id in troubles])
        fates |= again.fates
        fates |= {
            one.document_id: _failed(self.books, one.record, again.troubles[one.document_id])
            for one in left
            if one.document_id in again.troubles
        }
        if lost or again.lost:
            raise Stopped(fates, next(iter([*lost, *again.lost])))
        return fates

    def _tried(self, left: Sequence[Delivery]) -> _Tried:
        tried = _Tried({}, {}, [])
        for one in left:
            with after(tried.fates):
                try:
                    found, failure = self.before([one]), None
                    if not found:
                        found, failure = _attempt(self.books, [one], self.look_up)
                        tried.answered |= bool(found)
                except OutcomeUnknown as trouble:
                    # Time is given once; what is lost again is not to keep the others waiting.
                    if not one.post.doubtful:
                        raise
                    tried.lost.append(trouble)
                    continue
            tried.fates |= found
            self.told(found)
            if failure is not None and one.document_id not in found:
                tried.troubles[one.document_id] = failure
        return tried


def _attempt(
    books: Books, waiting: Sequence[Delivery], look_up: LookUp
) -> tuple[dict[str, Fate], RetryLater | None]:
    """One call: what became of those that it tells of, or that stand there; the trouble, if there was any.

    Where the answer itself was lost, it is not known whether the call is still under way: nothing is to be
    sent before the package was given time, which is OutcomeUnknown.
    """
    try:
        return dict(books.package.post([one.post.posting for one in waiting])), None
    except Rejected as error:
        done: Mapping[str, Posted] = error.done if isinstance(error, PartlyWritten) else {}  # type: ignore[assignment]
        told = error.keys if len(waiting) > 1 else tuple(one.document_id for one in waiting)
        left = [one for one in waiting if one.document_id not in done]
        words = _refusals(books, [one for one in left if one.document_id in told], error)
        return dict(done) | words | look_up(left), None
    except OutcomeUnknown as error:
        if not error.answered:
            raise
        return look_up(waiting), error


def _refusals(books: Books, left: Sequence[Delivery], error: Rejected) -> dict[str, Fate]:
    """The records of what the package refused; that its books are closed is told as such."""
    if not left:
        return {}
    company = books.package.company()
    return {one.document_id: _refused(books, one, error, company) for one in left}


def _refused(books: Books, one: Delivery, error: Rejected, company: Company) -> Record:
    day, until = one.post.posting.date, company.closed_until
    words = error.reasons.get(one.document_id, error.message)
    if _is_closed(day, until, words, books.package.takes.closed_codes):
        shown = until.isoformat() if until else f"a day that {books.label} does not tell"
        why = period_closed(one.record.label, day.isoformat(), books.label, books.package.takes, shown)
        return ended(one.record, Outcome.BLOCKED, why)
    return refused(one.record, replace(Refusal.of(error, one.document_id), system=books.system))


def _is_closed(day: date, until: date | None, words: str, codes: frozenset[str]) -> bool:
    return words.partition(":")[0] in codes or (until is not None and day <= until)


def _failed(books: Books, record: Record, trouble: RetryLater) -> Record:
    why = reason("FAILED_OVER_DOCUMENT", package=books.label, label=record.label, problem=trouble.message)
    return replace(ended(record, Outcome.FAILED, why), request=request_of(trouble))
