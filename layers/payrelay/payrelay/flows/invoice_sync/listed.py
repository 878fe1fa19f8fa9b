"""AutoVu's list as a run read it last, and what of it is to be seen once more before anything is posted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import Document, Kind
from payrelay.domain.records import Record, Write
from payrelay.domain.runs import Run
from payrelay.flows.invoice_sync.writes import Payload, Post
from payrelay.ledger.plans import Plans
from payrelay.systems.autovu.client import AutoVuClient
from payrelay.systems.rows import BadRow

# A row without an id can't be asked for: it goes by its number.
WITHOUT_ID = "no-id:"
# For so many seconds the next documents are those that the list showed: what is posted is seen once more.
FRESH_SECONDS = 30.0
# More are not posted in that time.
KEPT = 100
_NAME = "listed"

# Documents planned anew, by their ids.
Afresh = Callable[[Sequence[str]], Mapping[str, Write[Payload] | Record]]


class Shown(Struct, frozen=True):
    """Documents of the list that are next, in its order, as it showed them `at` a time (epoch seconds).

    `unusable` are rows that can't be read, `others` how many more were listed and not tried yet.
    """

    at: float
    documents: tuple[Document, ...]
    unusable: tuple[BadRow, ...]
    others: int = 0

    def known(self) -> dict[str, str]:
        """What each of them looked like, by the id under which a run speaks of it, in the list's order."""
        looks = {one.document_id: one.row_version for one in self.documents}
        return looks | {id_of(one): f"{one.field} {one.problem}" for one in self.unusable}

    def of(self, ids: Collection[str], others: int) -> Shown:
        """What it shows of these alone; so many others were not tried yet."""
        return Shown(
            self.at,
            tuple(one for one in self.documents if one.document_id in ids),
            tuple(one for one in self.unusable if id_of(one) in ids),
            others,
        )


def id_of(bad: BadRow) -> str:
    """The id under which a run speaks of a row that can't be used."""
    return bad.id or f"{WITHOUT_ID}{bad.number}"


def keep(plans: Plans, run: Run, shown: Shown) -> None:
    """Keep what the list showed, for the steps that follow.

    Crash before it was used: whoever comes next finds the same, or reads the list itself.
    """
    plans.keep(run, _NAME, shown)


def kept(plans: Plans, run: Run, now: float) -> Shown | None:
    """What the list showed, if that was just now."""
    found = plans.kept(run, _NAME, Shown)
    return found if found and 0 <= now - found.at <= FRESH_SECONDS else None


def as_listed_now(
    autovu: AutoVuClient, writes: Sequence[Write[Payload]], afresh: Afresh | None
) -> list[Write[Payload] | Record]:
    """The writes as AutoVu lists their documents in this moment, right before any is posted.

    Timeline: the list is read, a person edits a document, deletes it or takes it off, and it is posted. So
    what is not as it was planned is planned `afresh`; what may have been posted before is not, for it is
    looked up as it was planned. Nor is what a person has looked at and wished to be written.
    """
    posts = {one.record.source_id: one.payload for one in writes if isinstance(one.payload, Post)}
    wanted: dict[Kind, list[str]] = {}
    for document_id, post in posts.items():
        if post.listed:
            wanted.setdefault(post.posting.kind, []).append(document_id)
    there = autovu.listed_versions(wanted)
    moved = [
        document_id
        for document_id, post in posts.items()
        if post.listed and not post.doubtful and there.get(document_id) != post.row.version
    ]
    again = afresh(moved) if moved and afresh else {}
    found: list[Write[Payload] | Record] = []
    for write in writes:
        document_id, payload = write.record.source_id, write.payload
        if document_id in again:
            found.append(again[document_id])
        elif isinstance(payload, Post) and payload.listed and document_id not in there:
            found.append(replace(write, payload=replace(payload, listed=False)))
        else:
            found.append(write)
    return found
