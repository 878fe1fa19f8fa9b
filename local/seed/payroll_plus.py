"""Exact Payroll Plus's rows for Delft Techniek: who is paid, two years of periods, and what pay came to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from .payroll_people import (
    ADMINISTRATION,
    DIRECTOR,
    EMPLOYER,
    EMPLOYER_NAME,
    MANAGERS,
    ONLY_IN_PAYROLL,
    PEOPLE,
    Colleague,
)
from .state import Row, State

TYPES = {"E": "Employee", "C": "Contractor", "S": "Student", "T": "Temporary"}
# Code, name, unit and kind of each component; all others of an employee add up to NETTOLOON.
COMPONENTS = {
    "BRUTOLOON": ("Brutoloon", "bedrag", "basicWage"),
    "OVERWERK": ("Overwerk", "uren", "variableInput"),
    "PLOEGENTOESLAG": ("Ploegentoeslag", "bedrag", "grossPaymentTable"),
    "PENSIOEN": ("Pensioenpremie werknemer", "bedrag", "grossDeduction"),
    "WGAPREMIE": ("WGA-premie werknemer", "bedrag", "grossDeduction"),
    "LOONHEFFING": ("Loonheffing", "bedrag", "calculation"),
    "REISKOSTEN": ("Reiskosten woon-werk", "bedrag", "netPayment"),
    "THUISWERK": ("Thuiswerkvergoeding", "bedrag", "netPayment"),
    "TELEFOON": ("Telefoonvergoeding", "bedrag", "netPayment"),
    "FIETSPLAN": ("Fietsplan", "bedrag", "netDeduction"),
    "PERSVER": ("Personeelsvereniging", "bedrag", "netDeduction"),
    "NETTOLOON": ("Nettoloon", "bedrag", "calculation"),
}
# Whose gross and net a late correction changes, and who loses the telephone by it.
CORRECTED, WITHOUT_PHONE = "2012", "2021"
REPORTED_PERIODS = 3
_MONTHS = [
    "Januari",
    "Februari",
    "Maart",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Augustus",
    "September",
    "Oktober",
    "November",
    "December",
]
_PENSION, _WGA, _TAX = Decimal("0.0475"), Decimal("0.0061"), Decimal("0.3697")
_CREDIT, _CENT, _NOTHING = Decimal("270.00"), Decimal("0.01"), Decimal("0.00")
_RAISE, _MORE_TAX = Decimal("150.00"), Decimal("-55.46")
_CSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)


def payroll_plus_state(today: date | None = None) -> State:
    """Everything up to last month is processed and approved; the report is that of the last three periods."""
    day = today or datetime.now(UTC).date()
    months = [date(year, month, 1) for year in (day.year - 1, day.year) for month in range(1, 13)]
    approved = [month for month in months if month < day.replace(day=1)]
    paid = (*PEOPLE, ONLY_IN_PAYROLL)
    return {
        "employer": [
            {
                "employerId": EMPLOYER,
                "employerName": EMPLOYER_NAME,
                "administratienummer": ADMINISTRATION,
                "accountActive": True,
            }
        ],
        "employees": [_employee(person, day.year) for person in paid],
        "conceptEmployees": [],
        "employments": [_employment(person) for person in paid],
        "payrollPeriods": [_period(month, month in approved) for month in months],
        "payrollRuns": [_run(month) for month in approved],
        "components": [
            {"component": code, "unit": unit, "kind": kind} for code, (_, unit, kind) in COMPONENTS.items()
        ],
        "componentReport": [
            _report_row(person, month, code, amount)
            for month in approved[-REPORTED_PERIODS:]
            for person in paid
            for code, amount in _pay(person, month)
        ],
    }


def corrected(state: State, now: datetime | None = None) -> State:
    """What a late correction makes of it: the oldest period of the report is approved once more.

    One employee earned more, and paid more tax; another had no right to a telephone.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    after: State = {name: [dict(row) for row in rows] for name, rows in state.items()}
    oldest = min(row["prPeriod"] for row in after["componentReport"])
    for row in after["payrollRuns"]:
        if row["prPeriod"] == oldest:
            row["processedAt"] = row["approvedAt"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    report = {
        (row["employeeId"], row["component"]): row
        for row in after["componentReport"]
        if row["prPeriod"] == oldest
    }
    _move(report[CORRECTED, "BRUTOLOON"], _RAISE)
    _move(report[CORRECTED, "LOONHEFFING"], _MORE_TAX)
    _move(report[CORRECTED, "NETTOLOON"], _RAISE + _MORE_TAX)
    phone = report[WITHOUT_PHONE, "TELEFOON"]
    _move(report[WITHOUT_PHONE, "NETTOLOON"], -Decimal(phone["amount"]))
    after["componentReport"].remove(phone)
    return after


def _move(row: Row, by: Decimal) -> None:
    row["amount"] = str(Decimal(row["amount"]) + by)


def _employee(person: Colleague, year: int) -> Row:
    dice = Random(f"payroll_plus/{person.id}")
    row: Row = {
        "employeeId": str(person.id),
        "initials": person.initials,
        "nickname": person.first,
        "birthName": person.last,
        "prefix": person.middle or None,
        "gender": person.gender,
        "dateOfBirth": str(date(1964, 1, 1) + timedelta(days=dice.randrange(13_500))),
        "email": person.email,
        "street": dice.choice(
            ("Markt", "Oude Delft", "Voldersgracht", "Phoenixstraat", "Hugo de Grootstraat")
        ),
        "houseNumber": str(dice.randrange(1, 180)),
        "postalCode": f"26{dice.randrange(11, 29)}{dice.choice('ABCDEGHJ')}{dice.choice('KLMNPRS')}",
        "city": "Delft",
        "country": "NL",
        "csn": _csn(person.id),
        "nationality": "Nederlandse",
        "maritalStatus": dice.choice(("Gehuwd", "Ongehuwd")),
        "typeOfEmployee": TYPES[person.type],
    }
    if person.type == "E":
        row["fiscalDetails"] = {"annualSalary": str(12 * _gross(person))}
    return {**row, "modifiedAt": f"{year - 1}-11-03T09:15:00Z"}


def _csn(number: int) -> str:
    """A number that nobody has, and that passes the elfproef."""
    for start in ("9999", "9998"):
        digits = f"{start}{number:04d}"
        check = sum(int(digit) * weight for digit, weight in zip(digits, _CSN_WEIGHTS, strict=True)) % 11
        if check < 10:
            break
    return f"{digits}{check}"


def _employment(person: Colleague) -> Row:
    dice = Random(f"payroll_plus/employment/{person.id}")
    team = person.id if person.id in MANAGERS else person.manager
    if person.id == DIRECTOR:
        title = "Directeur"
    elif person.id in MANAGERS:
        title = "Teamleider"
    else:
        title = dice.choice(
            ("Monteur", "Werkvoorbereider", "Engineer", "Planner", "Administratief medewerker")
        )
    return {
        "employeeId": str(person.id),
        "payrollNoEE": 1,
        "employed": str(date(2008 + dice.randrange(15), dice.randrange(1, 13), 1)),
        "termDate": None,
        "jobTitle": title,
        "costCentre": f"{(team or DIRECTOR) - 2000:03d}",
        "typeOfEmployee": TYPES[person.type],
    }


def _period(month: date, approved: bool) -> Row:
    return {
        "prPeriod": f"{month:%Y-%m}",
        "startDate": str(month),
        "endDate": str((month + timedelta(days=31)).replace(day=1) - timedelta(days=1)),
        "status": "Approved" if approved else "Open",
    }


def _run(month: date) -> Row:
    return {
        "runId": f"run-{month:%Y%m}",
        "prPeriod": f"{month:%Y-%m}",
        "description": f"{_MONTHS[month.month - 1]} {month.year}",
        "status": "Approved",
        "processedAt": f"{month:%Y-%m}-23T18:02:00Z",
        "approvedAt": f"{month:%Y-%m}-24T08:00:00Z",
    }


def _report_row(person: Colleague, month: date, code: str, amount: Decimal) -> Row:
    return {
        "employeeId": str(person.id),
        "year": month.year,
        "prPeriod": f"{month:%Y-%m}",
        "component": code,
        "description": COMPONENTS[code][0],
        "amount": str(amount),
    }


def _gross(person: Colleague) -> Decimal:
    """What a person earns a month before anything else."""
    if person.id == DIRECTOR:
        return Decimal("9850.00")
    least, most = (5400, 6300) if person.id in MANAGERS else {"S": (950, 1300)}.get(person.type, (2450, 4700))
    return Decimal(Random(f"payroll_plus/gross/{person.id}").randrange(least, most, 25)) + _NOTHING


def _pay(person: Colleague, month: date) -> Iterator[tuple[str, Decimal]]:
    """The components of a month's pay in their order; what is held back is negative."""
    always, this_month = (
        Random(f"payroll_plus/pay/{person.id}"),
        Random(f"payroll_plus/{person.id}/{month:%Y-%m}"),
    )
    gross = _gross(person)
    overtime = _cents(gross / 160 * this_month.randrange(1, 12) * Decimal("1.5"))
    parts = {"BRUTOLOON": gross}
    if this_month.random() < 0.4:
        parts["OVERWERK"] = overtime
    if always.random() < 0.3:
        parts["PLOEGENTOESLAG"] = _cents(gross * Decimal("0.08"))
    taxed = sum(parts.values(), _NOTHING)
    parts["PENSIOEN"] = -_cents(gross * _PENSION)
    parts["WGAPREMIE"] = -_cents(taxed * _WGA)
    taxed += parts["PENSIOEN"] + parts["WGAPREMIE"]
    parts["LOONHEFFING"] = -max(_cents(taxed * _TAX) - _CREDIT, _NOTHING)
    kilometres, days = always.randrange(4, 60), this_month.randrange(10, 18)
    parts["REISKOSTEN"] = _cents(Decimal("0.23") * kilometres * days)
    parts["THUISWERK"] = _cents(Decimal("2.40") * (21 - days))
    if always.random() < 0.5 or str(person.id) == WITHOUT_PHONE:
        parts["TELEFOON"] = Decimal("15.00")
    if always.random() < 0.25:
        parts["FIETSPLAN"] = Decimal("-41.65")
    parts["PERSVER"] = Decimal("-4.50")
    parts["NETTOLOON"] = sum(parts.values(), _NOTHING)
    return iter(parts.items())


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
