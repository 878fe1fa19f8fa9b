"""The sandboxes there are: adding one is one room and one line here."""

from .frame.room import Room
from .sage import Sage
from .simployer import Simployer
from .xledger import Xledger

ROOMS: tuple[type[Room], ...] = (Simployer, Xledger, Sage)
