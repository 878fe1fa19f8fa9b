"""When a system was read last, by our clock and by its own, and from when on it may have moved (RUN-11).

What moved at a system is told by the system's own clock, which may be behind or ahead of ours, and which
somebody may put back. The Date of an answer tells what it says.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

# What changed while a list was read is read again, and in autumn an hour comes twice.
BACK = timedelta(hours=2)
# Where a system does not tell its time, it may be off by so much.
UNKNOWN_BACK = timedelta(days=1)


class Mark(Struct, frozen=True):
    """When a reading of a system began, by `ours`, and by `theirs` if the system tells its time."""

    ours: datetime
    theirs: datetime | None = None

    @classmethod
    def parse(cls, text: str | None) -> Mark | None:
        """That of a text of `stored`; None where there is none, or none that can be read."""
        ours, _, theirs = (text or "").partition(" ")
        try:
            return cls(datetime.fromisoformat(ours), datetime.fromisoformat(theirs) if theirs else None)
        except ValueError:
            return None

    def stored(self) -> str:
        """As it is kept."""
        return f"{self.ours.isoformat()} {self.theirs.isoformat() if self.theirs else ''}".strip()

    def since(self, back: timedelta = BACK) -> datetime:
        """From when on the system may have moved, by the less safe of both clocks."""
        if self.theirs is None:
            return self.ours - max(back, UNKNOWN_BACK)
        return min(self.ours, self.theirs) - back

    def holds(self, now: Mark, back: timedelta = BACK) -> bool:
        """Whether the system's clock has gone on as ours has: else nothing is known of what it calls new.

        One that was put back, or forward, by no more than what is read again does no harm.
        """
        if self.theirs is None or now.theirs is None:
            return True
        return abs((now.theirs - self.theirs) - (now.ours - self.ours)) <= back
