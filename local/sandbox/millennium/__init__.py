"""The sandbox of Millennium (M3): one process server with the payrolls of several companies."""

from .room import Millennium

__all__ = ["Millennium"]
