"""The offices of the machines are those of the flows' tests."""

from tests.flows.conftest import acme, books, leave_sandboxes, trade, world

__all__ = ["acme", "books", "leave_sandboxes", "trade", "world"]
