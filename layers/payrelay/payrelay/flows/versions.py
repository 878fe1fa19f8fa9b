"""The version of a flow: a hash of the source that decides what it writes, so that nobody has to raise it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from payrelay.domain.reasons import reason
from payrelay.domain.runs import Run
from payrelay.errors import NeedsAttention
from payrelay.flows.catalog import kind_of

PACKAGE = Path(__file__).parents[1]
# What only shows or explains decides nothing.
SHOWS_ONLY = frozenset({"views.py", "page.py", "diagnose.py"})
DIGITS = 12
_TIMES_SINCE = 2000


def check_version(run: Run) -> None:
    """NeedsAttention when the flow was deployed anew since the run began: it never mixes two versions."""
    now = version_of(run.flow)
    if run.flow_version != now:
        values = {"when": "while the run was planning", "then": "", "instead": ""}
        why = reason("DEPLOYED_MEANWHILE", old=run.flow_version, new=now, **values)
        raise NeedsAttention(why.code, why.message, why.remedy)


def installed_at(flow: str) -> datetime | None:
    """When the newest of a flow's sources was written, where the package tells: that is when it was built."""
    newest = max(path.stat().st_mtime for path in _sources(flow, PACKAGE))
    moment = datetime.fromtimestamp(newest, UTC)
    # What was packed for good has no times.
    return moment if moment.year >= _TIMES_SINCE else None


def version_of(flow: str) -> str:
    """Twelve hex digits that differ whenever the rules of the flow, or what they rest on, differ."""
    return _version(flow, PACKAGE)


@lru_cache
def _version(flow: str, package: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_sources(flow, package)):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:DIGITS]


def _sources(flow: str, package: Path) -> Iterator[Path]:
    """The flow's room, the domain, its kind's settings, the rooms of its systems, and how they call out."""
    kind = kind_of(flow)
    settings = kind.settings.partition(":")[0].rpartition(".")[2]
    yield from (p for p in (package / "flows" / flow).glob("*.py") if p.name not in SHOWS_ONLY)
    yield package / "flows" / "settings" / f"{settings}.py"
    yield package / "flows" / "engine" / "bulk.py"
    yield from (package / "domain").glob("*.py")
    yield from (package / "systems").glob("*.py")
    for room in ("http", *kind.every_system):
        yield from (package / "systems" / room).glob("*.py")
