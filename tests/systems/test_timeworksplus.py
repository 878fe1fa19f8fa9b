"""TimeWorksPlus's client: what goes over the wire, and what a sandbox of the same contract makes of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox import Running
from local.seed.timeworksplus import timeworksplus_state
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected, RetryLater
from payrelay.systems.registry import system
from payrelay.systems.rows import BadRow
from payrelay.systems.timeworksplus.client import FINALIZED, TimeWorksPlusClient
from payrelay.systems.timeworksplus.models import NewBalance, Refused
from tests.systems.conftest import NOW, Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.structs import replace

SECRET = Secret("timeworksplus-sandbox-secret")
PARTNER = {"issuer_id": Secret("9001"), "api_secret": SECRET, "site_id": Secret("51234")}
CLIENT = {**PARTNER, "issuer_id": Secret("51234")}
DEC_7, DEC_21, JAN_4 = date(2025, 12, 7), date(2025, 12, 21), date(2026, 1, 4)
SESSION = reply({"token": "session-1"}, 201)
BALANCE: dict[str, Any] = {
    "category": "Sick",
    "isHidden": False,
    "value": "24.5",
    "date": "2026-01-04",
    "effective": "2025-12-21",
    "expires": None,
    "notes": "",
}
ROW: dict[str, Any] = {
    "EmployeeCode": "1001",
    "FirstName": "Ann",
    "LastName": "Lee",
    "StartDate": "2020-03-01",
    "EndDate": None,
    "AsOfDate": "2026-01-04",
    "Balances": [BALANCE, {**BALANCE, "category": "Vacation", "value": ""}],
}


def of_site(resource: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"siteId": "51234", **row} for row in resource]


STATE: dict[str, Any] = {
    "employees": of_site([{"EmployeeCode": "1001", "FirstName": "Ann", "LastName": "Lee"}]),
    "accruals": of_site(
        [
            {"EmployeeCode": "1001", "category": "Sick", "value": "24.5", "effective": "2025-12-21"},
            {
                "EmployeeCode": "1001",
                "category": "Vacation",
                "value": "36.92",
                "effective": "2025-12-21",
                "isHidden": True,
                "expires": "2026-03-31",
            },
        ]
    ),
    "usage": of_site([{"EmployeeCode": "1001", "category": "Sick", "date": "2025-12-30", "hours": "8"}]),
    "payperiods": of_site(
        [
            {"BeginDate": "2025-12-08", "EndDate": "2025-12-21", "IsFinalized": True, "IsAccepted": True},
            {"BeginDate": "2025-12-22", "EndDate": "2026-01-04"},
        ]
    ),
}


def listing(rows: list[Any], link: str | None = None) -> Reply:
    return reply({"Results": rows, "NextPageLink": link, "TotalCount": len(rows)})


def scripted(loopback: Loopback, bench: Bench, *replies: Reply) -> TimeWorksPlusClient:
    """A client of a session that has begun."""
    loopback.answers(*replies)
    addresses = (loopback.origin, loopback.origin)
    issuer = (PARTNER["issuer_id"], SECRET)
    return TimeWorksPlusClient(addresses, "51234", issuer, token=Secret("session-0"), options=bench.options)


def in_time(bench: Bench, fast: float = 0) -> Bench:
    """The bench with a clock of our own, so many minutes fast."""
    return Bench(replace(bench.options, now=lambda: datetime.now(UTC) + timedelta(minutes=fast)))


class Served(Sandboxed):
    """The sandbox with one site, and a client for it."""

    def __init__(self, urls: Any, bench: Bench) -> None:
        self.urls = urls
        self.calm("timeworksplus")
        self.put("timeworksplus", STATE)
        self.forget("timeworksplus")
        self.bench = in_time(bench)
        self.client: TimeWorksPlusClient = self.connected(PARTNER)

    def connected(self, credentials: Any, fast: float = 0) -> Any:
        options = in_time(self.bench, fast).options
        return system("timeworksplus").connect(self.urls["timeworksplus"], credentials, options)

    def sign_ins(self) -> int:
        return len([one for one in self.requests("timeworksplus") if "userToken" in one["path"]])


@pytest.fixture
def served(sandboxes: Running, bench: Bench) -> Served:
    return Served(sandboxes.urls, bench)


# --- signing in ------------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-3")
@pytest.mark.parametrize(
    ("issuer", "role", "product"), [("9001", "partner", "twppartner"), ("51234", "client", "twpclient")]
)
def test_what_is_signed_says_who_asks_for_which_site_and_for_half_of_five_minutes(
    issuer: str, role: str, product: str, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(SESSION, listing([]))
    credentials = {**PARTNER, "issuer_id": Secret(issuer)}
    client: Any = system("timeworksplus").connect(loopback.origin, credentials, bench.options)
    assert client.organisation() == "Site 51234"
    asked, call = loopback.seen
    assert (asked.method, asked.path) == ("POST", "/AuthenticationService/oauth2/userToken")
    assert asked.headers["Content-Type"] == "application/json"
    assert call.headers["Authorization"] == "Bearer session-1"
    said, _, signature = asked.headers["Authorization"].removeprefix("Bearer ").rpartition(".")
    head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in said.split("."))
    assert head == {"alg": "HS256", "typ": "JWT"}
    assert claims == {
        "iss": int(issuer),
        "sub": role,
        "product": product,
        "exp": int(NOW.timestamp()) + 150,
        "siteInfo": {"type": "id", "id": "51234"},
    }
    signed = hmac.new(SECRET.reveal().encode(), said.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "==") == signed


@pytest.mark.requirement("CON-2", "CON-3")
@pytest.mark.parametrize("credentials", [PARTNER, {**CLIENT, "api_secret": Secret("own-secret")}])
def test_partner_and_client_are_let_in_once_for_a_day(credentials: Any, served: Served) -> None:
    state = served.state("timeworksplus")
    state["sites"] = [{"siteId": "51234", "PartnerId": "9001", "Secret": "own-secret"}]
    served.put("timeworksplus", state)
    client = served.connected(credentials)
    assert client.organisation() == "Site 51234"
    assert len(client.categories()) == 2
    assert served.sign_ins() == 1
    day_later = datetime.now(UTC).timestamp() + 24 * 60 * 60
    assert abs(client.sign_in().expires_at - day_later) < 60


@pytest.mark.requirement("CON-3")
def test_a_session_that_is_refused_is_renewed_once(loopback: Loopback, bench: Bench) -> None:
    denied = reply({"Message": "Authorization has been denied for this request."}, 401)
    client = scripted(loopback, bench, denied, SESSION, listing([]))
    assert len(client.periods(DEC_7, JAN_4)) == 0
    assert [one.headers["Authorization"] for one in loopback.seen][::2] == [
        "Bearer session-0",
        "Bearer session-1",
    ]
    right = Bench(replace(bench.options, now=lambda: datetime.now(UTC)))
    client = scripted(loopback, right, denied, SESSION, denied)
    with pytest.raises(CredentialsRefused):
        client.categories()
    assert len(loopback.seen) == 6


@pytest.mark.requirement("CON-2")
def test_a_wrong_secret_a_site_of_others_and_one_that_there_is_not_are_refused(served: Served) -> None:
    with pytest.raises(CredentialsRefused):
        served.connected({**PARTNER, "api_secret": Secret("wrong")}).organisation()
    assert served.sign_ins() == 1
    state = served.state("timeworksplus")
    state["sites"] = [{"siteId": "51234", "PartnerId": "9002"}]
    served.put("timeworksplus", state)
    with pytest.raises(CredentialsRefused):
        served.client.organisation()
    with pytest.raises(Rejected, match="no site 59999"):
        served.connected({**PARTNER, "site_id": Secret("59999")}).organisation()
    with pytest.raises(CredentialsRefused, match="not a number"):
        served.connected({**PARTNER, "issuer_id": Secret("acme")}).organisation()


@pytest.mark.parametrize(
    ("fast", "said"), [(6, "6 minutes fast"), (-6, "6 minutes slow"), (-90, "90 minutes slow")]
)
def test_a_clock_that_is_wrong_is_told_from_a_wrong_secret(fast: int, said: str, served: Served) -> None:
    with pytest.raises(NeedsAttention) as refusal:
        served.connected(PARTNER, fast).organisation()
    assert refusal.value.code == "CLOCK_WRONG"
    assert said in refusal.value.message
    assert served.sign_ins() == 1


@pytest.mark.parametrize(("fast", "sign_ins"), [(-2, 1), (2, 1), (-4, 2), (4, 2)])
def test_a_clock_that_is_a_little_wrong_does_no_harm(fast: int, sign_ins: int, served: Served) -> None:
    assert served.connected(PARTNER, fast).organisation() == "Site 51234"
    assert served.sign_ins() == sign_ins


def test_with_a_clock_that_is_a_little_wrong_a_wrong_secret_is_one(served: Served) -> None:
    wrong = {**PARTNER, "api_secret": Secret("wrong")}
    with pytest.raises(CredentialsRefused):
        served.connected(wrong, 4).organisation()
    assert served.sign_ins() == 2


def test_without_the_other_clock_a_refusal_is_one_of_the_credentials(
    loopback: Loopback, bench: Bench
) -> None:
    client = scripted(loopback, bench, reply({}, 401, Date="yesterday"))
    with pytest.raises((CredentialsRefused, NeedsAttention)):
        client.sign_in()


@pytest.mark.parametrize("answer", [reply({}, 201), reply({"token": ""}, 201), reply({"token": 1}, 201)])
def test_a_sign_in_without_a_token_is_for_later(answer: Reply, loopback: Loopback, bench: Bench) -> None:
    with pytest.raises(RetryLater, match="no session"):
        scripted(loopback, bench, answer).sign_in()


# --- lists -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-4")
def test_long_lists_are_followed_page_by_page_of_500(served: Served) -> None:
    people = of_site([{"EmployeeCode": str(number)} for number in range(2000, 3201)])
    rows = [{**one, "category": "Sick", "value": "1.00", "effective": "2025-12-21"} for one in people]
    served.put("timeworksplus", {**STATE, "employees": people, "accruals": rows, "usage": []})
    client = served.client
    assert [len(page) for page in client.balances(JAN_4)] == [500, 500, 201]
    assert [len(page) for page in client.activity(DEC_21, JAN_4)] == [500, 500, 201]
    assert [len(page) for page in client.employees()] == [500, 500, 201]


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/51234/accruals?page=2",
        "http://127.0.0.1:1/api/51234/accruals?page=2",
        "{origin}@evil.example/api/51234/accruals?page=2",
        "{origin}/api/51235/accruals?page=2",
        "{origin}/api/51234/employees?page=2",
        "//evil.example/api/51234/accruals?page=2",
    ],
)
def test_a_link_that_leads_elsewhere_is_refused_before_any_call(
    link: str, loopback: Loopback, bench: Bench
) -> None:
    client = scripted(loopback, bench, listing([ROW], link.format(origin=loopback.origin)))
    with pytest.raises(NeedsAttention) as refusal:
        list(client.balances(JAN_4))
    assert refusal.value.code == "LINK_REFUSED"
    assert len(loopback.seen) == 1


@pytest.mark.requirement("SEC-3")
def test_a_list_of_a_sandbox_that_leads_elsewhere_is_refused(served: Served) -> None:
    people = of_site([{"EmployeeCode": str(number)} for number in range(2000, 2501)])
    served.put("timeworksplus", {**STATE, "employees": people, "accruals": [], "usage": []})
    served.client.organisation()
    served.faults("timeworksplus", errors=["elsewhere"])
    with pytest.raises(NeedsAttention, match=r"twpapi\.elsewhere\.example"):
        list(served.client.employees())


@pytest.mark.parametrize("rows", [[ROW], []])
def test_a_list_that_leads_nowhere_is_no_list(rows: list[Any], loopback: Loopback, bench: Bench) -> None:
    link = f"{loopback.origin}/api/51234/accruals?page=2"
    client = scripted(loopback, bench, listing(rows, link))
    with pytest.raises(RetryLater, match="does not lead to the next"):
        list(client.balances(JAN_4))


def test_a_link_that_can_not_be_read_is_none(loopback: Loopback, bench: Bench) -> None:
    with pytest.raises(RetryLater, match="a link that can't be read"):
        list(scripted(loopback, bench, listing([ROW], "http://[::1/api")).balances(JAN_4))


def test_a_link_with_the_usual_port_is_our_own(bench: Bench) -> None:
    row = system("timeworksplus")
    client: Any = row.connect(row.base_url, PARTNER, bench.options)
    link = "https://TWPAPI.payrollservers.us:443/api/51234/employees?pageSize=500&page=2"
    assert client._onwards(link, "/employees") == [("pageSize", "500"), ("page", "2")]


@pytest.mark.requirement("AC-6")
def test_no_balance_is_none_and_zero_is_zero(loopback: Loopback, bench: Bench) -> None:
    balances = [{**BALANCE, "value": value} for value in ("24.5", "", "0.00", "-8.13", " ")]
    (page,) = scripted(loopback, bench, listing([{**ROW, "Balances": balances}])).balances(JAN_4)
    amounts = [one.amount for one in page.take([])[0].balances]
    assert amounts == [Decimal("24.5"), None, 0, Decimal("-8.13"), None]
    assert dict(loopback.seen[0].params) == {
        "asOfDate": "2026-01-04",
        "showHidden": "true",
        "pageSize": "500",
    }


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        ({"value": 24.5}, "Balances[0].value", 'is not a balance as text, such as "24.5"'),
        ({"value": "24,5"}, "Balances[0].value", 'is not a balance as text, such as "24.5"'),
        ({"value": None}, "Balances[0].value", 'is not a balance as text, such as "24.5"'),
        ({"effective": "soon"}, "Balances[0].effective", "is not a day such as 2026-02-09"),
    ],
)
def test_a_row_that_can_not_be_used_is_named_and_stops_no_other(
    wrong: dict[str, Any], field: str, problem: str, loopback: Loopback, bench: Bench
) -> None:
    rows = [{**ROW, "Balances": [{**BALANCE, **wrong}]}, {**ROW, "EmployeeCode": "1002"}]
    (page,) = scripted(loopback, bench, listing(rows)).balances(JAN_4)
    bad: list[BadRow] = []
    assert [row.employee_code for row in page.take(bad)] == ["1002"]
    assert bad == [BadRow("1001", "1001", field, problem)]


def test_days_with_a_time_are_days(served: Served) -> None:
    served.put("timeworksplus", {**STATE, "settings": [{"timePart": True}]})
    (page,) = served.client.balances(JAN_4)
    row = page.take([])[0]
    assert (row.as_of_date, row.balances[1].expires) == (JAN_4, date(2026, 3, 31))
    periods = served.client.periods(DEC_21, JAN_4).take([])
    assert [(one.end_date, one.is_finalized, one.is_accepted) for one in periods] == [
        (DEC_21, True, True),
        (JAN_4, False, False),
    ]


@pytest.mark.requirement("AC-4")
def test_a_span_tells_where_balances_stood_and_whether_they_are_hidden(served: Served) -> None:
    (page,) = served.client.activity(DEC_21, JAN_4, ["1001"])
    row = page.take([])[0]
    told = [(one.category, one.amount, one.is_hidden, one.expires) for one in row.starting_values]
    expires = date(2026, 3, 31)
    assert told == [("Sick", Decimal("24.5"), False, None), ("Vacation", Decimal("36.92"), True, expires)]
    assert [one.amount for one in row.ending_values] == [Decimal("16.5"), Decimal("36.92")]
    (day,) = row.days
    assert (day.category, day.date, day.amount) == ("Sick", date(2025, 12, 30), Decimal("16.5"))
    assert [len(page) for page in served.client.activity(DEC_21, JAN_4, ["9999"])] == [0]


def test_rules_are_what_they_list_and_none_where_there_is_none(served: Served) -> None:
    rules = of_site([{"Name": "AccrueUpScript", "Script": "", "Categories": ["Sick"]}])
    served.put("timeworksplus", {**STATE, "accruals": [], "usage": [], "processingrules": rules})
    up, down = (served.client.rule(name) for name in ("AccrueUpScript", "AccrueDownScript"))
    assert (up and up.categories, up and up.script, down) == (("Sick",), "", None)


@pytest.mark.requirement("RUN-4")
def test_too_many_calls_are_right_again_after_a_minute_if_nothing_is_said(
    loopback: Loopback, bench: Bench
) -> None:
    client = scripted(loopback, bench, reply({"Message": "slow down"}, 429))
    new = NewBalance("1001", "Sick", Decimal(26), JAN_4)
    for call in (client.categories, lambda: list(client.employees()), lambda: client.set_balances([new])):
        with pytest.raises(RetryLater) as later:
            call()
        assert type(later.value) is RetryLater
        assert (later.value.seconds, later.value.named) == (60, True)
    assert bench.pauses == []


# --- writing ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-4")
def test_balances_go_out_in_one_call_hidden_and_expiring_as_they_were(
    loopback: Loopback, bench: Bench
) -> None:
    rejected = {"id": "1002", "category": "Sick", "effective": "2026-01-04T00:00:00", "Message": "Nobody."}
    client = scripted(loopback, bench, reply({"Accepted": 1, "Rejected": [rejected]}))
    expires = date(2026, 3, 31)
    rows = [
        NewBalance("1001", "Vacation", Decimal("40.00"), JAN_4, is_hidden=True, expires=expires),
        NewBalance("1002", "Sick", Decimal("-0.10"), JAN_4, is_hidden=False),
    ]
    assert client.set_balances(rows) == [Refused("1002", "Sick", "2026-01-04", "Nobody.")]
    assert loopback.seen[0].body == [
        {
            "id": "1001",
            "category": "Vacation",
            "value": "40.00",
            "effective": "2026-01-04",
            "isHidden": True,
            "expires": "2026-03-31",
        },
        {
            "id": "1002",
            "category": "Sick",
            "value": "-0.10",
            "effective": "2026-01-04",
            "isHidden": False,
        },
    ]
    assert client.set_balances([]) == []
    assert len(loopback.seen) == 1
    with pytest.raises(ValueError, match="500"):
        client.set_balances(rows[:1] * 501)


@pytest.mark.requirement("AC-5")
def test_a_finalized_period_refuses_all_of_a_call(served: Served) -> None:
    sick = NewBalance("1001", "Sick", Decimal("26.00"), JAN_4)
    assert served.client.set_balances([sick]) == []
    nobody = replace(sick, employee_code="9999")
    refused = served.client.set_balances([sick, nobody])
    assert [(one.employee_code, one.category, one.effective) for one in refused] == [
        ("9999", "Sick", "2026-01-04")
    ]
    with pytest.raises(Rejected) as refusal:
        served.client.set_balances([sick, replace(sick, effective=DEC_21)])
    assert (refusal.value.code, "finalized" in refusal.value.message) == (FINALIZED, True)
    with pytest.raises(Rejected, match="PTO") as unknown:
        served.client.set_balances([replace(sick, category="PTO")])
    assert unknown.value.code == "400"
    (page,) = served.client.balances(JAN_4)
    assert page.take([])[0].balances[0].amount == 26


# --- against the sandbox ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [500, 503, "reset"])
def test_trouble_is_for_later(fault: int | str, served: Served) -> None:
    served.client.organisation()
    served.faults("timeworksplus", errors=[fault])
    with pytest.raises(RetryLater):
        list(served.client.employees())


def test_every_row_of_the_seed_can_be_used(served: Served) -> None:
    state = timeworksplus_state()
    served.put("timeworksplus", state)
    for site in ("51234", "51235"):
        client = served.connected({**PARTNER, "site_id": Secret(site)})
        bad: list[BadRow] = []
        people = [row for row in state["employees"] if row["siteId"] == site]
        balances = [row for page in client.balances(JAN_4) for row in page.take(bad)]
        spans = [row for page in client.activity(DEC_7, JAN_4) for row in page.take(bad)]
        employees = [row for page in client.employees() for row in page.take(bad)]
        assert len(balances) == len(spans) == len(employees) == len(people)
        assert len(client.periods(date(2025, 1, 1), date(2026, 12, 31)).take(bad)) == len(
            [row for row in state["payperiods"] if row["siteId"] == site]
        )
        up = client.rule("AccrueUpScript")
        assert up
        assert [one.category for one in client.categories().take(bad)] == list(up.categories)
        assert bad == []


@pytest.mark.requirement("SEC-3")
def test_the_sign_in_has_a_host_of_its_own(bench: Bench) -> None:
    row = system("timeworksplus")
    client: Any = row.connect(row.base_url, PARTNER, bench.options)
    assert client.addresses == (row.base_url, "https://clock.payrollservers.us")
