"""An employer in Payroll Plus: an employee, a leaver, a concept, and somebody who is paid by four weeks."""

from typing import Any

Row = dict[str, Any]
BASE = "/api/v1/employers/emp-500"
HANNEKE, LEAVER, CONCEPT, WEEKLY = "1042", "1043", "1080", "1044"
OVERTIME, MILEAGE = "Uren ovw 150% (overwerk)", "KM.vergoed.onb (bedrag per eenheid)"


def _month(number: int, status: str, last: int) -> Row:
    name = f"2026-{number:02d}"
    return {
        "prPeriod": name,
        "startDate": f"{name}-01",
        "endDate": f"{name}-{last}",
        "status": status,
    }


# Of everybody but 1044, who is paid by four weeks: 53 weeks of 2026 are fourteen periods.
MONTHS = [_month(1, "Approved", 31), _month(2, "Processed", 28), _month(3, "Open", 31)]
WEEKS = [
    {"employeeId": WEEKLY, "prPeriod": name, "startDate": first, "endDate": last, "status": status}
    for name, first, last, status in (
        ("2025-13", "2025-12-01", "2025-12-28", "Approved"),
        ("2026-01", "2025-12-29", "2026-01-25", "Open"),
        ("2026-02", "2026-01-26", "2026-02-22", "Open"),
        ("2026-14", "2026-12-28", "2027-01-03", "Open"),
    )
]
STATE: dict[str, list[Row]] = {
    "employees": [{"employeeId": one, "birthName": "Graaf"} for one in (HANNEKE, LEAVER, WEEKLY)],
    "conceptEmployees": [
        {"employeeId": CONCEPT, "birthName": "Smit", "typeOfEmployee": "Student", "employed": "2026-04-01"}
    ],
    "employments": [
        {"employeeId": HANNEKE, "payrollNoEE": 2, "employed": "2021-09-01", "jobTitle": "Controller"},
        {"employeeId": HANNEKE, "payrollNoEE": 1, "employed": "2020-01-01", "termDate": "2021-05-31"},
        {"employeeId": LEAVER, "payrollNoEE": 1, "employed": "2020-01-01", "termDate": "2025-12-31"},
    ],
    "payrollPeriods": [*MONTHS, *WEEKS],
    "components": [
        {"component": OVERTIME, "unit": "uren", "kind": "variableInput"},
        {"component": MILEAGE, "unit": "bedrag per eenheid", "kind": "variableInput"},
        {"component": "4100", "unit": "bedrag", "kind": "netDeduction"},
        {"component": "4200", "unit": "bedrag", "kind": "netPayment"},
    ],
    "organizationalEntities": [
        {"employeeId": one, "devidingUnit": unit}
        for one in (HANNEKE, WEEKLY)
        for unit in ("Delft", "Breda", "Almere")
    ],
    "workDetails": [{"employeeId": one, "shift": "D1", "hoursPerWeek": "38.00"} for one in (HANNEKE, WEEKLY)],
    "payments": [
        {
            "employeeId": HANNEKE,
            "kind": "basicWage",
            "component": "BASIC",
            "amount": "3500.00",
            "startDate": "2018-08-01",
            "sourceRef": "ESE-90001",
        }
    ],
}
