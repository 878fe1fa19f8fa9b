"""The bucket of plans: what is to be sent, whole, and only while it is kept."""

from __future__ import annotations

import pytest

from payrelay.domain.records import Risk, Write
from payrelay.domain.sensitive import BankAccount, SocialSecurityNumber
from payrelay.ledger import Ledger
from payrelay.ledger.plans import PlanExpired
from tests.ledger.conftest import CONNECTION, TENANT, a_record, a_run

WRITE = Write(
    record=a_record("1042"),
    payload={
        "employee": {"socialSec": SocialSecurityNumber("01019012345"), "bankAccount": BankAccount("NO93")},
        "contact": {"homeAddress": {"place": "Ålesund", "zipCode": None}},
    },
    target_id="70001",
    risks=(Risk.BANK,),
    digests={"socialSec": "h"},
    facts={"contact": "80001"},
    removes=True,
)


def test_a_plan_comes_back_as_it_was_with_its_sensitive_values(ledger: Ledger) -> None:
    run = a_run()
    ledger.plans.put_writes(run, 3, [WRITE])
    assert ledger.plans.writes(TENANT, CONNECTION, run.run_id, 3) == [WRITE]
    ledger.plans.put_context(run, {"codes": {"FAST": "11"}})
    ledger.plans.put_only(run, ["a", "b"])
    assert ledger.plans.context(run) == {"codes": {"FAST": "11"}}
    assert ledger.plans.only(run) == ["a", "b"]


@pytest.mark.requirement("RUN-7")
def test_a_page_without_writes_keeps_no_plan(ledger: Ledger) -> None:
    run = a_run()
    ledger.plans.put_writes(run, 0, [])
    with pytest.raises(PlanExpired):
        ledger.plans.writes(TENANT, CONNECTION, run.run_id, 0)


@pytest.mark.requirement("CON-4")
def test_a_plan_is_only_there_for_its_own_tenant(ledger: Ledger) -> None:
    run = a_run()
    ledger.plans.put_writes(run, 0, [WRITE])
    with pytest.raises(PlanExpired):
        ledger.plans.writes("other", CONNECTION, run.run_id, 0)
