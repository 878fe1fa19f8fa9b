"""The room of Payroll Plus: the account of one employer, its people, and what their pay came to."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import uuid4

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.kinds import INSTANT, Fields, Misfit, fitting, instant, misfit
from local.sandbox.frame.oauth import basic
from local.sandbox.frame.paging import Cursor, Page
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row, State
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Filter, Limit

from . import conditions, inputs, outputs, rows
from .conditions import Conditions
from .employments import Employments, complete_converted
from .inputs import Inputs
from .interrupted import Interrupted
from .outputs import Outputs
from .rows import CONCEPT, CONCEPT_PERSON, CONVERTED, PERSON, PERSON_NEEDED

_EMPLOYEE = "/employees/<employeeId>"


class PayrollPlus(Interrupted):
    """One employer over one store. A token of the options is `user:password`."""

    name = "payroll_plus"
    resources = (*rows.RESOURCES, *conditions.RESOURCES, *inputs.RESOURCES, *outputs.RESOURCES)
    bases = ("/api/v1/employers/<employer>", "/employers/<employer>")
    tokens = frozenset({"payrelay-sandbox:sandbox-password"})
    limits = (Limit(5, 1.0),)
    paging = Cursor("cursor", "limit", usual=100, most=200)
    refusals: ClassVar = {
        "InvalidValue": (400, ""),
        "BicNotAllowed": (400, ""),
        "InvalidIban": (400, ""),
        "UnknownComponent": (400, ""),
        "BadCredentials": (401, "The user name or the password is wrong."),
        "AccountInactive": (401, "The account is not active."),
        "OtherEmployer": (403, "The account is not of this employer."),
        "NotFound": (404, ""),
        "EmployeeNotFound": (404, "There is no such employee."),
        "StillConcept": (409, "This person is still a concept employee."),
        "AlreadyEmployee": (409, "This person has been made an employee."),
        "OverlappingPayment": (409, ""),
        "PeriodClosed": (409, ""),
        "AllEmploymentsInactive": (409, "All employments of this employee have ended."),
        "TooManyRequests": (429, "Too many requests."),
        "Unavailable": (503, "The server failed or is busy."),
    }
    server: ClassVar = {429: "TooManyRequests", 500: "Unavailable", 503: "Unavailable"}
    faults: ClassVar = {
        "credentials": "BadCredentials",
        "unavailable": "Unavailable",
        **Interrupted.by_a_person,
    }

    def routes(self) -> Iterable[Route]:
        employee, period = _EMPLOYEE, {"year": rows.YEAR, "prPeriod": rows.PERIOD}
        since = Filter(INSTANT, lambda row, since: row["modifiedAt"] >= since)
        runs = {
            "status": Filter(rows.STATUS, lambda row, status: row["status"] == status),
            "changedSince": Filter(INSTANT, lambda row, since: _changed(row) >= since),
        }
        return (
            Route("GET", "/generalData", "get generalData", self._general_data),
            self.lists("/employees", rows.EMPLOYEES, {"modifiedSince": since}),
            Route("GET", employee, "get employees", self._employee),
            Route("PUT", employee, "change employees", self._put_employee),
            Route("GET", "/conceptEmployees/<employeeId>", "get conceptEmployees", self._concept),
            Route("PUT", "/conceptEmployees/<employeeId>", "change conceptEmployees", self._put_concept),
            self.lists("/payrollRuns", rows.RUNS, runs),
            self.lists("/components", rows.COMPONENTS),
            self.lists("/componentReport", rows.REPORT, needed=period),
            *Employments(self).routes(),
            *Conditions(self).routes(),
            *Inputs(self).routes(),
            *Outputs(self).routes(),
        )

    def state(self) -> State:
        """Rows of the report are told apart by a number that nobody else knows."""
        state = super().state()
        state["componentReport"] = [rows.REPORT.shown(row) for row in state["componentReport"]]
        return state

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> str:
        account = ":".join(basic(call.headers.get("authorization", "")))
        if account not in self.let_in:
            raise Refused("BadCredentials")
        return account

    def enter(self, asked: Asked) -> None:
        """An account is good for one employer."""
        employer = self.store.one("employer")
        if not employer["accountActive"]:
            raise Refused("AccountInactive")
        if not asked.below_base:
            raise self.not_there(asked)
        if asked.path["employer"] != employer["employerId"]:
            raise Refused("OtherEmployer")

    def counted(self, asked: Asked) -> str:
        return asked.path["employer"]

    def body(self, refused: Refused) -> object:
        return {
            "code": refused.code,
            "message": refused.message,
            "field": refused.field,
            "traceId": str(uuid4()),
        }

    def unfit(self, found: list[Misfit], where: str) -> Refused:  # noqa: ARG002
        return Refused("InvalidValue", found[0].said, found[0].field or None)

    def not_there(self, asked: Asked) -> Refused:
        return Refused("NotFound", f"{asked.call.method} {asked.call.path} was not found.")

    def no_row(self, resource: str, key: Any, asked: Asked) -> Refused:
        """What is below an employee can't be had of a concept yet."""
        if resource == "employments":
            return self.not_there(asked)
        below = resource == "employees" and asked.route is not None and asked.route.path != _EMPLOYEE
        code = "StillConcept" if below and key in self.store["conceptEmployees"] else "EmployeeNotFound"
        return Refused(code, field="employeeId")

    def envelope(self, page: Page, asked: Asked) -> object:  # noqa: ARG002
        return {"items": page.rows, "nextCursor": page.next}

    def complete(self, reading: Reading) -> None:
        complete_converted(reading)

    # --- what there is --------------------------------------------------------------------------------------

    def _general_data(self, _: Asked) -> object:
        employer = self.store.one("employer")
        return {name: employer[name] for name in ("employerName", "administratienummer")}

    def _employee(self, asked: Asked) -> object:
        return rows.EMPLOYEES.shown(self.row("employees", asked))

    def _put_employee(self, asked: Asked) -> Answer:
        """Written whole. One who is still a concept is written there."""
        row = _person(asked, PERSON)
        concept = self.store["conceptEmployees"].get(row["employeeId"])
        old = self.store["employees"].get(row["employeeId"])
        if old is None and concept is not None and concept["status"] == CONCEPT:
            raise Refused("StillConcept", field="employeeId")
        self.store["employees"].put({**row, "modifiedAt": instant(self.options.now())})
        return json_answer(201 if old is None else 200, row)

    def _concept(self, asked: Asked) -> object:
        """As it was written, with its status; one who has been made an employee stays to be seen."""
        return rows.CONCEPTS.shown(self.row("conceptEmployees", asked))

    def _put_concept(self, asked: Asked) -> Answer:
        """Written whole. One who has been made an employee is written there."""
        row = {**_person(asked, CONCEPT_PERSON), "status": CONCEPT}
        old = self.store["conceptEmployees"].get(row["employeeId"])
        if row["employeeId"] in self.store["employees"] or (old is not None and old["status"] == CONVERTED):
            raise Refused("AlreadyEmployee", field="employeeId")
        self.store["conceptEmployees"].put(row)
        return json_answer(201 if old is None else 200, row)


def _person(asked: Asked, fields: Fields) -> Row:
    """The person of a body, which may name the id of the path."""
    row: Row = {**asked.path, **fitting(fields, asked.json(), PERSON_NEEDED)}
    if row["employeeId"] != asked.path["employeeId"]:
        raise misfit("employeeId", "must be that of the path")
    return {name: row[name] for name in fields if name in row}


def _changed(run: Row) -> str:
    """When a run changed last; one that is open, for the first time or again, always counts as changed."""
    times = [time for time in (run["processedAt"], run["approvedAt"]) if time is not None]
    return "9999" if run["status"] == "Open" else str(max(times, default="9999"))
