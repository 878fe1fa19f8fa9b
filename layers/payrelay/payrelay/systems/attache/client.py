"""The calls to Attaché Online for one organisation; nothing is written there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from payrelay.domain.reasons import reason
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected, RetryLater
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.http.words import coded, in_json
from payrelay.systems.registry import allowed_hosts, label, rate_of
from payrelay.systems.rows import BadRow, Listed

from .models import (
    BALANCES,
    EMPLOYEES,
    HISTORY,
    LEAVE,
    ORGANISATIONS,
    Balances,
    Employee,
    HistoryRow,
    LeaveRow,
    NumberedPage,
)

SYSTEM = "attache"
PAGE_SIZE = 500
NOT_FOUND, PAY_IN_PROGRESS, OFFLINE = "NotFound", "PayInProgress", "OrganisationOffline"
# A pay is over in a minute or so; a desktop that is off, not before the next login, which no run waits for.
PAY_SECONDS, OFFLINE_SECONDS = 60, 4 * 60 * 60
_PATH = "/api/v1"
Params = tuple[tuple[str, str], ...]
_EMPLOYEES = "/organisations/{organisation}/employees"
_BALANCES = "/organisations/{organisation}/leavebalances"
_EMPLOYEE = f"{_EMPLOYEES}/{{code}}"


class AttacheClient:
    """One organisation's Attaché Online; `organisation` is its id. Errors are those of `payrelay.errors`.

    `base_url` is the vendor's address, with or without its `/api/v1`. Pages are counted from 1.
    """

    def __init__(
        self, base_url: str, access_token: Secret, organisation: str, *, options: DoorOptions | None = None
    ) -> None:
        if organisation in ("", ".", ".."):
            raise CredentialsRefused(SYSTEM, "the organisation of the consent has no id; connect again")
        self._door = Door(
            SYSTEM,
            base_url.rstrip("/").removesuffix(_PATH) + _PATH,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": bearer(access_token)},
            explain=in_json(coded),
            options=options or DoorOptions(),
            rate=rate_of(SYSTEM),
        )
        self._organisation = Secret(organisation)

    @property
    def organisation_id(self) -> str:
        """The organisation that was chosen at the consent."""
        return self._organisation.reveal()

    def organisation(self) -> str:
        """The organisation's name; NeedsAttention if the consent does not reach it any more."""
        rows, bad_rows = ORGANISATIONS.read(self._all("/organisations", {}))
        for row in rows:
            if row.organisation_id == self.organisation_id:
                return row.organisation_name
        if bad_rows:
            # It may be just the one that is asked for.
            raise error_of_unreadable(SYSTEM, f"{bad_rows[0].field} {bad_rows[0].problem}", safe=True)
        values = {"system": label(SYSTEM), "organisation": self.organisation_id}
        why = reason("ORGANISATION_NOT_REACHED", **values)
        raise NeedsAttention(why.code, why.message, why.remedy)

    @property
    def server_time(self) -> datetime | None:
        """What its newest answer said the time is there; None if it said nothing."""
        return self._door.server_time()

    @property
    def ahead(self) -> timedelta:
        """By how much its clock was ahead of ours then; none if it said nothing."""
        told = self.server_time
        return told - self._door.options.now() if told else timedelta()

    def employees(self, page: int, since: datetime | None = None) -> NumberedPage[Employee]:
        """A page of all employees, those who are not online too; or of those who were saved `since`."""
        raws, total_pages = self._page(_EMPLOYEES, {}, page, _saved(since))
        return NumberedPage(Listed(*EMPLOYEES.read(raws)), total_pages)

    def count_employees(self) -> int:
        """How many employees there are."""
        return self._page(_EMPLOYEES, {}, 1, (), 1)[1]

    def balances(self, page: int, since: datetime | None = None) -> NumberedPage[Balances]:
        """A page of all employees' balances; or of those that were saved `since`."""
        raws, total_pages = self._page(_BALANCES, {}, page, _saved(since))
        rows, bad_rows = BALANCES.read(raws)
        found = []
        for row in rows:
            try:
                found.append(row.balances())
            except ValueError as error:
                pair = f"{error}EntitleHourAcc + {error}ProRataHourAcc"
                problem = "is not an amount with at most four decimals"
                bad_rows.append(BadRow(row.code, row.code, pair, problem))
        return NumberedPage(Listed(found, bad_rows), total_pages)

    def leave_table(self, employee_code: str) -> Listed[LeaveRow] | None:
        """An employee's leave table as it is now; None when there is no such employee."""
        try:
            raws = self._all(f"{_EMPLOYEE}/leave", {"code": employee_code})
        except Rejected as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise
        return Listed(*LEAVE.read(raws))

    def leave_history(self, employee_code: str) -> Listed[HistoryRow]:
        """What was overtyped in an employee's leave table."""
        raws = self._all(f"{_EMPLOYEE}/leavehistory", {"code": employee_code})
        return Listed(*HISTORY.read(raws))

    def _all(self, path: str, values: Mapping[str, str]) -> list[Any]:
        """The raw rows of a list, page after page."""
        rows: list[Any] = []
        page, total_pages = 0, 1
        while page < total_pages:
            page += 1
            raws, total_pages = self._page(path, values, page)
            if not raws and page < total_pages:
                raise error_of_unreadable(SYSTEM, "an empty page that is not the last", safe=True)
            rows += raws
        return rows

    def _page(
        self, path: str, values: Mapping[str, str], page: int, more: Params = (), size: int = 0
    ) -> tuple[list[Any], int]:
        """The raw rows of a page, and how many pages there are."""
        params = (*more, ("page", str(page)), ("pageSize", str(size or PAGE_SIZE)))
        try:
            body = self._door.get(path, params, values={"organisation": self.organisation_id, **values})
        except Rejected as refusal:
            raise _for_later(refusal, PAY_IN_PROGRESS, PAY_SECONDS) from None
        except RetryLater as trouble:
            raise _for_later(trouble, OFFLINE, OFFLINE_SECONDS) from None
        match body:
            case {"Data": list(raws), "TotalPages": int(total_pages)}:
                return raws, total_pages
        raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)


def _saved(since: datetime | None) -> Params:
    """What asks for rows that were saved since, if anything does."""
    return () if since is None else (("modifiedSince", f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),)


def _for_later(error: Rejected | RetryLater, code: str, seconds: int) -> Rejected | RetryLater:
    """The error, or with this code the wait that Attaché's word for it means."""
    if error.code != code:
        return error
    message = f"{error.message}; it goes on at the next login" if code == OFFLINE else error.message
    return RetryLater(SYSTEM, message, seconds=seconds, named=True, code=code)
