"""The calls to Simployer One's public API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from msgspec import Struct, field

from payrelay.domain.groups import in_groups
from payrelay.domain.sensitive import Secret
from payrelay.errors import NeedsAttention
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.http.wire import Shape
from payrelay.systems.http.words import in_json
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import BadRow, Listed

from .models import Employee, EmployeePage, EmploymentType, Leave, LeaveTransactionPage, LeaveType, Page
from .raw import RawEmployees, page_shape
from .related import EMPLOYMENT_TYPES, LEAVES, read_leave_transactions, read_leave_types

SYSTEM = "simployer"
PAGE_SIZE = 1000
# 61 characters each in the query string, so that the URL stays below 8 kB.
IDS_PER_CALL = 100
# They are longer.
EMAILS_PER_CALL = 60
_EMPLOYEE_RELATIONS = "costCenter,effectiveCostCenter,employment,employmentType,department,compensation"
_Params = tuple[tuple[str, str], ...]


class _Batch(Struct):
    """Raw rows and relations, gathered over as many calls as the server's own page size asks for."""

    total: int = 0
    rows: list[Any] = field(default_factory=list)
    relations: dict[str, list[Any]] = field(default_factory=dict)


class SimployerClient:
    """Reads one company's account with an access token of type Public API.

    `base_url` is the vendor's base, with or without its `/v1`. Errors are those of `payrelay.errors`.
    """

    def __init__(self, base_url: str, access_token: Secret, *, options: DoorOptions | None = None) -> None:
        base = base_url.rstrip("/")
        self._door = Door(
            SYSTEM,
            base if base.endswith("/v1") else f"{base}/v1",
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": bearer(access_token)},
            explain=in_json(_words),
            options=options or DoorOptions(),
        )

    def organisation(self) -> str:
        """The company's name, and how many more the token reaches."""
        batch = self._fetch("/company", (("limit", "1"), ("offset", "0"), ("sort[id]", "asc")))
        if not batch.rows:
            raise NeedsAttention(
                "NO_COMPANY",
                "Simployer One accepts the token, but shows no company with it.",
                "Make a new access token of type Public API as an owner (Settings, Access tokens).",
            )
        name = batch.rows[0].get("name") if isinstance(batch.rows[0], dict) else None
        if not isinstance(name, str):
            raise error_of_unreadable(SYSTEM, "a company without a name", safe=True)
        return name if batch.total <= 1 else f"{name} and {batch.total - 1} more"

    def employees(self, offset: int, limit: int = PAGE_SIZE) -> EmployeePage:
        """Employees by id, from `offset`, with their related rows."""
        found = self.employee_rows(offset, limit)
        return Page(found.read(), found.total, offset)

    def employee_rows(self, offset: int, limit: int = PAGE_SIZE) -> RawEmployees:
        """The same, as they come over the wire."""
        batch = self._list(
            "/employee", (("relations", _EMPLOYEE_RELATIONS),), offset, limit, shape=page_shape()
        )
        return RawEmployees(batch.rows, batch.relations, batch.total)

    def employee_rows_by_id(self, ids: Sequence[str]) -> Iterator[RawEmployees]:
        """The employees with these ids as they come over the wire, as far as they exist, call by call."""
        return self._rows_with("id", ids, IDS_PER_CALL)

    def employees_by_id(self, ids: Sequence[str]) -> Listed[Employee]:
        """The employees with these ids, as far as they exist."""
        return self._employees_with("id", ids)

    def employees_by_number(self, numbers: Sequence[str]) -> Listed[Employee]:
        """The employees with these employee numbers; several may have the same one."""
        return self._employees_with("employeeNumber", numbers)

    def employees_born(self, days: Sequence[date]) -> Listed[Employee]:
        """The employees who were born on one of these days."""
        return self._employees_with("birthDate", [f"{day}T00:00:00.000Z" for day in days])

    def employees_by_email(self, emails: Sequence[str]) -> Listed[Employee]:
        """The employees with one of these work e-mails, as they are spelled."""
        return self._employees_with("workEmail", emails, EMAILS_PER_CALL)

    def employment_types(self, ids: Sequence[str]) -> Listed[EmploymentType]:
        """The types of employment with these ids, as far as they exist."""
        return Listed(*EMPLOYMENT_TYPES.read(self._by_id("/employment-type", ids)))

    def _employees_with(
        self, name: str, values: Sequence[str], at_once: int = IDS_PER_CALL
    ) -> Listed[Employee]:
        rows: list[Employee] = []
        bad: list[BadRow] = []
        for found in self._rows_with(name, values, at_once):
            rows += found.read().take(bad)
        return Listed(rows, bad)

    def _rows_with(self, name: str, values: Sequence[str], at_once: int) -> Iterator[RawEmployees]:
        for group in in_groups(dict.fromkeys(values), at_once):
            wanted = (("relations", _EMPLOYEE_RELATIONS), *_among(name, group))
            batch = self._list("/employee", wanted, 0, None, shape=page_shape())
            yield RawEmployees(batch.rows, batch.relations, batch.total)

    def leave_types(self) -> Listed[LeaveType]:
        """All leave types with their payroll codes."""
        batch = self._list("/leave-type", (("relations", "leaveTypeCode"),), 0, None)
        return read_leave_types(batch.rows, batch.relations)

    def leave_transactions(
        self,
        date_from: date,
        date_to: date,
        offset: int,
        limit: int | None = PAGE_SIZE,
        *,
        employee_ids: Sequence[str] = (),
    ) -> LeaveTransactionPage:
        """The leave of the days `date_from` to `date_to`, both included, one row per person and day.

        By employee, so that one person's days stand together; of these employees only, if any are named
        (at most a hundred).
        """
        if len(employee_ids) > IDS_PER_CALL:
            raise ValueError(f"leave is asked for {IDS_PER_CALL} employees at most")
        params = (
            ("relations", "employee"),
            ("filters[date][$between][]", f"{date_from}T00:00:00.000Z"),
            ("filters[date][$between][]", f"{date_to}T23:59:59.999Z"),
            *_among("employeeId", employee_ids),
        )
        batch = self._list("/leave-transaction", params, offset, limit, sort=("employeeId", "id"))
        return Page(read_leave_transactions(batch.rows, batch.relations), batch.total, offset)

    def leaves(self, ids: Sequence[str]) -> Listed[Leave]:
        """The whole leaves that transactions belong to, as far as they exist."""
        return Listed(*LEAVES.read(self._by_id("/leave", ids)))

    def _by_id(self, path: str, ids: Sequence[str]) -> list[Any]:
        """The raw rows with these ids, without relations."""
        raws: list[Any] = []
        for group in in_groups(dict.fromkeys(ids), IDS_PER_CALL):
            raws += self._list(path, _among("id", group), 0, None).rows
        return raws

    def _list(
        self,
        path: str,
        params: _Params,
        offset: int,
        limit: int | None,
        sort: tuple[str, ...] = ("id",),
        shape: Shape | None = None,
    ) -> _Batch:
        """Rows `offset` to `offset + limit`, or all of them, whatever the server's own largest page is.

        `sort` ends with the id: rows that sort alike would change places between two pages.
        """
        if offset < 0 or (limit is not None and not 1 <= limit <= PAGE_SIZE):
            raise ValueError(f"a page has 1 to {PAGE_SIZE} rows, from offset 0 on")
        gathered = _Batch()
        while True:
            at = offset + len(gathered.rows)
            size = PAGE_SIZE if limit is None else limit - len(gathered.rows)
            order = ((f"sort[{name}]", "asc") for name in sort)
            batch = self._fetch(path, (*params, *order, ("limit", str(size)), ("offset", str(at))), shape)
            gathered.total = batch.total
            gathered.rows += batch.rows
            for name, rows in batch.relations.items():
                gathered.relations.setdefault(name, []).extend(rows)
            if at + len(batch.rows) >= batch.total or len(gathered.rows) == limit:
                return gathered
            if not batch.rows or (limit is not None and len(gathered.rows) > limit):
                raise error_of_unreadable(SYSTEM, "a page that does not fit its own total", safe=True)

    def _fetch(self, path: str, params: _Params, shape: Shape | None = None) -> _Batch:
        body = self._door.get(path, params, shape=shape)
        match body:
            case {"data": list(rows), "total": int(total)}:
                relations = body.get("relations") or {}
            case _:
                raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)
        if not isinstance(relations, dict) or not all(isinstance(part, list) for part in relations.values()):
            raise error_of_unreadable(SYSTEM, "relations that are no lists", safe=True)
        return _Batch(total, rows, relations)


def _words(body: object) -> tuple[str, str]:
    """`{"statusCode", "message", "error"}`, where message is text or a list of texts."""
    match body:
        case {"message": str(message)}:
            return "", message
        case {"message": list(messages)}:
            return "", "; ".join(str(message) for message in messages)
        case _:
            return "", ""


def _among(name: str, values: Sequence[str]) -> _Params:
    return tuple((f"filters[{name}][$in][]", value) for value in values)
