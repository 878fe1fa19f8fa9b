"""Simployer's data: one table per resource, checked when a tester sets it."""

import hashlib
from datetime import datetime
from typing import Any

from local.sandbox.frame.listings import Listings
from local.sandbox.frame.room import Row, State, StateRefusedError
from local.sandbox.frame.state import problem
from local.sandbox.frame.table import Table

from .kinds import moment
from .resources import STORED, Resource

# A relation has no path of its own; a tester may also write its name as a path would be.
_OTHER_NAMES = {"leave-type-code": "leaveTypeCode"}


class Store:
    """All tables, and the listings worked out last, so that page after page costs no new search."""

    def __init__(self, base_version: int = 0) -> None:
        self.tables = {name: Table("id", resource.indexed) for name, resource in STORED.items()}
        self._base_version = base_version
        self.listings = Listings()

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        return self._base_version + sum(table.version for table in self.tables.values())

    def state(self) -> State:
        """All rows by resource."""
        return {name: list(table.rows()) for name, table in self.tables.items()}


def new_id(*parts: str) -> str:
    """24 hexadecimal characters made of the parts."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:24]


def read_state(state: Any, now: datetime, base_version: int) -> Store:
    """A store of the given rows; raises StateRefusedError with every problem found."""
    if not isinstance(state, dict):
        raise StateRefusedError([problem("", None, "", "an object of lists is needed")])
    store = Store(base_version)
    problems: list[dict[str, object]] = []
    for given_name, rows in state.items():
        name = str(_OTHER_NAMES.get(given_name, given_name))
        resource = STORED.get(name)
        if resource is None:
            problems.append(problem(name, None, "", f"unknown resource; known are {', '.join(STORED)}"))
        elif not isinstance(rows, list):
            problems.append(problem(name, None, "", "a list of rows is needed"))
        else:
            _read_rows(store.tables[name], resource, rows, moment(now), problems)
    if problems:
        raise StateRefusedError(problems)
    return store


def _read_rows(
    table: Table, resource: Resource, rows: list[Any], now: str, problems: list[dict[str, object]]
) -> None:
    for number, row in enumerate(rows):
        found = _row_problems(resource, row)
        if not found and row["id"] in table:
            found = [("id", f"{row['id']} is used twice")]
        if found:
            problems.extend(problem(resource.name, number, field, message) for field, message in found)
        else:
            table.put(_stored(resource, row, now))


def _row_problems(resource: Resource, row: Any) -> list[tuple[str, str]]:
    if not isinstance(row, dict):
        return [("", "an object is needed")]
    problems = [(name, "is required") for name in resource.required if not row.get(name)]
    for name, value in row.items():
        kind = resource.fields.get(name)
        if kind is None:
            problems.append((str(name), f"unknown field; known are {', '.join(resource.fields)}"))
        elif value is not None and not kind.accepts(value):
            problems.append((name, f"must be {kind.words}"))
    return problems


def _stored(resource: Resource, row: Row, now: str) -> Row:
    """The row in the vendor's forms, with what the vendor itself always fills in."""
    stored = resource.stored(row)
    if resource.name == "employee":
        made = {"active": True, "userId": new_id("user", row["id"]), "created": now, "updated": now}
        stored = {**made, **stored}
    return stored
