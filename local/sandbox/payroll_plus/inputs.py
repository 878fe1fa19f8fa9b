"""Variable input, and what it needs of an employee: periods, organizational entities and work details."""

from collections.abc import Iterable

from local.sandbox.frame.calls import Answer, json_answer
from local.sandbox.frame.kinds import DAY, KEY, NAME, TEXT, Fields, fitting, like, misfit, one_of, or_null
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import System

from .rows import PERIOD, PERIODS, STANDARD, VARIABLE, YEAR

PAY_SLIP = "Normale strook"
_QUANTITY = like('a quantity or amount as text with two decimals, such as "6.50"', r"-?\d{1,9}\.\d{2}")
_INPUT: Fields = {
    "component": NAME,
    "prPeriod": PERIOD,
    "value": _QUANTITY,
    "paySlip": one_of(PAY_SLIP),
    "devidingUnit": TEXT,
    "shift": TEXT,
    "startDate": DAY,
    "endDate": DAY,
    "sourceRef": NAME,
}
_IN_PATH = ("prPeriod", "component", "sourceRef")
_NEEDED = ("value", "paySlip", "devidingUnit", "shift", "startDate", "endDate")


def _input_row(row: Row, _: Reading) -> Row:
    of_a_person = dict.fromkeys(("devidingUnit", "shift", "startDate", "endDate"))
    return {**of_a_person, "paySlip": PAY_SLIP, **row}


INPUTS = Resource(
    "variableInputs",
    ("employeeId", "prPeriod", "component", "sourceRef"),
    {
        "employeeId": KEY,
        **{
            name: kind if name in (*_IN_PATH, "value", "paySlip") else or_null(kind)
            for name, kind in _INPUT.items()
        },
    },
    needed=("employeeId", *_IN_PATH, "value"),
    made=_input_row,
    refers={"employeeId": "employees"},
    group=("employeeId",),
    hidden=("employeeId",),
)


def _placed(row: Row, reading: Reading) -> Row:
    """They are in the order in which they are given."""
    return {"place": f"{len(reading.store['organizationalEntities']) + 1:06d}", **row}


UNITS = Resource(
    "organizationalEntities",
    ("employeeId", "devidingUnit"),
    {"employeeId": KEY, "devidingUnit": NAME, "place": KEY},
    needed=("employeeId", "devidingUnit"),
    made=_placed,
    order=("place",),
    group=("employeeId",),
    hidden=("employeeId", "place"),
)
WORK = Resource(
    "workDetails",
    "employeeId",
    {"employeeId": KEY, "shift": or_null(TEXT), "hoursPerWeek": or_null(_QUANTITY)},
    needed=("employeeId",),
    defaults={"shift": None, "hoursPerWeek": None},
    hidden=("employeeId",),
)
RESOURCES = (INPUTS, UNITS, WORK)


def periods_of(store: Store, employee_id: str) -> list[Row]:
    """An employee's own periods, or those of everybody."""
    table = store["payrollPeriods"]
    return table.of(employee_id) or table.of(None)


def period_of(store: Store, employee_id: str, name: str) -> Row | None:
    """One of them."""
    return next((row for row in periods_of(store, employee_id) if row["prPeriod"] == name), None)


class Inputs:
    """The routes of variable input and of its look-ups, over the store of a room."""

    def __init__(self, room: System) -> None:
        self._room = room

    def routes(self) -> Iterable[Route]:
        """Below one employee."""
        below, pages = "/employees/<employeeId>", self._room.paging.query
        return (
            Route(
                "GET",
                f"{below}/payrollPeriods",
                "list payrollPeriods",
                self._periods,
                {"year": YEAR, **pages},
                ("year",),
            ),
            self._room.lists(f"{below}/organizationalEntities", UNITS, parent="employees"),
            Route("GET", f"{below}/workDetails", "get workDetails", self._work),
            Route(
                "PUT",
                f"{below}/variableInputs/<prPeriod>/<component>/<sourceRef>",
                "change variableInputs",
                self._put,
            ),
        )

    def _periods(self, asked: Asked) -> object:
        employee = self._room.row("employees", asked)
        year = str(asked.query["year"])
        rows = periods_of(self._room.store, employee["employeeId"])
        passes = [(lambda row, of: row["prPeriod"].startswith(of), year)]
        page = self._room.paging.cut(rows, passes, asked.query, PERIODS)
        return self._room.envelope(page._replace(rows=[PERIODS.shown(row) for row in page.rows]), asked)

    def _work(self, asked: Asked) -> object:
        employee = self._room.row("employees", asked)
        found = self._room.store["workDetails"].get(employee["employeeId"])
        if found is None:
            raise self._room.not_there(asked)
        return WORK.shown(found)

    def _put(self, asked: Asked) -> Answer:
        """Written whole, into one period that is still open."""
        employee = self._room.row("employees", asked)
        row: Row = {**asked.path, **fitting(_INPUT, asked.json(), _NEEDED)}
        for name in _IN_PATH:
            if row[name] != asked.path[name]:
                raise misfit(name, "must be that of the path")
        self._check_component(row["component"])
        self._check_period(employee["employeeId"], row)
        self._check_place(employee["employeeId"], row)
        row, table = INPUTS.in_order(row), self._room.store["variableInputs"]
        old = table.get(table.key_of(row))
        table.put(row)
        return json_answer(201 if old is None else 200, INPUTS.shown(row))

    def _check_component(self, name: str) -> None:
        known = self._room.store["components"].get(name)
        if name not in STANDARD and (known is None or known["kind"] != VARIABLE):
            raise Refused("UnknownComponent", f"{name} is no component of variable input.", "component")

    def _check_period(self, employee_id: str, row: Row) -> None:
        period = period_of(self._room.store, employee_id, row["prPeriod"])
        if period is None:
            raise misfit("prPeriod", "must be a payroll period of this employee")
        for name in ("startDate", "endDate"):
            if not period["startDate"] <= row[name] <= period["endDate"]:
                raise misfit(name, f"must be a day of the period {period['prPeriod']}")
        if row["endDate"] < row["startDate"]:
            raise misfit("endDate", "must not be before startDate")
        if period["status"] != "Open":
            raise Refused("PeriodClosed", f"The period {period['prPeriod']} has been processed.", "prPeriod")

    def _check_place(self, employee_id: str, row: Row) -> None:
        """Where the employee works: one of their units, and their shift."""
        units = {one["devidingUnit"] for one in self._room.store["organizationalEntities"].of(employee_id)}
        if row["devidingUnit"] not in units:
            raise misfit("devidingUnit", "must be one of the employee's organizational entities")
        work = self._room.store["workDetails"].get(employee_id)
        if work is None or row["shift"] != work["shift"]:
            raise misfit("shift", "must be that of the employee's work details")
