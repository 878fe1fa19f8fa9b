"""The companies of Exact Globe Next at the API: without them no journal, with them a schedule."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.journal import COMPANIES, companies
from tests.worlds.reports_api import ACCOUNT, Delft

ORDER = {"flow": "journal_sync"}


def with_companies(delft: Delft, **more: Any) -> dict[str, Any]:
    """What an admin puts into the connection."""
    settings = {"globe_companies": COMPANIES, "globe_next": {"base_url": delft.urls["globe_next"]}}
    return {"settings": {**settings, **more}, "credentials": {"globe_next": ACCOUNT}}


@pytest.mark.requirement("CON-1", "JRN-1", "TRG-1")
def test_a_connection_without_companies_is_not_configured_until_they_are_put_in(delft: Delft) -> None:
    path = f"/connections/{delft.connection_id}"
    call = delft.world.call
    assert call("POST", f"{path}/connect").status == 200
    assert call("GET", f"{path}/schedules/journal_sync").status == 404
    answer = call("POST", f"{path}/runs", ORDER)
    assert (answer.status, answer.code) == (409, "NOT_CONFIGURED")
    assert answer.json["remedy"] == (
        "Put globe_companies, and the address and credentials of Exact Globe Next, into the connection, and "
        "connect it again."
    )
    delft.put("globe_next", companies())
    without = call("PATCH", path, {"settings": with_companies(delft)["settings"]})
    assert (without.status, without.json["errors"]) == (
        422,
        [
            {
                "field": "credentials.globe_next",
                "message": "is required, an object with: username, password",
            }
        ],
    )
    assert call("PATCH", path, with_companies(delft)).status == 200
    connected = call("POST", f"{path}/connect")
    assert (connected.status, connected.json["organisations"]["globe_next"]) == (200, "Exact Globe Next")
    assert call("POST", f"{path}/runs", ORDER).status == 202


@pytest.mark.requirement("TRG-1", "JRN-1")
def test_connecting_with_companies_gives_the_journal_its_usual_schedule(delft: Delft) -> None:
    delft.put("globe_next", companies())
    body = {
        "name": "Breda",
        "kind": "synergy_payroll_plus",
        **with_companies(delft),
    }
    body["settings"] |= {name: {"base_url": delft.urls[name]} for name in ("synergy", "payroll_plus")}
    body["credentials"] |= {"synergy": ACCOUNT, "payroll_plus": {**ACCOUNT, "employer_id": "emp-500"}}
    made = delft.world.call("POST", "/connections", body)
    assert made.status == 201
    path = f"/connections/{made.json['connection_id']}"
    assert delft.world.call("POST", f"{path}/connect").status == 200
    schedule = delft.world.call("GET", f"{path}/schedules/journal_sync").json
    assert (schedule["time"], len(schedule["days"]), schedule["time_zone"]) == (
        "07:30",
        7,
        "Europe/Amsterdam",
    )


@pytest.mark.requirement("CON-1")
@pytest.mark.parametrize(
    ("company", "field"),
    [
        ({**COMPANIES[0], "administratienummer": " 500 "}, "settings.globe_companies"),
        ({**COMPANIES[0], "administratienummer": ""}, "settings.globe_companies.1.administratienummer"),
        ({"administratienummer": "700"}, "settings.globe_companies.1.server_name"),
        ({**COMPANIES[1], "database_name": "6\u00e900"}, "settings.globe_companies.1.database_name"),
    ],
    ids=["twice", "blank", "no server", "no header"],
)
def test_a_mistake_in_the_companies_is_answered_with_its_field(
    delft: Delft, company: dict[str, str], field: str
) -> None:
    body = with_companies(delft, globe_companies=[COMPANIES[0], company])
    answer = delft.world.call("PATCH", f"/connections/{delft.connection_id}", body)
    assert answer.status == 422
    assert field in [one["field"] for one in answer.json["errors"]]
