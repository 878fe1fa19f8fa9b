"""Exact Payroll Plus's rows for Delft Techniek: who is paid, two years of periods, and what pay came to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from .payroll_cards import gross
from .payroll_master import concepts, employees, employments, places
from .payroll_outputs import entries, run_of, slips, statements
from .payroll_people import ADMINISTRATION, EMPLOYER, EMPLOYER_NAME, ONLY_IN_PAYROLL, PEOPLE, Colleague
from .payroll_periods import months, paid_months
from .payroll_requests import INPUTS, payments, variable_inputs
from .state import Row, State

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


def payroll_plus_state(today: date | None = None) -> State:
    """Up to last month all is processed and approved; slips, entries and report are of three months."""
    day = today or datetime.now(UTC).date()
    approved = [month for month in months(day) if month < day.replace(day=1)]
    paid = (*PEOPLE, ONLY_IN_PAYROLL)
    pays = {month: {person: dict(_pay(person, month)) for person in paid} for month in paid_months(day)}
    return {
        "employer": [
            {
                "employerId": EMPLOYER,
                "employerName": EMPLOYER_NAME,
                "administratienummer": ADMINISTRATION,
                "accountActive": True,
            }
        ],
        "employees": employees(day),
        "conceptEmployees": concepts(day),
        "employments": employments(day),
        "payments": payments(),
        "variableInputs": variable_inputs(day),
        **places(day),
        "payrollRuns": [_run(month) for month in approved],
        "payrollYears": [
            {"year": day.year - 1, "status": "Closed"},
            {"year": day.year, "status": "Open"},
        ],
        "components": [{"component": code, "unit": unit, "kind": kind} for code, unit, kind in _components()],
        "componentReport": [
            _report_row(person, month, code, amount)
            for month, pay in pays.items()
            for person, parts in pay.items()
            for code, amount in parts.items()
        ],
        "documents": [row for month in pays for row in slips(month, paid)]
        + list(statements(day.year - 1, paid)),
        "journalEntries": [
            row for month, pay in pays.items() for row in entries(month, _described(month), pay)
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


def _components() -> Iterator[tuple[str, str, str]]:
    """What can be put in; what is calculated can't."""
    for code, (_, unit, kind) in COMPONENTS.items():
        if kind != "calculation":
            yield code, unit, kind
    yield from INPUTS


def _run(month: date) -> Row:
    return {
        "runId": run_of(month),
        "prPeriod": f"{month:%Y-%m}",
        "description": _described(month),
        "status": "Approved",
        "processedAt": f"{month:%Y-%m}-23T18:02:00Z",
        "approvedAt": f"{month:%Y-%m}-24T08:00:00Z",
    }


def _described(month: date) -> str:
    return f"{_MONTHS[month.month - 1]} {month.year}"


def _report_row(person: Colleague, month: date, code: str, amount: Decimal) -> Row:
    return {
        "employeeId": str(person.id),
        "year": month.year,
        "prPeriod": f"{month:%Y-%m}",
        "component": code,
        "description": COMPONENTS[code][0],
        "amount": str(amount),
    }


def _pay(person: Colleague, month: date) -> Iterator[tuple[str, Decimal]]:
    """The components of a month's pay in their order; what is held back is negative."""
    always, this_month = (
        Random(f"payroll_plus/pay/{person.id}"),
        Random(f"payroll_plus/{person.id}/{month:%Y-%m}"),
    )
    wage = gross(person)
    overtime = _cents(wage / 160 * this_month.randrange(1, 12) * Decimal("1.5"))
    parts = {"BRUTOLOON": wage}
    if this_month.random() < 0.4:
        parts["OVERWERK"] = overtime
    if always.random() < 0.3:
        parts["PLOEGENTOESLAG"] = _cents(wage * Decimal("0.08"))
    taxed = sum(parts.values(), _NOTHING)
    parts["PENSIOEN"] = -_cents(wage * _PENSION)
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
