"""TimeWorksPlus' rows as they come over the wire: PascalCase outside, camelCase inside a balance."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Self

from msgspec import Meta, Struct

from payrelay.systems.rows import Day, Reader, Row

Text = Annotated[str, Meta(min_length=1)]


class Value(str):
    """A balance as the text that TimeWorksPlus sends: `"24.5"`. Empty is no balance, which is not zero."""

    __slots__ = ()
    form: ClassVar[re.Pattern[str]] = re.compile(r"(-?[0-9]{1,12}(\.[0-9]{1,12})?)?")

    @classmethod
    def from_wire(cls, raw: object) -> Self:
        """The value that a text is; ValueError for anything else, a JSON number too."""
        if not isinstance(raw, str) or not cls.form.fullmatch(raw.strip()):
            raise ValueError('is not a balance as text, such as "24.5"')
        return cls(raw.strip())

    @property
    def amount(self) -> Decimal | None:
        """The balance; None where there is none."""
        return Decimal(self) if self else None


class Balance(Struct, frozen=True, rename="camel", gc=False):
    """A balance of a category on a day.

    `is_hidden` is None where an answer does not tell it, nor then what `expires` says.
    """

    category: str
    value: Value
    date: Day | None = None
    is_hidden: bool | None = None
    effective: Day | None = None
    expires: Day | None = None

    @property
    def amount(self) -> Decimal | None:
        """The balance; None where there is none, which is not zero."""
        return self.value.amount


class Balances(Row, frozen=True, rename="pascal", kw_only=True):
    """Somebody's balances on one day, hidden ones too."""

    named_by: ClassVar[tuple[str, ...]] = ("employee_code",)

    employee_code: Text
    first_name: str | None = None
    last_name: str | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    as_of_date: Day | None = None
    balances: tuple[Balance, ...] = ()


class Activity(Row, frozen=True, rename="pascal", kw_only=True):
    """How somebody's balances went over a span: at its beginning, on each day, at its end."""

    named_by: ClassVar[tuple[str, ...]] = ("employee_code",)

    employee_code: Text
    starting_values: tuple[Balance, ...] = ()
    ending_values: tuple[Balance, ...] = ()
    days: tuple[Balance, ...] = ()


class Employee(Row, frozen=True, rename="pascal", kw_only=True):
    """An employee, by the code that is the id in Millennium."""

    named_by: ClassVar[tuple[str, ...]] = ("employee_code",)

    employee_code: Text
    first_name: str | None = None
    last_name: str | None = None
    start_date: Day | None = None
    end_date: Day | None = None


class PayPeriod(Row, frozen=True, rename="pascal", kw_only=True):
    """A pay period. One that is accepted can't be opened before a partner has un-accepted it.

    `finalized_at` is the time as it stands: of one that was opened and finalized again it is another one.
    """

    named_by: ClassVar[tuple[str, ...]] = ("begin_date", "end_date")

    begin_date: Day
    end_date: Day
    is_finalized: bool
    is_accepted: bool = False
    finalized_at: str | None = None


class Category(Row, frozen=True, kw_only=True):
    """A category that the site knows."""

    named_by: ClassVar[tuple[str, ...]] = ("category",)

    category: Text
    is_hidden: bool | None = None


class ProcessingRule(Row, frozen=True, rename="pascal", kw_only=True):
    """A processing rule of the site: its script, which may be empty, and the categories that it lists."""

    named_by: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    script: str | None = None
    categories: tuple[str, ...] = ()


class NewBalance(Struct, frozen=True):
    """A balance to set: what stands there on the day `effective`, whatever it was.

    `is_hidden` and `expires` are as they were read: left out they would be reset.
    """

    employee_code: str
    category: str
    value: Decimal
    effective: date
    is_hidden: bool | None = None
    expires: date | None = None


class Refused(Struct, frozen=True):
    """A balance that was not set, and what TimeWorksPlus says of it."""

    employee_code: str
    category: str
    effective: str
    message: str


BALANCES = Reader(Balances, id_key="EmployeeCode", number_key="EmployeeCode")
ACTIVITY = Reader(Activity, id_key="EmployeeCode", number_key="EmployeeCode")
EMPLOYEES = Reader(Employee, id_key="EmployeeCode", number_key="EmployeeCode")
PERIODS = Reader(PayPeriod, id_key="EndDate", number_key="EndDate")
CATEGORIES = Reader(Category, id_key="category", number_key="category")
RULES = Reader(ProcessingRule, id_key="Name", number_key="Name")
