"""A month of whole installations: who is on it, what runs when, and what is assumed of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local.costs import flows
from local.costs.flows import SHAPES, Size
from local.costs.prices import GB
from local.costs.standing import is_traced, log_days, memory_of, roles, standing
from local.costs.work import dollars as by_line
from local.costs.work import given, times, total
from payrelay.flows.catalog import kind_of
from payrelay.systems.registry import SYSTEMS

DAYS, WEEK, SECONDS = 30, 7, 30 * 24 * 3600
WATCHES = 4 * 24 * DAYS

# Seconds of a function: what it takes to call the ledger, the bucket and the secrets; a call to a vendor; a
# row that is compared at the half of a core that 512 MB are given less than, and one that is found in the
# mirror; a record that is written; and a cold start.
FUNCTION, VENDOR, ROW, SETTLED, WRITTEN, COLD = 0.15, 0.25, 0.0004, 0.00015, 0.004, 1.2
# An API call, and what it reads: half of them one run, half the newest of a list.
API_SECONDS, API_READS = 0.05, 8
# A visit to the console: the page, whose files the browser keeps, and the calls for what is looked at.
PAGE_SECONDS, LOOKS = 0.01, 20
# Bytes of log lines, with the 26 that CloudWatch adds to each: what Lambda says of a call of a function, our
# line of a step, of a call to a vendor with its metric, of a record that was written, of an ended run's
# metrics; and what the API's access log says.
LAMBDA_LINES, STEP_LINE, CALL_LINE, METRIC_LINE = 740, 410, 480, 260
RECORD_LINE, RUN_LINE, ACCESS_LINE = 440, 560, 230
# Calls for the one secret in a step: for each system, and for the key of the fingerprints.
SECRETS_A_STEP = 3
# DynamoDB and S3 ask for a key again after some minutes, for each role.
KEY_MINUTES = 5
# Metrics of an ended run, in all and by flow: finished, how, seconds, and three outcomes of records; and a
# system's.
METRICS_OF_A_RUN, METRICS_OF_A_SYSTEM = 6, 2
HOURS = 24 * DAYS
# Bytes that a record leaves for good (link, delivery, one entry of its trail), and a run in table and
# indexes.
RECORD_KEPT, RUN_KEPT, RUNS_KEPT_DAYS = 1000, 5000, 400
SCHEDULE_ITEM = 400
# The one flow that goes on by itself.
AUTO = "invoice_sync"


@dataclass(frozen=True, slots=True)
class Daily:
    """A flow of one tenant: how often it runs in a month, and what each run has before it."""

    flow: str
    size: Size
    runs: float = DAYS


@dataclass(frozen=True, slots=True)
class Case:
    """So many tenants alike, each with one connection and these flows, and with apps that call the API."""

    name: str
    tenants: int = 0
    flows: tuple[Daily, ...] = ()
    apps: int = 10
    calls_a_day: int = 24
    people: int = 3
    visits_a_day: int = 0
    employees: int = 0
    year: int = 1

    @property
    def api_calls(self) -> float:
        """The API calls of a month: of apps, and of people in the console."""
        return self.tenants * self.apps * self.calls_a_day * DAYS + self.visits * LOOKS

    @property
    def visits(self) -> float:
        """How often somebody opens the console in a month."""
        return self.tenants * self.people * self.visits_a_day * DAYS


def daily(employees: int) -> Daily:
    """The employee export once a day, one in a hundred changed."""
    return Daily("employee_export", Size(employees, math.ceil(employees / 100)))


def mostly_short(employees: int) -> tuple[Daily, ...]:
    """The same of a company that is compared in full once a week."""
    full = daily(employees)
    short = replace(full, size=replace(full.size, short=True))
    return replace(short, runs=DAYS * (WEEK - 1) / WEEK), replace(full, runs=DAYS / WEEK)


# What a flow has to do in a month at a tenant of 250 employees.
USUAL = (
    daily(250),
    Daily("time_off_export", Size(250, 10)),
    Daily("balance_sync", Size(250, 30), runs=44),
    Daily("payroll_sync", Size(250, 3)),
    # Every half hour of a working day, most of them with nothing to do.
    Daily("request_sync", Size(0, 0), runs=28 * 22 - 100),
    Daily("request_sync", Size(5, 5), runs=100),
    Daily("document_pull", Size(9, 9)),
    Daily("report_pull", Size(250, 63), runs=4),
    Daily("journal_sync", Size(1, 1)),
    Daily("accrual_sync", Size(250, 20)),
    Daily(AUTO, Size(10, 10), runs=22),
)

IDLE = Case("idle")
ONE = Case("1 tenant, 250 employees daily", 1, (daily(250),), employees=250)
THOUSAND = Case("1,000 tenants, 250 employees daily", 1000, (daily(250),), employees=250)
LARGE = Case("1 tenant, 100,000 employees daily", 1, mostly_short(100_000), employees=100_000)
LATER = Case("idle, from the third year on", year=3)
CASES = (IDLE, LATER, ONE, THOUSAND, LARGE)


def month(case: Case) -> dict[str, float]:
    """All that AWS bills of a month of a case."""
    runs = total(*(times(case.tenants * one.runs, a_run(one, cold=case.tenants < 100)) for one in case.flows))
    found = total(standing(case.year), _watch(case), runs, _api(case), _console(case))
    found = total(found, _kept(case), _metrics(case))
    kept = found["log_gb"] * log_days() / DAYS * 0.15
    active = min(runs.get("lambda_requests", 0) + case.api_calls, SECONDS / 60 / KEY_MINUTES * roles())
    keys = {"kms_requests": active + WATCHES}
    return total(
        found,
        keys,
        {"log_kept_gb": kept, "secrets": case.tenants, "people": case.tenants * case.people},
    )


def a_run(one: Daily, *, cold: bool = False) -> dict[str, float]:
    """All that one scheduled run asks for, from the scheduler to what follows its end."""
    if one.flow == AUTO:
        return _a_session(one.size.changed)
    shape = SHAPES[one.flow]
    found = flows.run(shape, one.size)
    steps = opened(shape.pages(one.size), shape.batches(one.size))
    vendor, called = flows.calls(shape, one.size), found["lambda_requests"] + 2
    settled = one.size.rows - one.size.compared
    rows = (ROW * one.size.compared + SETTLED * settled) * shape.at
    own = FUNCTION * steps + VENDOR * vendor + rows + WRITTEN * one.size.changed
    others = FUNCTION * (called - steps)
    gigabytes = [memory_of(f"{_pascal(one.flow)}{step}") for step in ("ListPages", "PlanPage", "ApplyPage")]
    seconds = own * sum(gigabytes) / len(gigabytes) + others * memory_of("OpenRun")
    freezing = COLD * called * memory_of("OpenRun") if cold else 0
    return total(
        found,
        {
            # StartRun and StartWaiting; each reads what it needs to know.
            "lambda_requests": 2,
            "reads": 3,
            "schedule_calls": 1,
            "lambda_gb_seconds": seconds + freezing,
            "secret_calls": SECRETS_A_STEP * steps,
            "kms_requests": steps if _renews(one.flow) else 0,
            "traces": 3,
            "log_gb": _logged(called, vendor, one.size.changed),
        },
    )


def opened(pages: int, batches: int) -> int:
    """The steps that open the flow and its systems: ListPages, PlanAbsent, pages and batches."""
    return 2 + pages + batches


def _a_session(documents: int) -> dict[str, float]:
    """All that one Auto Sync asks for, which a person starts."""
    found, vendor = flows.session(documents), flows.session_calls(documents)
    called = found["lambda_requests"] + 1
    return total(
        found,
        {
            "lambda_requests": 1,
            "lambda_gb_seconds": (FUNCTION * called + VENDOR * vendor) * memory_of("InvoiceSyncPlanPage"),
            "secret_calls": SECRETS_A_STEP * called,
            "kms_requests": called,
            "traces": 2,
            "log_gb": _logged(called, vendor, documents),
        },
    )


def _logged(called: float, vendor: float, written: float) -> float:
    """Gigabytes of the log lines of one run."""
    return (called * LAMBDA_LINES + vendor * METRIC_LINE + RUN_LINE + our_lines(called, vendor, written)) / GB


def our_lines(called: float, vendor: float, written: float) -> float:
    """Bytes of the lines that name their run: of its steps, its calls, and what it has written."""
    return called * STEP_LINE + vendor * CALL_LINE + written * RECORD_LINE


def _api(case: Case) -> dict[str, float]:
    """The calls of the apps; each app's last use is written once a day."""
    calls = case.api_calls
    kept = min(calls, SECONDS) + 0.05 * max(0, calls - SECONDS) if is_traced("ApiFunction") else 0
    return {
        "api_requests": calls,
        "lambda_requests": calls,
        "lambda_gb_seconds": calls * API_SECONDS * memory_of("ApiFunction"),
        "reads": calls * API_READS,
        "writes": case.tenants * case.apps * DAYS,
        "traces": kept,
        "log_gb": calls * (LAMBDA_LINES + ACCESS_LINE) / GB,
    }


def _console(case: Case) -> dict[str, float]:
    """The page of the console; what people look at there are calls of the API."""
    return {
        "api_requests": case.visits,
        "lambda_requests": case.visits,
        "lambda_gb_seconds": case.visits * PAGE_SECONDS * memory_of("Console"),
        "log_gb": case.visits * (LAMBDA_LINES + ACCESS_LINE) / GB,
    }


def _watch(case: Case) -> dict[str, float]:
    """Four looks an hour at all schedules: the list of them, and the runs of each since it was due."""
    schedules = case.tenants * len(case.flows)
    listed = max(0.5, schedules * SCHEDULE_ITEM / 4096 / 2)
    return {
        "lambda_requests": WATCHES,
        "lambda_gb_seconds": WATCHES * (0.1 + schedules * 0.008) * memory_of("Watch"),
        "reads": WATCHES * (0.5 + listed + schedules * 0.5),
        "traces": WATCHES if is_traced("Watch") else 0,
        "log_gb": WATCHES * (LAMBDA_LINES + RUN_LINE + STEP_LINE) / GB,
    }


def _kept(case: Case) -> dict[str, float]:
    """What is in the table after a year of it: the records, and the runs of as long as they are kept."""
    months = RUNS_KEPT_DAYS / DAYS
    runs = sum(one.runs * (1 + _pages(one)) for one in case.flows) * months
    size = case.tenants * (case.employees * RECORD_KEPT + runs * RUN_KEPT) / GB
    return {"table_gb": size, "backup_gb": size, "s3_gb": 0.1 * size}


def _pages(one: Daily) -> int:
    return one.size.changed // 5 if one.flow == AUTO else SHAPES[one.flow].pages(one.size)


def _metrics(case: Case) -> dict[str, float]:
    """A metric costs for the hours in which it is told something: those in which there is a run."""
    found = 0.0
    for one in case.flows:
        hours = min(HOURS, case.tenants * one.runs) / HOURS
        systems = len(kind_of(one.flow).systems)
        found += hours * (2 * METRICS_OF_A_RUN + systems * METRICS_OF_A_SYSTEM)
    return {"metrics": found}


def _renews(flow: str) -> bool:
    """Whether the kind of connection has tokens that renew themselves: each step opens them with the key."""
    return any(SYSTEMS[one].oauth or SYSTEMS[one].session for one in kind_of(flow).every_system)


def _pascal(flow: str) -> str:
    return "".join(word.capitalize() for word in flow.split("_"))


@dataclass(frozen=True, slots=True)
class Bill:
    """Dollars of a month: by line of the bill, and what every account is given for ever."""

    lines: Mapping[str, float]
    given: float

    @property
    def listed(self) -> float:
        """By the list, before anything is given."""
        return sum(self.lines.values())

    @property
    def paid(self) -> float:
        """What the account pays."""
        return self.listed - self.given


def bill(work: Mapping[str, float]) -> Bill:
    """What amounts of a month cost."""
    return Bill(by_line(work), given(work))
