"""The package's nominals as a session reads them: what moved, over what an earlier one has read (RUN-11).

At least once a week they are read whole, and so they are where a copy could keep a document back, or has let
one go that the package refused.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from payrelay.domain.invoices import Nominal
from payrelay.domain.mirror import FULL_DAYS, is_full_due
from payrelay.domain.records import Record
from payrelay.domain.runs import Mode, Run
from payrelay.flows.invoice_sync.read import Books
from payrelay.flows.versions import version_of
from payrelay.ledger.mirrors import Head
from payrelay.systems.copies import Copy
from payrelay.systems.rows import Listed

FLOW = "invoice_sync"
# A package may have refused a document for what the copy says otherwise.
_REFUSED = frozenset({"REFUSED_BY_TARGET"})


class Read(Struct, frozen=True):
    """Nominals as they were read: `moved` if what an earlier session has read was taken.

    `drift` is in how many rows that was wrong, where both ways were gone; else None.
    """

    nominals: Listed[Nominal]
    moved: bool = False
    drift: int | None = None


class Nominals(Struct, frozen=True):
    """Those of one connection, at a time."""

    books: Books
    settings: Mapping[str, Any]
    now: datetime

    def read(self, run: Run) -> Read:
        """What moved, over the copy that is kept; all of them once a week, and whenever there is none."""
        head = self._head()
        copy = self._copy(head) if head else None
        if head is None or copy is None:
            return Read(self.whole(run))
        if self._is_due(head):
            # What the short way would have said is told beside it.
            self.books.package.nominals(copy)
            short = self.books.package.copied
            nominals = self.whole(run)
            whole = self.books.package.copied
            return Read(nominals, drift=short.differs(whole) if short and whole else None)
        nominals = self.books.package.nominals(copy)
        # Where it does not tell what moved, all of them were read.
        self._put(run, head.full_at)
        return Read(nominals, moved=True)

    def whole(self, run: Run) -> Listed[Nominal]:
        """All of them."""
        nominals = self.books.package.nominals()
        self._put(run, self.now.isoformat())
        return nominals

    def distrust(self, records: Iterable[Record]) -> None:
        """Read them whole the next time, if the package has refused any of these."""
        if any(one.reason and one.reason.code in _REFUSED for one in records):
            head = self._head()
            if head and head.full_at:
                self.books.ledger.mirrors.put_head(*self._place, replace(head, full_at=""))

    @property
    def _place(self) -> tuple[str, str, str]:
        return (*self.books.connection_key, FLOW)

    def _head(self) -> Head | None:
        """What is kept, if it was made under the same rules and settings."""
        head = self.books.ledger.mirrors.head(*self._place)
        return head if head and head.stamp == self._stamp() else None

    def _copy(self, head: Head) -> Copy | None:
        data = self.books.ledger.mirrors.blob(*self._place, head.loose) if head.loose else None
        try:
            return msgspec.json.decode(gzip.decompress(data), type=Copy) if data else None
        except (OSError, EOFError, msgspec.MsgspecError):
            return None

    def _is_due(self, head: Head) -> bool:
        try:
            full_at = datetime.fromisoformat(head.full_at)
        except ValueError:
            return True
        days = int(self.settings.get("full_days", FULL_DAYS))
        return is_full_due(full_at, self.now, days, "/".join(self.books.connection_key))

    def _put(self, run: Run, full_at: str) -> None:
        """Keep what was read last, unless nothing is to be written by this run."""
        copy = self.books.package.copied
        if copy is None or run.mode not in (Mode.SYNC, Mode.AUTO):
            return
        data = gzip.compress(msgspec.json.encode(copy, order="sorted"), compresslevel=5, mtime=0)
        mirrors, marks = self.books.ledger.mirrors, {self.books.system: copy.at.isoformat()}
        name = mirrors.put_blob(*self._place, data)
        head = Head(stamp=self._stamp(), marks=marks, full_at=full_at, run_id=run.run_id, loose=name)
        mirrors.put_head(*self._place, head)

    def _stamp(self) -> str:
        """Differs with the rules, the settings, and when a person connected it last."""
        connection = self.books.ledger.connections.get(*self.books.connection_key)
        since = [connection.switched_at, connection.era] if connection else []
        told = msgspec.json.encode([version_of(FLOW), since, self.settings], order="sorted")
        return blake2b(told, digest_size=16).hexdigest()
