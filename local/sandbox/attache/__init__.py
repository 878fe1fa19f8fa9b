"""Attaché Payroll and Attaché Online, API v1, with the OAuth endpoints beside it."""

from .room import Attache

__all__ = ["Attache"]
