"""Who needs no comparing, told at a glance: their row, Xledger and the day say what they said (RUN-11)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b

from msgspec import Struct, field
from msgspec.structs import replace

from payrelay.domain.mirror import Entry, Kind, Part, until
from payrelay.domain.records import Record
from payrelay.domain.sensitive import SocialSecurityNumber
from payrelay.flows.employee_export import rules
from payrelay.flows.employee_export.mapping import Target
from payrelay.flows.employee_export.numbers import joined, tidy
from payrelay.flows.employee_export.records import record_of
from payrelay.flows.employee_export.selection import Case, is_named
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.times import is_twice, seconds_of

DIGEST_SIZE = 16
# A run reads again what Xledger says it changed so long before the last one: its times are local.
MARGIN = 2 * 60 * 60
# Of more than one in so many that moved, all pages are read.
MOST = 10
# Of a page so many are looked at together with those of other pages.
APART = 100
# Objects of the mirror that a page reads.
READS = 3


class Row(Struct, frozen=True, gc=False):
    """A row of the source: whose it is, its number as one of all its spellings, and what it is."""

    id: str
    number: str
    digest: bytes


class Moved(Struct, frozen=True):
    """What Xledger says was changed since the last run: versions by dbId, and whose numbers these are."""

    employees: Mapping[str, int] = field(default_factory=dict)
    contacts: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, Collection[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, employees: Mapping[str, Sequence[object]], contacts: Mapping[str, int]) -> Moved:
        """From versions and codes of employees, and versions of contacts."""
        codes: dict[str, set[str]] = defaultdict(set)
        for db_id, (_, code) in employees.items():
            codes[one_spelling(str(code or ""))].add(db_id)
        return cls({i: int(str(version)) for i, (version, _) in employees.items()}, contacts, codes)

    def has(self, ids: Sequence[str], versions: Sequence[int]) -> bool:
        """Whether one of an employee and a contact was changed since it had this version.

        A version that the clock shows twice may be another one.
        """
        for db_id, version, known in zip(ids, versions, (self.employees, self.contacts), strict=False):
            now = known.get(db_id)
            if now is not None and (now != version or is_twice(now)):
                return True
        return False


def digest_of(content: bytes, key: bytes) -> bytes:
    """What tells two contents of a row apart, and tells nobody anything else."""
    return blake2b(content, digest_size=DIGEST_SIZE, key=key).digest()


def one_spelling(number: str) -> str:
    """The number as all its spellings have it: without zeros before it, blanks, capitals."""
    if not number.isascii() or not number.isalnum():
        number = "".join((tidy(number) or "").split())
    return number.casefold().lstrip("0") or number


def settled(rows: Sequence[Row], entries: Mapping[str, Entry], moved: Moved, today: int) -> dict[str, Entry]:
    """Those of a page who stand as they stood: what is known of each, by id.

    Whoever shares a number with another row of the page is none of them, nor is one under whose number
    Xledger has changed somebody else.
    """
    numbers = Counter(row.number for row in rows)
    ids = Counter(row.id for row in rows)
    found = {}
    for row in rows:
        entry = entries.get(row.id)
        if entry is None or entry.digest != row.digest or entry.kind is Kind.SENT or today >= entry.until:
            continue
        if ids[row.id] > 1 or (row.number and numbers[row.number] > 1):
            continue
        if moved.has(entry.ids, entry.versions):
            continue
        others = moved.codes.get(row.number) if row.number else None
        if others and not set(others) <= set(entry.ids[:1]):
            continue
        found[row.id] = entry
    return found


def as_left(source_ids: Iterable[str]) -> tuple[str, ...]:
    """What a page leaves, in falling order: where ids rise again, those of another page begin."""
    return tuple(sorted(source_ids, reverse=True))


def apart_by_page(left: Sequence[str], numbers: Mapping[str, str | None]) -> list[list[str]]:
    """Those of several pages, so that no two of different pages have one number; in one group, nearly always.

    Who of two records counts is judged among those of one page, and by asking the source for all others.
    """
    groups: list[list[str]] = []
    taken: dict[str, dict[int, int]] = defaultdict(dict)
    page, last = 0, ""
    for source_id in left:
        page, last = page + (source_id > last), source_id
        number = numbers.get(source_id)
        pages = taken[number] if number else {}
        group = pages.setdefault(page, len(pages))
        while len(groups) <= group:
            groups.append([])
        groups[group].append(source_id)
    return groups


def parts_for(parts: Sequence[Part], first: str, last: str, most: int) -> list[Part]:
    """The chunks, in their order, that may hold ids from `first` to `last`; so many at most."""
    found = []
    for place, part in enumerate(parts):
        following = parts[place + 1].first if place + 1 < len(parts) else None
        if part.first <= last and (following is None or following > first):
            found.append(part)
    return found[:most]


def drifted(
    fine: Mapping[str, Entry], cases: Mapping[str, Case], found: Mapping[str, Kind], mark: int
) -> list[str]:
    """Who was to stand as before and does not, by a comparison of everybody; `found` are those who do.

    Whom Xledger has changed since the run began to read, at its `mark`, is nobody to be wrong about.
    """
    wrong = []
    for source_id, entry in fine.items():
        if found.get(source_id) is entry.kind or source_id not in cases:
            continue
        target = cases[source_id].target
        times = (one.modified_at for one in (target.employee, target.contact) if one)
        if not any(seconds_of(one) >= mark for one in times):
            wrong.append(source_id)
    return wrong


# --- what a run comes to know -------------------------------------------------------------------------------


class Seen(Struct, frozen=True):
    """Under what something was compared: the day, and the time in Xledger when the run began to read."""

    today: date
    mark: int


def equal_entry(case: Case, row: Employee, digest: bytes, seen: Seen) -> Entry | None:
    """What is known of somebody who is equal on both sides; None if that is not to be relied on."""
    if case.target.contact is None:
        return None
    return _entry(Kind.EQUAL, case, row, digest, seen)


def is_plain(case: Case | None, record: Record) -> bool:
    """Whether a record says that somebody is left out, and no more."""
    return case is not None and case.refusal is not None and record == record_of(case.employee, *case.refusal)


def left_out_entry(case: Case, row: Employee, digest: bytes, seen: Seen) -> Entry | None:
    """What is known of somebody of whom it is said that they are left out, and no more."""
    link, node, number = case.link, case.target.employee, row.employee_number or ""
    if link and not (case.own and node and joined(link.key, number) and joined(node.code, number)):
        return None
    return _entry(Kind.LEFT_OUT, case, row, digest, seen)


def sent_entry(case: Case, row: Employee, digest: bytes, seen: Seen) -> Entry | None:
    """What is known of somebody for export who is to be changed; the link tells what came of it."""
    if case.refusal or case.target.employee is None or not _sure(row, seen):
        return None
    return Entry(Kind.SENT, digest, (), (), _until(row, case.target, seen.today))


def answered(entry: Entry, fact: str | None, run_id: str) -> Entry | None:
    """A planned write as what it came to, if Xledger has answered that very one as it was sent."""
    told = (fact or "").split(":")
    if len(told) != _FACTS or told[0] != run_id or told[1] != entry.digest.hex():
        return None
    versions, ids = (int(told[2]), int(told[3])), (told[4], told[5])
    return replace(entry, kind=Kind.EQUAL, ids=ids, versions=versions)


def fact_of(run_id: str, digest: str, versions: Iterable[int], ids: Iterable[str]) -> str:
    """What a link keeps of an answered write: of which run and row, and what Xledger has since."""
    return ":".join([run_id, digest, *map(str, versions), *ids])


_FACTS = 6


def _entry(kind: Kind, case: Case, row: Employee, digest: bytes, seen: Seen) -> Entry | None:
    target = case.target
    node, contact = target.employee, target.contact
    if target.unreadable or not _sure(row, seen):
        return None
    ids: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    if node:
        ids = (str(node.db_id), str(node.contact_db_id or ""))
        versions = (seconds_of(node.modified_at), seconds_of(contact.modified_at) if contact else 0)
        needed = versions if ids[1] else versions[:1]
        # What changed while the run was reading may change once more in the same second.
        if min(needed) <= 0 or max(needed) >= seen.mark:
            return None
    return Entry(kind, digest, ids, versions, _until(row, target, seen.today))


def _sure(row: Employee, seen: Seen) -> bool:
    """Whether the row alone tells of the employment that counts; else other rows have a say."""
    return is_named(row, seen.today)


def _until(row: Employee, target: Target, today: date) -> int:
    """The first day on which something of this may be judged otherwise."""
    node, contact, named = target.employee, target.contact, row.employment
    days: list[date | None] = [row.hire_date, row.end_date, row.birth_date, rules.end_of(row)]
    for one in row.employments if named is None or named in row.employments else (*row.employments, named):
        days += (one.start_date, one.end_date, one.effective_end_date)
    if node:
        days += (node.employment_from, node.employment_to, node.date_to, node.trial_to)
    if _has_sign(row.ssn) or (contact and _has_sign(contact.social_sec)):
        # The sign stands for another century when a year is over.
        days.append(date(today.year + 1, 1, 1))
    return until(today, days)


def _has_sign(number: SocialSecurityNumber | None) -> bool:
    text = number.reveal() if number else ""
    return "-" in text or "+" in text
