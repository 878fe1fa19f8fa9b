"""The calls to TimeWorksPlus for one site: balances, activity, people, pay periods, processing rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from payrelay.domain.reasons import reason
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected, RetryLater
from payrelay.systems.http.address import plain_address
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.masking import clean
from payrelay.systems.http.sign_in import bearer
from payrelay.systems.http.words import in_json
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import Listed, R, Reader
from payrelay.systems.sessions import Session

from .models import (
    ACTIVITY,
    BALANCES,
    CATEGORIES,
    EMPLOYEES,
    PERIODS,
    RULES,
    Activity,
    Balances,
    Category,
    Employee,
    NewBalance,
    PayPeriod,
    ProcessingRule,
    Refused,
)
from .signing import signed_in

SYSTEM = "timeworksplus"
SIGN_IN = "https://clock.payrollservers.us"
PAGE_SIZE = LARGEST_WRITE = 500
# What a write is refused with whose day lies in a pay period that is finalized by now.
FINALIZED = "409"
_NOT_FOUND = "404"
ACCRUE_UP, ACCRUE_DOWN, PUNCH = "AccrueUpScript", "AccrueDownScript", "PunchCategories"
_SITE = "/api/{site}"
_BUSY, _WAIT = "429", 60
Params = Sequence[tuple[str, str]]
T = TypeVar("T")


class TimeWorksPlusClient:
    """One site's TimeWorksPlus, for one issuer. Errors are those of `payrelay.errors`.

    `addresses` are those of the API and of the sign-in. The first call signs in, unless a session's `token`
    is given; one that has expired is renewed once.
    """

    def __init__(
        self,
        addresses: tuple[str, str],
        site_id: str,
        issuer: tuple[Secret, Secret],
        *,
        token: Secret | None = None,
        options: DoorOptions | None = None,
    ) -> None:
        if not site_id or not all(issuer):
            raise CredentialsRefused(SYSTEM, "not given: the site id, the issuer's id and the API secret")
        self.site_id, self._issuer = site_id, issuer
        self.addresses, self._options = addresses, options or DoorOptions()
        renewing = replace(self._options, renew=self._options.renew or (lambda: self.sign_in().token))
        self._door = Door(
            SYSTEM,
            addresses[0],
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": bearer(token)} if token else {},
            explain=in_json(self._words),
            options=renewing,
        )

    def sign_in(self) -> Session:
        """A new session, of a day. NeedsAttention where our clock is wrong: no secret would help then."""
        return signed_in(
            SYSTEM,
            self.addresses[1],
            self.site_id,
            self._issuer,
            self._options,
            in_json(self._words),
        )

    def organisation(self) -> str:
        """The site, once it has let the issuer in."""
        today = self._options.now().date()
        self.periods(today, today)
        return f"Site {self.site_id}"

    # --- the site ----------------------------------------------------------------------------------------

    def categories(self) -> Listed[Category]:
        """The categories that the site knows: those that a balance may have."""
        match self._get("/accruals/schema"):
            case list(raws):
                return Listed(*CATEGORIES.read(raws))
        raise error_of_unreadable(SYSTEM, "not a list of categories", safe=True)

    def rule(self, name: str) -> ProcessingRule | None:
        """The processing rule of a name; None where the site has none."""
        try:
            answer = self._get("/processingrules/{rule}", rule=name)
        except Rejected as refusal:
            if refusal.code != _NOT_FOUND:
                raise
            return None
        return RULES.one(answer, SYSTEM, safe=True)

    def periods(self, first: date, last: date) -> Listed[PayPeriod]:
        """The pay periods that have a day between two days, both included."""
        span = (("beginDate", first.isoformat()), ("endDate", last.isoformat()))
        found: list[PayPeriod] = []
        bad: list[Any] = []
        for page in self._pages(PERIODS, "/payperiods", span):
            found += page.take(bad)
        return Listed(found, bad)

    # --- people ------------------------------------------------------------------------------------------

    def employees(self) -> Iterator[Listed[Employee]]:
        """All employees, page by page; those who left, too."""
        return self._pages(EMPLOYEES, "/employees", (("onlyActive", "false"),))

    def balances(self, as_of: date) -> Iterator[Listed[Balances]]:
        """Everybody's balances on a day, page by page; hidden ones, too."""
        params = (("asOfDate", as_of.isoformat()), ("showHidden", "true"))
        return self._pages(BALANCES, "/accruals", params)

    def activity(self, first: date, last: date, people: Sequence[str] = ()) -> Iterator[Listed[Activity]]:
        """How everybody's balances went over a span, page by page; those of some `people`, if they are named.

        The starting value is the one of the day `first`; a day on which nothing happened need not be among
        the days.
        """
        span = (("startDate", first.isoformat()), ("endDate", last.isoformat()))
        ids = (("ids", ",".join(people)),) if people else ()
        return self._pages(ACTIVITY, "/accruals/activity", (*span, *ids))

    # --- writing -----------------------------------------------------------------------------------------

    def set_balances(self, rows: Sequence[NewBalance]) -> list[Refused]:
        """Set balances, 500 at most, in one call: those that were not set, the others are.

        Rejected `FINALIZED`: a day among them lies in a finalized pay period, and none is set. Setting them
        again does no harm, but whether they are set is not known when the answer is lost (OutcomeUnknown).
        """
        if len(rows) > LARGEST_WRITE:
            raise ValueError(f"at most {LARGEST_WRITE} balances are written at once")
        if not rows:
            return []
        body = [_written(row) for row in rows]
        send = self._door.send
        answer = self._waiting(
            lambda: send("POST", _SITE + "/accruals", values=self._values(), body=body, safe=False)
        )
        match answer:
            case {"Accepted": int(), "Rejected": list(refused)}:
                return [self._refused(one) for one in refused]
        raise error_of_unreadable(SYSTEM, "not what became of the balances", safe=False)

    def _refused(self, raw: object) -> Refused:
        match raw:
            case {"id": str(code), "category": str(category), "Message": str(message), **more}:
                effective = more.get("effective")
                return Refused(code, category, str(effective or "")[:10], self._clean(message))
        raise error_of_unreadable(SYSTEM, "a rejected balance that names nobody", safe=False)

    # --- reading -----------------------------------------------------------------------------------------

    def _get(self, path: str, params: Params = (), **values: str) -> Any:
        """What GET answers below the site."""
        return self._waiting(lambda: self._door.get(_SITE + path, params, values=self._values(**values)))

    def _pages(self, reader: Reader[R], path: str, params: Params = ()) -> Iterator[Listed[R]]:
        """The rows of a list, page by page, as each leads to the next."""
        onwards: Params = (*params, ("pageSize", str(PAGE_SIZE)))
        seen: set[str] = set()
        while True:
            match self._get(path, onwards):
                case {"Results": list(raws), "NextPageLink": (str() | None) as link}:
                    yield Listed(*reader.read(raws))
                case _:
                    raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)
            if not link:
                return
            if not raws or link in seen:
                raise error_of_unreadable(SYSTEM, "a page does not lead to the next", safe=True)
            seen.add(link)
            onwards = self._onwards(link, path)

    def _onwards(self, link: str, path: str) -> Params:
        """Where a link goes on; NeedsAttention if that is not our own list: no token goes elsewhere."""
        try:
            parts, own = urlsplit(link), urlsplit(self._door.base_url)
        except ValueError:
            raise error_of_unreadable(SYSTEM, "a link that can't be read", safe=True) from None
        here = own.path + _SITE.format_map(self._values()) + path
        there = plain_address(f"{parts.scheme}://{parts.netloc}")
        if (there, parts.path) != (f"{own.scheme}://{own.netloc}", here):
            why = reason("LINK_REFUSED", system="TimeWorksPlus", host=parts.hostname or "another path")
            raise NeedsAttention(why.code, why.message, why.remedy)
        return parse_qsl(parts.query, keep_blank_values=True)

    def _waiting(self, call: Callable[[], T]) -> T:
        """What a call answers; one that came too soon is right again after a minute (nothing says so)."""
        try:
            return call()
        except RetryLater as error:
            if error.code != _BUSY or error.named or type(error) is not RetryLater:
                raise
            raise RetryLater(SYSTEM, error.message, seconds=_WAIT, named=True, code=_BUSY) from None

    def _values(self, **more: str) -> dict[str, str]:
        """What fills the braces of a path."""
        return {"site": self.site_id, **more}

    def _words(self, body: object) -> tuple[str, str]:
        """`{"Message"}`; there is no code but the status."""
        match body:
            case {"Message": str(message)}:
                return "", self._clean(message)
        return "", ""

    def _clean(self, message: str) -> str:
        return clean(message, [self._issuer[1].reveal()])


def _written(row: NewBalance) -> Mapping[str, object]:
    written: dict[str, object] = {
        "id": row.employee_code,
        "category": row.category,
        "value": row.value,
        "effective": row.effective,
    }
    if row.is_hidden is not None:
        written["isHidden"] = row.is_hidden
    if row.expires is not None:
        written["expires"] = row.expires
    return written
