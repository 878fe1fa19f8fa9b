"""The sandbox of TimeWorksPlus."""

from .room import TimeWorksPlus

__all__ = ["TimeWorksPlus"]
