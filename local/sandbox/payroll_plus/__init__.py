"""Exact Payroll Plus, API v1: the employees of one employer, and what their pay came to."""

from .room import PayrollPlus

__all__ = ["PayrollPlus"]
