"""Attaché's rows as they come over the wire, and the tables in which the client answers them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, ClassVar, Generic, Literal, Self, TypeAlias, TypeVar

from msgspec import Meta, Struct, field

from payrelay.systems.rows import Day, Listed, Reader, Row

_DECIMALS = 4
_SMALLEST = Decimal("0.0001")
_LARGEST = Decimal(10) ** 9
_LEAST = -_LARGEST
_NOTHING = Decimal(0)
_NONE_IN_FULL = Decimal("0.0000")

T = TypeVar("T")
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
# A code becomes a part of a path.
Code: TypeAlias = Annotated[str, Meta(min_length=1)]


class Amount(Decimal):
    """Hours or days, as the JSON number that Attaché sends: `31.4512`."""

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The number, digit by digit; ValueError for anything else, a text too."""
        problem = "is not a number with at most four decimals, such as 31.4512"
        if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
            raise ValueError(problem)
        number = cls(raw)
        exponent = number.as_tuple().exponent
        # Compared, not computed with: a number out of all bounds must not get that far.
        if not isinstance(exponent, int) or exponent < -_DECIMALS or not _LEAST < number < _LARGEST:
            raise ValueError(problem)
        return number


class AttacheRow(Row, frozen=True, rename="pascal", kw_only=True):
    """A row of Attaché's: PascalCase on the wire."""


class Organisation(AttacheRow, frozen=True, kw_only=True):
    """An organisation that the token reaches."""

    named_by: ClassVar[tuple[str, ...]] = ("organisation_id",)

    organisation_id: str
    organisation_name: str


class Employee(AttacheRow, frozen=True, kw_only=True):
    """A person of payroll; `online` is the box Enable Attaché Online, `email` the address for it."""

    named_by: ClassVar[tuple[str, ...]] = ("code",)

    code: Code = field(name="EmployeeCode")
    name: str = field(name="FullName")
    location: str | None = None
    state: str | None = None
    email: str | None = field(name="AOemail", default=None)
    online: bool = field(name="EnableAttacheOnline")
    hours_per_day: Amount | None = field(name="HourPerDay", default=None)
    country: str | None = None
    terminated: Day | None = field(name="TerminationDate", default=None)
    modified_at: Instant


class Balances(Row, frozen=True, kw_only=True):
    """An employee's balances in hours by income code: what is owed is entitled and pro-rata together.

    A type that is missing from the employee's leave table is missing here, which is not zero.
    """

    named_by: ClassVar[tuple[str, ...]] = ("code", "as_at")

    code: str
    as_at: date
    amounts: Mapping[str, Decimal]
    modified_at: datetime


class BalanceFields(AttacheRow, frozen=True, kw_only=True):
    """Balances as they are sent: a pair of fields for each type of leave.

    There are very many of them: the amounts are read as they come, and looked at as sums.
    """

    named_by: ClassVar[tuple[str, ...]] = ("code",)

    code: Code = field(name="EmployeeCode")
    as_at: date = field(name="LeaveAccrueTo")
    modified_at: Instant
    al_entitled: Decimal | None = field(name="ALEntitleHourAcc", default=None)
    al_pro_rata: Decimal | None = field(name="ALProRataHourAcc", default=None)
    sl_entitled: Decimal | None = field(name="SLEntitleHourAcc", default=None)
    sl_pro_rata: Decimal | None = field(name="SLProRataHourAcc", default=None)
    lsl_entitled: Decimal | None = field(name="LSLEntitleHourAcc", default=None)
    lsl_pro_rata: Decimal | None = field(name="LSLProRataHourAcc", default=None)
    rdo_entitled: Decimal | None = field(name="RDOEntitleHourAcc", default=None)
    rdo_pro_rata: Decimal | None = field(name="RDOProRataHourAcc", default=None)
    stl_entitled: Decimal | None = field(name="STLEntitleHourAcc", default=None)
    stl_pro_rata: Decimal | None = field(name="STLProRataHourAcc", default=None)

    def balances(self) -> Balances:
        """The balances by income code. ValueError names one whose amount no balance has."""
        amounts = {}
        for code, entitled, pro_rata in (
            ("AL", self.al_entitled, self.al_pro_rata),
            ("SL", self.sl_entitled, self.sl_pro_rata),
            ("LSL", self.lsl_entitled, self.lsl_pro_rata),
            ("RDO", self.rdo_entitled, self.rdo_pro_rata),
            ("STL", self.stl_entitled, self.stl_pro_rata),
        ):
            if entitled is None and pro_rata is None:
                continue
            amounts[code] = _sum_of(code, entitled or _NOTHING, pro_rata or _NOTHING)
        return Balances(code=self.code, as_at=self.as_at, amounts=amounts, modified_at=self.modified_at)


def _sum_of(code: str, entitled: Decimal, pro_rata: Decimal) -> Decimal:
    """Both amounts together; ValueError with the code for what is no amount, not a number above all."""
    if not (_LEAST < entitled < _LARGEST and _LEAST < pro_rata < _LARGEST):
        raise ValueError(code)
    owed = entitled + pro_rata
    # A sum has as many decimals as what has the most.
    if not (owed + _NONE_IN_FULL).same_quantum(_SMALLEST):
        raise ValueError(code)
    return owed


class LeaveRow(AttacheRow, frozen=True, kw_only=True):
    """A row of an employee's leave table. The amounts are hours or days, as `display_in` says."""

    named_by: ClassVar[tuple[str, ...]] = ("income_code",)

    income_code: Code
    description: str
    as_at: Day | None = field(name="LeaveAccruedUpToAndIncluding", default=None)
    entitlement: Amount = field(name="EntitlementOwing")
    pro_rata: Amount = field(name="ProRataOwing")
    contingent: Amount = field(name="ContingentOwing")
    hours_per_day: Amount | None = None
    display_in: Literal["Hours", "Days"]
    pro_rata_applicable: bool
    calculate_by: str
    modified_at: Instant

    def hours(self) -> Decimal:
        """What is owed in hours: contingent leave never counts, pro-rata only where it is applicable.

        Each amount is rounded by itself, as the balances have them. ValueError where days can't be hours.
        """
        counted = [self.entitlement, self.pro_rata] if self.pro_rata_applicable else [self.entitlement]
        return sum((self._in_hours(amount) for amount in counted), Decimal(0))

    def _in_hours(self, amount: Decimal) -> Decimal:
        if self.display_in == "Hours":
            return amount
        if not amount:
            return _NOTHING
        if self.hours_per_day is None or self.hours_per_day <= 0:
            raise ValueError("it is empty or not above zero, and Display In is Days")
        return (amount * self.hours_per_day).quantize(_SMALLEST, ROUND_HALF_UP)


class HistoryRow(AttacheRow, frozen=True, kw_only=True):
    """An entitlement that was overtyped; the same amount again counts, too."""

    named_by: ClassVar[tuple[str, ...]] = ("income_code", "changed_at")

    income_code: str
    changed_at: Instant
    old: Amount = field(name="OldEntitlementOwing")
    new: Amount = field(name="NewEntitlementOwing")
    comment: str
    user: str


class NumberedPage(Struct, Generic[T], frozen=True):
    """One page of a list, and how many pages the list has."""

    rows: Listed[T]
    total_pages: int


ORGANISATIONS = Reader(Organisation, id_key="OrganisationId", number_key="OrganisationId")
EMPLOYEES = Reader(Employee, id_key="EmployeeCode", number_key="EmployeeCode")
BALANCES = Reader(BalanceFields, id_key="EmployeeCode", number_key="EmployeeCode")
LEAVE = Reader(LeaveRow, id_key="IncomeCode", number_key="IncomeCode")
HISTORY = Reader(HistoryRow, id_key="IncomeCode", number_key="IncomeCode")
