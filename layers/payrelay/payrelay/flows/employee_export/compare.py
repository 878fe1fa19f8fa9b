"""One employee on both sides: what differs, what would be written, and why not (EX-4)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from msgspec import Struct

from payrelay.domain.reasons import reason
from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.domain.runs import Link
from payrelay.domain.sensitive import Sensitive
from payrelay.flows.employee_export.mapping import (
    EMPLOYEE,
    Context,
    Field,
    Held,
    Wanted,
    fields_of,
    held,
    nodes,
    stand_alike,
)
from payrelay.flows.settings.simployer_xledger import Settings
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.models import ContactNode, EmployeeNode

ENTITY = "employee"
# Stands before a number where a source id is wanted and nobody has the number.
NUMBER = "number:"


def label_of(employee: Employee) -> str:
    """How messages name an employee: `Employee 1042`; no personal data."""
    return f"Employee {employee.employee_number or employee.id}"


class Target(NamedTuple):
    """What Xledger has of one employee."""

    employee: EmployeeNode | None
    contact: ContactNode | None
    unreadable: BadRow | None = None


class Comparer(Struct, frozen=True, dict=True):
    """Compares employees; `key` keys the hashes of fields that Xledger does not show."""

    settings: Settings
    context: Context
    key: bytes

    def compare(self, employee: Employee, target: Target, link: Link | None) -> Write[Any] | Record | None:
        """The write that makes the target equal, a blocked record, or None when nothing differs."""
        if link and not target.unreadable and self._agree(employee, target, link):
            return None
        wanted = {field: field.wanted(employee, self.settings) for field in self._fields}
        refusal = self._refusal(employee, wanted)
        if target.unreadable:
            bad = target.unreadable
            values = {"label": label_of(employee), "field": bad.field, "problem": bad.problem}
            refusal = reason("VALUE_NOT_VALID", **values, system="Xledger")
        if refusal:
            return self._record(employee, Outcome.BLOCKED, refusal)
        digests = self._digests(wanted)
        node = target.employee
        if node is None:
            return self._create(employee, wanted, digests)
        differing = self._differing(wanted, target, link, digests)
        if not differing:
            return None
        changes = tuple(self._change(field, old, wanted[field]) for field, old in differing.items())
        sent = {field: value for field, value in wanted.items() if _goes_along(field, differing)}
        return Write(
            record=self._record(employee, Outcome.UPDATED, None, changes),
            payload=nodes(sent),
            target_id=node.db_id,
            risks=tuple(dict.fromkeys(_risks(differing, wanted, link))),
            digests=digests,
            facts={
                "contact": node.contact_db_id or "",
                "modified_at": node.modified_at or "",
            },
        )

    def _agree(self, employee: Employee, target: Target, link: Link) -> bool:
        """Whether nothing differs, told at a glance, as of nearly everybody; False says nothing yet."""
        node, contact = target.employee, target.contact
        if node is None or contact is None or not stand_alike(employee, node, contact):
            return False
        for wanted, shown, of_employee, codes, needed in self._shown:
            value, old = wanted(employee, self.settings), shown(node if of_employee else contact)
            if codes is not None and old is not None:
                old = codes.get(old, _UNKNOWN_ID)
            if value != old or (needed and value is None):
                return False
        for field, wanted in self._write_only:
            value, sent = wanted(employee, self.settings), link.digests.get(field.target)
            if value is None:
                if sent is not None:
                    return False
            elif sent != self._digest(value) or _overtyped(field, value, target):
                return False
        return True

    @cached_property
    def _fields(self) -> tuple[Field, ...]:
        return fields_of(self.settings)

    @cached_property
    def _write_only(self) -> list[tuple[Field, Wanted]]:
        return [(field, field.wanted) for field in self._fields if field.held is None]

    @cached_property
    def _shown(self) -> list[tuple[Wanted, Held, bool, Mapping[str, str] | None, bool]]:
        """What is looked at one by one: both values, whose they are, codes by dbId, whether one is needed."""
        return [
            (
                field.wanted,
                field.held,
                field.resource == EMPLOYEE,
                self.context[f"{field.lookup}_by_id"] if field.lookup in self.context else None,
                field.lookup == "employee_groups",
            )
            for field in self._fields
            if field.held and not field.alike
        ]

    def _create(
        self, employee: Employee, wanted: Mapping[Field, Any], digests: Mapping[str, str]
    ) -> Write[Any]:
        given = {field: value for field, value in wanted.items() if value not in (None, "")}
        send = nodes(given)
        send.setdefault(EMPLOYEE, {})["code"] = employee.employee_number
        changes = tuple(self._change(field, None, value) for field, value in given.items())
        return Write(
            record=self._record(employee, Outcome.CREATED, None, changes),
            payload=send,
            digests=digests,
        )

    def _refusal(self, employee: Employee, wanted: Mapping[Field, Any]) -> Reason | None:
        """A reference that the target does not have: it would refuse the whole employee."""
        label = label_of(employee)
        kind = employee.employment_type
        for field, value in wanted.items():
            if field.target == "employeeGroup" and value is None:
                name = kind.name if kind else "(none)"
                return reason("EMPLOYMENT_TYPE_NOT_MAPPED", label=label, value=name)
            if value is None or field.lookup is None or field.lookup not in self.context:
                continue
            if value not in self.context[field.lookup]:
                code = _UNKNOWN.get(field.lookup, "REFERENCE_UNKNOWN")
                return reason(code, label=label, value=value, field=field.target)
        return None

    def _differing(
        self, wanted: Mapping[Field, Any], target: Target, link: Link | None, digests: Mapping[str, str]
    ) -> dict[Field, str | None]:
        """The fields that differ, with what the target holds of them (masked where it is not shown)."""
        found: dict[Field, str | None] = {}
        for field, value in wanted.items():
            if field.held is not None:
                old = held(field, target.employee, target.contact, self.context)
                if old != value:
                    found[field] = old
                continue
            sent = link.digests.get(field.target) if link else None
            if sent != digests.get(field.target) or _overtyped(field, value, target):
                found[field] = "*****" if sent else None
        return found

    def _digests(self, wanted: Mapping[Field, Any]) -> dict[str, str]:
        secrets = {field.target: wanted[field] for field, _ in self._write_only}
        return {target: self._digest(value) for target, value in secrets.items() if value is not None}

    def _digest(self, value: Any) -> str:
        secret = value if isinstance(value, Sensitive) else _Text(str(value))
        return secret.fingerprint(self.key)

    @staticmethod
    def _change(field: Field, old: str | None, new: Any) -> Change:
        if isinstance(new, Sensitive):
            return Change(field.name, old, new.masked())
        return Change(field.name, old, str(new).lower() if isinstance(new, bool) else new)

    @staticmethod
    def _record(
        employee: Employee, outcome: Outcome, why: Reason | None, changes: tuple[Change, ...] = ()
    ) -> Record:
        key = employee.employee_number or employee.id
        return Record(ENTITY, key, label_of(employee), outcome, employee.id, why, changes)

    def refused(self, employee: Employee, outcome: Outcome, why: Reason) -> Record:
        """The record of an employee who is not for export."""
        return self._record(employee, outcome, why)


class _Text(Sensitive):
    """A plain value whose digest is kept like those of sensitive ones."""

    __slots__ = ()


_UNKNOWN_ID = object()
_UNKNOWN = {"cost_centres": "COST_CENTRE_UNKNOWN", "employee_groups": "EMPLOYEE_GROUP_UNKNOWN"}
_SHOWN_OF_SSN = 6


def _overtyped(field: Field, value: Any, target: Target) -> bool:
    """Whether the little that Xledger shows of a security number disagrees with ours: overtyped there."""
    shown = target.employee.social_security_masked if target.employee else None
    if field.target != "socialSec" or not shown or value is None:
        return False
    visible = shown.split("*", 1)[0]
    return not str(value.reveal()).startswith(visible[:_SHOWN_OF_SSN])


def _goes_along(field: Field, differing: Mapping[Field, object]) -> bool:
    """Differing fields are sent, and the other parts of an object of which one part differs."""
    if field in differing:
        return True
    outer, _, inner = field.target.partition(".")
    return bool(inner) and any(
        other.resource == field.resource and other.target.startswith(f"{outer}.") for other in differing
    )


def _risks(
    differing: Mapping[Field, str | None], wanted: Mapping[Field, Any], link: Link | None
) -> list[Risk]:
    """What the brake sees in these changes. What was never sent before changes nothing that we know of."""
    found = []
    for field, old in differing.items():
        if field.held is None and not (link and field.target in link.digests):
            continue
        if wanted[field] is None:
            found.append(field.clears or Risk.EMPTY)
        elif field.risk is Risk.END and old is not None:
            found.append(Risk.EMPLOYMENT)
        elif (field.risk and old is not None) or field.risk is Risk.END:
            found.append(field.risk)
    return found


def unreadable_row(row: BadRow) -> Record:
    label = f"Employee {row.number or row.id}"
    values = {"label": label, "field": row.field, "problem": row.problem, "system": "Simployer One"}
    why = reason("VALUE_NOT_VALID", **values)
    return Record(ENTITY, row.number or row.id, label, Outcome.BLOCKED, row.id, why)


def not_found(asked: str) -> Record:
    """The record of somebody who was asked for, by `number:1042` or by a record's id, and is not there."""
    key = asked.removeprefix(NUMBER)
    label = f"Employee {key}" if asked.startswith(NUMBER) else f"Employee record {key}"
    return Record(ENTITY, key, label, Outcome.BLOCKED, asked, reason("EMPLOYEE_NOT_FOUND", label=label))
