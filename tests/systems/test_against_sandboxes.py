"""The clients against the sandboxes, which were written from the same contracts by another hand."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
import requests

from local.sandbox.frame.room import State
from local.sandbox.running import Running
from local.seed import SEEDS
from payrelay.domain.sensitive import Secret, SocialSecurityNumber
from payrelay.errors import CredentialsRefused, OutcomeUnknown, PartlyWritten, Rejected, RetryLater
from payrelay.systems.registry import system
from payrelay.systems.simployer.client import SimployerClient
from payrelay.systems.xledger.client import XledgerClient
from tests.systems.conftest import Bench, credentials
from tests.systems.lists import rows
from tests.worlds.structs import replace

NAMES = ("simployer", "xledger")
ALWAYS = (date(2000, 1, 1), date(2099, 12, 31))


@dataclass(frozen=True)
class Served:
    """The sandboxes, freshly seeded, and clients for them."""

    running: Running
    simployer: SimployerClient
    xledger: XledgerClient

    def fail(self, name: str, *errors: int | str, **setting: object) -> None:
        faults = {"errors": list(errors), **setting}
        requests.put(f"{self.running.urls[name]}/_sandbox/faults", json=faults, timeout=5).raise_for_status()

    def calls(self, name: str) -> int:
        return len(requests.get(f"{self.running.urls[name]}/_sandbox/requests", timeout=5).json())


def new(code: str, **more: object) -> dict[str, object]:
    return {"code": code, "description": "Ny Ansatt", **more}


@pytest.fixture(scope="module")
def states() -> dict[str, State]:
    return {name: SEEDS[name]() for name in NAMES}


@pytest.fixture
def codes(states: dict[str, State]) -> list[str]:
    """The codes of all employees in Xledger."""
    return [str(row["code"]) for row in states["xledger"]["employees"]]


@pytest.fixture
def served(sandboxes: Running, states: dict[str, State], bench: Bench) -> Served:
    for name, state in states.items():
        sandboxes.room(name).replace_state(copy.deepcopy(state))
        for left_over in ("faults", "requests"):
            requests.delete(f"{sandboxes.urls[name]}/_sandbox/{left_over}", timeout=5).raise_for_status()
    urls = sandboxes.urls
    return Served(
        sandboxes,
        SimployerClient(f"{urls['simployer']}/v1", Secret("simployer-sandbox-token"), options=bench.options),
        XledgerClient(urls["xledger"], Secret("xledger-sandbox-token"), options=bench.options),
    )


@pytest.mark.requirement("CON-2", "EX-7")
@pytest.mark.parametrize("name", NAMES)
def test_a_check_names_the_organisation_or_refuses_the_token(name: str, served: Served, bench: Bench) -> None:
    row, url = system(name), served.running.urls[name]

    assert row.check(url, credentials(row, f"{name}-sandbox-token"), bench.options)
    with pytest.raises(CredentialsRefused):
        row.check(url, credentials(row, "withdrawn"), bench.options)


def test_every_employee_is_read_with_what_belongs_to_them(served: Served, states: dict[str, State]) -> None:
    page = served.simployer.employees(0)
    parts = [served.simployer.employees(offset, 100) for offset in range(0, page.total, 100)]
    whole = rows(page.listed)

    assert [row for part in parts for row in rows(part.listed)] == whole
    assert [part.is_last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert any(row.cost_center for row in whole)
    assert any(len(row.employments) > 1 for row in whole)
    assert all(row.employment_type for row in whole if row.employment)
    paid = {row["id"] for row in states["simployer"]["employee"] if row.get("compensationId")}
    assert {row.id for row in whole if row.compensation} == paid & {row.id for row in whole}
    assert paid
    assert isinstance(next(row.ssn for row in whole if row.ssn), SocialSecurityNumber)


def test_employees_are_found_by_id_and_number(served: Served) -> None:
    wanted = rows(served.simployer.employees(0, 150).listed)

    assert rows(served.simployer.employees_by_id([row.id for row in wanted])) == wanted
    numbers = [row.employee_number for row in wanted[:3] if row.employee_number]
    found = rows(served.simployer.employees_by_number(numbers))
    assert {row.employee_number for row in found} == set(numbers)


def test_leave_is_read_by_its_days(served: Served) -> None:
    leave = rows(served.simployer.leave_transactions(*ALWAYS, 0).listed)
    day, employee_id = leave[0].date, leave[0].employee_id
    that_day = rows(served.simployer.leave_transactions(day, day, 0).listed)
    by_employee = served.simployer.leave_transactions(*ALWAYS, 0, None, employee_ids=[employee_id])

    assert any(kind.codes for kind in rows(served.simployer.leave_types()))
    assert {row.id for row in that_day} == {row.id for row in leave if row.date == day}
    assert {row.employee_id for row in rows(by_employee.listed)} == {employee_id}
    assert [row.employee_id for row in leave] == sorted(row.employee_id for row in leave)
    parents = [row.parent.id for row in leave if row.parent and row.parent.type == "Leave"]
    (whole,) = rows(served.simployer.leaves(parents[:1]))
    assert whole.start_date <= day + timedelta(days=366)


def test_every_employee_of_the_target_is_read(served: Served, codes: list[str]) -> None:
    nodes = rows(served.xledger.employees_by_code(codes))
    contacts = rows(served.xledger.contacts_by_id([node.contact_db_id or "" for node in nodes]))

    assert sorted(node.code for node in nodes) == sorted(codes)
    assert {contact.db_id for contact in contacts} == {node.contact_db_id for node in nodes}


def test_the_lookups_that_employees_name_are_read(served: Served) -> None:
    lookups = served.xledger.lookups()

    assert served.calls("xledger") == 3
    assert all(
        map(
            rows,
            (lookups.employee_groups, lookups.employment_types, lookups.exit_reasons, lookups.cost_centres),
        )
    )
    assert rows(served.xledger.absence_codes())


@pytest.mark.requirement("EX-4")
def test_an_employee_is_written_and_read_back(served: Served) -> None:
    ssn = SocialSecurityNumber("01819012345")
    node = new("79001", employmentFrom=date(2026, 1, 1), socialSec=ssn)

    added = served.xledger.add_employees([("emp-79001", node)])["emp-79001"]
    change = {"dbId": added.db_id, "employmentTo": date(2026, 6, 30), "employeeGroup": {"code": "FAST"}}
    served.xledger.update_employees([("emp-79001", change)])
    served.xledger.update_contacts([("c", {"dbId": added.contact_db_id, "phone": "+4790000009"})])

    (read,) = rows(served.xledger.employees_by_code(["79001"]))
    (contact,) = rows(served.xledger.contacts_by_id([added.contact_db_id or ""]))
    assert (read.db_id, read.employment_to) == (added.db_id, date(2026, 6, 30))
    groups = {one.code: one.db_id for one in rows(served.xledger.lookups().employee_groups)}
    assert read.employee_group == groups["FAST"]
    assert contact.phone == "+4790000009"
    assert read.social_security_masked == "018190*****"


@pytest.mark.requirement("TO-1")
def test_an_absence_is_written_changed_and_withdrawn(served: Served, codes: list[str]) -> None:
    (employee,) = rows(served.xledger.employees_by_code(codes[:1]))
    code = rows(served.xledger.absence_codes())[0].code
    node = {
        "employee": {"code": employee.code},
        "absenceCode": {"code": code},
        "fromDate": date(2031, 2, 10),
        "toDate": date(2031, 2, 14),
        "leavePercent": Decimal("37.5"),
    }
    february = (date(2031, 2, 1), date(2031, 2, 28), [employee.db_id])

    db_id = served.xledger.add_absences([("abs", node)])["abs"]
    (added,) = rows(served.xledger.absences(*february))
    served.xledger.update_absences([("abs", {"dbId": db_id, "leavePercent": Decimal(100)})])
    (changed,) = rows(served.xledger.absences(*february))

    assert (added.db_id, added.employee, added.absence_code) == (db_id, employee.db_id, code)
    assert (added.leave_percent, changed.leave_percent) == (Decimal("37.5"), Decimal(100))
    assert set(served.xledger.remove_absences([db_id])) == {db_id}
    with pytest.raises(PartlyWritten) as left:
        served.xledger.remove_absences([db_id])
    assert left.value.keys == (db_id,)
    assert rows(served.xledger.absences(*february)) == []


def test_a_refused_node_is_named_with_its_reason(served: Served, codes: list[str]) -> None:
    taken = codes[0]
    nodes = [
        ("a", new("79001")),
        ("b", new(taken)),
        ("c", new("79003", superior={"code": "?"})),
    ]

    with pytest.raises(Rejected) as refusal:
        served.xledger.add_employees(nodes)
    assert refusal.value.keys == ("b", "c")
    assert taken in refusal.value.reasons["b"]
    assert rows(served.xledger.employees_by_code(["79001"])) == []


@pytest.mark.parametrize("fault", [500, 503, "reset", "timeout", "unhandled", "query_timeout"])
def test_a_read_in_trouble_is_for_later(fault: int | str, served: Served) -> None:
    served.fail("xledger", fault)

    with pytest.raises(RetryLater) as later:
        served.xledger.lookups()
    assert type(later.value) is RetryLater


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize(
    "fault", [500, 503, "reset", "timeout", "after_write_reset", "unhandled", "query_timeout", "partial"]
)
def test_a_write_in_trouble_is_unknown_and_sent_once(fault: int | str, served: Served) -> None:
    served.fail("xledger", fault)

    with pytest.raises(OutcomeUnknown):
        served.xledger.add_employees([("a", new("79001")), ("b", new("79002"))])
    assert served.calls("xledger") == 1


@pytest.mark.parametrize("fault", ["burst", "concurrency"])
def test_a_limit_that_passes_is_not_seen_outside(fault: str, served: Served) -> None:
    served.fail("xledger", fault, count=2)

    assert set(served.xledger.add_employees([("a", new("79001"))])) == {"a"}
    assert served.calls("xledger") == 3


def test_credits_come_back_at_the_time_named(served: Served, bench: Bench) -> None:
    served.fail("xledger", "credits", reset_in_seconds=3600)
    now = replace(bench.options, now=served.running.room("xledger").options.now)
    client = XledgerClient(served.running.urls["xledger"], Secret("xledger-sandbox-token"), options=now)

    with pytest.raises(RetryLater) as later:
        client.lookups()
    assert later.value.named
    assert 3590 <= later.value.seconds <= 3600


def test_a_source_in_trouble_is_tried_again_and_then_for_later(served: Served, bench: Bench) -> None:
    served.fail("simployer", 429, count=1)
    assert served.simployer.organisation()
    assert bench.pauses == [1]

    served.fail("simployer", "reset")
    with pytest.raises(RetryLater):
        served.simployer.employees(0)
