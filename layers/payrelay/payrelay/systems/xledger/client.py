"""The calls to Xledger: what is read for comparing, and what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from msgspec.structs import replace

from payrelay.domain.groups import in_groups
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, PartlyWritten, ProgrammingError, Rejected
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.rows import BadRow, Listed, Reader, Row

from . import queries
from .endpoint import Endpoint, edges
from .models import (
    AbsenceNode,
    Clock,
    ContactNode,
    ContactRef,
    EmployeeNode,
    EmployeeRef,
    Lookup,
    Lookups,
    MovedNode,
)
from .pages import LARGEST_PAGE, PAGE_SIZE, Pages, read_connection, shape_of_nodes
from .refusals import SYSTEM
from .times import seconds_of, text_of

W = TypeVar("W")

LARGEST_WRITE = 500
_EMPLOYEE_REF = "dbId code contactDbId"
# All that is known of an absence that Xledger skips.
NOT_REMOVED = "it was not removed, and no reason was given"

# What a write takes: the caller's own label, and the node with Xledger's field names.
Nodes = Sequence[tuple[str, Mapping[str, object]]]

_EMPLOYEES = Reader(EmployeeNode, id_key="dbId", number_key="code")
_CONTACTS = Reader(ContactNode, id_key="dbId", number_key="code")
_MOVED = Reader(MovedNode, id_key="dbId", number_key="code")
_LOOKUPS = Reader(Lookup, id_key="dbId", number_key="code")


class _AbsenceReader(Reader[AbsenceNode]):
    """Names a node that can't be used by the dbId of its employee, if that much can be read."""

    def bad_row(self, raw: object, field: str, problem: str) -> BadRow:
        employee = raw.get("employee") if isinstance(raw, Mapping) else None
        db_id = employee.get("dbId") if isinstance(employee, Mapping) else None
        number = str(db_id) if isinstance(db_id, str | int) else ""
        return replace(super().bad_row(raw, field, problem), number=number)


_ABSENCES = _AbsenceReader(AbsenceNode, id_key="dbId", number_key="dbId")


class XledgerClient:
    """Reads and writes one entity with an API token. `base_url` is the address without `/graphql`.

    Nodes to write may hold sensitive values, days and Decimals as they are: they are put in wire form here.
    Errors are those of `payrelay.errors`; a refused write names the clientIds where Xledger does.
    """

    def __init__(self, base_url: str, api_token: Secret, *, options: DoorOptions | None = None) -> None:
        self._endpoint = Endpoint(base_url, api_token, options or DoorOptions())
        self._pages = Pages(self._endpoint)

    def organisation(self) -> str:
        """The entity that the token was made in, by its dbId: the API tells no name."""
        data = self._endpoint.query(queries.ORGANISATION)
        for name in ("employeeGroups", "employees"):
            for edge in edges(data.get(name)):
                match edge:
                    case {"node": {"ownerDbId": str() | int() as owner}}:
                        return f"Xledger entity {owner}"
        return "Xledger entity without employees"

    def employees_by_code(self, codes: Sequence[str]) -> Listed[EmployeeNode]:
        """The employees with these codes, closed ones too; a call per thousand codes."""
        shape = shape_of_nodes("employees", EmployeeNode)
        found = self._pages.by_keys(queries.EMPLOYEES_BY_CODE, "employees", "codes", codes, shape)
        return Listed(*_EMPLOYEES.read(found))

    def employees_by_id(self, db_ids: Sequence[str]) -> Listed[EmployeeNode]:
        """The employees with these dbIds, whatever their codes are now; closed ones too."""
        return Listed(*_EMPLOYEES.read(self._by_id(queries.employees, "employees", db_ids, EmployeeNode)))

    def contacts_by_id(self, db_ids: Sequence[str]) -> Listed[ContactNode]:
        """The contacts with these dbIds."""
        return Listed(*_CONTACTS.read(self._by_id(queries.contacts, "contacts", db_ids, ContactNode)))

    def _by_id(
        self, query: Callable[[Sequence[str]], str], name: str, db_ids: Sequence[str], model: type[Row]
    ) -> list[Any]:
        """The nodes with these dbIds, raw where one can't be used; a call for as many as make a page."""
        found: list[Any] = []
        for group in in_groups(list(dict.fromkeys(db_ids)), PAGE_SIZE):
            found += self._pages.rest(query(group), name, {}, shape=shape_of_nodes(name, model))
        return found

    def clock(self) -> Clock | None:
        """What time it was in Xledger at its newest answer; None if that did not say."""
        return self._endpoint.clock()

    def moved(self, name: str, since: int, most: int) -> list[MovedNode] | None:
        """Which of `employees` or `contacts` were changed at a row's time or later.

        None where nobody can tell: more than so many, or one of them does not read.
        """
        found: list[Any] = []
        try:
            text = queries.moved(name, text_of(since))
            for raw in self._pages.rest(text, name, {}, size=LARGEST_PAGE):
                found.append(raw)
                if len(found) > most:
                    return None
        except (ProgrammingError, Rejected):
            return None
        return _all_told(found)

    def versions(self, name: str, db_ids: Sequence[str]) -> list[MovedNode] | None:
        """When those of `employees` or `contacts` were changed last that are there; None as for `moved`."""
        return _all_told(self._by_id(lambda group: queries.versions(name, group), name, db_ids, MovedNode))

    def lookups(self, status: str = "OPEN") -> Lookups:
        """The reference objects that employees name.

        Two kinds in one call, whose names are certain; each other by itself, so that one that Xledger
        does not give spoils no other: its list has one row then, which can't be used.
        """
        data = self._endpoint.query(queries.first_lookups(PAGE_SIZE, status))
        groups, centres = (self._rest_of_lookup(kind, data.get(kind), status) for kind in queries.TOGETHER)
        types, reasons = (
            self._lookup(kind, status, let_in=True) for kind in ("employmentTypes", "exitReasons")
        )
        return Lookups(groups, types, reasons, centres)

    def absence_codes(self, status: str = "OPEN") -> Listed[Lookup]:
        """All absence codes."""
        return self._lookup("absenceCodes", status)

    def absences(
        self, starting_from: date, starting_to: date, employee_db_ids: Sequence[str] | None = None
    ) -> Listed[AbsenceNode]:
        """The absences that start on these days, both included: of these employees, or of all.

        The number of one that can't be used is the dbId of its employee.
        """
        if employee_db_ids is not None and not employee_db_ids:
            return Listed([])
        text = queries.absences(starting_from, starting_to, employee_db_ids)
        return Listed(*_ABSENCES.read(self._pages.rest(text, "absences", {})))

    def add_employees(self, nodes: Nodes) -> dict[str, EmployeeRef]:
        """The new employees, by clientId."""
        return self._write_nodes("addEmployees", "AddEmployeesInput", nodes, _EMPLOYEE_REF, _employee_ref)

    def update_employees(self, nodes: Nodes, *, told: bool = False) -> dict[str, EmployeeRef]:
        """The employees written, by clientId; as they stand now, if that is to be `told`."""
        fields, read = (queries.EMPLOYEE, _employee_now) if told else (_EMPLOYEE_REF, _employee_ref)
        return self._write_nodes("updateEmployees", "UpdateEmployeesInput", nodes, fields, read)

    def update_contacts(self, nodes: Nodes, *, told: bool = False) -> dict[str, ContactRef]:
        """The contacts written, likewise."""
        fields, read = (queries.CONTACT, _contact_now) if told else ("dbId", _contact_ref)
        return self._write_nodes("updateContacts", "UpdateContactsInput", nodes, fields, read)

    def add_absences(self, nodes: Nodes) -> dict[str, str]:
        """The dbIds of the absences written, by clientId."""
        return self._write("addAbsences", "AddAbsencesInput", nodes)

    def update_absences(self, nodes: Nodes) -> dict[str, str]:
        return self._write("updateAbsences", "UpdateAbsencesInput", nodes)

    def remove_absences(self, db_ids: Sequence[str]) -> dict[str, str]:
        """The dbIds of the absences taken away, each by itself; PartlyWritten if Xledger left some alone."""
        _check_size(db_ids)
        if not db_ids:
            return {}
        skipped = self._endpoint.remove(queries.removal("removeAbsences", db_ids), "removeAbsences", db_ids)
        done = {db_id: db_id for db_id in db_ids if db_id not in skipped}
        left = tuple(db_id for db_id in db_ids if db_id in skipped)
        if left:
            reasons = dict.fromkeys(left, NOT_REMOVED)
            raise PartlyWritten(SYSTEM, NOT_REMOVED, done=done, keys=left, reasons=reasons)
        return done

    def _rest_of_lookup(self, name: str, connection: object, status: str) -> Listed[Lookup]:
        nodes, after = read_connection(connection, None)
        if after is not None:
            nodes += self._pages.rest(queries.lookup(name, status), name, {}, after)
        return Listed(*_LOOKUPS.read(nodes))

    def _lookup(self, name: str, status: str, *, let_in: bool = False) -> Listed[Lookup]:
        """All of one kind. A token that was `let_in` just before lacks the right to this kind alone."""
        try:
            return Listed(*_LOOKUPS.read(self._pages.rest(queries.lookup(name, status), name, {})))
        except (ProgrammingError, Rejected, CredentialsRefused) as error:
            if isinstance(error, CredentialsRefused) and not let_in:
                raise
            # It may be any of them that somebody asks for.
            return Listed(
                [], [BadRow(f"(any of {name})", "", "the whole list", f"it can't be read: {error}")]
            )

    def _write(self, name: str, input_type: str, nodes: Nodes) -> dict[str, str]:
        return self._write_nodes(name, input_type, nodes, "dbId", _db_id)

    def _write_nodes(
        self, name: str, input_type: str, nodes: Nodes, fields: str, read: Callable[[Any], W]
    ) -> dict[str, W]:
        """What `read` makes of the answered fields of each node, by clientId."""
        _check_size(nodes)
        text = queries.mutation(name, input_type, fields)
        return self._endpoint.write(text, name, nodes, read) if nodes else {}


def _check_size(items: Sequence[object]) -> None:
    if len(items) > LARGEST_WRITE:
        raise ValueError(f"Xledger takes at most {LARGEST_WRITE} nodes in one call, not {len(items)}")


def _employee_ref(node: Mapping[str, Any]) -> EmployeeRef:
    contact = node.get("contactDbId")
    return EmployeeRef(_db_id(node), str(node.get("code") or ""), None if contact is None else str(contact))


def _employee_now(node: Mapping[str, Any]) -> EmployeeRef:
    return replace(_employee_ref(node), now=next(iter(_EMPLOYEES.read([node])[0]), None))


def _contact_ref(node: Mapping[str, Any]) -> ContactRef:
    return ContactRef(_db_id(node))


def _contact_now(node: Mapping[str, Any]) -> ContactRef:
    return ContactRef(_db_id(node), next(iter(_CONTACTS.read([node])[0]), None))


def _all_told(raws: Sequence[Any]) -> list[MovedNode] | None:
    """What moved, if each of it reads and tells when."""
    rows, bad = _MOVED.read(raws)
    return None if bad or not all(seconds_of(row.modified_at) for row in rows) else rows


def _db_id(node: Mapping[str, Any]) -> str:
    db_id = node.get("dbId")
    if not isinstance(db_id, str | int):
        raise error_of_unreadable(SYSTEM, "a written record without its dbId", safe=False)
    return str(db_id)
