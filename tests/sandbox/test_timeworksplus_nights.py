"""TimeWorksPlus's sandbox: pay periods that the night finalizes, and the seed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from local.seed import SEEDS, accruals
from tests.sandbox.time_clock import API, PERIODS, SITE, STATE

LATER = {**SITE, "BeginDate": "2026-01-19", "EndDate": "2026-02-01"}
NIGHT = "/_sandbox/night"


def put(client: Any, finalized: str, opened: dict[int, str] | None = None, now: str | None = None) -> None:
    """P0, P1 … as finalized, `x`, or open, `-`."""
    periods = [
        {**SITE, **{name: row[name] for name in ("BeginDate", "EndDate")}} for row in (*PERIODS, LATER)
    ]
    rows = [{**row, "IsFinalized": mark == "x"} for row, mark in zip(periods, finalized, strict=False)]
    for place, moment in (opened or {}).items():
        rows[place]["UnfinalizedAt"] = moment
    answer = client.put_state({**STATE, "payperiods": rows, "settings": [{"now": now}]})
    assert answer.status_code == 200, answer.text


def marks(client: Any) -> str:
    return "".join("x" if row["IsFinalized"] else "-" for row in client.state()["payperiods"])


def night(client: Any, now: str | None = None) -> Any:
    answer = client.call("POST", NIGHT, **({"json": {"now": now}} if now else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()["finalized"]


@pytest.mark.parametrize(
    ("before", "opened", "now", "after"),
    [
        # What is older than the two periods before the present one.
        ("----", {}, "2026-01-04", "----"),
        ("----", {}, "2026-01-05", "x---"),
        ("----", {}, "2026-01-18", "x---"),
        ("-----", {}, "2026-01-19", "xx---"),
        ("xx--", {}, "2026-01-18", "xx--"),
        # After the last period it is still that one.
        ("----", {}, "2026-06-01", "x---"),
        # What was opened again is closed after a day, and not before, be it old or not.
        ("x---", {1: "2026-01-09T19:00:00"}, "2026-01-10T18:59:59", "x---"),
        ("x---", {1: "2026-01-09T19:00:00"}, "2026-01-10T19:00:00", "xx--"),
        ("----", {0: "2026-01-09T19:00:00"}, "2026-01-10T18:59:59", "----"),
        ("----", {0: "2026-01-09T19:00:00"}, "2026-01-10T19:00:00", "x---"),
        ("xxx-", {}, "2026-01-10", "xxx-"),
        # In order: what was opened later waits for what is before it.
        ("----", {0: "2026-01-09T21:00:00", 1: "2026-01-09T19:00:00"}, "2026-01-10T20:00:00", "----"),
        ("----", {0: "2026-01-09T21:00:00", 1: "2026-01-09T19:00:00"}, "2026-01-10T21:00:00", "xx--"),
        ("-----", {0: "2026-01-19T17:00:00"}, "2026-01-19T20:00:00", "-----"),
        # It is night from six in the evening to six in the morning: by day the next one is meant.
        ("x---", {1: "2026-01-09T18:00:00"}, "2026-01-10T12:00:00", "xx--"),
        ("x---", {1: "2026-01-09T18:00:00"}, "2026-01-10T05:59:59", "x---"),
        ("x---", {1: "2026-01-09T18:00:00"}, "2026-01-10T06:00:00", "xx--"),
    ],
)
def test_a_night_finalizes_what_is_due(
    timeworksplus: Any, before: str, opened: Any, now: str, after: str
) -> None:
    """Told by the body, and by the settings alike."""
    put(timeworksplus, before, opened)
    night(timeworksplus, now)
    assert marks(timeworksplus) == after
    put(timeworksplus, before, opened, now)
    night(timeworksplus)
    assert marks(timeworksplus) == after


def test_a_night_says_what_it_finalized_and_the_time(timeworksplus: Any) -> None:
    put(timeworksplus, "----")
    assert night(timeworksplus, "2026-01-10") == [
        {key: PERIODS[0][key] for key in ("siteId", "BeginDate", "EndDate")}
    ]
    (row,) = timeworksplus.get(f"{API}/payperiods?endDate=2025-12-07").json()["Results"]
    assert (row["IsFinalized"], row["FinalizedAt"]) == (True, "2026-01-10T18:00:00")
    assert night(timeworksplus, "2026-01-10") == []


@pytest.mark.parametrize(
    "body", [[1], {"now": "tonight"}, {"now": "2026-02-30"}, {"day": "2026-01-10"}, "now"]
)
def test_a_night_that_does_not_fit_is_refused(timeworksplus: Any, body: Any) -> None:
    put(timeworksplus, "----")
    answer = timeworksplus.call("POST", NIGHT, json=body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert marks(timeworksplus) == "----"
    assert timeworksplus.call("GET", NIGHT).status_code == 404
    assert [entry["operation"] for entry in timeworksplus.log()] == ["sign in"]


def opened_again(client: Any, now: str | None) -> None:
    """Somebody un-finalizes the second period: the state as it is, but for one mark."""
    put(client, "xx--", now=now)
    state = client.state()
    state["payperiods"][1]["IsFinalized"] = False
    assert client.put_state(state).status_code == 200


def test_who_opens_a_period_has_a_day(timeworksplus: Any) -> None:
    """What was finalized and is not tells when it was opened: now, which stays so."""
    opened_again(timeworksplus, "2026-01-10T10:00:00")
    period = timeworksplus.state()["payperiods"][1]
    assert (period["FinalizedAt"], period["UnfinalizedAt"]) == (None, "2026-01-10T10:00:00")
    timeworksplus.put_state({**timeworksplus.state(), "settings": [{"now": "2026-01-10T22:00:00"}]})
    assert timeworksplus.state()["payperiods"][1] == period
    assert night(timeworksplus) == []
    assert len(night(timeworksplus, "2026-01-11")) == 1
    assert timeworksplus.state()["payperiods"][1]["UnfinalizedAt"] is None


def test_a_night_of_no_day_closes_what_was_opened(timeworksplus: Any) -> None:
    """A state in which a period was never finalized is another matter."""
    opened_again(timeworksplus, None)
    assert len(night(timeworksplus)) == 1
    put(timeworksplus, "x---")
    assert night(timeworksplus) == []


def test_what_is_accepted_is_not_open(timeworksplus: Any) -> None:
    """The partner takes that back first."""
    rows = [{**PERIODS[0], "IsFinalized": False}]
    assert timeworksplus.put_state({**STATE, "payperiods": rows}).status_code == 400


# --- the seed -----------------------------------------------------------------------------------------------


@pytest.fixture
def seeded(timeworksplus: Any) -> Any:
    answer = timeworksplus.put_state(SEEDS["timeworksplus"]())
    assert answer.status_code == 200, answer.text
    return timeworksplus


def values(client: Any, person: str, day: str, site: str = "51234") -> dict[str, str]:
    page = client.get(f"/api/{site}/accruals?pageSize=500&asOfDate={day}").json()
    (row,) = (row for row in page["Results"] if row["EmployeeCode"] == person)
    return {one["category"]: one["value"] for one in row["Balances"]}


def test_the_seed_shows_what_its_people_are_named_after(seeded: Any) -> None:
    assert values(seeded, accruals.USED_SINCE, "2026-01-04")["Vacation"] == "40.00"
    assert values(seeded, accruals.USED_SINCE, "2026-01-10")["Vacation"] == "32.00"
    assert values(seeded, accruals.GIVEN_AT_ONCE, "2026-01-04")["Vacation"] == "72.00"
    assert values(seeded, accruals.NO_BALANCE, "2026-01-04")["Vacation"] == ""
    assert list(values(seeded, accruals.HIDDEN, "2026-01-04")) == ["Sick"]
    people = {(row["siteId"], row["EmployeeCode"]) for row in seeded.state()["employees"]}
    assert not people & {("51234", accruals.ONLY_IN_PAYROLL), ("51235", accruals.ONLY_IN_PAYROLL_2)}
    assert people >= {("51234", accruals.ONLY_IN_CLOCK), ("51235", accruals.ONLY_IN_CLOCK_2)}


def test_only_the_site_of_record_accrues_by_a_script(seeded: Any) -> None:
    rules = {(row["siteId"], row["Name"]): row for row in seeded.state()["processingrules"]}
    assert rules["51234", "AccrueUpScript"]["Script"] == ""
    assert rules["51235", "AccrueUpScript"]["Script"] != ""
    assert all(rules[site, "AccrueDownScript"]["Script"] for site in ("51234", "51235"))


def test_the_seeds_night_finds_nothing_to_do(seeded: Any) -> None:
    """Its day is 10 January 2026, whatever day it is."""
    assert night(seeded, "2026-01-10") == []
    assert night(seeded) == []
    assert datetime.now(UTC) > datetime(2026, 1, 10, tzinfo=UTC)
