"""Xledger's nodes as plain Python: references are dbIds or codes as text, days are dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, NamedTuple, Self

from msgspec import Struct

from payrelay.domain.sensitive import SocialSecurityNumber
from payrelay.systems.rows import Listed, Row

# A truth value is a number to Python, and no id.
_ID_TYPES = (str, int)


class DbId(str):
    """An id of Xledger's (Int64String): it comes as number or as text, and is text here."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The id; ValueError for what is none."""
        if type(raw) in _ID_TYPES:
            return cls(raw)
        raise ValueError("is not a dbId")


class Reference(DbId):
    """The dbId of an object that a node refers to."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The dbId inside the object; ValueError for what has none."""
        db_id = raw.get("dbId") if isinstance(raw, dict) else None
        if type(db_id) in _ID_TYPES:
            return cls(db_id)
        raise ValueError("is not a dbId")


class Code(str):
    """The code of an object that a node refers to."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The code inside the object; ValueError for what has none."""
        code = raw.get("code") if isinstance(raw, dict) else None
        if isinstance(code, str):
            return cls(code)
        raise ValueError("refers to no code")


class Node(Row, frozen=True):
    """A node of a connection."""

    named_by: ClassVar[tuple[str, ...]] = ("db_id",)

    db_id: DbId


class CodedNode(Node, frozen=True):
    """A node that people know by its code."""

    named_by: ClassVar[tuple[str, ...]] = ("db_id", "code")

    code: str


class EmployeeNode(CodedNode, frozen=True):
    description: str | None = None
    email: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    modified_at: str | None = None
    contact_db_id: DbId | None = None
    employment_from: date | None = None
    employment_to: date | None = None
    trial_to: date | None = None
    social_security_masked: str | None = None
    employee_group: Reference | None = None
    employment_type: Reference | None = None
    exit_reason: Reference | None = None
    gl_object1: Reference | None = None


class MovedNode(Node, frozen=True):
    """That something was changed, and when; a contact has no code here."""

    modified_at: str | None = None
    code: str | None = None
    contact_db_id: DbId | None = None


class ContactAddress(Row, frozen=True):
    """Where a person lives."""

    named_by: ClassVar[tuple[str, ...]] = ()

    street_address: str | None = None
    zip_code: str | None = None
    place: str | None = None
    country: Code | None = None


class ContactNode(Node, frozen=True):
    """What Xledger keeps of the person."""

    first_name: str | None = None
    last_name: str | None = None
    initials: str | None = None
    birthday: date | None = None
    social_sec: SocialSecurityNumber | None = None
    phone: str | None = None
    phone2: str | None = None
    email: str | None = None
    email2: str | None = None
    job_title: str | None = None
    gender: Code | None = None
    home_address: ContactAddress | None = None
    modified_at: str | None = None


class Lookup(CodedNode, frozen=True):
    """A reference object."""

    description: str | None = None


class AbsenceNode(Node, frozen=True):
    employee: Reference
    from_date: date
    to_date: date | None = None
    text: str | None = None
    leave_percent: Decimal | None = None
    absence_code: Code | None = None


class EmployeeRef(Struct, frozen=True):
    """An employee that was written; `now` is how it stands since, where that was asked for."""

    db_id: str
    code: str
    contact_db_id: str | None
    now: EmployeeNode | None = None


class ContactRef(Struct, frozen=True):
    """A contact that was written; `now` is how it stands since, where that was asked for."""

    db_id: str
    now: ContactNode | None = None


class Clock(NamedTuple):
    """What time it is in Xledger: as its rows tell it, in seconds, and how far it is ahead of ours."""

    wall: int
    ahead: float


class Lookups(Struct, frozen=True):
    """The reference objects that employees name."""

    employee_groups: Listed[Lookup]
    employment_types: Listed[Lookup]
    exit_reasons: Listed[Lookup]
    cost_centres: Listed[Lookup]
