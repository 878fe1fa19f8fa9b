"""The sandbox of Express Leave: one company."""

from .room import ExpressLeave

__all__ = ["ExpressLeave"]
