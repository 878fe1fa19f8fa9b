"""Simployer's collections as the contract lists them: fields, relations, and what may be written."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource, Store, at_time
from local.sandbox.frame.room import Row

from .fields import Field, choice, fields, moment, record

# The rows that a row points at: by the field that holds their id, or as the vendor finds them.
Relation = str | Callable[[Store, Row], Iterable[Row]]


@dataclass(frozen=True, eq=False)
class Collection(Resource):
    """One collection.

    - `links`: the collection whose id a field holds; only a write has to name a row that there is.
    - `relations`: what may be asked for beside the rows; an empty text leads to none.
    - `post`: what a POST needs; a collection without can't be written.
    - `of_vendor`: the fields that the vendor fills in itself.
    - `unselectable`: the fields that `select` does not take.
    """

    links: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    post: tuple[str, ...] | None = None
    of_vendor: tuple[str, ...] = ("id", "companyId")
    unselectable: tuple[str, ...] = ()

    @cached_property
    def writable(self) -> dict[str, Field]:
        """The fields that a body may have."""
        return {name: self.kind(name) for name in self.fields if name not in self.of_vendor}

    @cached_property
    def selectable(self) -> tuple[str, ...]:
        """The names that `select` takes."""
        return tuple(name for name in self.fields if name not in self.unselectable)

    @cached_property
    def filterable(self) -> tuple[str, ...]:
        """The names that `filters` and `sort` take."""
        return tuple(name for name in self.selectable if self.kind(name).parse)

    def kind(self, name: str) -> Field:
        """The kind of a field."""
        return cast(Field, self.fields[name])

    def related(self, store: Store, row: Row, relation: str) -> Iterable[Row]:
        """The rows that a row points at by one of the relations."""
        follow = self.relations[relation]
        if not isinstance(follow, str):
            return follow(store, row)
        return _there(store[self.links[follow]].get(row.get(follow)) if follow else None)


def _there(row: Row | None) -> list[Row]:
    return [] if row is None else [row]


def _collection(name: str, of_rows: Mapping[str, Field], **more: Any) -> Collection:
    needed = tuple(name for name, kind in of_rows.items() if not kind.nullable)
    moved = {"updated": at_time(moment)} if "updated" in of_rows else {}
    return Collection(name, "id", of_rows, needed=needed, rank=None, moved=moved, **more)


# What an employee says of their employment.
MIRRORED = ("employmentId", "employmentTypeId", "employmentCountry")


def new_id(*parts: str) -> str:
    """24 hexadecimal characters made of the parts."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:24]


def _employee(row: Row, reading: Reading) -> Row:
    """With what the vendor itself always fills in."""
    now = moment(reading.now)
    user = {} if "userId" in row else {"userId": new_id("user", row["id"])}
    return {"created": now, "updated": now, **row, **user}


def _effective_cost_center(store: Store, row: Row) -> Iterable[Row]:
    """Their own, or the one that is inherited from the department."""
    department = store["department"].get(row.get("departmentId")) or {}
    inherited = department.get("effectiveCostCenterId") or department.get("costCenterId")
    return _there(store["cost-center"].get(row.get("costCenterId") or inherited))


def _employments(store: Store, row: Row) -> Iterable[Row]:
    """The one that the employee names, and all others that name the employee."""
    table = store["employment"]
    return [*_there(table.get(row.get("employmentId"))), *table.find("employeeId", [row["id"]])]


def _codes_of_leave_type(store: Store, row: Row) -> Iterable[Row]:
    return store["leaveTypeCode"].find("leaveTypeId", [row["id"]])


EMPLOYEE = _collection(
    "employee",
    fields(
        "id* active:flag companyId employeeNumber userId created:moment updated:moment title firstName "
        "lastName workEmail privateEmail workPhone privatePhone workPhoneSanitized privatePhoneSanitized "
        "hireDate:moment endDate:moment birthDate:moment age:number gender pronoun nationality ssn officeId "
        "departmentId costCenterId managerEmployeeId employmentId employmentTypeId employmentCountry "
        "compensationId division organization hasOccupationalPension:flag userName avatarUrl bankAccount "
        "homeAddress tax:object custom:object",
        bankAccount=record("bank", "clearing", "number", "iban", "bic", "country"),
        homeAddress=record("street", "postalCode", "city", "country"),
    ),
    defaults={"active": True},
    made=_employee,
    indexed=("employeeNumber", "workEmail"),
    # They follow the employment, and by these alone `updated` stands still at the vendor.
    still=MIRRORED,
    links={
        "departmentId": "department",
        "costCenterId": "cost-center",
        "managerEmployeeId": "employee",
        "employmentId": "employment",
        "employmentTypeId": "employment-type",
        "compensationId": "compensation",
    },
    relations={
        "costCenter": "costCenterId",
        "effectiveCostCenter": _effective_cost_center,
        "department": "departmentId",
        "employment": _employments,
        "employmentType": "employmentTypeId",
        "compensation": "compensationId",
        "managerEmployee": "managerEmployeeId",
        **dict.fromkeys(("office", "child", "emergencyContact", "teamReference"), ""),
    },
    post=(),
    of_vendor=(
        *("id", "companyId", "userId", "age", "created", "updated"),
        *("workPhoneSanitized", "privatePhoneSanitized"),
    ),
    unselectable=("custom", "bankAccount", "homeAddress", "tax", "avatarUrl"),
)
EMPLOYMENT = _collection(
    "employment",
    fields(
        "id* companyId employeeId* typeId startDate:moment endDate:moment effectiveEndDate:moment "
        "terminated:flag rate:number note country updated:moment"
    ),
    indexed=("employeeId",),
    links={"employeeId": "employee", "typeId": "employment-type"},
    relations={"type": "typeId", "employee": "employeeId"},
    post=("employeeId", "typeId", "startDate", "terminated", "rate", "country"),
    of_vendor=("id", "companyId", "updated"),
)
EMPLOYMENT_TYPE = _collection(
    "employment-type", fields("id* companyId name* vacation:flag country maxMonths:number")
)
COMPENSATION = _collection(
    "compensation",
    fields(
        "id* employeeId* companyId amount:number baseAmount:number exchangeRate:number currency "
        "effectiveDate:moment payoutPeriod payoutFrequency payoutDay:number salarySchedule "
        "paidOvertime:flag note",
        payoutPeriod=choice("HOURLY", "DAILY", "WEEKLY", "BI_WEEKLY", "MONTHLY", "QUARTERLY", "ANNUAL"),
        payoutFrequency=choice("WEEK", "BI_WEEKLY", "MONTH"),
    ),
    indexed=("employeeId",),
)
COST_CENTER = _collection(
    "cost-center", fields("id* companyId code* name"), indexed=("code",), post=("code",)
)
DEPARTMENT = _collection(
    "department", fields("id* companyId name* description costCenterId effectiveCostCenterId parentId")
)
COMPANY = _collection("company", fields("id* name* orgNumber legalName vatNumber phone email"))
LEAVE = _collection(
    "leave",
    fields(
        "id* employeeId* typeId* description status* duration startDate:moment* endDate:moment*",
        status=choice("PENDING", "DENIED", "CANCELLED", "APPROVED", "CONFIRMED"),
        duration=choice("minutes", "half_day", "one_day", "longer"),
    ),
    indexed=("employeeId",),
    links={"employeeId": "employee", "typeId": "leave-type"},
    post=("employeeId", "typeId", "duration", "startDate", "endDate"),
    of_vendor=("id",),
)
LEAVE_TYPE = _collection(
    "leave-type",
    fields(
        "id* name* kind minimumDuration deductible:flag paid:flag disabled:flag archived:flag",
        kind=choice("SICK_LEAVE", "PARENTAL_LEAVE", "VACATION", "OFF_DUTY", "CHILDCARE"),
    ),
    relations={"leaveTypeCode": _codes_of_leave_type},
)
LEAVE_TRANSACTION = _collection(
    "leave-transaction",
    fields(
        "id* parent status* leaveTypeId* employeeId* childId date:moment* hours:number extent:number "
        "description",
        parent=record("id", "type"),
        status=choice("APPROVED", "CONFIRMED"),
    ),
    indexed=("employeeId", "leaveTypeId"),
    links={"employeeId": "employee"},
    relations={"employee": "employeeId"},
)
SERVED = (
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
# It is reachable only as a relation.
LEAVE_TYPE_CODE = _collection(
    "leaveTypeCode", fields("id* companyId leaveTypeId* code*"), indexed=("leaveTypeId",)
)
