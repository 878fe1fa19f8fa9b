"""Globe Next's rows as they come over the wire."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from payrelay.systems.odata import Code, EdmDay, Number
from payrelay.systems.rows import Reader, Row


class CompanySetting(Row, frozen=True, rename="pascal", kw_only=True):
    """The settings of a company; the journal is blank again after the integration was edited."""

    named_by: ClassVar[tuple[str, ...]] = ("company",)

    company: Code | None = None
    journal: Code | None = field(name="GeneralJournalExactPayrollPlus", default=None)
    currency: Code | None = field(name="DefaultCurrency", default=None)


class Coded(Row, frozen=True, rename="pascal", kw_only=True):
    """A cost centre or a cost unit."""

    named_by: ClassVar[tuple[str, ...]] = ("code",)

    code: Code
    blocked: bool = False


class Account(Coded, frozen=True, rename="pascal", kw_only=True):
    """A general ledger account."""

    cost_center_mandatory: bool = False


class Journal(Coded, frozen=True, rename="pascal", kw_only=True):
    """A journal; a general one is of the type M."""

    type: Code


class Period(Row, frozen=True, rename="pascal", kw_only=True):
    """A financial period."""

    named_by: ClassVar[tuple[str, ...]] = ("financial_year", "period")

    financial_year: int
    period: int
    start_date: EdmDay
    end_date: EdmDay
    closed: bool


class Line(Row, frozen=True, rename="pascal", kw_only=True):
    """A line of an entry, which pends until its header comes. Its amount is nobody's business in a log."""

    named_by: ClassVar[tuple[str, ...]] = ("id", "transaction_key")

    id: int = field(name="ID")
    transaction_key: str
    account: Code = field(name="GLAccount")
    amount: Number
    centre: Code | None = field(name="CostCenter", default=None)
    unit: Code | None = field(name="CostUnit", default=None)


class Added(Row, frozen=True, rename="pascal", kw_only=True):
    """What the answer to a new line is needed for: its key."""

    named_by: ClassVar[tuple[str, ...]] = ("id", "transaction_key")

    id: int = field(name="ID")
    transaction_key: str


class Header(Row, frozen=True, rename="pascal", kw_only=True):
    """The header of an entry, which processes its lines. Not Synergy's entity of the same name."""

    named_by: ClassVar[tuple[str, ...]] = ("id", "entry_number")

    id: int = field(name="ID")
    transaction_key: str
    entry_number: int | None = None
    journal: Code | None = None
    description: str | None = None
    is_processed: bool = False


SETTINGS = Reader(CompanySetting, id_key="Company", number_key="Company")
ACCOUNTS = Reader(Account, id_key="Code", number_key="Code")
CENTRES = Reader(Coded, id_key="Code", number_key="Code")
JOURNALS = Reader(Journal, id_key="Code", number_key="Code")
PERIODS = Reader(Period, id_key="Period", number_key="Period")
LINES = Reader(Line, id_key="ID", number_key="ID")
ADDED = Reader(Added, id_key="ID", number_key="ID")
HEADERS = Reader(Header, id_key="ID", number_key="EntryNumber")
