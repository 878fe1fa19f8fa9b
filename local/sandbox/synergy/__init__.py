"""The sandbox of Exact Synergy Enterprise: one server with its persons, roles, requests and documents."""

from .room import Synergy

__all__ = ["Synergy"]
