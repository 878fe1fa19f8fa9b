"""Millennium's sandbox: states in part, sign-in and rights, lists with filters, refusals of all calls."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.rules import check_limit, check_log, check_refused

SERVER = "/m3api/v1"
ACME, BETA = f"{SERVER}/companies/ACME", f"{SERVER}/companies/BETA"
NOW = "2026-03-02T11:30:00Z"
GOOD = {"UserName": "payrelay-sandbox", "Password": "sandbox-password"}
WRONG = {**GOOD, "Password": "wrong"}
Row = dict[str, Any]
# The contract's own rows, as they are on the wire.
WIRE: dict[str, Row] = json.loads("""{
  "accrualcodes": {"Code": "SICK1", "Description": "Sick", "Model": "STD", "CheckStubDesc": "Sick",
    "Divisor": "1", "Decimals": 2, "HasTable": true, "Setup": {"AccrualRate": "3.08", "AccrueOn": "Check",
    "MaxBalance": "120", "CarryOver": null, "ResetDate": null, "WaitingDays": null}},
  "employees": {"EmployeeId": "1001", "FirstName": "Ann", "LastName": "Lee", "Status": "A",
    "TermDate": null},
  "calendar": {"CalendarId": 88, "CheckDate": "2026-01-09", "RunNumber": 1, "AccrualsBlocked": false,
    "PayrollStarted": true, "StartedAt": "2026-01-06T15:00:00Z", "Processed": false},
  "accruals": {"EmployeeId": "1001", "Code": "SICK1", "Description": "Sick", "Balance": "26.0000",
    "LastAccrueDate": "2026-01-09", "AsOfDate": null, "Note": null, "StartDate": "2020-03-01",
    "EndDate": null, "ModifiedAt": "2026-01-08T22:10:00Z"},
  "batches": {"BatchNumber": 3, "Description": "Biweekly", "PeriodBeginDate": "2025-12-22",
    "PeriodEndDate": "2026-01-04"},
  "checks": {"EmployeeId": "1001", "CheckNumber": "20417", "CheckDate": "2026-01-09",
    "PeriodBeginDate": "2025-12-22", "PeriodEndDate": "2026-01-04", "BatchNumber": 3, "CalendarId": 88,
    "Voided": false},
  "companynotes": {"NoteId": 5, "Name": "Accrual Note", "Memo": "", "ModifiedAt": "2025-06-01T12:00:00Z"},
  "scheduledtasks": {"Name": "Accrual", "Enabled": true, "Companies": ["ACME"], "EveryMinutes": 30,
    "LastRunAt": "2026-01-08T22:00:00Z"}}""")
_BESIDE: dict[str, Row] = {"batches": {"CalendarId": 88, "EmployeeIds": ["1001"]}}
STATE: dict[str, list[Row]] = {
    name: [{"Co": "ACME", **row, **_BESIDE.get(name, {})}] for name, row in WIRE.items()
}
LISTS = {
    "accrualcodes": "/accrualcodes",
    "employees": "/employees",
    "calendar": "/calendar",
    "accruals": "/accruals",
    "batches": "/calendar/88/batches",
    "checks": "/checks",
    "companynotes": "/companynotes",
}


@pytest.fixture
def m3(millennium: Any) -> Any:
    answer = millennium.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return millennium


def error(answer: Any) -> tuple[int, str, str | None]:
    """Status, code and field of a refusal, which has exactly the contract's shape."""
    body = answer.json()
    assert list(body) == ["ErrorCode", "Message", "Field"]
    assert body["Message"]
    return answer.status_code, body["ErrorCode"], body["Field"]


def items(m3: Any, path: str, base: str = ACME) -> list[Row]:
    answer = m3.get(base + path)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["Items", "NextPage"]
    return list(answer.json()["Items"])


def sign_in(m3: Any, **who: Any) -> Any:
    return m3.call("POST", f"{SERVER}/session", json=who, headers={})


# --- the state ----------------------------------------------------------------------------------------------


def test_the_contracts_own_rows_are_kept_and_shown_as_they_are(m3: Any) -> None:
    state = m3.state()
    assert {name: state[name] for name in STATE} == STATE
    for name, path in LISTS.items():
        (shown,) = items(m3, path)
        assert (shown, list(shown)) == (WIRE[name], list(WIRE[name]))
    (task,) = items(m3, "/scheduledtasks", SERVER)
    assert (task, list(task)) == (WIRE["scheduledtasks"], list(WIRE["scheduledtasks"]))
    assert m3.get(f"{ACME}/batches/3/employees").json() == {"EmployeeIds": ["1001"]}


def test_rows_in_part_are_filled_in(millennium: Any) -> None:
    company = {"Co": "ACME"}
    given: dict[str, list[Row]] = {
        "accrualcodes": [{**company, "Code": "VAC", "Description": "Vacation"}, {**company, "Code": "X"}],
        "employees": [
            {**company, "EmployeeId": "1001"},
            {**company, "EmployeeId": "1002", "TermDate": "2026-01-02"},
        ],
        "calendar": [
            {**company, "CalendarId": 88, "CheckDate": "2026-01-09", "PayrollStarted": True},
            {**company, "CheckDate": "2026-01-09", "Processed": True},
            {**company, "CheckDate": "2026-01-23"},
        ],
        "accruals": [{**company, "EmployeeId": "1001", "Code": "VAC"}],
        "batches": [{**company, "PeriodEndDate": "2026-01-04"}],
        "checks": [
            {**company, "EmployeeId": "1001", "CheckDate": day, "PeriodEndDate": "2026-01-04"}
            for day in ("2026-01-09", "2026-01-02")
        ],
        "companynotes": [company],
        "scheduledtasks": [{**company, "Name": "Accrual"}, {"Name": "Other"}],
    }
    assert millennium.put_state(given).status_code == 200
    codes = items(millennium, "/accrualcodes")
    assert [(row["Description"], row["CheckStubDesc"]) for row in codes] == [("Vacation",) * 2, ("X",) * 2]
    usual = [codes[0][name] for name in ("Model", "Divisor", "Decimals", "HasTable")]
    assert usual == [None, "1", 2, False]
    assert codes[0]["Setup"] == dict.fromkeys(WIRE["accrualcodes"]["Setup"])
    assert [row["Status"] for row in items(millennium, "/employees")] == ["A", "T"]
    shown = [
        (row["CalendarId"], row["RunNumber"], row["PayrollStarted"], row["StartedAt"], row["Processed"])
        for row in items(millennium, "/calendar")
    ]
    assert shown == [
        (3, 1, True, "2025-12-30T15:00:00Z", True),  # of the check that names no other payroll
        (88, 1, True, "2026-01-06T15:00:00Z", False),
        (1, 2, True, "2026-01-06T15:00:00Z", True),
        (2, 1, False, None, False),
    ]
    nothing = dict.fromkeys(("LastAccrueDate", "AsOfDate", "Note", "StartDate", "EndDate"))
    (accrual,) = items(millennium, "/accruals")
    expected = {**WIRE["accruals"], "Code": "VAC", "Description": "Vacation", "Balance": "0.0000"}
    assert accrual == {**expected, **nothing, "ModifiedAt": NOW}
    begins = {"PeriodBeginDate": "2025-12-22", "PeriodEndDate": "2026-01-04"}
    assert items(millennium, "/calendar/88/batches") == [
        {"BatchNumber": 1, "Description": "Biweekly", **begins}
    ]
    whose = millennium.get(f"{ACME}/batches/1/employees").json()
    assert whose == {"EmployeeIds": ["1001", "1002"]}
    checks = items(millennium, "/checks")
    assert checks[1] == {
        "EmployeeId": "1001",
        "CheckNumber": "20001",
        "CheckDate": "2026-01-09",
        **begins,
        "BatchNumber": 1,
        "CalendarId": 88,
        "Voided": False,
    }
    assert (checks[0]["CheckDate"], checks[0]["CalendarId"]) == ("2026-01-02", 3)
    (note,) = items(millennium, "/companynotes")
    assert note == {"NoteId": 1, "Name": "Accrual Note", "Memo": "", "ModifiedAt": NOW}
    tasks = items(millennium, "/scheduledtasks", SERVER)
    assert [row["Companies"] for row in tasks] == [["ACME"], []]
    assert (tasks[0]["Enabled"], tasks[0]["EveryMinutes"], tasks[0]["LastRunAt"]) == (True, 30, None)


def test_people_and_codes_that_a_state_does_not_name_at_all_come_with_their_accruals(millennium: Any) -> None:
    accrual = {"Co": "ACME", "EmployeeId": "1001", "Code": "VAC", "Description": "Vacation"}
    assert millennium.put_state({"accruals": [accrual]}).status_code == 200
    assert [row["EmployeeId"] for row in items(millennium, "/employees")] == ["1001"]
    assert [row["Description"] for row in items(millennium, "/accrualcodes")] == ["Vacation"]


def test_a_description_is_that_of_the_code(m3: Any) -> None:
    """Whoever changes it in a state need not change every accrual."""
    m3.put_state({**m3.state(), "accrualcodes": [{**STATE["accrualcodes"][0], "Description": "Sick time"}]})
    assert [row["Description"] for row in items(m3, "/accruals")] == ["Sick time"]


@pytest.mark.parametrize(
    ("resource", "field", "value", "said"),
    [
        ("accrualcodes", "Co", 7, "a text"),
        ("accrualcodes", "Code", "VACATION-01", "at most 10 characters"),
        ("accrualcodes", "Code", " ", "at most 10 characters"),
        ("accrualcodes", "Code", "A/B", "without a slash"),
        ("accrualcodes", "Decimals", 5, "a whole number from 0 to 4"),
        ("accrualcodes", "Divisor", 1, "a decimal as text"),
        ("accrualcodes", "Setup", {"Rate": "3.08"}, "unknown field"),
        ("accrualcodes", "Setup", {"AccrualRate": 3.08}, "a text, or null"),
        ("employees", "Status", "Active", "one of A, T, L"),
        ("employees", "TermDate", "2026-02-30", "a date"),
        ("calendar", "StartedAt", "2026-01-06", "a time"),
        ("calendar", "CalendarId", "88", "a whole number"),
        ("accruals", "EmployeeId", "9", "9 is no row of employees"),
        ("accruals", "Code", "PTO", "PTO is no row of accrualcodes"),
        ("accruals", "Balance", 26.0, "as text"),
        ("accruals", "Balance", "26.00001", "at most four decimals"),
        ("batches", "EmployeeIds", ["9"], "9 is no row of employees"),
        ("checks", "EmployeeId", "9", "9 is no row of employees"),
        ("checks", "Voided", "no", "true or false"),
        ("companynotes", "Memo", None, "a text"),
        ("scheduledtasks", "Companies", "ACME", "a list"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    m3: Any, resource: str, field: str, value: Any, said: str
) -> None:
    row = {**STATE[resource][0], field: value}
    inside = f".{next(iter(value))}" if isinstance(value, dict) else ""
    check_refused(m3, {**STATE, resource: [row]}, 0, field + inside, said)


def test_a_batch_needs_a_payroll_that_is_started(millennium: Any) -> None:
    batch = {"Co": "ACME", "PeriodEndDate": "2026-01-04"}
    check_refused(millennium, {"batches": [batch]}, 0, "CalendarId", "no payroll is started")


# --- sign-in and rights -------------------------------------------------------------------------------------


def test_a_session_lasts_an_hour(m3: Any, clocks: Any) -> None:
    answer = sign_in(m3, **GOOD)
    assert answer.status_code == 200
    assert list(answer.json()) == ["Token", "ExpiresAt"]
    assert answer.json()["ExpiresAt"] == "2026-03-02T12:30:00Z"
    m3.headers = {"Authorization": f"Bearer {answer.json()['Token']}"}
    clocks.moment += timedelta(minutes=59, seconds=59)
    assert m3.get(f"{ACME}/employees").status_code == 200
    clocks.moment += timedelta(seconds=1)
    assert error(m3.get(f"{ACME}/employees")) == (401, "TOKEN_EXPIRED", None)
    assert sign_in(m3, **GOOD).json()["Token"] != answer.json()["Token"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nobody", "m3s-test", "Basic m3s-test"])
@pytest.mark.parametrize("path", [f"{ACME}/employees", f"{SERVER}/scheduledtasks", "/elsewhere"])
def test_nothing_is_open_without_a_session(m3: Any, header: str, path: str) -> None:
    assert error(m3.get(path, headers={"Authorization": header})) == (401, "TOKEN_EXPIRED", None)


def test_a_state_leaves_sessions_alone_and_can_end_them(m3: Any) -> None:
    m3.put_state(STATE)
    assert m3.get(f"{ACME}/employees").status_code == 200
    m3.put_state({**STATE, "sessions": []})
    assert error(m3.get(f"{ACME}/employees")) == (401, "TOKEN_EXPIRED", None)


def test_a_session_of_a_user_who_has_gone_is_none(m3: Any) -> None:
    m3.put_state({**STATE, "users": []})
    assert error(m3.get(f"{ACME}/employees")) == (401, "TOKEN_EXPIRED", None)


def test_three_sign_ins_in_a_row_that_fail_lock_the_user(m3: Any) -> None:
    for tries in ([WRONG, WRONG, GOOD], [WRONG, WRONG, WRONG, GOOD, GOOD]):
        answers = [sign_in(m3, **who) for who in tries]
        ends_well = len(tries) == 3
        assert [one.status_code for one in answers[:-1]] == [401] * (len(tries) - 1)
        assert answers[-1].status_code == (200 if ends_well else 401)
    assert error(answers[-1]) == (401, "LOGIN_FAILED", None)
    assert ["locked" in one.json()["Message"] for one in answers] == [False] * 3 + [True] * 2
    # Whoever is signed in stays so; a new state has the user unlocked.
    assert m3.get(f"{ACME}/employees").status_code == 200
    m3.put_state(STATE)
    assert sign_in(m3, **GOOD).status_code == 200


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ({**GOOD, "UserName": "nobody"}, (401, "LOGIN_FAILED", None)),
        ({"UserName": "payrelay-sandbox"}, (400, "INVALID_VALUE", "Password")),
        ({**GOOD, "UserName": 7}, (400, "INVALID_VALUE", "UserName")),
        ({**GOOD, "Company": "ACME"}, (400, "INVALID_VALUE", "Company")),
    ],
)
def test_a_sign_in_that_is_not_right_is_refused(m3: Any, who: Row, expected: Any) -> None:
    assert error(sign_in(m3, **who)) == expected


def test_a_user_has_rights_on_some_companies(m3: Any) -> None:
    m3.put_state({**STATE, "users": [{**GOOD, "Companies": ["BETA"]}]})
    for path in (f"{ACME}/employees", f"{ACME}/nothing", f"{SERVER}/companies/GAMMA/employees"):
        assert error(m3.get(path)) == (403, "NO_COMPANY_ACCESS", None)
    assert error(m3.call("PUT", f"{ACME}/employees/1001/accruals/SICK1", json={"Balance": "1.00"}))[0] == 403
    assert error(m3.get(f"{BETA}/employees")) == (404, "NOT_FOUND", None)


def test_each_company_has_rows_of_its_own(m3: Any) -> None:
    other = {"Co": "BETA", "EmployeeId": "1001", "FirstName": "Bob", "LastName": "Ray"}
    m3.put_state({**STATE, "employees": [*STATE["employees"], other]})
    assert [row["FirstName"] for row in items(m3, "/employees")] == ["Ann"]
    assert [row["FirstName"] for row in items(m3, "/employees", BETA)] == ["Bob"]
    for path in ("/accruals", "/employees/1001/accruals", "/checks", "/companynotes", "/accrualcodes"):
        assert items(m3, path, BETA) == []
    assert error(m3.get(f"{BETA}/employees/1001/accruals/SICK1"))[:2] == (404, "NOT_FOUND")
    assert error(m3.get(f"{BETA}/calendar/88/batches"))[:2] == (404, "NOT_FOUND")
    assert error(m3.get(f"{BETA}/batches/3/employees"))[:2] == (404, "NOT_FOUND")


# --- lists --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "pages"),
    [("", [(100, 2), (100, 3), (30, None)]), ("&pageSize=115", [(115, 2), (115, None)])],
)
def test_a_list_comes_in_pages(millennium: Any, size: str, pages: list[tuple[int, int | None]]) -> None:
    ids = [str(number) for number in range(900, 1130)]
    millennium.put_state({"employees": [{"Co": "ACME", "EmployeeId": one} for one in reversed(ids)]})
    found, told = [], []
    for page in range(1, len(pages) + 1):
        body = millennium.get(f"{ACME}/employees?page={page}{size}").json()
        told.append((len(body["Items"]), body["NextPage"]))
        found += [row["EmployeeId"] for row in body["Items"]]
    assert (found, told) == (ids, pages)
    past = millennium.get(f"{ACME}/employees?page=9{size}").json()
    assert past == {"Items": [], "NextPage": None}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/employees?pageSize=501", "pageSize"),
        ("/employees?pageSize=0", "pageSize"),
        ("/employees?page=0", "page"),
        ("/employees?page=two", "page"),
        ("/employees?page=1&page=2", "page"),
        ("/employees?active=true", "active"),
        ("/employees?activeOnly=1", "activeOnly"),
        ("/employees/1001/accruals?pageSize=501", "pageSize"),
        ("/checks?checkDateFrom=01/09/2026", "checkDateFrom"),
        ("/checks?checkDateTo=2026-02-30", "checkDateTo"),
        ("/calendar?from=2026", "from"),
        ("/accruals?employeeId=1001", "employeeId"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(m3: Any, path: str, field: str) -> None:
    assert error(m3.get(ACME + path)) == (400, "INVALID_VALUE", field)


PEOPLE = [
    {"Co": "ACME", "EmployeeId": number, "Status": status}
    for number, status in {"1001": "A", "1002": "L", "1003": "T"}.items()
]
# One check a day, of which somebody else has the ninth.
CHECKS = [
    {
        "Co": "ACME",
        "EmployeeId": "1002" if day == 9 else "1001",
        "CheckNumber": str(day),
        "CheckDate": f"2026-01-{day:02d}",
        "PeriodEndDate": "2026-01-04",
        "CalendarId": 88,
        "BatchNumber": 3,
    }
    for day in range(1, 11)
]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("checkDateFrom=2026-01-08&checkDateTo=2026-01-09", "8 9"),
        ("checkDateFrom=2026-01-09", "10 9"),
        ("checkDateTo=2026-01-02", "1 2"),
        ("employeeId=1002", "9"),
        ("employeeId=1002&checkDateTo=2026-01-02", ""),
        ("employeeId=9", ""),
        ("", "1 2 3 4 5 6 7 8 10 9"),
    ],
)
def test_checks_are_chosen_by_day_and_person(m3: Any, query: str, numbers: str) -> None:
    """Both days count; in the order of people, and of days."""
    assert m3.put_state({**STATE, "employees": PEOPLE, "checks": CHECKS}).status_code == 200
    assert [row["CheckNumber"] for row in items(m3, f"/checks?{query}")] == numbers.split()


def test_a_check_that_is_issued_again_may_keep_its_number(m3: Any) -> None:
    again = {**STATE["checks"][0], "BatchNumber": 4, "CheckDate": "2026-01-14"}
    m3.put_state({**STATE, "checks": [{**STATE["checks"][0], "Voided": True}, again]})
    found = [(row["CheckNumber"], row["BatchNumber"], row["Voided"]) for row in items(m3, "/checks")]
    assert found == [("20417", 3, True), ("20417", 4, False)]


def test_the_calendar_is_chosen_by_days_and_runs_share_one(m3: Any) -> None:
    more = [
        {"Co": "ACME", "CalendarId": number, "CheckDate": day, **beside}
        for number, day, beside in (
            (90, "2026-01-09", {"RunNumber": 2, "AccrualsBlocked": True}),
            (89, "2026-01-23", {}),
        )
    ]
    m3.put_state({**STATE, "calendar": [*more, *STATE["calendar"]]})
    days = [(row["CalendarId"], row["AccrualsBlocked"]) for row in items(m3, "/calendar?to=2026-01-22")]
    assert days == [(88, False), (90, True)]
    assert [row["CalendarId"] for row in items(m3, "/calendar?from=2026-01-10&to=2026-01-23")] == [89]
    assert [row["CalendarId"] for row in items(m3, "/calendar")] == [88, 90, 89]


def test_only_active_people_are_listed_when_asked_for(m3: Any) -> None:
    m3.put_state({**STATE, "employees": PEOPLE})
    assert [row["EmployeeId"] for row in items(m3, "/employees?activeOnly=true")] == ["1001"]
    for query in ("", "?activeOnly=false"):
        assert [row["EmployeeId"] for row in items(m3, f"/employees{query}")] == ["1001", "1002", "1003"]


def test_a_note_is_found_by_its_name(m3: Any) -> None:
    other = {**STATE["companynotes"][0], "NoteId": 6, "Name": "Year end", "Memo": "W-2"}
    m3.put_state({**STATE, "companynotes": [other, *STATE["companynotes"]]})
    assert items(m3, "/companynotes?name=Accrual%20Note") == [WIRE["companynotes"]]
    assert [row["Memo"] for row in items(m3, "/companynotes?name=Year+end")] == ["W-2"]
    assert items(m3, "/companynotes?name=Accrual") == []
    assert [row["NoteId"] for row in items(m3, "/companynotes")] == [5, 6]


def test_the_batches_of_a_payroll_are_its_own(m3: Any) -> None:
    entry = {"Co": "ACME", "CalendarId": 89, "CheckDate": "2026-01-23", "PayrollStarted": True}
    batch = {"Co": "ACME", "CalendarId": 89, "BatchNumber": 4, "PeriodEndDate": "2026-01-18"}
    m3.put_state({**STATE, "calendar": [*STATE["calendar"], entry], "batches": [batch, *STATE["batches"]]})
    assert [row["BatchNumber"] for row in items(m3, "/calendar/88/batches")] == [3]
    assert [row["PeriodEndDate"] for row in items(m3, "/calendar/89/batches")] == ["2026-01-18"]
    assert error(m3.get(f"{ACME}/calendar/90/batches")) == (404, "NOT_FOUND", "CalendarId")
    assert error(m3.get(f"{ACME}/batches/9/employees")) == (404, "NOT_FOUND", "BatchNumber")


# --- refusals of all calls ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/elsewhere"),
        ("GET", SERVER),
        ("GET", ACME),
        ("GET", f"{SERVER}/companies/GAMMA/employees"),
        ("GET", f"{SERVER}/companies/acme/employees"),
        ("GET", f"{ACME}/scheduledtasks"),
        ("GET", f"{SERVER}/session"),
        ("GET", f"{ACME}/employees/1001"),
        ("GET", f"{ACME}/employees/9/accruals"),
        ("GET", f"{ACME}/employees/1001/accruals/VAC"),
        ("GET", f"{ACME}/calendar/first/batches"),
        ("PUT", f"{ACME}/companynotes"),
        ("POST", f"{ACME}/checks"),
        ("DELETE", f"{ACME}/employees/1001/accruals/SICK1"),
    ],
)
def test_what_is_not_there_is_not_found(m3: Any, method: str, path: str) -> None:
    assert error(m3.call(method, path))[:2] == (404, "NOT_FOUND")


def test_the_sixth_call_in_a_second_must_wait(m3: Any, clocks: Any) -> None:
    words = {"ErrorCode": "TOO_MANY_REQUESTS", "Field": None}
    check_limit(m3, clocks, f"{ACME}/accrualcodes", 5, words)
    m3.session.hooks["response"].clear()


def test_a_server_that_is_busy_says_so(m3: Any) -> None:
    m3.faults(errors=[503], count=1)
    assert error(m3.get(f"{ACME}/employees")) == (503, "PROCESS_SERVER_BUSY", None)
    assert m3.get(f"{ACME}/employees").status_code == 200


def test_the_log_names_what_was_called(m3: Any) -> None:
    accruals = f"{ACME}/employees/1001/accruals"
    calls = [
        ("POST", f"{SERVER}/session", "sign in"),
        ("GET", f"{ACME}/accrualcodes", "list accrualcodes"),
        ("GET", f"{ACME}/accruals", "list accruals"),
        ("GET", accruals, "list accruals"),
        ("POST", accruals, "create accruals"),
        ("GET", f"{accruals}/SICK1", "get accruals"),
        ("PUT", f"{accruals}/SICK1", "change accruals"),
        ("GET", f"{ACME}/calendar/88/batches", "list batches"),
        ("GET", f"{ACME}/batches/3/employees", "get batches"),
        ("GET", f"{SERVER}/scheduledtasks", "list scheduledtasks"),
        ("GET", "/elsewhere", None),
    ]
    check_log(m3, calls)
