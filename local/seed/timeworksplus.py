"""TimeWorksPlus's rows for ACME and BETA: their people, what the time clock was told, and the hours used."""

from collections.abc import Iterator

from .accruals import ACCEPTED, BETA, COMPANIES, FINALIZED, PERIODS, SICK, VACATION
from .hours import Company, Worker
from .state import Row, State

# Where payroll is the system of record, the rule lists the categories alone.
_ACCRUES = "Sick += 1.50 per period; Vacation += 3.08 per period"


def timeworksplus_state() -> State:
    """A site of each company: ACME's balances come from payroll, and BETA's go there."""
    people = [(company, worker) for company in COMPANIES for worker in company.workers if worker.in_clock]
    return {
        "sites": [{"siteId": company.site, "Name": company.code} for company in COMPANIES],
        "employees": [_employee(company, worker) for company, worker in people],
        "processingrules": [row for company in COMPANIES for row in _rules(company)],
        "payperiods": [row for company in COMPANIES for row in _periods(company)],
        "accruals": [row for company, worker in people for row in _balances(company, worker)],
        "usage": [row for company, worker in people for row in _usage(company, worker)],
    }


def _employee(company: Company, worker: Worker) -> Row:
    return {
        "siteId": company.site,
        "EmployeeCode": worker.id,
        "FirstName": worker.first,
        "LastName": worker.last,
        "Email": f"{worker.first}.{worker.last}@{company.code}.example".lower(),
        "StartDate": worker.hired,
        "EndDate": worker.left,
        "States": [{"EffectiveDate": worker.hired, "Variables": {"Department": "10"}}],
    }


def _rules(company: Company) -> Iterator[Row]:
    scripts = {
        "AccrueUpScript": _ACCRUES if company is BETA else "",
        "AccrueDownScript": f"{SICK} -= hours('{SICK}')\n{VACATION} -= hours('{VACATION}')",
    }
    accrued = list(company.categories)
    for name, script in scripts.items():
        yield {"siteId": company.site, "Name": name, "Script": script, "Categories": accrued}
    yield {"siteId": company.site, "Name": "PunchCategories", "Categories": ["Regular", *accrued]}


def _periods(company: Company) -> Iterator[Row]:
    for period in PERIODS:
        yield {
            "siteId": company.site,
            "BeginDate": period[0],
            "EndDate": period[1],
            "IsFinalized": period in FINALIZED,
            "IsAccepted": period in ACCEPTED,
        }


def _balances(company: Company, worker: Worker) -> Iterator[Row]:
    for told in worker.told:
        yield {
            "siteId": company.site,
            "EmployeeCode": worker.id,
            "category": told.category,
            "value": told.value,
            "effective": told.effective,
            "isHidden": told.hidden,
            "expires": told.expires,
        }


def _usage(company: Company, worker: Worker) -> Iterator[Row]:
    for used in worker.used:
        yield {
            "siteId": company.site,
            "EmployeeCode": worker.id,
            "category": used.category,
            "date": used.day,
            "hours": used.hours,
        }
