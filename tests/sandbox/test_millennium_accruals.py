"""Millennium's sandbox: accruals that are read and written, locked payrolls, people who are quicker."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.test_millennium import ACME, GOOD, NOW, SERVER, STATE, WIRE, error, items, m3, sign_in

__all__ = ["m3"]
OLD = WIRE["accruals"]["ModifiedAt"]
ACCRUALS = f"{ACME}/employees/1001/accruals"
SICK, VACATION = f"{ACCRUALS}/SICK1", f"{ACCRUALS}/VAC"
WRITTEN = {"Balance": "26.50", "AsOfDate": "2026-01-04", "Note": "TWP"}
ADDED = {"Code": "VAC", **WRITTEN}
_VAC = {"Co": "ACME", "Code": "VAC", "Description": "Vacation"}


@pytest.fixture(autouse=True)
def _with_vacation(m3: Any) -> None:
    """A code that the employee has no accrual of."""
    m3.put_state({**STATE, "accrualcodes": [*STATE["accrualcodes"], _VAC]})


def put(m3: Any, path: str = SICK, *, match: str | None = None, **body: Any) -> Any:
    headers = {**m3.headers, **({} if match is None else {"If-Match": match})}
    return m3.call("PUT", path, json=body or WRITTEN, headers=headers)


def test_the_accruals_of_one_person_are_read_by_themselves(m3: Any) -> None:
    other = {"Co": "ACME", "EmployeeId": "1002", "Code": "VAC"}
    state = {**m3.state(), "accruals": [*STATE["accruals"], {**other, "EmployeeId": "1001"}, other]}
    del state["employees"]
    assert m3.put_state(state).status_code == 200
    everything = [(row["EmployeeId"], row["Code"]) for row in items(m3, "/accruals?pageSize=500")]
    assert everything == [("1001", "SICK1"), ("1001", "VAC"), ("1002", "VAC")]
    assert [row["Code"] for row in items(m3, "/employees/1001/accruals")] == ["SICK1", "VAC"]
    page = m3.get(f"{ACCRUALS}?pageSize=1").json()
    assert ([row["Code"] for row in page["Items"]], page["NextPage"]) == (["SICK1"], 2)
    assert m3.get(SICK).json() == WIRE["accruals"]


def test_a_balance_is_set_as_it_was_sent(m3: Any, clocks: Any) -> None:
    """The Last Accrue Date is left alone; the time of the change moves with each of them."""
    answer = put(m3)
    expected = {**WIRE["accruals"], **WRITTEN, "ModifiedAt": NOW}
    assert (answer.status_code, answer.json(), list(answer.json())) == (200, expected, list(WIRE["accruals"]))
    assert m3.get(SICK).json() == expected
    again = put(m3, Balance="-4.1234").json()
    assert (again["Balance"], again["AsOfDate"], again["Note"]) == ("-4.1234", None, None)
    assert again["ModifiedAt"] == "2026-03-02T11:30:01Z"
    clocks.moment += timedelta(minutes=30)
    assert put(m3, Balance="7").json()["ModifiedAt"] == "2026-03-02T12:00:00Z"
    assert [row["Balance"] for row in m3.state()["accruals"]] == ["7"]


def test_an_accrual_is_added_once(m3: Any) -> None:
    answer = m3.call("POST", ACCRUALS, json=ADDED)
    made = {"EmployeeId": "1001", "Code": "VAC", "Description": "Vacation", "Balance": "26.50"}
    rest = {"LastAccrueDate": None, "AsOfDate": "2026-01-04", "Note": "TWP", "StartDate": None}
    assert answer.status_code == 201
    assert answer.json() == {**made, **rest, "EndDate": None, "ModifiedAt": NOW}
    assert error(m3.call("POST", ACCRUALS, json=ADDED)) == (409, "ALREADY_EXISTS", "Code")
    assert put(m3, VACATION).status_code == 200
    assert [row["Code"] for row in items(m3, "/accruals")] == ["SICK1", "VAC"]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PUT", VACATION, WRITTEN, (404, "NOT_FOUND", "Code")),
        ("PUT", f"{ACME}/employees/9/accruals/SICK1", WRITTEN, (404, "NOT_FOUND", "Code")),
        ("POST", f"{ACME}/employees/9/accruals", ADDED, (404, "NOT_FOUND", "EmployeeId")),
        ("POST", ACCRUALS, {**ADDED, "Code": "PTO"}, (404, "NOT_FOUND", "Code")),
        ("POST", ACCRUALS, {**ADDED, "Code": "VACATION-01"}, (400, "INVALID_VALUE", "Code")),
        ("POST", ACCRUALS, WRITTEN, (400, "INVALID_VALUE", "Code")),
        ("PUT", SICK, {"AsOfDate": "2026-01-04"}, (400, "INVALID_VALUE", "Balance")),
        ("PUT", SICK, {**WRITTEN, "Code": "SICK1"}, (400, "INVALID_VALUE", "Code")),
        ("PUT", SICK, {**WRITTEN, "LastAccrueDate": "2026-01-09"}, (400, "INVALID_VALUE", "LastAccrueDate")),
        ("PUT", SICK, {**WRITTEN, "AsOfDate": "2026-02-30"}, (400, "INVALID_VALUE", "AsOfDate")),
        ("PUT", SICK, {**WRITTEN, "Note": 7}, (400, "INVALID_VALUE", "Note")),
        ("PUT", SICK, [WRITTEN], (400, "INVALID_VALUE", None)),
        *(
            ("PUT", SICK, {"Balance": wrong}, (400, "INVALID_VALUE", "Balance"))
            for wrong in ("26.12345", "26,5", "", "26.", ".5", "1e2", " 26", "+26", "NaN", "1234567890", 26.5)
        ),
        ("PUT", SICK, {"Balance": None}, (400, "INVALID_VALUE", "Balance")),
    ],
)
def test_a_write_that_does_not_fit_is_refused(
    m3: Any, method: str, path: str, body: Any, expected: Any
) -> None:
    before = m3.state()
    assert error(m3.call(method, path, json=body)) == expected
    assert m3.state() == before


def test_a_body_that_is_no_json_is_refused(m3: Any) -> None:
    media = {**m3.headers, "Content-Type": "application/json"}
    assert error(m3.call("PUT", SICK, data=b"{", headers=media)) == (400, "INVALID_VALUE", None)
    assert error(m3.call("PUT", SICK, data=b"{}")) == (400, "INVALID_VALUE", "Content-Type")


@pytest.mark.parametrize(
    ("match", "status"),
    [(f'"{OLD}"', 200), (OLD, 200), ('"2026-01-08T22:10:01Z"', 412), ("", 412), ("*", 412), (None, 200)],
)
def test_a_balance_that_was_changed_in_between_is_not_overwritten(
    m3: Any, match: str | None, status: int
) -> None:
    answer = put(m3, match=match)
    assert answer.status_code == status
    if status == 412:
        assert error(answer) == (412, "CHANGED", "ModifiedAt")
        assert m3.get(SICK).json() == WIRE["accruals"]
    else:
        # What was read before is no good any more.
        assert error(put(m3, match=f'"{OLD}"')) == (412, "CHANGED", "ModifiedAt")


@pytest.mark.parametrize(
    ("told", "entry", "locked"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"Processed": True}, False),
        (True, {"PayrollStarted": False, "StartedAt": None}, False),
    ],
)
def test_a_payroll_that_is_being_processed_locks_its_company_when_told_to(
    m3: Any, told: bool, entry: dict[str, Any], locked: bool
) -> None:
    state = {**m3.state(), "calendar": [{**STATE["calendar"][0], **entry}]}
    m3.put_state({**state, "settings": [{"locks_payroll": told}]})
    answers = [put(m3), m3.call("POST", ACCRUALS, json=ADDED)]
    if locked:
        assert [error(answer) for answer in answers] == [(409, "PAYROLL_LOCKED", None)] * 2
        assert m3.get(SICK).json() == WIRE["accruals"]
    else:
        assert [answer.status_code for answer in answers] == [200, 201]


# --- faults by a person -------------------------------------------------------------------------------------


def test_a_balance_is_changed_meanwhile(m3: Any) -> None:
    m3.faults(errors=["accrual_changed"], count=1)
    assert m3.get(SICK).json() == WIRE["accruals"]
    assert error(put(m3, match=f'"{OLD}"')) == (412, "CHANGED", "ModifiedAt")
    changed = m3.get(SICK).json()
    assert (changed["Balance"], changed["ModifiedAt"]) == ("27.0000", NOW)
    assert put(m3, match=f'"{NOW}"').status_code == 200


def test_an_accrual_is_removed_or_added_meanwhile(m3: Any) -> None:
    m3.faults(errors=["accrual_removed"], count=1)
    assert error(put(m3)) == (404, "NOT_FOUND", "Code")
    m3.faults(errors=["accrual_added"], count=1)
    assert error(m3.call("POST", ACCRUALS, json=ADDED)) == (409, "ALREADY_EXISTS", "Code")
    assert m3.get(VACATION).json()["Balance"] == "0.0000"


def test_a_payroll_is_restarted_meanwhile(m3: Any) -> None:
    m3.faults(errors=["payroll_restarted"], count=1)
    assert put(m3).status_code == 200
    (entry,) = items(m3, "/calendar")
    assert entry == {**WIRE["calendar"], "StartedAt": NOW}


@pytest.mark.parametrize(
    ("call", "renamed"), [(("PUT", SICK), "SICK1"), (("POST", ACCRUALS), "VAC"), (("GET", ACCRUALS), "SICK1")]
)
def test_a_code_gets_another_description_meanwhile(m3: Any, call: tuple[str, str], renamed: str) -> None:
    """The one that a call names, or the first."""
    m3.faults(errors=["code_renamed"], count=1)
    bodies = {"PUT": WRITTEN, "POST": ADDED, "GET": None}
    assert m3.call(*call, json=bodies[call[0]]).status_code in (200, 201)
    descriptions = {row["Code"]: row["Description"] for row in items(m3, "/accrualcodes")}
    expected = {"SICK1": "Sick", "VAC": "Vacation"}
    assert descriptions == {**expected, renamed: f"{expected[renamed]} (old)"}
    for row in items(m3, "/accruals"):
        assert row["Description"] == descriptions[row["Code"]]


def test_a_session_ends_and_a_new_one_is_good(m3: Any) -> None:
    m3.faults(errors=["session_ends"], count=1)
    assert error(put(m3)) == (401, "TOKEN_EXPIRED", None)
    m3.headers = {"Authorization": f"Bearer {sign_in(m3, **GOOD).json()['Token']}"}
    assert put(m3).status_code == 200


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("login_failed", {"sign in": (401, "LOGIN_FAILED")}),
        ("no_company_access", {"list": (403, "NO_COMPANY_ACCESS"), "change": (403, "NO_COMPANY_ACCESS")}),
        ("payroll_locked", {"change": (409, "PAYROLL_LOCKED")}),
    ],
)
def test_a_fault_befalls_its_own_calls(m3: Any, fault: str, expected: dict[str, Any]) -> None:
    m3.faults(errors=[fault])
    answers = {
        "sign in": sign_in(m3, **GOOD),
        "list": m3.get(f"{ACME}/accruals"),
        "change": put(m3),
    }
    m3.call("DELETE", "/_sandbox/faults")
    refused = {name: error(one)[:2] for name, one in answers.items() if one.status_code >= 400}
    assert refused == expected
    assert m3.get(f"{SERVER}/scheduledtasks").status_code == 200
