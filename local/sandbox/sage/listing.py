"""The lists: their parameters, which rows they find, and what the envelope says."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from local.sandbox.frame.kinds import DAY, FLAG_TEXT, INSTANT, TEXT, Kind, one_of
from local.sandbox.frame.paging import Numbered, Page
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked
from local.sandbox.frame.system import Filter

from .books import rows_of
from .forms import DOCUMENTS
from .shown import listed, shown, title

PAGING = Numbered("page", "items_per_page", usual=20, most=200)
_PLACES = ("sales", "banking", "expenses", "other_payments", "other_receipts", "journals", "reporting")
_MADE = frozenset({"created_at", "updated_at", "displayed_as", "$path", "all"})
_SINCE = Filter(INSTANT, lambda row, since: row["updated_at"] >= since)
_ORDER = one_of("created_at", "created_at:asc", "created_at:desc")
_OF_DOCUMENTS: Mapping[str, Filter] = {
    "contact_id": Filter(TEXT, lambda row, key: row["contact_id"] == key),
    "status_id": Filter(TEXT, lambda row, key: row["status_id"] == key),
    "from_date": Filter(DAY, lambda row, first: row["date"] >= first),
    "to_date": Filter(DAY, lambda row, last: row["date"] <= last),
    "updated_or_created_since": _SINCE,
}
# What chooses rows of each list; a search is by its words without regard to case.
_FILTERS: Mapping[str, Mapping[str, Filter]] = {
    "businesses": {},
    "contacts": {
        "contact_type_id": Filter(TEXT, lambda row, kind: kind in row["contact_type_ids"]),
        "email": Filter(TEXT, lambda row, email: email.casefold() in _emails_of(row)),
        "exclude_system": Filter(FLAG_TEXT, lambda row, told: not (told and row.get("is_system"))),
        "updated_or_created_since": _SINCE,
    },
    "ledger_accounts": {
        "visible_in": Filter(one_of(*_PLACES), lambda row, place: bool(row.get(f"visible_in_{place}"))),
        "updated_or_created_since": _SINCE,
    },
    "tax_rates": {"date": Filter(DAY, lambda _, __: True)},
    **dict.fromkeys(DOCUMENTS, _OF_DOCUMENTS),
}
LISTS = tuple(_FILTERS)


def _emails_of(row: Row) -> list[str]:
    person = row.get("main_contact_person") or {}
    return [person["email"].casefold()] if person.get("email") else []


def parameters(resource: Resource) -> dict[str, Kind]:
    """The query of a list."""
    more: dict[str, Kind] = {"attributes": _attributes(resource), "nested_attributes": TEXT}
    if resource.name in ("contacts", "ledger_accounts", *DOCUMENTS):
        more["search"] = TEXT
    if resource.name in DOCUMENTS:
        more["sort"] = _ORDER
    chosen = {name: one.kind for name, one in _FILTERS[resource.name].items()}
    return {**chosen, **PAGING.query, **more}


def _attributes(resource: Resource) -> Kind:
    names = {name.removesuffix("_id") for name in resource.fields} | _MADE
    form = DOCUMENTS.get(resource.name)
    if form and form.counter:
        names |= {f"{form.counter}_number", f"{form.counter}_number_prefix"}
    if resource.name == "contacts":
        names |= {"contact_types", "email"}

    def take(value: str) -> frozenset[str]:
        asked = frozenset(filter(None, value.split(",")))
        if not asked <= names:
            raise ValueError(value)
        return asked

    return Kind("names of attributes", take)


def page_of(store: Store, resource: Resource, business: str, asked: Asked) -> Row:
    """One page of a list, in Sage's envelope."""
    query, name = asked.query, resource.name
    rows: Iterable[Row] = rows_of(store, name, business)
    if query.get("sort") == "created_at:desc":
        rows = rows[::-1]  # type: ignore[index]
    passes: list[tuple[Callable[[Row, Any], bool], Any]] = [
        (one.passes, query[parameter]) for parameter, one in _FILTERS[name].items() if parameter in query
    ]
    if "search" in query:
        passes.append((partial(_contains, store, name), query["search"].casefold()))
    page = PAGING.cut(rows, passes, query, resource)  # type: ignore[arg-type]
    attributes = query.get("attributes", frozenset())
    nested = frozenset(query.get("nested_attributes", "").split(","))
    items = [listed(shown(store, name, row), attributes, nested) for row in page.rows]
    return _envelope(page, items, asked)


def _envelope(page: Page, items: list[Row], asked: Asked) -> Row:
    def path(number: int) -> str:
        given = dict(parse_qsl(asked.call.query, keep_blank_values=True))
        told = urlencode({**given, "page": str(number), "items_per_page": str(page.size)})
        return f"/{asked.call.path.rpartition('/')[2]}?{told}"

    last = page.start + page.size >= (page.total or 0)
    return {
        "$total": page.total,
        "$page": page.number,
        "$next": None if last else path(page.number + 1),
        "$back": None if page.number == 1 else path(page.number - 1),
        "$itemsPerPage": page.size,
        "$items": items,
    }


def _contains(store: Store, resource: str, row: Row, words: str) -> bool:
    """Accounts and contacts are searched by name and reference, documents by what they and their contacts
    are called.
    """
    form = DOCUMENTS.get(resource)
    if form is None:
        texts = [row["name"], row.get("reference")]
    else:
        contact = store["contacts"].get(row["contact_id"])
        texts = [*(row.get(name) for name in form.searched), contact["name"] if contact else None]
        texts.append(title(store, resource, row))
    return any(words in text.casefold() for text in texts if text)
