"""Simployer's resources as the contract lists them: fields, relations, and what may be written."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from local.sandbox.frame.room import Row

from .kinds import OBJECT, Kind, choice, fields, record

if TYPE_CHECKING:
    from .store import Store

Relation = Callable[["Store", Row], Iterable[Row]]


@dataclass(frozen=True)
class Resource:
    """One collection. `required` is what a row of the state needs, `needed` what a POST needs.

    `references` maps a field to the collection whose id it holds.
    """

    name: str
    fields: Mapping[str, Kind]
    required: tuple[str, ...]
    relations: Mapping[str, Relation] = field(default_factory=dict)
    unselectable: frozenset[str] = frozenset()
    indexed: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    writable: bool = False
    needed: tuple[str, ...] = ()
    made_by_vendor: frozenset[str] = frozenset({"id", "companyId"})

    @cached_property
    def _converted(self) -> dict[str, Callable[[Any], Any]]:
        return {name: kind.store for name, kind in self.fields.items() if kind.store}

    def stored(self, row: Row) -> Row:
        """The row's values in the vendor's own forms."""
        converted = {
            name: store(row[name]) for name, store in self._converted.items() if row.get(name) is not None
        }
        return {**row, **converted}

    @property
    def selectable(self) -> tuple[str, ...]:
        """The names that `select` takes."""
        return tuple(name for name in self.fields if name not in self.unselectable)

    @property
    def filterable(self) -> tuple[str, ...]:
        """The names that `filters` and `sort` take."""
        return tuple(name for name in self.selectable if self.fields[name].parse)


def _to(resource: str, by: str) -> Relation:
    def follow(store: "Store", row: Row) -> Iterable[Row]:
        target = store.tables[resource].get(row.get(by) or "")
        return [target] if target else []

    return follow


def _nothing(store: "Store", row: Row) -> Iterable[Row]:  # noqa: ARG001
    return []


def _effective_cost_center(store: "Store", row: Row) -> Iterable[Row]:
    if row.get("costCenterId"):
        return _to("cost-center", "costCenterId")(store, row)
    for department in _to("department", "departmentId")(store, row):
        by = "effectiveCostCenterId" if department.get("effectiveCostCenterId") else "costCenterId"
        return _to("cost-center", by)(store, department)
    return []


def _employments(store: "Store", row: Row) -> Iterable[Row]:
    """The one that the employee names, and all others that name the employee."""
    of_employee = store.tables["employment"].find("employeeId", [row["id"]])
    return [*_to("employment", "employmentId")(store, row), *of_employee]


def _codes_of_leave_type(store: "Store", row: Row) -> Iterable[Row]:
    return store.tables["leaveTypeCode"].find("leaveTypeId", [row["id"]])


EMPLOYEE = Resource(
    "employee",
    fields(
        text="id companyId employeeNumber userId title firstName lastName workEmail privateEmail workPhone "
        "privatePhone workPhoneSanitized privatePhoneSanitized gender pronoun nationality ssn officeId "
        "departmentId costCenterId managerEmployeeId employmentId employmentTypeId employmentCountry "
        "compensationId division organization userName avatarUrl",
        flag="active hasOccupationalPension",
        number="age",
        moment="hireDate endDate birthDate created updated",
        others={
            "bankAccount": record("bank", "clearing", "number", "iban", "bic", "country"),
            "homeAddress": record("street", "postalCode", "city", "country"),
            "tax": OBJECT,
            "custom": OBJECT,
        },
    ),
    required=("id",),
    relations={
        "office": _nothing,
        "costCenter": _to("cost-center", "costCenterId"),
        "effectiveCostCenter": _effective_cost_center,
        "department": _to("department", "departmentId"),
        "employment": _employments,
        "employmentType": _to("employment-type", "employmentTypeId"),
        "compensation": _to("compensation", "compensationId"),
        "managerEmployee": _to("employee", "managerEmployeeId"),
        "child": _nothing,
        "emergencyContact": _nothing,
        "teamReference": _nothing,
    },
    unselectable=frozenset({"custom", "bankAccount", "homeAddress", "tax", "avatarUrl"}),
    indexed=("employeeNumber", "workEmail"),
    references={
        "departmentId": "department",
        "costCenterId": "cost-center",
        "managerEmployeeId": "employee",
        "employmentId": "employment",
        "employmentTypeId": "employment-type",
        "compensationId": "compensation",
    },
    writable=True,
    made_by_vendor=frozenset(
        {
            "id",
            "companyId",
            "userId",
            "age",
            "created",
            "updated",
            "workPhoneSanitized",
            "privatePhoneSanitized",
        }
    ),
)
EMPLOYMENT = Resource(
    "employment",
    fields(
        text="id companyId employeeId typeId note country",
        flag="terminated",
        number="rate",
        moment="startDate endDate effectiveEndDate updated",
    ),
    required=("id", "employeeId"),
    relations={"type": _to("employment-type", "typeId"), "employee": _to("employee", "employeeId")},
    indexed=("employeeId",),
    references={"employeeId": "employee", "typeId": "employment-type"},
    writable=True,
    needed=("employeeId", "typeId", "startDate", "terminated", "rate", "country"),
    made_by_vendor=frozenset({"id", "companyId", "updated"}),
)
EMPLOYMENT_TYPE = Resource(
    "employment-type",
    fields(text="id companyId name country", flag="vacation", number="maxMonths"),
    required=("id", "name"),
)
COMPENSATION = Resource(
    "compensation",
    fields(
        text="id employeeId companyId currency salarySchedule note",
        number="amount baseAmount exchangeRate payoutDay",
        flag="paidOvertime",
        moment="effectiveDate",
        others={
            "payoutPeriod": choice(
                "HOURLY", "DAILY", "WEEKLY", "BI_WEEKLY", "MONTHLY", "QUARTERLY", "ANNUAL"
            ),
            "payoutFrequency": choice("WEEK", "BI_WEEKLY", "MONTH"),
        },
    ),
    required=("id", "employeeId"),
    indexed=("employeeId",),
)
COST_CENTER = Resource(
    "cost-center",
    fields(text="id companyId code name"),
    required=("id", "code"),
    indexed=("code",),
    writable=True,
    needed=("code",),
)
DEPARTMENT = Resource(
    "department",
    fields(text="id companyId name description costCenterId effectiveCostCenterId parentId"),
    required=("id", "name"),
)
COMPANY = Resource(
    "company",
    fields(text="id name orgNumber legalName vatNumber phone email"),
    required=("id", "name"),
)
LEAVE = Resource(
    "leave",
    fields(
        text="id employeeId typeId description",
        moment="startDate endDate",
        others={
            "status": choice("PENDING", "DENIED", "CANCELLED", "APPROVED", "CONFIRMED"),
            "duration": choice("minutes", "half_day", "one_day", "longer"),
        },
    ),
    required=("id", "employeeId", "typeId", "status", "startDate", "endDate"),
    indexed=("employeeId",),
    references={"employeeId": "employee", "typeId": "leave-type"},
    writable=True,
    needed=("employeeId", "typeId", "duration", "startDate", "endDate"),
    made_by_vendor=frozenset({"id"}),
)
LEAVE_TYPE = Resource(
    "leave-type",
    fields(
        text="id name minimumDuration",
        flag="deductible paid disabled archived",
        others={"kind": choice("SICK_LEAVE", "PARENTAL_LEAVE", "VACATION", "OFF_DUTY", "CHILDCARE")},
    ),
    required=("id", "name"),
    relations={"leaveTypeCode": _codes_of_leave_type},
)
LEAVE_TYPE_CODE = Resource(
    "leaveTypeCode",
    fields(text="id companyId leaveTypeId code"),
    required=("id", "leaveTypeId", "code"),
    indexed=("leaveTypeId",),
)
LEAVE_TRANSACTION = Resource(
    "leave-transaction",
    fields(
        text="id leaveTypeId employeeId childId description",
        number="hours extent",
        moment="date",
        others={"parent": record("id", "type"), "status": choice("APPROVED", "CONFIRMED")},
    ),
    required=("id", "employeeId", "leaveTypeId", "date", "status"),
    relations={"employee": _to("employee", "employeeId")},
    indexed=("employeeId", "leaveTypeId"),
)

SERVED = {
    resource.name: resource
    for resource in (
        EMPLOYEE,
        EMPLOYMENT,
        EMPLOYMENT_TYPE,
        COMPENSATION,
        COST_CENTER,
        DEPARTMENT,
        COMPANY,
        LEAVE,
        LEAVE_TYPE,
        LEAVE_TRANSACTION,
    )
}
STORED = {**SERVED, LEAVE_TYPE_CODE.name: LEAVE_TYPE_CODE}
