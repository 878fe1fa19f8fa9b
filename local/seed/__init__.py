"""Realistic data for the sandboxes, all invented."""

from collections.abc import Callable

from .quickbooks import quickbooks_state
from .simployer_xledger import simployer_state, xledger_state
from .state import State

SEEDS: dict[str, Callable[[], State]] = {
    "simployer": simployer_state,
    "xledger": xledger_state,
    "quickbooks": quickbooks_state,
}
