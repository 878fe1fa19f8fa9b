"""The sandbox of QuickBooks Online: the Accounting API v3 and its OAuth endpoints."""

from .room import QuickBooks

__all__ = ["QuickBooks"]
