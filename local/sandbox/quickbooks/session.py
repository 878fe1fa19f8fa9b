"""One call's writes: when it is, what it may, and what it does not see yet."""

from dataclasses import dataclass, field
from datetime import datetime

from local.sandbox.frame.room import Row

from .store import Store


@dataclass
class Session:
    """Rows that a batch made are `unseen` by its later items."""

    store: Store
    now: datetime
    allow_duplicates: bool = False
    unseen: set[tuple[str, str]] = field(default_factory=set)

    def sees(self, entity: str, row_id: str) -> Row | None:
        """The row with this id, if this call may know it."""
        return None if (entity, row_id) in self.unseen else self.store.tables[entity].get(row_id)
