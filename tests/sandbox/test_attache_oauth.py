"""Attaché's OAuth endpoints in the sandbox: consent to one organisation, rotation, disconnecting."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

CALLBACK = "http://127.0.0.1:9/callback?x=1"
CLIENT = ("payrelay-sandbox", "sandbox-secret")
SCOPE = "leave.read employees.read"
ASKED = {
    "response_type": "code",
    "client_id": "payrelay-sandbox",
    "redirect_uri": CALLBACK,
    "scope": SCOPE,
    "state": "s 1",
}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "kept-refresh"}
STATE = {
    "organisations": [
        {"OrganisationId": "org-18", "OrganisationName": "Kiwi Ltd", "Country": "New Zealand"},
        {"OrganisationId": "org-17", "OrganisationName": "Acme Pty Ltd"},
    ],
    "employees": [
        {"EmployeeCode": "E1", "FullName": "Aroha Ngata", "OrganisationId": organisation}
        for organisation in ("org-17", "org-18")
    ],
    "leave": [
        {"EmployeeCode": "E1", "IncomeCode": "AL", "EntitlementOwing": 1, "OrganisationId": organisation}
        for organisation in ("org-17", "org-18")
    ],
    "tokens": [{"refresh_token": "kept-refresh", "organisation_id": "org-18"}],
}


@pytest.fixture
def acme(attache: Any) -> Any:
    answer = attache.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return attache


def consent(acme: Any, prefix: str = "", **changes: str | None) -> Any:
    asked = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    return acme.get(f"{prefix}/oauth/authorize", params=asked, headers={}, allow_redirects=False)


def code(acme: Any, **changes: str | None) -> str:
    answer = consent(acme, **changes)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{CALLBACK}&")
    given = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert given["state"] == ["s 1"]
    return given["code"][0]


def post(acme: Any, form: Any, path: str = "/oauth/token", **more: Any) -> Any:
    return acme.call("POST", path, headers={}, **{"data": form, "auth": CLIENT, **more})


def exchange(acme: Any, given: str, **changes: str) -> Any:
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": CALLBACK, **changes}
    return post(acme, form)


def renew(acme: Any, token: str) -> Any:
    return post(acme, {"grant_type": "refresh_token", "refresh_token": token})


def called(acme: Any, token: str, path: str = "/organisations", method: str = "GET", **more: Any) -> Any:
    return acme.call(method, path, headers={"Authorization": f"Bearer {token}"}, **more)


def opens(acme: Any, token: str) -> list[str]:
    answer = called(acme, token)
    if answer.status_code == 401:
        assert answer.json()["Code"] == "TokenExpired"
        return []
    return [row["OrganisationId"] for row in answer.json()["Data"]]


@pytest.mark.parametrize(
    ("chosen", "organisation"), [(None, "org-17"), ("org-17", "org-17"), ("org-18", "org-18")]
)
def test_a_consent_opens_the_organisation_that_was_chosen(
    chosen: str | None, organisation: str, acme: Any
) -> None:
    answer = exchange(acme, code(acme, organisation_id=chosen))
    tokens = answer.json()
    assert answer.status_code == 200
    assert {name: tokens[name] for name in ("token_type", "expires_in", "organisation_id")} == {
        "token_type": "Bearer",
        "expires_in": 1800,
        "organisation_id": organisation,
    }
    assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in", "organisation_id"}
    assert opens(acme, tokens["access_token"]) == [organisation]


def test_a_token_reaches_its_own_organisation_only(acme: Any) -> None:
    token = exchange(acme, code(acme)).json()["access_token"]
    body = {"EntitlementOwing": 2, "Comment": "Corrected"}
    for organisation, status in (("org-17", 200), ("org-18", 403), ("org-99", 403)):
        base = f"/api/v1/organisations/{organisation}"
        answers = [
            called(acme, token, f"{base}/employees"),
            called(acme, token, f"{base}/leavebalances"),
            called(acme, token, f"{base}/employees/E1/leave"),
            called(acme, token, f"{base}/employees/E1/leave/AL/entitlement", "PUT", json=body),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4
        if status == 403:
            assert {answer.json()["Code"] for answer in answers} == {"OrganisationNotAllowed"}


@pytest.mark.parametrize(
    "token", [None, "", "attache-sandbox-token", "Bearer wrong", "Basic attache-sandbox-token"]
)
def test_without_a_good_token_nothing_is_answered(token: str | None, acme: Any) -> None:
    headers = {} if token is None else {"Authorization": token}
    for path in ("/organisations", "/api/v1/organisations/org-17/employees", "/nothing"):
        answer = acme.get(path, headers=headers)
        assert (answer.status_code, answer.json()["Code"]) == (401, "TokenExpired")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "stranger"}, "unauthorized_client"),
        ({"response_type": "token"}, "invalid_request"),
        ({"redirect_uri": "callback"}, "invalid_request"),
        ({"redirect_uri": "http://[callback"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"colour": "red"}, "invalid_request"),
        ({"organisation_id": "org-99"}, "invalid_request"),
        ({"organisation_id": ""}, "invalid_request"),
        ({"scope": "leave.read"}, "invalid_scope"),
        ({"scope": f"{SCOPE} leave.write"}, "invalid_scope"),
        ({"scope": None}, "invalid_request"),
    ],
)
def test_a_consent_that_does_not_fit_is_refused(changes: dict[str, Any], error: str, acme: Any) -> None:
    answer = consent(acme, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_there_is_nobody_to_consent_without_an_organisation(acme: Any) -> None:
    acme.put_state({"organisations": []})
    assert consent(acme).status_code == 400


def test_the_endpoints_are_below_the_version_too(acme: Any) -> None:
    answer = consent(acme, prefix="/api/v1")
    given = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": CALLBACK}
    tokens = post(acme, form, "/api/v1/oauth/token").json()
    assert post(acme, {"token": tokens["refresh_token"]}, "/api/v1/oauth/revoke").status_code == 200


def test_a_code_is_good_once_for_its_address_and_five_minutes(acme: Any, clocks: Any) -> None:
    once, late, elsewhere = code(acme), code(acme), code(acme)
    assert exchange(acme, once).status_code == 200
    assert exchange(acme, once).json()["error"] == "invalid_grant"
    assert exchange(acme, elsewhere, redirect_uri=CALLBACK + "2").json()["error"] == "invalid_grant"
    clocks.moment += timedelta(minutes=5)
    assert exchange(acme, late).json()["error"] == "invalid_grant"


def test_an_access_token_lives_half_an_hour(acme: Any, clocks: Any) -> None:
    token = exchange(acme, code(acme)).json()["access_token"]
    clocks.moment += timedelta(seconds=1799)
    assert opens(acme, token) == ["org-17"]
    clocks.moment += timedelta(seconds=1)
    assert opens(acme, token) == []


def test_a_refresh_token_dies_as_it_is_used(acme: Any, clocks: Any) -> None:
    first = exchange(acme, code(acme)).json()
    second = renew(acme, first["refresh_token"]).json()
    again = renew(acme, first["refresh_token"])
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    assert second["organisation_id"] == "org-17"
    assert opens(acme, first["access_token"]) == opens(acme, second["access_token"]) == ["org-17"]
    assert opens(acme, second["refresh_token"]) == []
    clocks.moment += timedelta(days=400)
    assert renew(acme, second["refresh_token"]).status_code == 200


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
def test_disconnecting_ends_all_tokens_and_can_be_repeated(kind: str, acme: Any) -> None:
    first = exchange(acme, code(acme)).json()
    second = renew(acme, first["refresh_token"]).json()
    other = exchange(acme, code(acme)).json()
    assert post(acme, {"token": first["refresh_token"]}, "/oauth/revoke").status_code == 200
    assert opens(acme, second["access_token"]) == ["org-17"]
    for _ in range(2):
        assert post(acme, {"token": second[kind]}, "/oauth/revoke").status_code == 200
    assert opens(acme, first["access_token"]) == opens(acme, second["access_token"]) == []
    assert renew(acme, second["refresh_token"]).json() == {"error": "invalid_grant"}
    assert opens(acme, other["access_token"]) == ["org-17"]


@pytest.mark.parametrize(
    ("form", "more", "status", "error"),
    [
        ({"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        ({"refresh_token": "x"}, {}, 400, "unsupported_grant_type"),
        ({**REFRESH, "refresh_token": "wrong"}, {}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, {}, 400, "invalid_request"),
        ({**REFRESH, "colour": "red"}, {}, 400, "invalid_request"),
        ({**REFRESH, "client_id": CLIENT[0], "client_secret": CLIENT[1]}, {}, 400, "invalid_request"),
        (REFRESH, {"auth": (CLIENT[0], "wrong")}, 401, "invalid_client"),
        (REFRESH, {"auth": None}, 401, "invalid_client"),
        (None, {"json": REFRESH}, 400, "invalid_request"),
        ([("grant_type", "refresh_token"), ("grant_type", "password")], {}, 400, "invalid_request"),
    ],
)
def test_a_form_that_does_not_fit_is_refused(
    form: Any, more: dict[str, Any], status: int, error: str, acme: Any
) -> None:
    answer = post(acme, form, **more)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert renew(acme, "kept-refresh").status_code == 200


@pytest.mark.parametrize("form", [{}, {"token": "x", "colour": "red"}])
def test_a_revocation_names_a_token(form: dict[str, str], acme: Any) -> None:
    answer = post(acme, form or {"colour": "red"}, "/oauth/revoke")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert post(acme, {"token": "x"}, "/oauth/revoke", auth=None).status_code == 401


def test_an_organisation_that_is_gone_closes_its_connections(acme: Any) -> None:
    given, tokens = code(acme), exchange(acme, code(acme)).json()
    acme.put_state({"organisations": [{"OrganisationId": "org-30", "OrganisationName": "New Ltd"}]})
    assert opens(acme, tokens["access_token"]) == []
    assert exchange(acme, given).json()["error"] == "invalid_grant"
    assert renew(acme, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert acme.put_state(acme.state()).status_code == 200


def test_other_data_leave_the_tokens_alone_and_a_kept_state_brings_them_back(acme: Any) -> None:
    tokens = exchange(acme, code(acme)).json()
    kept = acme.state()
    assert acme.put_state({"organisations": STATE["organisations"]}).status_code == 200
    assert opens(acme, tokens["access_token"]) == ["org-17"]
    acme.put_state({**STATE, "tokens": []})
    assert opens(acme, tokens["access_token"]) == []
    acme.put_state(kept)
    assert opens(acme, tokens["access_token"]) == ["org-17"]
    assert renew(acme, tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("fault", ["token", "pay_in_progress", "organisation_offline"])
def test_the_named_faults_spare_consent_and_tokens(fault: str, acme: Any) -> None:
    acme.faults(errors=[fault])
    assert called(acme, "attache-sandbox-token").status_code >= 400
    tokens = exchange(acme, code(acme)).json()
    assert renew(acme, tokens["refresh_token"]).status_code == 200
    assert post(acme, {"token": tokens["refresh_token"]}, "/oauth/revoke").status_code == 200
