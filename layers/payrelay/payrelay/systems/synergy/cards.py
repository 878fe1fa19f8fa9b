"""Person cards and what belongs to them: contracts, bank accounts, the role (PE-1 to PE-8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from msgspec import UNSET, UnsetType, field

from payrelay.domain.sensitive import BankAccount as AccountNumber
from payrelay.domain.sensitive import Secret, SocialSecurityNumber
from payrelay.systems.rows import Listed, R, Reader, Row

from .models import Id
from .odata import Service
from .wire import Code, EdmDay, Moment, Number, moment

# What this user may not see is left out of an answer; a blank field is null.
Text: TypeAlias = str | UnsetType | None
Day: TypeAlias = EdmDay | UnsetType | None


class Pay(Secret):
    """An annual salary: nothing of it shows. Its text is the number with two decimals."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, raw: object) -> Pay:
        """The amount, exact; ValueError for what is none."""
        return cls(f"{Number.from_wire(raw):.2f}")


class Card(Row, frozen=True, rename="pascal", kw_only=True):
    """A person card, whole."""

    named_by: ClassVar[tuple[str, ...]] = ("id",)

    id: Id = field(name="ID")
    employee_type: Code
    employee_status: Code
    country: Code | UnsetType | None = field(name="CountryCode", default=UNSET)
    initials: Text = UNSET
    first_name: Text = UNSET
    middle_name: Text = UNSET
    last_name: Text = UNSET
    birth_prefix: Text = UNSET
    maiden_name: Text = UNSET
    full_name: Text = UNSET
    gender: Text = UNSET
    birth_date: Day = UNSET
    birth_place: Text = UNSET
    email: Text = UNSET
    phone: Text = UNSET
    mobile: Text = UNSET
    fax: Text = UNSET
    street: Text = field(name="AddressLine1", default=UNSET)
    house_number: Text = field(name="AddressHouseNumber", default=UNSET)
    post_code: Text = UNSET
    city: Text = UNSET
    social_security: SocialSecurityNumber | UnsetType | None = field(
        name="SocialSecurityNumber", default=UNSET
    )
    nationality: Text = UNSET
    marital_status: Text = UNSET
    date_of_death: Day = UNSET
    job_title: Text = UNSET
    cost_center: Text = UNSET
    start_date: Day = UNSET
    contract_end: Day = UNSET
    inactive_date: Day = UNSET
    annual_salary: Pay | UnsetType | None = UNSET
    modified_date: Moment | UnsetType | None = UNSET


class Contract(Row, frozen=True, rename="pascal", kw_only=True):
    """A contract of a person."""

    named_by: ClassVar[tuple[str, ...]] = ("id", "resource_id")

    id: str = field(name="ID")
    resource_id: Id = field(name="ResourceID")
    start_date: EdmDay
    end_date: Day = UNSET


class BankAccount(Row, frozen=True, rename="pascal", kw_only=True):
    """A bank account of a person."""

    named_by: ClassVar[tuple[str, ...]] = ("id", "resource_id", "sequence_number")

    id: str = field(name="ID")
    resource_id: Id = field(name="ResourceID")
    sequence_number: int
    is_default: bool
    iban: AccountNumber | None = field(name="IBAN", default=None)
    bic: str | None = field(name="BIC", default=None)


CARDS = Reader(Card, id_key="ID", number_key="ID")
CONTRACTS = Reader(Contract, id_key="ResourceID", number_key="ID")
ACCOUNTS = Reader(BankAccount, id_key="ResourceID", number_key="SequenceNumber")
CARD = (
    "ID",
    "Initials",
    "FirstName",
    "MiddleName",
    "LastName",
    "BirthPrefix",
    "MaidenName",
    "FullName",
    "Gender",
    "BirthDate",
    "BirthPlace",
    "Email",
    "Phone",
    "Mobile",
    "Fax",
    "AddressLine1",
    "AddressHouseNumber",
    "PostCode",
    "City",
    "CountryCode",
    "SocialSecurityNumber",
    "Nationality",
    "MaritalStatus",
    "DateOfDeath",
    "EmployeeType",
    "EmployeeStatus",
    "JobTitle",
    "CostCenter",
    "StartDate",
    "ContractEnd",
    "InactiveDate",
    "AnnualSalary",
    "ModifiedDate",
)
CONTRACT = ("ID", "ResourceID", "StartDate", "EndDate")
ACCOUNT = ("ID", "ResourceID", "SequenceNumber", "IsDefault", "IBAN", "BIC")


class Cards:
    """The person cards of one server. A list is read page after page; 40 ids are one call.

    A list of everybody, or of all that moved, comes as the raw rows, one by one: it is as long as the server
    is large. `CARDS`, `CONTRACTS` and `ACCOUNTS` read them.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def since(self, at: datetime) -> Iterator[Any]:
        """The cards that were saved at that time or later, as raw rows."""
        return self._service.rows("Resource", where=f"ModifiedDate ge {moment(at)}", select=CARD)

    def of(self, ids: Iterable[int]) -> Listed[Card]:
        """The cards with these ids, of which some may not be there."""
        return self._by("ID", ids, "Resource", CARDS, CARD)

    def contracts_since(self, at: datetime) -> Iterator[Any]:
        """The contracts that were saved at that time or later, as raw rows."""
        return self._service.rows("Contract", where=f"ModifiedDate ge {moment(at)}", select=CONTRACT)

    def contracts_of(self, ids: Iterable[int]) -> Listed[Contract]:
        """All contracts of these persons."""
        return self._by("ResourceID", ids, "Contract", CONTRACTS, CONTRACT)

    def first_accounts(self) -> Iterator[Any]:
        """Bank Account 1 of everybody, as raw rows: it changes without the card's being saved."""
        return self._service.rows("BankAccount", where="SequenceNumber eq 1", select=ACCOUNT)

    def accounts_of(self, ids: Iterable[int]) -> Listed[BankAccount]:
        """All bank accounts of these persons."""
        return self._by("ResourceID", ids, "BankAccount", ACCOUNTS, ACCOUNT)

    def _by(
        self, name: str, ids: Iterable[int], entity: str, reader: Reader[R], select: Sequence[str]
    ) -> Listed[R]:
        return Listed(*reader.read(self._service.rows_of(entity, name, ids, select=select)))
