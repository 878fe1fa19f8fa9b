"""What of a person's report would be kept anew, compared with the version that is kept (REP-1)."""

from __future__ import annotations

import json

from msgspec import Struct

from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.domain.sensitive import MASK, Secret
from payrelay.flows.report_pull.read import Components, Line
from payrelay.flows.report_pull.reasons import reason
from payrelay.flows.report_pull.rules import ENTITY, ReportName
from payrelay.ledger.reports import plain_lines

# Number and digest of the newest version that is kept.
Kept = tuple[int, str]


class NewVersion(Struct, frozen=True):
    """One person's report of a period as it is to be kept; no components if it was taken back."""

    person: str
    period: str
    version: int
    digest: str
    components: dict[str, tuple[Line, ...]]


def differs(now: Components, kept: Kept | None, key: bytes) -> bool:
    """Whether the report is another than the one that is kept; none at all is none to keep."""
    return bool(now) if kept is None else kept[1] != digest_of(now, key)


def digest_of(components: Components, key: bytes) -> str:
    """Tells whether anything of a report but the order of rows changed, and nothing of what is in it."""
    plain = {name: plain_lines(lines) for name, lines in components.items()}
    return Secret(json.dumps(plain, sort_keys=True)).fingerprint(key)


def write_of(
    name: ReportName, now: Components, kept: Kept | None, former: Components, key: bytes
) -> Write[NewVersion]:
    """The write of a report that differs from its `former` components; changes show no amounts.

    One that loses all that it had is emptied: it says so, and the brake watches for it (RUN-10).
    """
    version, digest = kept or (0, "")
    fresh = digest_of(now, key)
    changes = tuple(
        Change(component, MASK if component in former else None, MASK if component in now else None)
        for component in sorted({*former, *now})
        if _plain(former.get(component)) != _plain(now.get(component))
    )
    # Without a target id no link is kept: the report itself says what was kept last. The digests tell that an
    # amount has moved since a preview, which the masked changes do not show.
    emptied = reason("REPORT_EMPTIED", label=name.label, period=name.period) if kept and not now else None
    return Write(
        record=record_of(name, Outcome.UPDATED if kept else Outcome.CREATED, emptied, changes),
        payload=NewVersion(name.person, name.period, version + 1, fresh, now),
        risks=(Risk.EMPTY,) if emptied else (),
        digests={ENTITY: fresh, "before": digest},
    )


def _plain(lines: tuple[Line, ...] | None) -> list[object] | None:
    return None if lines is None else plain_lines(lines)


def record_of(
    name: ReportName, outcome: Outcome, why: Reason | None = None, changes: tuple[Change, ...] = ()
) -> Record:
    """The record of a report."""
    return Record(ENTITY, name.key, name.label, outcome, name.source_id, why, changes)


def blocked(name: ReportName, why: Reason, component: str = "") -> Record:
    """The record of a report that is not kept, and why; `component` is the one that can't be used.

    Which components somebody has is part of the report: it stands where changes stand, and in no reason.
    """
    changes = (Change(component, None, MASK),) if component else ()
    return record_of(name, Outcome.BLOCKED, why, changes)
