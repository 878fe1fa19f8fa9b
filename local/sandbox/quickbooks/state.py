"""The state that a tester sets: partial rows, completed as QuickBooks itself would."""

from datetime import datetime
from typing import Any

from local.sandbox.frame.room import Row, StateRefusedError
from local.sandbox.frame.state import problem

from .entities import DOCUMENTS, ENTITIES, NAMES, Entity
from .faults import RefusedError, moment
from .kinds import Kind, fields, record
from .session import Session
from .store import COMPANY, PREFERENCES, SETTINGS, Store, label
from .writes import completed

# What others refer to comes first.
_ORDER = (
    *("CompanyInfo", "Preferences", "TaxRate", "TaxCode", "Account", "Item"),
    *NAMES,
    *DOCUMENTS,
)
_SINGLE = {"CompanyInfo": COMPANY, "Preferences": PREFERENCES}
_MADE_UP: dict[str, Row] = {
    "Account": {"AccountType": "Income"},
    "Item": {"Type": "Service"},
    "TaxCode": {"Taxable": True, "TaxGroup": True},
}
_NEEDED = {"Account": "Name", "Item": "Name", "TaxCode": "Name", "TaxRate": "RateValue"}
_SETTINGS: dict[str, Kind] = fields(flag=" ".join(SETTINGS))
_REFS = {
    "CustomerRef": "Customer",
    "VendorRef": "Vendor",
    "ItemRef": "Item",
    "AccountRef": "Account",
    "TaxCodeRef": "TaxCode",
    "TaxRateRef": "TaxRate",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
}


def read_state(state: Any, now: datetime, base_version: int) -> Store:
    """A store of the given rows; raises StateRefusedError with the problems found, one per row at most."""
    if not isinstance(state, dict):
        raise StateRefusedError([problem("", None, "", "an object of lists is needed")])
    store, problems = Store(base_version), []
    known = (*_ORDER, "settings")
    for name, rows in state.items():
        if name not in known:
            problems.append(problem(str(name), None, "", f"unknown resource; known are {', '.join(known)}"))
        elif not isinstance(rows, list):
            problems.append(problem(name, None, "", "a list of rows is needed"))
        elif name in (*_SINGLE, "settings") and len(rows) > 1:
            problems.append(problem(name, 1, "", "there is one row at most"))
    if problems:
        raise StateRefusedError(problems)
    for row in state.get("settings", []):
        _try(problems, "settings", 0, lambda row=row: store.settings.update(record(_SETTINGS)(row, "")))
    session = Session(store, now, allow_duplicates=True)
    for name in _ORDER:
        rows = state.get(name, [])
        if name in _SINGLE:
            rows = [_over(_SINGLE[name], row) if isinstance(row, dict) else row for row in rows or [{}]]
        _read_rows(session, ENTITIES[name], rows, problems)
        if problems and name in _SINGLE:
            break  # all that follows depends on it
    if problems:
        raise StateRefusedError(problems)
    return store


def _read_rows(session: Session, entity: Entity, rows: list[Any], problems: list[dict[str, object]]) -> None:
    for row in rows:
        # So that no id is given out that a later row has.
        if isinstance(row, dict) and isinstance(row.get("Id"), str) and row["Id"].isdigit():
            session.store.reserve(entity, row["Id"])
    # A parent comes before its sub-customers.
    in_order = sorted(enumerate(rows), key=lambda pair: isinstance(pair[1], dict) and "ParentRef" in pair[1])
    for place, row in in_order:
        _try(problems, entity.name, place, lambda row=row: _put(session, entity, row))


def _try(problems: list[dict[str, object]], name: str, place: int, step: Any) -> None:
    try:
        step()
    except RefusedError as refused:
        problems.append(problem(name, place, refused.element, refused.detail))


def _put(session: Session, entity: Entity, row: Any) -> None:
    store = session.store
    given = record(entity.fields)(_named(store, {**_REFS, "ParentRef": entity.name}, row), "")
    needed = _NEEDED.get(entity.name)
    if needed and needed not in given:
        raise RefusedError("2020", f"{needed} is needed", needed)
    row_id = given.get("Id", store.next_id(entity))
    if not row_id.isdigit():
        raise RefusedError("2010", "an Id is digits", "Id")
    if row_id in store.tables[entity.name]:
        raise RefusedError("2010", f"{row_id} is used twice", "Id")
    now = moment(session.now)
    made = {
        "Id": row_id,
        "SyncToken": "0",
        "domain": "QBO",
        "sparse": False,
        **({"Active": True} if entity.has_active else {}),
        **_MADE_UP.get(entity.name, {}),
        "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
    }
    store.put(entity, {**made, **_completed(session, entity, given)})


def _completed(session: Session, entity: Entity, given: Row) -> Row:
    """Checked like a new one; a document with a total of its own, or without lines, stays as it is given."""
    if entity.name not in DOCUMENTS:
        return {**completed(session, entity, given, None), **given}
    owner = "CustomerRef" if "CustomerRef" in entity.fields else "VendorRef"
    if owner not in given:
        raise RefusedError("2020", f"{owner} is needed", owner)
    target = session.store.tables[_REFS[owner]].get(given[owner].get("value", ""))
    if target is None:
        raise RefusedError("2500", f"{owner} names no row", owner)
    if "TotalAmt" in given or not given.get("Line"):
        total = given.get("TotalAmt", 0)
        day = moment(session.now)[:10]
        # As it is, also with what could not be posted any more: an inactive customer, a rate that is gone.
        kept = {"TxnDate": day, "TotalAmt": total, "Balance": total, "Line": [], **given}
        return {**kept, owner: {"value": target["Id"], "name": label(target)}}
    row = completed(session, entity, given, None)
    return {**row, **{name: given[name] for name in ("DocNumber", "Balance") if name in given}}


def _named(store: Store, refs: dict[str, str], value: Any, key: str = "") -> Any:
    """The same with every reference by name alone turned into one by id."""
    if isinstance(value, list):
        return [_named(store, refs, part, key) for part in value]
    if not isinstance(value, dict):
        return value
    if key in refs and "value" not in value and "name" in value:
        rows = store.tables[refs[key]].rows()
        match = next((row for row in rows if label(row) == value["name"]), None)
        if match is None:
            raise RefusedError("2500", f"no {refs[key]} is called {value['name']}", key)
        return {**value, "value": match["Id"]}
    return {name: _named(store, refs, part, name) for name, part in value.items()}


def _over(base: Row, row: Row) -> Row:
    """The row over its defaults, object by object."""
    parts = {
        name: {**base[name], **value}
        if isinstance(base.get(name), dict) and isinstance(value, dict)
        else value
        for name, value in row.items()
    }
    return {**base, **parts}
