"""Bulletin: one notice board."""

from .room import Bulletin

__all__ = ["Bulletin"]
