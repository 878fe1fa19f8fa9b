"""Which documents are due, whose each is, and what keeps one out of a dossier (DOC-1 to DOC-4)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from payrelay.flows.exact_ids import resource_id

ENTITY = "document"
LANGUAGE = "nl"
# So long after the approval of a run its slips may still be in the making.
AWAITED = timedelta(days=31)
APPROVED, CLOSED = "Approved", "Closed"
_PDF = b"%PDF-"
# What comes before a PDF in a file that readers still take for one.
_BEFORE_PDF = 1024
_LIKE_A_VERSION = re.compile(r":v[0-9]+$")


class Kind(StrEnum):
    """The two kinds of documents, by how the keys of theirs begin in Exact Synergy."""

    SLIP = "slip"
    STATEMENT = "statement"


# How the keys of all documents begin.
PREFIXES = tuple(f"{kind}:" for kind in Kind)
WIRE = {Kind.SLIP: "PaySlip", Kind.STATEMENT: "AnnualStatement"}


class Group(Struct, frozen=True):
    """What documents come in: a payroll run for slips, a year for statements.

    Its `stamp` is another one each time it is approved or closed; it `is_out` while its documents are, for a
    run `since` its approval.
    """

    kind: Kind
    id: str
    period: str
    year: int
    stamp: str
    is_out: bool
    since: str = ""

    @property
    def key(self) -> str:
        """How it is named in keys of records: `run:run-55`, `year:2025`."""
        return f"{'run' if self.kind is Kind.SLIP else 'year'}:{self.id}"


def run_group(run_id: str, period: str, status: str, processed: str, approved: str) -> Group:
    """The slips of a payroll run: there are any once it is processed and approved."""
    out = status == APPROVED
    stamp = f"{status} {processed} {approved}" if out else status
    return Group(Kind.SLIP, run_id, period, int(period[:4]), stamp, out, approved if out else "")


def year_group(year: int, status: str) -> Group:
    """The statements of a year: they are final once it is closed."""
    return Group(Kind.STATEMENT, str(year), str(year), year, status, status == CLOSED)


def is_due(group: Group, done: str | None, *, left: bool, full: bool, moved: bool = False) -> bool:
    """Whether the documents of a group are looked at (DOC-1, DOC-3).

    Not while they are not out: of a run that is withdrawn nothing is pulled, and nothing is deleted. `done`
    is the stamp with which the last complete run saw the group, `left` whether it had to leave some, `moved`
    whether pay of the year was calculated again, `full` whether everything is asked for.
    """
    return group.is_out and (full or left or moved or group.stamp != done)


def is_awaited(group: Group, now: datetime) -> bool:
    """Whether documents are still to be expected of a group that has none: not of runs of long ago."""
    return not group.since or now - datetime.fromisoformat(group.since) <= AWAITED


def is_again(group: Group, done: str | None, year: Group | None, year_done: str | None) -> bool:
    """Whether pay was calculated again, or for the first time, after its year was closed (DOC-4).

    So it is for a run that is approved otherwise than the last complete run saw it, when that one saw the
    year closed as it is now.
    """
    moved = group.is_out and group.stamp != done
    return moved and year is not None and year.is_out and year_done == year.stamp


def calculations(groups: Iterable[Group], year: int) -> str:
    """All calculations of a year's pay, as they are approved now: another text once one is made again."""
    runs = (one for one in groups if one.kind is Kind.SLIP and one.year == year and one.is_out)
    text = "\n".join(sorted(f"{one.id} {one.stamp}" for one in runs))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Announced(Struct, frozen=True):
    """A document as Exact Payroll Plus lists it: whose it is, and the checksum of its content."""

    id: str
    kind: str
    employee: str
    run_id: str
    year: int
    language: str
    version: int
    blank: bool
    file_name: str
    sha256: str


class Stored(Struct, frozen=True):
    """The newest version of a document that is in a dossier.

    `after` are the calculations of its year that it was stored after; `stale` the version that is out of
    date, since `stale_run`.
    """

    version: int
    person: int
    sha256: str
    language: str
    after: str = ""
    stale: int = 0
    stale_run: str = ""


class Again(Struct, frozen=True):
    """A run in which the pay of a closed year was calculated again, and the calculations of that year now."""

    run: str
    calculations: str


class Known(Struct, frozen=True):
    """What is known of a document beside what is announced.

    `person` is what the person is called in Exact Synergy, None for nobody; `filed` whose dossier it is found
    in there, where that was asked; `again` that the person's pay of that year was calculated again.
    """

    person: str | None = None
    type: int | None = None
    stored: Stored | None = None
    filed: int | None = None
    again: Again | None = None
    announced_twice: bool = False
    spelled_twice: bool = False


class Verdict(StrEnum):
    """What becomes of a document."""

    STORE = "store"
    THERE = "there"
    FOUND = "found"
    SKIP = "skip"
    BLOCK = "block"


class Decision(Struct, frozen=True):
    """What becomes of a document, and why; a version that is stored says so where there was one before.

    A statement that is out of date has in `stale` its version, and the run that made it so.
    """

    verdict: Verdict
    code: str = ""
    stale: int = 0
    stale_run: str = ""


def key_of(kind: Kind, document: str, version: int = 1) -> str:
    """The key of a document in Exact Synergy: `slip:ps-881`, from version 2 on `slip:ps-881:v2` (DOC-3)."""
    return f"{kind}:{document}" + (f":v{version}" if version > 1 else "")


def decide(group: Group, language: str, row: Announced, known: Known) -> Decision:
    """What becomes of a document that a group lists (DOC-1, DOC-2, DOC-3, DOC-4)."""
    wrong = _unfit(group, language, row, known)
    if wrong:
        return Decision(Verdict.BLOCK, wrong)
    if row.blank:
        return Decision(Verdict.SKIP, "DOCUMENT_BLANK")
    stored, person = known.stored, resource_id(row.employee)
    if stored and stored.person != person:
        return Decision(Verdict.BLOCK, "DOCUMENT_OF_ANOTHER_PERSON")
    if stored and row.version <= stored.version:
        return _of_stored(row, stored, known.again)
    if known.filed is not None:
        if known.filed != person:
            return Decision(Verdict.BLOCK, "FILED_FOR_ANOTHER_PERSON")
        return Decision(Verdict.FOUND)
    if known.type is None:
        return Decision(Verdict.BLOCK, "DOCUMENT_TYPE_MISSING")
    if known.person is None or person is None:
        return Decision(Verdict.BLOCK, "UNKNOWN_EMPLOYEE")
    return Decision(Verdict.STORE, "VERSION_HOLDS" if stored else "")


def _unfit(group: Group, language: str, row: Announced, known: Known) -> str:
    """What is wrong with the announcement itself."""
    of = row.run_id if group.kind is Kind.SLIP else str(row.year)
    if (row.kind, of, row.language) != (WIRE[group.kind], group.id, language):
        return "DOCUMENT_NOT_ASKED_FOR"
    if _LIKE_A_VERSION.search(row.id):
        return "DOCUMENT_ID_UNUSABLE"
    if known.announced_twice:
        return "DOCUMENT_ANNOUNCED_TWICE"
    return "EMPLOYEE_SPELLED_TWICE" if known.spelled_twice else ""


def _of_stored(row: Announced, stored: Stored, again: Again | None) -> Decision:
    """Of a version that is in its dossier, or of one before: it is there, unless it is out of date."""
    if again and again.calculations != stored.after and row.kind == WIRE[Kind.STATEMENT]:
        return Decision(Verdict.BLOCK, "STATEMENT_OUT_OF_DATE", stored.version, again.run)
    if stored.stale >= row.version:
        return Decision(Verdict.BLOCK, "STATEMENT_OUT_OF_DATE", stored.stale, stored.stale_run)
    # Another language is the same document, with another checksum.
    same = row.version == stored.version and row.language == stored.language
    if same and not same_checksum(row.sha256, stored.sha256):
        return Decision(Verdict.BLOCK, "DOCUMENT_CHANGED")
    return Decision(Verdict.THERE)


def same_checksum(one: str, other: str) -> bool:
    """Whether two checksums are one, however their letters are written."""
    return one.strip().casefold() == other.strip().casefold()


def wrong_with(content: bytes, sha256: str) -> str:
    """What keeps a content from being the document that was announced; empty if nothing does."""
    if not same_checksum(hashlib.sha256(content).hexdigest(), sha256):
        return "CONTENT_NOT_ANNOUNCED"
    return "" if _PDF in content[:_BEFORE_PDF] else "CONTENT_NO_PDF"


def stored_of(facts: Mapping[str, str]) -> Stored:
    """What is kept of a document that was stored."""
    return Stored(
        version=int(facts.get("version") or 0),
        person=int(facts.get("person") or 0),
        sha256=facts.get("sha256", ""),
        language=facts.get("language", ""),
        after=facts.get("after", ""),
        stale=int(facts.get("stale") or 0),
        stale_run=facts.get("stale_run", ""),
    )


def facts_of(stored: Stored) -> dict[str, str]:
    """As it is kept; what is nothing is left out."""
    found = {name: str(getattr(stored, name)) for name in stored.__struct_fields__}
    return {name: text for name, text in found.items() if text not in ("", "0")}


def as_stored(row: Announced, after: str) -> Stored:
    """A document once it is stored, `after` these calculations of its year."""
    person = resource_id(row.employee)
    if person is None:
        raise ValueError("it is nobody's")
    return Stored(row.version, person, row.sha256, row.language, after)
