"""Connections, schedules, standings, tenants and apps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.records import Reason
from payrelay.domain.runs import Connection, ConnectionStatus
from payrelay.ledger import Ledger
from payrelay.ledger.table import ConditionFailed
from tests.worlds.structs import replace

AT = "2026-03-02T05:00:00.000Z"


def a_connection(connection_id: str = "con_A", tenant: str = "demo", **changed: Any) -> Connection:
    settings = {"brake": {"people": 5, "share": Decimal("0.1")}, "employee_groups": {"permanent": "FAST"}}
    fields: dict[str, Any] = {
        "name": "Nordlys",
        "kind": "simployer_xledger",
        "settings": settings,
        "status": ConnectionStatus.NOT_CONNECTED,
        "created_at": AT,
        "updated_at": AT,
    }
    return Connection(tenant, connection_id, **{**fields, **changed})


def test_a_connection_is_made_once_and_read_back_whole(ledger: Ledger) -> None:
    why = reason("CREDENTIALS_REFUSED", system="Xledger", problem="gone")
    made = a_connection(reason=why, organisations={"xledger": "500"}, status=ConnectionStatus.ATTENTION)
    ledger.connections.create(made)
    assert ledger.connections.get("demo", "con_A") == made
    with pytest.raises(ConditionFailed):
        ledger.connections.create(a_connection(name="another"))
    assert ledger.connections.get("demo", "con_A") == made


def test_a_change_is_saved_only_over_the_version_that_was_read(ledger: Ledger) -> None:
    ledger.connections.create(a_connection())
    mine = yours = ledger.connections.get("demo", "con_A")
    assert mine
    assert yours
    saved = ledger.connections.save(replace(mine, name="mine"))
    assert (saved.name, saved.version) == ("mine", 2)
    with pytest.raises(ConditionFailed):
        ledger.connections.save(replace(yours, name="yours"))
    assert ledger.connections.get("demo", "con_A") == saved


def test_connections_are_listed_by_id_after_a_cursor(ledger: Ledger) -> None:
    for letter in "CAB":
        ledger.connections.create(a_connection(f"con_{letter}"))
    ledger.connections.set_add_ons("demo", frozenset({"employee_export"}))
    listed = [one.connection_id for one in ledger.connections.list("demo")]
    assert listed == ["con_A", "con_B", "con_C"]
    assert [one.connection_id for one in ledger.connections.list("demo", after="con_A")] == ["con_B", "con_C"]


def test_only_what_is_not_connected_is_deleted(ledger: Ledger) -> None:
    connection = a_connection(status=ConnectionStatus.CONNECTED)
    ledger.connections.create(connection)
    with pytest.raises(ConditionFailed):
        ledger.connections.delete(connection)
    ledger.connections.save(replace(connection, status=ConnectionStatus.NOT_CONNECTED))
    ledger.connections.delete(connection)
    ledger.connections.delete(connection)
    assert ledger.connections.get("demo", "con_A") is None


def test_only_a_connected_one_gets_attention(ledger: Ledger) -> None:
    why = reason("CREDENTIALS_REFUSED", system="Xledger", problem="gone")
    ledger.connections.create(a_connection())
    with pytest.raises(ConditionFailed):
        ledger.connections.attention("demo", "con_A", why, AT)
    connected = ledger.connections.save(replace(a_connection(), status=ConnectionStatus.CONNECTED))
    for _ in range(2):
        ledger.connections.attention("demo", "con_A", why, "2026-03-02T06:00:00.000Z")
    found = ledger.connections.get("demo", "con_A")
    assert found
    assert (found.status, found.reason) == (ConnectionStatus.ATTENTION, why)
    assert found.version == connected.version + 2


def test_schedules_and_standings_belong_to_their_flow(ledger: Ledger) -> None:
    plan = {"days": ["MON"], "time": "06:00", "time_zone": "Europe/Oslo", "enabled": True}
    for flow in ("time_off_export", "employee_export"):
        ledger.connections.put_schedule("demo", "con_A", flow, plan)
    ledger.connections.put_schedule("demo", "con_A", "employee_export", {**plan, "time": "07:00"})
    kept = ledger.connections.schedule("demo", "con_A", "employee_export")
    assert kept
    assert (kept["time"], kept["flow"]) == ("07:00", "employee_export")
    flows = [one["flow"] for one in ledger.connections.schedules("demo", "con_A")]
    assert flows == ["employee_export", "time_off_export"]
    ledger.connections.delete_schedule("demo", "con_A", "employee_export")
    assert ledger.connections.schedule("demo", "con_A", "employee_export") is None
    assert ledger.connections.standing("demo", "con_A", "employee_export") == {}
    assert ledger.connections.standings("demo", "con_A") == {}


@pytest.mark.requirement("TRG-5")
def test_the_enabled_schedules_of_all_tenants_are_listed(ledger: Ledger) -> None:
    connections = ledger.connections
    for tenant, flow in (
        ("other", "employee_export"),
        ("demo", "time_off_export"),
        ("demo", "employee_export"),
    ):
        connections.put_schedule(tenant, "con_A", flow, {"time": "06:00", "enabled": True})
    connections.put_schedule("demo", "con_B", "employee_export", {"time": "06:00", "enabled": False})

    def listed() -> list[tuple[str, str, str]]:
        found = connections.enabled_schedules()
        return [(one["tenant"], one["connection_id"], one["flow"]) for one in found]

    all_three = [
        ("demo", "con_A", "employee_export"),
        ("demo", "con_A", "time_off_export"),
        ("other", "con_A", "employee_export"),
    ]
    assert listed() == all_three
    connections.put_schedule("demo", "con_A", "time_off_export", {"time": "06:00", "enabled": False})
    connections.delete_schedule("other", "con_A", "employee_export")
    assert listed() == all_three[:1]


WHY = Reason("NOT_CONNECTED", "It is not connected.", "Connect it.")


@pytest.mark.requirement("TRG-5")
def test_a_missed_moment_is_noted_once_and_a_run_keeps_it(ledger: Ledger) -> None:
    place, connections = ("demo", "con_A", "employee_export"), ledger.connections
    connections.note_missed(*place, AT, WHY)
    for earlier_or_same in (AT, "2026-03-01T05:00:00.000Z"):
        with pytest.raises(ConditionFailed):
            connections.note_missed(*place, earlier_or_same, WHY)
    later = Reason("LAPSED", "It has ended.", "Connect it again.")
    connections.note_missed(*place, "2026-03-03T05:00:00.000Z", later)
    standing = connections.standing(*place)
    assert (standing["missed_at"], standing["missed_code"]) == ("2026-03-03T05:00:00.000Z", "LAPSED")
    assert standing["missed_reason"]["message"] == "It has ended."


def test_add_ons_are_known_by_their_tenant(ledger: Ledger) -> None:
    assert ledger.connections.add_ons("demo") == frozenset()
    ledger.connections.set_add_ons("demo", frozenset({"b", "a"}))
    assert ledger.connections.add_ons("demo") == {"a", "b"}


@pytest.mark.requirement("CON-4")
def test_a_tenant_sees_and_touches_nothing_of_another_whatever_id_it_sends(ledger: Ledger) -> None:
    ledger.connections.create(a_connection(status=ConnectionStatus.CONNECTED))
    ledger.connections.put_schedule("demo", "con_A", "employee_export", {"time": "06:00"})
    connections = ledger.connections
    assert connections.get("other", "con_A") is None
    assert [*connections.list("other")] == []
    assert connections.schedule("other", "con_A", "employee_export") is None
    assert connections.schedules("other", "con_A") == []
    assert connections.add_ons("other") == frozenset()
    with pytest.raises(ConditionFailed):
        connections.save(a_connection(tenant="other"))
    with pytest.raises(ConditionFailed):
        connections.attention("other", "con_A", reason("RUN_DIED", problem="x"), AT)
    connections.delete(a_connection(tenant="other"))
    connections.delete_schedule("other", "con_A", "employee_export")
    assert connections.get("demo", "con_A") == a_connection(status=ConnectionStatus.CONNECTED)
    assert connections.schedule("demo", "con_A", "employee_export")
