"""The sandbox of Xero: the Accounting API 2.0 and its OAuth endpoints."""

from .room import Xero

__all__ = ["Xero"]
