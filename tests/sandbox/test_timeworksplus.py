"""TimeWorksPlus's sandbox: signing in, sites, lists, people and rules, and refusals."""

import json
from datetime import timedelta
from typing import Any

import pytest

from local.sandbox.frame.oauth import jwt
from tests.sandbox.conftest import TODAY
from tests.sandbox.rules import check_log, check_refused, claims_of
from tests.sandbox.time_clock import ANN, API, PERIODS, SECRET, SIGN_IN, SITE, STATE, originating

DENIED = {"Message": "Authorization has been denied for this request."}
OTHERS = "/api/51235"


@pytest.fixture
def clock(timeworksplus: Any) -> Any:
    answer = timeworksplus.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return timeworksplus


def signed_in(client: Any, headers: Any, **more: Any) -> Any:
    return client.call("POST", SIGN_IN, headers=headers, **more)


# --- signing in ---------------------------------------------------------------------------------------------


def test_a_token_of_five_minutes_becomes_one_of_a_day(clock: Any, clocks: Any) -> None:
    answer = signed_in(clock, originating(TODAY))
    assert answer.status_code == 201
    assert list(answer.json()) == ["token"]
    token = answer.json()["token"]
    assert claims_of(token)["exp"] == int(TODAY.timestamp()) + 24 * 3600
    headers = {"Authorization": f"Bearer {token}"}
    clocks.moment = TODAY + timedelta(hours=23, minutes=59)
    assert clock.get(f"{API}/accruals/schema", headers=headers).status_code == 200
    clocks.moment = TODAY + timedelta(hours=24)
    answer = clock.get(f"{API}/accruals/schema", headers=headers)
    assert (answer.status_code, answer.json()) == (401, DENIED)


SITE_INFO = {"type": "id", "id": "51234"}


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 201),
        ({"ahead": 1}, 201),
        ({"ahead": 0}, 401),
        ({"ahead": -360}, 401),
        ({"ahead": 301}, 401),
        ({"ahead": 660}, 401),
        ({"secret": "another"}, 401),
        ({"iss": "9001"}, 201),
        ({"iss": 9002}, 401),
        ({"iss": None}, 401),
        ({"iss": None, "Iss": 9001}, 401),
        ({"sub": "Partner", "product": "TWPPartner"}, 201),
        ({"sub": "client"}, 401),
        ({"sub": None}, 401),
        ({"sub": None, "Sub": "partner"}, 401),
        ({"product": "twpclient"}, 401),
        ({"product": "leave"}, 401),
        ({"product": None}, 401),
        ({"exp": None}, 401),
        ({"exp": "1772451300"}, 401),
        ({"siteInfo": None}, 401),
        ({"siteInfo": None, "siteinfo": SITE_INFO}, 401),
        ({"siteInfo": "51234"}, 401),
        ({"siteInfo": {"type": "name", "id": "51234"}}, 401),
        ({"siteInfo": {"type": "id"}}, 401),
        ({"siteInfo": {"Type": "id", "Id": "51234"}}, 401),
        ({"siteInfo": {"type": "ID", "id": 51234}}, 201),
        ({"siteInfo": {"type": "id", "id": "51299"}}, 403),
        ({"siteInfo": {"type": "id", "id": "59999"}}, 404),
        ({"iss": 51234, "sub": "client", "product": "twpclient", "secret": "of the site"}, 201),
        ({"iss": 51234, "sub": "client", "product": "twpclient"}, 401),
        ({"iss": 51299, "sub": "client", "product": "twpclient"}, 403),
        ({"iss": 51234, "sub": "client", "product": "twppartner", "secret": "of the site"}, 401),
    ],
)
def test_signing_in_checks_every_claim(timeworksplus: Any, claims: Any, status: int) -> None:
    sites = [{**SITE, "Secret": "of the site"}, {"siteId": "51299", "PartnerId": "9002"}]
    timeworksplus.put_state({"sites": sites})
    answer = signed_in(timeworksplus, originating(TODAY, **claims))
    assert answer.status_code == status
    if status == 401:
        assert answer.json() == DENIED


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "é.b.c", "e30.e30.", "e30=.e30.e30", "W10.W10.e30"])
def test_what_is_no_token_signs_nobody_in(clock: Any, token: str) -> None:
    for authorization in (f"Bearer {token}".encode(), f"Basic {token}".encode()):
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        assert signed_in(clock, headers).status_code == 401
        assert clock.get(f"{API}/accruals", headers=headers).status_code == 401


def test_another_way_to_sign_a_token_is_none(clock: Any) -> None:
    """`none` and other algorithms, and a session's token in place of one's own, or the other way round."""
    good = originating(TODAY)["Authorization"]
    head, rest = good.removeprefix("Bearer ").split(".", 1)
    assert head == "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    for other in ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzM4NCJ9", "e30"):
        headers = {"Authorization": f"Bearer {other}.{rest}", "Content-Type": "application/json"}
        assert signed_in(clock, headers).status_code == 401
    assert signed_in(clock, {**clock.headers, "Content-Type": "application/json"}).status_code == 401
    assert clock.get(f"{API}/accruals", headers={"Authorization": good}).status_code == 401
    forged = jwt({"iss": "9001", "sub": "partner", "siteId": "51234", "exp": 2_000_000_000}, SECRET)
    assert clock.get(f"{API}/accruals", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_signing_in_says_that_it_sends_json(clock: Any) -> None:
    answer = signed_in(clock, {**originating(TODAY), "Content-Type": "text/plain"})
    assert answer.status_code == 400
    assert "application/json" in answer.json()["Message"]


def test_a_new_secret_ends_every_session(clock: Any) -> None:
    assert clock.get(f"{API}/accruals").status_code == 200
    clock.put_state({**clock.state(), "partners": [{"PartnerId": "9001", "Secret": "new"}]})
    answer = clock.get(f"{API}/accruals")
    assert (answer.status_code, answer.json()) == (401, DENIED)
    assert signed_in(clock, originating(TODAY)).status_code == 401
    assert signed_in(clock, originating(TODAY, secret="new")).status_code == 201


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{API}/accruals", 200),
        (f"{OTHERS}/accruals", 403),
        (f"{OTHERS}/nothing", 403),
        ("/api/51299/accruals", 403),
        ("/api/59999/accruals", 404),
        (API, 404),
        (f"{API}/accruals/", 404),
        (f"{API}/timecards", 404),
        (f"{API}/processingrules", 404),
        ("/accruals", 404),
        (SIGN_IN, 404),
    ],
)
def test_a_session_is_good_for_its_site(clock: Any, path: str, status: int) -> None:
    clock.put_state({**STATE, "sites": [SITE, {"siteId": "51235"}, {"siteId": "51299", "PartnerId": "9002"}]})
    answer = clock.get(path)
    assert answer.status_code == status
    assert status == 200 or list(answer.json()) == ["Message"]
    assert clock.get(path, headers={}).status_code == 401


# --- the state ----------------------------------------------------------------------------------------------


def test_a_state_in_part_is_completed(timeworksplus: Any) -> None:
    balance = {"siteId": 61, "EmployeeCode": "7", "category": "PTO", "value": "8.125"}
    used = {"siteId": "61", "EmployeeCode": "7", "category": "PTO", "date": "2026-01-05", "hours": 7.5}
    period = {"siteId": "61", "BeginDate": "2025-12-22", "EndDate": "2026-01-04", "IsFinalized": True}
    timeworksplus.put_state(
        {
            "accruals": [{**balance, "effective": "2026-01-04"}],
            "usage": [used, {**used, "hours": "8"}],
            "payperiods": [period],
        }
    )
    state = timeworksplus.state()
    made = {"siteId": "61", "Name": "Site 61", "PartnerId": "9001", "Secret": SECRET}
    assert state["sites"][0] == made
    assert [row["siteId"] for row in state["sites"]] == ["61", "51234", "51235"]
    assert [row["EmployeeCode"] for row in state["employees"]] == ["7"]
    rules = [row for row in state["processingrules"] if row["siteId"] == "61"]
    assert [(row["Name"], row["Categories"]) for row in rules] == [
        ("AccrueDownScript", ["PTO"]),
        ("AccrueUpScript", ["PTO"]),
        ("PunchCategories", ["PTO"]),
    ]
    assert state["accruals"] == [
        {
            "siteId": "61",
            "EmployeeCode": "7",
            "category": "PTO",
            "value": "8.13",
            "effective": "2026-01-04",
            "isHidden": False,
            "expires": None,
            "notes": "",
            "SavedBy": "integration",
            "SavedFrom": "API",
        }
    ]
    assert [(row["hours"], row["usageId"]) for row in state["usage"]] == [
        ("7.50", "use-1"),
        ("8.00", "use-2"),
    ]
    closed = {"IsAccepted": False, "FinalizedAt": "2026-01-05T09:10:00", "UnfinalizedAt": None}
    assert state["payperiods"] == [{**period, **closed}]


@pytest.mark.parametrize(
    ("resource", "changes", "field", "said"),
    [
        ("employees", {"siteId": ""}, "siteId", "a text that is not blank"),
        ("employees", {"StartDate": "March"}, "StartDate", "a date"),
        ("employees", {"States": [{}]}, "States[0].EffectiveDate", "is required"),
        ("processingrules", {"Name": "Rounding"}, "Name", "one of AccrueUpScript"),
        ("processingrules", {"Categories": [""]}, "Categories[0]", "not blank"),
        ("payperiods", {"EndDate": "2025-11-23"}, "EndDate", "must not lie before"),
        ("payperiods", {"IsFinalized": False}, "IsAccepted", "not finalized"),
        ("payperiods", {"FinalizedAt": "2025-12-22"}, "FinalizedAt", "a time"),
        ("accruals", {"value": 24.5}, "value", "a number as text"),
        ("accruals", {"value": "1e3"}, "value", "a number as text"),
        ("accruals", {"effective": None}, "effective", "is required"),
        ("accruals", {"EmployeeCode": "9"}, "EmployeeCode", "9 is no row of employees of 51234"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    clock: Any, resource: str, changes: Any, field: str, said: str
) -> None:
    row = {**STATE[resource][0], **changes}
    check_refused(clock, {**STATE, resource: [row]}, 0, field, said)


def test_periods_of_a_site_share_no_day(clock: Any) -> None:
    second = {**SITE, "BeginDate": "2026-01-18", "EndDate": "2026-01-31"}
    check_refused(
        clock, {**STATE, "payperiods": [*PERIODS, second]}, 4, "BeginDate", "2026-01-05 to 2026-01-18"
    )
    other = {**second, "siteId": "51235"}
    assert clock.put_state({**STATE, "payperiods": [*PERIODS, other]}).status_code == 200


# --- lists --------------------------------------------------------------------------------------------------


def test_pages_are_led_to_by_absolute_links(clock: Any) -> None:
    people = [{**SITE, "EmployeeCode": str(number)} for number in range(998, 1003)]
    clock.put_state({**STATE, "employees": people})
    link: str | None = f"{clock.base}{API}/accruals?pageSize=2&asOfDate=2026-01-04&category=Sick"
    found, seen = [], []
    while link:
        page = clock.session.get(link, headers=clock.headers).json()
        assert list(page) == [
            "TotalCount",
            "TotalPages",
            "PrevPageLink",
            "NextPageLink",
            "ResultCount",
            "Results",
        ]
        assert (page["TotalCount"], page["TotalPages"]) == (5, 3)
        assert page["ResultCount"] == len(page["Results"])
        found += [row["EmployeeCode"] for row in page["Results"]]
        assert {row["AsOfDate"] for row in page["Results"]} == {"2026-01-04"}
        seen.append((page["PrevPageLink"], link))
        link = page["NextPageLink"]
    assert found == ["998", "999", "1000", "1001", "1002"]
    assert [back is None for back, _ in seen] == [True, False, False]
    before = clock.session.get(str(seen[2][0]), headers=clock.headers).json()
    assert [row["EmployeeCode"] for row in before["Results"]] == ["1000", "1001"]


def test_a_list_has_fifty_rows_unless_more_are_asked_for(clock: Any) -> None:
    people = [{**SITE, "EmployeeCode": str(number)} for number in range(1, 502)]
    clock.put_state({**STATE, "accruals": [], "employees": people})
    for query, count in (("", 50), ("?pageSize=500", 500)):
        for name in ("accruals", "employees"):
            assert clock.get(f"{API}/{name}{query}").json()["ResultCount"] == count
    assert clock.get(f"{API}/accruals?pageSize=500&page=3").json()["Results"] == []


@pytest.mark.parametrize(
    "query",
    [
        "accruals?pageSize=501",
        "accruals?pageSize=0",
        "accruals?page=0",
        "accruals?asOfDate=4-1-2026",
        "accruals?asOfDate=2026-02-30",
        "accruals?showHidden=yes",
        "accruals?category=Holiday",
        "accruals?employee=1001",
        "accruals/activity?startDate=2026-01-04",
        "accruals/activity?startDate=2026-01-04&endDate=2026-01-03",
        "accruals/activity?startDate=2026-01-04&endDate=2026-01-04&category=sick",
        "employees?onlyActive=0",
        "payperiods?beginDate=January",
        "payperiods?beginDate=2026-01-01&beginDate=2026-01-02",
        "processingrules/AccrueUpScript?full=true",
    ],
)
def test_a_query_that_does_not_fit_is_refused(clock: Any, query: str) -> None:
    answer = clock.get(f"{API}/{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == ["Message"]
    assert answer.json()["Message"]


def test_pay_periods_are_those_of_a_span(clock: Any) -> None:
    page = clock.get(f"{API}/payperiods?beginDate=2025-12-21&endDate=2025-12-31").json()
    assert page["Results"] == [
        {
            "BeginDate": "2025-12-08",
            "EndDate": "2025-12-21",
            "IsFinalized": True,
            "IsAccepted": False,
            "FinalizedAt": "2025-12-22T09:10:00",
        },
        {
            "BeginDate": "2025-12-22",
            "EndDate": "2026-01-04",
            "IsFinalized": False,
            "IsAccepted": False,
            "FinalizedAt": None,
        },
    ]
    assert clock.get(f"{API}/payperiods").json()["TotalCount"] == 4


def test_rules_are_read_by_name_and_not_found_where_a_site_has_none(clock: Any) -> None:
    clock.put_state({**STATE, "processingrules": STATE["processingrules"][1:]})
    assert clock.get(f"{API}/processingrules/AccrueUpScript").status_code == 404
    assert clock.get(f"{API}/processingrules/Rounding").status_code == 404
    assert clock.get(f"{API}/accruals/schema").json() == []
    assert clock.get(f"{API}/processingrules/AccrueDownScript").json() == {
        "Name": "AccrueDownScript",
        "Script": "Sick -= hours('Sick')",
        "Categories": ["Sick", "Vacation"],
    }
    punch = clock.get(f"{API}/processingrules/PunchCategories").json()
    assert punch == {"Name": "PunchCategories", "Categories": ["Regular", "Sick", "Vacation"]}


# --- people -------------------------------------------------------------------------------------------------


def test_employees_are_as_in_the_contract(clock: Any) -> None:
    (row,) = clock.get(f"{API}/employees?onlyActive=false").json()["Results"]
    assert list(row) == [
        "EmployeeCode",
        "FirstName",
        "MiddleName",
        "LastName",
        "Name2",
        "Designation",
        "Phone",
        "Email",
        "StartDate",
        "EndDate",
        "States",
    ]
    assert (row["Name2"], row["StartDate"], row["EndDate"]) == ("Lee, Ann", "2020-03-01", None)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", ["1", "3"]),
        ("?onlyActive=true", ["1", "3"]),
        ("?onlyActive=false", ["1", "2", "3", "4"]),
        ("?beginEffectiveDate=2025-06-01", ["1", "2", "3"]),
        ("?beginEffectiveDate=2025-06-01&endEffectiveDate=2025-06-30", ["1", "2"]),
        ("?endEffectiveDate=2026-12-31", ["1", "3", "4"]),
    ],
)
def test_employees_are_those_who_are_active(clock: Any, query: str, codes: list[str]) -> None:
    spans = [
        ("2020-01-01", None),
        ("2020-01-01", "2025-06-01"),
        ("2026-03-02", "2026-03-02"),
        ("2026-06-01", None),
    ]
    people = [
        {**SITE, "EmployeeCode": str(number), "StartDate": start, "EndDate": end}
        for number, (start, end) in enumerate(spans, 1)
    ]
    clock.put_state({**STATE, "accruals": [], "employees": people})
    found = clock.get(f"{API}/employees{query}").json()["Results"]
    assert [row["EmployeeCode"] for row in found] == codes
    assert clock.get(f"{API}/accruals").json()["TotalCount"] == 4


def test_an_employee_is_changed_or_added(clock: Any) -> None:
    assert clock.call("POST", f"{API}/employees/7", json={"FirstName": "Bo"}).status_code == 404
    added = clock.call("POST", f"{API}/employees/7?upsert=true", json={"FirstName": "Bo"})
    assert (added.status_code, added.json()["Name2"]) == (200, "Bo")
    changed = clock.call("POST", f"{API}/employees/1001", json={"LastName": "Leigh"}).json()
    assert (changed["FirstName"], changed["Name2"], changed["StartDate"]) == (
        "Ann",
        "Leigh, Ann",
        "2020-03-01",
    )
    assert clock.call("POST", f"{API}/employees/1001", json={"Name2": "Leigh"}).status_code == 400
    assert [row["EmployeeCode"] for row in clock.state()["employees"]] == ["7", "1001"]


# --- the log, and faults ------------------------------------------------------------------------------------


def test_the_log_says_what_was_asked_for(clock: Any) -> None:
    calls = [
        ("POST", SIGN_IN, "sign in"),
        ("GET", f"{API}/accruals", "list accruals"),
        ("POST", f"{API}/accruals", "change accruals"),
        ("GET", f"{API}/accruals/schema", "get schema"),
        ("GET", f"{API}/accruals/activity", "list activity"),
        ("GET", f"{API}/employees", "list employees"),
        ("POST", f"{API}/employees/7", "change employees"),
        ("GET", f"{API}/payperiods", "list payperiods"),
        ("GET", f"{API}/processingrules/AccrueUpScript", "get processingrules"),
        ("GET", "/elsewhere", None),
    ]
    check_log(clock, calls)
    row = {"id": "1001", "category": "Sick", "value": "1", "effective": "2026-01-04"}
    clock.call("POST", f"{API}/accruals", json=[row, row])
    assert clock.log()[-1]["nodes"] == 2


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("session", 401, DENIED),
        (429, 429, {"Message": "Too many requests."}),
        (500, 500, {"Message": "An error has occurred."}),
        (503, 503, {"Message": "The service is unavailable."}),
    ],
)
def test_a_fault_is_worded_as_the_system_words_it(clock: Any, fault: Any, status: int, words: Any) -> None:
    clock.faults(errors=[fault], count=1)
    answer = clock.get(f"{API}/accruals")
    assert (answer.status_code, answer.json()) == (status, words)
    assert clock.get(f"{API}/accruals").status_code == 200


def test_a_session_that_ends_does_not_keep_anybody_from_signing_in(clock: Any) -> None:
    clock.faults(errors=["session"])
    assert signed_in(clock, originating(TODAY)).status_code == 201
    assert clock.get(f"{API}/accruals").status_code == 401


def test_a_list_may_lead_elsewhere(clock: Any) -> None:
    clock.put_state({**STATE, "employees": [ANN, {**ANN, "EmployeeCode": "1002"}]})
    clock.faults(errors=["elsewhere"], count=1)
    assert clock.get(f"{API}/accruals/schema").status_code == 200
    link = clock.get(f"{API}/accruals?pageSize=1").json()["NextPageLink"]
    assert link.startswith("http://twpapi.elsewhere.example/timeworksplus/api/51234/accruals?")
    assert clock.get(f"{API}/accruals?pageSize=1").json()["NextPageLink"].startswith(clock.base)


def test_days_may_come_with_a_time_behind_them(clock: Any) -> None:
    clock.put_state({**STATE, "settings": [{"timePart": True}]})
    (row,) = clock.get(f"{API}/accruals?asOfDate=2026-01-04").json()["Results"]
    assert (row["StartDate"], row["AsOfDate"]) == ("2020-03-01T00:00:00", "2026-01-04T00:00:00")
    assert row["Balances"][0]["effective"] == "2025-12-21T00:00:00"
    assert "T" not in json.dumps(row["EmployeeCode"])
