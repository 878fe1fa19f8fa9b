"""The room of Payroll Plus: the account, routes and limits of one employer."""

import threading
from typing import ClassVar

from local.sandbox.frame.calls import Answer, Call, json_answer
from local.sandbox.frame.limits import Window
from local.sandbox.frame.oauth import basic
from local.sandbox.frame.room import Description, Options, Room, State

from . import people
from .lists import LISTS, SUBLISTS, page_below, page_of
from .query import read_query
from .refusals import RefusedError, bad_credentials, invalid, no_employee, not_found, of_the_server
from .state import read_state
from .store import Store

# User name and password, as they go into a Basic header.
ACCOUNTS = frozenset({"payrelay-sandbox:sandbox-password"})
CALLS_A_SECOND = 5
_BASE = ["api", "v1"]


class PayrollPlus(Room):
    """One employer over one store."""

    name: ClassVar[str] = "payroll_plus"
    named_faults: ClassVar[tuple[str, ...]] = ("credentials", "unavailable")

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._accounts = ACCOUNTS if options.tokens is None else options.tokens
        self._window = Window(CALLS_A_SECOND, 1.0, options.clock)
        self._lock = threading.RLock()
        self._store = Store()

    @property
    def version(self) -> int:
        return self._store.version

    def replace_state(self, state: State) -> None:
        store = read_state(state, self.options.now(), base_version=self.version + 1)
        with self._lock:
            self._store = store

    def state(self) -> State:
        with self._lock:
            return self._store.state()

    def describe(self, call: Call) -> Description:
        writes = call.method != "GET"
        match _route(call.path)[1:]:
            case ["generalData"]:
                return Description(writes, "get generalData")
            case [("employees" | "conceptEmployees") as resource, _]:
                return Description(writes, f"{'change' if writes else 'get'} {resource}")
            case [resource] if resource in LISTS:
                return Description(writes, f"list {resource}")
            case ["employees", _, resource] if resource in SUBLISTS:
                return Description(writes, f"list {resource}")
        return Description(writes)

    def answer(self, call: Call) -> Answer:
        try:
            if ":".join(basic(call.headers.get("authorization", ""))) not in self._accounts:
                raise bad_credentials()
            with self._lock:
                self._admit(call)
                return self._write(call) if call.method != "GET" else json_answer(200, self._read(call))
        except RefusedError as refused:
            return refused.answer(retry_after=1 if refused.status == 429 else None)

    def refuse(self, status: int, retry_after: int | None = None) -> Answer:
        return of_the_server(status).answer(retry_after)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:  # noqa: ARG002
        return bad_credentials().answer() if fault == "credentials" else of_the_server(503).answer()

    def _admit(self, call: Call) -> None:
        """An account is good for one employer, whose calls share one limit."""
        employer = self._store.employer
        if not employer["accountActive"]:
            raise RefusedError(401, "AccountInactive", "The account is not active.")
        route = _route(call.path)
        if not route:
            raise _not_there(call)
        if route[0] != employer["employerId"]:
            raise RefusedError(403, "OtherEmployer", "The account is not of this employer.")
        if self.options.rate_limits and self._window.take(route[0]):
            raise of_the_server(429)

    def _read(self, call: Call) -> object:
        store = self._store
        match _route(call.path)[1:]:
            case ["generalData"]:
                read_query(call.query)
                return {name: store.employer[name] for name in ("employerName", "administratienummer")}
            case [resource] if resource in LISTS:
                return page_of(store, resource, call.query)
            case ["employees", employee_id]:
                read_query(call.query)
                row = store.employees.get(employee_id)
                if row is None:
                    raise no_employee(employee_id)
                return people.shown_employee(row)
            case ["employees", employee_id, resource] if resource in SUBLISTS:
                return page_below(store, employee_id, resource, call.query)
        raise _not_there(call)

    def _write(self, call: Call) -> Answer:
        match call.method, *_route(call.path)[1:]:
            case "PUT", "employees", str(employee_id):
                return json_answer(
                    *people.put_employee(self._store, employee_id, _body(call), self.options.now())
                )
            case "PUT", "conceptEmployees", str(employee_id):
                return json_answer(*people.put_concept(self._store, employee_id, _body(call)))
        raise _not_there(call)


def _route(path: str) -> list[str]:
    """Employer and the parts of a path below it, with or without the version in front; empty for another."""
    parts = path.split("/")[1:]
    if parts[: len(_BASE)] == _BASE:
        parts = parts[len(_BASE) :]
    return parts[1:] if parts[:1] == ["employers"] and len(parts) > 1 and all(parts) else []


def _body(call: Call) -> object:
    """The body of a writing call, which takes no parameters."""
    read_query(call.query)
    if call.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise invalid("Content-Type", "The body must be application/json.")
    try:
        return call.json()
    except ValueError:
        raise invalid(None, "The body is no JSON.") from None


def _not_there(call: Call) -> RefusedError:
    return not_found(f"{call.method} {call.path}")
