"""The room of Millennium: sign-in, rights on companies, what they have, and accruals that are written."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from local.sandbox.frame.calls import Call
from local.sandbox.frame.kinds import DAY, FLAG_TEXT, NAME, TEXT, Fields, Misfit, fitting, instant
from local.sandbox.frame.paging import Numbered, Page
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Filter, Limit, equals

from . import rows
from .interrupted import ADD, CHANGE, Interrupted, later, started
from .rows import CO

BASE = "/m3api/v1"
_SIGN_IN: Fields = {"UserName": NAME, "Password": TEXT}
_SESSION = timedelta(minutes=60)
# So many sign-ins in a row that fail lock a user.
_LOCKED = 3


class Millennium(Interrupted):
    """Several companies over one store; every row tells its own, which no answer shows."""

    name = "millennium"
    resources = rows.RESOURCES
    bases = (f"{BASE}/companies/<{CO}>",)
    limits = (Limit(5, 1.0),)
    paging = Numbered("page", "pageSize", usual=100, most=500)
    refusals: ClassVar = {
        "INVALID_VALUE": (400, ""),
        "LOGIN_FAILED": (401, "User name or password is wrong."),
        "TOKEN_EXPIRED": (401, "The session is not known or has ended."),
        "NO_COMPANY_ACCESS": (403, "The user has no rights on this company."),
        "NOT_FOUND": (404, ""),
        "ALREADY_EXISTS": (409, "The employee has this accrual."),
        "PAYROLL_LOCKED": (409, "A payroll of this company is being processed."),
        "CHANGED": (412, "The accrual was changed meanwhile."),
        "TOO_MANY_REQUESTS": (429, "Too many requests."),
        "PROCESS_SERVER_BUSY": (503, "The process server is busy."),
    }
    server: ClassVar = {
        429: "TOO_MANY_REQUESTS",
        500: "PROCESS_SERVER_BUSY",
        503: "PROCESS_SERVER_BUSY",
    }
    faults: ClassVar = {
        "login_failed": "LOGIN_FAILED",
        "no_company_access": "NO_COMPANY_ACCESS",
        "payroll_locked": "PAYROLL_LOCKED",
        **Interrupted.by_a_person,
    }

    def routes(self) -> Iterable[Route]:
        accruals = "/employees/<EmployeeId>/accruals"
        active = Filter(FLAG_TEXT, lambda row, only: not only or row["Status"] == "A")
        since = Filter(DAY, lambda row, day: row["CheckDate"] >= day)
        until = Filter(DAY, lambda row, day: row["CheckDate"] <= day)
        checks = {"checkDateFrom": since, "checkDateTo": until, "employeeId": equals("EmployeeId", TEXT)}
        return (
            Route("POST", f"{BASE}/session", "sign in", self._sign_in, open=True, outside=True),
            self.lists("/accrualcodes", rows.CODES),
            self.lists("/employees", rows.EMPLOYEES, {"activeOnly": active}),
            self.lists("/accruals", rows.ACCRUALS),
            Route("GET", accruals, "list accruals", self._of_employee, self.paging.query),
            Route("POST", accruals, ADD, self._add, status=201),
            Route("GET", f"{accruals}/<Code>", "get accruals", self._accrual),
            Route("PUT", f"{accruals}/<Code>", CHANGE, self._change),
            self.lists("/checks", rows.CHECKS, checks),
            self.lists("/calendar", rows.CALENDAR, {"from": since, "to": until}),
            self.lists("/calendar/<int:CalendarId>/batches", rows.BATCHES, parent="calendar"),
            Route("GET", "/batches/<int:BatchNumber>/employees", "get batches", self._employees_of_batch),
            self.lists("/companynotes", rows.NOTES, {"name": equals("Name", TEXT)}),
            self._tasks(),
        )

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> str:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        session = self.store["sessions"].get(token) if scheme == "Bearer" else None
        if session is None or self.options.now() >= datetime.fromisoformat(session["ExpiresAt"]):
            raise Refused("TOKEN_EXPIRED")
        if session["UserName"] not in self.store["users"]:
            raise Refused("TOKEN_EXPIRED")
        return str(session["UserName"])

    def enter(self, asked: Asked) -> None:
        """What a user has no rights on, they are not told of, be it there or not."""
        company = asked.path.get(CO)
        if company is None:
            return
        companies = self.store["users"].get(asked.who)["Companies"]  # type: ignore[index]  # as `admit` saw
        if companies is not None and company not in companies:
            raise Refused("NO_COMPANY_ACCESS")
        if not any(self.store[one.name].of(company) for one in rows.OF_COMPANIES):
            raise Refused("NOT_FOUND", f"There is no company {company}.")

    def counted(self, asked: Asked) -> str:
        return asked.path.get(CO, "")

    def body(self, refused: Refused) -> object:
        return {"ErrorCode": refused.code, "Message": refused.message, "Field": refused.field}

    def unfit(self, found: list[Misfit], where: str) -> Refused:  # noqa: ARG002
        return Refused("INVALID_VALUE", found[0].said, found[0].field or None)

    def not_there(self, asked: Asked) -> Refused:
        return Refused("NOT_FOUND", f"{asked.call.method} {asked.call.path} was not found.")

    def no_row(self, resource: str, key: Any, asked: Asked) -> Refused:  # noqa: ARG002
        names = self.store.resources[resource].keys
        said = ", ".join(f"{name} {value}" for name, value in zip(names, key, strict=True) if name != CO)
        return Refused("NOT_FOUND", f"{said} was not found.", names[-1])

    def envelope(self, page: Page, asked: Asked) -> object:  # noqa: ARG002
        return {"Items": page.rows, "NextPage": page.number + 1 if page.number < page.pages else None}

    # --- sign-in --------------------------------------------------------------------------------------------

    def _sign_in(self, asked: Asked) -> Row:
        given = fitting(_SIGN_IN, asked.json(), tuple(_SIGN_IN))
        user = self.store["users"].get(given["UserName"])
        if user is None:
            raise Refused("LOGIN_FAILED")
        if user["FailedSignIns"] >= _LOCKED:
            raise Refused("LOGIN_FAILED", "The user is locked: too many sign-ins have failed.")
        failed = 0 if user["Password"] == given["Password"] else user["FailedSignIns"] + 1
        self.store["users"].put({**user, "FailedSignIns": failed})
        if failed:
            raise Refused("LOGIN_FAILED")
        session = {"Token": f"m3s-{secrets.token_hex(12)}", "UserName": user["UserName"]}
        session["ExpiresAt"] = instant(self.options.now() + _SESSION)
        self.store["sessions"].put(session)
        return {name: session[name] for name in ("Token", "ExpiresAt")}

    # --- accruals and what stands beside --------------------------------------------------------------------

    def _of_employee(self, asked: Asked) -> object:
        employee = self.row("employees", asked)
        found = self.store["accruals"].find("EmployeeId", [employee["EmployeeId"]])
        mine = [rows.ACCRUALS.shown(row) for row in found if row[CO] == employee[CO]]
        return self.envelope(self.paging.cut(mine, (), asked.query, rows.ACCRUALS), asked)

    def _accrual(self, asked: Asked) -> Row:
        return rows.ACCRUALS.shown(self.row("accruals", asked))

    def _change(self, asked: Asked) -> Row:
        """The balance as the body says; its day and note too, and they go where it names none."""
        given = fitting(rows.WRITTEN, asked.json(), ("Balance",))
        self._refuse_locked(asked)
        old = self.row("accruals", asked)
        wanted = asked.call.headers.get("if-match")
        if wanted is not None and wanted.removeprefix('"').removesuffix('"') != old["ModifiedAt"]:
            raise Refused("CHANGED", field="ModifiedAt")
        moved = later(old["ModifiedAt"], self.options.now())
        return self._put({**old, "AsOfDate": None, "Note": None, **given, "ModifiedAt": moved})

    def _add(self, asked: Asked) -> Row:
        employee = self.row("employees", asked)
        given = fitting(rows.ADDED, asked.json(), ("Code", "Balance"))
        self._refuse_locked(asked)
        key = (employee[CO], given["Code"])
        code = self.store["accrualcodes"].get(key)
        if code is None:
            raise self.no_row("accrualcodes", key, asked)
        row = {**rows.ACCRUALS.defaults, **asked.path, **given, "Description": code["Description"]}
        if self.store["accruals"].key_of(row) in self.store["accruals"]:
            raise Refused("ALREADY_EXISTS", field="Code")
        return self._put({**row, "ModifiedAt": instant(self.options.now())})

    def _put(self, row: Row) -> Row:
        whole = rows.ACCRUALS.in_order(row)
        self.store["accruals"].put(whole)
        return rows.ACCRUALS.shown(whole)

    def _refuse_locked(self, asked: Asked) -> None:
        if self.store.one("settings")["locks_payroll"] and started(self.store, asked.path[CO]):
            raise Refused("PAYROLL_LOCKED")

    def _employees_of_batch(self, asked: Asked) -> object:
        return {"EmployeeIds": self.row("batches", asked)["EmployeeIds"]}

    def _tasks(self) -> Route:
        """Of the process server, and so below no company."""
        route = self.lists(f"{BASE}/scheduledtasks", rows.TASKS)
        return Route(route.method, route.path, route.operation, route.serve, route.query, outside=True)
