"""Attaché's sandbox: lists, pages, the leave tables, overtyping an entitlement, refusals and limits."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.rules import check_log

ORGANISATION = "/api/v1/organisations/org-17"
LEAVE = f"{ORGANISATION}/employees/E0042/leave"
ENTITLEMENT = f"{LEAVE}/AL/entitlement"
HISTORY = f"{ORGANISATION}/employees/E0042/leavehistory"
THEN, NOW = "2026-01-05T03:12:00Z", "2026-03-02T11:30:00Z"
COMMENT = "Updated to resync Express Leave balance"
STATE: dict[str, list[dict[str, Any]]] = {
    "organisations": [
        {"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd", "Country": "Australia"},
        {"OrganisationId": "org-18", "OrganisationName": "Kiwi Ltd", "Country": "New Zealand"},
    ],
    "employees": [
        {"EmployeeCode": "E0043", "FullName": "Noah Reid"},
        {"EmployeeCode": "E0042", "FullName": "Mia Chen", "AOemail": "mia@acme.example"}
        | {"Location": "Sydney", "State": "NSW", "HourPerDay": 7.6, "ModifiedAt": THEN},
        {"EmployeeCode": "E0042", "FullName": "Aroha Ngata", "OrganisationId": "org-18"},
    ],
    "leavebalances": [
        {"EmployeeCode": "E0042", "LeaveAccrueTo": "2026-01-04", "ModifiedAt": THEN}
        | {"ALEntitleHourAcc": 76.0, "ALProRataHourAcc": 31.4512}
        | {"SLEntitleHourAcc": 38.0, "SLProRataHourAcc": 0.0},
        {"EmployeeCode": "E0043", "STLEntitleHourAcc": 5, "STLProRataHourAcc": -2.5},
    ],
}


@pytest.fixture
def acme(attache: Any) -> Any:
    answer = attache.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return attache


def refused(answer: requests.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"Code", "Message", "CorrelationId"}
    assert body["Message"]
    return answer.status_code, body["Code"]


def data(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["Data", "Page", "PageSize", "TotalPages"]
    rows: list[dict[str, Any]] = json.loads(answer.content, parse_float=Decimal)["Data"]
    return rows


def overtype(acme: Any, owing: Any, comment: Any = COMMENT, path: str = ENTITLEMENT) -> requests.Response:
    body = {"EntitlementOwing": owing, "Comment": comment}
    answer: requests.Response = acme.call("PUT", path, json=body)
    return answer


# --- lists --------------------------------------------------------------------------------------------------


def test_the_example_of_the_contract_comes_digit_by_digit(acme: Any) -> None:
    assert acme.get(f"{ORGANISATION}/leavebalances?pageSize=1").text == (
        '{"Data":[{"EmployeeCode":"E0042","LeaveAccrueTo":"2026-01-04","ALEntitleHourAcc":76.0,'
        '"ALProRataHourAcc":31.4512,"SLEntitleHourAcc":38.0,"SLProRataHourAcc":0.0,'
        f'"ModifiedAt":"{THEN}"}}],"Page":1,"PageSize":1,"TotalPages":2}}'
    )
    assert acme.get(f"{ORGANISATION}/employees?pageSize=1").text == (
        '{"Data":[{"EmployeeCode":"E0042","FullName":"Mia Chen","AOemail":"mia@acme.example",'
        '"EnableAttacheOnline":true,"Location":"Sydney","State":"NSW","Country":"Australia","HourPerDay":7.6,'
        f'"TerminationDate":null,"ModifiedAt":"{THEN}"}}],"Page":1,"PageSize":1,"TotalPages":2}}'
    )
    assert acme.get(LEAVE).text == (
        '{"Data":[{"IncomeCode":"AL","Description":"Annual Leave",'
        '"LeaveAccruedUpToAndIncluding":"2026-01-04",'
        '"LeaveStartDate":"2020-03-01","LastEntitlementDate":"2025-03-01","EntitlementOwing":76.0,'
        '"ProRataOwing":31.4512,"ContingentOwing":0.0,"HoursPerDay":7.6,"DaysPerWeek":5,"DisplayIn":"Hours",'
        f'"ProRataApplicable":true,"CalculateBy":"Pay","ModifiedAt":"{THEN}"}},'
        '{"IncomeCode":"SL","Description":"Sick Leave","LeaveAccruedUpToAndIncluding":"2026-01-04",'
        '"LeaveStartDate":"2020-03-01","LastEntitlementDate":"2025-03-01","EntitlementOwing":38.0,'
        '"ProRataOwing":0.0,"ContingentOwing":0.0,"HoursPerDay":7.6,"DaysPerWeek":5,"DisplayIn":"Hours",'
        f'"ProRataApplicable":true,"CalculateBy":"Pay","ModifiedAt":"{THEN}"}}],'
        '"Page":1,"PageSize":100,"TotalPages":1}'
    )


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_organisations_come_by_id_with_or_without_the_version_in_the_path(prefix: str, acme: Any) -> None:
    assert data(acme.get(f"{prefix}/organisations")) == STATE["organisations"]


@pytest.mark.parametrize(
    ("query", "codes", "shown"),
    [
        ("", ["E0042", "E0043"], (1, 100, 1)),
        ("?page=1&pageSize=1", ["E0042"], (1, 1, 2)),
        ("?page=2&pageSize=1", ["E0043"], (2, 1, 2)),
        ("?page=3&pageSize=1", [], (3, 1, 2)),
        ("?pageSize=500", ["E0042", "E0043"], (1, 500, 1)),
        (f"?modifiedSince={THEN}", ["E0042", "E0043"], (1, 100, 1)),
        ("?modifiedSince=2026-01-05T03:12:01Z", ["E0043"], (1, 100, 1)),
        (f"?modifiedSince={NOW}&page=1", ["E0043"], (1, 100, 1)),
        ("?modifiedSince=2026-03-02T11:30:01Z", [], (1, 100, 0)),
    ],
)
@pytest.mark.parametrize("resource", ["employees", "leavebalances"])
def test_pages_hold_what_changed_since_by_employee_code(
    resource: str, query: str, codes: list[str], shown: tuple[int, int, int], acme: Any
) -> None:
    answer = acme.get(f"{ORGANISATION}/{resource}{query}")
    assert [row["EmployeeCode"] for row in data(answer)] == codes
    body = answer.json()
    assert (body["Page"], body["PageSize"], body["TotalPages"]) == shown


@pytest.mark.parametrize(
    "query",
    [
        *("page=0", "page=-1", "page=first", "page=", "page=1&page=2", "colour=red", "PageSize=10"),
        *("pageSize=0", "pageSize=501", "pageSize=1.5"),
        *(f"modifiedSince=2026-{rest}" for rest in ("01-05", "01-05T03:12:00", "13-05T03:12:00Z")),
    ],
)
@pytest.mark.parametrize("path", [f"{ORGANISATION}/employees", LEAVE, HISTORY])
def test_a_query_that_does_not_fit_is_refused(path: str, query: str, acme: Any) -> None:
    assert refused(acme.get(f"{path}?{query}")) == (400, "InvalidValue")
    # Organisations have no time of change.
    assert refused(acme.get(f"/organisations?modifiedSince={THEN}")) == (400, "InvalidValue")


# --- overtyping an entitlement ------------------------------------------------------------------------------


def test_overtyping_answers_the_row_and_moves_the_balance(acme: Any) -> None:
    answer = overtype(acme, 80.25)
    (leave, sick) = data(acme.get(LEAVE))
    assert (answer.status_code, json.loads(answer.content, parse_float=Decimal)) == (200, leave)
    assert (leave["EntitlementOwing"], leave["ModifiedAt"]) == (Decimal("80.25"), NOW)
    assert (sick["EntitlementOwing"], sick["ModifiedAt"]) == (Decimal("38.0"), THEN)
    (balance,) = data(acme.get(f"{ORGANISATION}/leavebalances?modifiedSince={NOW}&pageSize=1"))
    assert (balance["ALEntitleHourAcc"], balance["ModifiedAt"]) == (Decimal("80.25"), NOW)
    assert balance["ALProRataHourAcc"] == Decimal("31.4512")
    assert data(acme.get(f"{ORGANISATION}/employees"))[0]["ModifiedAt"] == THEN


def test_the_same_amount_counts_as_a_change_every_time(acme: Any, clocks: Any) -> None:
    moments = [overtype(acme, 76.0).json()["ModifiedAt"] for _ in range(3)]
    clocks.moment += timedelta(seconds=60)
    moments.append(overtype(acme, 76.0).json()["ModifiedAt"])
    assert moments == [NOW, "2026-03-02T11:30:01Z", "2026-03-02T11:30:02Z", "2026-03-02T11:31:00Z"]
    assert data(acme.get(f"{ORGANISATION}/leavebalances"))[0]["ModifiedAt"] == moments[-1]
    assert [row["ChangedAt"] for row in data(acme.get(HISTORY))] == moments[::-1]


def test_the_history_tells_who_changed_what_newest_first(acme: Any) -> None:
    overtype(acme, 76.0)
    overtype(acme, -4.5, "Overdrawn")
    newest, oldest = data(acme.get(HISTORY))
    owing = dict.fromkeys(("OldEntitlementOwing", "NewEntitlementOwing"), Decimal("76.0"))
    told = {"IncomeCode": "AL", "ChangedAt": NOW, "Comment": COMMENT, "User": "payroll1"}
    assert oldest == {**told, **owing}
    changed = (newest["OldEntitlementOwing"], newest["NewEntitlementOwing"])
    assert changed == (Decimal("76.0"), Decimal("-4.5"))
    assert data(acme.get(f"{HISTORY}?modifiedSince={newest['ChangedAt']}")) == [newest]
    assert data(acme.get(HISTORY.replace("E0042", "E0043"))) == []


@pytest.mark.parametrize(
    ("row", "owing", "entitled"),
    [
        ({"DisplayIn": "Days", "HoursPerDay": 7.6}, 10, "76.0"),
        ({"DisplayIn": "Days", "HoursPerDay": 7.3333}, 1.1111, "8.1480"),
        ({"DisplayIn": "Hours", "HoursPerDay": 7.6}, 10, "10"),
    ],
)
def test_days_are_overtyped_in_days_and_balanced_in_hours(
    row: dict[str, Any], owing: float, entitled: str, acme: Any
) -> None:
    leave = {"EmployeeCode": "E0042", "IncomeCode": "AL", "EntitlementOwing": 1, **row}
    acme.put_state({**STATE, "leave": [leave]})
    assert overtype(acme, owing).status_code == 200
    assert data(acme.get(f"{ORGANISATION}/leavebalances"))[0]["ALEntitleHourAcc"] == Decimal(entitled)
    assert data(acme.get(LEAVE))[0]["EntitlementOwing"] == Decimal(str(owing))


def test_a_type_of_leave_that_is_not_exchanged_moves_only_the_time(acme: Any) -> None:
    leave = {"EmployeeCode": "E0042", "IncomeCode": "PARENTAL", "EntitlementOwing": 1}
    acme.put_state({**STATE, "leave": [leave]})
    assert overtype(acme, 2, path=f"{LEAVE}/PARENTAL/entitlement").status_code == 200
    before = {**STATE["leavebalances"][0], "ModifiedAt": "2026-03-02T11:30:01Z"}
    assert acme.state()["leavebalances"][0] == {"OrganisationId": "org-17", **before}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"EntitlementOwing": 76.0}, "CommentRequired"),
        ({"EntitlementOwing": 76.0, "Comment": None}, "CommentRequired"),
        ({"EntitlementOwing": 76.0, "Comment": " \t"}, "CommentRequired"),
        ({"EntitlementOwing": 76.0, "Comment": 7}, "InvalidValue"),
        ({"Comment": COMMENT}, "InvalidValue"),
        *(
            ({"EntitlementOwing": owing, "Comment": COMMENT}, "InvalidValue")
            for owing in (None, "76.0", True, 76.00001, 10**10)
        ),
        *(
            (f'{{"EntitlementOwing": {owing}, "Comment": "x"}}'.encode(), "InvalidValue")
            for owing in ("1e-999999999", "NaN", "1e999999999")
        ),
        ({"EntitlementOwing": 76.0, "Comment": COMMENT, "ProRataOwing": 1}, "InvalidValue"),
        ([], "InvalidValue"),
        (b"\xff", "InvalidValue"),
    ],
)
def test_an_entitlement_that_does_not_fit_changes_nothing(body: Any, code: str, acme: Any) -> None:
    before = acme.state()
    headers = {**acme.headers, "Content-Type": "application/json"}
    more = {"data": body} if isinstance(body, bytes) else {"json": body}
    assert refused(acme.call("PUT", ENTITLEMENT, headers=headers, **more)) == (400, code)
    # It is JSON, without a query.
    assert refused(acme.call("PUT", ENTITLEMENT, data={"Comment": "x"})) == (400, "InvalidValue")
    assert refused(overtype(acme, 1, path=f"{ENTITLEMENT}?page=1")) == (400, "InvalidValue")
    assert acme.state() == before


# --- refusals, limits, faults -------------------------------------------------------------------------------


NOT_THERE = {
    "GET": f"/ /api/v2/organisations /organisations/org-99/employees {ENTITLEMENT} {ORGANISATION} "
    + " ".join(f"{ORGANISATION}/employees/{rest}" for rest in ("E0042", "E9999/leave", "E9999/leavehistory")),
    "POST": f"{ORGANISATION}/employees",
    "DELETE": LEAVE,
    "PUT": f"{LEAVE}/RDO/entitlement {ORGANISATION}/employees/E9999/leave/AL/entitlement "
    "/organisations/org-18/employees/E0042/leave/AL/entitlement",
}


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, paths in NOT_THERE.items() for path in paths.split()]
)
def test_what_is_not_there_is_not_found(method: str, path: str, acme: Any) -> None:
    assert refused(acme.call(method, path, json={})) == (404, "NotFound")


def test_sixty_calls_a_minute_are_let_through_for_each_organisation(acme: Any, clocks: Any) -> None:
    statuses = []
    for _ in range(61):
        statuses.append(acme.get(f"{ORGANISATION}/employees").status_code)
        clocks.seconds += 0.5
    assert (statuses.count(200), statuses[-1]) == (60, 429)
    answer = acme.get(f"{ORGANISATION}/employees")
    assert (refused(answer), answer.headers["Retry-After"]) == ((429, "TooManyRequests"), "30")
    assert acme.get("/organisations/org-18/employees").status_code == 200
    clocks.seconds += 30
    assert acme.get(f"{ORGANISATION}/employees").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("token", 401, "TokenExpired"),
        ("pay_in_progress", 409, "PayInProgress"),
        ("organisation_offline", 503, "OrganisationOffline"),
        (429, 429, "TooManyRequests"),
        (500, 500, "ServerError"),
        (503, 503, "OrganisationOffline"),
    ],
)
def test_faults_are_worded_as_attache_does(fault: int | str, status: int, code: str, acme: Any) -> None:
    acme.faults(errors=[fault], count=1)
    assert refused(overtype(acme, 1)) == (status, code)
    assert overtype(acme, 76.0).json()["ModifiedAt"] == NOW


def test_the_log_names_what_was_asked_for(acme: Any) -> None:
    calls = [
        ("GET", "/organisations", "list organisations"),
        ("GET", f"{ORGANISATION}/employees", "list employees"),
        ("GET", f"{ORGANISATION}/leavebalances", "list leavebalances"),
        ("GET", LEAVE, "list leave"),
        ("GET", HISTORY, "list leavehistory"),
        ("PUT", ENTITLEMENT, "change entitlement"),
        ("GET", "/nothing", None),
        ("GET", "/oauth/authorize", "authorize"),
        ("POST", "/api/v1/oauth/token", "token"),
    ]
    check_log(acme, calls)


def test_moments_are_those_of_the_sandbox(acme: Any, clocks: Any) -> None:
    clocks.moment = datetime(2030, 1, 1, 5, 6, 7, 999_999, tzinfo=UTC)
    assert overtype(acme, 1).json()["ModifiedAt"] == "2030-01-01T05:06:07Z"
