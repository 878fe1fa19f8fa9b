"""The integration data fields of the employee export: one table, from which the docs are made (EX-3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from payrelay.domain import employees as rules
from payrelay.domain.records import Risk
from payrelay.domain.sensitive import Sensitive
from payrelay.flows.settings.simployer_xledger import Settings
from payrelay.systems.simployer.models import Employee
from payrelay.systems.xledger.models import ContactNode, EmployeeNode

EMPLOYEE = "employee"
CONTACT = "contact"

Context = Mapping[str, Mapping[str, str]]
Wanted = Callable[[Employee, Settings], Any]
Held = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One row: what the source says (`wanted`), and what the target holds (`held`, None if write-only).

    `lookup` names the reference objects among which the value is a code: the target shows their dbIds.
    `risk` is what the brake sees in a change of it; `clears` what it sees in a change to blank.
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

    @property
    def name(self) -> str:
        """As changes name it: `contact.firstName`."""
        return f"{self.resource}.{self.target}"


def _group(employee: Employee, settings: Settings) -> str | None:
    kind = employee.employment_type
    return settings.employee_groups.get(kind.name) if kind else None


def _compensation(employee: Employee, settings: Settings) -> str | None:
    pay = employee.compensation
    return settings.compensation_types.get(pay.payout_period) if pay and pay.payout_period else None


def _custom(employee: Employee, key: str | None) -> str | None:
    value = (employee.custom or {}).get(key) if key else None
    return rules.text(value) if isinstance(value, str) else None


def _trial_to(employee: Employee, settings: Settings) -> str | None:
    value = _custom(employee, settings.custom_fields.trial_to)
    return rules.day(date.fromisoformat(value[:10])) if value else None


def _account(employee: Employee, _: Settings) -> Sensitive[str] | None:
    account = employee.bank_account
    return (account.iban or account.number or None) if account else None


def _home(name: str) -> Wanted:
    def wanted(employee: Employee, _: Settings) -> str | None:
        address = employee.home_address
        return rules.text(getattr(address, name)) if address else None

    return wanted


def _of(name: str, convert: Callable[[Any], Any] = rules.text) -> Wanted:
    return lambda employee, _: convert(getattr(employee, name))


def _held(name: str, convert: Callable[[Any], Any] = rules.text) -> Held:
    return lambda node: convert(getattr(node, name))


def _employee(source: str, target: str, conversion: str, wanted: Wanted, **more: Any) -> Field:
    return Field(source, EMPLOYEE, target, conversion, wanted, **more)


def _contact(source: str, target: str, conversion: str, wanted: Wanted, held: Held, **more: Any) -> Field:
    return Field(source, CONTACT, target, conversion, wanted, held, **more)


AS_IT_STANDS = "as it stands"
DATE_PART = "the date part"

# fmt: off
FIELDS: tuple[Field, ...] = (
    _employee("firstName, lastName", "description", "first name, blank, last name",
              lambda e, _: rules.full_name(e.first_name, e.last_name), held=_held("description")),
    _employee("workEmail", "email", AS_IT_STANDS, _of("work_email"), held=_held("email")),
    _employee("hireDate", "employmentFrom", DATE_PART, _of("hire_date", rules.day),
              held=_held("employment_from", rules.day), risk=Risk.EMPLOYMENT),
    _employee("endDate", "employmentTo", "the date part; blank while there is none",
              _of("end_date", rules.day),
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
    _employee("(hard-coded) settings.hard_coded.employment_type", "employmentType", "the setting",
              lambda _, s: s.hard_coded.employment_type,
              held=_held("employment_type"), lookup="employment_types", risk=Risk.EMPLOYMENT),
    _employee("(hard-coded) settings.hard_coded.employee_type", "employeeType", "the setting",
              lambda _, s: s.hard_coded.employee_type),
    _employee("(hard-coded) settings.hard_coded.payment_notification", "paymentNotification", "the setting",
              lambda _, s: s.hard_coded.payment_notification),
    _contact("firstName", "firstName", AS_IT_STANDS, _of("first_name"), _held("first_name")),
    _contact("lastName", "lastName", AS_IT_STANDS, _of("last_name"), _held("last_name")),
    _contact("firstName, lastName", "initials", "the first letter of each name",
             lambda e, _: rules.initials(e.first_name, e.last_name), _held("initials")),
    _contact("birthDate", "birthday", DATE_PART, _of("birth_date", rules.day), _held("birthday", rules.day)),
    _contact("gender", "gender", "M or F, otherwise blank", _of("gender", rules.gender),
             _held("gender_code"), lookup="genders"),
    _contact("title", "jobTitle", AS_IT_STANDS, _of("title"), _held("job_title")),
    _contact("privatePhone", "phone", AS_IT_STANDS, _of("private_phone"), _held("phone")),
    _contact("workPhone", "phone2", "the cell phone in Xledger", _of("work_phone"), _held("phone2")),
    _contact("workEmail", "email", AS_IT_STANDS, _of("work_email"), _held("email")),
    _contact("privateEmail", "email2", AS_IT_STANDS, _of("private_email"), _held("email2")),
    _contact("homeAddress.street", "homeAddress.streetAddress", AS_IT_STANDS, _home("street"),
             _held("home_street")),
    _contact("homeAddress.postalCode", "homeAddress.zipCode", AS_IT_STANDS, _home("postal_code"),
             _held("home_zip_code")),
    _contact("homeAddress.city", "homeAddress.place", AS_IT_STANDS, _home("city"), _held("home_place")),
    _contact("homeAddress.country", "homeAddress.country", "the country with this code", _home("country"),
             _held("home_country"), lookup="countries"),
)
# fmt: on

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
# Codes that the target shows as codes: nothing to look up.
SHOWN_AS_CODES = frozenset({"genders", "countries"})


def held(field: Field, employee: EmployeeNode | None, contact: ContactNode | None, context: Context) -> Any:
    """What the target holds of a readable field, in the words of the source: codes, not dbIds."""
    node = employee if field.resource == EMPLOYEE else contact
    if node is None or field.held is None:
        return None
    value = field.held(node)
    if value is None or field.lookup is None or field.lookup in SHOWN_AS_CODES:
        return value
    codes: str = context[f"{field.lookup}_by_id"].get(value, f"dbId {value}")
    return codes


def on_the_wire(field: Field, value: Any) -> Any:
    """A wanted value as the target takes it: references as an object with their code or description."""
    if field.lookup == "exit_reasons":
        return {"description": value}
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
