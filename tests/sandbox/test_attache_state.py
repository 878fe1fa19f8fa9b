"""The states that Attaché's sandbox takes: what is filled in, leave shown both ways, what is refused."""

from decimal import Decimal
from typing import Any

import pytest
import requests

from local.sandbox import Options, running
from local.sandbox.attache import Attache
from tests.sandbox.conftest import TODAY
from tests.sandbox.rules import check_refused

NOW, SUNDAY = "2026-03-02T11:30:00Z", "2026-03-01"
MIA = {"EmployeeCode": "E0042", "FullName": "Mia Chen"}
ORG: dict[str, Any] = {"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"}
ANNUAL = {"EmployeeCode": "E0042", "IncomeCode": "AL", "EntitlementOwing": 10}
BALANCE = {"EmployeeCode": "E0042"}
TOKEN = {"refresh_token": "r"}
CHANGE = {
    "EmployeeCode": "E0042",
    "IncomeCode": "AL",
    "OldEntitlementOwing": 1,
    "NewEntitlementOwing": 2,
    "Comment": "Corrected",
}


def balances(attache: Any, **state: Any) -> list[dict[str, Any]]:
    answer = attache.put_state({"employees": [MIA], **state})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = attache.state()["leavebalances"]
    return rows


def test_employees_alone_are_enough(attache: Any) -> None:
    of = {"OrganisationId": "org-17", "EmployeeCode": "E0042"}
    assert balances(attache) == [{**of, "LeaveAccrueTo": SUNDAY, "ModifiedAt": NOW}]
    state = attache.state()
    assert state["organisations"] == [{**ORG, "Country": "Australia"}]
    made = {"AOemail": None, "EnableAttacheOnline": False, "Location": "", "State": "", "HourPerDay": 7.6}
    dates = {"Country": "Australia", "TerminationDate": None, "ModifiedAt": NOW}
    assert state["employees"] == [{**of, **MIA, **made, **dates}]
    assert (state["leave"], state["leavehistory"], state["tokens"]) == ([], [], [])


def test_what_is_left_out_follows_from_what_is_given(attache: Any) -> None:
    organisations = [{**ORG, "Country": "New Zealand"}, {**ORG, "OrganisationId": "org-18"}]
    noah = {**MIA, "EmployeeCode": "E1", "AOemail": "noah@acme.example", "OrganisationId": "org-18"}
    attache.put_state({"organisations": organisations[::-1], "employees": [MIA, noah]})
    mia, noah = attache.state()["employees"]
    names = ("OrganisationId", "Country", "EnableAttacheOnline")
    assert [mia[name] for name in names] == ["org-17", "New Zealand", False]
    assert [noah[name] for name in names] == ["org-18", "Australia", True]


@pytest.mark.parametrize(
    ("row", "pair"),
    [
        ({}, ("10", "0.0")),
        ({"ProRataOwing": 2.5}, ("10", "2.5")),
        ({"ProRataOwing": 2.5, "ProRataApplicable": False}, ("10", "0.0")),
        ({"ProRataOwing": 2.5, "ContingentOwing": 99}, ("10", "2.5")),
        ({"ProRataOwing": 2.5, "DisplayIn": "Days"}, ("76.0", "19.00")),
        ({"ProRataOwing": 2.5, "DisplayIn": "Days", "HoursPerDay": 8}, ("80", "20.0")),
        ({"ProRataOwing": 1.3333, "DisplayIn": "Days", "HoursPerDay": 7.5555}, ("75.5550", "10.0737")),
    ],
)
def test_balances_are_made_of_the_leave_tables(
    row: dict[str, Any], pair: tuple[str, str], attache: Any
) -> None:
    dates = {"LeaveAccruedUpToAndIncluding": "2026-01-04", "ModifiedAt": "2026-01-05T03:12:00Z"}
    (made,) = balances(attache, leave=[{**ANNUAL, **dates, **row}])
    text = attache.get("/_sandbox/state").text
    assert (made["LeaveAccrueTo"], made["ModifiedAt"]) == ("2026-01-04", "2026-01-05T03:12:00Z")
    assert f'"ALEntitleHourAcc":{pair[0]},"ALProRataHourAcc":{pair[1]},' in text
    assert "SLEntitleHourAcc" not in made


def test_every_type_of_leave_has_its_name_both_ways(attache: Any) -> None:
    given = {
        f"{prefix}{name}HourAcc": number
        for number, prefix in enumerate(("AL", "SL", "LSL", "RDO", "STL"), 1)
        for name in ("Entitle", "ProRata")
    }
    balances(attache, leavebalances=[{"EmployeeCode": "E0042", "LeaveAccrueTo": "2025-12-31", **given}])
    rows = attache.state()["leave"]
    assert {row["IncomeCode"]: (row["Description"], row["EntitlementOwing"]) for row in rows} == {
        "AL": ("Annual Leave", 1),
        "SL": ("Sick Leave", 2),
        "LSL": ("Long Service Leave", 3),
        "RDO": ("Rostered Days Off", 4),
        "STL": ("Short Term Leave", 5),
    }
    dates = ("LeaveAccruedUpToAndIncluding", "LastEntitlementDate", "LeaveStartDate")
    assert {tuple(row[name] for name in dates) for row in rows} == {
        ("2025-12-31", "2025-03-01", "2020-03-01")
    }
    (again,) = balances(attache, leave=rows)
    assert {name: again[name] for name in given} == given


def test_both_views_are_kept_as_given_even_where_they_differ(attache: Any) -> None:
    kept = {"EmployeeCode": "E0042", "ALEntitleHourAcc": 1, "ALProRataHourAcc": 2}
    (row,) = balances(attache, leave=[ANNUAL], leavebalances=[kept])
    assert (row["ALEntitleHourAcc"], attache.state()["leave"][0]["EntitlementOwing"]) == (1, 10)
    assert balances(attache, leave=[ANNUAL], leavebalances=[]) == []


def test_a_state_can_be_put_back_with_every_digit(attache: Any) -> None:
    text = (
        '{"employees": [{"EmployeeCode": "E0042", "FullName": "Zoë Ng", "HourPerDay": 7.60}],'
        ' "leave": [{"EmployeeCode": "E0042", "IncomeCode": "AL", "EntitlementOwing": 12345678.1000,'
        ' "ProRataOwing": 1e2}],'
        ' "tokens": [{"refresh_token": "r", "access_tokens": {"a": "2026-03-02T12:00:00Z"}}]}'
    )
    assert attache.call("PUT", "/_sandbox/state", data=text.encode()).status_code == 200
    attache.call(
        "PUT",
        "/organisations/org-17/employees/E0042/leave/AL/entitlement",
        json={"EntitlementOwing": 3, "Comment": "Corrected"},
    )
    kept = attache.get("/_sandbox/state").content
    parts = ('"HourPerDay":7.60,', '"OldEntitlementOwing":12345678.1000,', '"ProRataOwing":100,', "Zoë Ng")
    assert all(part in kept.decode() for part in parts)
    assert attache.call("PUT", "/_sandbox/state", data=kept).status_code == 200
    assert attache.get("/_sandbox/state").content == kept


def test_history_is_kept_in_order_even_within_a_second(attache: Any) -> None:
    rows = [{**CHANGE, "Comment": text, "ChangedAt": at} for text, at in (("b", NOW), ("c", NOW))]
    rows += [{**CHANGE, "Comment": "a", "ChangedAt": "2026-01-01T00:00:00Z"}]
    attache.put_state({"employees": [MIA], "leavehistory": rows})
    for _ in range(2):
        newest_first = attache.get("/organisations/org-17/employees/E0042/leavehistory").json()["Data"]
        assert [row["Comment"] for row in newest_first] == ["c", "b", "a"]
        attache.put_state(attache.state())


@pytest.mark.parametrize(
    ("resource", "row", "field", "said"),
    [
        ("organisations", {**ORG, "Country": "Fiji"}, "Country", "New Zealand"),
        ("employees", {**MIA, "EmployeeCode": "E/1"}, "EmployeeCode", "no slash"),
        ("employees", {**MIA, "EmployeeCode": 42}, "EmployeeCode", "a text"),
        ("employees", {**MIA, "OrganisationId": "org-9"}, "OrganisationId", "no organisation"),
        ("employees", {**MIA, "EnableAttacheOnline": 1}, "EnableAttacheOnline", "true or false"),
        ("employees", {**MIA, "AOemail": 1}, "AOemail", "a text, or null"),
        ("employees", {**MIA, "HourPerDay": "7.6"}, "HourPerDay", "0 to 24"),
        ("employees", {**MIA, "HourPerDay": 24.5}, "HourPerDay", "0 to 24"),
        ("employees", {**MIA, "TerminationDate": "1.1.2026"}, "TerminationDate", "a date"),
        ("employees", {**MIA, "TerminationDate": "2026-02-30"}, "TerminationDate", "a date"),
        ("employees", {**MIA, "TerminationDate": "1826-02-03"}, "TerminationDate", "a date"),
        ("employees", {**MIA, "ModifiedAt": "2026-01-05"}, "ModifiedAt", "a time"),
        ("leavebalances", {"EmployeeCode": "E9"}, "EmployeeCode", "no employee of org-17"),
        ("leavebalances", {**BALANCE, "ALEntitleHourAcc": 1}, "ALProRataHourAcc", "come in pairs"),
        ("leave", {**ANNUAL, "EmployeeCode": "E9"}, "EmployeeCode", "no employee"),
        ("leave", {**ANNUAL, "EntitlementOwing": 1.00001}, "EntitlementOwing", "four decimals"),
        ("leave", {**ANNUAL, "EntitlementOwing": True}, "EntitlementOwing", "a number"),
        ("leave", {**ANNUAL, "DisplayIn": "Weeks"}, "DisplayIn", "Days, Hours"),
        ("leave", {**ANNUAL, "CalculateBy": "Moon"}, "CalculateBy", "Date, Hour, Pay"),
        ("leave", {**ANNUAL, "DaysPerWeek": 8}, "DaysPerWeek", "0 to 7"),
        ("leave", {**ANNUAL, "OrganisationId": "org-9"}, "OrganisationId", "no organisation"),
        ("leavehistory", {**CHANGE, "Comment": " "}, "Comment", "not blank"),
        ("leavehistory", {**CHANGE, "EmployeeCode": "E9"}, "EmployeeCode", "no employee"),
        ("tokens", {**TOKEN, "access_tokens": {"a": "soon"}}, "access_tokens", "times"),
        ("tokens", {**TOKEN, "access_tokens": {"r": NOW}}, "access_tokens", "r is used twice"),
        ("tokens", {**TOKEN, "organisation_id": "org-9"}, "organisation_id", "no organisation"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(
    attache: Any, resource: str, row: Any, field: str, said: str
) -> None:
    check_refused(attache, {"employees": [MIA], resource: [row]}, 0, field, said)


@pytest.mark.parametrize(
    ("rows", "field", "said"),
    [
        ([{**TOKEN, "access_tokens": {"a": NOW}}, {"refresh_token": "a"}], "refresh_token", "a is used"),
        ([TOKEN, {"refresh_token": "s", "access_tokens": {"r": NOW}}], "access_tokens", "r is used"),
    ],
)
def test_no_token_is_there_twice(attache: Any, rows: Any, field: str, said: str) -> None:
    check_refused(attache, {"tokens": rows}, 1, field, said)


def test_a_state_without_room_for_its_rows_is_refused(attache: Any) -> None:
    check_refused(attache, {"organisations": [], "employees": [MIA]}, 0, "OrganisationId", "no organisation")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "1.00000", "1e-5"])
def test_a_number_is_one_of_the_contract(number: str, attache: Any) -> None:
    text = f'{{"employees": [{{"EmployeeCode": "E1", "FullName": "Mia", "HourPerDay": {number}}}]}}'
    assert attache.call("PUT", "/_sandbox/state", data=text).status_code == 400


def test_the_fixed_tokens_and_the_limit_are_options() -> None:
    with running(options=Options(tokens=frozenset({"other"}), rate_limits=False)) as sandboxes:
        url = f"{sandboxes.urls['attache']}/organisations/org-17/employees"
        good, usual = ({"Authorization": f"Bearer {token}"} for token in ("other", "attache-sandbox-token"))
        with requests.Session() as session:
            assert {session.get(url, headers=good).status_code for _ in range(70)} == {200}
            assert session.get(url, headers=usual).status_code == 401


def test_data_are_kept_between_starts_with_every_digit(tmp_path: Any) -> None:
    row = {**ANNUAL, "EntitlementOwing": Decimal("31.4500")}
    for _ in range(2):
        with running(state_dir=tmp_path) as sandboxes:
            room = sandboxes.room("attache")
            if not room.state()["leave"]:
                room.replace_state({"employees": [MIA], "leave": [row]})
            assert str(room.state()["leave"][0]["EntitlementOwing"]) == "31.4500"
        assert '"EntitlementOwing":31.4500' in (tmp_path / "attache.json").read_text()


def test_a_caller_in_the_same_process_may_give_floats() -> None:
    room = Attache(Options(now=lambda: TODAY))
    room.replace_state({"employees": [{**MIA, "HourPerDay": 7.6}]})
    assert str(room.state()["employees"][0]["HourPerDay"]) == "7.6"
