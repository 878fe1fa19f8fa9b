"""addEmployees, updateEmployees and updateContacts."""

from collections.abc import Sequence
from typing import Any

from local.sandbox.frame.room import Row

from .errors import InvalidValueError
from .fields import GENDERS, PERSON
from .nodes import Input, checked, existing, plan_all, result
from .store import Store, check_order


def add_employees(store: Store, inputs: Sequence[Input]) -> dict[str, Any]:
    """Add employees, each with a contact of its own unless one is named."""
    codes: set[str] = set()

    def plan(node: Row) -> Row:
        values = checked(store, node)
        if not values.get("description"):
            values["description"] = full_name(values)
        _check_code(store, values.get("code"), None, codes)
        return _check_employee(values)

    rows = []
    for values in plan_all(inputs, plan):
        now = store.time()
        row = {"dbId": store.new_db_id("employees"), "createdAt": now, "ownerDbId": store.owner}
        if not values.get("contact"):
            values["contact"] = {"dbId": new_contact(store, values)["dbId"]}
        rows.append(_put_employee(store, row, values))
    return result(inputs, rows)


def update_employees(store: Store, inputs: Sequence[Input]) -> dict[str, Any]:
    """Change the fields that each node names; null empties one."""
    codes: set[str] = set()
    seen: set[str] = set()

    def plan(node: Row) -> Row:
        old = existing(store, "employees", node, seen)
        values = checked(store, node)
        if "code" in values:
            _check_code(store, values["code"], old["dbId"], codes)
        if "description" in values and not values["description"]:
            raise InvalidValueError("description: a value is needed")
        _check_employee({**old, **values})
        return values

    planned = plan_all(inputs, plan)
    rows = [
        _put_employee(store, store.tables["employees"].get(values["dbId"]) or {}, values)
        for values in planned
    ]
    return result(inputs, rows)


def update_contacts(store: Store, inputs: Sequence[Input]) -> dict[str, Any]:
    """Change the fields of contacts that each node names; null empties one."""
    seen: set[str] = set()

    def plan(node: Row) -> Row:
        existing(store, "contacts", node, seen)
        values = checked(store, node)
        if values.get("gender"):
            values["gender"] = gender(values["gender"])
        return values

    rows = [_put_contact(store, values) for values in plan_all(inputs, plan)]
    return result(inputs, rows)


def gender(given: Row) -> Row:
    """The gender that a reference names; raises InvalidValueError."""
    wanted = {key: value for key, value in given.items() if value is not None}
    for known in GENDERS:
        if wanted and all(known.get(key) == value for key, value in wanted.items()):
            return known
    said = ", ".join(f'{key} "{value}"' for key, value in wanted.items())
    raise InvalidValueError(f"gender: nothing has the {said or 'dbId or code'}")


def new_contact(store: Store, values: Row, db_id: str | None = None) -> Row:
    """The contact that comes into being with an employee."""
    row: Row = {
        "dbId": db_id or store.new_db_id("contacts"),
        "code": values.get("code"),
        "name": full_name(values) or values.get("description"),
        "email": values.get("email"),
        "modifiedAt": store.time(),
        **{name: values.get(name) for name in PERSON},
    }
    store.tables["contacts"].put(row)
    return row


def full_name(values: Row) -> str:
    """First, middle and last name, as far as there are any."""
    return " ".join(values[name] for name in ("firstName", "middleName", "lastName") if values.get(name))


def _check_code(store: Store, code: str | None, own: str | None, codes: set[str]) -> None:
    if not code or not code.strip():
        raise InvalidValueError("code: a value is needed")
    if any(row["dbId"] != own for row in store.tables["employees"].find("code", [code])):
        raise InvalidValueError(f'code: "{code}" is already in use')
    if code in codes:
        raise InvalidValueError(f'code: "{code}" stands twice in this mutation')
    codes.add(code)


def _check_employee(values: Row) -> Row:
    if not values.get("description"):
        raise InvalidValueError("description: a value is needed")
    check_order(values, "employmentFrom", "employmentTo")
    check_order(values, "dateFrom", "dateTo")
    return values


def _put_employee(store: Store, old: Row, values: Row) -> Row:
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
    store.tables["employees"].put(row)
    return row


def _put_contact(store: Store, values: Row) -> Row:
    contacts = store.tables["contacts"]
    row = {**(contacts.get(values["dbId"]) or {}), **values, "modifiedAt": store.time()}
    if "name" not in values and any(name in values for name in ("firstName", "middleName", "lastName")):
        row["name"] = full_name(row)
    contacts.put(row)
    return row
