"""The sandboxes there are: adding one is one room and one line here."""

from .frame.room import Room
from .quickbooks import QuickBooks
from .simployer import Simployer
from .xledger import Xledger

ROOMS: tuple[type[Room], ...] = (Simployer, Xledger, QuickBooks)
