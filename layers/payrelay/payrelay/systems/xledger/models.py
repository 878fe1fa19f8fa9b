"""Xledger's nodes as plain Python: references are dbIds as text, days are dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import AliasPath, ConfigDict, Field

from payrelay.domain.sensitive import SocialSecurityNumber
from payrelay.systems.rows import BadRow, Day, Row


def _inside(reference: str, name: str = "dbId") -> Any:
    """A field that holds the dbId of a referenced object (or its code), None where there is no object."""
    return Field(default=None, validation_alias=AliasPath(reference, name))


class Node(Row):
    """A node of a connection. Int64String comes as number or text: both become text."""

    model_config = ConfigDict(coerce_numbers_to_str=True)
    named_by: ClassVar[tuple[str, ...]] = ("db_id",)

    db_id: str


class CodedNode(Node):
    """A node that people know by its code."""

    named_by: ClassVar[tuple[str, ...]] = ("db_id", "code")

    code: str


class EmployeeNode(CodedNode):
    description: str | None = None
    email: str | None = None
    date_from: Day | None = None
    date_to: Day | None = None
    created_at: str | None = None
    modified_at: str | None = None
    owner_db_id: str | None = None
    contact_db_id: str | None = None
    employment_from: Day | None = None
    employment_to: Day | None = None
    trial_to: Day | None = None
    seniority_date: Day | None = None
    anniversary_date: Day | None = None
    notice_date: Day | None = None
    manager_phone: str | None = None
    social_security_masked: str | None = None
    employee_group: str | None = _inside("employeeGroup")
    employment_type: str | None = _inside("employmentType")
    exit_reason: str | None = _inside("exitReason")
    position_value: str | None = _inside("positionValue")
    gl_object1: str | None = _inside("glObject1")
    gl_object2: str | None = _inside("glObject2")
    gl_object3: str | None = _inside("glObject3")
    gl_object4: str | None = _inside("glObject4")
    gl_object5: str | None = _inside("glObject5")
    superior: str | None = _inside("superior")
    superior_code: str | None = _inside("superior", "code")
    subledger: str | None = _inside("subledger")
    user: str | None = _inside("user")


class ContactNode(Node):
    """What Xledger keeps of the person; `home_*` and `gender_code` come from the objects inside it."""

    code: str | None = None
    name: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    initials: str | None = None
    birthday: Day | None = None
    social_sec: SocialSecurityNumber | None = None
    personal_id: SocialSecurityNumber | None = None
    phone: str | None = None
    phone2: str | None = None
    phone3: str | None = None
    email: str | None = None
    email2: str | None = None
    email3: str | None = None
    job_title: str | None = None
    gender: str | None = _inside("gender")
    gender_code: str | None = _inside("gender", "code")
    home_street: str | None = _inside("homeAddress", "streetAddress")
    home_zip_code: str | None = _inside("homeAddress", "zipCode")
    home_place: str | None = _inside("homeAddress", "place")
    home_country: str | None = Field(
        default=None, validation_alias=AliasPath("homeAddress", "country", "code")
    )
    modified_at: str | None = None


class Lookup(CodedNode):
    """A reference object; the last four fields are cost centres' only."""

    description: str | None = None
    date_from: Day | None = None
    date_to: Day | None = None
    posting: bool | None = None
    object_kind_db_id: str | None = None


class AbsenceNode(Node):
    text: str | None = None
    from_date: Day
    to_date: Day | None = None
    approved: bool | None = None
    comment: str | None = None
    leave_percent: Decimal | None = None
    time_from: str | None = None
    time_to: str | None = None
    absence_code: str | None = _inside("absenceCode", "code")
    absence_code_db_id: str | None = _inside("absenceCode")
    employee: str | None = _inside("employee")


@dataclass(frozen=True, slots=True)
class EmployeeRef:
    """An employee that was written."""

    db_id: str
    code: str
    contact_db_id: str | None


N = TypeVar("N", bound=CodedNode)


class CodeTable(dict[str, N], Generic[N]):
    """Nodes by code. `by_id` holds all of them by dbId, also those that share a code.

    `ambiguous` are the codes that several nodes share (the table has the first), `bad_rows` the nodes that
    can't be used: a code that is missing here because its node is bad is not free.
    """

    def __init__(self, nodes: Sequence[N] = (), bad_rows: Sequence[BadRow] = ()) -> None:
        super().__init__()
        self.bad_rows = tuple(bad_rows)
        self.by_id = {node.db_id: node for node in nodes}
        shared = set()
        for node in self.by_id.values():
            if self.setdefault(node.code, node) is not node:
                shared.add(node.code)
        self.ambiguous = frozenset(shared)


@dataclass(frozen=True, slots=True)
class Lookups:
    """The reference objects that employees and absences name."""

    employee_groups: CodeTable[Lookup]
    employment_types: CodeTable[Lookup]
    exit_reasons: CodeTable[Lookup]
    absence_codes: CodeTable[Lookup]
    cost_centres: CodeTable[Lookup]


@dataclass(frozen=True, slots=True)
class EmployeeNodePage:
    """A page of employees; `after` is where the next one starts, None at the end."""

    rows: list[EmployeeNode]
    bad_rows: list[BadRow]
    after: str | None


@dataclass(frozen=True, slots=True)
class Absences:
    """The absences found, and those that can't be used."""

    rows: list[AbsenceNode]
    bad_rows: list[BadRow]


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal did: how many are gone, and which dbIds it left alone."""

    removed: int
    skipped: tuple[str, ...]
