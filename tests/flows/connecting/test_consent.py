"""What may be sent of a consent, and where it may lead back to (CON-2, CON-3, SEC-3)."""

from __future__ import annotations

import pytest

from payrelay.flows.connecting.consent import Given, check

BACK = "https://app.example/back"
QUICKBOOKS, XERO, SAGE, ATTACHE = "quickbooks", "xero", "sage", "attache"

REDIRECTS = [
    ("https", "https://app.example/consent", True),
    ("https with a port and a query", "https://app.example:8443/consent?a=b", True),
    ("plain http", "http://app.example/consent", False),
    ("another scheme", "ftp://app.example/consent", False),
    ("no scheme", "app.example/consent", False),
    ("no host", "https://", False),
    ("no host but a path", "https:///consent", False),
    ("a host that only begins like loopback", "http://127.0.0.1.evil.example/", False),
    ("a user name like loopback", "http://127.0.0.1@evil.example/", False),
    ("a fragment", "https://app.example/consent#token", False),
    ("a line break", "https://app.example/\r\nconsent", False),
    ("a bracket that is never closed", "https://[::1", False),
]


@pytest.mark.requirement("CON-3", "SEC-3")
@pytest.mark.parametrize("loopback", [False, True])
@pytest.mark.parametrize(
    ("address", "fine"), [case[1:] for case in REDIRECTS], ids=[case[0] for case in REDIRECTS]
)
def test_a_consent_leads_back_to_a_secure_address_only(address: str, fine: bool, loopback: bool) -> None:
    found = check(SAGE, Given(redirect_uri=address), ("redirect_uri",), loopback=loopback)
    assert [field for field, _ in found] == ([] if fine else ["redirect_uri"])
    assert all("https" in message for _, message in found)


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize("address", ["http://127.0.0.1:5000/back", "http://localhost/back"])
def test_it_leads_back_to_this_machine_in_the_local_stack_only(address: str) -> None:
    given = Given(redirect_uri=address)
    assert check(SAGE, given, ("redirect_uri",), loopback=True) == []
    assert [field for field, _ in check(SAGE, given, ("redirect_uri",), loopback=False)] == ["redirect_uri"]


MISFITS = [
    ("nothing", SAGE, {}, (), None, ""),
    ("both that came back", SAGE, {"code": "c", "state": "s"}, ("code", "state"), None, ""),
    ("a code without its state", SAGE, {"code": "c"}, ("code",), "state", "both come back"),
    ("a state without its code", SAGE, {"state": "s"}, ("state",), "code", "both come back"),
    ("a state that was sent and is wrong", SAGE, {"code": "c"}, ("code", "state"), None, ""),
    (
        "asking and completing at once",
        SAGE,
        {"redirect_uri": BACK, "code": "c", "state": "s"},
        ("redirect_uri", "code", "state"),
        "redirect_uri",
        "code or state",
    ),
    (
        "a company where the consent brings none along",
        XERO,
        {"code": "c", "state": "s", "realm_id": "7"},
        ("code", "state", "realm_id"),
        "realm_id",
        "Xero",
    ),
    (
        "a company where one of several is set",
        SAGE,
        {"code": "c", "state": "s", "realm_id": "7"},
        ("code", "state", "realm_id"),
        "realm_id",
        "settings.sage.company_id",
    ),
    (
        "an organisation where it is chosen on the page",
        ATTACHE,
        {"code": "c", "state": "s", "realm_id": "7"},
        ("code", "state", "realm_id"),
        "realm_id",
        "chosen on its page",
    ),
    (
        "no company where the consent brings it along",
        QUICKBOOKS,
        {"code": "c", "state": "s"},
        ("code", "state"),
        "realm_id",
        "realmId",
    ),
    (
        "its company",
        QUICKBOOKS,
        {"code": "c", "state": "s", "realm_id": "7"},
        ("code", "state", "realm_id"),
        None,
        "",
    ),
    (
        "a company without a code",
        QUICKBOOKS,
        {"realm_id": "7"},
        ("realm_id",),
        "realm_id",
        "with the code",
    ),
]


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(
    ("system", "given", "sent", "field", "words"),
    [case[1:] for case in MISFITS],
    ids=[case[0] for case in MISFITS],
)
def test_what_does_not_go_together_is_refused_by_field(
    system: str, given: dict[str, str], sent: tuple[str, ...], field: str | None, words: str
) -> None:
    found = check(system, Given(**given), sent, loopback=False)
    assert [name for name, _ in found] == ([field] if field else [])
    assert all(words in message for _, message in found)
