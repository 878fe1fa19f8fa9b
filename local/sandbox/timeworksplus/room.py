"""The room of TimeWorksPlus: sites of a partner, who signs in for one of them, and their balances."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from local.sandbox.frame.calls import Call
from local.sandbox.frame.kinds import DAY, FLAG_TEXT, TEXT, Misfit, fitting, is_day, misfit
from local.sandbox.frame.paging import Numbered, Page
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Filter

from . import rows
from .balances import Balances, write
from .interrupted import Interrupted
from .nights import night
from .rows import EMPLOYEES, PAY_PERIODS, PROCESSING_RULES, UP, categories, present
from .sign_in import check_site, session_of, sign_in

_SIGN_IN = "/AuthenticationService/oauth2/userToken"
_PAGE = "page"
# What can be asked of a person over a span.
_SPAN = {"beginEffectiveDate": DAY, "endEffectiveDate": DAY, "onlyActive": FLAG_TEXT}


class TimeWorksPlus(Interrupted):
    """Several sites over one store; every row tells its own, which no answer shows."""

    name = "timeworksplus"
    resources = rows.RESOURCES
    bases = ("/api/<siteId>",)
    paging = Numbered(_PAGE, "pageSize", usual=50, most=500)
    refusals: ClassVar = {
        "InvalidValue": (400, ""),
        "Unauthorized": (401, "Authorization has been denied for this request."),
        "OtherSite": (403, "The site is not one of this account."),
        "NotFound": (404, ""),
        "Finalized": (409, "Pay period is finalized"),
        "TooManyRequests": (429, "Too many requests."),
        "ServerError": (500, "An error has occurred."),
        "Unavailable": (503, "The service is unavailable."),
    }
    server: ClassVar = {429: "TooManyRequests", 500: "ServerError", 503: "Unavailable"}
    faults: ClassVar = {"session": "Unauthorized", **Interrupted.interrupts}

    def routes(self) -> Iterable[Route]:
        dates = {
            "beginDate": Filter(DAY, lambda row, begin: row["EndDate"] >= begin),
            "endDate": Filter(DAY, lambda row, end: row["BeginDate"] <= end),
        }
        pages = self.paging.query
        on = {"asOfDate": DAY, "category": TEXT, "showHidden": FLAG_TEXT, **pages}
        span = {"startDate": DAY, "endDate": DAY}
        activity = {**span, "category": TEXT, "ids": TEXT, **pages}
        upsert = {"upsert": FLAG_TEXT}
        return (
            Route("POST", _SIGN_IN, "sign in", self._sign_in, None, status=201, open=True, outside=True),
            Route("GET", "/accruals", "list accruals", self._accruals, on),
            Route("POST", "/accruals", "change accruals", self._write, nodes=_rows_sent),
            Route("GET", "/accruals/schema", "get schema", self._schema),
            Route("GET", "/accruals/activity", "list activity", self._activity, activity, tuple(span)),
            Route("GET", "/employees", "list employees", self._employees, {**_SPAN, **pages}),
            Route("POST", "/employees/<EmployeeCode>", "change employees", self._put_employee, upsert),
            self.lists("/payperiods", PAY_PERIODS, dates),
            Route("GET", "/processingrules/<Name>", "get processingrules", self._rule),
        )

    # --- the state ------------------------------------------------------------------------------------------

    def complete(self, reading: Reading) -> None:
        rows.complete_rules(reading)

    def orders(self) -> Mapping[str, Callable[[Any], object]]:
        return {"night": self._night}

    def _night(self, body: Any) -> object:
        with self.lock:
            return night(self.store, body, self.options.now())

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> Row:
        return session_of(self.store, call.headers, self.options.now())

    def enter(self, asked: Asked) -> None:
        """A session is good for one site."""
        site = asked.path.get("siteId", "")
        if not site:
            raise self.not_there(asked)
        check_site(self.store, asked.who, site)
        if asked.who["siteId"] != site:
            raise Refused("OtherSite")

    def counted(self, asked: Asked) -> str:
        return asked.path["siteId"]

    def body(self, refused: Refused) -> object:
        return {"Message": refused.message}

    def unfit(self, found: list[Misfit], where: str) -> Refused:  # noqa: ARG002
        return Refused("InvalidValue", found[0].said)

    def not_there(self, asked: Asked) -> Refused:
        return Refused("NotFound", f"{asked.call.method} {asked.call.path} was not found.")

    def envelope(self, page: Page, asked: Asked) -> object:
        """The pages before and after are absolute addresses, which ask for the same as the call did."""
        timed = self.store.one("settings")["timePart"]
        there = range(1, page.pages + 1)
        return {
            "TotalCount": page.total,
            "TotalPages": page.pages,
            "PrevPageLink": self._link(asked.call, page.number - 1) if page.number - 1 in there else None,
            "NextPageLink": self._link(asked.call, page.number + 1) if page.number + 1 in there else None,
            "ResultCount": len(page.rows),
            "Results": _with_times(page.rows) if timed else page.rows,
        }

    def _link(self, call: Call, number: int) -> str:
        query = {**dict(parse_qsl(call.query, keep_blank_values=True)), _PAGE: str(number)}
        return f"http://{call.headers.get('host', '127.0.0.1')}/{self.name}{call.path}?{urlencode(query)}"

    def _listed(self, asked: Asked, people: list[Row], of: Resource, shown: Callable[[Row], Row]) -> object:
        """A page of rows, of which only those of the page are worked out."""
        page = self.paging.cut(people, (), asked.query, of)
        return self.envelope(page._replace(rows=[shown(row) for row in page.rows]), asked)

    def _today(self) -> str:
        return f"{present(self.store, self.options.now()):%Y-%m-%d}"

    # --- signing in, and balances ---------------------------------------------------------------------------

    def _sign_in(self, asked: Asked) -> object:
        return sign_in(self.store, asked, self.options.now())

    def _accruals(self, asked: Asked) -> object:
        """Everybody's balances on a day; hidden ones when they are asked for."""
        site, day = asked.path["siteId"], asked.query.get("asOfDate") or self._today()
        names, hidden = self._categories(asked), asked.query.get("showHidden", False)

        def shown(person: Row) -> Row:
            balances = Balances(self.store, site, person["EmployeeCode"])
            on_day = (balances.on(name, day) for name in names)
            told = {name: person[name] for name in _NAMED}
            return {
                **told,
                "AsOfDate": day,
                "Balances": [one for one in on_day if hidden or not one["isHidden"]],
            }

        return self._listed(asked, self.store["employees"].of(site), EMPLOYEES, shown)

    def _activity(self, asked: Asked) -> object:
        """Everybody's balances on the first day and the last, and on each day between that changed one."""
        site, start, end = asked.path["siteId"], asked.query["startDate"], asked.query["endDate"]
        if end < start:
            raise misfit("endDate", "must not lie before the startDate")
        names = self._categories(asked)

        def shown(person: Row) -> Row:
            balances = Balances(self.store, site, person["EmployeeCode"])
            spans = [balances.over(name, start, end) for name in names]
            days = (day for _, _, found in spans for day in found)
            return {
                "EmployeeCode": person["EmployeeCode"],
                "StartingValues": [first for first, _, _ in spans],
                "EndingValues": [last for _, last, _ in spans],
                "Days": sorted(days, key=lambda day: (day["date"], day["category"])),
            }

        people = self.store["employees"].of(site)
        if "ids" in asked.query:
            wanted = set(asked.query["ids"].split(","))
            people = [row for row in people if row["EmployeeCode"] in wanted]
        return self._listed(asked, people, EMPLOYEES, shown)

    def _categories(self, asked: Asked) -> list[str]:
        """Those of the site, or the one that is asked for."""
        known, wanted = categories(self.store, asked.path["siteId"], UP), asked.query.get("category")
        if wanted is None:
            return known
        if wanted not in known:
            raise Refused("InvalidValue", f"There is no category {wanted!r}.")
        return [wanted]

    def _write(self, asked: Asked) -> object:
        return write(self.store, asked.path["siteId"], asked.json())

    def _schema(self, asked: Asked) -> object:
        nothing = dict.fromkeys(("effective", "expires", "id", "value"))
        names = categories(self.store, asked.path["siteId"], UP)
        return [{"category": name, "isHidden": False, **nothing} for name in names]

    # --- people and rules -----------------------------------------------------------------------------------

    def _employees(self, asked: Asked) -> object:
        """Who is employed at some time of the span, or today; with `onlyActive=false` everybody."""
        table, site = self.store["employees"], asked.path["siteId"]
        begin = asked.query.get("beginEffectiveDate") or self._today()
        end = asked.query.get("endEffectiveDate") or max(begin, self._today())
        people = table.of(site)
        if asked.query.get("onlyActive", True):
            key = (site, begin, end)
            people = self.store.listings.of(table, key, lambda: _active(table.of(site), begin, end))
        return self._listed(asked, people, EMPLOYEES, EMPLOYEES.shown)

    def _put_employee(self, asked: Asked) -> object:
        """What is sent changes; somebody new needs `upsert=true`."""
        key = asked.path["siteId"], asked.path["EmployeeCode"]
        sent, old = fitting(rows.EMPLOYEE, asked.json()), self.store["employees"].get(key)
        if old is None and not asked.query.get("upsert", False):
            raise Refused("NotFound", f"There is no employee {key[1]}.")
        before = {name: value for name, value in (old or {}).items() if name != "Name2"}
        whole = rows.employee({**before, **asked.path, **sent})
        self.store["employees"].put(EMPLOYEES.in_order(whole))
        return EMPLOYEES.shown(self.row("employees", asked))

    def _rule(self, asked: Asked) -> object:
        row = PROCESSING_RULES.shown(self.row("processingrules", asked))
        return {name: value for name, value in row.items() if value is not None}


_NAMED = ("EmployeeCode", "FirstName", "MiddleName", "LastName", "Name2", "StartDate", "EndDate")


def _active(people: list[Row], begin: str, end: str) -> list[Row]:
    return [
        row
        for row in people
        if (row["StartDate"] is None or row["StartDate"] <= end)
        and (row["EndDate"] is None or row["EndDate"] >= begin)
    ]


def _rows_sent(call: Call) -> int | None:
    """How many rows a write has."""
    try:
        body = call.json()
    except ValueError:
        return None
    return len(body) if isinstance(body, list) else None


def _with_times(value: Any) -> Any:
    """The same with a time behind every day."""
    if isinstance(value, dict):
        return {name: _with_times(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_times(one) for one in value]
    return f"{value}T00:00:00" if is_day(value) else value
