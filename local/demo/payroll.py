"""The story of payroll: a hire, a leaver with two contracts, a raise, a sick week, overtime taken back."""

from local.demo.client import Json, must, say, show_changes, show_reasons, show_run
from local.demo.reports import Delft
from local.seed.payroll_newcomers import HIRE, LEAVER, RAISE
from local.seed.payroll_requests import OVERTIME

PEOPLE, REQUESTS = "payroll_sync", "request_sync"
FIRST_WAGE, RAISED_WAGE, SICK_WEEK, OVERTIME_REQUEST = 90_001, 90_044, 91_008, 91_013
NO_PERIOD = "No payroll period found for this employee with the request start date & end date"


def hire_and_leaver(delft: Delft) -> None:
    """Somebody new becomes a concept employee, and gets the rest once payroll has made them an employee."""
    plan = delft.director.call("GET", f"/connections/{delft.connection}/schedules/{PEOPLE}")
    say(f"   Scheduled since it was connected: every day at {plan['time']} {plan['time_zone']}.")
    found = _records(delft, PEOPLE)
    hire = found[str(HIRE)]
    must(hire["outcome"] == "created", "the hire did not become a concept employee")
    concepts = {row["employeeId"] for row in delft.payroll.state()["conceptEmployees"]}
    must(str(HIRE) in concepts, "the hire is not among the concept employees")
    say(f"   {HIRE}, new in Exact Synergy, is a concept employee in Exact Payroll Plus now:")
    show_reasons([hire])
    _leaver(delft, found[str(LEAVER)])
    delft.payroll.edit("conceptEmployees", lambda row: row["employeeId"] == str(HIRE), status="Converted")
    say(f"   In Exact Payroll Plus a person makes {HIRE} an employee; nothing moves in Exact Synergy.")
    hire = _records(delft, PEOPLE)[str(HIRE)]
    say(f"   What had waited goes to the employee {HIRE}:")
    show_changes(hire)
    accounts = delft.payroll.state()["sepaBankPayments"]
    must(any(row["employeeId"] == str(HIRE) for row in accounts), "the account of the hire was not sent")


def _leaver(delft: Delft, record: Json) -> None:
    """The contract that ended years ago keeps its end."""
    say(f"   {record['label']} leaves, and has two contracts:")
    show_changes(record)
    show_reasons([record])
    rows = [row for row in delft.payroll.state()["employments"] if row["employeeId"] == str(LEAVER)]
    ends = {row["payrollNoEE"]: row["termDate"] for row in rows}
    must(ends[1] == "2021-05-31" and bool(ends[2]), f"the ends of the leaver are {ends}")
    say(f"   In Exact Payroll Plus contract 1 keeps its end, {ends[1]}, and contract 2 ends on {ends[2]}.")


def requests(delft: Delft) -> None:
    """Realised requests, each to its place; what it ends is ended on both sides."""
    found = _records(delft, REQUESTS)
    wages = [row for row in delft.payroll.state()["payments"] if row["employeeId"] == str(RAISE)]
    ends = {row["startDate"]: row["endDate"] for row in wages}
    say(f"   A raise on 1 October 2018, {found[str(RAISED_WAGE)]['label']}, ends the wage of 1 August 2018:")
    earlier = _request(delft, FIRST_WAGE)
    say(f"        in Exact Payroll Plus on {ends['2018-08-01']}")
    say(f"        in Exact Synergy, request {FIRST_WAGE}, on {earlier['EndDate'][:10]}")
    must(ends == {"2018-08-01": "2018-09-30", "2018-10-01": None}, f"the wages end {ends}")
    must(earlier["EndDate"].startswith("2018-09-30"), "the first wage does not end in Exact Synergy")
    must(_request(delft, RAISED_WAGE)["StatusCode"] == "Processed", "the raise is not processed")
    sick = found[str(SICK_WEEK)]
    say("   A sick week over the edge of a period:")
    show_reasons([sick])
    must(sick["reason"]["message"] == NO_PERIOD, "the document has another text")


def overtime_taken_back(delft: Delft) -> None:
    """A processed request is opened again: its hours are set to zero, once."""
    must(_hours(delft) == "6.50", "the overtime was not sent")
    delft.synergy.edit("Request", lambda row: row["HID"] == OVERTIME_REQUEST, StatusCode="Reopened")
    say(f"   Overtime {OVERTIME_REQUEST}, {_hours(delft)} hours, is opened again in Exact Synergy.")
    record = _records(delft, REQUESTS)[str(OVERTIME_REQUEST)]
    show_changes(record)
    must(_hours(delft) == "0.00", "the overtime still counts")
    delft.payroll.forget()
    _records(delft, REQUESTS)
    must(delft.payroll.writes() == 0, "it was written twice")
    say("   The next run writes nothing. (A crash between the two systems is an incident of `make gameday`.)")


def _records(delft: Delft, flow: str) -> dict[str, Json]:
    """The records of one run, by key."""
    run = delft.director.run(delft.connection, flow)
    show_run(run)
    must(run["status"] in ("succeeded", "partial"), f"the run of {flow} is {run['status']}")
    return {record["key"]: record for record in delft.director.records(run)}


def _request(delft: Delft, number: int) -> Json:
    (found,) = (row for row in delft.synergy.state()["Request"] if row["HID"] == number)
    request: Json = found
    return request


def _hours(delft: Delft) -> str:
    """What Exact Payroll Plus has of the overtime."""
    rows = delft.payroll.state()["variableInputs"]
    wanted = (f"ESE-{OVERTIME_REQUEST}", OVERTIME)
    found = [row["value"] for row in rows if (row["sourceRef"], row["component"]) == wanted]
    return found[0] if found else ""
