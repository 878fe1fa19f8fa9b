"""Customers, vendors and employees: one name for one of them."""

from local.sandbox.frame.room import Row

from .entities import NAMES, Entity
from .faults import RefusedError
from .store import Store

_FORBIDDEN = ":\t\n"


def complete_name(store: Store, entity: Entity, given: Row, old: Row | None) -> Row:
    """The row with its full name; raises RefusedError where the name is missing, wrong or taken."""
    name = given.get("DisplayName")
    if name is None:
        raise RefusedError("2020", "Required parameter DisplayName is missing in the request", "DisplayName")
    if any(letter in name for letter in _FORBIDDEN):
        raise RefusedError("6000", "DisplayName has a colon, a tab or a new line in it", "DisplayName")
    parent = _parent(store, entity, given)
    full = f"{parent.get('FullyQualifiedName', parent['DisplayName'])}:{name}" if parent else name
    if _taken(store, full, None if old is None else (entity.name, old["Id"])):
        raise RefusedError(
            "6240",
            "The name supplied already exists. : Another customer, vendor or employee is already using "
            "this name. Please use a different name.",
            "DisplayName",
        )
    row = {**given, "FullyQualifiedName": full}
    if entity.name == "Customer":
        row["Job"] = parent is not None
    currency = given.get("CurrencyRef", {}).get("value", store.home_currency)
    if currency != store.home_currency and not store.many_currencies:
        raise RefusedError("6000", "Multicurrency is off in this company.", "CurrencyRef")
    if entity.name != "Employee":
        row["CurrencyRef"] = {"value": currency}
        row.setdefault("Balance", 0)
    return row


def _parent(store: Store, entity: Entity, given: Row) -> Row | None:
    if "ParentRef" not in given:
        return None
    parent = store.tables[entity.name].get(given["ParentRef"].get("value", ""))
    if parent is None:
        raise RefusedError("2500", "Invalid Reference Id : ParentRef not found", "ParentRef")
    return parent


def _taken(store: Store, full: str, itself: tuple[str, str] | None) -> bool:
    return any(
        row.get("FullyQualifiedName", "").casefold() == full.casefold() and (kind, row["Id"]) != itself
        for kind, row in store.rows(NAMES)
    )
