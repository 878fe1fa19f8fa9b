"""Exact Synergy's client: the licence, persons, roles, and what it makes of refusals."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected, RetryLater
from payrelay.systems.registry import renewal
from payrelay.systems.rows import BadRow
from payrelay.systems.synergy.client import SynergyClient
from payrelay.systems.synergy.models import Person
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.worlds.rows import taken

BASE = "/Synergy/services/Exact.Entity.REST.svc"
HANNEKE: dict[str, Any] = {
    "__metadata": {
        "id": "Resource(1042)",
        "uri": "Resource(1042)",
        "type": "Exact.Metadata.Entity.Resource",
    },
    "ID": 1042,
    "FullName": "Hanneke van Schaik",
    "Email": "hanneke@delft.example",
    "ManagerID": 1001,
    "EmployeeType": "E",
    "EmployeeStatus": "A",
    "CountryCode": "NL",
}
LICENCE: dict[str, Any] = {"Code": "YA1740", "Option": 36, "Active": True}
PAYROLL = "         PAYROLLPLUS"


@pytest.fixture
def client(loopback: Loopback, bench: Bench) -> SynergyClient:
    return connected(f"{loopback.origin}/Synergy", bench)


def connected(base_url: str, bench: Bench, user: str = "pay", password: str = "pass word") -> SynergyClient:
    return SynergyClient(base_url, Secret(user), Secret(password), options=bench.options)


def listing(*rows: object, following: str | None = None) -> Reply:
    return reply({"d": {"results": list(rows), **({"__next": following} if following else {})}})


def member(resource_id: int, code: str = PAYROLL) -> dict[str, Any]:
    return {"ResourceID": resource_id, "RoleCode": code}


def refused(status: int, words: str = "No property x exists.", **headers: str) -> Reply:
    error = {"code": "", "message": {"lang": "nl-NL", "value": words}}
    return reply({"error": error}, status, **headers)


# --- the licence -----------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize("base", ["/Synergy", "/Synergy/", BASE, f"{BASE}/"])
def test_the_licence_is_asked_for_with_user_and_password(base: str, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(listing(LICENCE | {"Option": 12}, LICENCE))

    assert connected(loopback.origin + base, bench).organisation() == "Exact Synergy with licence YA1740"
    (seen,) = loopback.seen
    assert (seen.method, seen.path) == ("GET", f"{BASE}/License")
    assert seen.params == [("$filter", "Code eq 'YA1740'"), ("$select", "Code,Option,Active")]
    assert seen.headers["Authorization"] == "Basic cGF5OnBhc3Mgd29yZA=="
    assert seen.headers["Accept"] == "application/json"


@pytest.mark.parametrize("rows", [[], [LICENCE | {"Active": False}], [LICENCE | {"Option": 35}]])
def test_without_the_licence_a_person_has_to_see_to_it(
    rows: list[dict[str, Any]], client: SynergyClient, loopback: Loopback
) -> None:
    loopback.answers(listing(*rows))

    with pytest.raises(NeedsAttention) as missing:
        client.organisation()
    assert missing.value.code == "LICENCE_MISSING"
    assert "licence YA1740 with option 36 is needed" in missing.value.remedy


@pytest.mark.parametrize(
    ("user", "password"), [("", "x"), ("x", ""), ("a:b", "x"), ("x", "tøken"), ("x", "a\nb")]
)
def test_a_user_who_can_not_be_one_is_refused(user: str, password: str, bench: Bench) -> None:
    with pytest.raises(CredentialsRefused, match="user name"):
        connected("https://synergy.exactsynergy.nl/Synergy", bench, user, password)


# --- persons ---------------------------------------------------------------------------------------------


def test_a_person_is_read_without_what_is_nobodys_business(client: SynergyClient, loopback: Loopback) -> None:
    loopback.answers(listing(HANNEKE), listing())

    person = client.person(1042)

    assert person == Person(
        id=1042,
        full_name="Hanneke van Schaik",
        email="hanneke@delft.example",
        manager_id=1001,
        employee_type="E",  # type: ignore[arg-type]  # equal to the code
        employee_status="A",  # type: ignore[arg-type]
        country="NL",  # type: ignore[arg-type]
    )
    assert repr(person) == "Person(id=1042)"
    assert client.person(17) is None
    assert (loopback.seen[0].path, loopback.seen[0].params) == (
        f"{BASE}/Resource",
        [
            ("$filter", "ID eq 1042"),
            ("$select", "ID,FullName,Email,ManagerID,EmployeeType,EmployeeStatus,CountryCode"),
        ],
    )


def test_what_a_person_card_does_not_say_is_none(client: SynergyClient, loopback: Loopback) -> None:
    blank = {"Email": None, "ManagerID": None, "CountryCode": None, "EmployeeType": " C "}
    loopback.answers(listing(HANNEKE | blank))

    person = client.person(1042)

    assert person
    assert (person.email, person.manager_id, person.country, person.employee_type) == (None, None, None, "C")


def test_an_address_with_a_quote_is_a_text_and_no_filter(client: SynergyClient, loopback: Loopback) -> None:
    mine = [HANNEKE | {"ID": n, "Email": "O'Brien@delft.example"} for n in (1, 2)]
    loopback.answers(listing(*mine))

    found = client.person_by_email(" o'brien@delft.example ")

    assert [person.id for person in found] == [1, 2]
    assert dict(loopback.seen[0].params)["$filter"] == "Email eq 'o''brien@delft.example'"


def test_nobody_has_an_empty_address(client: SynergyClient, loopback: Loopback) -> None:
    assert client.person_by_email(" ") == []
    assert loopback.seen == []


def test_people_are_asked_for_forty_at_a_time(client: SynergyClient, loopback: Loopback) -> None:
    ids = [*range(100), 5]
    rows = [HANNEKE | {"ID": n} for n in range(100)]
    loopback.answers(listing(*rows[:40]), listing(*rows[40:80]), listing(*rows[80:99]))

    people, _ = taken(client.people(ids))

    assert [person.id for person in people] == list(range(99))
    wanted = [dict(seen.params)["$filter"].split(" or ") for seen in loopback.seen]
    assert [len(part) for part in wanted] == [40, 40, 20]
    assert wanted[2][-1] == "ID eq 99"
    assert len(client.people([])) == 0
    assert len(loopback.seen) == 3


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"FullName": None}, "FullName", "Expected `str`, got `null`"),
        ({"EmployeeStatus": 1}, "EmployeeStatus", "is not a text"),
        ({"ManagerID": "1001"}, "ManagerID", "Expected `int | null`, got `str`"),
        ({"ManagerID": 2**31}, "ManagerID", "Expected `int` <= 2147483647"),
    ],
)
def test_a_person_who_can_not_be_used_says_which_and_why(
    changes: dict[str, Any], field: str, problem: str, client: SynergyClient, loopback: Loopback
) -> None:
    loopback.answers(listing(HANNEKE | {"ID": 1}, HANNEKE | changes))

    people, bad = taken(client.people([1, 1042]))

    assert [person.id for person in people] == [1]
    assert bad == [BadRow("1042", "1042", field, problem)]
    loopback.answers(listing(HANNEKE | changes))
    for read in (lambda: client.person(1042), lambda: client.person_by_email("hanneke@delft.example")):
        with pytest.raises(RetryLater, match=r"unreadable answer: \w+ .* \(of 1042\)"):
            read()


# --- roles -----------------------------------------------------------------------------------------------


def test_members_are_read_from_all_pages_with_a_padded_code(
    client: SynergyClient, loopback: Loopback
) -> None:
    # The links lead elsewhere, and ask for other things: only their place counts.
    links = [f"https://evil.example/Resource?$filter=x&$skiptoken={token}" for token in ("guid'7'", "8%209")]
    loopback.answers(
        listing(member(1), member(2), following=links[0]),
        listing(member(2), following=links[1]),
        listing(member(3)),
    )

    assert client.members("PAYROLLPLUS") == {1, 2, 3}
    asked = [("$filter", f"RoleCode eq '{PAYROLL}'"), ("$select", "ResourceID,RoleCode")]
    assert [seen.params for seen in loopback.seen] == [
        asked,
        [*asked, ("$skiptoken", "guid'7'")],
        [*asked, ("$skiptoken", "8 9")],
    ]
    assert {seen.path for seen in loopback.seen} == {f"{BASE}/RoleMember"}


def test_roles_are_told_without_blanks(client: SynergyClient, loopback: Loopback) -> None:
    loopback.answers(listing(member(1042), member(1042, "                  HR"), member(1042, "ESS")))

    roles = client.roles_of(1042)

    assert roles == {"PAYROLLPLUS", "HR", "ESS"}
    assert {type(role) for role in roles} == {str}
    assert dict(loopback.seen[0].params)["$filter"] == "ResourceID eq 1042"


@pytest.mark.parametrize(
    "pages",
    [
        [listing(member(1), following="https://x/?$top=1")],
        [listing(member(1), following="https://[x/?$skiptoken=1")],
        [listing(following="https://x/?$skiptoken=1")],
        [listing(member(1), following=f"https://x/?$skiptoken={n}") for n in (1, 2, 1)],
        [listing(member(1), {"ResourceID": None, "RoleCode": PAYROLL})],
        [listing(member(1), member(2, "HR"))],
        [reply({"d": {"results": [], "__next": 7}})],
        [reply({"d": []})],
    ],
)
def test_members_that_may_not_be_all_or_not_theirs_are_no_answer(
    pages: list[Reply], client: SynergyClient, loopback: Loopback
) -> None:
    loopback.answers(*pages)

    with pytest.raises(RetryLater, match="unreadable answer"):
        client.members("PAYROLLPLUS")


def test_a_row_that_was_not_asked_for_is_no_answer(client: SynergyClient, loopback: Loopback) -> None:
    loopback.answers(listing(HANNEKE))
    for read in (lambda: client.person(17), lambda: client.person_by_email("bo@delft.example")):
        with pytest.raises(RetryLater, match="not asked for"):
            read()
    loopback.answers(listing(member(1042)))
    with pytest.raises(RetryLater, match="not asked for"):
        client.roles_of(17)


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "windows"),
    [("NTLM", True), ("Negotiate, NTLM", True), ("NTLM, Basic realm=x", False), ("Basic realm=x", False)],
)
def test_a_server_that_wants_windows_sign_in_is_told_apart(
    offered: str, windows: bool, client: SynergyClient, loopback: Loopback
) -> None:
    loopback.answers(Reply(401, b"<html>no</html>", {"WWW-Authenticate": offered}))

    with pytest.raises(CredentialsRefused) as refusal:
        client.organisation()
    assert ("wants Windows sign-in" in refusal.value.message) is windows
    assert refusal.value.code == "401"


def test_a_right_that_is_missing_is_named(client: SynergyClient, loopback: Loopback) -> None:
    loopback.answers(Reply(403, b"<html>no</html>"))

    with pytest.raises(CredentialsRefused, match="right to read RoleMember"):
        client.members("HR")
    assert "user name and password" in renewal("synergy")


def test_the_vendors_words_show_without_what_must_not(client: SynergyClient, loopback: Loopback) -> None:
    loopback.answers(refused(400, "Bad 'pass word' of hanneke@delft.example at position 0."))

    with pytest.raises(Rejected) as refusal:
        client.person_by_email("hanneke@delft.example")
    assert (refusal.value.code, refusal.value.message) == ("400", "Bad '*****' of ***** at position 0.")


def test_a_wrong_address_is_no_missing_person(client: SynergyClient, loopback: Loopback) -> None:
    loopback.answers(refused(404, "Resource not found for the segment 'Resource'."))

    with pytest.raises(Rejected, match="not found"):
        client.person(1042)


def test_a_locked_record_is_for_later(client: SynergyClient, loopback: Loopback) -> None:
    loopback.answers(refused(409, "Locked."))

    with pytest.raises(RetryLater, match="Locked") as later:
        client.person(1042)
    assert (later.value.seconds, later.value.code) == (60, "409")
