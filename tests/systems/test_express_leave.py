"""Express Leave's client: the company, its users, and what its key opens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, Rejected, RetryLater
from payrelay.systems.express_leave.client import ExpressLeaveClient
from payrelay.systems.express_leave.models import RANKS, Company, sees
from payrelay.systems.registry import system
from payrelay.systems.rows import BadRow
from tests.systems.conftest import Bench
from tests.systems.express_leave_answers import COMPANY, USER, listing, refused, user
from tests.systems.loopback import RESET, Loopback, Reply, reply
from tests.worlds.listed import bad, usable
from tests.worlds.structs import replace

BASE = "/el/api/v1/companies/c-9"

OWN = ("UserId", "WelcomeEmailSentAt", "Version")
WHOLE = {name: value for name, value in USER.items() if name not in OWN}


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> ExpressLeaveClient:
    return ExpressLeaveClient(f"{loopback.origin}/el", "c-9", Secret("the-key"), options=bench.options)


# --- the company -----------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize("base", ["/el", "/el/", "/el/api/v1", "/el/api/v1/"])
def test_the_company_is_asked_for_with_its_key(base: str, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply(COMPANY))

    client = ExpressLeaveClient(loopback.origin + base, "c-9", Secret("the-key"), options=bench.options)

    assert client.organisation() == "Acme"
    (seen,) = loopback.seen
    assert (seen.method, seen.path) == ("GET", f"{BASE}/")
    assert seen.headers["X-Api-Key"] == "the-key"


@pytest.mark.parametrize(
    ("changes", "company"),
    [
        ({}, Company("c-9", "Acme", True, "org-17", "Acme Pty Ltd", "2026-01-05T22:00:10Z")),
        ({"Connection": {"Connected": False}, "LastSyncAt": None}, Company("c-9", "Acme", False)),
    ],
)
def test_the_company_says_what_it_is_connected_to(
    changes: dict[str, Any], company: Company, client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(reply(COMPANY | changes))

    assert client.company() == company


def test_connect_and_disconnect_are_the_buttons_and_their_confirmation(
    client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(reply({"Connected": True}, 201), Reply(204, b""))

    client.connect_organisation("org-17", "Acme Pty Ltd")
    client.disconnect_organisation()

    connected, disconnected = loopback.seen
    assert (connected.method, connected.path) == ("POST", f"{BASE}/connection")
    assert connected.body == {"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"}
    assert (disconnected.method, disconnected.path) == ("DELETE", f"{BASE}/connection")
    assert (disconnected.params, disconnected.body) == ([("confirm", "Yes")], None)


@pytest.mark.parametrize(("company", "key"), [("", "k"), (".", "k"), ("..", "k"), ("c-9", "")])
def test_a_company_or_key_that_can_not_be_one_is_refused(company: str, key: str, bench: Bench) -> None:
    row = system("express_leave")

    with pytest.raises(CredentialsRefused, match="id and API key"):
        row.connect(row.base_url, {"company_id": Secret(company), "api_key": Secret(key)}, bench.options)


# --- users -----------------------------------------------------------------------------------------------


def test_users_are_read_page_by_page_of_payroll_or_not(
    client: ExpressLeaveClient, loopback: Loopback
) -> None:
    by_hand = USER | {"UserId": "u-2", "PayrollUser": "", "Location": None, "DefaultApprover": None}
    loopback.answers(listing([USER, by_hand], "next-1"), listing([]))

    first = client.users()
    last = client.users(first.next)

    assert [(seen.path, dict(seen.params)) for seen in loopback.seen] == [
        (f"{BASE}/users", {"limit": "200"}),
        (f"{BASE}/users", {"limit": "200", "after": "next-1"}),
    ]
    assert (bad(first.rows), usable(last.rows), last.next) == ([], [], None)
    mia, other = usable(first.rows)
    assert (mia.user_id, mia.employee_id, mia.name, mia.email) == (
        "u-77",
        "E0042",
        "Mia Chen",
        "mia@acme.example",
    )
    assert (mia.hours, mia.user_type, mia.payroll, mia.version) == (Decimal("7.60"), RANKS[1], True, 4)
    assert (mia.location, mia.country, mia.state, mia.default_approver) == (
        "Sydney",
        "Australia",
        "NSW",
        "u-1",
    )
    assert (other.payroll, other.location, other.default_approver) == (False, None, None)
    assert "Mia" not in repr(first)


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        (
            {"Hours": 7.6},
            "Hours",
            "is not hours as text with two to four decimals, such as 107.4512",
        ),
        (
            {"Hours": "7.6"},
            "Hours",
            "is not hours as text with two to four decimals, such as 107.4512",
        ),
        ({"PayrollUser": "No"}, "PayrollUser", "Invalid enum value 'No'"),
        (
            {"UserType": "Guest"},
            "UserType",
            f"is 'Guest', and none of: {', '.join(RANKS)}",
        ),
        ({"Version": "4"}, "Version", "Expected `int`, got `str`"),
    ],
)
def test_a_user_who_can_not_be_used_says_which_and_why(
    changes: dict[str, Any], field: str, problem: str, client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(listing([USER | changes, USER | {"UserId": "u-2"}]))

    page = client.users()

    assert [row.user_id for row in usable(page.rows)] == ["u-2"]
    assert bad(page.rows) == [BadRow("u-77", "E0042", field, problem)]


def test_a_user_who_is_gone_is_none(client: ExpressLeaveClient, loopback: Loopback) -> None:
    loopback.answers(reply(USER), refused(404, "NotFound"), Reply(404, b"<html>"))

    assert usable(client.user("u/77")) == [user()]
    assert usable(client.user("u-78")) == []
    assert loopback.seen[0].path == f"{BASE}/users/u%2F77"
    with pytest.raises(Rejected):
        client.user("u-79")


def test_a_user_is_added_with_the_fields_given(client: ExpressLeaveClient, loopback: Loopback) -> None:
    fields = {name: USER[name] for name in ("EmployeeId", "Name", "Email", "Hours", "UserType")}
    loopback.answers(reply(USER, 201))

    assert client.add_user({**fields, "PayrollUser": "Yes", "Location": None}) == user()

    (seen,) = loopback.seen
    assert (seen.method, seen.path) == ("POST", f"{BASE}/users")
    assert seen.body == {**fields, "PayrollUser": "Yes", "Location": None}


def test_a_user_is_changed_whole_on_the_version_that_was_read(
    client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(reply(USER | {"Hours": "8.00", "Version": 5}))

    after = client.change_user("u-77", 4, WHOLE | {"Hours": "8.00", "Location": None})

    (seen,) = loopback.seen
    assert (seen.method, seen.path, seen.headers["If-Match"]) == ("PUT", f"{BASE}/users/u-77", "4")
    assert seen.body == WHOLE | {"Hours": "8.00", "Location": None}
    assert (after.hours, after.version) == (Decimal("8.00"), 5)


def test_a_field_that_is_not_known_is_not_sent(client: ExpressLeaveClient) -> None:
    for write in (
        lambda: client.add_user({"name": "x"}),
        lambda: client.change_user("u-77", 4, {"name": "x"}),
    ):
        with pytest.raises(ValueError, match="not written with name"):
            write()


@pytest.mark.parametrize(
    ("status", "code"),
    [(412, "VersionMismatch"), (409, "DuplicateEmail"), (409, "DuplicateEmployeeId"), (400, "Other")],
)
def test_a_refused_user_is_known_by_its_code(
    status: int, code: str, client: ExpressLeaveClient, loopback: Loopback
) -> None:
    loopback.answers(refused(status, code, "Email"))

    for write in (
        lambda: client.change_user("u-77", 4, WHOLE),
        lambda: client.add_user({"Email": "a@b.example"}),
    ):
        with pytest.raises(Rejected) as refusal:
            write()
        assert (refusal.value.code, refusal.value.message) == (code, f"Said {code}. (Email)")


@pytest.mark.requirement("SEC-1")
def test_no_message_repeats_what_is_personal(client: ExpressLeaveClient, loopback: Loopback) -> None:
    body = {"Error": {"Code": "DuplicateEmail", "Message": "Mia Chen has mia@acme.example, too."}}
    loopback.answers(reply(body, 409))

    with pytest.raises(Rejected) as refusal:
        client.change_user("u-77", 4, WHOLE)
    assert refusal.value.message == "***** has *****, too."


def test_who_sees_what_is_visible_to_a_level() -> None:
    seen = {level: [kind for kind in RANKS if sees(level, kind)] for level in RANKS}

    assert seen["Non-Employee"] == list(RANKS)
    assert seen["Employee (Approver)"] == ["Employee (Approver)", "HR Manager", "Administrator"]
    assert seen["Administrator"] == ["Administrator"]


# --- errors and limits -----------------------------------------------------------------------------------


def test_a_write_waits_for_the_calls_a_second_twice_and_no_longer(
    client: ExpressLeaveClient, loopback: Loopback, bench: Bench
) -> None:
    busy = refused(429, "RateLimited", Retry_After="1")
    loopback.answers(busy, busy, reply(USER), busy)

    assert client.change_user("u-77", 4, WHOLE) == user()
    assert bench.pauses == [1, 1]
    with pytest.raises(RetryLater) as later:
        client.change_user("u-77", 4, WHOLE)
    assert (type(later.value), later.value.named, len(loopback.seen)) == (RetryLater, True, 6)


@pytest.mark.requirement("RUN-5")
def test_a_write_does_not_wait_for_what_may_have_been_done(
    client: ExpressLeaveClient, loopback: Loopback, bench: Bench
) -> None:
    for lost in (RESET, refused(503, "Unavailable", Retry_After="1")):
        loopback.answers(lost)
        with pytest.raises(OutcomeUnknown):
            client.add_user({"Email": "a@b.example"})
    assert (len(loopback.seen), bench.pauses) == (2, [])


def test_ten_calls_a_second_are_not_exceeded(loopback: Loopback, bench: Bench) -> None:
    options = replace(bench.options, paced=True, clock=lambda: 0.0)
    client = ExpressLeaveClient(loopback.origin, "c-9", Secret("the-key"), options=options)
    loopback.answers(listing([]))

    for _ in range(10):
        client.users()

    assert bench.pauses == [1.0]
