"""Reading the state that a tester gives: rows checked and completed, with every problem told at once."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

from .kinds import Misfit, Misfits, instant, read_row
from .refusals import Refused
from .resources import Resource, Store
from .room import Row, State, StateRefusedError
from .table import Table


class Reading:
    """One state on its way into a store. Resources are read in their order, so that later ones may refer."""

    def __init__(self, state: Any, store: Store, now: datetime) -> None:
        self.store, self.now = store, now
        # As most systems write a time.
        self.at = instant(now)
        self.given: State = {}
        self._fresh: dict[str, Iterator[Any]] = {}
        self._problems: list[dict[str, object]] = []
        if not isinstance(state, dict):
            self._say("", None, [Misfit((), "an object of lists is needed")])
            return
        known = ", ".join(store.resources)
        for name, rows in state.items():
            if name not in store.resources:
                self._say(name, None, [Misfit((), f"unknown resource; known are {known}")])
            elif not isinstance(rows, list):
                self._say(name, None, [Misfit((), "a list of rows is needed")])
            else:
                self.given[name] = rows

    def read(self) -> None:
        """Put every row where it belongs."""
        for resource in self.store.resources.values():
            self._read_rows(resource, self.given.get(resource.name, list(resource.usual)))

    def fresh(self, name: str) -> Any:
        """The next key of a resource that counts, for a row without, or one that is made of another's."""
        if name not in self._fresh:
            self._fresh[name] = self._free_keys(self.store.resources[name])
        return next(self._fresh[name])

    def refuse(self, resource: str, row: int, wrong: Misfits) -> None:
        """Tell what is wrong with a row, of which only the whole state can tell."""
        self._say(resource, row, wrong.found)

    def finish(self) -> None:
        """StateRefusedError with every problem found, if there is one."""
        if self._problems:
            raise StateRefusedError(self._problems)

    def _read_rows(self, resource: Resource, rows: list[Any]) -> None:
        table = self.store[resource.name]
        for number, given in _in_order(resource, rows):
            found = self._row(resource, table, number, given)
            if found:
                self._say(resource.name, number, found)
        if resource.single and not table:
            # Also where the one that was given does not fit: what comes after it may need one.
            table.put(self._made(resource, {}))

    def _row(self, resource: Resource, table: Table, number: int, given: Any) -> list[Misfit]:
        """Put one row, or tell what is wrong with it."""
        if resource.single and number:
            return [Misfit((), f"there is one row of {resource.name}")]
        row, found = read_row(resource.fields, given, resource.must_have, resource.absent)
        if found:
            return found
        if resource.fresh and not resource.single and resource.keys[-1] not in row:
            row = {**row, resource.keys[-1]: self.fresh(resource.name)}
        for name, of in resource.refers.items():
            if row.get(name) is not None and row[name] not in self.store[of]:
                return [Misfit((name,), f"{row[name]} is no row of {of}")]
        try:
            whole = self._made(resource, row)
        except Misfits as unfit:
            return unfit.found
        except Refused as refused:
            return [Misfit((refused.field,) if refused.field else (), refused.message, refused.code)]
        if not resource.single and table.key_of(whole) in table:
            return [Misfit((resource.keys[-1],), f"{_named(resource, whole)} is used twice")]
        for name in resource.unique:
            if whole.get(name) is not None and table.find(name, [whole[name]]):
                return [Misfit((name,), f"{whole[name]} is used twice")]
        table.put(whole)
        return []

    def _made(self, resource: Resource, row: Row) -> Row:
        whole = {**resource.defaults, **row} if resource.defaults else row
        return resource.in_order(resource.made(whole, self) if resource.made else whole)

    def _free_keys(self, resource: Resource) -> Iterator[Any]:
        """Keys that no row names, be it of this resource or of one that refers to it by the same field."""
        name, fresh = resource.keys[-1], resource.fresh or str
        given = (row for rows in self.given.values() for row in rows)
        named = {str(row[name]).lower() for row in given if isinstance(row, dict) and name in row}
        return (key for key in map(fresh, count(1)) if str(key).lower() not in named)

    def _say(self, resource: str, row: int | None, found: Iterable[Misfit]) -> None:
        for one in found:
            self._problems.append(
                {"resource": resource, "row": row, "field": one.field, "message": one.message}
            )


@contextmanager
def without_collecting() -> Iterator[None]:
    """Rows come to stay: to search them for garbage as they grow would take a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _in_order(resource: Resource, rows: list[Any]) -> Iterable[tuple[int, Any]]:
    """The rows with their numbers, those that stand below another one after the others."""
    numbered = enumerate(rows)
    if not resource.below:
        return numbered
    return sorted(numbered, key=lambda pair: isinstance(pair[1], dict) and resource.below in pair[1])


def _named(resource: Resource, row: Row) -> str:
    """`NETTOLOON of 2026, 2026-01, 1042`, or just the key."""
    first, *others = (str(row[name]) for name in reversed(resource.keys))
    return f"{first} of {', '.join(reversed(others))}" if others else first
