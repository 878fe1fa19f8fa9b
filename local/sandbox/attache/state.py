"""Data that a tester sets: checked, filled in, and of the two views of leave one made of the other."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.sandbox.frame.room import Row, State
from local.sandbox.frame.state import StateReader

from .fields import (
    BALANCE,
    CODE,
    EMPLOYEE,
    HISTORY,
    LEAVE,
    ORGANISATION,
    PREFIXES,
    TOKEN,
    Kind,
    entitled,
    pro_rata,
    read_row,
)
from .leave import USER, at, balance_of, last_pay, leave_row, table_of
from .store import Books, Store

RESOURCES = ("organisations", "employees", "leavebalances", "leave", "leavehistory", "tokens")
_ORGANISATIONS: list[Row] = [{"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"}]
_DAY = Decimal("7.6")
_PAIRS = tuple((entitled(prefix), pro_rata(prefix)) for prefix in PREFIXES)
# What the path says on the wire stands in the row of a state.
_EMPLOYEES: Mapping[str, Kind] = {"OrganisationId": CODE, **EMPLOYEE}
_BALANCES: Mapping[str, Kind] = {"OrganisationId": CODE, **BALANCE}
_LEAVE: Mapping[str, Kind] = {"OrganisationId": CODE, "EmployeeCode": CODE, **LEAVE}
_HISTORY: Mapping[str, Kind] = {"OrganisationId": CODE, "EmployeeCode": CODE, **HISTORY}
_NEEDED_OF_HISTORY = ("EmployeeCode", "IncomeCode", "OldEntitlementOwing", "NewEntitlementOwing", "Comment")


def read_state(state: Any, now: datetime, base_version: int) -> tuple[Store, list[Row] | None]:
    """A store of the given rows, and the tokens where they are given; raises StateRefusedError.

    Without `organisations` there is one. Of `leavebalances` and `leave`, what is not given is made.
    """
    reader = _Reader(state, now, Store(base_version))
    tokens = reader.read()
    reader.refuse_if_wrong()
    return reader.store, tokens if "tokens" in state else None


def written_state(store: Store, tokens: list[Row]) -> State:
    """All data, in a shape that can be put back."""
    written: State = {name: [] for name in RESOURCES}
    for books in store.books():
        organisation = {"OrganisationId": books.organisation["OrganisationId"]}
        written["organisations"].append(books.organisation)
        written["employees"] += ({**organisation, **row} for row in books.employees.rows())
        written["leavebalances"] += ({**organisation, **row} for row in books.balances.rows())
        for name, rows in (("leave", books.all_leave()), ("leavehistory", books.all_history())):
            written[name] += ({**organisation, "EmployeeCode": code, **row} for code, row in rows)
    written["tokens"] = [{**row, "access_tokens": dict(row["access_tokens"])} for row in tokens]
    return written


class _Reader(StateReader):
    """Reads one state, gathering every problem."""

    def __init__(self, state: Any, now: datetime, store: Store) -> None:
        super().__init__(state, RESOURCES)
        self.store = store
        self._now, self._last_pay = at(now), last_pay(now)
        self._first = ""

    def read(self) -> list[Row]:
        """Organisations and employees first: all else belongs to them. The tokens are handed back."""
        self._given.setdefault("organisations", _ORGANISATIONS)
        for place, row in self._rows("organisations", ORGANISATION, ("OrganisationId", "OrganisationName")):
            self._put_organisation(place, row)
        self._first = min(self.store.organisations, default="")
        for place, row in self._rows("employees", _EMPLOYEES, ("EmployeeCode", "FullName")):
            self._put_employee(place, row)
        for place, row in self._rows("leavebalances", _BALANCES, ("EmployeeCode",)):
            self._put_balance(place, row)
        for place, row in self._rows("leave", _LEAVE, ("EmployeeCode", "IncomeCode", "EntitlementOwing")):
            self._put_leave(place, row)
        self._make_what_is_missing()
        for place, row in self._rows("leavehistory", _HISTORY, _NEEDED_OF_HISTORY):
            self._put_history(place, row)
        return self._tokens()

    def _put_organisation(self, place: int, row: Row) -> None:
        key = row["OrganisationId"]
        if key in self.store.organisations:
            self._say(place, "OrganisationId", f"{key} is used twice")
            return
        self.store.organisations[key] = Books(_ordered(ORGANISATION, {"Country": "Australia", **row}))

    def _put_employee(self, place: int, row: Row) -> None:
        books = self._books_of(place, row)
        if books is None:
            return
        if row["EmployeeCode"] in books.employees:
            self._say(place, "EmployeeCode", f"{row['EmployeeCode']} is used twice")
            return
        made = {
            "AOemail": None,
            "EnableAttacheOnline": bool(row.get("AOemail")),
            "Location": "",
            "State": "",
            "Country": books.organisation["Country"],
            "HourPerDay": _DAY,
            "TerminationDate": None,
            "ModifiedAt": self._now,
        }
        books.employees.put(_ordered(EMPLOYEE, {**made, **row}))

    def _put_balance(self, place: int, row: Row) -> None:
        found = self._employee_of(place, row)
        halves = [set(pair) - set(row) for pair in _PAIRS]
        alone = [missing.pop() for missing in halves if len(missing) == 1]
        for field in alone:
            self._say(place, field, "is required: entitled and pro-rata come in pairs")
        if found is None or alone:
            return
        books, _ = found
        if row["EmployeeCode"] in books.balances:
            self._say(place, "EmployeeCode", f"{row['EmployeeCode']} is used twice")
            return
        made = {"LeaveAccrueTo": self._last_pay, "ModifiedAt": self._now}
        books.balances.put(_ordered(BALANCE, {**made, **row}))

    def _put_leave(self, place: int, row: Row) -> None:
        found = self._employee_of(place, row)
        if found is None:
            return
        books, employee = found
        code = employee["EmployeeCode"]
        if books.leave(code, row["IncomeCode"]):
            self._say(place, "IncomeCode", f"{row['IncomeCode']} is used twice for {code}")
            return
        balance = books.balances.get(code)
        accrued_to = balance["LeaveAccrueTo"] if balance else self._last_pay
        books.put_leave(code, _ordered(LEAVE, leave_row(row, employee, accrued_to, self._now)))

    def _put_history(self, place: int, row: Row) -> None:
        found = self._employee_of(place, row)
        if found is None:
            return
        books, employee = found
        whole = {"ChangedAt": self._now, "User": USER, **row}
        books.put_history(employee["EmployeeCode"], _ordered(HISTORY, whole))

    def _make_what_is_missing(self) -> None:
        """The leave tables of given balances, or one row of balances for each employee."""
        for books in self.store.organisations.values():
            for employee in books.employees.rows():
                code = employee["EmployeeCode"]
                balance = books.balances.get(code)
                if "leavebalances" not in self._given:
                    books.balances.put(balance_of(employee, books.table(code), self._last_pay))
                elif "leave" not in self._given and balance:
                    for row in table_of(balance, employee):
                        books.put_leave(code, _ordered(LEAVE, row))

    def _tokens(self) -> list[Row]:
        rows: list[Row] = []
        used: set[str] = set()
        for place, row in self._rows("tokens", TOKEN, ("refresh_token",)):
            whole = {"organisation_id": self._first, "access_tokens": {}, **row}
            if whole["organisation_id"] not in self.store.organisations:
                self._say(place, "organisation_id", "names no organisation")
            named = [("refresh_token", whole["refresh_token"])]
            named += [("access_tokens", token) for token in whole["access_tokens"]]
            for name, token in named:
                if token in used:
                    self._say(place, name, f"{token} is used twice")
                used.add(token)
            rows.append(_ordered(TOKEN, whole))
        return rows

    def _books_of(self, place: int, row: Row) -> Books | None:
        """The organisation of a row, which is then left out of it: its place says it."""
        books = self.store.organisations.get(row.pop("OrganisationId", self._first))
        if books is None:
            self._say(place, "OrganisationId", "names no organisation")
        return books

    def _employee_of(self, place: int, row: Row) -> tuple[Books, Row] | None:
        books = self._books_of(place, row)
        if books is None:
            return None
        employee = books.employees.get(row["EmployeeCode"])
        if employee is None:
            self._say(place, "EmployeeCode", f"names no employee of {books.organisation['OrganisationId']}")
            return None
        return books, employee

    def _rows(self, resource: str, fields: Mapping[str, Kind], needed: tuple[str, ...]) -> Iterator[Any]:
        """Place and row of those that fit by themselves."""
        self._resource = resource
        for place, given in enumerate(self._given.get(resource, [])):
            row, found = read_row(fields, given, needed)
            for field, message in found:
                self._say(place, field, message)
            if not found:
                yield place, row


def _ordered(fields: Mapping[str, Kind], row: Row) -> Row:
    return {name: row[name] for name in fields if name in row}
