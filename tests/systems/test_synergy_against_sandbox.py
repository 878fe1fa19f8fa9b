"""Exact Synergy's client against its sandbox, which was written from the same contract by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from local.sandbox.running import Running
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, RetryLater
from payrelay.systems.registry import system
from payrelay.systems.synergy.client import SynergyClient
from tests.systems.conftest import Bench
from tests.worlds.rows import taken
from tests.worlds.sandboxes import Sandboxed

USER = {"username": Secret("payrelay-sandbox"), "password": Secret("sandbox-password")}
NUMBER = 250
STATE: dict[str, list[dict[str, Any]]] = {
    "Resource": [
        {
            "ID": n,
            "FullName": f"Person {n}",
            "Email": f"p{n % 249}@delft.example",
            "ManagerID": 1 if n > 1 else None,
            "SocialSecurityNumber": "111222333",
        }
        for n in range(1, NUMBER + 1)
    ]
    + [{"ID": 900, "FullName": "Sean O'Brien", "Email": "o'brien@delft.example", "EmployeeStatus": "I"}],
    "RoleMember": [{"ResourceID": n, "RoleCode": "PAYROLLPLUS"} for n in range(1, NUMBER + 1)]
    + [{"ResourceID": 2, "RoleCode": "HR"}],
}


@dataclass(frozen=True)
class Served(Sandboxed):
    """One server, and a client for it."""

    urls: Mapping[str, str]
    client: SynergyClient

    def settings(self, **settings: object) -> None:
        self.put("synergy", {**STATE, "settings": [settings]})


@pytest.fixture(params=["", "/Synergy"])
def served(sandboxes: Running, bench: Bench, request: pytest.FixtureRequest) -> Served:
    sandboxes.room("synergy").replace_state(STATE)
    url = sandboxes.urls["synergy"] + request.param
    client = SynergyClient(url, USER["username"], USER["password"], options=bench.options)
    served = Served(sandboxes.urls, client)
    served.calm("synergy")
    return served


@pytest.mark.requirement("CON-2")
def test_a_check_names_the_licence_or_what_is_wrong(served: Served, bench: Bench) -> None:
    row, url = system("synergy"), served.urls["synergy"]

    assert row.check(url, USER, bench.options) == "Exact Synergy with licence YA1740"
    with pytest.raises(CredentialsRefused, match="HTTP 401"):
        row.check(url, {**USER, "password": Secret("old")}, bench.options)
    served.put("synergy", {"License": [{"Code": "YA1740", "Option": 36, "Active": False}]})
    with pytest.raises(NeedsAttention, match="LICENCE_MISSING"):
        row.check(url, USER, bench.options)


def test_people_are_found_by_id_and_by_address(served: Served) -> None:
    client = served.client

    people, bad = taken(client.people([900, 5000, *range(1, 101)]))

    assert {person.id for person in people} == {900, *range(1, 101)}
    assert bad == []
    person = client.person(7)
    assert person
    assert (person.full_name, person.manager_id, person.employee_type, person.country) == (
        "Person 7",
        1,
        "E",
        "NL",
    )
    assert client.person(5000) is None
    assert [row.id for row in client.person_by_email("P1@delft.example")] == [1, 250]
    assert [row.employee_status for row in client.person_by_email("o'brien@delft.example")] == ["I"]
    assert client.person_by_email("x' or ID gt 0 or Email eq 'x") == []


@pytest.mark.parametrize("page_size", [100, 1, 50])
def test_roles_are_found_over_all_pages(page_size: int, served: Served) -> None:
    served.settings(page_size=page_size)

    assert served.client.members("PAYROLLPLUS") == set(range(1, NUMBER + 1))
    assert served.client.members("HR") == {2}
    assert served.client.members("NOBODY") == set()
    assert served.client.roles_of(2) == {"PAYROLLPLUS", "HR"}
    assert served.client.roles_of(5000) == set()


def test_a_server_without_basic_or_without_the_right_says_so(served: Served) -> None:
    served.settings(ntlm=True)
    with pytest.raises(CredentialsRefused, match="Windows sign-in"):
        served.client.person(1)
    served.settings(no_right=["Resource"])
    with pytest.raises(CredentialsRefused, match="right to read Resource"):
        served.client.person(1)
    assert served.client.members("HR") == {2}


def test_a_sign_in_that_fails_once_is_refused(served: Served) -> None:
    served.faults("synergy", errors=["signin"], count=1)

    with pytest.raises(CredentialsRefused):
        served.client.person(1)
    assert served.client.person(1)


@pytest.mark.parametrize("fault", [429, 500, 503, "reset", "timeout", "locked", "restarting"])
def test_a_read_in_trouble_is_for_later(fault: int | str, served: Served) -> None:
    served.faults("synergy", errors=[fault])

    with pytest.raises(RetryLater) as later:
        served.client.people([1])
    assert type(later.value) is RetryLater
