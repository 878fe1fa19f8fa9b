"""Bulk mutations: at most 500 nodes, all or nothing, one error for each refused node."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from local.sandbox.frame.kinds import Misfit, Misfits, fitting, misfit
from local.sandbox.frame.room import Row

from .errors import RefusedError, invalid
from .rows import ON_THE_CLOCK, PERSON, full_name, gender, keyed_absence, new_contact
from .store import REFERENCES, Books

MOST_NODES = 500
_ABSENCE_NEEDED = ("employee", "absenceCode", "fromDate", "toDate")

Input = dict[str, Any]


# --- what all of them share ---------------------------------------------------------------------------------


def _plan_all(inputs: Sequence[Input], plan: Callable[[Row], Row]) -> list[Row]:
    """Plan every node before anything is written; raises RefusedError with an error per culprit."""
    if len(inputs) > MOST_NODES:
        raise RefusedError([invalid(f"At most {MOST_NODES} nodes per mutation, not {len(inputs)}")])
    planned, errors = [], []
    for item in inputs:
        try:
            planned.append(plan(item["node"]))
        except Misfits as wrong:
            first = wrong.found[0]
            said = f"{first.field}: {first.message}" if first.path else first.message
            errors.append(invalid(said, item.get("clientId")))
    if errors:
        raise RefusedError(errors)
    return planned


def _checked(store: Books, node: Row) -> Row:
    """The node's values with dates and times checked and references resolved; raises Misfits."""
    fitting(ON_THE_CLOCK, {name: value for name, value in node.items() if name in ON_THE_CLOCK})
    return {
        name: store.resolve(name, value) if name in REFERENCES and value is not None else value
        for name, value in node.items()
    }


def _existing(store: Books, resource: str, node: Row, seen: set[str]) -> Row:
    """The row that an update names, once per mutation; raises Misfits."""
    db_id = node["dbId"]
    row = store[resource].get(db_id)
    if row is None:
        raise misfit("dbId", f'nothing in {resource} has the dbId "{db_id}"')
    if db_id in seen:
        raise misfit("dbId", f'"{db_id}" stands twice in this mutation')
    seen.add(db_id)
    return row


def _check_order(row: Row, first: str, last: str) -> None:
    """A period does not end before it begins."""
    if row.get(first) and row.get(last) and row[last] < row[first]:
        raise Misfits([Misfit((), f"{last} {row[last]} is before {first} {row[first]}")])


def _result(inputs: Sequence[Input], rows: Sequence[Row]) -> dict[str, Any]:
    """The answer of a mutation: its rows, labelled with the clientIds of the call."""
    pairs = zip(inputs, rows, strict=True)
    return {"edges": [{"clientId": item.get("clientId"), "node": row} for item, row in pairs]}


# --- employees and contacts ---------------------------------------------------------------------------------


def _add_employees(store: Books, inputs: Sequence[Input]) -> dict[str, Any]:
    """Each with a contact of its own unless one is named."""
    codes: set[str] = set()

    def plan(node: Row) -> Row:
        values = _checked(store, node)
        if not values.get("description"):
            values["description"] = full_name(values)
        _check_code(store, values.get("code"), None, codes)
        return _check_employee(values)

    rows = []
    for values in _plan_all(inputs, plan):
        now = store.time()
        row = {"dbId": store.new_db_id("employees"), "createdAt": now, "ownerDbId": store.owner}
        if not values.get("contact"):
            contact = new_contact(values, store.new_db_id("contacts"), now)
            store["contacts"].put(contact)
            values["contact"] = {"dbId": contact["dbId"]}
        rows.append(_put_employee(store, row, values))
    return _result(inputs, rows)


def _update_employees(store: Books, inputs: Sequence[Input]) -> dict[str, Any]:
    """Change the fields that each node names; null empties one."""
    codes: set[str] = set()
    seen: set[str] = set()

    def plan(node: Row) -> Row:
        old = _existing(store, "employees", node, seen)
        values = _checked(store, node)
        if "code" in values:
            _check_code(store, values["code"], old["dbId"], codes)
        _check_employee({**old, **values})
        return values

    planned, table = _plan_all(inputs, plan), store["employees"]
    return _result(inputs, [_put_employee(store, table.get(row["dbId"]) or {}, row) for row in planned])


def _update_contacts(store: Books, inputs: Sequence[Input]) -> dict[str, Any]:
    """Change the fields of contacts that each node names; null empties one."""
    seen: set[str] = set()

    def plan(node: Row) -> Row:
        _existing(store, "contacts", node, seen)
        values = _checked(store, node)
        for name in [name for name in values if name.endswith("ddress") and values[name]]:
            values[name] = _shown_address(values[name])
        return {**values, "gender": gender(values["gender"])} if values.get("gender") else values

    return _result(inputs, [_put_contact(store, values) for values in _plan_all(inputs, plan)])


def _shown_address(given: Row) -> Row:
    """An address as it is read, where the country is an object."""
    country = given.get("country")
    return {**given, "country": {"code": country}} if country else given


def _check_code(store: Books, code: str | None, own: str | None, codes: set[str]) -> None:
    if not code or not code.strip():
        raise misfit("code", "a value is needed")
    if any(row["dbId"] != own for row in store["employees"].find("code", [code])):
        raise misfit("code", f'"{code}" is already in use')
    if code in codes:
        raise misfit("code", f'"{code}" stands twice in this mutation')
    codes.add(code)


def _check_employee(values: Row) -> Row:
    if not values.get("description"):
        raise misfit("description", "a value is needed")
    _check_order(values, "employmentFrom", "employmentTo")
    _check_order(values, "dateFrom", "dateTo")
    return values


def _put_employee(store: Books, old: Row, values: Row) -> Row:
    """Person fields go to the contact: the employee itself does not hold them."""
    own = {name: value for name, value in values.items() if name not in (*PERSON, "contact", "owner")}
    row = {**old, **own, "modifiedAt": store.time()}
    if values.get("contact"):
        row["contactDbId"] = values["contact"]["dbId"]
    if values.get("owner"):
        row["ownerDbId"] = values["owner"]["dbId"]
    person = {name: values[name] for name in PERSON if name in values}
    if person and row.get("contactDbId"):
        _put_contact(store, {"dbId": row["contactDbId"], **person})
    store["employees"].put(row)
    return row


def _put_contact(store: Books, values: Row) -> Row:
    contacts = store["contacts"]
    row = {**(contacts.get(values["dbId"]) or {}), **values, "modifiedAt": store.time()}
    if "name" not in values and any(name in values for name in ("firstName", "middleName", "lastName")):
        row["name"] = full_name(row)
    contacts.put(row)
    return row


# --- absences -----------------------------------------------------------------------------------------------


def _add_absences(store: Books, inputs: Sequence[Input]) -> dict[str, Any]:
    """One that overlaps another of the same employee and code is refused."""
    planned: list[Row] = []

    def plan(node: Row) -> Row:
        planned.append(_free_absence(store, _checked(store, node), planned))
        return planned[-1]

    rows = []
    for values in _plan_all(inputs, plan):
        row = {"dbId": store.new_db_id("absences"), "ownerDbId": store.owner, "approved": False, **values}
        rows.append(_put_absence(store, row))
    return _result(inputs, rows)


def _update_absences(store: Books, inputs: Sequence[Input]) -> dict[str, Any]:
    """Change the fields that each node names; the result must not overlap either."""
    planned: list[Row] = []
    seen: set[str] = set()
    replaced = frozenset(item["node"]["dbId"] for item in inputs)

    def plan(node: Row) -> Row:
        old = _existing(store, "absences", node, seen)
        planned.append(_free_absence(store, {**old, **_checked(store, node)}, planned, replaced))
        return planned[-1]

    return _result(inputs, [_put_absence(store, row) for row in _plan_all(inputs, plan)])


def _remove_absences(store: Books, db_ids: Sequence[str]) -> dict[str, Any]:
    """Unknown ones are skipped and named."""
    removed = {db_id: store["absences"].remove(db_id) for db_id in dict.fromkeys(db_ids)}
    skipped = [db_id for db_id, row in removed.items() if row is None]
    return {"numAffected": len(removed) - len(skipped), "skippedDbIds": skipped}


def _free_absence(
    store: Books, row: Row, planned: Sequence[Row], replaced: frozenset[str] = frozenset()
) -> Row:
    """An absence that is whole, and overlaps no other; raises Misfits."""
    for name in _ABSENCE_NEEDED:
        if not row.get(name):
            raise misfit(name, "a value is needed")
    _check_order(row, "fromDate", "toDate")
    percent = row.get("leavePercent")
    if percent is not None and not 0 < Decimal(percent) <= 100:
        raise misfit("leavePercent", f'"{percent}" is not above 0 and up to 100')
    stored = store["absences"].find("employeeDbId", [row["employee"]["dbId"]])
    for other in (*(other for other in stored if other["dbId"] not in replaced), *planned):
        same = other["employee"] == row["employee"] and other["absenceCode"] == row["absenceCode"]
        if same and other["fromDate"] <= row["toDate"] and row["fromDate"] <= other["toDate"]:
            ours, theirs = (f"{one['fromDate']} to {one['toDate']}" for one in (row, other))
            raise misfit("fromDate", f"{ours} overlaps {theirs}")
    return row


def _put_absence(store: Books, row: Row) -> Row:
    keyed = keyed_absence(row)
    store["absences"].put(keyed)
    return keyed


MUTATIONS: dict[str, Callable[[Books, Any], dict[str, Any]]] = {
    "addEmployees": _add_employees,
    "updateEmployees": _update_employees,
    "updateContacts": _update_contacts,
    "addAbsences": _add_absences,
    "updateAbsences": _update_absences,
    "removeAbsences": _remove_absences,
}
