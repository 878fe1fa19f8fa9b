"""The offices of the machines are those of the flows' tests."""

from tests.flows.accrual_sync.conftest import clocked, company, time_clock
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
    "clocked",
    "company",
    "exact",
    "leave_sandboxes",
    "office",
    "people_sandboxes",
    "time_clock",
    "trade",
    "world",
]
