"""Journal entries through the sandboxes: what is booked where, what is not and why (JRN-1, JRN-2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.journal import Ledgers, entry

Row = dict[str, Any]


@pytest.mark.requirement("JRN-1", "JRN-2", "RUN-5")
def test_an_entry_is_booked_once_in_the_company_of_its_number(books_of_pay: Ledgers) -> None:
    """PW-25: centre and unit each where its company has them."""
    second = entry("1000.00", entry_id="je-56", administratienummer="600")
    books_of_pay.give(entry("3500.00"), second)
    run = books_of_pay.journal()
    assert books_of_pay.outcomes(run) == {"je-55": "created", "je-56": "created"}
    assert books_of_pay.ledger_rows() == [
        ("500", "Januari 2026 [je-55]", "1700", "", "", "-3500.00"),
        ("500", "Januari 2026 [je-55]", "4000", "001", "", "3500.00"),
        ("600", "Januari 2026 [je-56]", "1700", "", "", "-1000.00"),
        ("600", "Januari 2026 [je-56]", "4000", "", "P1", "1000.00"),
    ]
    books_of_pay.forget_requests()
    again = books_of_pay.journal()
    assert (again.counts["unchanged"], books_of_pay.sent()) == (2, [])
