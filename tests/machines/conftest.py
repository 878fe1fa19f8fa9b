"""The offices of the machines are those of the flows' tests."""

from tests.flows.conftest import (
    acme,
    books,
    books_of_pay,
    exact,
    leave_sandboxes,
    office,
    people_sandboxes,
    trade,
    world,
)

__all__ = [
    "acme",
    "books",
    "books_of_pay",
    "exact",
    "leave_sandboxes",
    "office",
    "people_sandboxes",
    "trade",
    "world",
]
