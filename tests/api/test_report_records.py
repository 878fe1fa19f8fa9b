"""Which components of pay somebody has is part of their report, in records, history and failures (REP-2)."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest

from payrelay.domain.records import Change, Outcome, Reason, Record, Write
from payrelay.domain.runs import ConnectionStatus
from payrelay.domain.sensitive import MASK
from payrelay.ledger import history
from tests.worlds.reports_api import JANUARY, Delft
from tests.worlds.structs import replace

pytestmark = [pytest.mark.requirement("REP-2"), pytest.mark.requirement("RUN-6")]

GARNISHMENT = Change("LOONBESLAG", None, MASK)
PEOPLE = (2012, 2014, 2038, 2099)  # 2038 has not the role, and 2099 is nobody in Exact Synergy


def of(person: int, outcome: Outcome = Outcome.UPDATED, why: Reason | None = None) -> Record:
    key = f"{JANUARY}:{person}"
    return Record("report", key, f"Report of {person}", outcome, f"report:{key}", why, (GARNISHMENT,))


@pytest.fixture
def run_id(delft: Delft) -> str:
    """A run that wrote reports of some people, and could not keep one; all with the same component."""
    run_id = delft.world.start(delft.connection_id, flow="report_pull")
    blocked = of(2013, Outcome.BLOCKED, Reason("VALUE_NOT_VALID", "An amount is not valid.", "Correct it."))
    delft.world.plan(run_id, [blocked], [Write(of(person), None) for person in PEOPLE])
    run = delft.world.finish(run_id, [of(person) for person in PEOPLE])
    for person in PEOPLE:
        entry = history.entry(run, of(person), "2026-03-07T05:00:00.000Z")
        where = ("demo", delft.connection_id, f"report:{JANUARY}:{person}")
        delft.world.container.ledger.history.put(*where, run_id, entry)
    return run_id


def shown(items: list[dict[str, Any]]) -> dict[str, bool]:
    """Of which people the changes are shown; of the others it is said how many there are, and why not."""
    for item in items:
        if not item["changes"]:
            assert item["withheld"]["changes"] == 1
            assert item["withheld"]["why"].startswith("Not shown, since ")
            assert "LOONBESLAG" not in str(item)
        else:
            assert "withheld" not in item
    return {item["key"].split(":")[1]: bool(item["changes"]) for item in items}


@pytest.mark.parametrize(
    ("reader", "role", "seen"),
    [
        (2002, "viewer", {"2012", "2013", "2014", "2099"}),  # HR, who is not shown 2038's report either
        (2012, "viewer", {"2012"}),
        (2003, "viewer", {"2014"}),  # the manager
        (2001, "admin", set()),  # the manager's manager: the roles of Payrelay give no right
        ("nobody@demo.example", "operator", set()),
    ],
)
def test_changes_are_shown_to_those_who_may_read_the_report(
    delft: Delft, run_id: str, reader: int | str, role: str, seen: set[str]
) -> None:
    """In records of runs, also of one that is blocked, and in the audit trail (security F9)."""
    found = delft.get(f"/runs/{run_id}/records", reader, role).json["items"]
    assert {person for person, shows in shown(found).items() if shows} == seen
    assert {item["outcome"] for item in found} == {"updated", "blocked"}
    for person in PEOPLE:
        path = f"/connections/{delft.connection_id}/history?entity=report&key={JANUARY}:{person}"
        (entry,) = delft.get(path, reader, role).json["items"]
        assert shown([{**entry, "key": f"{JANUARY}:{person}"}]) == {str(person): str(person) in seen}


def test_a_page_of_records_asks_synergy_a_few_times_at_most(delft: Delft, run_id: str) -> None:
    delft.calls()
    delft.get(f"/runs/{run_id}/records", 2002, "viewer")
    assert len(delft.calls()) == 4
    delft.get(f"/runs/{run_id}/records", "nobody@demo.example", "viewer")
    assert delft.calls() == ["list Resource"]
    delft.get(f"/runs/{run_id}/records?outcome=failed", 2002, "viewer")
    assert delft.calls() == [], "where nothing is to be seen nobody is asked"


@pytest.mark.requirement("OPS-2")
def test_whoever_is_on_call_sees_what_failed_and_no_component(delft: Delft, run_id: str) -> None:
    """Also while Exact Synergy is silent, and after the connection was deleted (security F9)."""
    for answer in (delft.get("/failures", 2002, "operator"), delft.get("/failures", 2002, "admin")):
        assert shown(answer.json["items"]) == {"2013": False}
        assert answer.json["groups"] == [{"code": "VALUE_NOT_VALID", "count": 1}]

    delft.faults("synergy", error_rate=1.0, errors=[503])
    silent = delft.get(f"/runs/{run_id}/records", 2002, "viewer")
    assert silent.status == 200
    assert not any(shown(silent.json["items"]).values())
    assert "Exact Synergy could not be asked" in silent.json["items"][0]["withheld"]["why"]

    delft.world.set_status(delft.connection_id, ConnectionStatus.NOT_CONNECTED)
    assert delft.world.call("DELETE", f"/connections/{delft.connection_id}").status == 204
    gone = delft.get(f"/runs/{run_id}/records", 2002, "viewer")
    assert not any(shown(gone.json["items"]).values())


def test_people_of_another_organisation_have_no_right_to_what_a_run_of_before_wrote(
    delft: Delft, run_id: str
) -> None:
    """Their numbers may be the same, and so may their addresses."""
    connections, where = delft.world.container.ledger.connections, ("demo", delft.connection_id)
    connection = connections.get(*where)
    assert connection
    connections.save(replace(connection, era=1))
    delft.calls()
    items = delft.get(f"/runs/{run_id}/records", 2002, "viewer").json["items"]
    assert not any(shown(items).values())
    assert "another organisation" in items[0]["withheld"]["why"]
    assert delft.calls() == []


def test_records_of_another_flow_are_shown_as_ever(delft: Delft) -> None:
    other = delft.world.finished(delft.world.connected())
    delft.calls()
    assert all(
        "withheld" not in one for one in delft.get(f"/runs/{other}/records", 2013, "viewer").json["items"]
    )
    assert delft.calls() == []


def test_the_log_says_who_was_shown_how_many(delft: Delft, run_id: str, logs: StringIO) -> None:
    delft.get(f"/runs/{run_id}/records", 2012, "viewer")
    (line,) = [line for line in logs.getvalue().splitlines() if "confidential records read" in line]
    assert '"shown":1' in line
    assert '"withheld":4' in line
    assert "LOONBESLAG" not in logs.getvalue()


def test_nobody_finds_out_by_asking_for_a_component(delft: Delft, run_id: str) -> None:
    """Not even by how many records are answered."""
    history = f"/connections/{delft.connection_id}/history?entity=report&key={JANUARY}:2012"
    for path in (f"/runs/{run_id}/records?field=LOONBESLAG", f"{history}&field=LOONBESLAG"):
        answer = delft.get(path, 2002, "viewer")
        assert (answer.status, list(answer.fields)) == (400, ["field"])
        assert "confidential" in answer.json["detail"]
    assert delft.get(f"/runs/{run_id}/records?search=2012", 2002, "viewer").json["items"]
