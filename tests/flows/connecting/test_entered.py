"""What people enter: every mistake is named by its field, with what is allowed (CON-1, SEC-3)."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.flows.catalog import KINDS, flow_row
from payrelay.flows.connecting.entered import check_credentials, check_options, check_settings

KIND = KINDS["simployer_xledger"]
CREDENTIALS = {"simployer": {"access_token": "a"}, "xledger": {"api_token": "b"}}

SETTINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"selektion": {}}, "settings.selektion", "selection"),
    ({"selection": {"require": ["shoe_size"]}}, "settings.selection.require.0", "job_title"),
    ({"selection": {"actve": True}}, "settings.selection.actve", "active_only"),
    ({"selection": {"active_only": "yes"}}, "settings.selection.active_only", "boolean"),
    ({"brake": {"people": -1}}, "settings.brake.people", "0"),
    ({"brake": {"share": "1.5"}}, "settings.brake.share", "1"),
    ({"retention_days": 0}, "settings.retention_days", "1"),
    ({"time_off": {"period": "last_year"}}, "settings.time_off.period", "previous_month"),
    ({"time_off": {"time_zone": "Oslo"}}, "settings.time_off.time_zone", "Europe/Oslo"),
]


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize(("given", "field", "allowed"), SETTINGS)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    given: dict[str, Any], field: str, allowed: str
) -> None:
    errors: list[tuple[str, str]] = []
    assert check_settings(KIND, given, errors, local=False) == {}
    ((name, message),) = errors
    assert name == field
    assert allowed in message


COMPANY_AND_SITE = [
    ("company", "", "must be the company code as it is in Millennium, such as ACME"),
    ("company", "a/b", "1 to 40 letters and digits"),
    ("site_id", "../51234", "must be the site's number in TimeWorksPlus, such as 51234"),
    ("site_id", "ACME", "1 to 12 digits"),
    ("system_of_record", "both", "'millennium' or 'timeworksplus'"),
    ("runs_by", "me", "'payrelay' or 'vendor'"),
]


@pytest.mark.requirement("CON-1", "AC-1")
@pytest.mark.parametrize(("field", "value", "allowed"), COMPANY_AND_SITE)
def test_a_wrong_company_or_site_is_told_in_words(field: str, value: str, allowed: str) -> None:
    given = {
        "company": " ACME ",
        "site_id": "51234",
        "system_of_record": "millennium",
        "millennium": {"base_url": "http://127.0.0.1:4700/millennium"},
    }
    kind = KINDS["millennium_timeworksplus"]
    errors: list[tuple[str, str]] = []
    assert check_settings(kind, given, errors, local=True)["company"] == "ACME"
    check_settings(kind, {**given, field: value}, errors, local=True)
    ((name, message),) = errors
    assert name == f"settings.{field}"
    assert allowed in message


ADDRESSES = [
    ("https://evil.example", "not a host of Simployer One"),
    ("https://api.alexishr.com.evil.example", "not a host"),
    ("https://api.alexishr.com@evil.example/", "not a plain https address"),
    ("http://api.alexishr.com", "only https"),
    ("https://api.alexishr.com:8443", "usual port"),
    ("http://127.0.0.1:4700/simployer", "this machine itself"),
    ("http://169.254.169.254/latest", "only https"),
]


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize(("address", "why"), ADDRESSES)
def test_an_address_is_only_one_of_the_systems_own_hosts(address: str, why: str) -> None:
    errors: list[tuple[str, str]] = []
    check_settings(KIND, {"simployer": {"base_url": address}}, errors, local=False)
    ((name, message),) = errors
    assert name == "settings.simployer.base_url"
    assert why in message
    assert "api.alexishr.com" in message


CREDENTIALS_ENTERED: list[tuple[dict[str, Any], str, str]] = [
    ({}, "credentials.simployer", "access_token"),
    ({**CREDENTIALS, "xero": {}}, "credentials.xero", "simployer, xledger"),
    ({**CREDENTIALS, "xledger": "x"}, "credentials.xledger", "api_token"),
    ({**CREDENTIALS, "xledger": {}}, "credentials.xledger.api_token", "required"),
    ({**CREDENTIALS, "xledger": {"api_token": " "}}, "credentials.xledger.api_token", "1 to"),
    ({**CREDENTIALS, "xledger": {"api_token": 7}}, "credentials.xledger.api_token", "text"),
    ({**CREDENTIALS, "xledger": {"api_token": "a\nb"}}, "credentials.xledger.api_token", "line"),
    ({**CREDENTIALS, "xledger": {"api_token": "x", "user": "y"}}, "credentials.xledger.user", "api_token"),
]


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize(("given", "field", "allowed"), CREDENTIALS_ENTERED)
def test_wrong_credentials_are_named_and_not_repeated(
    given: dict[str, Any], field: str, allowed: str
) -> None:
    errors: list[tuple[str, str]] = []
    check_credentials(KIND.systems, given, errors, every=True)
    assert allowed in dict(errors)[field]
    assert "a\nb" not in str(errors)


@pytest.mark.requirement("CON-1")
def test_right_ones_are_kept_with_every_default_and_blanks_cut_off() -> None:
    errors: list[tuple[str, str]] = []
    settings = check_settings(
        KIND, {"simployer": {"base_url": "https://api.alexishr.com/v1/"}}, errors, local=False
    )
    entered = check_credentials(
        KIND.systems, {**CREDENTIALS, "xledger": {"api_token": " b "}}, errors, every=True
    )
    assert errors == []
    assert settings["simployer"] == {"base_url": "https://api.alexishr.com/v1"}
    assert settings["retention_days"] == 400
    assert entered == CREDENTIALS


@pytest.mark.requirement("TO-1")
@pytest.mark.parametrize(
    ("options", "field", "why"),
    [
        ({"employes": []}, "options.employes", "from, to, absence_types, employees"),
        ({"from": "2026-02-01"}, "options", "both"),
        ({"from": "soon", "to": "2026-02-28"}, "options.from", "date"),
    ],
)
def test_wrong_options_of_a_run_are_named(options: dict[str, Any], field: str, why: str) -> None:
    errors: list[tuple[str, str]] = []
    assert check_options(flow_row("time_off_export"), options, errors) == {}
    assert why in dict(errors)[field]
