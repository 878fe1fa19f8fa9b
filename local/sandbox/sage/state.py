"""Data that a tester sets: rows in the API's own shape, filled in where they are partial, and checked."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from local.sandbox.frame.room import Row, State, StateRefusedError

from .amounts import line_of, totals
from .errors import RefusedError
from .kinds import flag, read_members, whole
from .oauth import is_token_row
from .resources import DERIVED, DOCUMENTS, PARTS, SHARED, STATE, DocumentForm
from .shown import state_rows
from .store import BUSINESS, FIRST_NUMBERS, SETTINGS, UK_TAX_RATES, Store, at, free_id

_SETTINGS = {
    "write_ms": whole(0, 60_000),
    "parallel_posts": whole(0, 10**9),
    "refuse_duplicate_references": flag,
}
_OTHERS = ("settings", "idempotency_ids", "oauth_tokens")
_BUSINESSES: list[Row] = [{"id": BUSINESS, "name": "Payrelay Demo", "lead": True}]
_OF_PARTS = frozenset({"id", "displayed_as", "$path"})


class _Reader:
    """Reads one state, gathering every problem."""

    def __init__(self, now: datetime, base_version: int) -> None:
        self.store = Store(base_version)
        self.now = at(now)
        self.problems: list[dict[str, object]] = []

    def each(self, resource: str, rows: Any, put: Callable[[Row], None]) -> None:
        """Give every row to `put`, and note what is refused."""
        if not isinstance(rows, list):
            self.problem(resource, None, "a list of rows is needed")
            return
        for place, row in enumerate(rows):
            try:
                put(row)
            except RefusedError as refused:
                self.problem(resource, place, refused.message, refused.source)

    def problem(self, resource: str, row: int | None, message: str, field: str = "") -> None:
        self.problems.append({"resource": resource, "row": row, "field": field, "message": message})

    def put(self, resource: str, given: Any) -> None:
        table = self.store.tables[resource]
        row = read_members(STATE[resource], _flat(given), resource)
        if resource not in SHARED:
            row.setdefault("business_id", self._business())
        _need(row, *_NEEDED[resource])
        if row.get("id") in table:
            raise _wrong("id", f"{row['id']} is used twice")
        filled = self._filled(resource, row)
        filled.setdefault(
            "id", free_id(table, resource, str(row.get("name", "")), str(row.get("reference", "")))
        )
        table.put(filled)

    def _business(self) -> str:
        """The one that is not the lead, where there is one: it is what a connection names."""
        rows = self.store.tables["businesses"].rows()
        return str(next((row["id"] for row in rows if not row["lead"]), rows[0]["id"] if rows else BUSINESS))

    def _filled(self, resource: str, row: Row) -> Row:
        made = {"created_at": self.now, "updated_at": self.now}
        match resource:
            case "businesses":
                return {"lead": False, "subscriptions": [{"active": True}], **row}
            case "tax_rates":
                return {"is_visible": True, "is_combined_rate": False, **row}
            case "invoice_settings":
                return {**FIRST_NUMBERS, **row}
            case "ledger_accounts":
                shows = {"visible_in_sales": False, "visible_in_expenses": False, "is_control_account": False}
                return {**made, **shows, **row}
            case "contacts":
                kinds = {"contact_type_ids": ["CUSTOMER"], "currency_id": "GBP", "is_active": True}
                return {**made, **kinds, "credit_limit": Decimal(0), **row}
        return self._document(DOCUMENTS[resource], {**made, **row})

    def _document(self, form: DocumentForm, row: Row) -> Row:
        business = row["business_id"]
        if self.store.one("contacts", row["contact_id"], business) is None:
            raise _wrong("contact_id", "names no contact of this business")
        lines = [self._line(form, line) for line in row.get(form.lines, [])]
        total = row.get("total_amount", Decimal(0))
        plain = {
            "net_amount": total,
            "tax_amount": Decimal(0),
            "total_amount": total,
            "outstanding_amount": total,
        }
        usual = {"date": self.now[:10], "currency_id": "GBP", "status_id": "UNPAID"}
        filled = {**usual, **plain, **row, form.lines: lines, **(totals(lines) if lines else {})}
        if "number" not in filled:
            filled["number"] = self.store.next_number(form, business)
        if "sent" in form.members:
            filled.setdefault("sent", False)
        return filled

    def _line(self, form: DocumentForm, line: Row) -> Row:
        _need(line, "unit_price")
        rate = self.store.tables["tax_rates"].get(line.get("tax_rate_id", ""))
        whole_line = {"quantity": Decimal(1), **line}
        return line_of(form, whole_line, rate["percentage"] if rate else Decimal(0), works_tax_out=True)


_NEEDED: dict[str, tuple[str, ...]] = {
    "businesses": ("id", "name"),
    "tax_rates": ("id", "name", "percentage"),
    "ledger_accounts": ("nominal_code", "name"),
    "contacts": ("name",),
    "invoice_settings": (),
    **dict.fromkeys(DOCUMENTS, ("contact_id",)),
}


def read_state(state: Any, now: datetime, base_version: int) -> tuple[Store, list[Row] | None]:
    """A store of the given rows, and the tokens if any are given; raises StateRefusedError."""
    reader = _Reader(now, base_version)
    if not isinstance(state, dict):
        reader.problem("", None, "an object of lists is needed")
        raise StateRefusedError(reader.problems)
    for name in state.keys() - STATE.keys() - set(_OTHERS):
        reader.problem(name, None, f"unknown resource; known are {', '.join((*STATE, *_OTHERS))}")
    whole_state = {"businesses": _BUSINESSES, "tax_rates": list(UK_TAX_RATES), **state}
    store = reader.store
    for resource in STATE:
        reader.each(resource, whole_state.get(resource, []), partial(reader.put, resource))
    reader.each("settings", state.get("settings", []), lambda row: _set(store, row))
    reader.each("idempotency_ids", state.get("idempotency_ids", []), lambda row: _answered(store, row))
    tokens: list[Row] = []
    reader.each("oauth_tokens", state.get("oauth_tokens", []), lambda row: tokens.append(_token(row)))
    if reader.problems:
        raise StateRefusedError(reader.problems)
    return store, tokens if "oauth_tokens" in state else None


def written_state(store: Store, tokens: list[Row]) -> State:
    """All data, in a shape that can be put back."""
    rows = {name: state_rows(store, name, table.rows()) for name, table in store.tables.items()}
    others = {"settings": [store.settings], "idempotency_ids": list(store.answered.rows())}
    return {**rows, **others, "oauth_tokens": tokens}


def _flat(value: Any, derived: frozenset[str] = DERIVED) -> Any:
    """A row as it is kept: `contact: {"id": …}` is `contact_id`, and what Sage works out is left out."""
    if not isinstance(value, dict):
        return value
    flat: dict[str, Any] = {}
    for name, given in value.items():
        if name in derived:
            continue
        if name == "contact_types" and isinstance(given, list):
            flat["contact_type_ids"] = [one.get("id") if isinstance(one, dict) else one for one in given]
        elif name in PARTS:
            flat[name] = _flat(given, _OF_PARTS)
        elif isinstance(given, dict) and "id" in given:
            flat[f"{name}_id"] = given["id"]
        elif isinstance(given, list):
            flat[name] = [_flat(one, _OF_PARTS) for one in given]
        else:
            flat[name] = Decimal(str(given)) if isinstance(given, float) else given
    return flat


def _set(store: Store, row: Any) -> None:
    given = {name: value for name, value in row.items() if name != "id"} if isinstance(row, dict) else row
    store.settings = {**SETTINGS, **read_members(_SETTINGS, given, "settings")}


def _answered(store: Store, row: Any) -> None:
    if not isinstance(row, dict) or set(row) != {"id", "resource", "at", "answer"}:
        raise _wrong("", "id, resource, at and answer are needed")
    store.answered.put(row)


def _token(row: Any) -> Row:
    if not is_token_row(row):
        raise _wrong("", "id, kind (access, refresh), scope and until are needed")
    return dict(row)


def _need(row: Row, *names: str) -> None:
    for name in names:
        if name not in row:
            raise _wrong(name, "is required")


def _wrong(field: str, message: str) -> RefusedError:
    return RefusedError(400, "Validation", message, field)
