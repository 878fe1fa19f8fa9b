"""One employee on both sides: what differs, what would be written, and why not (EX-4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from msgspec import Struct

from payrelay.domain.evidence import NAME, Who
from payrelay.domain.records import Change, Outcome, Reason, Record, Risk, Write
from payrelay.domain.runs import Link
from payrelay.domain.sensitive import MASK, UNREADABLE, Sensitive
from payrelay.domain.spelling import seen, shown
from payrelay.flows.employee_export import days, hidden, mapping, numbers, rules
from payrelay.flows.employee_export.mapping import (
    CONTACT,
    EMPLOYEE,
    KEPT_BY_LEAVERS,
    NOWHERE,
    OPENED,
    CustomValueError,
    Field,
    Held,
    References,
    Target,
    Wanted,
)
from payrelay.flows.employee_export.reasons import reason
from payrelay.flows.employee_export.records import (
    SOURCE,
    TARGET,
    another,
    named,
    number_changed,
    record_of,
    spelled_otherwise,
)
from payrelay.flows.employee_export.settings import ExportSettings
from payrelay.flows.employee_export.who import is_there
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.models import EmployeeNode


class Payload(Struct, frozen=True):
    """What is sent of one employee: a node for each resource of which something differs.

    `contact_id` is the dbId of the contact, which a new employee does not have yet; `modified_at` is when
    Xledger said that the employee was changed last. `known` is what the answer is held against, where it is
    to be relied on later (RUN-11).
    """

    employee: Mapping[str, Any] | None = None
    contact: Mapping[str, Any] | None = None
    contact_id: str | None = None
    modified_at: str | None = None
    known: str | None = None


class Comparer(Struct, frozen=True, dict=True):
    """Compares employees on one day; `key` keys the hashes of fields that Xledger does not show."""

    settings: ExportSettings
    references: References
    key: bytes
    today: date

    def compare(
        self,
        employee: Employee,
        target: Target,
        link: Link | None,
        *,
        leaving: bool = False,
        before: Target = NOWHERE,
    ) -> Write[Payload] | Record | None:
        """The write that makes the target equal, a blocked record, or None when nothing differs.

        Of somebody who is `leaving`, what the selection asks for and is gone stays as it is in Xledger.
        `before` is whom Xledger has of somebody whose number changed since.
        """
        try:
            why = self._not_comparable(employee, target, link, before, leaving=leaving)
            if why is None:
                return self._compared(employee, target, link, leaving=leaving)
        except CustomValueError as error:
            values = {"label": named(employee), "field": error.field, "problem": error.problem}
            why = reason("VALUE_NOT_VALID", **values, system=SOURCE)
        return record_of(employee, Outcome.BLOCKED, why)

    def _not_comparable(
        self, employee: Employee, target: Target, link: Link | None, before: Target, *, leaving: bool
    ) -> Reason | None:
        """What stands in the way of comparing: values that can't be right, or what Xledger has.

        Someone whose number changed is compared once the code in Xledger was changed too.
        """
        number, node = employee.employee_number or "", target.employee
        ours = link is not None and node is not None and link.target_id == node.db_id
        doubt = None if leaving or ours else numbers.doubt(number)
        if doubt:
            values = {"number": shown(number), "plain": shown(seen(number))}
            return reason("NUMBER_DOUBTFUL", label=named(employee), signs=doubt, **values)
        wrong = days.wrong_day(employee, self.today)
        if wrong:
            values = {"field": wrong.field, "problem": wrong.problem, "what": wrong.what}
            return reason("DATE_NOT_PLAUSIBLE", label=named(employee), **values)
        if target.unreadable:
            return target.unreadable.why(named(employee), TARGET)
        if link and not ours and not numbers.joined(link.key, number):
            return number_changed(employee, link, target, before)
        if node and not leaving and not numbers.joined(number, node.code):
            if ours:
                values = {"number": shown(number), "there": shown(node.code)}
                return reason("CODE_CHANGED_IN_XLEDGER", label=named(employee), **values)
            return spelled_otherwise(employee, target)
        return None

    def another(self, employee: Employee, target: Target, link: Link | None) -> Reason | None:
        """That it is somebody else in Xledger; whom we sent there has to be another for certain."""
        weighed = is_there(employee, target, self.today)
        if weighed.who is not Who.OTHER or (link and NAME not in weighed.contradicts):
            return None
        return another(employee, target, weighed, known=link is not None)

    def _compared(
        self, employee: Employee, target: Target, link: Link | None, *, leaving: bool
    ) -> Write[Payload] | Record | None:
        node = target.employee
        if node and link and link.target_id != node.db_id:
            # Made anew there: nothing of it was sent by us.
            link = None
        closed = not leaving and self._is_closed(employee, node)
        if link and not leaving and not closed and self._agree(employee, target, link):
            return None
        why = self.another(employee, target, link) if node else None
        if why:
            return record_of(employee, Outcome.BLOCKED, why)
        wanted = {field: field.wanted(employee, self.settings) for field in self._fields}
        if leaving:
            wanted = {f: v for f, v in wanted.items() if v is not None or f.name not in KEPT_BY_LEAVERS}
        refusal = self._refusal(employee, wanted)
        if refusal:
            return record_of(employee, Outcome.BLOCKED, refusal)
        digests = self._digests(wanted)
        if node is None:
            return self._create(employee, wanted, digests)
        differing = self._differing(wanted, target, link)
        if closed:
            wanted[OPENED], differing[OPENED] = None, rules.day(node.date_to)
        if not differing:
            return None
        changes = tuple(self._change(field, old, wanted[field]) for field, old in differing.items())
        sent = mapping.nodes(
            {field: value for field, value in wanted.items() if _goes_along(field, differing)}
        )
        contact_id = str(node.contact_db_id) if node.contact_db_id else None
        return Write(
            record=record_of(employee, Outcome.UPDATED, None, changes),
            payload=Payload(sent.get(EMPLOYEE), sent.get(CONTACT), contact_id, node.modified_at),
            target_id=node.db_id,
            risks=tuple(dict.fromkeys(_risks(differing, wanted, link))),
            digests=digests,
        )

    def _is_closed(self, employee: Employee, node: EmployeeNode | None) -> bool:
        """Whether Xledger has closed somebody who is employed: nothing that is written there would count."""
        if node is None or node.date_to is None or node.date_to >= self.today:
            return False
        end = rules.end_of(employee)
        return end is None or end > self.today

    def _agree(self, employee: Employee, target: Target, link: Link) -> bool:
        """Whether nothing differs, told at a glance, as of nearly everybody; False says nothing yet."""
        node, contact = target.employee, target.contact
        if node is None or contact is None or not mapping.stand_alike(employee, node, contact):
            return False
        for wanted, held, of_employee, codes, needed in self._shown:
            there = node if of_employee else contact
            value, old = wanted(employee, self.settings), held.read(there)
            # What stands there as it is wanted, or is blank, needs no converting.
            if codes is not None or old != value:
                old = held(there)
            if codes is not None and old is not None:
                old = codes.get(old, _UNKNOWN_ID)
            if value != old or (needed and value is None):
                return False
        for field, wanted in self._write_only:
            value, sent = wanted(employee, self.settings), link.digests.get(field.target)
            if isinstance(value, str) and sent:
                stands = self._stood.get((value, sent))
                if stands is None:
                    stands = hidden.stands(value, sent, target, self.key, self.today)
                    self._stood[value, sent] = stands
            else:
                stands = hidden.stands(value, sent, target, self.key, self.today)
            if not stands:
                return False
        return True

    @cached_property
    def _stood(self) -> dict[tuple[str, str], bool]:
        """Whether a plain value was sent, by what was: many share it, and the target shows nothing of it."""
        return {}

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
        label = named(employee)
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
            where = f"the connection's `hard_coded.{field.setting}`" if field.setting else SOURCE
            return reason(code, label=label, value=value, kind=_KINDS[field.lookup].lower(), where=where)
        return None

    def _differing(
        self, wanted: Mapping[Field, Any], target: Target, link: Link | None
    ) -> dict[Field, str | None]:
        """The fields that differ, with what the target holds of them (masked where it is not shown)."""
        found: dict[Field, str | None] = {}
        for field, value in wanted.items():
            if field.held is not None:
                old = mapping.held(field, target, self.references)
                if old != value and (field.lookup or not _looks_alike(old, value)):
                    found[field] = old
                continue
            sent = link.digests.get(field.target) if link else None
            if not hidden.stands(value, sent, target, self.key, self.today):
                found[field] = MASK if sent else UNREADABLE
        return found

    def _digests(self, wanted: Mapping[Field, Any]) -> dict[str, str]:
        secrets = {field.target: wanted.get(field) for field, _ in self._write_only}
        return {
            target: hidden.digest(hidden.plain(value), self.key)
            for target, value in secrets.items()
            if value is not None
        }

    @staticmethod
    def _change(field: Field, old: str | None, new: Any) -> Change:
        if isinstance(new, Sensitive):
            return Change(field.name, old, new.masked())
        return Change(field.name, old, str(new).lower() if isinstance(new, bool) else new)


_UNKNOWN_ID = object()
_UNKNOWN = {"cost_centres": "COST_CENTRE_UNKNOWN", "employee_groups": "EMPLOYEE_GROUP_UNKNOWN"}
_KINDS = {
    "cost_centres": "Cost centre",
    "employee_groups": "Employee group",
    "employment_types": "Employment type",
    "exit_reasons": "Exit reason",
}


def _looks_alike(old: Any, new: Any) -> bool:
    """Whether two texts look the same: their Unicode form, blanks and hidden signs do not show."""
    return isinstance(old, str) and isinstance(new, str) and seen(old) == seen(new)


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
