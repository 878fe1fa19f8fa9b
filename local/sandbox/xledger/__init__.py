"""The sandbox of Xledger: its GraphQL API."""

from .room import Xledger

__all__ = ["Xledger"]
