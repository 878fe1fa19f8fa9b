"""What only a run over both systems shows of details and amounts (LB-3, LB-9, LB-11, LB-12)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.flows.balance_sync.flow import BalanceSync
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


@pytest.mark.requirement("LB-4", "RUN-7")
@pytest.mark.parametrize("batch", [600, 1])
@pytest.mark.parametrize("turned", [1, 2])
def test_people_who_swap_their_emails_get_each_others_in_one_run(
    acme: Acme, monkeypatch: pytest.MonkeyPatch, turned: int, batch: int
) -> None:
    """Two, or three in a ring, in one batch of writes or in several (faults I5)."""
    monkeypatch.setattr(BalanceSync, "batch_size", batch)
    codes = ["E1", "E2", "E3"][: turned + 1]
    emails = {
        code: f"{codes[(index + 1) % len(codes)].lower()}@acme.example" for index, code in enumerate(codes)
    }
    people = [employee(code, AOemail=email) for code, email in {**emails, "E9": "new@acme.example"}.items()]
    acme.fill(*people, users=[user(f"u-{code}", code) for code in [*codes, "E9"]])
    planned = acme.sync("preview")
    run = acme.sync()
    assert (run.status, run.counts) == ("succeeded", planned.counts)
    assert {code: acme.user(code)["Email"] for code in codes} == emails
    acme.settled()


@pytest.mark.requirement("LB-3", "RUN-4")
def test_who_waits_for_an_email_that_is_kept_gets_nobodys(acme: Acme) -> None:
    """Nobody makes way for a swap that does not come about: E2 lacks a state, and so keeps theirs."""
    people = [employee("E1", AOemail="e2@acme.example"), employee("E2", AOemail="e1@acme.example", State="")]
    acme.fill(*people, users=[user(f"u-{code}", code) for code in ("E1", "E2")])
    reasons = acme.reasons(acme.sync())
    assert (reasons["E1"], reasons["E2"]) == ("EMAIL_TAKEN", "REQUIRED_FIELD_MISSING")
    assert {code: acme.user(code)["Email"] for code in ("E1", "E2")} == {
        "E1": "e1@acme.example",
        "E2": "e2@acme.example",
    }


@pytest.mark.requirement("LB-4", "LB-11")
def test_a_casual_without_a_standard_day_is_created_and_shown_no_hours(acme: Acme) -> None:
    """Zero is a value (faults H2)."""
    acme.fill(employee("E1", HourPerDay=0.0), leave=[leave("E1", al=(0, 0))])
    run = acme.sync()
    assert (run.status, acme.user("E1")["Hours"]) == ("succeeded", "0.00")
    assert acme.balances()["E1:AL"] == ("0.00", "2026-01-04")
    acme.settled()


@pytest.mark.requirement("LB-11", "LB-12")
def test_pro_rata_that_is_not_applicable_is_in_no_balance_however_it_is_read(acme: Acme) -> None:
    """The list and the leave table are two views of one table (faults H1)."""
    acme.fill(employee("E1"), leave=[leave("E1")], users=[user("u-1", "E1")])
    acme.edit("attache", "leave", {"EmployeeCode": "E1", "IncomeCode": "AL"}, ProRataApplicable=False)
    for options in ({}, {"employees": ["E1"]}, {}):
        acme.sync(options=options)
        assert acme.balance("E1") == ("76.00", "2026-01-04")


@pytest.mark.requirement("LB-3", "EX-6")
@pytest.mark.parametrize(
    ("lost", "code"),
    [({"EnableAttacheOnline": False}, "NOT_ENABLED_ONLINE"), ({"AOemail": None}, "ONLINE_EMAIL_MISSING")],
)
def test_who_falls_out_of_attache_online_is_blocked_with_what_stands_still(
    acme: Acme, lost: Row, code: str
) -> None:
    """The remedy is one that ends it: without the user nothing stands still (faults A4)."""
    acme.fill(employee("E1"), employee("E2"), leave=[leave("E1"), leave("E2")])
    acme.sync()
    since = next(row["SyncedAt"][:10] for row in acme.rows("balances"))
    acme.edit("attache", "employees", {"EmployeeCode": "E1"}, **lost)
    run = acme.sync()
    record = acme.records(run)["employee:E1"]
    assert (run.status, record.outcome, record.reason.code) == ("partial", "blocked", code)
    for words in ("Name E1 (E1)", f"since {since}", "AL 107.4512 hours as at 2026-01-04"):
        assert words in record.reason.message
    assert "delete the user in Express Leave (Manage Users)" in record.reason.remedy
    acme.without("express_leave", "balances", EmployeeId="E1")
    acme.without("express_leave", "users", EmployeeId="E1")
    again = acme.sync()
    assert (again.status, acme.records(again)["employee:E1"].outcome) == ("succeeded", "skipped")


@pytest.mark.requirement("RUN-7", "LB-3")
@pytest.mark.parametrize("only", [True, False], ids=["of some", "of everybody"])
def test_who_waits_for_somebody_whom_a_run_is_not_about_is_told_so_beforehand(acme: Acme, only: bool) -> None:
    """E01 gives up an e-mail for E02, but not in a sync of others; found by the machine."""
    codes = [f"E{number:02}" for number in range(1, 10)]
    mails = {"E01": "new@acme.example", "E02": "e01@acme.example"}
    people = [employee(code, **({"AOemail": mails[code]} if code in mails else {})) for code in codes]
    acme.fill(*people, users=[user(f"u-{code}", code) for code in codes])
    options = {"employees": codes[1:]} if only else {}
    for mode in ("preview", "sync"):
        told = acme.reasons(acme.sync(mode, options=options))
        assert told.get("E02") == ("EMAIL_TAKEN" if only else None)
    assert acme.user("E02")["Email"] == ("e02@acme.example" if only else "e01@acme.example")


@pytest.mark.requirement("RUN-7", "LB-3")
def test_who_waits_for_somebody_who_waits_in_vain_is_told_so_beforehand(acme: Acme) -> None:
    """E1 wants the e-mail of E2, who wants that of a user made by hand."""
    people = [employee("E1", AOemail="e2@acme.example"), employee("E2", AOemail="x9@acme.example")]
    acme.fill(*people, users=[user("u-1", "E1"), user("u-2", "E2"), user("u-9", "X9", payroll=False)])
    for mode in ("preview", "sync"):
        told = acme.reasons(acme.sync(mode))
        assert (told["E1"], told["E2"]) == ("EMAIL_TAKEN", "EMAIL_TAKEN")


@pytest.mark.requirement("LB-3", "EX-9")
@pytest.mark.parametrize(
    ("enabled", "mail", "by"),
    [
        (True, "E1005@acme.example", "e-mail"),
        (False, "e1005@acme.example", "e-mail"),
        (True, "x@y.example", "name"),
    ],
)
def test_a_user_made_by_hand_is_told_of_as_the_employee_it_is(
    acme: Acme, enabled: bool, mail: str, by: str
) -> None:
    """Nobody is asked to create a second employee (faults B10)."""
    hand = user("u-1", "HAND1", payroll=False, Email=mail, Name="Name E1005")
    acme.fill(employee("E1005", EnableAttacheOnline=enabled), users=[hand])
    found = [
        record
        for record in acme.records(acme.sync()).values()
        if record.reason and record.reason.code == "NOT_PAYROLL_USER"
    ]
    (record,) = found
    assert f"It is the user of Name E1005 (E1005), by the {by}." in record.reason.message
    assert "create nobody" in record.reason.remedy
    assert "create the user in Payroll" not in record.reason.remedy
    assert ("add the employee id HAND1" in record.reason.remedy) == (by == "name")


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
