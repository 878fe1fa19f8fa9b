"""The flow of leave balances as catalog and engine know it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from payrelay.flows.balance_sync.flow import BalanceSync
from payrelay.flows.balance_sync.read import Sides
from payrelay.flows.balance_sync.settings import BalanceSyncOptions
from payrelay.flows.catalog import KINDS, flow_row
from payrelay.flows.settings import model
from payrelay.flows.settings.attache_express_leave import Settings

KIND = KINDS["attache_express_leave"]
ROW = flow_row("balance_sync")


def no_client(system: str) -> Any:
    raise AssertionError(f"{system} is called before it is needed")


@pytest.mark.requirement("LB-1")
def test_the_flow_is_what_the_catalog_says_and_calls_nobody_when_it_is_made() -> None:
    ledger: Any = None
    flow = BalanceSync("demo", "con_1", ledger, Settings(), Sides(no_client))
    assert (flow.name, flow.entity) == (ROW.name, ROW.entity)
    assert ROW.entities == ("employee", "balance")
    assert KIND.login_flow == flow.name
    assert not flow.links_by_target
    # Whole calls of balances, and each is settled before the next.
    assert flow.at_once
    assert flow.batch_size % flow.at_once == 0
    assert model(ROW.options) is BalanceSyncOptions
    assert model(KIND.settings) is Settings


@pytest.mark.requirement("LB-3", "LB-4")
def test_settings_left_out_touch_nobody_made_by_hand() -> None:
    found = Settings()
    assert (found.contractors, found.new_user_type) == ((), "Employee (Non-Approver)")
    with pytest.raises(ValidationError):
        Settings.model_validate({"new_user_type": "Administrator"})
    with pytest.raises(ValidationError):
        BalanceSyncOptions.model_validate({"employees": [""]})
