"""The sandbox of AutoVu: one tenant for each accounting package."""

from .room import AutoVuQuickBooks, AutoVuSage, AutoVuXero

__all__ = ["AutoVuQuickBooks", "AutoVuSage", "AutoVuXero"]
