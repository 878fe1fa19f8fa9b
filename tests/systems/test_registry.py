"""The table of systems."""

import subprocess
import sys
from importlib import import_module

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention
from payrelay.systems.registry import SYSTEMS, allowed_hosts, renewal, system
from tests.systems.conftest import COMPANY, Bench, credentials
from tests.systems.loopback import Loopback, reply

ANSWERS = {
    "simployer": (
        {"status": "ok", "data": [{"id": "1", "name": "Acme AS"}], "total": 1, "count": 1},
        "Acme AS",
    ),
    "xledger": (
        {"data": {"employeeGroups": {"edges": [{"node": {"ownerDbId": 500}}]}}},
        "Xledger entity 500",
    ),
    "autovu": (
        {"Package": "QuickBooks", "UsesCareOf": True, "TaxOnNominalRequired": True, "UserName": "Sam"},
        "AutoVu (QuickBooks, user Sam)",
    ),
    "sage": (
        {"id": COMPANY, "name": "Payrelay Demo", "subscriptions": [{"active": True}]},
        "Payrelay Demo",
    ),
    "quickbooks": (
        {
            "CompanyInfo": {"Id": "1", "CompanyName": "Workforce Demo Ltd"},
            "time": "2026-01-05T02:11:09-08:00",
        },
        "Workforce Demo Ltd",
    ),
    "xero": (
        [{"id": "c", "tenantId": COMPANY, "tenantType": "ORGANISATION", "tenantName": "Demo Company (UK)"}],
        "Demo Company (UK)",
    ),
    "attache": (
        {
            "Data": [{"OrganisationId": COMPANY, "OrganisationName": "Acme Pty Ltd", "Country": "Australia"}],
            "Page": 1,
            "PageSize": 100,
            "TotalPages": 1,
        },
        "Acme Pty Ltd",
    ),
    "synergy": (
        {"d": {"results": [{"Code": "YA1740", "Option": 36, "Active": True}]}},
        "Exact Synergy with licence YA1740",
    ),
    "globe_next": (
        {"error": {"code": "", "message": {"lang": "nl-NL", "value": "ServerName is missing"}}},
        "Exact Globe Next",
    ),
    "express_leave": (
        {"CompanyId": "c-9", "CompanyName": "Acme", "Connection": {"Connected": False}, "LastSyncAt": None},
        "Acme",
    ),
    "payroll_plus": (
        {"employerName": "Delft Techniek BV", "administratienummer": "500"},
        "Delft Techniek BV",
    ),
    "millennium": ({"Items": [], "NextPage": None}, "Company 51234"),
    "timeworksplus": ({"Results": [], "NextPageLink": None}, "Site 51234"),
}


@pytest.mark.requirement("CON-2", "EX-7")
@pytest.mark.parametrize("name", SYSTEMS)
def test_a_check_is_a_real_call_that_names_the_organisation(
    name: str, loopback: Loopback, bench: Bench
) -> None:
    body, organisation = ANSWERS[name]
    loopback.answers(reply(body))
    row = system(name)

    assert row.check(loopback.origin, credentials(row, "token"), bench.options) == organisation
    assert len(loopback.seen) == 1


@pytest.mark.requirement("CON-3")
@pytest.mark.parametrize("name", SYSTEMS)
def test_every_credential_is_kept_secret_and_explained(name: str) -> None:
    assert system(name).label
    assert system(name).credentials
    assert all(field.what for field in system(name).credentials)
    assert {field.name for field in system(name).credentials if not field.secret} <= {
        "company_id",
        "employer_id",
        "issuer_id",
    }


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_missing_credential_is_named_by_what_it_is(name: str, bench: Bench) -> None:
    row = system(name)

    with pytest.raises(CredentialsRefused, match="not given") as refusal:
        row.connect(row.base_url, {}, bench.options)
    assert ("a consent" if row.oauth else row.credentials[0].what) in str(refusal.value)


def test_hosts_are_found_by_name_and_an_unknown_name_is_an_error() -> None:
    assert "api.alexishr.com" in allowed_hosts("simployer")
    with pytest.raises(KeyError):
        system("nobody")


@pytest.mark.requirement("CON-1", "SEC-3")
def test_a_wrong_address_is_answered_with_the_label_and_what_is_allowed() -> None:
    with pytest.raises(NeedsAttention, match="Simployer One") as refusal:
        system("simployer").check_address("https://evil.example", allow_loopback=False)
    assert "api.alexishr.com, api.sandbox.alexishr.com" in refusal.value.remedy


def test_the_table_alone_brings_neither_rooms_nor_requests_nor_pydantic() -> None:
    script = (
        "import sys, payrelay.systems.registry\n"
        "heavy = {'requests', 'pydantic', 'payrelay.systems.simployer', 'payrelay.systems.xledger'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.requirement("CON-3")
def test_a_new_secret_that_would_end_other_integrations_is_nobodys_first_remedy() -> None:
    assert renewal("timeworksplus").startswith("See that the site is one of this issuer's")
    assert "user name and password" in renewal("millennium")


@pytest.mark.requirement("CON-1")
def test_a_room_is_told_what_its_row_says_of_the_settings_and_no_more(bench: Bench) -> None:
    settings = {"company": "ACME", "site_id": "51234", "system_of_record": "millennium"}
    told = {name: system(name).told_of(settings) for name in ("millennium", "timeworksplus", "xledger")}
    revealed = {name: {key: one.reveal() for key, one in more.items()} for name, more in told.items()}
    assert revealed == {
        "millennium": {"company": "ACME"},
        "timeworksplus": {"site_id": "51234"},
        "xledger": {},
    }
    row = system("timeworksplus")
    entered = {field.name: Secret("1") for field in row.credentials}
    with pytest.raises(CredentialsRefused, match="not given: the setting site_id"):
        row.connect(row.base_url, entered, bench.options)


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("module", "system"),
    [
        ("autovu.client", "autovu"),
        ("payroll_plus.client", "payroll_plus"),
        ("millennium.client", "millennium"),
    ],
)
def test_a_pace_of_a_room_s_own_is_no_faster_than_what_the_vendor_takes(module: str, system: str) -> None:
    calls, seconds = import_module(f"payrelay.systems.{module}")._RATE
    rate = SYSTEMS[system].rate
    assert rate
    assert calls / seconds <= rate[0] / rate[1]
