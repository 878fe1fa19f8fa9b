"""Faults of Payroll Plus: a person who is quicker than a call, and documents that come as something else."""

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import parse_qs

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import instant
from local.sandbox.frame.room import Description
from local.sandbox.frame.system import System

from .employments import convert
from .inputs import period_of
from .rows import CONVERTED

# The calls that each of them happens to. A person makes an employee of a concept, or processes a period, or
# withdraws the run whose slips or entries are asked for, just before the call; a document comes as a page for
# people, or as the first half of itself.
_CALLS = {
    "converted": ("change conceptEmployees",),
    "period_closes": ("change variableInputs",),
    "withdrawn": ("list paySlips", "list journalEntries", "get documents"),
    "page": ("get documents",),
    "truncated": ("get documents",),
}
_PAGE = b"<!DOCTYPE html><html><head><title>Exact Payroll Plus</title></head><body>Maintenance</body></html>"


class Interrupted(System):
    """A room in which a person does something just before a call, and something may come of the answer."""

    by_a_person: ClassVar[Mapping[str, str]] = dict.fromkeys(_CALLS, "")

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        wanted = _CALLS.get(fault, (description.operation,))
        return description.operation in wanted and super().can_suffer(fault, call, description)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault not in _CALLS:
            return super().suffer(fault, call, reset_in_seconds)
        path = self._routes.find(call.method, call.path).path
        with self.lock:
            match fault:
                case "converted":
                    self._convert(path["employeeId"])
                case "period_closes":
                    self._close(path)
                case "withdrawn":
                    self._withdraw(path, call)
        answer = self.answer(call)
        return _spoilt(fault, answer) if answer.status == 200 else answer

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

    def _withdraw(self, path: Mapping[str, str], call: Call) -> None:
        """The run is open again: it has neither been processed nor approved."""
        query = {name: values[0] for name, values in parse_qs(call.query).items()}
        document = self.store["documents"].get((path.get("documentId"), query.get("language")))
        run = self.store["payrollRuns"].get(document["runId"] if document else query.get("runId"))
        if run:
            withdrawn = {"status": "Open", "processedAt": None, "approvedAt": None}
            self.store["payrollRuns"].put({**run, **withdrawn})


def _spoilt(fault: str, answer: Answer) -> Answer:
    """What arrives of a document."""
    if fault == "page":
        return Answer(200, _PAGE, {"Content-Type": "text/html"})
    return (
        Answer(200, answer.body[: len(answer.body) // 2], answer.headers) if fault == "truncated" else answer
    )
