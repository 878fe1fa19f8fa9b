"""Realistic data for the sandboxes, all invented."""

from collections.abc import Callable
from functools import partial

from .attache import attache_state
from .autovu import autovu_state
from .express_leave import express_leave_state
from .globe_next import globe_next_state
from .millennium import millennium_state
from .payroll_plus import payroll_plus_state
from .quickbooks import quickbooks_state
from .sage import sage_state
from .simployer_xledger import simployer_state, xledger_state
from .state import State
from .synergy import synergy_state
from .timeworksplus import timeworksplus_state
from .xero import xero_state

SEEDS: dict[str, Callable[[], State]] = {
    "simployer": simployer_state,
    "xledger": xledger_state,
    "autovu_quickbooks": partial(autovu_state, "QuickBooks"),
    "autovu_xero": partial(autovu_state, "Xero"),
    "autovu_sage": partial(autovu_state, "Sage"),
    "xero": xero_state,
    "sage": sage_state,
    "quickbooks": quickbooks_state,
    "attache": attache_state,
    "express_leave": express_leave_state,
    "payroll_plus": payroll_plus_state,
    "synergy": synergy_state,
    "globe_next": globe_next_state,
    "millennium": millennium_state,
    "timeworksplus": timeworksplus_state,
}
