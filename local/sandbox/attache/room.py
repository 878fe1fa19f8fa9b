"""The room of Attaché: organisations, what a consent opens of them, and the overtyping of an entitlement."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import uuid4

from local.sandbox.frame.calls import Call
from local.sandbox.frame.consent import Code, Consents, OAuthError
from local.sandbox.frame.kinds import TEXT, Misfit, fitting, instant, misfit, or_null
from local.sandbox.frame.paging import Numbered, Page
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Options, Row, State
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Filter, Limit, System
from local.sandbox.frame.table import Table

from . import rows
from .leave import a_second_after, balance_of, entitled, last_pay, pair, pro_rata, table_of

SCOPE = frozenset({"leave.read", "employees.read"})
_ENTITLEMENT = {"EntitlementOwing": rows.AMOUNT, "Comment": or_null(TEXT)}


class Tokens(Consents):
    """Each consent opens one organisation."""

    authorize, token, revoke = "/oauth/authorize", "/oauth/token", "/oauth/revoke"
    may_ask: ClassVar = frozenset({"organisation_id"})
    access_life: ClassVar = timedelta(minutes=30)

    def __init__(
        self,
        table: Callable[[], Table],
        now: Callable[[], datetime],
        organisations: Callable[[], Sequence[str]],
    ) -> None:
        super().__init__(table, now)
        self._organisations = organisations

    def check(self, asked: Mapping[str, str]) -> None:
        """`organisation_id` is the radio button."""
        if frozenset(asked["scope"].split()) != SCOPE:
            raise OAuthError("invalid_scope", f"the scope is {' '.join(sorted(SCOPE, reverse=True))}")
        if self.facts(asked)["organisation_id"] not in self._organisations():
            raise OAuthError("invalid_request", "the organisation is not known")

    def facts(self, asked: Mapping[str, str]) -> Row:
        return {"organisation_id": asked.get("organisation_id", next(iter(self._organisations()), ""))}

    def check_code(self, code: Code, form: Mapping[str, str]) -> None:  # noqa: ARG002
        if not self.is_there(code.facts):
            raise OAuthError("invalid_grant")

    def renewable(self, refresh_token: str) -> Row | None:
        row = super().renewable(refresh_token)
        return row if row and self.is_there(row) else None

    def told(self, row: Row) -> Row:
        return {"organisation_id": row["organisation_id"]}

    def is_there(self, row: Row) -> bool:
        """Whether there still is the organisation: a token of one that is gone opens nothing."""
        return row["organisation_id"] in self._organisations()


class Attache(System):
    """Attaché Online over one store; every organisation's payroll can be reached unless a fault is set."""

    name = "attache"
    exact_numbers = True
    resources = rows.RESOURCES
    bases = ("/api/v1", "")
    tokens = frozenset({"attache-sandbox-token"})
    limits = (Limit(60, 60.0),)
    paging = Numbered("page", "pageSize", usual=100, most=500)
    refusals: ClassVar = {
        "InvalidValue": (400, ""),
        "CommentRequired": (400, "A comment is needed."),
        "TokenExpired": (401, "The access token is missing, wrong or expired."),
        "OrganisationNotAllowed": (403, "The token is of another organisation."),
        "NotFound": (404, ""),
        "PayInProgress": (409, "A pay is being processed: balances are recalculated."),
        "TooManyRequests": (429, "Too many requests for this organisation."),
        "ServerError": (500, "The server failed."),
        "OrganisationOffline": (503, "The organisation's payroll can't be reached."),
    }
    server: ClassVar = {429: "TooManyRequests", 500: "ServerError", 503: "OrganisationOffline"}
    faults: ClassVar = {
        "token": "TokenExpired",
        "pay_in_progress": "PayInProgress",
        "organisation_offline": "OrganisationOffline",
    }

    def __init__(self, options: Options) -> None:
        self._consents = Tokens(lambda: self.store["tokens"], options.now, self._organisation_ids)
        super().__init__(options)

    def routes(self) -> Iterable[Route]:
        organisation = "/organisations/<OrganisationId>"
        employee = f"{organisation}/employees/<EmployeeCode>"
        since = {"modifiedSince": Filter(rows.INSTANT, lambda row, since: row["ModifiedAt"] >= since)}
        changed = {"modifiedSince": Filter(rows.INSTANT, lambda row, since: row["ChangedAt"] >= since)}
        newest = Numbered("page", "pageSize", usual=100, most=500, newest_first=True)
        return (
            *self._consents.routes(),
            Route("GET", "/organisations", "list organisations", self._list, self.paging.query),
            self.lists(f"{organisation}/employees", rows.EMPLOYEES, since, parent="organisations"),
            self.lists(f"{organisation}/leavebalances", rows.BALANCES, since, parent="organisations"),
            self.lists(f"{employee}/leave", rows.LEAVE, since, parent="employees"),
            self.lists(f"{employee}/leavehistory", rows.HISTORY, changed, parent="employees", paging=newest),
            Route("PUT", f"{employee}/leave/<IncomeCode>/entitlement", "change entitlement", self._overtype),
        )

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> str | None:
        """The one organisation that the token opens; None for all."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind == "Bearer" and token in self.let_in:
            return None
        row = self._consents.opened_by(token) if kind == "Bearer" else None
        if row is None:
            raise Refused("TokenExpired")
        return str(row["organisation_id"])

    def enter(self, asked: Asked) -> None:
        if asked.who is not None and asked.path.get("OrganisationId", asked.who) != asked.who:
            raise Refused("OrganisationNotAllowed")

    def counted(self, asked: Asked) -> str:
        return asked.path.get("OrganisationId") or asked.who or ""

    def body(self, refused: Refused) -> object:
        return {"Code": refused.code, "Message": refused.message, "CorrelationId": str(uuid4())}

    def unfit(self, found: list[Misfit], where: str) -> Refused:  # noqa: ARG002
        return Refused("InvalidValue", found[0].said)

    def not_there(self, asked: Asked) -> Refused:
        return Refused("NotFound", f"{asked.call.method} {asked.call.path} was not found.")

    def envelope(self, page: Page, asked: Asked) -> object:  # noqa: ARG002
        return {"Data": page.rows, "Page": page.number, "PageSize": page.size, "TotalPages": page.pages}

    def complete(self, reading: Reading) -> None:
        """Of balances and leave tables, what is not given is made of the other; both are of one table."""
        given, store = reading.given, reading.store
        if {"leave", "leavebalances"} <= given.keys():
            for row in store["leave"].rows():
                if not row["ProRataApplicable"]:
                    _drop_pro_rata(store, row)
            return
        for employee in store["employees"].rows():
            key = store["employees"].key_of(employee)
            balance = store["leavebalances"].get(key)
            if "leavebalances" not in given:
                made = balance_of(employee, store["leave"].of(key), last_pay(reading.now))
                store["leavebalances"].put(rows.BALANCES.in_order(made))
            elif balance:
                for row in table_of(balance, employee):
                    store["leave"].put(rows.LEAVE.in_order(row))

    def state(self) -> State:
        """Without the tokens of organisations that are gone, which could not be put back."""
        with self.lock:
            state = super().state()
            return {**state, "tokens": [row for row in state["tokens"] if self._consents.is_there(row)]}

    # --- what there is --------------------------------------------------------------------------------------

    def _organisation_ids(self) -> list[str]:
        return [row["OrganisationId"] for row in self.store["organisations"].rows()]

    def _list(self, asked: Asked) -> object:
        there = self.store["organisations"].rows()
        opened = [row for row in there if asked.who in (None, row["OrganisationId"])]
        return self.envelope(self.paging.cut(opened, (), asked.query, rows.ORGANISATIONS), asked)

    def _overtype(self, asked: Asked) -> Row:
        """Another entitlement, or the same again: either way the rows are newer than before."""
        old, employee = self.row("leave", asked), self.row("employees", asked)
        body = fitting(_ENTITLEMENT, asked.json(exact=True))
        if not (body.get("Comment") or "").strip():
            raise Refused("CommentRequired")
        if "EntitlementOwing" not in body:
            raise misfit("EntitlementOwing", "is required")
        key, now = self.store["employees"].key_of(employee), self.options.now()
        balance = self.store["leavebalances"].get(key)
        if balance is None:
            balance = balance_of(employee, self.store["leave"].of(key), last_pay(now))
        newer = [a_second_after(row["ModifiedAt"]) for row in (old, balance)]
        row = {**old, "EntitlementOwing": body["EntitlementOwing"], "ModifiedAt": max(instant(now), *newer)}
        self.store["leave"].put(row)
        moved = pair(row)
        if entitled(row["IncomeCode"]) in balance:
            moved.pop(pro_rata(row["IncomeCode"]), None)
        whole = {**balance, **moved, "ModifiedAt": row["ModifiedAt"]}
        self.store["leavebalances"].put(rows.BALANCES.in_order(whole))
        self._note(old, row, body["Comment"])
        return rows.LEAVE.shown(row)

    def _note(self, old: Row, row: Row, comment: str) -> None:
        """One more change in the history."""
        made = {
            **{name: row[name] for name in rows.LEAVE.keys},
            "ChangedAt": row["ModifiedAt"],
            "OldEntitlementOwing": old["EntitlementOwing"],
            "NewEntitlementOwing": row["EntitlementOwing"],
            "Comment": comment,
            "User": rows.USER,
            "Serial": self.store.next_key("leavehistory"),
        }
        self.store["leavehistory"].put(made)


def _drop_pro_rata(store: Store, row: Row) -> None:
    """Pro-rata that does not count towards a balance is none of the balances."""
    balances, name = store["leavebalances"], pro_rata(row["IncomeCode"])
    balance = balances.get(store["employees"].key_of(row))
    if balance and name in balance:
        balances.put({**balance, name: pair(row)[name]})
