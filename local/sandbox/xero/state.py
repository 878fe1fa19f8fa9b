"""A tester's view of Xero's data: reading it strictly, filling what is left out, and showing it again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local.sandbox.frame.room import Row, State, StateRefusedError
from local.sandbox.frame.state import problem

from .documents import completed, default_tax, rate_of
from .resources import (
    ACCOUNTS,
    CONTACTS,
    FLAG,
    GUID,
    LINE,
    RESOURCES,
    TAX_RATES,
    TEXT,
    DocumentResource,
    Kind,
    Members,
    Resource,
    members,
    strange,
)
from .shapes import guid, to_the_second
from .store import ORGANISATION, TENANT, Store
from .tokens import filled

_CONNECTION: Members = {
    "id": GUID,
    "authEventId": GUID,
    "tenantId": GUID,
    "tenantType": TEXT,
    "tenantName": TEXT,
    "createdDateUtc": TEXT,
    "updatedDateUtc": TEXT,
    "connected": FLAG,
}
_TOKEN: Members = members("access_token refresh_token scope access_expires_at refresh_expires_at used_at")
_MANY = Kind("a whole number of 1 or more", lambda value: type(value) is int and value >= 1)
_OTHERS: Mapping[str, tuple[Members, tuple[str, ...]]] = {
    "connections": (_CONNECTION, ()),
    "oauth_tokens": (_TOKEN, ("access_token",)),
    "settings": ({"day_limit": _MANY}, ()),
}
_CLASSES = {
    "SALES": "REVENUE",
    "REVENUE": "REVENUE",
    "OTHERINCOME": "REVENUE",
    "DIRECTCOSTS": "EXPENSE",
    "EXPENSE": "EXPENSE",
    "OVERHEADS": "EXPENSE",
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "FIXED": "ASSET",
    "CURRLIAB": "LIABILITY",
    "EQUITY": "EQUITY",
}
_STATUSES = {
    "Invoices": ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"),
    "CreditNotes": ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"),
}

Problems = list[dict[str, object]]


def read_state(state: Any, now: datetime, base_version: int) -> tuple[Store, list[Row] | None]:
    """A store of the given rows, and the tokens if there are any; StateRefusedError with every problem."""
    if not isinstance(state, dict):
        raise StateRefusedError([problem("", None, "", "an object of lists is needed")])
    known = {resource.name: (resource.known, resource.needed) for resource in RESOURCES} | dict(_OTHERS)
    problems: Problems = []
    for name, rows in state.items():
        if name not in known:
            problems.append(problem(name, None, "", f"unknown resource; known are {', '.join(known)}"))
        elif not isinstance(rows, list):
            problems.append(problem(name, None, "", "a list of rows is needed"))
        else:
            for number, row in enumerate(rows):
                found = _row_problems(row, *known[name])
                problems += [problem(name, number, *one) for one in found]
    if len(state.get("settings") or ()) > 1:
        problems.append(problem("settings", 1, "", "there is one row of settings"))
    if problems:
        raise StateRefusedError(problems)
    return _Reader(state, now, Store(base_version)).read()


def _row_problems(row: Any, known: Members, needed: tuple[str, ...]) -> list[tuple[str, str]]:
    if not isinstance(row, dict):
        return [("", "an object is needed")]
    problems = [(name, "is required") for name in needed if not row.get(name)]
    problems += strange(row, known)
    for line in row.get("LineItems") or ():
        wrong = strange(line, LINE) if isinstance(line, dict) else [("", "an object is needed")]
        problems += [("LineItems", f"{name} {message}") for name, message in wrong]
    return problems


class _Reader:
    """Puts checked rows into a store: what others refer to comes first."""

    def __init__(self, state: Mapping[str, list[Row]], now: datetime, store: Store) -> None:
        self.state, self.now, self.store = state, now, store
        self.moment = to_the_second(now)
        self.problems: Problems = []

    def read(self) -> tuple[Store, list[Row] | None]:
        given = self.state.get("connections") or [{"tenantId": TENANT, "tenantName": ORGANISATION}]
        self.store.connections = [self._connection(row) for row in given]
        for row in self.state.get("settings", []):
            self.store.day_limit = row.get("day_limit")
        for resource in RESOURCES:
            for number, row in enumerate(self.state.get(resource.name, [])):
                self._put(resource, number, {name: one for name, one in row.items() if one is not None})
        if self.problems:
            raise StateRefusedError(self.problems)
        tokens = self.state.get("oauth_tokens")
        return self.store, None if tokens is None else [filled(row, self.now) for row in tokens]

    def _connection(self, given: Row) -> Row:
        name = given.get("tenantName", ORGANISATION)
        tenant = given.get("tenantId") or guid("tenant", name)
        made = f"{self.moment}.0000000"
        return {
            "id": guid("connection", tenant),
            "authEventId": guid("event", tenant),
            "tenantType": "ORGANISATION",
            "createdDateUtc": made,
            "updatedDateUtc": made,
            "connected": True,
            **given,
            "tenantId": tenant,
            "tenantName": name,
        }

    def _put(self, resource: Resource, number: int, given: Row) -> None:
        tenant = str(given.get("tenantId", self.store.connections[0]["tenantId"]))
        row = {**given, "tenantId": tenant}
        if isinstance(resource, DocumentResource):
            filled_row, field, wrong = self._document(resource, number, row)
        else:
            filled_row, field, wrong = _OF[resource.name](row), "", ""
        if filled_row.get(resource.key) in self.store.table(resource, tenant):
            field, wrong = resource.key, f"{filled_row[resource.key]} is used twice"
        if wrong:
            self.problems.append(problem(resource.name, number, field, wrong))
        else:
            moment = {"UpdatedDateUTC": self.moment} if "UpdatedDateUTC" in resource.made else {}
            self.store.put(resource, {**moment, **filled_row})

    def _document(self, resource: DocumentResource, number: int, row: Row) -> tuple[Row, str, str]:
        tenant = row["tenantId"]
        named = row["Contact"]
        key, value = next(((one, named[one]) for one in ("ContactID", "Name") if named.get(one)), ("", ""))
        contact = self.store.find(CONTACTS, tenant, key, value) if key else None
        if contact is None:
            return row, "Contact", f"no contact has the {key or 'ContactID'} {value!r}"
        if row["Type"] not in resource.unique:
            return row, "Type", f"must be one of {', '.join(resource.unique)}"
        if row.get("Status", "AUTHORISED") not in _STATUSES[resource.name]:
            return row, "Status", f"must be one of {', '.join(_STATUSES[resource.name])}"
        made = {
            resource.key: guid(tenant, resource.name, str(row.get(resource.number)), str(number)),
            resource.number: "",
            "Status": "AUTHORISED",
            "Date": self.moment[:10],
        }
        whole = completed(
            {**made, **row, "Contact": {"ContactID": contact["ContactID"]}},
            lambda tax_type: rate_of(self.store, tenant, tax_type),
            lambda code: default_tax(self.store, tenant, code),
            4,
        )
        return whole, "", ""


def _contact(row: Row) -> Row:
    made = {"ContactID": guid(row["tenantId"], "contact", row["Name"]), "ContactStatus": "ACTIVE"}
    return {**made, "IsCustomer": False, "IsSupplier": False, **row}


def _account(row: Row) -> Row:
    made = {"AccountID": guid(row["tenantId"], "account", row.get("Code") or row["Name"]), "Status": "ACTIVE"}
    return {**made, "Class": _CLASSES.get(row["Type"], "ASSET"), "EnablePaymentsToAccount": False, **row}


def _tax_rate(row: Row) -> Row:
    rate = row.get("EffectiveRate", 0)
    made = {"Name": row["TaxType"], "Status": "ACTIVE"}
    uses = dict.fromkeys(
        (
            "CanApplyToAssets",
            "CanApplyToEquity",
            "CanApplyToExpenses",
            "CanApplyToLiabilities",
            "CanApplyToRevenue",
        ),
        True,
    )
    parts = [{"Name": "VAT", "Rate": rate, "IsCompound": False}]
    return {**made, "EffectiveRate": rate, "DisplayTaxRate": rate, "TaxComponents": parts, **uses, **row}


_OF = {CONTACTS.name: _contact, ACCOUNTS.name: _account, TAX_RATES.name: _tax_rate}


def show_state(store: Store, tokens: list[Row]) -> State:
    """All rows by resource, in a shape that can be put back."""
    shown = {resource.name: store.all_rows(resource) for resource in RESOURCES}
    settings = [] if store.day_limit is None else [{"day_limit": store.day_limit}]
    return {**shown, "connections": store.connections, "settings": settings, "oauth_tokens": tokens}
