"""What would be written of one employee, and why the rest is not: every rule by its table (LB-3 to LB-8)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.records import Record, Risk
from payrelay.flows.balance_sync.compare import Compared, Comparer, Resaved
from payrelay.flows.balance_sync.people import (
    Fault,
    Known,
    LeaveType,
    LeaveTypes,
    Owed,
    Person,
    Rival,
)
from payrelay.flows.balance_sync.writes import BalanceWrite, UserWrite
from tests.worlds.leave_people import DAY, NON_APPROVER, SAVED, account, amount, held, person, staff
from tests.worlds.structs import replace

TODAY = date(2026, 1, 6)
EARLIER, LATER = DAY - timedelta(days=14), DAY + timedelta(days=14)
TYPES = LeaveTypes((LeaveType("AL", "Annual Leave", NON_APPROVER),))
BOTH = LeaveTypes((*TYPES.known, LeaveType("SL", "Sick Leave", "HR Manager")))
COMPARER = Comparer(TYPES, NON_APPROVER, frozenset({"C1"}), TODAY)


def compared(one: Person, resaved: Resaved = None, **changed: Any) -> Compared:
    return replace(COMPARER, **changed).compare(one, {} if resaved is None else resaved)


def told(found: Compared) -> dict[str, tuple[str, str]]:
    """Outcome and reason of each record that is not written."""
    return {
        record.record_id: (record.outcome.value, record.reason.code if record.reason else "")
        for record in found.records
    }


def changes(record: Record) -> dict[str, tuple[str | None, str | None]]:
    return {change.field: (change.old, change.new) for change in record.changes}


# --- who is synced ---------------------------------------------------------------------------------------


def rival(code: str = "X9", *, payroll: bool = True, in_payroll: bool = False, keeps: bool = True) -> Rival:
    return Rival(account(code, payroll=payroll), in_payroll, keeps)


NOBODY = {"account": None, "held": {}, "known": None}
HAND = account("E1", payroll=False)
REFUSED: list[tuple[str, dict[str, Any], tuple[str, str], str]] = [
    (
        "not online",
        {**NOBODY, "staff": staff("E1", online=False)},
        ("skipped", "NOT_ENABLED_ONLINE"),
        "Online Services",
    ),
    (
        "no e-mail",
        {**NOBODY, "staff": staff("E1", email=None)},
        ("skipped", "ONLINE_EMAIL_MISSING"),
        "Online Services",
    ),
    (
        "an e-mail that is none",
        {**NOBODY, "staff": staff("E1", email="no e-mail")},
        ("blocked", "ONLINE_EMAIL_NOT_VALID"),
        "Correct the Attaché Online e-mail",
    ),
    (
        "no longer online, and a user (faults A4)",
        {"staff": staff("E1", online=False)},
        ("blocked", "NOT_ENABLED_ONLINE"),
        "delete the user in Express Leave",
    ),
    (
        "the e-mail lost, and a user (faults A4)",
        {"staff": staff("E1", email=None)},
        ("blocked", "ONLINE_EMAIL_MISSING"),
        "delete the user in Express Leave",
    ),
    (
        "no longer online, left, and a user",
        {"staff": staff("E1", online=False, terminated=TODAY - timedelta(days=1))},
        ("blocked", "NOT_ENABLED_ONLINE"),
        "delete the user in Express Leave",
    ),
    (
        "no longer online, and a user made by hand",
        {**NOBODY, "account": HAND, "staff": staff("E1", online=False)},
        ("skipped", "NOT_ENABLED_ONLINE"),
        "delete it first (Manage Users). If they should use Express Leave: tick",
    ),
    (
        "a user by hand",
        {**NOBODY, "account": HAND},
        ("skipped", "NOT_PAYROLL_USER"),
        "Delete the user Name E1 (E1)",
    ),
    (
        "a user by hand with the e-mail",
        {**NOBODY, "rival": rival(payroll=False)},
        ("skipped", "NOT_PAYROLL_USER"),
        "Payroll has Name E1 (E1) already",
    ),
    (
        "a non-employee with the code",
        {**NOBODY, "account": replace(HAND, user_type="Non-Employee")},
        ("skipped", "NOT_PAYROLL_USER"),
        "Manage Users",
    ),
    (
        "a contractor's e-mail",
        {**NOBODY, "rival": rival("C1", payroll=False)},
        ("skipped", "KEPT_WITHOUT_PAYROLL"),
        "Nothing to do",
    ),
    (
        "replaced by hand",
        {"account": HAND},
        ("blocked", "REPLACED_BY_NON_PAYROLL_USER"),
        "Delete the user Name E1 (E1)",
    ),
    (
        "replaced by hand, by the e-mail",
        {"account": None, "rival": rival(payroll=False)},
        ("blocked", "REPLACED_BY_NON_PAYROLL_USER"),
        "never overwritten",
    ),
    (
        "another code before",
        {**NOBODY, "rival": rival()},
        ("blocked", "CODE_CHANGED"),
        "delete the user Name X9 (X9)",
    ),
    (
        "has left",
        {**NOBODY, "staff": staff("E1", terminated=TODAY - timedelta(days=1))},
        ("skipped", "TERMINATED"),
        "Nothing to do",
    ),
    (
        "no state",
        {**NOBODY, "staff": staff("E1", state=None)},
        ("blocked", "REQUIRED_FIELD_MISSING"),
        "State",
    ),
    (
        "nothing said of the hours of a day",
        {**NOBODY, "staff": staff("E1", hours=None)},
        ("blocked", "REQUIRED_FIELD_MISSING"),
        "Hours per day",
    ),
    (
        "asked for, and unknown",
        {"unknown": True},
        ("blocked", "EMPLOYEE_NOT_IN_PAYROLL"),
        "Correct the code",
    ),
    ("by themselves, no user", {**NOBODY, "staff": None}, ("blocked", "USER_MISSING"), "Log in"),
    (
        "by themselves, by hand",
        {**NOBODY, "staff": None, "account": HAND},
        ("skipped", "NOT_PAYROLL_USER"),
        "Manage Users",
    ),
    (
        "their row can't be used",
        {"staff": None, "faults": (Fault("attache", "E1", "details", "FullName", "is missing"),)},
        ("blocked", "VALUE_NOT_VALID"),
        "FullName",
    ),
]


@pytest.mark.requirement("LB-3", "LB-4", "LB-5", "RUN-2")
@pytest.mark.parametrize(
    ("changed", "expected", "remedy"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_of_whom_nothing_is_synced_one_record_says_why(
    changed: dict[str, Any], expected: tuple[str, str], remedy: str
) -> None:
    found = compared(person(**changed))
    assert (told(found), found.writes, found.unchanged) == ({"employee:E1": expected}, [], 0)
    why = found.records[0].reason
    assert why
    assert remedy in why.remedy


@pytest.mark.requirement("LB-3")
@pytest.mark.parametrize(
    ("user", "code"),
    [
        (account("X9"), "NOT_IN_PAYROLL"),
        (account("X9", payroll=False), "NOT_PAYROLL_USER"),
        (account("C1", payroll=False), "KEPT_WITHOUT_PAYROLL"),
        (account(" c1", payroll=False), "KEPT_WITHOUT_PAYROLL"),
        (account("X9", payroll=False, user_type="Non-Employee"), "KEPT_WITHOUT_PAYROLL"),
    ],
)
def test_a_user_of_nobody_is_told_of_as_what_they_are(user: Any, code: str) -> None:
    """One whom payroll does not have any more keeps balances that stand still (faults A4)."""
    record = COMPARER.unmatched_user(user)
    outcome = "blocked" if code == "NOT_IN_PAYROLL" else "skipped"
    assert (record.outcome, record.source_id) == (outcome, f"user:{user.user_id}")
    assert record.reason
    assert record.reason.code == code


@pytest.mark.requirement("LB-4", "LB-6")
def test_who_has_left_and_is_still_there_gets_the_last_balances() -> None:
    left = person(staff=staff("E1", terminated=DAY), owed=Owed({"AL": amount("0")}, SAVED))
    (write,) = compared(left).writes
    assert changes(write.record)["hours"] == ("107.4512", "0.00")


# --- details ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("LB-4")
@pytest.mark.parametrize("leaves", [None, TODAY, TODAY + timedelta(days=1)])
def test_who_is_new_is_created_whole_with_their_balances(leaves: date | None) -> None:
    found = compared(person(**NOBODY, staff=staff("E1", terminated=leaves)))
    user, balance = found.writes
    assert (user.record.outcome, balance.record.outcome, user.target_id) == ("created", "created", None)
    assert changes(user.record) == {
        "name": (None, "Name E1"),
        "country": (None, "Australia"),
        "state": (None, "NSW"),
        "hours": (None, "7.60"),
        "email": (None, "e1@acme.example"),
    }
    assert isinstance(user.payload, UserWrite)
    assert (user.payload.as_read, user.payload.new_user_type) == (None, NON_APPROVER)
    # Payroll's saving is noted once the balances are written, too.
    assert user.facts == {}


CHANGED: list[tuple[str, Any, str, str]] = [
    ("name", "Mia Chen-Okafor", "Name E1", "Mia Chen-Okafor"),
    ("state", "WA", "NSW", "WA"),
    ("country", "New Zealand", "Australia", "New Zealand"),
    ("hours", Decimal("7.125"), "7.60", "7.125"),
    ("email", "mia@acme.example", "e1@acme.example", "mia@acme.example"),
]


# What payroll and Express Leave say of one field, and whether that is the same.
SPELLED: list[tuple[str, str | None, str | None, bool]] = [
    ("email", "Mia@Acme.Example", "mia@acme.example", True),
    ("email", "mia@acme.example", "MIA@ACME.EXAMPLE ", True),
    ("email", "mia@acme.example", "mia.c@acme.example", False),
    ("name", "Zoe\u0308 Chen", "Zo\u00eb Chen", True),
    ("name", "Mia\u00a0Chen", "Mia  Chen", True),
    ("name", "Mia Chen", "MIA CHEN", False),
    ("name", "Mia Chen", "Mia Chan", False),
    ("state", "NSW\u200b", "NSW", True),
    ("state", "nsw", "NSW", False),
    ("location", None, "", True),
    ("location", "Perth", None, False),
]


@pytest.mark.requirement("LB-1", "EX-9")
@pytest.mark.parametrize(("field", "ours", "theirs", "same"), SPELLED)
def test_what_only_looks_different_is_no_change(
    field: str, ours: str | None, theirs: str | None, same: bool
) -> None:
    """Else a target that keeps it otherwise is written at every login, for ever (faults C7)."""
    found = compared(person(staff=staff("E1", **{field: ours}), account=account("E1", **{field: theirs})))
    assert (len(found.writes), found.unchanged) == ((0, 2) if same else (1, 1))


@pytest.mark.requirement("LB-1", "RUN-6")
@pytest.mark.parametrize(("field", "value", "old", "new"), CHANGED, ids=[row[0] for row in CHANGED])
def test_only_what_differs_is_a_change_and_the_user_goes_along_as_read(
    field: str, value: Any, old: str, new: str
) -> None:
    found = compared(person(staff=staff("E1", **{field: value})))
    (write,) = found.writes
    assert (changes(write.record), write.target_id, found.unchanged) == ({field: (old, new)}, "u-E1", 1)
    assert isinstance(write.payload, UserWrite)
    assert write.payload.as_read == account("E1")


@pytest.mark.requirement("LB-11")
@pytest.mark.parametrize("day", ["7.60", "7.6000", "7.600"])
def test_the_same_hours_in_other_digits_are_no_difference(day: str) -> None:
    assert compared(person(staff=staff("E1", hours=Decimal(day)))).unchanged == 2


NEW_EMAIL = staff("E1", email="new@acme.example")
EMAILS: list[tuple[str, dict[str, Any], str | None]] = [
    ("another keeps it", {"rival": rival()}, "Name X9 (X9)"),
    ("a user by hand keeps it", {"rival": rival(payroll=False)}, "Name X9 (X9)"),
    ("another employee has it", {"twin": "E7", "twin_name": "Name E7"}, "Name E7 (E7)"),
    ("another gives it up", {"rival": rival(in_payroll=True, keeps=False)}, None),
    ("nobody has it", {}, None),
]


@pytest.mark.requirement("LB-3", "RUN-7")
@pytest.mark.parametrize(("changed", "other"), [row[1:] for row in EMAILS], ids=[row[0] for row in EMAILS])
def test_an_email_that_is_kept_blocks_the_details_and_not_the_balances(
    changed: dict[str, Any], other: str | None
) -> None:
    found = compared(person(staff=NEW_EMAIL, held={"AL": held("1.00")}, **changed))
    balances = [write.record.record_id for write in found.writes if isinstance(write.payload, BalanceWrite)]
    assert balances == ["balance:E1:AL"]
    if other is None:
        assert (len(found.writes), found.records) == (2, [])
        return
    (record,) = found.records
    assert (record.outcome, record.reason and record.reason.code) == ("blocked", "EMAIL_TAKEN")
    assert record.reason
    assert other in record.reason.message


# --- balances --------------------------------------------------------------------------------------------

HELD: list[tuple[str, Any, str, tuple[str | None, str | None]]] = [
    ("the same", held(), "unchanged", (None, None)),
    ("another amount", held("107.4511"), "updated", ("107.4511", "107.4512")),
    ("an earlier day", held(as_at=EARLIER), "updated", (None, None)),
    ("another amount of an earlier day", held("12.00", EARLIER), "updated", ("12.00", "107.4512")),
    ("a later day", held(as_at=LATER), "OLDER_THAN_HELD", (None, None)),
    ("another amount of a later day", held("12.00", LATER), "OLDER_THAN_HELD", (None, None)),
    ("nothing", None, "created", (None, "107.4512")),
]


@pytest.mark.requirement("LB-8", "RUN-2")
@pytest.mark.parametrize(("shown", "what", "hours"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_a_balance_is_written_if_amount_or_day_differ_and_never_by_an_older_one(
    shown: Any, what: str, hours: tuple[str | None, str | None]
) -> None:
    found = compared(person(held={"AL": shown} if shown else {}))
    if what == "unchanged":
        assert (found.unchanged, found.writes, found.records) == (2, [], [])
    elif what == "OLDER_THAN_HELD":
        assert told(found) == {"balance:E1:AL": ("blocked", what)}
        why = found.records[0].reason
        assert why
        assert why.message.startswith("Annual Leave of Name E1 (E1): ")
        assert str(DAY) in why.message
        assert str(LATER) in why.message
    else:
        (write,) = found.writes
        assert write.record.outcome == what
        assert changes(write.record).get("hours", (None, None)) == hours


OWED: list[tuple[str, str | None, Any, tuple[str, str] | None, str | None]] = [
    ("absent, and shown", None, held("12.00"), ("blocked", "LEAVE_TYPE_NOT_IN_LEAVE_TABLE"), None),
    ("absent, and not shown", None, None, ("skipped", "LEAVE_TYPE_NOT_IN_LEAVE_TABLE"), None),
    ("zero, and shown", "0", held("12.00"), None, "0.00"),
    ("zero, and not shown", "0", None, None, "0.00"),
    ("less than nothing", "-7.1", held("12.00"), None, "-7.10"),
]


@pytest.mark.requirement("LB-6")
@pytest.mark.parametrize(
    ("owed", "shown", "expected", "sent"), [row[1:] for row in OWED], ids=[row[0] for row in OWED]
)
def test_absent_from_the_leave_table_is_not_zero(
    owed: str | None, shown: Any, expected: tuple[str, str] | None, sent: str | None
) -> None:
    amounts = {"AL": amount(), **({"SL": amount(owed)} if owed else {})}
    there = {"AL": held(), **({"SL": shown} if shown else {})}
    found = compared(person(owed=Owed(amounts, SAVED), held=there), leave_types=BOTH)
    assert told(found).get("balance:E1:SL") == expected
    assert [changes(write.record)["hours"][1] for write in found.writes] == ([sent] if sent else [])
    for record in found.records:
        assert record.reason
        assert "not set to zero" in record.reason.remedy


@pytest.mark.requirement("LB-6")
def test_a_type_that_express_leave_does_not_have_is_told_and_stops_no_other() -> None:
    found = compared(person(owed=Owed({"AL": amount(), "RDO": amount()}, SAVED)))
    assert told(found) == {"balance:E1:RDO": ("skipped", "LEAVE_TYPE_NOT_IN_EXPRESS_LEAVE")}
    assert found.unchanged == 2


FAULTS: list[tuple[str, Fault, dict[str, str], int]] = [
    ("a user", Fault("express_leave", "E1", "details", "Hours", "x"), {"employee:E1": "Express Leave"}, 1),
    (
        "all balances",
        Fault("attache", "E1", "balances", "ALEntitleHourAcc", "x"),
        {"balance:E1": "Attaché"},
        1,
    ),
    ("one owed", Fault("attache", "E1", "AL", "HoursPerDay", "x"), {"balance:E1:AL": "Attaché"}, 1),
    ("one held", Fault("express_leave", "E1", "AL", "AsAt", "x"), {"balance:E1:AL": "Express Leave"}, 1),
]


@pytest.mark.requirement("RUN-4", "LB-11")
@pytest.mark.parametrize(
    ("fault", "blocked", "unchanged"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_row_that_can_not_be_used_blocks_what_it_is_about(
    fault: Fault, blocked: dict[str, str], unchanged: int
) -> None:
    found = compared(person(faults=(fault,)))
    assert told(found) == dict.fromkeys(blocked, ("blocked", "VALUE_NOT_VALID"))
    assert (found.unchanged, found.writes) == (unchanged, [])
    for record, system in zip(found.records, blocked.values(), strict=True):
        assert record.reason
        assert record.reason.message.startswith("Name E1 (E1): ")
        assert fault.field in record.reason.message
        assert system in record.reason.remedy


# --- saved again, emptied --------------------------------------------------------------------------------


@pytest.mark.requirement("LB-8", "RUN-6")
@pytest.mark.parametrize(
    ("resaved", "written", "comment"),
    [
        ({"AL": "Updated to resync"}, ["AL"], ": Updated to resync"),
        ({"SL": ""}, ["SL"], ""),
        (dict.fromkeys(("AL", "SL"), ""), ["AL", "SL"], ""),
        ({}, [], ""),
    ],
)
def test_what_was_overtyped_is_sent_once_more_with_its_comment(
    resaved: dict[str, str], written: list[str], comment: str
) -> None:
    both = person(
        owed=Owed({"AL": amount(), "SL": amount("38")}, SAVED), held={"AL": held(), "SL": held("38.00")}
    )
    found = compared(both, resaved, leave_types=BOTH)
    assert [write.record.key for write in found.writes] == [f"E1:{code}" for code in written]
    for write in found.writes:
        assert write.record.changes == ()
        assert write.record.reason
        assert write.record.reason.message.endswith(f"saved again in Payroll{comment}")
        assert isinstance(write.payload, BalanceWrite)
        assert write.payload.planned == len(written)


def test_nobody_knows_which_so_all_of_them_are_sent() -> None:
    assert [write.record.key for write in COMPARER.compare(person(), None).writes] == ["E1:AL"]


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(
    ("owed", "shown", "risky"),
    [
        ({"AL": "0"}, {"AL": "12.00"}, True),
        ({"AL": "0", "SL": "0"}, {"AL": "0.00", "SL": "3.00"}, True),
        ({"AL": "0", "SL": "1"}, {"AL": "12.00", "SL": "3.00"}, False),
        ({"AL": "0"}, {}, False),
        ({"AL": "0"}, {"AL": "0.00"}, False),
    ],
)
def test_whoever_would_be_shown_nothing_any_more_is_a_risk_once(
    owed: dict[str, str], shown: dict[str, str], risky: bool
) -> None:
    amounts = {code: amount(hours, LATER) for code, hours in owed.items()}
    there = {code: held(hours) for code, hours in shown.items()}
    found = compared(person(owed=Owed(amounts, SAVED), held=there), leave_types=BOTH)
    assert [write.risks for write in found.writes].count((Risk.EMPTY,)) == risky


@pytest.mark.requirement("LB-8", "RUN-5")
def test_payrolls_saving_is_noted_with_the_details_only_where_no_balance_is_to_follow() -> None:
    before = Known("u-E1", SAVED.replace(day=2))
    renamed = person(staff=staff("E1", name="Renamed"), known=before)
    (alone,) = compared(renamed).writes
    assert alone.facts == {"saved_at": SAVED.isoformat()}
    first, _ = compared(replace(renamed, held={"AL": held("1.00")})).writes
    assert first.facts == {"saved_at": SAVED.replace(day=2).isoformat()}
