"""Awkward data at random: what people type, paste and import, and what stands at the edge of each limit."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")

# How many seeds each machine takes; more of them by hand: MACHINE_SEEDS=200 pytest tests/machines
SEEDS = range(int(os.environ.get("MACHINE_SEEDS", "2")))

NAMES = (
    "Harper Ltd",
    "O'Neil & Sons",
    "O’Neil – Sons",
    'The "Old Forge" Café',
    "Mu\u0308ller GmbH",
    "Müller  GmbH",
    "Ørsted\u00a0Joinery",
    "J & B",
    "Åse-Marie Bjørk",
    "李小龍",
    "Zoë 🎉 Events",
    "A",
    "x" * 101,
    "<b>&amp;</b>",
    "=SUM(A1)",
    "100% Pure; DROP TABLE",
    "a\tb",
    "line\nbreak",
)
SPACES = (" ", "\u00a0", "\u200b", "\ufeff", "\u202f", "\t")


class Chance(random.Random):
    """One seed's choices."""

    def one(self, *values: T) -> T:
        """One of these."""
        return values[self.randrange(len(values))]

    def happens(self, percent: int) -> bool:
        """Whether something that happens so often happens now."""
        return self.randrange(100) < percent

    def some(self, percent: int, **values: Sequence[Any]) -> dict[str, Any]:
        """For some of the names, one of their values."""
        return {name: self.one(*given) for name, given in values.items() if self.happens(percent)}

    def day(self, *edges: date, spread: int = 40) -> date:
        """A day at one of these edges, or near it."""
        return self.one(*edges) + timedelta(days=self.one(0, 0, -1, 1, self.randint(-spread, spread)))

    def money(self) -> Decimal:
        """An amount: mostly usual ones, and those at which rounding shows."""
        usual = Decimal(self.randint(1, 500_000)) / 100
        return self.one(
            usual, usual, usual, Decimal("0.01"), Decimal("0.005"), Decimal("241.67"), Decimal(0), -usual
        )
