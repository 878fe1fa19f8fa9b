"""Invented people as rows of Simployer."""

from collections.abc import Iterable
from datetime import date

from .invented import BICS, iban, social_security
from .person import APPRENTICE, COST_CENTERS, HOURLY, PERMANENT, TEMPORARY, Person
from .state import Row, State

COMPANIES = {1: "Nordlys Energi AS", 2: "Nordlys Nett AS", 3: "Nordlys Sverige AB"}
UNKNOWN_COST_CENTER = "990"
NO_COST_CENTER = "none"
_KINDS = {
    "company": 1,
    "employee": 2,
    "user": 3,
    "employment": 4,
    "employment-type": 5,
    "compensation": 6,
    "cost-center": 7,
    "department": 8,
    "leave": 9,
    "leave-type": 10,
    "leaveTypeCode": 11,
    "leave-transaction": 12,
}
_TYPES = [(PERMANENT, "NO"), (PERMANENT, "SE"), (TEMPORARY, "NO"), (HOURLY, "NO"), (APPRENTICE, "NO")]


def row_id(kind: str, serial: int) -> str:
    """24 hexadecimal characters: the kind of row, and its number."""
    return f"65d3a1f0{_KINDS[kind]:04x}{serial:012x}"


def moment(day: date) -> str:
    """A date as the vendor writes it."""
    return f"{day}T00:00:00.000Z"


def simployer_rows(people: Iterable[Person]) -> State:
    """The company with its people; time off is not part of this."""
    state: State = {
        "company": [_company(number, name) for number, name in COMPANIES.items()],
        "cost-center": [
            {"id": cost_center_id(code), "companyId": row_id("company", 1), "code": code, "name": name}
            for code, name in {**COST_CENTERS, UNKNOWN_COST_CENTER: "Innovasjon"}.items()
        ],
        "department": [_department(code, name) for code, name in COST_CENTERS.items()],
        "employment-type": [_type(number, *named) for number, named in enumerate(_TYPES, 1)],
        "employee": [],
        "employment": [],
        "compensation": [],
    }
    state["department"].append(
        {"id": department_id(NO_COST_CENTER), "companyId": row_id("company", 1), "name": "Stab"}
    )
    for person in people:
        state["employee"].append(_employee(person))
        state["employment"].extend(_employments(person))
        state["compensation"].append(_compensation(person))
    return state


def cost_center_id(code: str) -> str:
    """The id of a cost centre."""
    return row_id("cost-center", int(code))


def department_id(code: str) -> str:
    """The id of a department, which goes by the code of its cost centre."""
    return row_id("department", 0 if code == NO_COST_CENTER else int(code))


def _company(number: int, name: str) -> Row:
    return {
        "id": row_id("company", number),
        "name": name,
        "legalName": name,
        "orgNumber": f"99900000{number}",
        "phone": "+4721000000",
        "email": "post@nordlys.example",
    }


def _department(code: str, name: str) -> Row:
    return {
        "id": department_id(code),
        "companyId": row_id("company", 1),
        "name": name,
        "description": f"Avdeling {name}",
        "costCenterId": cost_center_id(code),
        "effectiveCostCenterId": cost_center_id(code),
    }


def _type(number: int, name: str, country: str) -> Row:
    return {
        "id": row_id("employment-type", number),
        "companyId": row_id("company", 1 if country == "NO" else 3),
        "name": name,
        "vacation": True,
        "country": country,
        "maxMonths": 0 if name == PERMANENT else 12,
    }


def _type_id(person: Person) -> str | None:
    wanted = (person.employment, person.country if person.employment == PERMANENT else "NO")
    return row_id("employment-type", _TYPES.index(wanted) + 1) if person.employment else None  # type: ignore[arg-type]


def _employee(person: Person) -> Row:
    row: Row = {
        "id": row_id("employee", person.serial),
        "active": person.active,
        "companyId": row_id("company", person.company) if person.company else None,
        "userId": row_id("user", person.serial),
        "employeeNumber": person.number,
        "title": person.title,
        "firstName": person.first,
        "lastName": person.last,
        "gender": person.gender,
        "nationality": person.country,
        "workEmail": person.email,
        "privateEmail": person.private_email,
        "workPhone": person.work_phone,
        "workPhoneSanitized": person.work_phone,
        "privatePhone": person.private_phone,
        "privatePhoneSanitized": person.private_phone,
        "hireDate": moment(person.hired) if person.hired else None,
        "endDate": moment(person.ends) if person.ends else None,
        "birthDate": moment(person.born),
        "ssn": social_security(person.country, person.born, person.serial),
        "departmentId": department_id(person.department),
        "costCenterId": cost_center_id(person.cost_center) if person.cost_center else None,
        "managerEmployeeId": row_id("employee", person.manager) if person.manager else None,
        "employmentId": row_id("employment", person.serial * 2) if person.employment else None,
        "employmentTypeId": _type_id(person),
        "employmentCountry": person.country,
        "compensationId": row_id("compensation", person.serial),
        "bankAccount": _bank_account(person),
        "homeAddress": _home_address(person),
        "custom": dict(person.custom),
        "created": "2024-02-01T09:00:00.000Z",
        "updated": "2026-01-04T12:30:00.000Z",
    }
    return {name: value for name, value in row.items() if value is not None}


def _bank_account(person: Person) -> Row:
    number = iban(person.country, person.serial)
    return {"iban": number, "bic": BICS[person.country], "country": person.country}


def _home_address(person: Person) -> Row:
    return {
        "street": person.street,
        "postalCode": person.postal_code,
        "city": person.city,
        "country": person.country,
    }


def _employments(person: Person) -> list[Row]:
    if person.employment is None:
        return []
    row: Row = {
        "id": row_id("employment", person.serial * 2),
        "companyId": row_id("company", person.company or 1),
        "employeeId": row_id("employee", person.serial),
        "typeId": _type_id(person),
        "terminated": not person.active,
        "rate": person.rate,
        "country": person.country,
    }
    if person.employment_start:
        row["startDate"] = moment(person.employment_start)
    if person.ends:
        row["endDate"] = row["effectiveEndDate"] = moment(person.ends)
    rows = [row]
    if person.former_employment_end and person.hired:
        former = {"startDate": moment(person.hired), "endDate": moment(person.former_employment_end)}
        rows.insert(
            0, {**row, **former, "id": row_id("employment", person.serial * 2 - 1), "terminated": True}
        )
    if person.second_employment:
        second = {"startDate": moment(person.second_employment), "rate": 20}
        rows.append({**row, **second, "id": row_id("employment", person.serial * 2 - 1)})
    return rows


def _compensation(person: Person) -> Row:
    return {
        "id": row_id("compensation", person.serial),
        "employeeId": row_id("employee", person.serial),
        "companyId": row_id("company", person.company or 1),
        "amount": person.salary,
        "baseAmount": person.salary,
        "exchangeRate": 1,
        "currency": "NOK" if person.country == "NO" else "SEK",
        "effectiveDate": moment(person.hired or date(2024, 1, 1)),
        "payoutPeriod": "MONTHLY",
        "payoutFrequency": "MONTH",
        "payoutDay": 25,
        "salarySchedule": "DELAYED",
        "paidOvertime": False,
        "note": "",
    }
