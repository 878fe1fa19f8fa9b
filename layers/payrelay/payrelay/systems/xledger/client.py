"""The calls to Xledger: what is read for comparing, and what is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.rows import BadRow, Reader

from . import queries
from .endpoint import Endpoint, edges
from .models import (
    AbsenceNode,
    Absences,
    CodeTable,
    ContactNode,
    EmployeeNode,
    EmployeeRef,
    Lookup,
    Lookups,
    Removal,
)
from .pages import PAGE_SIZE, Pages, read_connection
from .refusals import SYSTEM

LARGEST_WRITE = 500

# What a write takes: the caller's own label, and the node with Xledger's field names.
Nodes = Sequence[tuple[str, Mapping[str, object]]]

_EMPLOYEES = Reader(EmployeeNode, id_key="dbId", number_key="code")
_CONTACTS = Reader(ContactNode, id_key="dbId", number_key="code")
_LOOKUPS = Reader(Lookup, id_key="dbId", number_key="code")
_ABSENCES = Reader(AbsenceNode, id_key="dbId", number_key="dbId")


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

    def employees_by_code(self, codes: Sequence[str]) -> CodeTable[EmployeeNode]:
        """The employees with these codes, closed ones too; a call per thousand codes."""
        found = self._pages.by_keys(queries.EMPLOYEES_BY_CODE, "employees", "codes", codes)
        return CodeTable(*_EMPLOYEES.read(found))

    def contacts_by_id(self, db_ids: Sequence[str]) -> tuple[dict[str, ContactNode], list[BadRow]]:
        """The contacts with these dbIds, and those that can't be used."""
        found = self._pages.by_keys(queries.CONTACTS_BY_ID, "contacts", "dbIds", db_ids)
        rows, bad_rows = _CONTACTS.read(found)
        return {row.db_id: row for row in rows}, bad_rows

    def lookups(self, status: str = "OPEN") -> Lookups:
        """All reference objects: one call, and one more for each further page of a kind."""
        data = self._endpoint.query(queries.all_lookups(PAGE_SIZE, status))
        tables = {name: self._rest_of_lookup(name, data.get(name), status) for name in queries.LOOKUPS}
        return Lookups(
            employee_groups=tables["employeeGroups"],
            employment_types=tables["employmentTypes"],
            exit_reasons=tables["exitReasons"],
            absence_codes=tables["absenceCodes"],
            cost_centres=tables["objectValues"],
        )

    def absence_codes(self, status: str = "OPEN") -> CodeTable[Lookup]:
        """All absence codes."""
        name = "absenceCodes"
        return CodeTable(*_LOOKUPS.read(list(self._pages.rest(queries.lookup(name, status), name, {}))))

    def absences(
        self, starting_from: date, starting_to: date, employee_db_ids: Sequence[str] | None = None
    ) -> Absences:
        """The absences that start on these days, both included: of these employees, or of all."""
        if employee_db_ids is not None and not employee_db_ids:
            return Absences([], [])
        text = queries.absences(starting_from, starting_to, employee_db_ids)
        return Absences(*_ABSENCES.read(list(self._pages.rest(text, "absences", {}))))

    def add_employees(self, nodes: Nodes) -> dict[str, EmployeeRef]:
        return self._write_employees("addEmployees", "AddEmployeesInput", nodes)

    def update_employees(self, nodes: Nodes) -> dict[str, EmployeeRef]:
        return self._write_employees("updateEmployees", "UpdateEmployeesInput", nodes)

    def update_contacts(self, nodes: Nodes) -> dict[str, str]:
        """The dbIds of the contacts written, by clientId; likewise for absences."""
        return self._write("updateContacts", "UpdateContactsInput", nodes)

    def add_absences(self, nodes: Nodes) -> dict[str, str]:
        return self._write("addAbsences", "AddAbsencesInput", nodes)

    def update_absences(self, nodes: Nodes) -> dict[str, str]:
        return self._write("updateAbsences", "UpdateAbsencesInput", nodes)

    def remove_absences(self, db_ids: Sequence[str]) -> Removal:
        _check_size(db_ids)
        if not db_ids:
            return Removal(0, ())
        answer = self._endpoint.remove(queries.removal("removeAbsences"), "removeAbsences", db_ids)
        skipped = answer.get("skippedDbIds") or ()
        return Removal(int(answer.get("numAffected") or 0), tuple(str(db_id) for db_id in skipped))

    def _rest_of_lookup(self, name: str, connection: object, status: str) -> CodeTable[Lookup]:
        nodes, after = read_connection(connection, None)
        if after is not None:
            nodes += self._pages.rest(queries.lookup(name, status), name, {}, after)
        return CodeTable(*_LOOKUPS.read(nodes))

    def _write_employees(self, name: str, input_type: str, nodes: Nodes) -> dict[str, EmployeeRef]:
        _check_size(nodes)
        text = queries.mutation(name, input_type, "dbId code contactDbId")
        return self._endpoint.write(text, name, nodes, _employee_ref) if nodes else {}

    def _write(self, name: str, input_type: str, nodes: Nodes) -> dict[str, str]:
        _check_size(nodes)
        return (
            self._endpoint.write(queries.mutation(name, input_type, "dbId"), name, nodes, _db_id)
            if nodes
            else {}
        )


def _check_size(items: Sequence[object]) -> None:
    if len(items) > LARGEST_WRITE:
        raise ValueError(f"Xledger takes at most {LARGEST_WRITE} nodes in one call, not {len(items)}")


def _employee_ref(node: Mapping[str, Any]) -> EmployeeRef:
    contact = node.get("contactDbId")
    return EmployeeRef(_db_id(node), str(node.get("code") or ""), None if contact is None else str(contact))


def _db_id(node: Mapping[str, Any]) -> str:
    db_id = node.get("dbId")
    if not isinstance(db_id, str | int):
        raise error_of_unreadable(SYSTEM, "a written record without its dbId", safe=False)
    return str(db_id)
