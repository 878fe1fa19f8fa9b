"""A person's payroll report: who may read it, at this very moment, and how it is shown (REP-2)."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest

from payrelay.domain.runs import ConnectionStatus
from payrelay.domain.sensitive import Secret
from payrelay.flows.report_pull.rules import (
    NOBODY_NAMED,
    NONE_OF_THESE,
    NOT_ACTIVE,
    OWN_ONLY,
    SEVERAL,
    UNKNOWN,
    Refusal,
)
from tests.worlds.api import Reply
from tests.worlds.reports_api import FEBRUARY, JANUARY, Delft

pytestmark = pytest.mark.requirement("REP-2")

GROSS, TAX, NET = ("Brutoloon", "3025.00"), ("Loonheffing", "-848.34"), ("Nettoloon", "2176.66")


@pytest.fixture
def ruben(delft: Delft) -> Delft:
    """With two reports of 2012, of which the older one was corrected."""
    pay = {"BRUTOLOON": GROSS, "NETTOLOON": NET, "LOONHEFFING": TAX}
    delft.keep(2012, JANUARY, 1, pay)
    delft.keep(2012, FEBRUARY, 1, pay)
    more = {"BRUTOLOON": ("Brutoloon", "3175.00"), "NETTOLOON": ("Nettoloon", "3175.00")}
    delft.keep(2012, JANUARY, 2, more)
    return delft


def refused(reply: Reply, why: Refusal | None = None) -> bool:
    """Whether it is the answer to whoever has no rights, with the condition that fails."""
    if reply.status != 403:
        return False
    why = why or NONE_OF_THESE
    body = {
        "type": "urn:payrelay:problem:no-rights",
        "title": "No rights",
        "status": 403,
        "detail": f"No rights: {why.condition}.",
        "code": "NO_RIGHTS",
        "remedy": why.remedy,
    }
    assert reply.json == body
    assert reply.headers["Content-Type"] == "application/problem+json"
    return True


# --- who may read it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "reader", "read_as"),
    [
        (2012, 2012, "self"),
        (2012, 2002, "manager"),  # who has the HR role, too
        (2014, 2002, "hr"),
        (2001, 2002, "hr"),
        (2002, 2001, "manager"),
        (2040, 2002, "hr"),  # who has left
        (2020, 2020, "self"),  # their own manager
        (2021, 2022, "manager"),  # each is the other's
        (2022, 2021, "manager"),
    ],
)
def test_hr_the_immediate_manager_and_the_person_may_read(
    delft: Delft, person: int, reader: int, read_as: str
) -> None:
    reply = delft.read(person, reader)

    assert reply.status == 200, reply.text
    assert (reply.json["person_id"], reply.json["read_as"]) == (str(person), read_as)
    assert reply.json["items"] == []


@pytest.mark.parametrize(
    ("person", "reader"),
    [
        (2012, 2013),  # a colleague of the same manager
        (2002, 2012),  # their manager
        (2012, 2001),  # the manager's manager
        (2020, 2003),  # who would be their manager, were they not their own
        (2021, 2020),
        (2021, 2004),
        (2038, 2013),  # who is not shown to anybody
        (2099, 2013),  # nobody
        (9999, 2013),
        ("x", 2013),
        ("02012", 2013),
        ("2013%20or%20ID%20gt%200", 2013),
    ],
)
def test_anybody_else_has_no_rights_and_learns_nothing(delft: Delft, person: object, reader: int) -> None:
    delft.calls()
    assert refused(delft.read(person, reader))
    if isinstance(person, int):
        assert delft.calls() == ["list Resource", "list RoleMember", "list Resource"], (
            "the same for everybody"
        )


@pytest.mark.requirement("LB-12")
@pytest.mark.parametrize(
    ("person", "reader", "theirs"),
    [(2012, 2012, True), (2002, 2002, True), (2012, 2002, False), (2014, 2002, False), (2012, 2013, False)],
    ids=["their own", "their own, of HR", "as their manager", "as HR", "a colleague's"],
)
def test_with_the_role_employee_people_read_their_own_and_no_other(
    delft: Delft, person: int, reader: int, theirs: bool
) -> None:
    """(faults H3)"""
    reply = delft.read(person, reader, role="employee")
    assert reply.json.get("read_as") == "self" if theirs else refused(reply, OWN_ONLY)


@pytest.mark.requirement("LB-12")
@pytest.mark.parametrize("role", ["employee", "viewer", "admin"])
def test_me_is_the_reader_and_nobody_without_an_address_of_theirs(delft: Delft, role: str) -> None:
    reply = delft.read("me", 2012, role=role)
    assert (reply.json["person_id"], reply.json["read_as"]) == ("2012", "self")
    assert refused(delft.read("me", "nobody@demo.example", role=role), UNKNOWN)


def test_roles_of_payrelay_give_no_right(delft: Delft) -> None:
    assert refused(delft.read(2012, 2013, role="admin"))
    assert refused(delft.read(2012, "nobody@demo.example", role="admin"), UNKNOWN)


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False, "cognito:username": "admin@demo.example"},
        {"email": "", "username": "admin@demo.example"},
        {"email": "", "sub": "admin@demo.example"},
    ],
)
def test_only_a_verified_email_names_a_person(delft: Delft, claims: dict[str, Any]) -> None:
    assert delft.read(2001, 2001).status == 200
    assert refused(delft.read(2001, 2001, claims=claims), NOBODY_NAMED)


def test_an_address_is_found_in_any_case(delft: Delft) -> None:
    assert delft.read(2001, "Admin@Demo.Example").json["read_as"] == "self"


@pytest.mark.parametrize("status", ["I", "H", "F"])
def test_a_person_reads_their_own_whatever_their_status_and_nobody_elses(delft: Delft, status: str) -> None:
    """Whoever has left may want their last slip (faults H4)."""
    assert delft.read(2040, 2040).json["read_as"] == "self"
    delft.card(2002, EmployeeStatus=status)
    assert delft.read(2002, 2002).json["read_as"] == "self"
    for person in (2012, 2014, 2099, "x"):  # as a manager, with the role HR, and of nobody
        assert refused(delft.read(person, 2002), NOT_ACTIVE)


def test_an_address_of_two_people_is_nobodys(delft: Delft) -> None:
    delft.card(2013, Email=delft.email(2002))
    assert refused(delft.read(2012, 2002), SEVERAL)
    assert refused(delft.read(2013, 2002), SEVERAL)


def test_a_change_of_manager_counts_at_once(delft: Delft) -> None:
    assert delft.read(2014, 2003).json["read_as"] == "manager"
    assert refused(delft.read(2014, 2004))

    delft.card(2014, ManagerID=2004)

    assert refused(delft.read(2014, 2003))
    assert delft.read(2014, 2004).json["read_as"] == "manager"


def test_a_role_that_is_withdrawn_counts_at_once(delft: Delft) -> None:
    assert delft.read(2014, 2002).json["read_as"] == "hr"
    delft.without_role(2002, "HR")
    assert refused(delft.read(2014, 2002))

    assert delft.read(2014, 2014).status == 200
    delft.without_role(2014, "PAYROLLPLUS")
    assert delft.read(2014, 2014).status == 404


# --- what is not shown --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "reader", "words"),
    [
        (2038, 2002, "not shown for people without the Payroll Plus employee role"),
        (2038, 2038, "not shown for people without the Payroll Plus employee role"),
        (2038, 2006, "not shown for people without the Payroll Plus employee role"),
        (2099, 2002, "no person 2099"),
        ("x", 2002, "no person x"),
        ("2012x", 2002, "no person 2012x"),
    ],
)
def test_those_with_rights_are_told_why_nothing_is_shown(
    delft: Delft, person: object, reader: int, words: str
) -> None:
    delft.keep(2099, JANUARY, 1, {"NETTOLOON": NET})
    reply = delft.read(person, reader)
    assert (reply.status, reply.code) == (404, "NOT_FOUND")
    assert words in reply.json["detail"]


@pytest.mark.requirement("CON-4")
def test_another_tenant_and_another_kind_have_no_such_report(delft: Delft) -> None:
    foreign = delft.read(2012, 2012, tenant="other")
    assert (foreign.status, foreign.json["detail"]) == (404, "There is no connection with this id.")
    other = delft.world.connected()
    assert delft.read(2012, 2012, connection_id=other).status == 404
    assert delft.read(2012, 2012, connection_id="con_1").status == 404


def test_a_connection_that_is_not_connected_says_so(delft: Delft) -> None:
    delft.world.set_status(delft.connection_id, ConnectionStatus.NOT_CONNECTED)
    assert delft.read(2012, 2012).code == "NOT_CONNECTED"


def test_while_synergy_is_silent_nobody_reads_anything(ruben: Delft) -> None:
    ruben.faults("synergy", error_rate=1.0, errors=[503])
    reply = ruben.read(2012, "viewer@demo.example")
    assert (reply.status, reply.code) == (503, "SYSTEM_UNREACHABLE")
    assert "3025" not in reply.text


# --- as JSON ------------------------------------------------------------------------------------------------


def test_the_report_has_the_newest_period_first_and_what_it_was_before(ruben: Delft) -> None:
    reply = ruben.read(2012, 2012)

    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Vary"] == "Accept"
    assert reply.json["name"] == "Ruben Meijer"
    february, january = reply.json["items"]
    assert (february["period"], february["version"], february["former"]) == (FEBRUARY, 1, [])
    assert february["components"] == [
        {"component": "BRUTOLOON", "description": "Brutoloon", "amount": "3025.00"},
        {"component": "LOONHEFFING", "description": "Loonheffing", "amount": "-848.34"},
        {"component": "NETTOLOON", "description": "Nettoloon", "amount": "2176.66"},
    ]
    assert (january["period"], january["version"]) == (JANUARY, 2)
    assert [one["amount"] for one in january["components"]] == ["3175.00", "3175.00"]
    assert [one["version"] for one in january["former"]] == [1]
    assert january["former"][0]["components"] == february["components"]


def test_a_person_is_found_by_their_id_with_zeros_in_front(ruben: Delft) -> None:
    """(faults B6)"""
    reply = ruben.read("002012", 2012)
    assert (reply.status, len(reply.json["items"]), reply.json["person_id"]) == (200, 2, "2012")


def test_two_rows_of_one_component_are_two_rows_of_the_report(delft: Delft) -> None:
    """As JSON and as a page (faults F4)."""
    delft.keep(2012, JANUARY, 1, {"NETTOLOON": NET})
    bonus = (("Bonus", Secret("500.00")), ("Bonus, spring", Secret("250.00")))
    delft.keep(2012, JANUARY, 2, {"NETTOLOON": NET}, BONUS=bonus)

    (january,) = delft.read(2012, 2012).json["items"]

    assert [(one["component"], one["amount"]) for one in january["components"]] == [
        ("BONUS", "500.00"),
        ("BONUS", "250.00"),
        ("NETTOLOON", "2176.66"),
    ]
    page = delft.read(2012, 2012, headers=BROWSER).text
    assert page.index("500.00") < page.index("250.00") < page.index("2176.66")


def test_one_period_alone(ruben: Delft) -> None:
    (only,) = ruben.read(2012, 2012, f"?period={JANUARY}").json["items"]
    assert (only["period"], len(only["former"])) == (JANUARY, 1)
    assert ruben.read(2012, 2012, "?period=2025-11").json["items"] == []
    for wrong in ("?period=2026", "?period=2026-01%23", "?year=2026"):
        assert ruben.read(2012, 2012, wrong).code == "BAD_REQUEST"


# --- as a page ----------------------------------------------------------------------------------------------

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_whoever_prefers_a_page_gets_one_that_loads_and_runs_nothing(ruben: Delft) -> None:
    reply = ruben.read(2012, 2012, headers=BROWSER)

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Vary"] == "Accept, Accept-Encoding"
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "script" not in policy + reply.text
    assert "http" not in reply.text
    assert reply.text.startswith("<!doctype html>")
    assert reply.text.index(FEBRUARY) < reply.text.index(JANUARY)
    assert "corrected, version 2" in reply.text
    for amount in ("3175.00", "3025.00", "-848.34"):
        assert amount in reply.text
    assert "undefined" not in reply.text.lower()


def test_every_text_of_the_page_is_escaped(delft: Delft) -> None:
    delft.card(2012, FullName='<b>Ruben</b> "& Zn"')
    delft.keep(2012, JANUARY, 1, {"<i>X": ("</td><script>alert(1)</script>", "1.00")})

    text = delft.read(2012, 2012, headers=BROWSER).text

    assert "&lt;b&gt;Ruben&lt;/b&gt; &#34;&amp; Zn&#34;" in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "<script" not in text


def test_a_page_before_the_first_pull_and_one_of_somebody_taken_out(delft: Delft) -> None:
    assert "There is no report yet" in delft.read(2012, 2012, headers=BROWSER).text
    delft.keep(2012, JANUARY, 1, {"NETTOLOON": NET})
    delft.keep(2012, JANUARY, 2, {})
    assert "no longer in the report" in delft.read(2012, 2012, headers=BROWSER).text


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html, application/json", False),
        ("text/html;q=0.9, application/json", False),
        ("application/json;q=0.9, text/html", True),
        ("TEXT/HTML", True),
        ("text/*", True),
        ("text/html;q=0, */*", False),
        ("text/html;q=2", False),
        ("text/html;q=nan", False),
        (";,;q=,", False),
    ],
)
def test_json_is_answered_unless_a_page_is_preferred(delft: Delft, accept: str, page: bool) -> None:
    reply = delft.read(2012, 2012, headers={"accept": accept})
    assert reply.headers["Content-Type"].startswith("text/html") == page


def test_problems_are_problems_for_a_browser_too(delft: Delft) -> None:
    assert refused(delft.read(2012, 2013, headers=BROWSER))
    assert delft.read(2038, 2002, headers=BROWSER).code == "NOT_FOUND"


# --- who read it --------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-6", "SEC-1")
def test_the_log_says_who_read_whose_report_and_no_amount(ruben: Delft, logs: StringIO) -> None:
    ruben.read(2012, 2002)
    ruben.read(2012, 2013)
    ruben.read(2012, "nobody@demo.example", headers=BROWSER)
    ruben.world.call("GET", "/health")

    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    told = [
        (line["message"], line["person_id"], line.get("reader_id"), line.get("read_as"))
        for line in lines
        if line["message"].startswith("payroll report")
    ]
    assert told == [
        ("payroll report read", "2012", 2002, "manager"),
        ("payroll report refused", "2012", 2013, None),
        ("payroll report refused", "2012", None, None),
    ]
    assert "person_id" not in lines[-1], "the next call says nothing of this one"
    for secret in ("3025", "848.34", "2176.66", "Ruben", "nobody@"):
        assert secret not in logs.getvalue()


@pytest.mark.requirement("REP-1", "CON-2")
def test_a_licence_that_is_put_in_connects_it(delft: Delft) -> None:
    """As the remedy of LICENCE_MISSING says."""
    where = f"/connections/{delft.connection_id}"
    delft.edit("synergy", "License", {"Code": "YA1740"}, Active=False)
    refused = delft.world.call("POST", f"{where}/connect")
    assert (refused.status, refused.code) == (409, "LICENCE_MISSING")
    assert "put the licence file into Exact Synergy, and connect again" in refused.json["remedy"]
    assert delft.world.call("GET", where).json["reason"]["code"] == "LICENCE_MISSING"
    delft.edit("synergy", "License", {"Code": "YA1740"}, Active=True)
    assert delft.world.call("POST", f"{where}/connect").json["status"] == "connected"
    assert delft.world.start(delft.connection_id, flow="report_pull")
