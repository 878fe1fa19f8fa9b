"""Companies of one flow in this process: those of the benchmark, and what it has not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import requests

from local.bench.accruals import Timeclock
from local.bench.after_pay import Controller, Slips
from local.bench.company import Company
from local.bench.leave import Acme
from local.bench.payroll import Delft, Exact, MonthEnd
from local.bench.sandboxes import Sandboxes
from tests.worlds import people
from tests.worlds.payroll import pay, payroll_run
from tests.worlds.people import Leave, in_xledger, person, whole

# Lines of an entry, and for how much of a size there is one.
LINES, ENTRIES = 20, 20


class Nordlys(Company):
    """Employees of Simployer One who are all in Xledger after a first run."""

    def __init__(self, systems: Sandboxes, size: int) -> None:
        super().__init__(systems)
        self.size = size
        systems.put("simployer", people.simployer(whole(str(1000 + n)) for n in range(size)))
        systems.put("xledger", people.xledger())

    def change(self, every: int) -> None:
        """One in so many gets another title and address."""
        staff = [
            whole(
                str(1000 + n),
                **({"title": "Head", "workEmail": f"head{n}@acme.example"} if n % every == 0 else {}),
            )
            for n in range(self.size)
        ]
        self.systems.put("simployer", people.simployer(staff))


class Away(Company):
    """Everybody is away for the first working day of this month."""

    flow = "time_off_export"

    def __init__(self, systems: Sandboxes, size: int) -> None:
        super().__init__(systems)
        day = date.today().replace(day=1)  # noqa: DTZ011
        while day.weekday() > 4:
            day += timedelta(days=1)
        numbers = [str(1000 + n) for n in range(size)]
        staff = [person(number) for number in numbers]
        there = [{**in_xledger(one), "dbId": str(7000 + n)} for n, one in enumerate(staff)]
        leaves = [Leave(number, f"{day}", f"{day}") for number in numbers]
        systems.put("simployer", people.simployer(staff, leaves))
        systems.put("xledger", people.xledger(*there))


class Reports(Exact):
    """A period of payroll reports, of so many people."""

    flow = "report_pull"

    def __init__(self, systems: Sandboxes, size: int) -> None:
        super().__init__(systems)
        ids = range(2001, 2001 + size)
        amounts = {"BRUTOLOON": "9850.00", "LOONHEFFING": "-848.34", "NETTOLOON": "5791.07"}
        rows = [row for number in ids for row in pay(number, **amounts)]
        systems.put("payroll_plus", {"componentReport": rows, "payrollRuns": [payroll_run()]})
        members = [{"ResourceID": number, "RoleCode": "PAYROLLPLUS"} for number in ids]
        systems.put("synergy", {"Resource": [{"ID": number} for number in ids], "RoleMember": members})


def _settled(systems: Sandboxes, size: int) -> Delft:
    made = Delft(systems, size)
    made.settle()
    return made


def _controller(systems: Sandboxes, size: int) -> Controller:
    """A company with one entry for each twenty."""
    made = Controller(systems, LINES)
    state = requests.get(f"{systems.urls['payroll_plus']}/_sandbox/state", timeout=30).json()
    (entry,) = state["journalEntries"]
    entries = [{**entry, "entryId": f"je-{number}"} for number in range(size // ENTRIES)]
    systems.put("payroll_plus", {**state, "journalEntries": entries})
    return made


def _slips(systems: Sandboxes, size: int) -> Slips:
    return Slips(systems, size, 1000)


def _entries(size: int) -> int:
    return size // ENTRIES


def _everything(size: int) -> int:
    return size


@dataclass(frozen=True)
class Step:
    """A run of a story: what is before it, how much it looks at, and how much of a row it finds equal."""

    name: str
    before: Callable[[Any], object] = lambda company: None
    rows: Callable[[int], int] = _everything
    adopted: int = 0


@dataclass(frozen=True)
class Story:
    """A flow over a company, run by run. `seen` bytes are kept of an id: they are short there, in order."""

    flow: str
    company: Callable[[Sandboxes, int], Company]
    runs: tuple[Step, ...]
    seen: float = 0


UNCHANGED = Step("unchanged")
NEW = Step("all are new")
NONE = Step("none is new", rows=lambda size: 0)

STORIES = (
    Story(
        "employee_export",
        Nordlys,
        (NEW, UNCHANGED, Step("some changed", lambda company: company.change(20))),
        seen=2,
    ),
    Story("time_off_export", Away, (NEW, UNCHANGED), seen=4),
    Story(
        "balance_sync",
        Acme,
        (Step("found equal", adopted=1), UNCHANGED, Step("some paid", lambda company: company.pay(10))),
        seen=4,
    ),
    Story(
        "payroll_sync",
        _settled,
        (UNCHANGED, Step("some changed", lambda company: company.save(Fax="015 2600000"))),
    ),
    Story("request_sync", MonthEnd, (NEW, NONE)),
    Story("document_pull", _slips, (NEW, NONE)),
    Story("report_pull", Reports, (NEW, UNCHANGED)),
    Story(
        "journal_sync",
        _controller,
        (
            Step("an entry", rows=lambda size: size // ENTRIES),
            Step("the same", rows=lambda size: size // ENTRIES),
        ),
    ),
    Story(
        "accrual_sync",
        Timeclock,
        (Step("found equal", adopted=4), UNCHANGED, Step("some accrued", lambda company: company.accrue())),
        seen=1.3,
    ),
)
