"""The day's calls of a connection: counted, limited, and kept for scheduled runs (RUN-11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.sandbox import Running
from payrelay.domain.budget import Left, Spent
from payrelay.domain.runs import ConnectionStatus
from tests.worlds.api import World
from tests.worlds.invoices_api import Office, office_of, sandboxes

__all__ = ["sandboxes"]

pytestmark = pytest.mark.requirement("RUN-11")
NOTHING = {
    "used": 0,
    "limit": None,
    "left": None,
    "reserved": None,
    "reset": None,
    "reset_told": None,
    "refused": 0,
    "retried": 0,
    "waited_s": 0.0,
    "diagnosed": 0,
    "kept_for": [],
}
EVENING = {"days": ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"], "time": "23:59", "time_zone": "UTC"}


@pytest.fixture
def xero(sandboxes: Running) -> Iterator[Office]:
    """A connection to Xero, connected; what connecting has called is counted."""
    with office_of("xero", sandboxes.urls) as made:
        made.connect()
        yield made


def calls(office: Office, **more: Any) -> dict[str, dict[str, Any]]:
    answer = office.call("GET", "/calls", **more)
    assert answer.status == 200, answer.text
    found: dict[str, dict[str, Any]] = answer.json
    return found


def seen(office: Office) -> dict[str, int]:
    """How many calls each system's sandbox saw since they were forgotten."""
    return {"autovu": len(office.requests(office.autovu)), "xero": len(office.requests("xero"))}


def test_every_system_of_a_connection_has_its_day_also_if_nothing_was_called(world: World) -> None:
    connection_id = world.create()
    answer = world.call("GET", f"/connections/{connection_id}/calls", role="viewer")
    assert answer.json == {
        "simployer": {**NOTHING, "rate": None},
        "xledger": {**NOTHING, "rate": {"calls": 20, "seconds": 5}},
    }


def test_what_people_call_through_the_api_counts_and_a_diagnosis_as_such(xero: Office) -> None:
    before = calls(xero)
    assert before["xero"]["used"] > 0, "connecting has called it"
    xero.forget_requests()
    assert xero.call("GET", "/diagnosis").status == 200
    diagnosed = seen(xero)
    after = calls(xero)
    for system, made in diagnosed.items():
        assert made > 0
        assert after[system]["used"] == before[system]["used"] + made
        assert (before[system]["diagnosed"], after[system]["diagnosed"]) == (0, made)
    xero.forget_requests()
    assert xero.call("GET", "/documents").status == 200
    last = calls(xero)
    assert {name: last[name]["used"] - after[name]["used"] for name in last} == seen(xero)
    assert last["xero"]["diagnosed"] == after["xero"]["diagnosed"]


def test_a_system_with_a_limit_a_day_tells_what_is_left_and_until_when(xero: Office) -> None:
    day = calls(xero)["xero"]
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert (day["limit"], day["left"]) == (5000, 5000 - day["used"])
    assert (day["reset"], day["reset_told"]) == (f"{midnight:%Y-%m-%dT%H:%M:%S}.000Z", False)
    assert (day["reserved"], day["rate"]) == (0, {"calls": 60, "seconds": 60})
    xero.world.container.ledger.calls.add(
        "demo",
        xero.connection_id,
        Spent({"made_xero": 1}, {"xero": Left(700, datetime.now(UTC))}),
        datetime.now(UTC),
    )
    assert calls(xero)["xero"]["left"] == 700, "as Xero itself said"


def test_the_settings_say_how_many_calls_a_day_there_are(xero: Office) -> None:
    changed = xero.call("PATCH", "", {"settings": {"calls": {"xero": {"day": 1000}}}})
    assert changed.status == 200, changed.text
    day = calls(xero)["xero"]
    assert (day["limit"], day["left"]) == (1000, 1000 - day["used"])


@pytest.mark.parametrize(
    ("calls", "field"),
    [({"xerox": {"day": 9}}, "settings.calls.xerox"), ({"xero": {"day": 0}}, "settings.calls.xero.day")],
)
def test_a_limit_that_can_t_be_is_refused(xero: Office, calls: Any, field: str) -> None:
    refused = xero.call("PATCH", "", {"settings": {"calls": calls}})
    assert refused.status == 422
    assert any(name.startswith(field) for name in refused.fields)


def test_calls_are_kept_for_the_runs_that_are_still_due(xero: Office) -> None:
    assert xero.call("PUT", "/schedules/invoice_sync", {**EVENING, "enabled": True}).status == 200
    day = calls(xero)["xero"]
    assert day["reserved"] == 50, "none has run yet"
    assert day["kept_for"] == [
        {"flow": "invoice_sync", "at": f"{datetime.now(UTC):%Y-%m-%d}T23:59:00.000Z", "calls": 50}
    ]
    assert xero.call("PUT", "/schedules/invoice_sync", {**EVENING, "enabled": False}).status == 200
    assert calls(xero)["xero"]["reserved"] == 0


def test_diagnoses_use_their_share_of_a_day_and_no_call_more(xero: Office) -> None:
    """The calls of half a diagnosis count; the next one is refused before it calls anybody."""
    xero.call("PATCH", "", {"settings": {"calls": {"xero": {"day": 60}}}})
    xero.forget_requests()
    over = xero.call("GET", "/diagnosis")
    assert (over.status, over.code) == (429, "DIAGNOSIS_SHARE_USED")
    assert (over.json["system"], calls(xero)["xero"]["diagnosed"]) == ("xero", 3)
    assert len(xero.requests("xero")) == 3, "5 % of 60"
    assert over.json["reset"] == calls(xero)["xero"]["reset"]
    assert 0 < int(over.headers["Retry-After"]) <= 86_400
    xero.forget_requests()
    assert xero.call("GET", "/diagnosis").status == 429
    assert seen(xero) == {"autovu": 0, "xero": 0}
    assert xero.call("GET", "/documents").status == 200, "the share is that of diagnoses alone"
    xero.call("PATCH", "", {"settings": {"diagnosis_share": "1"}})
    assert xero.call("GET", "/diagnosis").status == 200


def test_nobody_sees_the_calls_of_another_tenant(world: World) -> None:
    connection_id = world.create()
    world.set_status(connection_id, ConnectionStatus.CONNECTED)
    answer = world.call("GET", f"/connections/{connection_id}/calls", tenant="other")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert world.call("GET", f"/connections/{connection_id}/calls", role="employee").status == 403
    assert world.call("GET", f"/connections/{connection_id}/calls?day=1").status == 400


def test_a_run_tells_its_calls_beside_what_was_forecast(world: World) -> None:
    connection_id = world.connected()
    run_id = world.start(connection_id)
    assert world.call("GET", f"/runs/{run_id}").json["calls"] == {}
    engine, run = world.container.engine, world.run(run_id)
    asked = {"made_xledger": 5, "retried_xledger": 1, "refused_xledger": 1, "waited_xledger": 2000}
    engine.ledger.runs.change(run, asked=asked, forecast={"xledger": 4, "simployer": 0})
    assert world.call("GET", f"/runs/{run_id}").json["calls"] == {
        "simployer": {"made": 0, "refused": 0, "retried": 0, "waited_s": 0.0, "forecast": 0},
        "xledger": {"made": 5, "refused": 1, "retried": 1, "waited_s": 2.0, "forecast": 4},
    }
