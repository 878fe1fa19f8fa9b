"""Realistic data for the sandboxes, all invented."""

from collections.abc import Callable

from .simployer_xledger import simployer_state, xledger_state
from .state import State
from .xero import xero_state

SEEDS: dict[str, Callable[[], State]] = {
    "simployer": simployer_state,
    "xledger": xledger_state,
    "xero": xero_state,
}
