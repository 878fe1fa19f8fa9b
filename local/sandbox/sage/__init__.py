"""Sage Accounting, API v3.1, with the OAuth endpoints beside it."""

from .room import Sage

__all__ = ["Sage"]
