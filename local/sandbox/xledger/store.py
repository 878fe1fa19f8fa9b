"""Xledger's data: tables by dbId, numbering, times, and looking up what a reference names."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from local.sandbox.frame.listings import Listings
from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

from .errors import InvalidValueError
from .fields import FIRST_DB_ID, MAIN, REFERENCES, SIDE

WALL_CLOCK = ZoneInfo("Europe/Oslo")
_INDEXED = {
    "employees": ("code", "contactDbId"),
    "contacts": ("code",),
    "absences": ("employeeDbId", "absenceCodeDbId"),
}


class Store:
    """All tables. Rows are never changed in place; references are kept as `{"dbId": …}`."""

    def __init__(self, now: Callable[[], datetime], base_version: int = 0) -> None:
        self.tables = {
            name: Table("dbId", _INDEXED.get(name, ("code",)), order=int) for name in (*MAIN, *SIDE)
        }
        self.listings = Listings()
        self._now = now
        self._base_version = base_version
        self._last: dict[str, int] = {}

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        return self._base_version + sum(table.version for table in self.tables.values())

    @property
    def owner(self) -> str:
        """The entity that the tokens are bound to."""
        return str(self.tables["entities"].rows()[0]["dbId"])

    def time(self) -> str:
        """Now, in Central European wall-clock time without an offset."""
        return self._now().astimezone(WALL_CLOCK).strftime("%Y-%m-%dT%H:%M:%S")

    def today(self) -> str:
        """Today's date there."""
        return self.time()[:10]

    def new_db_id(self, resource: str) -> str:
        """The next free dbId of a resource; never one that was used before."""
        if resource not in self._last:
            rows = self.tables[resource].rows()
            self._last[resource] = int(rows[-1]["dbId"]) if rows else FIRST_DB_ID.get(resource, 11) - 1
        self._last[resource] += 1
        return str(self._last[resource])

    def resolve(self, field: str, given: Row) -> dict[str, str]:
        """What a reference on write names, as `{"dbId": …}`; raises InvalidValueError."""
        keys = [key for key in ("dbId", "code", "description") if given.get(key) is not None]
        if len(keys) != 1:
            raise InvalidValueError(f"{field}: one of dbId, code or description is needed")
        row = self.named(REFERENCES[field], keys[0], given[keys[0]])
        if row is None:
            raise InvalidValueError(f'{field}: nothing has the {keys[0]} "{given[keys[0]]}"')
        return {"dbId": row["dbId"]}

    def named(self, resource: str, key: str, value: str) -> Row | None:
        """The row with this dbId, code or description; an open one before a closed one."""
        table = self.tables[resource]
        if table.indexes(key):
            found = table.find(key, [value])
        else:
            found = [row for row in table.rows() if row.get(key) == value]
        if len(found) < 2:
            return found[0] if found else None
        today = self.today()
        return min(found, key=lambda row: closed(row, today))


def closed(row: Row, today: str) -> bool:
    """Whether an object has ended."""
    return bool(row.get("dateTo")) and row["dateTo"] < today


def check_date(field: str, value: Any) -> None:
    """Refuse what is no date of the form yyyy-MM-dd; raises InvalidValueError."""
    try:
        right = isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        right = False
    if not right:
        raise InvalidValueError(f'{field}: "{value}" is no date of the form yyyy-MM-dd')


def check_time(field: str, value: Any) -> None:
    """Refuse what is no time of the form HH:mm; raises InvalidValueError."""
    try:
        right = isinstance(value, str) and len(value) in (5, 8) and time.fromisoformat(value) is not None
    except ValueError:
        right = False
    if not right:
        raise InvalidValueError(f'{field}: "{value}" is no time of the form HH:mm')


def check_order(row: Row, first: str, last: str) -> None:
    """Refuse a period that ends before it begins; raises InvalidValueError."""
    if row.get(first) and row.get(last) and row[last] < row[first]:
        raise InvalidValueError(f"{last} {row[last]} is before {first} {row[first]}")
