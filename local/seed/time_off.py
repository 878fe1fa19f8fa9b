"""Invented time off: leaves and their daily transactions, and what Xledger holds of it already."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .simployer_rows import moment, row_id
from .state import Row, State
from .xledger_rows import employee_db_id

HOURS_A_DAY = 7.5
VACATION, SICK, SELF_CERTIFIED, PARENTAL, CHILD_SICK, UNPAID, STUDY = range(1, 8)
# name, kind, code in the Norwegian companies, code in the Swedish one
LEAVE_TYPES = {
    VACATION: ("Ferie", "VACATION", "FERIE", "SEM"),
    SICK: ("Sykmelding", "SICK_LEAVE", "SYK", "SJUK"),
    SELF_CERTIFIED: ("Egenmelding", "SICK_LEAVE", "EGENM", "SJUK"),
    PARENTAL: ("Foreldrepermisjon", "PARENTAL_LEAVE", "FORELDRE", "FLDL"),
    CHILD_SICK: ("Sykt barn", "CHILDCARE", "BARN", "VAB"),
    UNPAID: ("Permisjon uten lønn", "OFF_DUTY", "PERM", "TJL"),
    STUDY: ("Studiepermisjon", "OFF_DUTY", None, None),
}
_TAKEN = ("APPROVED", "CONFIRMED")


@dataclass(frozen=True)
class Leave:
    """Someone away from one day to another."""

    person: int
    type: int
    first: date
    last: date
    extent: int = 100
    status: str = "APPROVED"
    from_timesheet: bool = False

    @property
    def text(self) -> str:
        """The description, as both systems show it."""
        return LEAVE_TYPES[self.type][0]

    def days(self) -> Iterator[date]:
        """Its working days."""
        day = self.first
        while day <= self.last:
            if day.weekday() < 5:
                yield day
            day += timedelta(days=1)


def leaves(today: date) -> list[Leave]:
    """All time off, by the serials of the people; the last dozen lies around today."""
    return [*_notable_leaves(), *_winter_leaves(), *_leaves_around(today)]


def _notable_leaves() -> list[Leave]:
    return [
        Leave(1, VACATION, date(2026, 2, 9), date(2026, 2, 13), status="CONFIRMED"),
        Leave(2, SICK, date(2026, 1, 28), date(2026, 2, 3)),
        Leave(3, VACATION, date(2026, 3, 2), date(2026, 3, 4), extent=50),
        Leave(4, PARENTAL, date(2026, 1, 5), date(2026, 3, 27), status="CONFIRMED"),
        Leave(5, SELF_CERTIFIED, date(2026, 1, 12), date(2026, 1, 14)),
        Leave(6, CHILD_SICK, date(2026, 2, 17), date(2026, 2, 17), extent=50),
        Leave(7, STUDY, date(2026, 3, 9), date(2026, 3, 13)),
        Leave(8, SICK, date(2026, 3, 30), date(2026, 4, 2)),
        Leave(9, SICK, date(2026, 2, 5), date(2026, 2, 5), extent=40, from_timesheet=True),
        Leave(10, VACATION, date(2026, 3, 16), date(2026, 3, 20), status="PENDING"),
        Leave(11, VACATION, date(2026, 3, 16), date(2026, 3, 20), status="CANCELLED"),
        Leave(12, VACATION, date(2026, 2, 2), date(2026, 2, 3)),
        Leave(12, VACATION, date(2026, 2, 4), date(2026, 2, 6)),
        Leave(180, VACATION, date(2026, 2, 16), date(2026, 2, 20)),
        Leave(229, SICK, date(2026, 2, 23), date(2026, 2, 25)),
    ]


def _winter_leaves() -> Iterator[Leave]:
    kinds = (VACATION, SICK, SELF_CERTIFIED, CHILD_SICK, UNPAID)
    for person in range(13, 31):
        monday = date(2026, 1, 5) + timedelta(weeks=person % 11)
        length = 4 if person % 5 == 0 else person % 3
        status = _TAKEN[person % 2]
        yield Leave(person, kinds[person % 5], monday, monday + timedelta(days=length), status=status)


def _leaves_around(today: date) -> Iterator[Leave]:
    for person in range(31, 41):
        first = today + timedelta(days=(person - 35) * 3)
        kind = SICK if first <= today else VACATION
        yield Leave(person, kind, first, first + timedelta(days=4), status=_TAKEN[person % 2])


def simployer_time_off(today: date) -> State:
    """Leave types with their codes per company, leaves, and one transaction per working day."""
    state: State = {
        "leave-type": [_leave_type(number) for number in LEAVE_TYPES],
        "leaveTypeCode": list(_codes()),
        "leave": [],
        "leave-transaction": [],
    }
    for number, leave in enumerate(leaves(today), 1):
        if not leave.from_timesheet:
            state["leave"].append(_leave(number, leave))
        if leave.status in _TAKEN:
            state["leave-transaction"].extend(_transactions(number, leave))
    return state


def _leave_type(number: int) -> Row:
    name, kind, _, _ = LEAVE_TYPES[number]
    return {
        "id": row_id("leave-type", number),
        "name": name,
        "kind": kind,
        "minimumDuration": "HALF_DAY" if number in (VACATION, CHILD_SICK) else "DAY",
        "deductible": kind != "VACATION",
        "paid": number not in (UNPAID, STUDY),
        "disabled": False,
        "archived": False,
    }


def _codes() -> Iterator[Row]:
    for number, (_, _, norwegian, swedish) in LEAVE_TYPES.items():
        for company, code in ((1, norwegian), (2, norwegian), (3, swedish)):
            if code:
                yield {
                    "id": row_id("leaveTypeCode", number * 10 + company),
                    "companyId": row_id("company", company),
                    "leaveTypeId": row_id("leave-type", number),
                    "code": code,
                }


def _leave(number: int, leave: Leave) -> Row:
    one_day = "half_day" if leave.extent == 50 else "one_day"
    return {
        "id": row_id("leave", number),
        "employeeId": row_id("employee", leave.person),
        "typeId": row_id("leave-type", leave.type),
        "description": leave.text,
        "status": leave.status,
        "duration": one_day if leave.first == leave.last else "longer",
        "startDate": moment(leave.first),
        "endDate": moment(leave.last),
    }


def _transactions(number: int, leave: Leave) -> Iterator[Row]:
    parent = "TimesheetEntry" if leave.from_timesheet else "Leave"
    for count, day in enumerate(leave.days()):
        yield {
            "id": row_id("leave-transaction", number * 1000 + count),
            "parent": {"id": row_id("leave", number), "type": parent},
            "status": leave.status,
            "leaveTypeId": row_id("leave-type", leave.type),
            "employeeId": row_id("employee", leave.person),
            "childId": "",
            "date": moment(day),
            "hours": HOURS_A_DAY * leave.extent / 100,
            "extent": leave.extent,
            "description": leave.text,
        }


def xledger_absences() -> list[Row]:
    """One as Simployer has it, one that ends on another day, one that only Xledger knows."""
    return [
        _absence(95001, 1, "FERIE", "2026-02-09", "2026-02-13", "Ferie"),
        _absence(95002, 2, "SYK", "2026-01-28", "2026-01-30", "Sykmelding"),
        _absence(95003, 20, "PERM", "2026-03-26", "2026-03-27", "Ført for hånd"),
    ]


def _absence(db_id: int, person: int, code: str, first: str, last: str, text: str) -> Row:
    return {
        "dbId": str(db_id),
        "employee": {"dbId": employee_db_id(person)},
        "absenceCode": {"code": code},
        "fromDate": first,
        "toDate": last,
        "leavePercent": "100",
        "text": text,
        "approved": True,
        "ownerDbId": "500",
    }
