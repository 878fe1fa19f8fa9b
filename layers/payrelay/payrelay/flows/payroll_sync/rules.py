"""Whom the sync takes, how names are written, which account is paid, when all is compared (PE-1 to PE-9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from payrelay.domain.iban import compact, is_iban

# Synergy's role of those who are paid by Payroll Plus.
ROLE = "PAYROLLPLUS"
COUNTRY = "NL"
TYPES: Mapping[str, str] = {"E": "Employee", "C": "Contractor", "S": "Student", "T": "Temporary"}
OTHER_TYPES: Mapping[str, str] = {"A": "Applicant", "R": "Partner", "V": "Vacancy", "K": "Customer"}
STATUSES: Mapping[str, str] = {"A": "Active", "H": "Hired"}
OTHER_STATUSES: Mapping[str, str] = {
    "I": "Inactive",
    "R": "Rejected",
    "F": "Fulfilled",
    "T": "Future",
    "P": "To be approved",
}
INACTIVE = "I"
# The type that has an annual salary.
EMPLOYEE = "E"
MARITAL_STATUSES: Mapping[str, str] = {
    "D": "Gescheiden",
    "L": "Samenwonend",
    "M": "Gehuwd",
    "N": "Onbekend",
    "R": "Geregistreerd partnerschap",
    "S": "Ongehuwd",
    "W": "Verweduwd",
}
GENDERS: Mapping[str, str] = {"M": "M", "V": "V", "O": "O"}
NOT_GIVEN = "(blank)"
DUTCH = "NL"
# The day of the month from which on everybody is compared, where the settings say nothing else.
RECONCILE_DAY = 1


class Selected(Struct, frozen=True):
    """Why somebody is not synchronised: a reason's code and the value that it names; no code if they are."""

    code: str = ""
    value: str = ""

    def __bool__(self) -> bool:
        return not self.code


def selected(
    *, has_role: bool, employee_type: str, status: str, country: str, becoming_inactive: bool
) -> Selected:
    """Whether a person is synchronised: all four must hold, and the first that does not is named (PE-1).

    Who becomes inactive is taken once more, so that the end is sent (PE-2).
    """
    if not has_role:
        return Selected("NOT_PAYROLL_PLUS_EMPLOYEE")
    if employee_type not in TYPES:
        return Selected("TYPE_NOT_SYNCED", OTHER_TYPES.get(employee_type, employee_type or NOT_GIVEN))
    if status not in STATUSES and not (status == INACTIVE and becoming_inactive):
        return Selected("STATUS_NOT_SYNCED", OTHER_STATUSES.get(status, status or NOT_GIVEN))
    if country != COUNTRY:
        return Selected("COUNTRY_NOT_NL", country or NOT_GIVEN)
    return Selected()


class Names(Struct, frozen=True):
    """A name as Payroll Plus takes it; empty parts are blank there."""

    nickname: str
    prefix: str
    birth_name: str
    prefix_partner: str = ""
    last_name_partner: str = ""


def names(first: str, middle: str, last: str, prefix: str, maiden: str) -> Names:
    """The parts of a name: with a maiden name, last name and middle name are the partner's (PE-6)."""
    if maiden:
        return Names(first, prefix, maiden, middle, last)
    return Names(first, middle, last)


def social_security(text: str) -> str | None:
    """A BSN as nine digits, also where the zero in front got lost; None for one that is none (elfproef)."""
    digits = compact(text)
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (8, 9):
        return None
    number = digits.zfill(9)
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
    return number if total % 11 == 0 and int(number) else None


class Account(Struct, frozen=True):
    """A bank account of a person card."""

    sequence: int
    is_default: bool
    iban: str
    bic: str


class Bank(Struct, frozen=True):
    """What is paid where: the account to send, why none is (`kept`), or what is wrong with it (`wrong`)."""

    iban: str = ""
    bic: str = ""
    kept: str = ""
    wrong: str = ""

    @property
    def fields(self) -> tuple[str, str, str, str]:
        """All that tells whether it changed."""
        return self.iban, self.bic, self.kept, self.wrong


def bank(accounts: Sequence[Account]) -> Bank:
    """Only Bank Account 1, if it is the default and has an IBAN; no BIC for a Dutch one (PE-7)."""
    first = next((one for one in accounts if one.sequence == 1), None)
    if first is None:
        return Bank(kept="there is no Bank Account 1")
    iban = compact(first.iban)
    if not iban:
        return Bank(kept="Bank Account 1 has no IBAN")
    if not first.is_default:
        return Bank(kept="Bank Account 1 is not the default account")
    if not is_iban(iban):
        return Bank(wrong="its length or its check digits are wrong")
    return Bank(iban, "" if iban.startswith(DUTCH) else compact(first.bic))


class Before(Struct, frozen=True):
    """When the first complete run was, and the last that reconciled; `ran` is whether any was complete.

    Those of a connection that was made before they were kept are not known.
    """

    ran: bool = False
    first: datetime | None = None
    last: datetime | None = None


def reconciles(asked: datetime, zone: ZoneInfo, day: int | None, before: Before, *, scheduled: bool) -> bool:
    """Whether a run of everybody compares all of them with what payroll has now (PE-9).

    The first run does, and counts for its month. Then the first scheduled one on or after that day of each
    month, unless it was done since that day; one that was missed is made up for, in the next month too.
    """
    if not before.ran:
        return True
    if day is None or not scheduled:
        return False
    today = asked.astimezone(zone).date()
    due = today.replace(day=day)
    if due > today:
        due = (today.replace(day=1) - timedelta(days=1)).replace(day=day)
    if before.first and _month(before.first.astimezone(zone)) == _month(due):
        return False
    return before.last is None or before.last.astimezone(zone).date() < due


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month
