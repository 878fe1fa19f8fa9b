"""Lists: their query parameters, what is found, and pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from local.sandbox.frame.room import Row

from .errors import RefusedError, malformed
from .kinds import day, moment
from .resources import DOCUMENTS, STATE
from .shown import listed, shown, title
from .store import Store

LARGEST_PAGE = 200
_USUAL_PAGE = 20
_PAGING = frozenset({"items_per_page", "page", "attributes", "nested_attributes"})
_CHANGED = frozenset({"updated_or_created_since"})
_OF_DOCUMENTS = _CHANGED | {"search", "contact_id", "status_id", "from_date", "to_date", "sort"}
PARAMETERS = {
    "businesses": frozenset[str](),
    "contacts": _CHANGED | {"search", "contact_type_id", "exclude_system"},
    "ledger_accounts": _CHANGED | {"search", "visible_in"},
    "tax_rates": frozenset({"date"}),
    **dict.fromkeys(DOCUMENTS, _OF_DOCUMENTS),
}
_PLACES = ("sales", "banking", "expenses", "other_payments", "other_receipts", "journals", "reporting")
_MADE = frozenset({"created_at", "updated_at", "displayed_as", "$path", "all"})


@dataclass(frozen=True)
class Query:
    """What is asked for; `given` are the parameters as they came."""

    given: dict[str, str]
    page: int
    size: int
    attributes: frozenset[str]
    nested: frozenset[str]


def parameters(query: str, known: Iterable[str]) -> dict[str, str]:
    """The query's parameters, each known and given once; raises RefusedError."""
    pairs = parse_qsl(query, keep_blank_values=True)
    for place, (name, _) in enumerate(pairs):
        if name not in known or name in dict(pairs[:place]):
            raise malformed(name)
    return dict(pairs)


def read_query(resource: str, query: str) -> Query:
    """The query of a list; raises RefusedError."""
    given = parameters(query, PARAMETERS[resource] | _PAGING)
    attributes, nested = (
        frozenset(filter(None, given.get(name, "").split(",")))
        for name in ("attributes", "nested_attributes")
    )
    for name in sorted(attributes - _known_attributes(resource)):
        raise malformed(f"attributes[{name}]")
    _check(given)
    page = _whole(given, "page", 1, 10**9)
    return Query(given, page, _whole(given, "items_per_page", _USUAL_PAGE, LARGEST_PAGE), attributes, nested)


def _known_attributes(resource: str) -> frozenset[str]:
    names = {name.removesuffix("_id") for name in STATE[resource]} | _MADE
    form = DOCUMENTS.get(resource)
    if form and form.counter:
        names |= {f"{form.counter}_number", f"{form.counter}_number_prefix"}
    if resource == "contacts":
        names |= {"contact_types", "email"}
    return frozenset(names)


def _check(given: dict[str, str]) -> None:
    checks: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(("from_date", "to_date", "date"), day),
        "updated_or_created_since": moment,
        "visible_in": _PLACES.index,
        "exclude_system": ("true", "false").index,
        "sort": ("created_at", "created_at:asc", "created_at:desc").index,
    }
    for name, check in checks.items():
        try:
            if name in given:
                check(given[name])
        except ValueError as error:
            raise malformed(name) from error


def _whole(given: dict[str, str], name: str, usual: int, most: int) -> int:
    text = given.get(name, str(usual if name == "items_per_page" else 1))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise RefusedError(400, "Validation", f"{name} does not have a valid value")
    return int(text)


def page_of(store: Store, resource: str, business: str, query: Query) -> Row:
    """One page of a list, in Sage's envelope."""
    rows = _found(store, resource, business, query.given)
    first = (query.page - 1) * query.size
    page = rows[first : first + query.size]
    items = [listed(shown(store, resource, row), query.attributes, query.nested) for row in page]
    last = first + query.size >= len(rows)
    return {
        "$total": len(rows),
        "$page": query.page,
        "$next": None if last else _path(resource, query, query.page + 1),
        "$back": None if query.page == 1 else _path(resource, query, query.page - 1),
        "$itemsPerPage": query.size,
        "$items": items,
    }


def _path(resource: str, query: Query, page: int) -> str:
    given = {**query.given, "page": str(page), "items_per_page": str(query.size)}
    return f"/{resource}?{urlencode(given)}"


def _found(store: Store, resource: str, business: str, given: dict[str, str]) -> list[Row]:
    rows = [row for row in store.of(resource, business) if _fits(store, resource, row, given)]
    if resource == "businesses":
        return rows
    if resource in DOCUMENTS or resource == "contacts":
        rows.sort(key=lambda row: (row["created_at"], row.get("number", 0), row["id"]))
    if given.get("sort") == "created_at:desc":
        rows.reverse()
    return rows


def _fits(store: Store, resource: str, row: Row, given: dict[str, str]) -> bool:
    tests: dict[str, Callable[[str], bool]] = {
        "search": lambda words: _contains(store, resource, row, words.casefold()),
        "contact_type_id": lambda kind: kind in row["contact_type_ids"],
        "exclude_system": lambda word: word == "false" or not row.get("is_system"),
        "visible_in": lambda place: bool(row.get(f"visible_in_{place}")),
        "contact_id": lambda key: row["contact_id"] == key,
        "status_id": lambda key: row["status_id"] == key,
        "from_date": lambda first: row["date"] >= first,
        "to_date": lambda last: row["date"] <= last,
        "updated_or_created_since": lambda since: row["updated_at"] >= since,
    }
    return all(tests[name](value) for name, value in given.items() if name in tests)


def _contains(store: Store, resource: str, row: Row, words: str) -> bool:
    """Contacts are searched by name and reference, documents by their references and the contact's name."""
    form = DOCUMENTS.get(resource)
    if form is None:
        texts = [row["name"], row.get("reference")]
    else:
        contact = store.tables["contacts"].get(row["contact_id"])
        texts = [*(row.get(name) for name in form.searched), contact["name"] if contact else None]
        texts.append(title(store, resource, row))
    return any(words in text.casefold() for text in texts if text)
