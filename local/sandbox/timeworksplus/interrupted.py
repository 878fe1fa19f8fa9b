"""Faults of TimeWorksPlus: a person who is quicker than a write, and pages that lead elsewhere."""

from collections.abc import Mapping
from typing import Any, ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.room import Description, Row
from local.sandbox.frame.system import System

from .nights import finalize
from .rows import RULES, present

# Just before a write a person finalizes the period of its first row, and those before that, or gives the
# category of the row another name, or removes its employee.
_PEOPLE = ("finalized", "renamed", "removed")
_ELSEWHERE = "elsewhere"
_ELSEWHERE_HOST = b"http://twpapi.elsewhere.example"


class Interrupted(System):
    """A room in which a person does something just before a write."""

    interrupts: ClassVar[Mapping[str, str]] = dict.fromkeys((*_PEOPLE, _ELSEWHERE), "")

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        """People do something to what is about to be written; lists lead elsewhere."""
        if fault in _PEOPLE:
            return self._first(call) is not None
        if fault == _ELSEWHERE:
            return (description.operation or "").startswith("list ")
        return super().can_suffer(fault, call, description)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault not in self.interrupts:
            return super().suffer(fault, call, reset_in_seconds)
        if fault == _ELSEWHERE:
            host = f"http://{call.headers.get('host', '')}".encode()
            answer = self.answer(call)
            return Answer(answer.status, answer.body.replace(host, _ELSEWHERE_HOST), answer.headers)
        with self.lock:
            site, row = self._first(call) or ("", {})
            match fault:
                case "finalized":
                    self._finalize(site, row["effective"])
                case "renamed":
                    self._rename(site, row["category"])
                case "removed":
                    self._remove(site, row["id"])
        return self.answer(call)

    def _first(self, call: Call) -> tuple[str, Row] | None:
        """The site of a write and its first row, if all that it needs is there."""
        found = self._routes.find(call.method, call.path)
        if found.route is None or found.route.operation != "change accruals":
            return None
        try:
            body: Any = call.json()
        except ValueError:
            return None
        row = body[0] if isinstance(body, list) and body else None
        names = ("id", "category", "effective")
        if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in names):
            return None
        return found.path["siteId"], row

    def _finalize(self, site: str, day: str) -> None:
        for row in list(self.store["payperiods"].of(site)):
            if row["BeginDate"] <= day and not row["IsFinalized"]:
                finalize(self.store, row, present(self.store, self.options.now()))

    def _rename(self, site: str, category: str) -> None:
        """Balances keep the name that they had."""
        for name in RULES:
            row = self.store["processingrules"].get((site, name))
            if row:
                names = [f"New {one}" if one == category else one for one in row["Categories"]]
                self.store["processingrules"].put({**row, "Categories": names})

    def _remove(self, site: str, code: str) -> None:
        self.store["employees"].remove((site, code))
        for name in ("accruals", "usage"):
            table = self.store[name]
            for row in list(table.of((site, code))):
                table.remove(table.key_of(row))
