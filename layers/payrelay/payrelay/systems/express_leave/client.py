"""The calls to Express Leave for one company: users, leave types, balances, and its connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Literal

from payrelay.domain.sensitive import Secret
from payrelay.errors import Rejected
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.rows import Listed, R, Reader

from .endpoint import SYSTEM, Endpoint, Params
from .models import (
    BALANCES,
    COMPANIES,
    LEAVE_TYPES,
    USERS,
    Balance,
    BalanceRow,
    Company,
    LeaveType,
    ListPage,
    Sync,
    User,
    written_hours,
    written_user,
)
from .syncs import Syncs

PAGE_SIZE = LARGEST_WRITE = 200
NOT_FOUND = "NotFound"


class ExpressLeaveClient:
    """One company's Express Leave, with its API key. Errors are those of `payrelay.errors`.

    `base_url` is the vendor's address, with or without its `/api/v1`. Users are written with the fields that
    `models.WRITABLE` names, in Express Leave's words.
    """

    def __init__(
        self, base_url: str, company_id: str, api_key: Secret, *, options: DoorOptions | None = None
    ) -> None:
        self._endpoint = Endpoint(base_url, company_id, api_key, options or DoorOptions())
        self._syncs = Syncs(self._endpoint)

    # --- the company -------------------------------------------------------------------------------------

    def organisation(self) -> str:
        """The company's name."""
        return self.company().name

    def company(self) -> Company:
        """The company, and whether it is connected to an organisation of payroll."""
        return COMPANIES.one(self._endpoint.get("/"), SYSTEM, safe=True).company()

    def connect_organisation(self, organisation_id: str, name: str) -> None:
        """What the button Connect to Organisation does."""
        body = {"OrganisationId": organisation_id, "OrganisationName": name}
        self._endpoint.write("POST", "/connection", body, empty=True)

    def disconnect_organisation(self) -> None:
        """What the button Disconnect does, confirmed; users and balances stay."""
        self._endpoint.write("DELETE", "/connection", params=(("confirm", "Yes"),), empty=True)

    # --- users -------------------------------------------------------------------------------------------

    def users(self, after: str | None = None) -> ListPage[User]:
        """A page of all users, of payroll or not."""
        raws, following = self._page("/users", (), after)
        return ListPage(Listed(*USERS.read(raws)), following)

    def user(self, user_id: str) -> Listed[User]:
        """One user as they are now; nobody when they are gone."""
        try:
            raw = self._endpoint.get("/users/{user}", values={"user": user_id})
        except Rejected as refusal:
            if refusal.code == NOT_FOUND:
                return Listed(())
            raise
        return Listed(*USERS.read([raw]))

    def add_user(self, fields: Mapping[str, str | None]) -> User:
        """A new user. Rejected (DuplicateEmail, DuplicateEmployeeId) if there is one like it."""
        answer = self._endpoint.write("POST", "/users", written_user(fields))
        return USERS.one(answer, SYSTEM, safe=False)

    def change_user(self, user_id: str, version: int, fields: Mapping[str, str | None]) -> User:
        """The user with all their `fields`: one that is left out is emptied.

        Rejected (VersionMismatch) if it was edited since `version` was read.
        """
        answer = self._endpoint.write(
            "PUT",
            "/users/{user}",
            written_user(fields),
            values={"user": user_id},
            headers={"If-Match": str(version)},
        )
        return USERS.one(answer, SYSTEM, safe=False)

    # --- leave -------------------------------------------------------------------------------------------

    def leave_types(self) -> Listed[LeaveType]:
        """All types of leave."""
        return self._all(LEAVE_TYPES, "/leavetypes")

    def balances(self, after: str | None = None) -> ListPage[Balance]:
        """A page of all balances."""
        raws, following = self._page("/balances", (), after)
        return ListPage(Listed(*BALANCES.read(raws)), following)

    def balances_of(self, employee_id: str) -> Listed[Balance]:
        """All balances of one employee; none where the employee is not known."""
        return self._all(BALANCES, "/balances", (("employeeId", employee_id),))

    def put_balances(self, sync_id: str, rows: Sequence[BalanceRow]) -> list[str]:
        """Set balances for a running sync, 200 at most: what became of each, in order.

        Setting them again does no harm, but whether they are set is not known when the answer is lost.
        """
        if len(rows) > LARGEST_WRITE:
            raise ValueError(f"at most {LARGEST_WRITE} balances are written at once")
        if not rows:
            return []
        body = {"SyncId": sync_id, "Rows": [_written(row) for row in rows]}
        match self._endpoint.write("PUT", "/balances", body):
            case {"Results": list(results)} if len(results) == len(rows):
                return [_status(row, result) for row, result in zip(rows, results, strict=True)]
        raise error_of_unreadable(SYSTEM, "not a result for each balance", safe=False)

    # --- syncs -------------------------------------------------------------------------------------------

    def start_sync(self, trigger: Literal["Login", "Connect", "Manual"], key: str) -> Sync:
        """A new sync, or the one that runs already; the same key gives the first answer for a day."""
        return self._syncs.start(trigger, key)

    def change_sync(
        self,
        sync_id: str,
        *,
        status: str | None = None,
        employees: int | None = None,
        balances: int | None = None,
        errors: Sequence[Mapping[str, object]] | None = None,
    ) -> None:
        """Say how far a sync is, or how it ended; one that has ended stays as it is."""
        told = {"Status": status, "Employees": employees, "Balances": balances, "Errors": errors}
        self._syncs.change(sync_id, {name: value for name, value in told.items() if value is not None})

    # --- reading -----------------------------------------------------------------------------------------

    def _all(self, reader: Reader[R], path: str, params: Params = ()) -> Listed[R]:
        """All rows of a list, page after page."""
        raws: list[Any] = []
        after: str | None = None
        for page in count(1):
            items, following = self._page(path, params, after)
            raws += items
            if following is None:
                break
            if not items or following == after:
                raise error_of_unreadable(SYSTEM, f"page {page} does not lead to the next", safe=True)
            after = following
        return Listed(*reader.read(raws))

    def _page(self, path: str, params: Params, after: str | None) -> tuple[list[Any], str | None]:
        """The raw rows of a page, and where to go on."""
        place = () if after is None else (("after", after),)
        match self._endpoint.get(path, (*params, *place, ("limit", str(PAGE_SIZE)))):
            case {"Items": list(items), "Next": (str() | None) as following}:
                return items, following
        raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)


def _written(row: BalanceRow) -> dict[str, object]:
    return {
        "EmployeeId": row.employee_id,
        "IncomeCode": row.income_code,
        "BalanceHours": written_hours(row.hours),
        "AsAt": row.as_at,
    }


def _status(row: BalanceRow, result: object) -> str:
    """What became of a balance, by a result that is its own."""
    match result:
        case {"EmployeeId": row.employee_id, "IncomeCode": row.income_code, "Status": str(status)}:
            return status
    raise error_of_unreadable(SYSTEM, "a result of another balance", safe=False)
