"""Express Leave's rows as they come over the wire, and the values in which the client answers them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, ClassVar, Generic, Literal, Self, TypeAlias, TypeVar

from msgspec import Meta, Struct, field

from payrelay.domain.sensitive import Sensitive
from payrelay.systems.rows import Listed, Reader, Row, TextAmount

T = TypeVar("T")
_HUNDREDTH, _SMALLEST = Decimal("0.01"), Decimal("0.0001")

# From the lowest level to the highest.
RANKS = ("Non-Employee", "Employee (Non-Approver)", "Employee (Approver)", "HR Manager", "Administrator")
# What a user is written with; the rest is Express Leave's own.
WRITABLE = (
    "EmployeeId",
    "Name",
    "Location",
    "Country",
    "State",
    "Hours",
    "DefaultApprover",
    "Email",
    "UserType",
    "PayrollUser",
)
_PERSONAL = frozenset({"Name", "Email"})

# An id becomes a part of a path.
Id: TypeAlias = Annotated[str, Meta(min_length=1)]


@lru_cache(maxsize=1 << 8)  # thousands of users share five types
def _letters(text: str) -> str:
    """A user type as it is compared: its letters alone, in any case."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


_LEVELS = {_letters(name): level for level, name in enumerate(RANKS)}


class UserType(str):
    """A user type as Express Leave spells it; another spelling of one of the five is that one."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The text as it is; ValueError for none of the five."""
        if not isinstance(raw, str) or _letters(raw) not in _LEVELS:
            raise ValueError(f"is {raw!r:.60}, and none of: {', '.join(RANKS)}")
        return cls(raw)


def sees(visible_to: str, user_type: str) -> bool:
    """Whether a user of this type sees what is visible to that one and every higher one (LB-7)."""
    return _LEVELS[_letters(user_type)] >= _LEVELS[_letters(visible_to)]


class Hours(TextAmount):
    """Hours as the text that Express Leave sends: `"107.4512"`."""

    form = re.compile(r"-?[0-9]{1,9}\.[0-9]{2,4}")
    problem = "is not hours as text with two to four decimals, such as 107.4512"


def written_hours(hours: Decimal) -> str:
    """Hours as Express Leave takes them: `38.00`, `107.4512`. ValueError for more than four decimals."""
    if not hours.is_finite():
        raise ValueError("not a number of hours")
    exact = hours.quantize(_SMALLEST)
    if exact != hours:
        raise ValueError("hours have at most four decimals")
    short = hours.quantize(_HUNDREDTH)
    return f"{short if short == hours else exact.normalize():f}"


class ExpressLeaveRow(Row, frozen=True, rename="pascal", kw_only=True):
    """A row of Express Leave's: PascalCase on the wire."""


class Company(Struct, frozen=True):
    """The company, and the organisation of payroll that it is connected to; `last_sync_at` as it stands."""

    company_id: str
    name: str
    connected: bool
    organisation_id: str | None = None
    organisation_name: str | None = None
    last_sync_at: str | None = None


class ConnectionFields(ExpressLeaveRow, frozen=True, kw_only=True):
    """The company's link to an organisation, as it is sent."""

    named_by: ClassVar[tuple[str, ...]] = ("connected",)

    connected: bool
    organisation_id: str | None = None
    organisation_name: str | None = None


class CompanyFields(ExpressLeaveRow, frozen=True, kw_only=True):
    """The company as it is sent."""

    named_by: ClassVar[tuple[str, ...]] = ("company_id",)

    company_id: str
    company_name: str
    connection: ConnectionFields
    last_sync_at: str | None = None

    def company(self) -> Company:
        """The company with its connection beside it."""
        link = self.connection
        return Company(
            self.company_id,
            self.company_name,
            link.connected,
            link.organisation_id,
            link.organisation_name,
            self.last_sync_at,
        )


class User(ExpressLeaveRow, frozen=True, kw_only=True):
    """A user, of payroll or made by hand; `hours` are those of a standard day."""

    named_by: ClassVar[tuple[str, ...]] = ("user_id", "employee_id", "payroll", "version")

    user_id: Id
    employee_id: str
    name: str
    location: str | None = None
    country: str
    state: str
    hours: Hours
    default_approver: str | None = None
    email: str
    user_type: UserType
    payroll_user: Literal["Yes", ""]
    version: Annotated[int, Meta(ge=0)]

    @property
    def payroll(self) -> bool:
        """Whether payroll owns this user."""
        return self.payroll_user == "Yes"


def written_user(fields: Mapping[str, str | None]) -> dict[str, object]:
    """A user's fields on their way out, wrapped so that no answer's words repeat what is personal."""
    unknown = set(fields) - set(WRITABLE)
    if unknown:
        raise ValueError(f"a user is not written with {', '.join(sorted(unknown))}")
    return {
        name: Sensitive(value) if name in _PERSONAL and value else value for name, value in fields.items()
    }


class LeaveType(ExpressLeaveRow, frozen=True, kw_only=True):
    """A type of leave, and the lowest user type that sees its balance."""

    named_by: ClassVar[tuple[str, ...]] = ("income_code",)

    income_code: str
    description: str
    visible_to: UserType


class Balance(ExpressLeaveRow, frozen=True, kw_only=True):
    """What stands there; `synced_at` as it stands."""

    named_by: ClassVar[tuple[str, ...]] = ("employee_id", "income_code")

    employee_id: str
    income_code: str
    hours: Decimal = field(name="BalanceHours")
    as_at: date
    synced_at: str | None = None


class BalanceRow(Struct, frozen=True):
    """A balance to be set."""

    employee_id: str
    income_code: str
    hours: Decimal
    as_at: date


class Sync(Struct, frozen=True):
    """A sync on Express Leave's screen; one that runs elsewhere is not ours to change."""

    sync_id: str
    status: str
    running_elsewhere: bool = False


class ListPage(Struct, Generic[T], frozen=True):
    """One page of a list; `next` is where to go on, None on the last one."""

    rows: Listed[T]
    next: str | None


COMPANIES = Reader(CompanyFields, id_key="CompanyId", number_key="CompanyId")
USERS = Reader(User, id_key="UserId", number_key="EmployeeId")
LEAVE_TYPES = Reader(LeaveType, id_key="IncomeCode", number_key="IncomeCode")
BALANCES = Reader(Balance, id_key="EmployeeId", number_key="IncomeCode")
