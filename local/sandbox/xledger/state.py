"""A tester's view of Xledger's data: reading it strictly, and showing it again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from graphql import GraphQLError, GraphQLInputObjectType, GraphQLScalarType, get_named_type

from local.sandbox.frame.room import Row, State, StateRefusedError
from local.sandbox.frame.state import problem

from .absences import put_absence
from .employees import gender, new_contact
from .errors import InvalidValueError
from .fields import DATES, MAIN, NODE_TYPES, PERSON, REFERENCES, SIDE, TIMES
from .projection import masked_social_security
from .schema import SCHEMA, object_type
from .store import Store, check_date, check_time

_NEEDED = {
    "employees": ("code",),
    "contacts": (),
    "absences": ("employee", "absenceCode", "fromDate", "toDate"),
}
_LOOK_UPS = tuple(name for name in MAIN if name not in _NEEDED)
_SIDE_FIELDS = ("dbId", "code", "description", "name", "email")
_DEFAULT_ENTITY = {"dbId": "500", "code": "500", "description": "Main entity"}
_WRITE_ONLY = {"employees": "UpdateEmployeesNode"}

Problems = list[dict[str, object]]


def _known_fields() -> dict[str, dict[str, str]]:
    """For each resource its fields, with the name of the schema type that each has."""
    known = {resource: dict.fromkeys(_SIDE_FIELDS, "String") for resource in SIDE}
    for resource, type_name in NODE_TYPES.items():
        fields = {
            name: get_named_type(field.type).name for name, field in object_type(type_name).fields.items()
        }
        node = SCHEMA.type_map.get(_WRITE_ONLY.get(resource, ""))
        if isinstance(node, GraphQLInputObjectType):
            fields = {**{name: get_named_type(one.type).name for name, one in node.fields.items()}, **fields}
        known[resource] = fields
    for resource in SIDE:
        known[resource]["dbId"] = "Int64String"
    return known


FIELDS = _known_fields()


def read_state(state: Any, now: Callable[[], datetime], base_version: int) -> Store:
    """A store of the given rows; raises StateRefusedError with every problem found."""
    if not isinstance(state, dict):
        raise StateRefusedError([problem("", None, "", "an object of lists is needed")])
    problems: Problems = []
    for resource, rows in state.items():
        if resource not in FIELDS:
            problems.append(problem(resource, None, "", f"unknown resource; known are {', '.join(FIELDS)}"))
        elif not isinstance(rows, list):
            problems.append(problem(resource, None, "", "a list of rows is needed"))
        else:
            for number, row in enumerate(rows):
                problems += [problem(resource, number, *found) for found in _row_problems(resource, row)]
    if problems:
        raise StateRefusedError(problems)
    return _Reader(state, Store(now, base_version)).read()


def _row_problems(resource: str, row: Any) -> list[tuple[str, str]]:
    if not isinstance(row, dict):
        return [("", "an object is needed")]
    needed = _NEEDED.get(resource, ("code",) if resource in MAIN else ())
    problems = [(name, "is required") for name in needed if not row.get(name)]
    checks = _CHECKS[resource]
    for name, value in row.items():
        check = checks.get(name)
        if check is None:
            problems.append((str(name), f"unknown field; known are {', '.join(checks)}"))
        elif value is not None:
            try:
                check(value)
            except (GraphQLError, InvalidValueError) as wrong:
                problems.append((name, str(wrong)))
    return problems


def _check_for(name: str, type_name: str) -> Callable[[Any], object]:
    scalar = SCHEMA.type_map[type_name]
    if name in DATES:
        return partial(check_date, name)
    if name in TIMES:
        return partial(check_time, name)
    return scalar.parse_value if isinstance(scalar, GraphQLScalarType) else _check_object


def _check_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise InvalidValueError("an object is needed")


_CHECKS = {
    resource: {name: _check_for(name, type_name) for name, type_name in fields.items()}
    for resource, fields in FIELDS.items()
}


class _Reader:
    """Puts checked rows into a store: look-ups first, then what refers to them."""

    def __init__(self, state: Mapping[str, list[Row]], store: Store) -> None:
        self.state = state
        self.store = store
        self.problems: Problems = []
        self.now = store.time()
        self.numbers: dict[tuple[str, str], int] = {}
        self.known_references: dict[tuple[str, str, str], dict[str, str]] = {}

    def read(self) -> Store:
        self._keep("entities", self.state.get("entities") or [_DEFAULT_ENTITY])
        for resource in (*SIDE[1:], *_LOOK_UPS):
            self._keep(resource, self.state.get(resource, []))
        self._keep("contacts", self.state.get("contacts", []), self._contact)
        self._keep("employees", self.state.get("employees", []), self._employee)
        self._follow("employees", self._refer_employee)
        self._keep("absences", self.state.get("absences", []), lambda row: row)
        self._follow("absences", lambda row: put_absence(self.store, self._referring(row)))
        if self.problems:
            raise StateRefusedError(self.problems)
        return self.store

    def _keep(self, resource: str, rows: list[Row], read: Callable[[Row], Row] = lambda row: row) -> None:
        """Number the rows that have no dbId after those that have one, and put them."""
        table = self.store.tables[resource]
        numbered = [(number, row) for number, row in enumerate(rows) if row.get("dbId") is not None]
        others = [(number, row) for number, row in enumerate(rows) if row.get("dbId") is None]
        for number, row in (*numbered, *others):
            try:
                db_id = str(row["dbId"]) if row.get("dbId") is not None else self.store.new_db_id(resource)
                if db_id in table:
                    raise InvalidValueError(f"dbId: {db_id} is used twice")
                if resource == "employees" and table.find("code", [row["code"]]):
                    raise InvalidValueError(f"code: {row['code']} is used twice")
                self.numbers[resource, db_id] = number
                table.put(read({**row, "dbId": db_id}))
            except InvalidValueError as wrong:
                self._refuse(resource, number, wrong)

    def _refuse(self, resource: str, number: int, wrong: InvalidValueError) -> None:
        field, _, message = str(wrong).partition(": ")
        self.problems.append(problem(resource, number, field, message))

    def _contact(self, row: Row) -> Row:
        if row.get("gender"):
            row["gender"] = gender({key: row["gender"].get(key) for key in ("dbId", "code", "name")})
        return {"modifiedAt": self.now, **row}

    def _employee(self, row: Row) -> Row:
        """The employee without its person fields, and the contact that holds them."""
        contacts = self.store.tables["contacts"]
        contact_id = row.get("contactDbId") or (row.get("contact") or {}).get("dbId")
        contact = contacts.get(str(contact_id)) if contact_id else None
        if contact is None:
            contact = new_contact(self.store, row, str(contact_id) if contact_id else None)
        missing = {name: row[name] for name in PERSON if row.get(name) and not contact.get(name)}
        if missing:
            contacts.put({**contact, **missing})
        own = {name: value for name, value in row.items() if name not in (*PERSON, "contact")}
        made = {"createdAt": self.now, "modifiedAt": self.now, "ownerDbId": self.store.owner}
        return {**made, **own, "contactDbId": contact["dbId"]}

    def _follow(self, resource: str, refer: Callable[[Row], object]) -> None:
        """Resolve the references of a resource's rows, now that all it may name is there."""
        for row in list(self.store.tables[resource].rows()):
            try:
                refer(row)
            except InvalidValueError as wrong:
                self._refuse(resource, self.numbers[resource, row["dbId"]], wrong)

    def _refer_employee(self, row: Row) -> None:
        referring = self._referring(row)
        if referring.get("owner"):
            referring["ownerDbId"] = referring.pop("owner")["dbId"]
        self.store.tables["employees"].put(referring)

    def _referring(self, row: Row) -> Row:
        return {
            name: self._reference(name, value) if name in REFERENCES and value else value
            for name, value in row.items()
        }

    def _reference(self, name: str, given: Row) -> dict[str, str]:
        """Of several keys the dbId decides, then the code; a resource without a listing takes any."""
        key = next((key for key in ("dbId", "code", "description") if given.get(key) is not None), None)
        if key is None:
            raise InvalidValueError(f"{name}: one of dbId, code or description is needed")
        value, resource = str(given[key]), REFERENCES[name]
        known = self.known_references.get((resource, key, value))
        if known is None:
            known = self._find(name, resource, key, {**given, key: value})
            self.known_references[resource, key, value] = known
        return known

    def _find(self, name: str, resource: str, key: str, given: Row) -> dict[str, str]:
        row = self.store.named(resource, key, given[key])
        if row is None and resource in SIDE:
            row = {"dbId": self.store.new_db_id(resource), **given}
            self.store.tables[resource].put(row)
        if row is None:
            raise InvalidValueError(f'{name}: nothing in {resource} has the {key} "{given[key]}"')
        return {"dbId": row["dbId"]}


def show_state(store: Store) -> State:
    """All rows by resource, references with their codes, employees with what was written to them."""
    shown: State = {}
    for resource in MAIN:
        rows = store.tables[resource].rows()
        shown[resource] = [_shown(store, resource, row) for row in rows]
    for resource in SIDE:
        if store.tables[resource].rows():
            shown[resource] = list(store.tables[resource].rows())
    return shown


def _shown(store: Store, resource: str, row: Row) -> Row:
    fields = FIELDS[resource]
    result = {
        name: _expanded(store, name, value) if name in REFERENCES and value else value
        for name, value in row.items()
        if name in fields
    }
    if resource == "employees":
        contact = store.tables["contacts"].get(row["contactDbId"]) or {}
        result.update({name: contact[name] for name in PERSON if contact.get(name) is not None})
        result["socialSecurityMasked"] = masked_social_security(store, row)
    return result


def _expanded(store: Store, name: str, reference: Row) -> Row:
    row = store.tables[REFERENCES[name]].get(reference["dbId"]) or {}
    shown = "email" if name == "approvedBy" else "code"
    return {**reference, **({shown: row[shown]} if row.get(shown) is not None else {})}
