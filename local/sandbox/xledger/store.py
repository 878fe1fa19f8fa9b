"""Xledger's data: the time there, ids of new rows, and looking up what a reference names."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from local.sandbox.frame.kinds import misfit
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row

WALL_CLOCK = ZoneInfo("Europe/Oslo")
# Referred to by the contract, but without a listing of their own.
SIDE = (
    *("entities", "positions", "positionValues", "positionCategories", "employeeTypes"),
    *("subledgers", "users", "xgl", "compensationTypes"),
)
REFERENCES = {
    **dict.fromkeys((f"glObject{number}" for number in range(1, 6)), "objectValues"),
    **dict.fromkeys(("superior", "employee"), "employees"),
    **dict.fromkeys(("user", "approvedBy"), "users"),
    "employeeGroup": "employeeGroups",
    "employmentType": "employmentTypes",
    "exitReason": "exitReasons",
    "contact": "contacts",
    "owner": "entities",
    "employeeType": "employeeTypes",
    "positionCategory": "positionCategories",
    "positionValue": "positionValues",
    "xgl": "xgl",
    "subledger": "subledgers",
    "compensationType": "compensationTypes",
    "absenceCode": "absenceCodes",
    "position": "positions",
}
FIRST_DB_ID = {
    "employees": 70001,
    "contacts": 81001,
    "absences": 95001,
    "objectValues": 310001,
    "entities": 500,
}
MAIN_ENTITY = {"dbId": "500", "code": "500", "description": "Main entity"}


@lru_cache(maxsize=64)
def clock(moment: datetime) -> str:
    """A moment in Central European wall-clock time without an offset."""
    return moment.astimezone(WALL_CLOCK).strftime("%Y-%m-%dT%H:%M:%S")


class Books(Store):
    """The tables, with the time and the ids of new rows. References are kept as `{"dbId": …}`."""

    def __init__(self, resources: Iterable[Resource], base_version: int, now: Callable[[], datetime]) -> None:
        super().__init__(resources, base_version)
        self._now = now
        self._last: dict[str, int] = {}

    @property
    def owner(self) -> str:
        """The entity that the tokens are bound to."""
        return str(next(iter(self["entities"].rows()), MAIN_ENTITY)["dbId"])

    def time(self) -> str:
        """Now."""
        return clock(self._now())

    def today(self) -> str:
        """Today's date."""
        return self.time()[:10]

    def new_db_id(self, resource: str) -> str:
        """The next free dbId of a resource; never one that was used before."""
        self._last[resource] = self.highest(resource) + 1
        return str(self._last[resource])

    def go_on_behind(self, before: Self) -> None:
        """Give no dbId that there was in the state before this one: who is deleted leaves it to nobody."""
        for resource in FIRST_DB_ID:
            self._last[resource] = before.highest(resource)

    def highest(self, resource: str) -> int:
        """The highest dbId of a resource that there is, or was."""
        rows = self[resource].rows()
        there = int(rows[-1]["dbId"]) if rows else 0
        return max(there, self._last.get(resource, FIRST_DB_ID.get(resource, 11) - 1))

    def resolve(self, field: str, given: Row) -> dict[str, str]:
        """What a reference on write names, as `{"dbId": …}`; raises Misfits."""
        keys = [key for key in ("dbId", "code", "description") if given.get(key) is not None]
        if len(keys) != 1:
            raise misfit(field, "one of dbId, code or description is needed")
        row = self.named(REFERENCES[field], keys[0], given[keys[0]])
        if row is None:
            raise misfit(field, f'nothing has the {keys[0]} "{given[keys[0]]}"')
        return {"dbId": row["dbId"]}

    def named(self, resource: str, key: str, value: str) -> Row | None:
        """The row with this dbId, code or description; an open one before a closed one."""
        table = self[resource]
        indexed = table.indexes(key)
        found = (
            table.find(key, [value]) if indexed else [row for row in table.rows() if row.get(key) == value]
        )
        if len(found) < 2:
            return found[0] if found else None
        today = self.today()
        return min(found, key=lambda row: closed(row, today))


def closed(row: Row, today: str) -> bool:
    """Whether an object has ended."""
    return bool(row.get("dateTo")) and row["dateTo"] < today
