"""Reading a state: rows checked, and completed where a tester gives them in part."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count
from typing import Any

from local.sandbox.frame.room import Row
from local.sandbox.frame.state import StateReader

from .edm import GUID, written
from .entities import ENTITIES, Entity, kept, misfits
from .store import RESOURCES, SETTINGS, Store

_LICENCE: Row = {"Code": "YA1740", "Option": 36, "Active": True}
_DEFAULTS: Mapping[str, Row] = {
    "Resource": {"EmployeeType": "E", "EmployeeStatus": "A", "CountryCode": "NL"},
    "License": {"Active": True},
    "Contract": {"Active": True},
    "BankAccount": {"SequenceNumber": 1, "IsDefault": True},
    "Request": {"ApplySalaryScale": False},
}
_STAMPS = ("ModifiedDate", "CreatedDate")


def _is_whole(least: int, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


_SETTINGS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "page_size": ("a whole number, 1 or more", lambda value: _is_whole(1, value)),
    "ntlm": ("true or false", lambda value: isinstance(value, bool)),
    "no_right": (
        "a list of entities",
        lambda value: isinstance(value, list) and all(name in ENTITIES for name in value),
    ),
    "answer_ms": ("a whole number of milliseconds, 0 or more", lambda value: _is_whole(0, value)),
}


def read_state(state: Any, now: datetime, base_version: int) -> Store:
    """A store of the given rows; raises StateRefusedError with every problem found."""
    reader = _Reader(state, Store(base_version), now)
    reader.read()
    reader.refuse_if_wrong()
    return reader.store


class _Reader(StateReader):
    def __init__(self, state: Any, store: Store, now: datetime) -> None:
        super().__init__(state, RESOURCES)
        self.store = store
        self._now = written(now)

    def read(self) -> None:
        """Every entity by itself: a person may name a manager who is not there."""
        self._given.setdefault("License", [_LICENCE])
        for place, entity in enumerate(ENTITIES.values(), 1):
            fresh = self._fresh_guids(place, entity)
            for number, row in self._each(entity.name):
                self._read_row(number, row, entity, fresh)
        for number, row in self._each("settings"):
            self._read_settings(number, row)

    def _read_row(self, number: int, row: Any, entity: Entity, fresh: Iterator[str]) -> None:
        if not self._fits(number, _problems(entity, row)):
            return
        made: Row = {**dict.fromkeys(entity.fields), **_DEFAULTS.get(entity.name, {})}
        made |= {name: self._now for name in _STAMPS if name in entity.fields}
        if entity.fields[entity.key] is GUID and entity.key not in row:
            made[entity.key] = next(fresh)
        whole = {**made, **kept(entity, row)}
        if entity.name == "Resource" and "FullName" not in row:
            names = (whole["FirstName"], whole["MiddleName"], whole["LastName"])
            whole["FullName"] = " ".join(name for name in names if name) or f"Person {whole['ID']}"
        table = self.store.tables[entity.name]
        if whole[entity.key] in table:
            self._say(number, entity.key, f"{whole[entity.key]} is used twice")
        else:
            table.put(whole)

    def _read_settings(self, number: int, row: Any) -> None:
        if number:
            self._say(number, "", "there is one row of settings")
        elif not isinstance(row, dict):
            self._say(number, "", "an object is needed")
        else:
            for name, value in row.items():
                words, accepts = _SETTINGS.get(name, (f"one of {', '.join(SETTINGS)}", lambda _: False))
                if not accepts(value):
                    self._say(number, name, f"must be {words}")
            self.store.settings = {**SETTINGS, **row}

    def _fresh_guids(self, place: int, entity: Entity) -> Iterator[str]:
        """Guids that count, without those that are given."""
        rows = self._given.get(entity.name, [])
        given = {str(row[entity.key]).lower() for row in rows if isinstance(row, dict) and entity.key in row}
        guids = (f"0a1f6c1e-0000-4000-8{place:03x}-{number:012x}" for number in count(1))
        return (guid for guid in guids if guid not in given)


def _problems(entity: Entity, row: Any) -> list[tuple[str, str]]:
    """Field and message of whatever does not fit, the needed fields that are missing first."""
    if not isinstance(row, dict):
        return [("", "an object is needed")]
    found = [(name, "is required") for name in entity.needed if row.get(name) is None]
    known = ", ".join(entity.fields)
    found += [(str(name), f"unknown field; known are {known}") for name in row if name not in entity.fields]
    return found + misfits(entity, row)
