"""The room of Express Leave: one company with its connection, users, leave types and balances."""

import re
from collections.abc import Iterable
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import TEXT, Misfit, fitting, instant, misfit
from local.sandbox.frame.paging import Cursor, Page
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Description, Options, Row, State
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Limit, System, equals

from . import rows, syncs

_VERSION = re.compile(r"\d{1,9}", re.ASCII)
_ALWAYS_OPEN = ("LeavePolicyNotes", "VisibleTo")


class ExpressLeave(System):
    """One company over one store. A token of the options is a key."""

    name = "express_leave"
    resources = rows.RESOURCES
    bases = ("/api/v1/companies/<company>", "/companies/<company>")
    tokens = frozenset({"express-leave-sandbox-key"})
    limits = (Limit(10, 1.0),)
    paging = Cursor("after", "limit", usual=100, most=200)
    refusals: ClassVar = {
        "ValidationFailed": (400, ""),
        "ConfirmationRequired": (400, "Disconnecting needs confirm=Yes."),
        "BadKey": (401, "The key is missing or not known."),
        "WrongCompany": (403, "The key is not of this company."),
        "NotFound": (404, ""),
        "AlreadyConnected": (409, "The company is connected to another organisation: disconnect that first."),
        "DuplicateEmployeeId": (409, "Another user has this EmployeeId."),
        "DuplicateEmail": (409, "Another user has this Email."),
        "DuplicateIncomeCode": (409, "There is a leave type with this IncomeCode."),
        "PayrollUserFixed": (409, "Payroll User can't be changed: delete the user and create it again."),
        "LockedField": (409, ""),
        "SyncRunning": (409, "A sync is running."),
        "SyncFinished": (409, "The sync has finished."),
        "SyncNotRunning": (409, "Balances are written by a running sync."),
        "VersionMismatch": (412, "The user was edited meanwhile."),
        "RateLimited": (429, "Too many requests."),
        "ServerError": (500, "The server failed."),
        "Unavailable": (503, "The server is busy."),
    }
    server: ClassVar = {429: "RateLimited", 500: "ServerError", 503: "Unavailable"}
    faults: ClassVar = {"key": "BadKey", "edited": ""}

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._started: syncs.Started = {}

    def routes(self) -> Iterable[Route]:
        newest = Cursor("after", "limit", usual=100, most=200, newest_first=True)
        user, leave_type, sync = "/users/<UserId>", "/leavetypes/<IncomeCode>", "/syncs/<SyncId>"
        company, payroll = self._company, {"payrollUser": equals("PayrollUser", rows.PAYROLL_USER)}
        return (
            *(Route("GET", path, "get company", company) for path in ("", "/")),
            Route("POST", "/connection", "create connection", self._connect, status=201),
            Route("DELETE", "/connection", "delete connection", self._disconnect, {"confirm": TEXT}),
            self.lists("/users", rows.USERS, payroll),
            Route("POST", "/users", "create users", self._create_user, status=201),
            Route("GET", user, "get users", lambda asked: self.row("users", asked)),
            Route("PUT", user, "change users", self._replace_user),
            Route("DELETE", user, "delete users", self._delete_user),
            self.lists("/leavetypes", rows.LEAVE_TYPES),
            Route("POST", "/leavetypes", "create leavetypes", self._create_leave_type, status=201),
            Route("PUT", leave_type, "change leavetypes", self._change_leave_type),
            self.lists("/balances", rows.BALANCES, {"employeeId": equals("EmployeeId", TEXT)}),
            Route("PUT", "/balances", "change balances", self._overwrite, nodes=syncs.rows_sent),
            self.lists("/syncs", rows.SYNCS, paging=newest),
            Route("POST", "/syncs", "create syncs", self._start_sync, status=201),
            Route("GET", sync, "get syncs", lambda asked: self.row("syncs", asked)),
            Route("PUT", sync, "change syncs", self._change_sync),
        )

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> str:
        key = call.headers.get("x-api-key", "")
        if key not in self.let_in:
            raise Refused("BadKey")
        return key

    def enter(self, asked: Asked) -> None:
        """A key is good for one company."""
        if not asked.path.get("company"):
            raise self.not_there(asked)
        if asked.path["company"] != self.store.one("company")["CompanyId"]:
            raise Refused("WrongCompany")

    def counted(self, asked: Asked) -> str:
        return asked.path["company"]

    def body(self, refused: Refused) -> object:
        error = {"Code": refused.code, "Message": refused.message, "Field": refused.field}
        return {"Error": error, **(refused.beside or {})}

    def unfit(self, found: list[Misfit], where: str) -> Refused:  # noqa: ARG002
        return Refused("ValidationFailed", found[0].said, found[0].field or None)

    def not_there(self, asked: Asked) -> Refused:
        return Refused("NotFound", f"{asked.call.method} {asked.call.path} was not found.")

    def envelope(self, page: Page, asked: Asked) -> object:  # noqa: ARG002
        return {"Items": page.rows, "Next": page.next}

    def replace_state(self, state: State) -> None:
        """People who have no leave types said have the usual ones; nothing is known of calls before."""
        if isinstance(state, dict) and "leavetypes" not in state and {"users", "balances"} & state.keys():
            state = {**state, "leavetypes": rows.USUAL_LEAVE_TYPES}
        super().replace_state(state)
        self._started = {}

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        """Only a user who is about to be changed can have been edited meanwhile."""
        return fault != "edited" or (description.operation == "change users" and self._user(call) is not None)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault != "edited":
            return super().suffer(fault, call, reset_in_seconds)
        with self.lock:
            user = self._user(call)
            if user:
                self.store["users"].put({**user, "Version": user["Version"] + 1})
        return self.answer(call)

    def _user(self, call: Call) -> Row | None:
        return self.store["users"].get(call.path.rpartition("/")[2])

    # --- company --------------------------------------------------------------------------------------------

    def _company(self, _: Asked) -> Row:
        return self.store.one("company")

    def _connect(self, asked: Asked) -> Row:
        """Connecting the same organisation again is another way to refresh it."""
        body = fitting(rows.ORGANISATION, asked.json(), tuple(rows.ORGANISATION))
        present = self.store.one("company")["Connection"]
        if present["Connected"] and present["OrganisationId"] != body["OrganisationId"]:
            raise Refused("AlreadyConnected", field="OrganisationId")
        names = (body["OrganisationId"], body["OrganisationName"])
        return self._put_connection(rows.connection(*names, instant(self.options.now())))

    def _disconnect(self, asked: Asked) -> None:
        """Users and balances stay."""
        if asked.query.get("confirm") != "Yes":
            raise Refused("ConfirmationRequired", field="confirm")
        self._put_connection(rows.connection())

    def _put_connection(self, row: Row) -> Row:
        self.store["company"].put({**self.store.one("company"), "Connection": row})
        return row

    # --- users ----------------------------------------------------------------------------------------------

    def _create_user(self, asked: Asked) -> Row:
        """One who is created directly gets the welcome e-mail; one of payroll has to be invited."""
        given = self._given_user(asked, None)
        self._refuse_duplicates(given, None)
        welcomed = None if given["PayrollUser"] else instant(self.options.now())
        made = {"UserId": self.store.next_key("users"), "WelcomeEmailSentAt": welcomed, "Version": 1}
        return self._put_user({**given, **made})

    def _replace_user(self, asked: Asked) -> Row:
        """The user as the body says, what it leaves out being emptied. Balances follow a new code."""
        old = self.row("users", asked)
        given = self._given_user(asked, old)
        _check_version(old, asked.call.headers.get("if-match", ""))
        if given["PayrollUser"] != old["PayrollUser"]:
            raise Refused("PayrollUserFixed", field="PayrollUser")
        self._refuse_duplicates(given, old)
        if given["EmployeeId"] != old["EmployeeId"]:
            for balance in self._take_balances(old):
                self.store["balances"].put({**balance, "EmployeeId": given["EmployeeId"]})
        return self._put_user({**old, **given, "Version": old["Version"] + 1})

    def _delete_user(self, asked: Asked) -> None:
        """With the balances."""
        user = self.row("users", asked)
        self._take_balances(user)
        self.store["users"].remove(user["UserId"])

    def _given_user(self, asked: Asked, old: Row | None) -> Row:
        body = fitting(rows.WRITABLE, asked.json(), rows.NEEDED)
        given: Row = {**dict.fromkeys(rows.OPTIONAL), **body}
        approver = given["DefaultApprover"]
        # An approver who has been deleted since stays named, so that a user can be sent back as it was read.
        named_before = old is not None and old["DefaultApprover"] == approver
        if approver is not None and approver not in self.store["users"] and not named_before:
            raise misfit("DefaultApprover", "must be the UserId of a user")
        return given

    def _refuse_duplicates(self, given: Row, old: Row | None) -> None:
        for name in rows.USERS.unique:
            others = self.store["users"].find(name, [given[name]])
            if any(old is None or other["UserId"] != old["UserId"] for other in others):
                raise Refused(f"Duplicate{name}", field=name)

    def _take_balances(self, user: Row) -> list[Row]:
        table = self.store["balances"]
        taken = list(table.of(user["EmployeeId"]))
        for balance in taken:
            table.remove(table.key_of(balance))
        return taken

    def _put_user(self, row: Row) -> Row:
        whole = rows.USERS.in_order(row)
        self.store["users"].put(whole)
        return whole

    # --- leave types, balances and syncs --------------------------------------------------------------------

    def _create_leave_type(self, asked: Asked) -> Row:
        body = fitting(rows.LEAVE_TYPES.fields, asked.json(), rows.LEAVE_TYPES.needed)
        if body["IncomeCode"] in self.store["leavetypes"]:
            raise Refused("DuplicateIncomeCode", field="IncomeCode")
        row = rows.leave_type(body)
        self.store["leavetypes"].put(row)
        return row

    def _change_leave_type(self, asked: Asked) -> Row:
        """After the first sync only its notes and who sees it. A locked field may be named with its value."""
        old = self.row("leavetypes", asked)
        body = rows.changes(rows.LEAVE_TYPES.fields, asked.json())
        synced = self.store.one("company")["LastSyncAt"] is not None
        for name, value in body.items():
            locked = name == "IncomeCode" or (synced and name not in _ALWAYS_OPEN)
            if locked and value != old[name]:
                raise Refused("LockedField", f"{name} can't be changed any more.", name)
        self.store["leavetypes"].put({**old, **body})
        return {**old, **body}

    def _overwrite(self, asked: Asked) -> object:
        return {"Results": syncs.overwrite(self.store, asked.json(), instant(self.options.now()))}

    def _start_sync(self, asked: Asked) -> Row:
        key = asked.call.headers.get("idempotency-key")
        return syncs.start(self.store, asked.json(), self._started, key, self.options.now())

    def _change_sync(self, asked: Asked) -> Row:
        old = self.row("syncs", asked)
        return syncs.change(self.store, old, asked.json(), instant(self.options.now()))


def _check_version(old: Row, if_match: str) -> None:
    """`If-Match` as it stands, or in quotes as HTTP writes it."""
    given = if_match.removeprefix('"').removesuffix('"')
    if not _VERSION.fullmatch(given):
        raise misfit("If-Match", "must name the Version that is to be changed")
    if int(given) != old["Version"]:
        raise Refused("VersionMismatch", field="Version")
