"""Reading the lists of documents by the vendor's cursor, over as many steps as it takes (RUN-8).

What is read is kept with the plan of the run, page by page, so that a page of the plan needs only its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from msgspec import Struct, field

from payrelay.domain.runs import Run
from payrelay.errors import Unfinished
from payrelay.flows.document_pull.rules import Announced, Group, Kind
from payrelay.flows.exact import Budget, ExactSystems
from payrelay.flows.exact_ids import resource_id
from payrelay.ledger import Ledger
from payrelay.systems.payroll_plus.documents import Document, DocumentPage
from payrelay.systems.rows import BadRow


class Piece(Struct):
    """One page of a group's list."""

    rows: list[Announced] = []
    bad: list[BadRow] = []


class Walk(Struct):
    """How far a group's list is read, and what can only be told of all of its pages.

    `ids` and `spelled` tell which documents are listed twice, and otherwise, and which persons under several
    spellings; `people` are the persons of the group, by the ID in Exact Synergy.
    """

    cursor: str | None = None
    pieces: int = 0
    rows: int = 0
    done: bool = False
    ids: dict[str, str] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    spelled_twice: list[int] = field(default_factory=list)


class Walks(Struct, frozen=True):
    """The readings of one run in one language; `name` tells those apart that a run makes one by one."""

    ledger: Ledger
    sides: ExactSystems
    run: Run
    language: str
    name: str

    def finished(self, group: Group, budget: Budget) -> Walk:
        """The reading of a group, once all of it is read; Unfinished if that takes another step."""
        walk = self.ledger.plans.kept(self.run, self._name(group), Walk) or Walk()
        while not walk.done:
            if not budget.take():
                self.ledger.plans.keep(self.run, self._name(group), walk)
                raise Unfinished
            self._read(group, walk)
            if walk.done:
                walk.ids = {}
                self.ledger.plans.keep(self.run, self._name(group), walk)
        return walk

    def piece(self, group: Group, number: int) -> Piece:
        """One page of a group that is read."""
        return self.ledger.plans.kept(self.run, self._name(group, number), Piece) or Piece()

    def pieces(self, group: Group) -> Iterator[tuple[Walk, Piece]]:
        """All pages of a group, one after the other; read first if they are not yet."""
        walk = self.finished(group, Budget())
        for number in range(walk.pieces):
            yield walk, self.piece(group, number)

    def has_any(self, group: Group, language: str) -> bool:
        """Whether a group has documents in another language."""
        return len(self._page(group, language, None).rows) > 0

    def _read(self, group: Group, walk: Walk) -> None:
        page = self._page(group, self.language, walk.cursor)
        piece = Piece()
        for row in map(announced, page.rows.take(piece.bad)):
            if _is_news(row, walk):
                piece.rows.append(row)
        self.ledger.plans.keep(self.run, self._name(group, walk.pieces), piece)
        walk.pieces += 1
        walk.rows += len(piece.rows) + len(piece.bad)
        walk.cursor, walk.done = page.next, page.next is None

    def _page(self, group: Group, language: str, cursor: str | None) -> DocumentPage:
        documents = self.sides.payroll.documents
        if group.kind is Kind.SLIP:
            return documents.slips(group.id, language, cursor)
        return documents.statements(group.year, language, cursor)

    def _name(self, group: Group, *names: object) -> str:
        # The id of a run is a text of any letters.
        key = hashlib.sha256(group.key.encode()).hexdigest()[:16]
        return "-".join(map(str, ("documents", self.name, key, *names)))


def announced(row: Document) -> Announced:
    """A row as the rules know it."""
    return Announced(
        id=row.document_id,
        kind=row.kind,
        employee=row.employee_id,
        run_id=row.run_id or "",
        year=row.year,
        language=row.language,
        version=row.version,
        blank=row.blank,
        file_name=row.file_name,
        sha256=row.sha256,
    )


def _is_news(row: Announced, walk: Walk) -> bool:
    """Whether a row was not there before; what makes it doubtful is noted."""
    shape = "|".join((row.employee, str(row.version), row.sha256, row.kind, row.run_id, str(row.year)))
    digest = hashlib.sha256(shape.encode()).hexdigest()[:16]
    number = resource_id(row.employee)
    if number is not None and walk.spelled.setdefault(str(number), row.employee) != row.employee:
        walk.spelled_twice.append(number)
    if row.id in walk.ids:
        if walk.ids[row.id] != digest:
            walk.twice.append(row.id)
        return False
    walk.ids[row.id] = digest
    return True
