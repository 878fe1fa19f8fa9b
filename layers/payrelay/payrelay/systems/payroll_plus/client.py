"""The calls to Exact Payroll Plus for one employer: its runs, the component report, people and documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.masking import clean
from payrelay.systems.http.sign_in import basic
from payrelay.systems.http.words import coded, in_json
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import Listed, R, Reader

from .employees import Calls, Employees, written
from .models import (
    EMPLOYEES,
    GENERAL_DATA,
    PAYROLL_RUNS,
    REPORT_ROWS,
    PayrollRun,
    ReportPage,
)

# What a property below imports is imported where it is used: a flow needs one of them.
if TYPE_CHECKING:
    from .documents import Documents
    from .entries import Entries

SYSTEM = "payroll_plus"
PAGE_SIZE = 200
_PATH = "/api/v1"
_EMPLOYER = "/employers/{employer}"
# Five a second are taken. What leaves at that pace may arrive closer together, and is refused then.
_RATE = (5, 1.04)
Params = tuple[tuple[str, str], ...]


class PayrollPlusClient:
    """One employer's Payroll Plus, with the user name and password of its account.

    `base_url` is the vendor's address, with or without its `/api/v1`. Errors are those of `payrelay.errors`.
    """

    def __init__(
        self,
        base_url: str,
        employer_id: str,
        username: Secret,
        password: Secret,
        *,
        options: DoorOptions | None = None,
    ) -> None:
        if employer_id in ("", ".", "..") or not username or not password:
            raise CredentialsRefused(SYSTEM, "not given: the employer's id, user name and password")
        self._employer = Secret(employer_id)
        self._account = (username, password)
        self._door = Door(
            SYSTEM,
            base_url.rstrip("/").removesuffix(_PATH) + _PATH,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": basic(SYSTEM, username, password)},
            explain=in_json(self._words),
            options=options or DoorOptions(),
            rate=_RATE,
        )
        self._calls = Calls(SYSTEM, self._below, self._raws, self._each, self._write)
        self.employees = Employees(self._calls)
        self.server_time = self._door.server_time

    @cached_property
    def entries(self) -> Entries:
        """The journal entries."""
        from .entries import Entries  # noqa: PLC0415

        return Entries(self._calls)

    @cached_property
    def documents(self) -> Documents:
        """The documents."""
        from .documents import Documents, Lists  # noqa: PLC0415

        return Documents(Lists(SYSTEM, self._page, self._raws, self._file))

    def organisation(self) -> str:
        """The employer's name."""
        return GENERAL_DATA.one(self._get("/generalData"), SYSTEM, safe=True).employer_name

    def payroll_runs(self, changed_since: datetime | None = None) -> Listed[PayrollRun]:
        """The runs in every status, all or those that changed at that time or later."""
        params = () if changed_since is None else (("changedSince", written(changed_since)),)
        return self._all(PAYROLL_RUNS, "/payrollRuns", params)

    def component_report(self, year: int, period: str, cursor: str | None = None) -> ReportPage:
        """A page of what everybody's components came to in a period such as `2026-01`."""
        params = (("year", str(year)), ("prPeriod", period))
        raws, following = self._page("/componentReport", params, cursor)
        if following is not None and (not raws or following == cursor):
            raise error_of_unreadable(SYSTEM, "a page does not lead to the next", safe=True)
        return ReportPage(Listed(*REPORT_ROWS.read(raws)), following)

    def employee_name(self, employee_id: str) -> str | None:
        """What an employee is called; None for nobody, and for an id that no path can hold."""
        if employee_id.strip() in ("", ".", ".."):
            return None
        try:
            raw = self._door.get(
                f"{_EMPLOYER}/employees/{{employee}}", values=self._values(employee=employee_id)
            )
        except Rejected:
            return None
        found, _ = EMPLOYEES.read([raw])
        return found[0].name if found else None

    # --- reading -----------------------------------------------------------------------------------------

    def _all(self, reader: Reader[R], path: str, params: Params) -> Listed[R]:
        """All rows of a list, page after page."""
        return Listed(*reader.read(self._raws(path, {}, params)))

    def _raws(
        self, path: str, values: Mapping[str, str], params: Sequence[tuple[str, str]] = ()
    ) -> list[Any]:
        """The raw rows of a list, page after page; `values` fill the braces of `path`."""
        return list(self._each(path, values, params))

    def _each(
        self, path: str, values: Mapping[str, str], params: Sequence[tuple[str, str]] = ()
    ) -> Iterator[Any]:
        """The same one by one, so that one page is held at a time."""
        cursor: str | None = None
        for page in count(1):
            items, following = self._page(path, params, cursor, values)
            yield from items
            if following is None:
                return
            if not items or following == cursor:
                raise error_of_unreadable(SYSTEM, f"page {page} does not lead to the next", safe=True)
            cursor = following

    def _page(
        self,
        path: str,
        params: Sequence[tuple[str, str]],
        cursor: str | None,
        values: Mapping[str, str] | None = None,
    ) -> tuple[list[Any], str | None]:
        """The raw rows of a page, and where to go on."""
        onwards = () if cursor is None else (("cursor", cursor),)
        match self._below(path, values or {}, (*params, *onwards, ("limit", str(PAGE_SIZE)))):
            case {"items": list(items), "nextCursor": (str() | None) as following}:
                return items, following
        raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)

    def _get(self, path: str, params: Params = ()) -> Any:
        return self._below(path, {}, params)

    def _below(self, path: str, values: Mapping[str, str], params: Sequence[tuple[str, str]] = ()) -> Any:
        """What GET answers below the employer."""
        return self._door.get(_EMPLOYER + path, params, values=self._values(**values))

    def _file(self, path: str, values: Mapping[str, str], params: Sequence[tuple[str, str]]) -> bytes:
        """The file that GET answers below the employer."""
        return self._door.content(_EMPLOYER + path, params, values=self._values(**values))

    def _write(self, method: str, path: str, values: Mapping[str, str], body: Mapping[str, Any]) -> Any:
        """One write below the employer; one that came too soon did nothing, and is made again."""
        url, parts = _EMPLOYER + path, self._values(**values)
        return self._door.patiently(
            lambda: self._door.send(method, url, values=parts, body=body, safe=False, empty=True)
        )

    def _values(self, **more: str) -> dict[str, str]:
        """What fills the braces of a path."""
        return {"employer": self._employer.reveal(), **more}

    def _words(self, body: object) -> tuple[str, str]:
        """`{"code", "message", "field"}`, without the account."""
        code, message = coded(body, "code", "message", "field")
        hidden = [secret.reveal() for secret in self._account]
        return clean(code, hidden), clean(message, hidden)
