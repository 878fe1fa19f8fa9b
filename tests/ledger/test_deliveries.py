"""Deliveries: claimed before the call, so that whoever comes next knows what was sent (RUN-5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from payrelay.domain.records import Outcome
from payrelay.domain.runs import Link, Run
from payrelay.ledger import Ledger, history
from payrelay.ledger.deliveries import Claim, Intent, Settled, Standing
from payrelay.ledger.table import ConditionFailed
from tests.ledger.conftest import CONNECTION, NOW, TENANT, a_record, a_run
from tests.worlds.structs import replace

pytestmark = pytest.mark.requirement("RUN-5")

ID = "employee:1042"


def claim(
    ledger: Ledger, owner: str, fingerprint: str = "f", now: int = NOW, run: Run | None = None
) -> Claim:
    intents = [Intent(ID, "s1042", fingerprint)]
    return ledger.deliveries.claim(run or a_run(), owner, intents, now=now, until=now + 60)[ID]


def settle(ledger: Ledger, owner: str, **how: Any) -> None:
    fields = {"written": False, "outcome": Outcome.FAILED, **how}
    ledger.deliveries.settle(a_run(), owner, [Settled(ID, **fields)])


def done(ledger: Ledger, owner: str = "a", **more: Any) -> None:
    settle(ledger, owner, written=True, outcome=Outcome.UPDATED, target_id="70001", **more)


def test_what_was_never_sent_is_fresh(ledger: Ledger) -> None:
    assert claim(ledger, "a") == Claim(Standing.FRESH)


def test_what_is_done_with_the_same_fingerprint_is_done(ledger: Ledger) -> None:
    claim(ledger, "a")
    done(ledger)
    assert claim(ledger, "b") == Claim(Standing.DONE, "70001", Outcome.UPDATED)
    assert claim(ledger, "b", "another") == Claim(Standing.FRESH)


def test_a_claim_of_ones_own_is_unknown_since_part_of_it_may_have_been_sent(ledger: Ledger) -> None:
    claim(ledger, "a")
    assert claim(ledger, "a") == Claim(Standing.UNKNOWN, owner="a")


def test_a_claim_of_another_is_busy_until_it_expires_and_then_unknown(ledger: Ledger) -> None:
    claim(ledger, "a")
    assert claim(ledger, "b", now=NOW + 60).standing is Standing.BUSY
    assert claim(ledger, "b", now=NOW + 61) == Claim(Standing.UNKNOWN, owner="a")
    assert claim(ledger, "a", now=NOW + 61).standing is Standing.BUSY


def test_what_was_given_up_as_unknown_is_unknown_to_everybody(ledger: Ledger) -> None:
    claim(ledger, "a")
    settle(ledger, "a", unknown=True)
    assert claim(ledger, "b") == Claim(Standing.UNKNOWN, owner="a")


def test_what_was_released_unwritten_is_fresh_again(ledger: Ledger) -> None:
    claim(ledger, "a")
    settle(ledger, "a")
    assert claim(ledger, "b") == Claim(Standing.FRESH)


@pytest.mark.parametrize("how", [{"unknown": True}, {}, {"written": True, "outcome": Outcome.UPDATED}])
def test_only_the_owner_of_a_claim_settles_it(ledger: Ledger, how: dict[str, Any]) -> None:
    claim(ledger, "a")
    claim(ledger, "b", now=NOW + 61)
    link = Link("employee", "s1042", "1042", "70001")
    with pytest.raises(ConditionFailed):
        settle(ledger, "a", link=link, history={"at": "now"}, **how)
    assert claim(ledger, "c", now=NOW + 62).standing is Standing.BUSY
    assert [*ledger.links.all(TENANT, CONNECTION, "employee")] == []
    assert [*ledger.history.of(TENANT, CONNECTION, ID)] == []


def test_a_write_is_settled_with_its_link_and_its_history_at_once(ledger: Ledger) -> None:
    claim(ledger, "a")
    link = Link("employee", "s1042", "1042", "70001", {"socialSec": "h"}, {"contact": "80001"})
    entry = history.entry(a_run(), a_record("1042"), "2026-03-02T05:01:00.000Z")
    done(ledger, link=link, history=entry)
    assert ledger.links.get(TENANT, CONNECTION, "employee", ["s1042"]) == {"s1042": link}
    (kept,) = ledger.history.of(TENANT, CONNECTION, ID)
    assert kept["changes"] == [{"field": "contact.jobTitle", "old": "Trainee", "new": "Controller"}]
    assert ledger.deliveries.owners(TENANT, CONNECTION, [ID, "employee:9"]) == {ID: "s1042"}


def test_a_removal_is_settled_with_the_end_of_its_link(ledger: Ledger) -> None:
    claim(ledger, "a")
    done(ledger, link=Link("employee", "s1042", "1042", "70001"))
    claim(ledger, "b", "removal")
    done(ledger, "b", unlink=("employee", "s1042"))
    assert [*ledger.links.all(TENANT, CONNECTION, "employee")] == []


def test_more_than_a_hundred_are_claimed_and_settled_at_once(ledger: Ledger) -> None:
    intents = [Intent(f"employee:{n}", f"s{n}", "f") for n in range(103)]
    found = ledger.deliveries.claim(a_run(), "a", intents, now=NOW, until=NOW + 60)
    assert {claim.standing for claim in found.values()} == {Standing.FRESH}
    assert len(found) == 103
    settled = [Settled(i.record_id, True, Outcome.CREATED, f"t{i.source_id}") for i in intents]
    ledger.deliveries.settle(a_run(), "a", settled)
    again = ledger.deliveries.claim(a_run(2), "b", intents, now=NOW, until=NOW + 60)
    assert {claim.standing for claim in again.values()} == {Standing.DONE}
    assert again["employee:7"].target_id == "ts7"


def test_of_two_who_claim_at_once_one_is_told_that_the_other_is_at_work(ledger: Ledger) -> None:
    line = Barrier(2)

    def race(owner: str) -> Standing:
        line.wait(timeout=10)
        return claim(ledger, owner).standing

    with ThreadPoolExecutor(2) as track:
        assert sorted(track.map(race, ["a", "b"])) == [Standing.BUSY, Standing.FRESH]


def test_whoever_loses_the_race_for_a_claim_reads_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race itself: the other's claim arrives between the read and the write."""
    table: Any = ledger.deliveries._table
    transact = table.transact

    def overtaken(actions: Any) -> Any:
        monkeypatch.setattr(table, "transact", transact)
        claim(ledger, "b")
        return transact(actions)

    monkeypatch.setattr(table, "transact", overtaken)
    assert claim(ledger, "a").standing is Standing.BUSY


@pytest.mark.requirement("CON-4")
def test_deliveries_of_tenants_and_connections_are_apart(ledger: Ledger) -> None:
    claim(ledger, "a")
    assert claim(ledger, "b", run=a_run(tenant="other")) == Claim(Standing.FRESH)
    assert claim(ledger, "b", run=a_run(connection_id="con_B")) == Claim(Standing.FRESH)
    assert ledger.deliveries.owners("stranger", CONNECTION, [ID]) == {}


def test_a_claim_tells_when_another_run_sent_the_same_last(ledger: Ledger) -> None:
    claim(ledger, "a")
    done(ledger)
    assert claim(ledger, "b", "another").others_at is None
    done(ledger, "b")
    other = replace(a_run(), run_id="run_02")
    assert claim(ledger, "c", "a third", now=NOW + 5, run=other).others_at == NOW


def test_a_claim_that_was_given_back_still_tells_when_another_run_sent_the_same(ledger: Ledger) -> None:
    """(aws 6) The first try looked it up and had to wait; the next one sent what it had planned before."""
    claim(ledger, "a")
    done(ledger)
    other = replace(a_run(), run_id="run_02")
    for later in (5, 70, 140):
        found = claim(ledger, "b", "another", now=NOW + later, run=other)
        assert (found.standing, found.others_at) == (Standing.FRESH, NOW)
        settle(ledger, "b")
    claim(ledger, "b", "another", now=NOW + 200, run=other)
    done(ledger, "b")
    assert claim(ledger, "b", "a third", now=NOW + 210, run=other).others_at is None, "it was ours since"


def test_all_names_are_known_under_which_something_may_stand_until_it_is_settled(ledger: Ledger) -> None:
    """A document that was sent as S1, got another number, and was claimed once more before any look-up."""

    def claimed(owner: str, name: str, now: int) -> list[str]:
        sent = [Intent(ID, "s1042", "f", under=name)]
        ledger.deliveries.claim(a_run(), owner, sent, now=now, until=now + 60)
        return ledger.deliveries.names(TENANT, CONNECTION, [ID, "employee:1"])[ID]

    assert claimed("a", "S1", NOW) == ["S1"]
    settle(ledger, "a", unknown=True)
    assert claimed("b", "S9", NOW) == ["S1", "S9"]
    assert claimed("c", "", NOW + 61) == ["S1", "S9"]
    settle(ledger, "c")
    assert claimed("d", "S10", NOW) == ["S10"]
    done(ledger, "d")
    assert ledger.deliveries.names(TENANT, CONNECTION, [ID]) == {ID: []}
