"""TimeWorksPlus's sandbox: what a balance is on a day, how it came about, and how one is set."""

from typing import Any

import pytest

from tests.sandbox.time_clock import ANN, API, DOWN, RULES, SITE, STATE

NOTHING = {
    "category": "Vacation",
    "isHidden": False,
    "value": "",
    "date": "2026-01-04",
    "effective": None,
    "expires": None,
    "notes": "",
}
SICK = {"id": "1001", "category": "Sick", "value": "26.0", "effective": "2026-01-04"}


@pytest.fixture
def clock(timeworksplus: Any) -> Any:
    answer = timeworksplus.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return timeworksplus


def told(category: str, value: str, effective: str, **more: Any) -> dict[str, Any]:
    row = {"category": category, "value": value, "effective": effective}
    return {**SITE, "EmployeeCode": "1001", **row, **more}


def used(category: str, day: str, hours: Any) -> dict[str, Any]:
    return {**SITE, "EmployeeCode": "1001", "category": category, "date": day, "hours": hours}


def balances(clock: Any, query: str = "asOfDate=2026-01-04") -> dict[str, dict[str, Any]]:
    (row,) = clock.get(f"{API}/accruals?{query}").json()["Results"]
    return {one["category"]: one for one in row["Balances"]}


def write(clock: Any, *rows: dict[str, Any]) -> Any:
    return clock.call("POST", f"{API}/accruals", json=list(rows))


# --- reading ------------------------------------------------------------------------------------------------


def test_balances_of_a_day_are_as_in_the_contract(clock: Any) -> None:
    (row,) = clock.get(f"{API}/accruals?asOfDate=2026-01-04").json()["Results"]
    sick = {**NOTHING, "category": "Sick", "value": "24.50", "effective": "2025-12-21"}
    assert row == {
        "EmployeeCode": "1001",
        "FirstName": "Ann",
        "MiddleName": "",
        "LastName": "Lee",
        "Name2": "Lee, Ann",
        "StartDate": "2020-03-01",
        "EndDate": None,
        "AsOfDate": "2026-01-04",
        "Balances": [sick, NOTHING],
    }
    assert list(row["Balances"][0]) == list(NOTHING)
    assert balances(clock, "asOfDate=2026-01-04&category=Vacation") == {"Vacation": NOTHING}
    assert balances(clock, "asOfDate=2025-12-20")["Sick"]["value"] == ""


def test_without_a_date_balances_are_of_today_in_mountain_time(clock: Any, clocks: Any) -> None:
    assert balances(clock, "")["Sick"]["date"] == "2026-03-02"
    clocks.moment = clocks.moment.replace(hour=5)
    assert balances(clock, "")["Sick"]["date"] == "2026-03-01"
    clock.put_state({**STATE, "settings": [{"now": "2026-01-10"}]})
    assert balances(clock, "")["Sick"]["date"] == "2026-01-10"


TOLD = (told("Vacation", "80.00", "2025-12-21"), told("Vacation", "90.00", "2026-01-04"))
USED = (
    used("Vacation", "2025-12-30", 8),
    used("Vacation", "2026-01-07", "1.5"),
    used("Vacation", "2026-01-07", "1"),
)


@pytest.mark.parametrize(
    ("rows", "uses", "day", "value", "effective"),
    [
        (TOLD, USED, "2025-12-20", "", None),
        (TOLD, USED, "2025-12-21", "80.00", "2025-12-21"),
        (TOLD, USED, "2025-12-29", "80.00", "2025-12-21"),
        (TOLD, USED, "2025-12-30", "72.00", "2025-12-30"),
        (TOLD, USED, "2026-01-03", "72.00", "2025-12-30"),
        # What is set later has all that was used until then in it, and of its own day.
        (TOLD, USED, "2026-01-04", "90.00", "2026-01-04"),
        (TOLD, (used("Vacation", "2026-01-04", 8),), "2026-01-04", "90.00", "2026-01-04"),
        (TOLD, USED, "2026-01-07", "87.50", "2026-01-07"),
        (TOLD, USED, "2030-01-01", "87.50", "2026-01-07"),
        (TOLD[:1], USED, "2026-01-07", "69.50", "2026-01-07"),
        # The other order: hours that were in the balance already are taken off twice.
        ((told("Vacation", "72.00", "2025-12-21"),), USED[:1], "2026-01-04", "64.00", "2025-12-30"),
        ((told("Vacation", "2.00", "2025-12-21"),), USED[:1], "2026-01-04", "-6.00", "2025-12-30"),
        # No balance stays none.
        ((), USED, "2026-01-07", "", None),
        ((told("Vacation", "", "2025-12-21"),), USED, "2026-01-07", "", "2025-12-21"),
        ((*TOLD, told("Vacation", "", "2026-01-05")), USED, "2026-01-07", "", "2026-01-05"),
        ((told("Vacation", "0.00", "2026-01-04"),), USED, "2026-01-04", "0.00", "2026-01-04"),
        (TOLD, (used("Sick", "2025-12-30", 8),), "2025-12-31", "80.00", "2025-12-21"),
    ],
)
def test_a_balance_is_the_last_that_was_set_less_what_was_used_since(
    clock: Any, rows: Any, uses: Any, day: str, value: str, effective: str | None
) -> None:
    clock.put_state({**STATE, "accruals": list(rows), "usage": list(uses)})
    found = balances(clock, f"asOfDate={day}")["Vacation"]
    assert (found["value"], found["effective"], found["date"]) == (value, effective, day)


@pytest.mark.parametrize(
    "rules", [[RULES[0], RULES[2]], [{**DOWN, "Categories": ["Sick"]}, RULES[0]], [RULES[0]]]
)
def test_hours_are_not_taken_off_without_a_script_for_the_category(clock: Any, rules: Any) -> None:
    clock.put_state({**STATE, "processingrules": rules, "accruals": list(TOLD), "usage": list(USED)})
    assert balances(clock, "asOfDate=2026-01-07")["Vacation"]["value"] == "90.00"


def test_a_hidden_balance_is_shown_to_whom_asks_for_it(clock: Any) -> None:
    marks = {"isHidden": True, "expires": "2026-03-31"}
    clock.put_state({**STATE, "accruals": [told("Vacation", "36.92", "2025-12-21", **marks)]})
    assert list(balances(clock)) == list(balances(clock, "asOfDate=2026-01-04&showHidden=false")) == ["Sick"]
    found = balances(clock, "asOfDate=2026-01-04&showHidden=true")["Vacation"]
    assert (found["value"], found["isHidden"], found["expires"]) == ("36.92", True, "2026-03-31")


def test_a_category_that_has_got_another_name_shows_no_balance(clock: Any) -> None:
    rules = [
        {**rule, "Categories": ["PTO" if one == "Sick" else one for one in rule["Categories"]]}
        for rule in RULES
    ]
    clock.put_state({**STATE, "processingrules": rules})
    assert {name: one["value"] for name, one in balances(clock).items()} == {"PTO": "", "Vacation": ""}
    schema = clock.get(f"{API}/accruals/schema").json()
    assert schema[0] == {
        "category": "PTO",
        "isHidden": False,
        "effective": None,
        "expires": None,
        "id": None,
        "value": None,
    }
    assert write(clock, SICK).status_code == 400


# --- activity -----------------------------------------------------------------------------------------------


def test_activity_tells_the_balance_of_every_day_and_who_changed_it(clock: Any) -> None:
    by_hand = told("Vacation", "90.00", "2026-01-04", SavedBy="kim", SavedFrom="Web")
    rows = [told("Vacation", "80.00", "2025-12-21"), by_hand]
    uses = [
        used("Vacation", "2025-12-30", 8),
        used("Vacation", "2026-01-04", 4),
        used("Vacation", "2026-02-01", 4),
    ]
    clock.put_state({**STATE, "accruals": rows, "usage": uses})
    query = f"{API}/accruals/activity?startDate=2025-12-21&endDate=2026-01-31&category=Vacation"
    page = clock.get(query).json()
    assert (page["TotalCount"], page["NextPageLink"]) == (1, None)
    (row,) = page["Results"]
    assert list(row) == ["EmployeeCode", "StartingValues", "EndingValues", "Days"]
    (starting,), (ending,) = row["StartingValues"], row["EndingValues"]
    assert starting == {**NOTHING, "value": "80.00", "date": "2025-12-21", "effective": "2025-12-21"}
    assert (ending["value"], ending["date"], ending["effective"]) == ("90.00", "2026-01-31", "2026-01-04")
    script = {"SavedBy": "AccrueDownScript", "SavedFrom": "Script", "IsAbsolute": False, "ChangeType": "Use"}
    kim = {"SavedBy": "kim", "SavedFrom": "Web", "IsAbsolute": True, "ChangeType": "Set"}
    assert [(day["date"], day["value"], day["Activity"]) for day in row["Days"]] == [
        ("2025-12-30", "72.00", [{**script, "Amount": -8.0, "Delta": -8.0}]),
        (
            "2026-01-04",
            "90.00",
            [{**script, "Amount": -4.0, "Delta": -4.0}, {**kim, "Amount": 90.0, "Delta": 22.0}],
        ),
    ]
    for day in row["Days"]:
        assert balances(clock, f"asOfDate={day['date']}")["Vacation"]["value"] == day["value"]


def test_activity_is_of_everybody_or_of_those_who_are_named(clock: Any) -> None:
    people = [{**ANN, "EmployeeCode": code} for code in ("1001", "1002", "1003")]
    clock.put_state({**STATE, "employees": people})
    span = f"{API}/accruals/activity?startDate=2025-12-21&endDate=2025-12-21"
    everybody = clock.get(span).json()["Results"]
    assert [row["EmployeeCode"] for row in everybody] == ["1001", "1002", "1003"]
    assert [(one["category"], one["value"]) for one in everybody[0]["StartingValues"]] == [
        ("Sick", "24.50"),
        ("Vacation", ""),
    ]
    assert everybody[0]["Days"] == []
    some = clock.get(f"{span}&ids=1003,1001,9").json()
    assert (some["TotalCount"], [row["EmployeeCode"] for row in some["Results"]]) == (2, ["1001", "1003"])


# --- writing ------------------------------------------------------------------------------------------------


def test_a_write_sets_and_a_repeat_changes_nothing(clock: Any) -> None:
    for _ in range(2):
        answer = write(clock, SICK)
        assert (answer.status_code, answer.json()) == (200, {"Accepted": 1, "Rejected": []})
        assert [row["value"] for row in clock.state()["accruals"]] == ["24.50", "26.00"]
    assert balances(clock)["Sick"]["value"] == "26.00"
    assert balances(clock, "asOfDate=2026-01-03")["Sick"]["value"] == "24.50"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("26", "26.00"),
        ("8.125", "8.13"),
        ("8.1249", "8.12"),
        ("-8.125", "-8.13"),
        ("13.3333", "13.33"),
        ("0", "0.00"),
        ("0.004", "0.00"),
    ],
)
def test_values_are_kept_with_two_decimals_half_up(clock: Any, value: str, kept: str) -> None:
    assert write(clock, {**SICK, "value": value}).status_code == 200
    assert balances(clock)["Sick"]["value"] == kept


def test_marks_that_are_left_out_are_reset(clock: Any) -> None:
    marks = {"isHidden": True, "expires": "2026-03-31"}
    write(clock, {**SICK, **marks})
    found = balances(clock, "asOfDate=2026-01-04&showHidden=true")["Sick"]
    assert {name: found[name] for name in marks} == marks
    write(clock, SICK)
    found = balances(clock)["Sick"]
    assert {name: found[name] for name in marks} == {"isHidden": False, "expires": None}


@pytest.mark.parametrize("effective", ["2026-01-05", "2031-01-01", "2020-01-01", "2025-12-22"])
def test_any_day_that_is_not_finalized_may_be_written(clock: Any, effective: str) -> None:
    assert write(clock, {**SICK, "effective": effective}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"category": "Holiday"}, "[1].category: there is no category 'Holiday'."),
        ({"category": "sick"}, "'sick'"),
        ({"category": "Sick "}, "'Sick '"),
        ({"category": "Regular"}, "'Regular'"),
        ({"value": ""}, "[1].value must be a number"),
        ({"value": 26.0}, "[1].value must be a number"),
        ({"value": "26,0"}, "[1].value must be a number"),
        ({"value": "1e3"}, "[1].value must be a number"),
        ({"value": "NaN"}, "[1].value must be a number"),
        ({"effective": "2026-01-04T00:00:00"}, "[1].effective must be a date"),
        ({"effective": "04/01/2026"}, "[1].effective must be a date"),
        ({"effective": "2026-02-29"}, "[1].effective must be a date"),
        ({"effective": None}, "[1].effective is required"),
        ({"isHidden": "false"}, "[1].isHidden must be true or false"),
        ({"expires": "never"}, "[1].expires must be a date"),
        ({"EmployeeCode": "1001"}, "[1].EmployeeCode unknown field"),
        ({"id": 1001}, "[1].id must be"),
    ],
)
def test_a_row_that_does_not_fit_refuses_the_call(clock: Any, changes: Any, said: str) -> None:
    before = clock.state()
    answer = write(clock, SICK, {**SICK, **changes})
    assert answer.status_code == 400
    assert said in answer.json()["Message"]
    assert clock.state() == before


def test_a_body_is_a_list_of_at_most_five_hundred(clock: Any) -> None:
    for body in ({}, SICK, [[]], [None], "rows"):
        assert clock.call("POST", f"{API}/accruals", json=body).status_code == 400
    assert write(clock, *[SICK] * 501).status_code == 400
    assert write(clock, *[SICK] * 500).json()["Accepted"] == 500
    assert write(clock).json() == {"Accepted": 0, "Rejected": []}
    headers = {**clock.headers, "Content-Type": "application/json"}
    assert clock.call("POST", f"{API}/accruals", data=b"[", headers=headers).status_code == 400


@pytest.mark.parametrize("effective", ["2025-11-24", "2025-12-07", "2025-12-08", "2025-12-21"])
def test_a_finalized_period_refuses_the_call(clock: Any, effective: str) -> None:
    before = clock.state()
    answer = write(clock, SICK, {**SICK, "effective": effective})
    assert (answer.status_code, answer.json()) == (409, {"Message": "Pay period is finalized"})
    assert clock.state() == before


def test_rows_of_nobody_are_rejected_one_by_one(clock: Any) -> None:
    stranger = {**SICK, "id": "9"}
    answer = write(clock, stranger, SICK)
    assert answer.status_code == 200
    rejected = {
        "id": "9",
        "category": "Sick",
        "effective": "2026-01-04",
        "Message": "There is no employee 9.",
    }
    assert answer.json() == {"Accepted": 1, "Rejected": [rejected]}
    assert len(clock.state()["accruals"]) == 2


def test_a_site_keeps_its_rows_to_itself(clock: Any) -> None:
    other = [{**row, "siteId": "51235"} for row in STATE["accruals"]]
    people = [ANN, {**ANN, "siteId": "51235"}]
    clock.put_state({**STATE, "employees": people, "accruals": [*STATE["accruals"], *other]})
    write(clock, SICK)
    assert [row["siteId"] for row in clock.state()["accruals"]] == ["51234", "51234", "51235"]
    assert clock.get(f"{API}/accruals").json()["TotalCount"] == 1


# --- people who are quicker ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        ("finalized", 409, {"Message": "Pay period is finalized"}),
        ("renamed", 400, {"Message": "[0].category: there is no category 'Sick'."}),
        ("removed", 200, {"Accepted": 0}),
    ],
)
def test_somebody_is_quicker_than_a_write(clock: Any, fault: str, status: int, said: Any) -> None:
    clock.faults(errors=[fault], count=1)
    assert clock.get(f"{API}/accruals").status_code == 200
    for body in ([], {}, [{"id": 1}]):
        clock.call("POST", f"{API}/accruals", json=body)
    answer = write(clock, SICK)
    assert answer.status_code == status
    assert answer.json().items() >= said.items()
    assert clock.log()[-1]["fault"] == fault


def test_what_somebody_did_stays_done(clock: Any) -> None:
    clock.faults(errors=["finalized"], count=1)
    write(clock, SICK)
    periods = clock.state()["payperiods"]
    assert [row["IsFinalized"] for row in periods] == [True, True, True, False]
    assert periods[2]["FinalizedAt"] == "2026-03-02T04:30:00"
    clock.faults(errors=["renamed"], count=1)
    write(clock, {**SICK, "effective": "2026-01-05"})
    names = [row["Categories"] for row in clock.state()["processingrules"]]
    assert names == [["New Sick", "Vacation"], ["New Sick", "Vacation"], ["Regular", "New Sick", "Vacation"]]
    clock.faults(errors=["removed"], count=1)
    write(clock, {**SICK, "category": "Vacation", "effective": "2026-01-05"})
    state = clock.state()
    assert state["employees"] == state["accruals"] == []
