"""Employments: what may be changed of one, and how a concept employee becomes an employee with its first."""

from collections.abc import Iterable
from dataclasses import replace

from local.sandbox.frame.kinds import fitting, misfit, whole
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import System

from .rows import CONVERTED, EMPLOYMENT, EMPLOYMENTS, PERSON, today

_CHANGE = {**EMPLOYMENT, "payrollNoEE": whole(1, 999_999)}


class Employments:
    """The routes of employments, over the store of a room."""

    def __init__(self, room: System) -> None:
        self._room = room

    def routes(self) -> Iterable[Route]:
        """Below one employee."""
        below = "/employees/<employeeId>/employments"
        newest_first = replace(self._room.paging, newest_first=True)
        return (
            self._room.lists(below, EMPLOYMENTS, parent="employees", paging=newest_first),
            Route("PATCH", f"{below}/<int:payrollNoEE>", "change employments", self._patch),
        )

    def _patch(self, asked: Asked) -> object:
        """The fields that are sent; one who has left everywhere does not come back by a date taken away."""
        self._room.row("employees", asked)
        old = self._room.row("employments", asked)
        sent = fitting(_CHANGE, asked.json())
        if sent.get("payrollNoEE", old["payrollNoEE"]) != old["payrollNoEE"]:
            raise misfit("payrollNoEE", "must be that of the path")
        row = EMPLOYMENTS.in_order({**old, **sent})
        if row["termDate"] is not None and row["termDate"] < row["employed"]:
            raise misfit("termDate", "must not be before employed")
        day, table = today(self._room.options.now()), self._room.store["employments"]
        all_ended = not any(_lasts(one, day) for one in table.of(old["employeeId"]))
        if all_ended and _lasts(row, day):
            raise Refused("AllEmploymentsInactive", field="termDate")
        table.put(row)
        return EMPLOYMENTS.shown(row)


def _lasts(employment: Row, day: str) -> bool:
    """Whether it is not over on a day; the term date is its last."""
    return employment["termDate"] is None or employment["termDate"] >= day


def convert(concept: Row, reading_at: str) -> tuple[Row, Row | None]:
    """The employee that a concept becomes, and employment 1, if it says from when on."""
    employee = {name: concept[name] for name in PERSON if name in concept}
    employee.setdefault("typeOfEmployee", "Employee")
    if concept.get("employed") is None:
        return {**employee, "modifiedAt": reading_at}, None
    first = {
        "employeeId": concept["employeeId"],
        "payrollNoEE": 1,
        "employed": concept["employed"],
        "termDate": None,
        "jobTitle": "",
        "costCentre": "",
        "typeOfEmployee": employee["typeOfEmployee"],
    }
    return {**employee, "modifiedAt": reading_at}, first


def complete_converted(reading: Reading) -> None:
    """In a state, a concept that has been converted has its employee, and that one its first employment."""
    store = reading.store
    for concept in store["conceptEmployees"].rows():
        if concept["status"] == CONVERTED and concept["employeeId"] not in store["employees"]:
            employee, first = convert(concept, reading.at)
            store["employees"].put(employee)
            if first and not store["employments"].of(concept["employeeId"]):
                store["employments"].put(first)
