"""The calls to Millennium for one company: codes, people, balances, checks, the calendar, and its notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from msgspec.structs import replace

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.masking import clean
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.http.words import coded, in_json
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import Listed, R, Reader, all_of
from payrelay.systems.sessions import Session

from .models import (
    ACCRUALS,
    BATCHES,
    CALENDAR,
    CHECKS,
    CODES,
    EMPLOYEES,
    NOTES,
    TASKS,
    Accrual,
    AccrualCode,
    Batch,
    CalendarEntry,
    Check,
    CompanyNote,
    Employee,
    Put,
    ScheduledTask,
)

SYSTEM = "millennium"
PAGE_SIZE = 500
# The note that has to be there, and the task of the process server that must not run beside us.
ACCRUAL_NOTE, ACCRUAL_TASK = "Accrual Note", "Accrual"
_PATH = "/m3api/v1"
_COMPANY = "/companies/{company}"
_EMPLOYEE = "/employees/{employee}/accruals"
NOT_FOUND = "NOT_FOUND"
_OUTCOMES = {
    NOT_FOUND: Put.MISSING,
    "ALREADY_EXISTS": Put.EXISTS,
    "CHANGED": Put.CHANGED,
    "PAYROLL_LOCKED": Put.LOCKED,
}
# Five a second are taken. What leaves at that pace may arrive closer together, and is refused then.
_RATE = (5, 1.04)
Params = Sequence[tuple[str, str]]


class MillenniumClient:
    """One company's Millennium, for one of its users. Errors are those of `payrelay.errors`.

    `base_url` is the process server's address, with or without its `/m3api/v1`. The first call signs in,
    unless a session's `token` is given; one that has expired is renewed once.
    """

    def __init__(
        self,
        base_url: str,
        company: str,
        account: tuple[Secret, Secret],
        *,
        token: Secret | None = None,
        options: DoorOptions | None = None,
    ) -> None:
        if not company or not all(account):
            raise CredentialsRefused(SYSTEM, "not given: the company code, user name and password")
        options = options or DoorOptions()
        self.company, self._account = company, account
        self._base_url, self._options = base_url.rstrip("/").removesuffix(_PATH) + _PATH, options
        renewing = replace(options, renew=options.renew or (lambda: self.sign_in().token))
        self._door = self._at_the_door(renewing, {"Authorization": bearer(token)} if token else {})

    def sign_in(self) -> Session:
        """A new session, of 60 minutes. CredentialsRefused is final: the third in a row locks the user."""
        username, password = self._account
        door = self._at_the_door(replace(self._options, renew=None), {})
        match door.post("/session", {"UserName": username, "Password": password}, safe=True):
            case {"Token": str(token), "ExpiresAt": str(until)} if token:
                return Session(Secret(token), _seconds(until))
        raise error_of_unreadable(SYSTEM, "no session", safe=True)

    def organisation(self) -> str:
        """The company, once it has let the user in."""
        self.accrual_note()
        return f"Company {self.company}"

    # --- the company -------------------------------------------------------------------------------------

    def codes(self) -> Listed[AccrualCode]:
        """All accrual codes."""
        return self._all(CODES, "/accrualcodes")

    def accrual_note(self) -> CompanyNote | None:
        """The company's Accrual Note, of several the one whose memo says something; None without any."""
        found = all_of(self._all(NOTES, "/companynotes", (("name", ACCRUAL_NOTE),)), SYSTEM)
        return max(found, key=lambda note: bool(note.memo), default=None)

    def tasks(self) -> Listed[ScheduledTask]:
        """The scheduled tasks of the process server, for whatever company."""
        raws = [raw for page in self._raw_pages("/scheduledtasks", ()) for raw in page]
        return Listed(*TASKS.read(raws))

    def calendar(self, first: date, last: date) -> Listed[CalendarEntry]:
        """The payrolls whose check date lies between two days, both included."""
        return self._all(CALENDAR, "/calendar", (("from", first.isoformat()), ("to", last.isoformat())))

    def batches(self, calendar_id: int) -> Listed[Batch]:
        """The batches of a payroll of the calendar."""
        return self._all(BATCHES, "/calendar/{calendar}/batches", (), calendar=str(calendar_id))

    def people_of(self, batch_number: int) -> list[str]:
        """The ids of those whom a batch pays."""
        path = _COMPANY + "/batches/{batch}/employees"
        match self._door.get(path, values=self._values(batch=str(batch_number))):
            case {"EmployeeIds": list(ids)} if all(isinstance(one, str) for one in ids):
                return ids
        raise error_of_unreadable(SYSTEM, "not a list of employee ids", safe=True)

    # --- people ------------------------------------------------------------------------------------------

    def employees(self) -> Iterator[Listed[Employee]]:
        """All employees, page by page; those who left, too."""
        return self._pages(EMPLOYEES, "/employees", (("activeOnly", "false"),))

    def accruals(self) -> Iterator[Listed[Accrual]]:
        """All balances of everybody, page by page."""
        return self._pages(ACCRUALS, "/accruals")

    def accruals_of(self, employee_id: str) -> Listed[Accrual]:
        """The balances of one employee; none for somebody whom Millennium does not know."""
        try:
            return self._all(ACCRUALS, _EMPLOYEE, (), employee=employee_id)
        except Rejected as refusal:
            if refusal.code != NOT_FOUND:
                raise
            return Listed(())

    def checks(self, first: date, last: date) -> Iterator[Listed[Check]]:
        """The checks of everybody whose check date lies between two days, both included, page by page."""
        return self._pages(CHECKS, "/checks", _between(first, last))

    def checks_of(self, employee_id: str, first: date, last: date) -> Listed[Check]:
        """The checks of one employee whose check date lies between two days, both included."""
        return self._all(CHECKS, "/checks", (*_between(first, last), ("employeeId", employee_id)))

    # --- writing -----------------------------------------------------------------------------------------

    def put_balance(
        self,
        employee_id: str,
        code: str,
        balance: Decimal,
        *,
        as_of: date,
        note: str,
        modified_at: str | None = None,
    ) -> Put:
        """Set a balance; `modified_at` is that of the row that was read, and a change since then is told.

        DONE, MISSING, CHANGED or LOCKED. Setting it again does no harm, but after a lost answer
        (OutcomeUnknown) its `modified_at` is another one.
        """
        headers = {"If-Match": f'"{modified_at}"'} if modified_at else {}
        body = {"Balance": balance, "AsOfDate": as_of, "Note": note}
        return self._write("PUT", _EMPLOYEE + "/{code}", body, headers, employee=employee_id, code=code)

    def add_balance(self, employee_id: str, code: str, balance: Decimal, *, as_of: date, note: str) -> Put:
        """Add a balance that an employee lacks: DONE, EXISTS, LOCKED; MISSING if nobody has that id."""
        body = {"Code": code, "Balance": balance, "AsOfDate": as_of, "Note": note}
        return self._write("POST", _EMPLOYEE, body, {}, employee=employee_id)

    def _write(
        self, method: str, path: str, body: Mapping[str, object], headers: Mapping[str, str], **values: str
    ) -> Put:
        """What became of one write; one that came too soon did nothing, and is made again."""

        def once() -> Any:
            return self._door.send(
                method,
                _COMPANY + path,
                safe=False,
                values=self._values(**values),
                body=body,
                headers=headers,
            )

        try:
            ACCRUALS.one(self._door.patiently(once), SYSTEM, safe=False)
        except Rejected as refusal:
            if refusal.code not in _OUTCOMES:
                raise
            return _OUTCOMES[refusal.code]
        return Put.DONE

    # --- reading -----------------------------------------------------------------------------------------

    def _all(self, reader: Reader[R], path: str, params: Params = (), **values: str) -> Listed[R]:
        """All rows of a list of the company."""
        raws = [raw for page in self._raw_pages(_COMPANY + path, params, **values) for raw in page]
        return Listed(*reader.read(raws))

    def _pages(self, reader: Reader[R], path: str, params: Params = ()) -> Iterator[Listed[R]]:
        """The rows of a long list of the company, page by page."""
        return (Listed(*reader.read(raws)) for raws in self._raw_pages(_COMPANY + path, params))

    def _raw_pages(self, path: str, params: Params, **values: str) -> Iterator[list[Any]]:
        """The raw rows of a list, page by page; `values` fill the braces of `path`."""
        parts = self._values(**values)
        for page in count(1):
            place = (("page", str(page)), ("pageSize", str(PAGE_SIZE)))
            match self._door.get(path, (*params, *place), values=parts):
                case {"Items": list(raws), "NextPage": following}:
                    yield raws
                case _:
                    raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)
            if following is None:
                return
            if not raws or following != page + 1:
                raise error_of_unreadable(SYSTEM, f"page {page} does not lead to the next", safe=True)

    def _values(self, **more: str) -> dict[str, str]:
        """What fills the braces of a path."""
        return {"company": self.company, **more}

    def _at_the_door(self, options: DoorOptions, headers: Mapping[str, Secret]) -> Door:
        return Door(
            SYSTEM,
            self._base_url,
            allowed_hosts(SYSTEM),
            secret_headers=headers,
            explain=in_json(self._words),
            options=options,
            rate=_RATE,
        )

    def _words(self, body: object) -> tuple[str, str]:
        """`{"ErrorCode", "Message", "Field"}`, without the account."""
        code, message = coded(body, "ErrorCode")
        hidden = [secret.reveal() for secret in self._account]
        return clean(code, hidden), clean(message, hidden)


def _between(first: date, last: date) -> tuple[tuple[str, str], ...]:
    return (("checkDateFrom", first.isoformat()), ("checkDateTo", last.isoformat()))


def _seconds(until: str) -> int:
    """The end of a session in Unix seconds; one that can't be read has ended."""
    try:
        return int(datetime.fromisoformat(until).timestamp())
    except ValueError:
        return 0
