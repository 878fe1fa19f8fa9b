"""Synergy's rows as they come over the wire."""

from __future__ import annotations

from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta, field

from payrelay.systems.rows import Reader, Row

from .wire import Code

# Read into a 32-bit number there.
Id: TypeAlias = Annotated[int, Meta(ge=-(2**31), lt=2**31)]


class Person(Row, frozen=True, rename="pascal", kw_only=True):
    """A person card: an employee, or whoever else has one.

    `employee_type` and `employee_status` are Synergy's letters (E, C, S, T …; A, H, I …). `manager_id` may be
    the person's own, or of somebody who is not there.
    """

    named_by: ClassVar[tuple[str, ...]] = ("id",)

    id: Id = field(name="ID")
    full_name: str
    email: str | None = None
    manager_id: Id | None = field(name="ManagerID", default=None)
    employee_type: Code
    employee_status: Code
    country: Code | None = field(name="CountryCode", default=None)


class RoleMember(Row, frozen=True, rename="pascal", kw_only=True):
    """A person who has a role."""

    named_by: ClassVar[tuple[str, ...]] = ("resource_id", "role_code")

    resource_id: Id = field(name="ResourceID")
    role_code: Code


class License(Row, frozen=True, rename="pascal", kw_only=True):
    """An option of a licence of the server."""

    named_by: ClassVar[tuple[str, ...]] = ("code", "option")

    code: Code
    option: int
    active: bool


PEOPLE = Reader(Person, id_key="ID", number_key="ID")
MEMBERS = Reader(RoleMember, id_key="ResourceID", number_key="ResourceID")
LICENCES = Reader(License, id_key="Code", number_key="Code")
# What is asked for: a person card holds much more that is nobody's business here.
PERSON = ("ID", "FullName", "Email", "ManagerID", "EmployeeType", "EmployeeStatus", "CountryCode")
MEMBER = ("ResourceID", "RoleCode")
LICENCE = ("Code", "Option", "Active")
