"""The sandbox of Simployer One: the AlexisHR public API."""

from .room import Simployer

__all__ = ["Simployer"]
