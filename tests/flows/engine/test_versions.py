"""The version of a flow: it differs whenever what decides its writes does, and for nothing else."""

from __future__ import annotations

import pytest

from payrelay.flows.versions import version_of
from tests.worlds.deployed import Deployed

FLOWS = ("employee_export", "time_off_export", "balance_sync")

CASES = [
    ("a flow's own rules", "flows/employee_export/rules.py", {"employee_export"}),
    ("how it compares", "flows/employee_export/compare.py", {"employee_export"}),
    ("the client of a system", "systems/xledger/client.py", {"employee_export", "time_off_export"}),
    ("the settings of a kind", "flows/settings/simployer_xledger.py", {"employee_export", "time_off_export"}),
    ("a rule that all share", "domain/sensitive.py", set(FLOWS)),
    ("how calls are made", "systems/http/door.py", set(FLOWS)),
    ("what a diagnosis says", "flows/employee_export/diagnose.py", set()),
    ("what the ledger keeps", "ledger/runs.py", set()),
]


@pytest.mark.requirement("RUN-5")
@pytest.mark.parametrize(("path", "affected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_a_change_of_source_changes_the_versions_that_it_affects(
    deployed: Deployed, path: str, affected: set[str]
) -> None:
    before = {flow: version_of(flow) for flow in FLOWS}
    deployed.change(path)
    assert {flow for flow in FLOWS if version_of(flow) != before[flow]} == affected


@pytest.mark.requirement("RUN-5")
def test_a_version_is_the_same_on_every_machine(deployed: Deployed) -> None:
    here = version_of("employee_export")
    deployed.move()
    assert version_of("employee_export") == here
