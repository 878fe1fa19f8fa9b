"""Rows as Sage's answers show them: references nested, amounts as text, and only what was asked for."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row

from .books import SHARED, new_id, numbering
from .forms import DOCUMENTS
from .kinds import money
from .rows import PARTS

_ALWAYS = ("id", "displayed_as", "$path")
# Where the record lives that a member ending in _id names, and how constants are called.
_PLACES = {
    "contact_id": "contacts",
    "ledger_account_id": "ledger_accounts",
    "default_sales_ledger_account_id": "ledger_accounts",
    "default_purchase_ledger_account_id": "ledger_accounts",
    "tax_rate_id": "tax_rates",
    "default_sales_tax_rate_id": "tax_rates",
    "status_id": "artefact_statuses",
    "currency_id": "currencies",
    "country_id": "countries",
}
_HIDDEN = frozenset({"business_id", "number", "is_system", "idempotency_id"})
_KEPT_IDS = frozenset({"source_guid", "product_id", "service_id"})


def title(store: Store, resource: str, row: Row) -> str:
    """What Sage shows of a row in one text."""
    match resource:
        case "contacts":
            return f"{row['name']} ({row['reference']})" if row.get("reference") else str(row["name"])
        case "ledger_accounts":
            return f"{row['name']} ({row['nominal_code']})"
        case "tax_rates":
            return f"{row['name']} {row.get('percentage', Decimal(0)):.2f}%"
        case "purchase_invoices":
            return f"PI-{row['number']}"
        case _ if resource in DOCUMENTS:
            return f"{_prefix(store, resource, row)}{row['number']}"
    return str(row["name"])


def shown(store: Store, resource: str, row: Row) -> Row:
    """The whole row."""
    path = f"/{resource}/{row['id']}"
    answer: Row = {"id": row["id"], "displayed_as": title(store, resource, row), "$path": path}
    answer |= _members(store, {name: value for name, value in row.items() if name not in _HIDDEN})
    if resource == "contacts":
        kinds = answer.pop("contact_type_ids")
        answer["contact_types"] = [_constant("contact_types", kind) for kind in kinds]
        answer["email"] = (row.get("main_contact_person") or {}).get("email")
    form = DOCUMENTS.get(resource)
    if form and form.counter:
        answer[f"{form.counter}_number_prefix"] = _prefix(store, resource, row)
        answer[f"{form.counter}_number"] = str(row["number"])
    for name in PARTS & answer.keys():
        answer[name] = {"id": new_id(row["id"], name), **answer[name]}
    if form:
        lines = enumerate(answer[form.lines])
        answer[form.lines] = [{"id": new_id(row["id"], str(place)), **line} for place, line in lines]
    return answer


def listed(row: Row, attributes: frozenset[str], nested: frozenset[str]) -> Row:
    """What a list shows of a shown row; `all` stands for every attribute."""
    names = [name for name in row if name in _ALWAYS or name in attributes or "all" in attributes]
    return {name: _brief(row[name], nested) if name not in nested else row[name] for name in names}


def _brief(value: Any, nested: frozenset[str]) -> Any:
    """A nested record with no more of its own attributes than were asked for; `all` stands for each."""
    if isinstance(value, list):
        return [_brief(one, nested) for one in value]
    if isinstance(value, dict) and "id" in value and "all" not in nested:
        return {name: one for name, one in value.items() if name in _ALWAYS or name in nested}
    return value


def _members(store: Store, row: Row) -> Row:
    answer: Row = {}
    for name, value in row.items():
        if name.endswith("_id") and name not in _KEPT_IDS:
            answer[name.removesuffix("_id")] = _reference(store, _PLACES[name], value)
        else:
            answer[name] = _plain(store, value)
    return answer


def _plain(store: Store, value: Any) -> Any:
    if isinstance(value, Decimal):
        return money(value)
    if isinstance(value, list):
        return [_plain(store, one) for one in value]
    if isinstance(value, dict):
        return _members(store, value)
    return value


def _reference(store: Store, place: str, key: str) -> Row:
    table = store.tables.get(place)
    row = table.get(key) if table is not None else None
    if row is None:
        return _constant(place, key)
    return {"id": key, "displayed_as": title(store, place, row), "$path": f"/{place}/{key}"}


def _constant(place: str, key: str) -> Row:
    words = key if place == "currencies" else key.replace("_", " ").capitalize()
    return {"id": key, "displayed_as": words, "$path": f"/{place}/{key}"}


def _prefix(store: Store, resource: str, row: Row) -> str:
    counter = DOCUMENTS[resource].counter
    return str(numbering(store, row["business_id"])[f"sales_{counter}_number_prefix"])


def state_rows(store: Store, resource: str, rows: Iterable[Row]) -> list[Row]:
    """Rows as a tester reads and puts them: the answer's shape, and whose they are."""
    if resource == "invoice_settings":
        return list(rows)
    found = []
    for row in rows:
        whole = shown(store, resource, row)
        if resource not in SHARED:
            whole["business_id"] = row["business_id"]
        found.append(whole | {name: row[name] for name in ("number", "is_system") if name in row})
    return found
