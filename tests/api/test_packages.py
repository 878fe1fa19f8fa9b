"""Settings and credentials of a kind whose settings name a package: what is wrong is said, and not stored."""

from __future__ import annotations

from typing import Any

import pytest

from payrelay.flows.catalog import KINDS
from tests.worlds.api import World, secrets_stored

PACKAGES = KINDS["autovu_accounting"].packages
APP = {"client_id": "plant-client-id", "client_secret": "plant-client-secret"}
KEY = {"integration_key": "plant-integration-key"}
ADDRESS = {"base_url": "https://hartley.autovu.co.uk"}


def body_of(package: str = "xero", **changed: Any) -> dict[str, Any]:
    """What makes a connection to a package; None leaves a part out."""
    body = {
        "name": "Hartley Heating",
        "kind": "autovu_accounting",
        "settings": {"package": package, "autovu": ADDRESS},
        "credentials": {"autovu": KEY, package: APP},
        **changed,
    }
    return {name: value for name, value in body.items() if value is not None}


def stored(world: World) -> tuple[Any, Any]:
    """Everything that is kept anywhere."""
    return world.stored(), secrets_stored()


@pytest.mark.requirement("CON-1", "CON-3")
@pytest.mark.parametrize("package", PACKAGES)
def test_a_connection_to_each_package_is_created_with_its_defaults(world: World, package: str) -> None:
    made = world.call("POST", "/connections", body_of(package))
    assert made.status == 201, made.text
    assert made.json["flows"] == ["invoice_sync"]
    assert made.json["settings"]["package"] == package
    assert made.json["settings"]["autovu"] == ADDRESS
    assert made.json["settings"]["tax_rates"] == {"T0": "0", "T1": "20", "T5": "5"}
    (secret,) = secrets_stored().values()
    assert {name: secret[name] for name in ("autovu", package)} == {"autovu": KEY, package: APP}
    assert not [plant for plant in (*APP.values(), *KEY.values()) if plant in made.text]


def settings(**changed: Any) -> dict[str, Any]:
    found = {"package": "xero", "autovu": ADDRESS, **changed}
    return {"settings": {name: value for name, value in found.items() if value is not None}}


def credentials(**given: Any) -> dict[str, Any]:
    return {"credentials": given}


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("no settings", {"settings": None}, "settings.package", "is required, one of: quickbooks, xero, sage"),
    ("no package", settings(package=None), "settings.package", "is required, one of: quickbooks, xero, sage"),
    (
        "an unknown package",
        settings(package="kashflow"),
        "settings.package",
        "'quickbooks', 'xero' or 'sage'",
    ),
    ("a package in capitals", settings(package="Xero"), "settings.package", "'quickbooks', 'xero' or 'sage'"),
    ("no AutoVu", settings(autovu=None), "settings.autovu", "is required, an object with: base_url"),
    ("no address of AutoVu", settings(autovu={}), "settings.autovu.base_url", "is required"),
    (
        "AutoVu elsewhere",
        settings(autovu={"base_url": "https://evil.example"}),
        "settings.autovu.base_url",
        "autovu.co.uk",
    ),
    (
        "the package elsewhere",
        settings(xero={"base_url": "https://evil.example"}),
        "settings.xero.base_url",
        "api.xero.com",
    ),
    (
        "another package elsewhere",
        settings(sage={"base_url": "https://evil.example"}),
        "settings.sage.base_url",
        "sage.com",
    ),
    (
        "this machine",
        settings(xero={"base_url": "http://127.0.0.1:1"}),
        "settings.xero.base_url",
        "this machine",
    ),
    (
        "a company of QuickBooks",
        settings(quickbooks={"company_id": "1"}),
        "settings.quickbooks.company_id",
        "allowed: base_url",
    ),
    (
        "a rate below nothing",
        settings(tax_rates={"T1": "-1"}),
        "settings.tax_rates.T1",
        "greater than or equal to 0",
    ),
    (
        "a rate above everything",
        settings(tax_rates={"T1": 101}),
        "settings.tax_rates.T1",
        "less than or equal to 100",
    ),
    ("a rate that is no number", settings(tax_rates={"T1": "20 %"}), "settings.tax_rates.T1", "decimal"),
    ("no credentials", {"credentials": None}, "credentials", "is required"),
    (
        "none of AutoVu",
        credentials(xero=APP),
        "credentials.autovu",
        "is required, an object with: integration_key",
    ),
    (
        "none of the package",
        credentials(autovu=KEY),
        "credentials.xero",
        "is required, an object with: client_id",
    ),
    (
        "those of another package",
        credentials(autovu=KEY, sage=APP),
        "credentials.sage",
        "allowed: autovu, xero",
    ),
    (
        "those of two packages",
        credentials(autovu=KEY, xero=APP, sage=APP),
        "credentials.sage",
        "allowed: autovu, xero",
    ),
    (
        "an access token",
        credentials(autovu=KEY, xero={**APP, "access_token": "x"}),
        "credentials.xero.access_token",
        "allowed: client_id, client_secret",
    ),
    (
        "a part of them",
        credentials(autovu=KEY, xero={"client_id": "x"}),
        "credentials.xero.client_secret",
        "is required",
    ),
]


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize(
    ("changed", "field", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_what_is_wrong_is_named_with_what_is_allowed_and_nothing_is_stored(
    world: World, changed: dict[str, Any], field: str, words: str
) -> None:
    before = stored(world)
    answer = world.call("POST", "/connections", body_of(**changed))
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert words in answer.fields[field]
    assert not [plant for plant in (*APP.values(), *KEY.values()) if plant in answer.text]
    assert stored(world) == before


@pytest.mark.requirement("CON-1")
def test_everything_that_is_wrong_is_told_at_once(world: World) -> None:
    body = body_of(name="", settings={"package": "none"}, credentials={"simployer": {}})
    answer = world.call("POST", "/connections", body)
    assert answer.fields.keys() == {"name", "settings.package", "settings.autovu", "credentials.simployer"}
    assert "autovu, quickbooks, xero, sage" in answer.fields["credentials.simployer"]


@pytest.mark.requirement("CON-1")
def test_the_credentials_of_another_kind_are_refused(world: World) -> None:
    wrong = world.call("POST", "/connections", {**body_of(), "kind": "simployer_xledger", "settings": {}})
    assert {"credentials.autovu", "credentials.xero", "credentials.simployer"} <= wrong.fields.keys()


@pytest.fixture
def made(world: World) -> str:
    """A connection to Xero; its path."""
    return str(world.call("POST", "/connections", body_of()).headers["Location"])


CHANGES: list[tuple[str, dict[str, Any], str, str]] = [
    ("another package", {"settings": {"package": "sage"}}, "settings.package", "another connection"),
    ("no package", {"settings": {"package": None}}, "settings.package", "'quickbooks', 'xero' or 'sage'"),
    (
        "an unknown package",
        {"settings": {"package": "kashflow"}},
        "settings.package",
        "'quickbooks', 'xero' or",
    ),
    (
        "another package with its credentials",
        {"settings": {"package": "sage"}, "credentials": {"sage": APP}},
        "settings.package",
        "another connection",
    ),
    (
        "credentials of another package",
        {"credentials": {"sage": APP}},
        "credentials.sage",
        "allowed: autovu, xero",
    ),
    (
        "AutoVu elsewhere",
        {"settings": {"autovu": {"base_url": "https://evil.example"}}},
        "settings.autovu.base_url",
        "autovu",
    ),
]


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize(
    ("change", "field", "words"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
def test_a_wrong_change_is_named_and_changes_nothing(
    world: World, made: str, change: dict[str, Any], field: str, words: str
) -> None:
    before = stored(world)
    answer = world.call("PATCH", made, {"name": "Other", **change})
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert words in answer.fields[field]
    assert stored(world) == before


@pytest.mark.requirement("CON-1")
def test_the_same_package_may_be_named_again_with_other_settings(world: World, made: str) -> None:
    change = {"package": "xero", "tax_rates": {"T1": 20, "T9": "12.5"}}
    answer = world.call(
        "PATCH", made, {"settings": change, "credentials": {"xero": {**APP, "client_secret": "n"}}}
    )
    assert answer.status == 200, answer.text
    assert answer.json["settings"]["tax_rates"] == {"T1": "20", "T9": "12.5"}
    assert answer.json["settings"]["autovu"] == ADDRESS
    (secret,) = secrets_stored().values()
    assert (secret["xero"]["client_secret"], secret["autovu"]) == ("n", KEY)
