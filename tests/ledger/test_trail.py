"""Links and the audit trail (RUN-6)."""

from __future__ import annotations

import pytest

from payrelay.domain.reasons import reason
from payrelay.domain.records import Outcome
from payrelay.domain.runs import Link
from payrelay.ledger import Ledger, history
from payrelay.ledger.deliveries import Intent, Settled
from tests.ledger.conftest import CONNECTION, NOW, TENANT, a_record, a_run
from tests.worlds.structs import asdict, replace

AT = "2026-03-02T05:01:00.000Z"


def write(
    ledger: Ledger, key: str, number: int = 1, tenant: str = TENANT, comment: str | None = None
) -> Link:
    """One written record, as applying a batch stores it."""
    run = a_run(number, tenant=tenant)
    why = replace(reason("RUN_DIED", problem="x"), message=comment) if comment else None
    record = a_record(key, reason=why)
    link = Link("employee", record.source_id, key, f"7{key}", {"socialSec": "h"}, {"contact": "8"})
    owner = f"{run.run_id}/0"
    intents = [Intent(record.record_id, record.source_id, f"f{number}")]
    ledger.deliveries.claim(run, owner, intents, now=NOW, until=NOW + 60)
    entry = history.entry(run, record, AT)
    settled = Settled(record.record_id, True, Outcome.UPDATED, f"7{key}", link=link, history=entry)
    ledger.deliveries.settle(run, owner, [settled])
    return link


@pytest.mark.requirement("RUN-6")
def test_the_trail_tells_when_by_which_run_and_from_what_to_what(ledger: Ledger) -> None:
    write(ledger, "1042", comment="agreed with Kari")
    (entry,) = ledger.history.of(TENANT, CONNECTION, "employee:1042")
    told = {name: value for name, value in entry.items() if name not in ("pk", "sk")}
    assert told == {
        "at": AT,
        "run_id": "run_001",
        "flow": "employee_export",
        "trigger": "manual",
        "requested_by": "kari@nordlys.example",
        "outcome": "updated",
        "changes": [asdict(change) for change in a_record("1042").changes],
        "comment": "agreed with Kari",
    }


@pytest.mark.requirement("RUN-6")
def test_the_trail_of_a_record_is_listed_newest_first_after_a_cursor(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        write(ledger, "1042", number)
    write(ledger, "1043", 4)
    trail = [entry["run_id"] for entry in ledger.history.of(TENANT, CONNECTION, "employee:1042")]
    assert trail == ["run_003", "run_002", "run_001"]
    older = ledger.history.of(TENANT, CONNECTION, "employee:1042", after="run_002")
    assert [entry["run_id"] for entry in older] == ["run_001"]


@pytest.mark.requirement("RUN-6")
def test_what_is_written_again_by_the_same_run_is_one_entry(ledger: Ledger) -> None:
    write(ledger, "1042")
    write(ledger, "1042")
    assert len([*ledger.history.of(TENANT, CONNECTION, "employee:1042")]) == 1


def test_links_are_found_by_the_source_listed_and_forgotten(ledger: Ledger) -> None:
    links = {link.source_id: link for link in (write(ledger, key) for key in ("2", "1", "3"))}
    assert ledger.links.get(TENANT, CONNECTION, "employee", ["s1", "s9", "s3", "s1"]) == {
        "s1": links["s1"],
        "s3": links["s3"],
    }
    found = {link.source_id: link for link in ledger.links.all(TENANT, CONNECTION, "employee")}
    assert found == {name: links[name] for name in ("s1", "s2", "s3")}
    ledger.links.forget(TENANT, CONNECTION, "employee", "s2")
    ledger.links.forget(TENANT, CONNECTION, "employee", "s9")
    assert sorted(ledger.links.source_ids(TENANT, CONNECTION, "employee")) == ["s1", "s3"]
    assert [*ledger.links.all(TENANT, CONNECTION, "absence")] == []


@pytest.mark.requirement("CON-4")
def test_links_and_trails_are_only_there_for_their_own_tenant(ledger: Ledger) -> None:
    write(ledger, "1042")
    write(ledger, "1043", tenant="other")
    assert [*ledger.links.source_ids(TENANT, CONNECTION, "employee")] == ["s1042"]
    assert ledger.links.get("other", CONNECTION, "employee", ["s1042"]) == {}
    assert [*ledger.history.of("other", CONNECTION, "employee:1042")] == []
