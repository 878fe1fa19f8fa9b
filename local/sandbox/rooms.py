"""The sandboxes there are: adding one is one room and one line here."""

from .attache import Attache
from .autovu import AutoVuQuickBooks, AutoVuSage, AutoVuXero
from .express_leave import ExpressLeave
from .frame.room import Room
from .globe_next import GlobeNext
from .millennium import Millennium
from .payroll_plus import PayrollPlus
from .quickbooks import QuickBooks
from .sage import Sage
from .simployer import Simployer
from .synergy import Synergy
from .timeworksplus import TimeWorksPlus
from .xero import Xero
from .xledger import Xledger

ROOMS: tuple[type[Room], ...] = (
    Simployer,
    Xledger,
    AutoVuQuickBooks,
    AutoVuXero,
    AutoVuSage,
    QuickBooks,
    Xero,
    Sage,
    Attache,
    ExpressLeave,
    PayrollPlus,
    Synergy,
    GlobeNext,
    Millennium,
    TimeWorksPlus,
)
