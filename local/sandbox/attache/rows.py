"""The rows of Attaché: their fields in the contract's order, and how a tester's are completed."""

from decimal import Decimal
from typing import Any

from local.sandbox.frame import kinds
from local.sandbox.frame.kinds import FLAG, KEY, NAME, TEXT, Kind, Misfit, Misfits, misfit, one_of, or_null
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.resources import Resource, at_time
from local.sandbox.frame.room import Row

from .leave import DECIMALS, PREFIXES, decimals_of, entitled, last_pay, leave_row, pro_rata

USER = "payroll1"
_LARGEST = Decimal(10) ** 9
# The exponents of numbers that are written without one: 1e3 is kept as 1000.
_PLAIN = range(-DECIMALS, 1)
_EMPLOYEE = ("OrganisationId", "EmployeeCode")


def _number(words: str, least: Decimal, most: Decimal) -> Kind:
    """A number with the digits that it was sent with, never by way of a float."""

    def take(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise ValueError(value)
        # Only a caller in the same process gives a float: its shortest text is what was meant.
        number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
        if not number.is_finite() or decimals_of(number) > DECIMALS or not least <= number <= most:
            raise ValueError(value)
        return number if number.as_tuple().exponent in _PLAIN else number.quantize(Decimal(1))

    return Kind(f"a number {words}with at most four decimals", take)


def _of_our_time(kind: Kind) -> Kind:
    """Years from 1900 to 2099."""
    return kinds.that(kind.words, lambda value: kind.accepts(value) and value[:2] in ("19", "20"))


def _until(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(INSTANT.accepts(until) for until in value.values()):
        raise ValueError(value)
    return value


DAY, INSTANT = _of_our_time(kinds.DAY), _of_our_time(kinds.INSTANT)
AMOUNT = _number("", -_LARGEST, _LARGEST)
_HOURS = _number("from 0 to 24 ", Decimal(0), Decimal(24))
_WEEK = _number("from 0 to 7 ", Decimal(0), Decimal(7))
_COUNTRY = one_of("Australia", "New Zealand")


def _organisation_of(row: Row, reading: Reading, name: str = "OrganisationId") -> Row:
    """The organisation of a row, which is the first where it names none; then it does."""
    there = reading.store["organisations"]
    if name not in row:
        row[name] = next((one["OrganisationId"] for one in there.rows()), "")
    organisation = there.get(row[name])
    if organisation is None:
        raise misfit(name, "names no organisation")
    return organisation


def _employee_of(row: Row, reading: Reading) -> Row:
    organisation = _organisation_of(row, reading)["OrganisationId"]
    employee = reading.store["employees"].get((organisation, row["EmployeeCode"]))
    if employee is None:
        raise misfit("EmployeeCode", f"names no employee of {organisation}")
    return employee


def _employee(row: Row, reading: Reading) -> Row:
    organisation = _organisation_of(row, reading)
    made = {
        "EnableAttacheOnline": bool(row.get("AOemail")),
        "Country": organisation["Country"],
        "ModifiedAt": reading.at,
    }
    return {**made, **row}


def _balance(row: Row, reading: Reading) -> Row:
    _employee_of(row, reading)
    halves = [{entitled(prefix), pro_rata(prefix)} - row.keys() for prefix in PREFIXES]
    alone = [missing.pop() for missing in halves if len(missing) == 1]
    if alone:
        said = "is required: entitled and pro-rata come in pairs"
        raise Misfits(Misfit((name,), said) for name in alone)
    return {"LeaveAccrueTo": last_pay(reading.now), "ModifiedAt": reading.at, **row}


def _leave(row: Row, reading: Reading) -> Row:
    employee = _employee_of(row, reading)
    balance = reading.store["leavebalances"].get((row["OrganisationId"], row["EmployeeCode"]))
    accrued_to = balance["LeaveAccrueTo"] if balance else last_pay(reading.now)
    return leave_row(row, employee, accrued_to, reading.at)


def _change(row: Row, reading: Reading) -> Row:
    _employee_of(row, reading)
    return {"ChangedAt": reading.at, **row}


def _token(row: Row, reading: Reading) -> Row:
    """No token is given out twice, be it for access or for refreshing."""
    used = [row["refresh_token"]]
    for other in reading.store["tokens"].rows():
        used += (other["refresh_token"], *other["access_tokens"])
        if row["refresh_token"] in other["access_tokens"]:
            raise misfit("refresh_token", f"{row['refresh_token']} is used twice")
    for token in row["access_tokens"]:
        if token in used:
            raise misfit("access_tokens", f"{token} is used twice")
    _organisation_of(row, reading, "organisation_id")
    return row


_MOVED = {"ModifiedAt": at_time(kinds.instant)}
ORGANISATIONS = Resource(
    "organisations",
    "OrganisationId",
    {"OrganisationId": KEY, "OrganisationName": NAME, "Country": _COUNTRY},
    needed=("OrganisationId", "OrganisationName"),
    defaults={"Country": "Australia"},
    rank=None,
    usual=({"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"},),
)
# What the path says on the wire stands in the rows of a state.
EMPLOYEES = Resource(
    "employees",
    _EMPLOYEE,
    {
        "OrganisationId": KEY,
        "EmployeeCode": KEY,
        "FullName": NAME,
        "AOemail": or_null(TEXT),
        "EnableAttacheOnline": FLAG,
        "Location": TEXT,
        "State": TEXT,
        "Country": _COUNTRY,
        "HourPerDay": _HOURS,
        "TerminationDate": or_null(DAY),
        "ModifiedAt": INSTANT,
    },
    needed=("EmployeeCode", "FullName"),
    defaults={
        "AOemail": None,
        "Location": "",
        "State": "",
        "HourPerDay": Decimal("7.6"),
        "TerminationDate": None,
    },
    made=_employee,
    moved=_MOVED,
    rank=None,
    group=("OrganisationId",),
    hidden=("OrganisationId",),
)
BALANCES = Resource(
    "leavebalances",
    _EMPLOYEE,
    {
        "OrganisationId": KEY,
        "EmployeeCode": KEY,
        "LeaveAccrueTo": DAY,
        **{name(prefix): AMOUNT for prefix in PREFIXES for name in (entitled, pro_rata)},
        "ModifiedAt": INSTANT,
    },
    needed=("EmployeeCode",),
    made=_balance,
    moved=_MOVED,
    rank=None,
    group=("OrganisationId",),
    hidden=("OrganisationId",),
)
LEAVE = Resource(
    "leave",
    (*_EMPLOYEE, "IncomeCode"),
    {
        "OrganisationId": KEY,
        "EmployeeCode": KEY,
        "IncomeCode": KEY,
        "Description": TEXT,
        "LeaveAccruedUpToAndIncluding": DAY,
        "LeaveStartDate": DAY,
        "LastEntitlementDate": DAY,
        "EntitlementOwing": AMOUNT,
        "ProRataOwing": AMOUNT,
        "ContingentOwing": AMOUNT,
        "HoursPerDay": _HOURS,
        "DaysPerWeek": _WEEK,
        "DisplayIn": one_of("Days", "Hours"),
        "ProRataApplicable": FLAG,
        "CalculateBy": one_of("Date", "Hour", "Pay"),
        "ModifiedAt": INSTANT,
    },
    needed=("EmployeeCode", "IncomeCode", "EntitlementOwing"),
    made=_leave,
    moved=_MOVED,
    rank=None,
    group=_EMPLOYEE,
    hidden=_EMPLOYEE,
)
HISTORY = Resource(
    "leavehistory",
    "Serial",
    {
        "OrganisationId": KEY,
        "EmployeeCode": KEY,
        "IncomeCode": KEY,
        "ChangedAt": INSTANT,
        "OldEntitlementOwing": AMOUNT,
        "NewEntitlementOwing": AMOUNT,
        "Comment": NAME,
        "User": NAME,
        # Tells changes within a second apart.
        "Serial": kinds.whole(1),
    },
    needed=("EmployeeCode", "IncomeCode", "OldEntitlementOwing", "NewEntitlementOwing", "Comment"),
    defaults={"User": USER},
    made=_change,
    fresh=lambda number: number,
    order=("ChangedAt", "Serial"),
    group=_EMPLOYEE,
    hidden=(*_EMPLOYEE, "Serial"),
)
TOKENS = Resource(
    "tokens",
    "refresh_token",
    {
        "refresh_token": NAME,
        "organisation_id": KEY,
        "access_tokens": Kind("an object of tokens and the times at which they end", _until),
    },
    defaults={"access_tokens": {}},
    made=_token,
    lasting=True,
)
RESOURCES = (ORGANISATIONS, EMPLOYEES, BALANCES, LEAVE, HISTORY, TOKENS)
