"""What only a run over both systems shows of details and amounts (LB-3, LB-9, LB-11, LB-12)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.leave import Acme
from tests.worlds.leave_api import ORGANISATIONS, TYPES, Row, company, employee, held, leave, user


@pytest.mark.requirement("LB-3", "RUN-4", "RUN-7")
def test_emails_that_move_on_in_one_run_all_arrive(acme: Acme) -> None:
    moved = {"E1": "e2@acme.example", "E2": "e3@acme.example", "E3": "last@acme.example"}
    people = (employee(code, AOemail=email) for code, email in moved.items())
    acme.fill(*people, users=[user(f"u-{code}", code) for code in moved])
    planned = acme.sync("preview")
    run = acme.sync()
    assert (run.status, run.counts) == ("succeeded", planned.counts)
    assert {code: acme.user(code)["Email"] for code in moved} == moved


@pytest.mark.requirement("LB-3", "RUN-4")
def test_two_who_swap_their_emails_are_blocked_and_stop_no_other(acme: Acme) -> None:
    swapped = {"E1": "e2@acme.example", "E2": "e1@acme.example", "E3": "new@acme.example"}
    people = (employee(code, AOemail=email) for code, email in swapped.items())
    acme.fill(*people, users=[user(f"u-{code}", code) for code in swapped])
    reasons = acme.reasons(acme.sync())
    assert {key: code for key, code in reasons.items() if code == "EMAIL_TAKEN"}.keys() == {"E1", "E2"}
    assert acme.user("E3")["Email"] == "new@acme.example"


@pytest.mark.requirement("LB-1", "RUN-6")
def test_a_user_keeps_all_that_a_sync_does_not_write(acme: Acme) -> None:
    own: Row = {"UserType": "HR Manager", "DefaultApprover": "u-2"}
    right = [held("E1", "AL", "107.4512"), held("E1", "SL", "38.00")]
    users = [user("u-2", "E2"), user("u-1", "E1", **own)]
    acme.fill(
        employee("E1", Location="Perth"), employee("E2"), leave=[leave("E1")], users=users, balances=right
    )
    before = acme.user("E1")
    acme.sync()
    assert acme.user("E1") == {**before, "Location": "Perth", "Version": before["Version"] + 1}


@pytest.mark.requirement("LB-9")
def test_the_employees_of_another_organisation_are_not_seen(acme: Acme) -> None:
    other = {"OrganisationId": "org-18"}
    acme.fill(employee("E1"), employee("N1", **other), leave=[leave("E1"), leave("N1", **other)])
    assert len(ORGANISATIONS) == 2
    run = acme.sync()
    assert run.counts
    assert (run.counts["created"], run.total) == (3, 3)
    assert [row["EmployeeId"] for row in acme.rows("users")] == ["E1"]


AMOUNTS: list[tuple[Any, Any, str]] = [
    (76.0, 31.4512, "107.4512"),
    (0.1, 0.2, "0.30"),
    (0.0001, 0.0, "0.0001"),
    (-0.0001, 0.0, "-0.0001"),
    (1.1, 2.2, "3.30"),
    (123456.7891, 0.0009, "123456.79"),
    (76, 0, "76.00"),
    (-5.5, 5.5, "0.00"),
]


@pytest.mark.requirement("LB-11")
def test_amounts_are_exact_from_wire_to_wire(acme: Acme) -> None:
    codes = [f"E{number}" for number in range(len(AMOUNTS))]
    rows = [leave(code, al=pair[:2]) for code, pair in zip(codes, AMOUNTS, strict=True)]
    acme.fill(*map(employee, codes), leave=rows, users=[user(f"u-{code}", code) for code in codes])
    run = acme.sync()
    for code, (_, _, sent) in zip(codes, AMOUNTS, strict=True):
        assert acme.balance(code) == (sent, "2026-01-04")
        assert acme.records(run)[f"balance:{code}:AL"].changes[0].new == sent
    acme.settled()


DAYS: list[tuple[Row, str]] = [
    ({"EntitlementOwing": 10, "ProRataOwing": 2.5}, "95.00"),
    ({"EntitlementOwing": 1.2345, "ProRataOwing": 0}, "9.3822"),
    ({"EntitlementOwing": 10, "ProRataOwing": 2.5, "ProRataApplicable": False}, "76.00"),
    ({"EntitlementOwing": 10, "ProRataOwing": 0, "ContingentOwing": 3}, "76.00"),
    ({"EntitlementOwing": 10, "ProRataOwing": 0.3333, "HoursPerDay": 7.25}, "74.9164"),
]


@pytest.mark.requirement("LB-11", "LB-12")
def test_days_of_the_leave_table_are_the_same_hours_read_alone_and_from_the_list(acme: Acme) -> None:
    codes = [f"E{number}" for number in range(len(DAYS))]
    fixed: Row = {"IncomeCode": "AL", "DisplayIn": "Days", "HoursPerDay": 7.6}
    fixed |= {"LeaveAccruedUpToAndIncluding": "2026-01-04", "ModifiedAt": "2026-01-05T03:12:00Z"}
    table = [{**fixed, "EmployeeCode": code, **row} for code, (row, _) in zip(codes, DAYS, strict=True)]
    tokens = acme.state("attache")["tokens"]
    people = [employee(code) for code in codes]
    acme.put(
        "attache", {"organisations": ORGANISATIONS, "employees": people, "leave": table, "tokens": tokens}
    )
    users = [user(f"u-{code}", code) for code in codes]
    acme.put("express_leave", {"company": [company(connected=True)], "users": users, "leavetypes": TYPES[:1]})
    acme.sync()
    assert acme.balances() == {
        f"{code}:AL": (hours, "2026-01-04") for code, (_, hours) in zip(codes, DAYS, strict=True)
    }
    alone = acme.sync(options={"employees": codes[:5]})
    assert alone.counts
    assert alone.counts["unchanged"] == 5
