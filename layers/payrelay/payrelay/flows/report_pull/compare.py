"""What of a person's report would be kept anew, compared with the version that is kept (REP-1)."""

from __future__ import annotations

import json

from msgspec import Struct

from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.domain.sensitive import MASK, Secret
from payrelay.flows.report_pull.read import Components
from payrelay.flows.report_pull.rules import ENTITY, ReportName

# Number and digest of the newest version that is kept.
Kept = tuple[int, str]


class NewVersion(Struct, frozen=True):
    """One person's report of a period as it is to be kept; no components if it was taken back."""

    person: str
    period: str
    version: int
    digest: str
    components: dict[str, tuple[str, Secret]]


def differs(now: Components, kept: Kept | None, key: bytes) -> bool:
    """Whether the report is another than the one that is kept; none at all is none to keep."""
    return bool(now) if kept is None else kept[1] != digest_of(now, key)


def digest_of(components: Components, key: bytes) -> str:
    """Tells whether anything of a report changed, and nothing of what is in it."""
    plain = {name: [text, amount.reveal()] for name, (text, amount) in components.items()}
    return Secret(json.dumps(plain, sort_keys=True)).fingerprint(key)


def write_of(
    name: ReportName, now: Components, kept: Kept | None, former: Components, key: bytes
) -> Write[NewVersion]:
    """The write of a report that differs from its `former` components; changes show no amounts."""
    version, digest = kept or (0, "")
    fresh = digest_of(now, key)
    changes = tuple(
        Change(component, MASK if component in former else None, MASK if component in now else None)
        for component in sorted({*former, *now})
        if former.get(component) != now.get(component)
    )
    # Without a target id no link is kept: the report itself says what was kept last. The digests tell that an
    # amount has moved since a preview, which the masked changes do not show.
    return Write(
        record=record_of(name, Outcome.UPDATED if kept else Outcome.CREATED, changes=changes),
        payload=NewVersion(name.person, name.period, version + 1, fresh, now),
        digests={ENTITY: fresh, "before": digest},
    )


def record_of(
    name: ReportName, outcome: Outcome, why: Reason | None = None, changes: tuple[Change, ...] = ()
) -> Record:
    """The record of a report."""
    return Record(ENTITY, name.key, name.label, outcome, name.source_id, why, changes)


def blocked(name: ReportName, why: Reason) -> Record:
    """The record of a report that is not kept, and why."""
    return record_of(name, Outcome.BLOCKED, why)
