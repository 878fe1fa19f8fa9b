"""One employee on both sides: what differs, what would be written, and why not (EX-4)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.domain.runs import Link
from payrelay.domain.sensitive import Sensitive
from payrelay.flows.employee_export import mapping
from payrelay.flows.employee_export.mapping import (
    CONTACT,
    EMPLOYEE,
    CustomValueError,
    Field,
    Held,
    References,
    Target,
    Wanted,
)
from payrelay.flows.employee_export.reasons import reason
from payrelay.flows.employee_export.records import SOURCE, TARGET, label_of, record_of
from payrelay.flows.employee_export.settings import ExportSettings
from payrelay.systems.simployer.models import Employee


class Payload(Struct, frozen=True):
    """What is sent of one employee: a node for each resource of which something differs.

    `contact_id` is the dbId of the contact, which a new employee does not have yet; `modified_at` is when
    Xledger said that the employee was changed last.
    """

    employee: Mapping[str, Any] | None = None
    contact: Mapping[str, Any] | None = None
    contact_id: str | None = None
    modified_at: str | None = None


class Comparer(Struct, frozen=True, dict=True):
    """Compares employees; `key` keys the hashes of fields that Xledger does not show."""

    settings: ExportSettings
    references: References
    key: bytes

    def compare(
        self, employee: Employee, target: Target, link: Link | None
    ) -> Write[Payload] | Record | None:
        """The write that makes the target equal, a blocked record, or None when nothing differs."""
        try:
            why = self._not_comparable(employee, target, link)
            if why is None:
                return self._compared(employee, target, link)
        except CustomValueError as error:
            values = {"label": label_of(employee), "field": error.field, "problem": error.problem}
            why = reason("VALUE_NOT_VALID", **values, system=SOURCE)
        return record_of(employee, Outcome.BLOCKED, why)

    @staticmethod
    def _not_comparable(employee: Employee, target: Target, link: Link | None) -> Reason | None:
        """What of the target can't be used, or that it stands under another number there.

        Someone whose number changed is compared once the code in Xledger was changed too.
        """
        if target.unreadable:
            return target.unreadable.why(label_of(employee), TARGET)
        if link is None or link.key == employee.employee_number:
            return None
        if target.employee and target.employee.db_id == link.target_id:
            return None
        numbers = {"old": link.key, "new": employee.employee_number}
        return reason("NUMBER_CHANGED", label=label_of(employee), **numbers)

    def _compared(
        self, employee: Employee, target: Target, link: Link | None
    ) -> Write[Payload] | Record | None:
        if link and self._agree(employee, target, link):
            return None
        wanted = {field: field.wanted(employee, self.settings) for field in self._fields}
        refusal = self._refusal(employee, wanted)
        if refusal:
            return record_of(employee, Outcome.BLOCKED, refusal)
        digests = self._digests(wanted)
        if target.employee is None:
            return self._create(employee, wanted, digests)
        differing = self._differing(wanted, target, link, digests)
        if not differing:
            return None
        changes = tuple(self._change(field, old, wanted[field]) for field, old in differing.items())
        sent = mapping.nodes(
            {field: value for field, value in wanted.items() if _goes_along(field, differing)}
        )
        node = target.employee
        contact_id = str(node.contact_db_id) if node.contact_db_id else None
        return Write(
            record=record_of(employee, Outcome.UPDATED, None, changes),
            payload=Payload(sent.get(EMPLOYEE), sent.get(CONTACT), contact_id, node.modified_at),
            target_id=node.db_id,
            risks=tuple(dict.fromkeys(_risks(differing, wanted, link))),
            digests=digests,
        )

    def _agree(self, employee: Employee, target: Target, link: Link) -> bool:
        """Whether nothing differs, told at a glance, as of nearly everybody; False says nothing yet."""
        node, contact = target.employee, target.contact
        if node is None or contact is None or not mapping.stand_alike(employee, node, contact):
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
        return mapping.fields_of(self.settings)

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
                self.references.codes.get(field.lookup or ""),
                field.lookup == "employee_groups",
            )
            for field in self._fields
            if field.held and not field.alike
        ]

    def _create(
        self, employee: Employee, wanted: Mapping[Field, Any], digests: Mapping[str, str]
    ) -> Write[Payload]:
        given = {field: value for field, value in wanted.items() if value not in (None, "")}
        sent = mapping.nodes(given)
        node = {**sent.get(EMPLOYEE, {}), "code": employee.employee_number}
        changes = tuple(self._change(field, None, value) for field, value in given.items())
        return Write(
            record=record_of(employee, Outcome.CREATED, None, changes),
            payload=Payload(node, sent.get(CONTACT)),
            digests=digests,
        )

    def _refusal(self, employee: Employee, wanted: Mapping[Field, Any]) -> Reason | None:
        """A reference that the target lacks, or shows unreadably: it would refuse the whole employee."""
        label = label_of(employee)
        for field, value in wanted.items():
            if field.target == "employeeGroup" and value is None:
                name = employee.employment_type.name if employee.employment_type else "(none)"
                return reason("EMPLOYMENT_TYPE_NOT_MAPPED", label=label, value=name)
            known = self.references.known.get(field.lookup or "")
            if value is None or field.lookup is None or known is None or value in known:
                continue
            bad = self.references.unusable[field.lookup].instead_of(value)
            if bad:
                return bad.why(f"{_KINDS[field.lookup]} {bad.number or bad.id} of {label}", TARGET)
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
                old = mapping.held(field, target, self.references)
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


class _Text(Sensitive):
    """A plain value whose digest is kept like those of sensitive ones."""

    __slots__ = ()


_UNKNOWN_ID = object()
_UNKNOWN = {"cost_centres": "COST_CENTRE_UNKNOWN", "employee_groups": "EMPLOYEE_GROUP_UNKNOWN"}
_KINDS = {
    "cost_centres": "Cost centre",
    "employee_groups": "Employee group",
    "employment_types": "Employment type",
    "exit_reasons": "Exit reason",
}
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
