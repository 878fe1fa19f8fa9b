"""Xledger's resources: the fields of its schema, and how a tester's rows are completed."""

from collections.abc import Mapping
from datetime import date, time
from functools import partial
from typing import Any, cast

from graphql import GraphQLError, GraphQLInputObjectType, GraphQLScalarType, get_named_type

from local.sandbox.frame.kinds import OBJECT, Kind, Misfits, may_be_null, misfit, that
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource, Store, at_time
from local.sandbox.frame.room import Row, State

from .schema import NODE_TYPES, SCHEMA, object_type
from .store import FIRST_DB_ID, MAIN_ENTITY, REFERENCES, SIDE, Books, clock

# What of a person stands on the contact of an employee.
PERSON = ("firstName", "middleName", "lastName", "initials", "birthday", "socialSec", "personalId", "phone")
_GENDERS = (
    {"dbId": "1", "code": "M", "name": "Male"},
    {"dbId": "2", "code": "F", "name": "Female"},
)


# --- kinds --------------------------------------------------------------------------------------------------


def _date(value: Any) -> Any:
    try:
        right = isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        right = False
    if not right:
        raise misfit("", f'"{value}" is no date of the form yyyy-MM-dd')
    return value


def _time(value: Any) -> Any:
    try:
        right = isinstance(value, str) and len(value) in (5, 8) and time.fromisoformat(value) is not None
    except ValueError:
        right = False
    if not right:
        raise misfit("", f'"{value}" is no time of the form HH:mm')
    return value


_DATES = (
    *("dateFrom", "dateTo", "employmentFrom", "employmentTo", "trialTo", "seniorityDate", "anniversaryDate"),
    *("noticeDate", "birthday", "fromDate", "toDate", "approvedDate"),
)
# The fields of all resources that are dates and times, which the schema has as texts.
ON_THE_CLOCK: dict[str, Kind] = may_be_null(
    {
        **dict.fromkeys(_DATES, Kind("a date", _date)),
        **dict.fromkeys(("timeFrom", "timeTo"), Kind("a time", _time)),
    }
)


def _kind(name: str, type_name: str) -> Kind:
    scalar = SCHEMA.type_map[type_name]
    usual = Kind(type_name, partial(_parsed, scalar)) if isinstance(scalar, GraphQLScalarType) else OBJECT
    return ON_THE_CLOCK.get(name, usual)


def _parsed(scalar: GraphQLScalarType, value: Any) -> Any:
    try:
        return scalar.parse_value(value)
    except GraphQLError as wrong:
        raise misfit("", wrong.message) from None


def _filled(kind: Kind) -> Kind:
    def take(value: Any) -> Any:
        if not value:
            raise misfit("", "is required")
        return kind.take(value)

    return Kind(kind.words, take)


def _fields_of(type_name: str) -> dict[str, Kind]:
    """The fields of an object or input type of the schema."""
    of = SCHEMA.type_map[type_name]
    fields = of.fields if isinstance(of, GraphQLInputObjectType) else object_type(type_name).fields
    return {name: _kind(name, get_named_type(one.type).name) for name, one in fields.items()}


# --- rows in part -------------------------------------------------------------------------------------------


def gender(given: Row) -> Row:
    """The gender that a reference names; raises Misfits."""
    wanted = {key: value for key, value in given.items() if key in _GENDERS[0] and value is not None}
    for known in _GENDERS:
        if wanted and all(known.get(key) == value for key, value in wanted.items()):
            return known
    said = ", ".join(f'{key} "{value}"' for key, value in wanted.items())
    raise misfit("gender", f"nothing has the {said or 'dbId or code'}")


def full_name(values: Row) -> str:
    """First, middle and last name, as far as there are any."""
    return " ".join(values[name] for name in ("firstName", "middleName", "lastName") if values.get(name))


def new_contact(values: Row, db_id: str, now: str) -> Row:
    """The contact that comes into being with an employee."""
    name = full_name(values) or values.get("description")
    own = {"dbId": db_id, "code": values.get("code"), "name": name, "email": values.get("email")}
    return {**own, "modifiedAt": now, **{name: values.get(name) for name in PERSON}}


def keyed_absence(row: Row) -> Row:
    """An absence with the ids that it is looked up by."""
    return {**row, "employeeDbId": row["employee"]["dbId"], "absenceCodeDbId": row["absenceCode"]["dbId"]}


def _referring(row: Row, reading: Reading, but: tuple[str, ...] = ()) -> Row:
    return {
        name: _reference(name, value, reading) if name in REFERENCES and name not in but and value else value
        for name, value in row.items()
    }


def _reference(field: str, given: Row, reading: Reading) -> dict[str, str]:
    """Of several keys the dbId decides, then the code; a resource without a listing takes any."""
    key = next((key for key in ("dbId", "code", "description") if given.get(key) is not None), None)
    if key is None:
        raise misfit(field, "one of dbId, code or description is needed")
    value, resource, store = str(given[key]), REFERENCES[field], cast(Books, reading.store)
    row = store.named(resource, key, value)
    if row is None and resource in SIDE:
        row = store.resources[resource].in_order({"dbId": reading.fresh(resource), **given, key: value})
        store[resource].put(row)
    if row is None:
        raise misfit(field, f'nothing in {resource} has the {key} "{value}"')
    return {"dbId": row["dbId"]}


def _contact(row: Row, reading: Reading) -> Row:
    known = {"gender": gender(row["gender"])} if row.get("gender") else {}
    return {"modifiedAt": clock(reading.now), **row, **known}


def _employee(row: Row, reading: Reading) -> Row:
    """The employee without its person fields, which the contact holds. Who is superior is seen last."""
    if reading.store["employees"].find("code", [row["code"]]):
        raise misfit("code", f"{row['code']} is used twice")
    now, contacts = clock(reading.now), reading.store["contacts"]
    contact_id = row.get("contactDbId") or (row.get("contact") or {}).get("dbId")
    contact = contacts.get(str(contact_id)) if contact_id else None
    if contact is None:
        contact = new_contact(row, str(contact_id or reading.fresh("contacts")), now)
        contacts.put(contact)
    missing = {name: row[name] for name in PERSON if row.get(name) and not contact.get(name)}
    if missing:
        contacts.put({**contact, **missing})
    own = {name: value for name, value in row.items() if name not in (*PERSON, "contact")}
    made = {"createdAt": now, "modifiedAt": now, "ownerDbId": cast(Books, reading.store).owner}
    whole = {**made, **_referring(own, reading, but=("superior",)), "contactDbId": contact["dbId"]}
    owner = whole.pop("owner", None)
    return {**whole, "ownerDbId": owner["dbId"]} if owner else whole


def _absence(row: Row, reading: Reading) -> Row:
    return keyed_absence(_referring(row, reading))


def complete(reading: Reading) -> None:
    """There is an entity, and an employee's superior may stand behind them in a state."""
    if not reading.store["entities"].rows():
        reading.store["entities"].put(MAIN_ENTITY)
    table = reading.store["employees"]
    rows = enumerate(reading.given.get("employees", []))
    numbers = {row["code"]: number for number, row in rows if isinstance(row, dict) and "code" in row}
    for row in [row for row in table.rows() if row.get("superior")]:
        try:
            table.put({**row, "superior": _reference("superior", row["superior"], reading)})
        except Misfits as wrong:
            reading.refuse("employees", numbers[row["code"]], wrong)


# --- resources ----------------------------------------------------------------------------------------------

_MOVED = {"modifiedAt": at_time(clock)}
_FOLLOWS = that("left out: it follows from the reference", lambda _: False)
_SIDE_FIELDS = {
    "dbId": _kind("dbId", "Int64String"),
    **{name: _kind(name, "String") for name in ("code", "description", "name", "email")},
}


def _resource(
    name: str,
    fields: Mapping[str, Kind],
    needed: tuple[str, ...],
    indexed: tuple[str, ...] = ("code",),
    **more: Any,
) -> Resource:
    filled = {field: _filled(kind) if field in needed else kind for field, kind in fields.items()}
    return Resource(
        name,
        "dbId",
        may_be_null(filled, but=(*needed, "dbId")),
        needed=needed,
        fresh=lambda number: str(FIRST_DB_ID.get(name, 11) + number - 1),
        indexed=indexed,
        rank=int,
        **more,
    )


RESOURCES = (
    _resource("entities", _SIDE_FIELDS, (), usual=(MAIN_ENTITY,)),
    *(_resource(name, _SIDE_FIELDS, ()) for name in SIDE[1:]),
    *(
        _resource(name, _fields_of(NODE_TYPES[name]), ("code",))
        for name in ("employeeGroups", "objectValues", "exitReasons", "employmentTypes", "absenceCodes")
    ),
    _resource("contacts", _fields_of("Contact"), (), made=_contact, moved=_MOVED),
    _resource(
        "employees",
        _fields_of("UpdateEmployeesNode") | _fields_of("Employee"),
        ("code",),
        ("code", "contactDbId"),
        made=_employee,
        moved=_MOVED,
        # What of it is shown on the employee is the contact's.
        still=("socialSecurityMasked",),
    ),
    _resource(
        "absences",
        {**_fields_of("Absence"), "employeeDbId": _FOLLOWS, "absenceCodeDbId": _FOLLOWS},
        ("employee", "absenceCode", "fromDate", "toDate"),
        ("employeeDbId", "absenceCodeDbId"),
        made=_absence,
        hidden=("employeeDbId", "absenceCodeDbId"),
    ),
)


def masked_social_security(store: Store, row: Row) -> Any:
    """The date part of the number and stars; the number itself stands on the contact."""
    contact = store["contacts"].get(row.get("contactDbId") or "") or {}
    number = contact.get("socialSec")
    return number[:6] + "*" * len(number[6:]) if number else row.get("socialSecurityMasked")


def shown_state(store: Store) -> State:
    """All rows by resource, references with their codes, employees with what was written to them."""
    return {
        name: [_shown(store, resource, row) for row in store[name].rows()]
        for name, resource in store.resources.items()
    }


def _shown(store: Store, resource: Resource, row: Row) -> Row:
    result = {
        name: _expanded(store, name, value) if name in REFERENCES and value else value
        for name, value in resource.shown(row).items()
    }
    if resource.name == "employees":
        contact = store["contacts"].get(row["contactDbId"]) or {}
        result.update({name: contact[name] for name in PERSON if contact.get(name) is not None})
        result["socialSecurityMasked"] = masked_social_security(store, row)
    return result


def _expanded(store: Store, name: str, reference: Row) -> Row:
    row = store[REFERENCES[name]].get(reference["dbId"]) or {}
    shown = "email" if name == "approvedBy" else "code"
    return {**reference, **({shown: row[shown]} if row.get(shown) is not None else {})}
