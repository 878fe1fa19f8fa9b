"""Simployer One's client: leave types, leave by day, whole leaves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.systems.rows import BadRow
from payrelay.systems.simployer.client import SimployerClient
from tests.systems.conftest import Bench
from tests.systems.lists import halves, rows
from tests.systems.loopback import Loopback
from tests.systems.simployer_answers import listing


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> SimployerClient:
    return SimployerClient(f"{loopback.origin}/simployer/v1", Secret("the-token"), options=bench.options)


@pytest.mark.requirement("TO-1")
def test_leave_types_carry_their_payroll_code_per_company(
    client: SimployerClient, loopback: Loopback
) -> None:
    types = [{"id": "v", "name": "Vacation", "kind": "VACATION"}, {"id": "s", "name": "Sick"}]
    codes = [
        {"id": "x1", "leaveTypeId": "v", "companyId": "c1", "code": "ABC"},
        {"id": "x2", "leaveTypeId": "v", "companyId": "c2", "code": "XYZ"},
    ]
    loopback.answers(listing(types, {"leaveTypeCode": codes}))

    vacation, sick = rows(client.leave_types())

    assert {code.company_id: code.code for code in vacation.codes} == {"c1": "ABC", "c2": "XYZ"}
    assert sick.codes == ()
    assert dict(loopback.seen[0].params)["relations"] == "leaveTypeCode"


def test_all_leave_types_are_read_however_many(client: SimployerClient, loopback: Loopback) -> None:
    types = [{"id": f"t{number}", "name": "Leave"} for number in range(3)]
    loopback.answers(listing(types[:2], total=3), listing(types[2:], total=3))

    assert [row.id for row in rows(client.leave_types())] == ["t0", "t1", "t2"]


def test_a_code_that_does_not_read_spoils_its_leave_type_only(
    client: SimployerClient, loopback: Loopback
) -> None:
    types = [{"id": "v", "name": "Vacation"}, {"id": "s", "name": "Sick"}, "nonsense"]
    loopback.answers(listing(types, {"leaveTypeCode": [{"id": "x1", "leaveTypeId": "v", "companyId": "c1"}]}))

    good, bad = halves(client.leave_types())

    assert [row.id for row in good] == ["s"]
    assert bad[0] == BadRow("v", "Vacation", "leaveTypeCode.code", "is missing")
    assert len(bad) == 2


def test_a_code_that_does_not_tell_its_leave_type_is_named_for_itself(
    client: SimployerClient, loopback: Loopback
) -> None:
    codes = [{"id": "x1", "companyId": "c1", "code": "ABC"}]
    loopback.answers(listing([{"id": "v", "name": "Vacation"}], {"leaveTypeCode": codes}))

    good, bad = halves(client.leave_types())

    assert [row.codes for row in good] == [()]
    assert bad == [BadRow("", "x1", "leaveTypeCode.leaveTypeId", "is missing")]


@pytest.mark.requirement("TO-1")
def test_leave_is_asked_for_by_its_days_both_included(client: SimployerClient, loopback: Loopback) -> None:
    row = {
        "id": "a1",
        "parent": {"id": "b1", "type": "Leave"},
        "status": "APPROVED",
        "leaveTypeId": "v",
        "employeeId": "e1",
        "childId": "",
        "date": "2026-02-09T00:00:00.000Z",
        "hours": 7.5,
        "extent": 100,
        "description": "Winter break",
    }
    employee = {"id": "e1", "employeeNumber": "145", "companyId": "c1"}
    loopback.answers(listing([row, row | {"id": "a2", "employeeId": "gone"}], {"employee": [employee]}))

    page = client.leave_transactions(date(2026, 2, 1), date(2026, 2, 28), 0)

    first, second = rows(page.listed)
    assert (first.date, first.hours, first.extent) == (date(2026, 2, 9), Decimal("7.5"), Decimal(100))
    assert first.employee
    assert (first.employee.employee_number, first.employee.company_id) == ("145", "c1")
    assert second.employee is None
    assert loopback.seen[0].params[:3] == [
        ("relations", "employee"),
        ("filters[date][$between][]", "2026-02-01T00:00:00.000Z"),
        ("filters[date][$between][]", "2026-02-28T23:59:59.999Z"),
    ]
    # By id last: a person's days, which sort alike, must not change places between two pages.
    assert loopback.seen[0].params[3:5] == [("sort[employeeId]", "asc"), ("sort[id]", "asc")]


@pytest.mark.requirement("TO-1")
def test_leave_of_some_employees_only(client: SimployerClient, loopback: Loopback) -> None:
    loopback.answers(listing([]))
    february = (date(2026, 2, 1), date(2026, 2, 28))

    client.leave_transactions(*february, 0, None, employee_ids=["e1", "e2"])

    wanted = [value for name, value in loopback.seen[0].params if name == "filters[employeeId][$in][]"]
    assert wanted == ["e1", "e2"]
    with pytest.raises(ValueError, match="100 employees at most"):
        client.leave_transactions(*february, 0, None, employee_ids=["e"] * 101)


@pytest.mark.requirement("TO-2")
def test_whole_leaves_are_found_by_id(client: SimployerClient, loopback: Loopback) -> None:
    row = {"id": "b1", "startDate": "2026-01-30T00:00:00.000Z", "endDate": "2026-02-03T00:00:00.000Z"}
    loopback.answers(listing([row, {"id": "b2"}]))

    (leave,), (bad,) = halves(client.leaves(["b1", "b2", "b1"]))

    assert (leave.id, leave.start_date, leave.end_date) == ("b1", date(2026, 1, 30), date(2026, 2, 3))
    assert (bad.id, bad.field) == ("b2", "startDate")
    assert [value for name, value in loopback.seen[0].params if "[$in]" in name] == ["b1", "b2"]


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize("employee", [{"id": "e1", "employeeNumber": 145}, {"employeeNumber": "145"}])
def test_a_day_whose_employee_does_not_read_is_not_taken_for_a_strangers(
    employee: dict[str, object], client: SimployerClient, loopback: Loopback
) -> None:
    row = {"id": "a1", "status": "APPROVED", "leaveTypeId": "v", "employeeId": "e1", "date": "2026-02-09"}
    loopback.answers(listing([row], {"employee": [employee]}))

    good, (bad,) = halves(client.leave_transactions(date(2026, 2, 1), date(2026, 2, 28), 0).listed)

    assert good == []
    assert (bad.id, bad.number) == ("a1", "e1")
    assert bad.field in ("employee.employeeNumber", "employee.id")
