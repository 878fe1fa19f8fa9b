"""Sensitive values planted everywhere show nowhere: not in logs, events, records, history, errors (SEC-1)."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.flows.opening import open_flow
from payrelay.ledger.parts import unsqueeze
from tests.flows.conftest import TOKENS, World
from tests.worlds import people
from tests.worlds.people import simployer, whole, xledger
from tests.worlds.structs import asdict, replace

SSN = "17886412345"
IBAN = "NO8330001234567"
NUMBER = "30001234567"
OTHER_SSN, REFUSED_SSN = "28786498765", "05897611223"
NUMBERS = (SSN, IBAN, NUMBER, OTHER_SSN, REFUSED_SSN)
PLANTED = (*NUMBERS, "simployer-sandbox-token", "xledger-sandbox-token", "98765.43")


def plant(world: World) -> None:
    """People with secrets: one new, one known with other secrets, one whom the target refuses."""
    known = [
        whole("1001", ssn=SSN, bankAccount={"iban": IBAN, "number": NUMBER}),
        whole("1002", ssn=OTHER_SSN, bankAccount={"number": NUMBER}),
        whole("1004", ssn=REFUSED_SSN, endDate=people.moment("2019-01-01")),
    ]
    for one in known:
        one.pay["amount"] = 98765.43
    state = simployer(known)
    world.put("simployer", state)
    world.put("xledger", xledger({**people.in_xledger(known[1]), "socialSec": SSN, "bankAccount": IBAN}))


def everything_stored(world: World) -> str:
    """Every item of the table, with packed records unpacked."""
    found = [
        {name: unsqueeze(value) if isinstance(value, bytes) else value for name, value in item.items()}
        for item in world.memory.table.everything()
    ]
    return json.dumps(found, default=str)


@pytest.mark.requirement("SEC-1", "RUN-6")
def test_planted_secrets_show_in_no_log_event_record_or_item_of_the_state(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    plant(world)
    outputs: list[Any] = []
    for mode in ("preview", "sync", "sync"):
        run: Run = world.run(mode=mode)
        outputs += [asdict(run), [asdict(record) for record in world.records(run).values()]]
    world.faults("xledger", errors=[500])
    outputs.append(asdict(world.run()))
    world.calm("xledger")
    for key in ("1001", "1002", "1004"):
        outputs += [
            asdict(check) for check in open_flow(world, "employee_export", world.connection).diagnose(key)
        ]
    shown = capsys.readouterr()
    said = {
        "logs": caplog.text + shown.out + shown.err,
        "events": json.dumps(world.heard.events, default=str),
        "runs, records and checks": json.dumps(outputs, default=str),
        "the state": everything_stored(world),
    }
    for place, text in said.items():
        for secret in PLANTED:
            assert secret not in text, f"{secret} shows in {place}"
    assert "*****45" in said["runs, records and checks"], "masked values are shown, so that a change is seen"
    stored = {row["code"]: row for row in world.state("xledger")["employees"]}
    assert stored["1001"]["socialSec"] == SSN
    assert stored["1001"]["bankAccount"] == IBAN


@pytest.mark.requirement("SEC-1")
def test_an_exception_that_carries_planned_writes_does_not_print_them(world: World) -> None:
    plant(world)
    run = world.start(mode="preview")
    world.steps(run)
    writes = world.ledger.plans.writes(run.tenant, run.connection_id, run.run_id, 0)
    text = f"{writes!r} {writes} {[replace(write, facts={}) for write in writes]}"
    assert SSN not in text
    assert IBAN not in text
    for token in TOKENS.values():
        assert "sandbox-token" not in repr(token)
    with pytest.raises(TypeError):
        json.dumps([write.payload for write in writes])
