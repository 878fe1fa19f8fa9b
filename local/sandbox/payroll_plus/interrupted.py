"""Faults by which a person is quicker: makes a concept an employee, or processes a period, before a call."""

from collections.abc import Mapping
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import instant
from local.sandbox.frame.room import Description
from local.sandbox.frame.system import System

from .employments import convert
from .inputs import period_of
from .rows import CONVERTED

# The call that each of them happens to.
_CALLS = {"converted": "change conceptEmployees", "period_closes": "change variableInputs"}


class Interrupted(System):
    """A room in which a person does something just before a call."""

    by_a_person: ClassVar[Mapping[str, str]] = dict.fromkeys(_CALLS, "")

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        wanted = _CALLS.get(fault, description.operation)
        return description.operation == wanted and super().can_suffer(fault, call, description)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault not in _CALLS:
            return super().suffer(fault, call, reset_in_seconds)
        path = self._routes.find(call.method, call.path).path
        with self.lock:
            self._convert(path["employeeId"]) if fault == "converted" else self._close(path)
        return self.answer(call)

    def _convert(self, employee_id: str) -> None:
        """A person makes an employee of a concept, if it is one."""
        concept = self.store["conceptEmployees"].get(employee_id)
        if concept is None or concept["status"] == CONVERTED:
            return
        employee, first = convert(concept, instant(self.options.now()))
        self.store["conceptEmployees"].put({**concept, "status": CONVERTED})
        self.store["employees"].put(employee)
        if first:
            self.store["employments"].put(first)

    def _close(self, path: Mapping[str, str]) -> None:
        """The period of an input is processed."""
        period = period_of(self.store, path["employeeId"], path["prPeriod"])
        if period:
            self.store["payrollPeriods"].put({**period, "status": "Processed"})
