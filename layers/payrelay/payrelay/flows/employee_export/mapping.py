"""The integration data fields of the employee export: one table, from which the docs are made (EX-3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct

from payrelay.domain.records import Risk
from payrelay.domain.sensitive import Sensitive
from payrelay.flows.employee_export import rules
from payrelay.flows.employee_export.settings import ExportSettings
from payrelay.systems.rows import BadRow, Unusable
from payrelay.systems.simployer.models import Employee, HomeAddress
from payrelay.systems.xledger.models import ContactAddress, ContactNode, EmployeeNode

EMPLOYEE = "employee"
CONTACT = "contact"
HOME = "home_address."

Wanted = Callable[[Employee, ExportSettings], Any]


class Held(Struct, frozen=True):
    """What the target holds of a field: how it is read of a node, and how that is converted."""

    read: Callable[[Any], Any]
    convert: Callable[[Any], Any]

    def __call__(self, node: Any) -> Any:
        return self.convert(self.read(node))


class Target(NamedTuple):
    """What Xledger has of one employee; `unreadable` stands for what of it can't be used."""

    employee: EmployeeNode | None
    contact: ContactNode | None
    unreadable: BadRow | None = None

    def employed(self, today: date) -> bool:
        """Whether the person is paid there: the employment has not ended, nor was the employee closed."""
        node = self.employee
        ends = (node.employment_to, node.date_to) if node else ()
        return node is not None and all(end is None or end >= today for end in ends)


NOWHERE = Target(None, None)


class References(Struct, frozen=True, dict=True):
    """Xledger's reference objects, by kind: the code of each dbId, and those that can't be used."""

    codes: Mapping[str, Mapping[str, str]]
    unusable: Mapping[str, Unusable]

    @cached_property
    def known(self) -> Mapping[str, frozenset[str]]:
        """The codes of each kind."""
        return {kind: frozenset(codes.values()) for kind, codes in self.codes.items()}


class CustomValueError(ValueError):
    """A key of `custom` holds nothing that its field can be made of: which key, and what is wrong."""

    def __init__(self, key: str | None, problem: str) -> None:
        super().__init__(key, problem)
        self.field, self.problem = f"custom.{key}", problem


class Field(Struct, frozen=True, eq=False):
    """One row: what the source says (`wanted`), and what the target holds (`held`, None if write-only).

    `lookup` names the reference objects among which the value is a code: the target shows their dbIds.
    `risk` is what the brake sees in a change of it; `clears` what it sees in a change to blank.
    `alike` are the attributes on both sides, where both are converted by the same rule. `setting` names the
    setting that a hard-coded field takes its value from.
    """

    source: str
    resource: str
    target: str
    conversion: str
    wanted: Wanted
    held: Held | None = None
    lookup: str | None = None
    risk: Risk | None = None
    clears: Risk | None = None
    alike: tuple[str, str] | None = None
    setting: str | None = None

    @property
    def name(self) -> str:
        """As changes name it: `contact.firstName`."""
        return f"{self.resource}.{self.target}"


def _group(employee: Employee, settings: ExportSettings) -> str | None:
    kind = employee.employment_type
    return settings.employee_groups.get(kind.name) if kind else None


def _compensation(employee: Employee, settings: ExportSettings) -> str | None:
    pay = employee.compensation
    return settings.compensation_types.get(pay.payout_period) if pay and pay.payout_period else None


def _custom(employee: Employee, key: str | None) -> str | None:
    value = (employee.custom or {}).get(key) if key else None
    if value is None:
        return None
    if not isinstance(value, str):
        # Read as blank it would empty the field at the target.
        raise CustomValueError(key, "it is not a text")
    return rules.text(value)


def _trial_to(employee: Employee, settings: ExportSettings) -> str | None:
    key = settings.custom_fields.trial_to
    value = _custom(employee, key)
    try:
        return rules.day(date.fromisoformat(value[:10])) if value else None
    except ValueError:
        # Python's own words repeat the value.
        raise CustomValueError(key, "it is not a day such as 2024-08-19") from None


def _account(employee: Employee, _: ExportSettings) -> Sensitive | None:
    account = employee.bank_account
    return (account.iban or account.number or None) if account else None


def _at(path: str) -> Callable[[Any], Any]:
    """What reads an attribute, or `outer.inner`, which is None where there is no outer object."""
    outer, _, inner = path.partition(".")
    if not inner:
        return attrgetter(outer)

    def read(row: Any) -> Any:
        part = getattr(row, outer)
        return getattr(part, inner) if part else None

    return read


def _of(path: str, convert: Callable[[Any], Any] = rules.text) -> Wanted:
    read = _at(path)
    return lambda employee, _: convert(read(employee))


def _held(path: str, convert: Callable[[Any], Any] = rules.text) -> Held:
    return Held(_at(path), convert)


def _same(
    source: str, resource: str, target: str, wanted: str, held: str, convert: Any = rules.text, **more: Any
) -> Field:
    """A row whose attributes, `wanted` in the source and `held` in the target, are converted alike."""
    conversion = more.pop("conversion", DATE_PART if convert is rules.day else AS_IT_STANDS)
    read, there = _of(wanted, convert), _held(held, convert)
    return Field(source, resource, target, conversion, read, there, alike=(wanted, held), **more)


def _employee(source: str, target: str, conversion: str, wanted: Wanted, **more: Any) -> Field:
    return Field(source, EMPLOYEE, target, conversion, wanted, **more)


def _hard_coded(setting: str, target: str, **more: Any) -> Field:
    source = f"(hard-coded) settings.hard_coded.{setting}"
    return _employee(
        source, target, "the setting", lambda _, s: getattr(s.hard_coded, setting), setting=setting, **more
    )


def _contact(source: str, target: str, conversion: str, wanted: Wanted, held: Held, **more: Any) -> Field:
    return Field(source, CONTACT, target, conversion, wanted, held, **more)


AS_IT_STANDS = "as it stands"
DATE_PART = "the date part"

# fmt: off
FIELDS: tuple[Field, ...] = (
    _employee("firstName, lastName", "description", "first name, blank, last name",
              lambda e, _: rules.full_name(e.first_name, e.last_name), held=_held("description")),
    _same("workEmail", EMPLOYEE, "email", "work_email", "email"),
    _same("hireDate", EMPLOYEE, "employmentFrom", "hire_date", "employment_from", rules.day,
          risk=Risk.EMPLOYMENT),
    _employee("endDate (inactive and without one: the last employment's end)", "employmentTo",
              "the date part; blank while there is none", lambda e, _: rules.day(rules.end_of(e)),
              held=_held("employment_to", rules.day), risk=Risk.END, clears=Risk.EMPLOYMENT),
    _employee("custom.<settings.custom_fields.trial_to>", "trialTo", DATE_PART, _trial_to,
              held=_held("trial_to", rules.day)),
    _employee("employmentType.name", "employeeGroup", "through settings.employee_groups", _group,
              held=_held("employee_group"), lookup="employee_groups", risk=Risk.EMPLOYMENT),
    _employee("effectiveCostCenter.code", "glObject1", "the cost centre with this code",
              lambda e, _: rules.text(e.cost_center.code) if e.cost_center else None,
              held=_held("gl_object1"), lookup="cost_centres"),
    _employee("custom.<settings.custom_fields.exit_reason>", "exitReason", "Frivillig or Ufrivillig",
              lambda e, s: _custom(e, s.custom_fields.exit_reason),
              held=_held("exit_reason"), lookup="exit_reasons"),
    _employee("compensation.payoutPeriod", "compensationType", "through settings.compensation_types",
              _compensation, risk=Risk.PAY),
    _employee("bankAccount.iban, bankAccount.number", "bankAccount", "the IBAN, else the number", _account,
              risk=Risk.BANK),
    _employee("ssn", "socialSec", AS_IT_STANDS, lambda e, _: e.ssn or None),
    _hard_coded("employment_type", "employmentType", held=_held("employment_type"), lookup="employment_types",
                risk=Risk.EMPLOYMENT),
    _hard_coded("employee_type", "employeeType"),
    _hard_coded("payment_notification", "paymentNotification"),
    _same("firstName", CONTACT, "firstName", "first_name", "first_name"),
    _same("lastName", CONTACT, "lastName", "last_name", "last_name"),
    _contact("firstName, lastName", "initials", "the first letter of each name",
             lambda e, _: rules.initials(e.first_name, e.last_name), _held("initials")),
    _same("birthDate", CONTACT, "birthday", "birth_date", "birthday", rules.day),
    _contact("gender", "gender", "M or F, otherwise blank", _of("gender", rules.gender),
             _held("gender"), lookup="genders"),
    _same("title", CONTACT, "jobTitle", "title", "job_title"),
    _same("privatePhone", CONTACT, "phone", "private_phone", "phone"),
    _same("workPhone", CONTACT, "phone2", "work_phone", "phone2", conversion="the cell phone in Xledger"),
    _same("workEmail", CONTACT, "email", "work_email", "email"),
    _same("privateEmail", CONTACT, "email2", "private_email", "email2"),
    _same("homeAddress.street", CONTACT, "homeAddress.streetAddress", "home_address.street",
          "home_address.street_address"),
    _same("homeAddress.postalCode", CONTACT, "homeAddress.zipCode", "home_address.postal_code",
          "home_address.zip_code"),
    _same("homeAddress.city", CONTACT, "homeAddress.place", "home_address.city", "home_address.place"),
    _same("homeAddress.country", CONTACT, "homeAddress.country", "home_address.country",
          "home_address.country", conversion="the country with this code", lookup="countries"),
)
# fmt: on

# Is compared only while it lies in the past and the person is employed: then it is emptied.
OPENED = _employee(
    "(employed today)",
    "dateTo",
    "blank, where it lies in the past",
    lambda _e, _s: None,
    held=_held("date_to", rules.day),
    clears=Risk.EMPLOYMENT,
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in (*FIELDS, OPENED)}
SOURCES: Mapping[str, str] = {field.name: field.source for field in (*FIELDS, OPENED)}


def fields_of(settings: ExportSettings) -> tuple[Field, ...]:
    """The integration data fields of a connection: a hard-coded one only where its setting has a value."""
    given = settings.hard_coded
    return tuple(field for field in FIELDS if not field.setting or getattr(given, field.setting) is not None)


# Codes that the target shows as codes: nothing to look up.
SHOWN_AS_CODES = frozenset({"genders", "countries"})


# What a leaver keeps in Xledger where Simployer One has lost it: the selection asks for it, so that it is
# never exported empty.
KEPT_BY_LEAVERS = frozenset(
    {
        "employee.employeeGroup",
        "employee.employmentFrom",
        "employee.email",
        "contact.email",
        "contact.jobTitle",
    }
)


def held(field: Field, target: Target, references: References) -> Any:
    """What the target holds of a readable field, in the words of the source: codes, not dbIds."""
    node = target.employee if field.resource == EMPLOYEE else target.contact
    if node is None or field.held is None:
        return None
    value = field.held(node)
    if value is None or field.lookup is None or field.lookup in SHOWN_AS_CODES:
        return value
    return references.codes[field.lookup].get(value, f"dbId {value}")


def _both(resource: str, part: str = "") -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What reads all alike attributes of one resource at once, in the source and in the target."""
    pairs = [field.alike for field in FIELDS if field.alike and field.resource == resource]
    chosen = [pair for pair in pairs if pair[0].startswith(HOME) is bool(part)]
    wanted, held = zip(*chosen, strict=True)
    return (
        attrgetter(*(name.removeprefix(part) for name in wanted)),
        attrgetter(*(name.removeprefix(part) for name in held)),
    )


_EMPLOYMENT, _PERSON, _ADDRESS = _both(EMPLOYEE), _both(CONTACT), _both(CONTACT, HOME)
_NOWHERE, _NOWHERE_THERE = HomeAddress(), ContactAddress()


def stand_alike(employee: Employee, node: EmployeeNode, contact: ContactNode) -> bool:
    """Whether all alike attributes are equal as they stand; if not, they may still be once converted."""
    ours, theirs = employee.home_address or _NOWHERE, contact.home_address or _NOWHERE_THERE
    return bool(
        _EMPLOYMENT[0](employee) == _EMPLOYMENT[1](node)
        and _PERSON[0](employee) == _PERSON[1](contact)
        and _ADDRESS[0](ours) == _ADDRESS[1](theirs)
    )


def on_the_wire(field: Field, value: Any) -> Any:
    """A wanted value as the target takes it: references as an object with their code or description."""
    if field.lookup == "exit_reasons":
        return {"description": value}
    if field.lookup == "countries":
        return value  # An address shows its country as an object, and takes it as a code.
    return {"code": value} if field.lookup or field.target in ("compensationType", "employeeType") else value


def nodes(values: Mapping[Field, Any]) -> dict[str, dict[str, Any]]:
    """Wanted values as nodes to send, by resource; parts of one object are nested in it."""
    found: dict[str, dict[str, Any]] = {EMPLOYEE: {}, CONTACT: {}}
    for field, value in values.items():
        outer, _, inner = field.target.partition(".")
        wire = None if value is None else on_the_wire(field, value)
        if inner:
            found[field.resource].setdefault(outer, {})[inner] = wire
        else:
            found[field.resource][outer] = wire
    return {resource: node for resource, node in found.items() if node}
