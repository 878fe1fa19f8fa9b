"""The outside systems on loopback: real HTTP servers that speak each system's wire format.

Written from the contracts alone; nothing here knows the product that is tested against it.
"""

from .frame.room import Options
from .running import Running, running, start

__all__ = ["Options", "Running", "running", "start"]
