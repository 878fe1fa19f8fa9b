"""What is planned for a document: to be posted, to be taken off AutoVu's list, or to be told why not."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from payrelay.domain.invoices import Posting, Side


class Row(Struct, frozen=True):
    """A document's row in AutoVu as it was planned: its version, and the StatusCode that stands there."""

    version: str
    status_code: str


class Adoption(Struct, frozen=True):
    """An account of AutoVu's to be linked on the way with its namesake, by the package's id (IN-6)."""

    account_id: str
    side: Side
    accs_id: str


class Post(Struct, frozen=True, tag="post"):
    """Post it, then take it off the list.

    It is `doubtful` if it may have been posted before, and not `listed` if AutoVu lists it no more. Where the
    package gives such documents numbers of its own, it is looked for `by_mark` before.
    """

    row: Row
    posting: Posting
    adopts: Adoption | None = None
    doubtful: bool = False
    listed: bool = True
    by_mark: bool = False


class TakeOff(Struct, frozen=True, tag="take_off"):
    """It stands in the package already: only take it off the list."""

    row: Row


class Tell(Struct, frozen=True, tag="tell"):
    """It can't be posted: put this StatusCode."""

    row: Row
    text: str


Payload: TypeAlias = Post | TakeOff | Tell
