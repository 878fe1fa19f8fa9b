"""The sandbox of Exact Globe Next: one server with the administrations of several companies."""

from .room import GlobeNext

__all__ = ["GlobeNext"]
