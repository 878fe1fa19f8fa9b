"""The brake's limit: a number of people and a share, and both must be passed (RUN-10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from payrelay.domain.brake import Limit, brake

LIMITS: list[tuple[str, Mapping[str, Any] | None, int, int, bool]] = [
    ("the default: five people always pass", None, 5, 6, False),
    ("the default: six of sixty are a tenth", None, 6, 60, False),
    ("the default: six of fifty-nine are more", None, 6, 59, True),
    ("a number only", {"people": 2, "share": "0"}, 3, 1000, True),
    ("not above the number", {"people": 3, "share": "0"}, 3, 3, False),
    ("not above the share", {"people": 0, "share": "0.5"}, 5, 10, False),
    ("above both", {"people": 0, "share": "0.5"}, 6, 10, True),
    ("nobody may be hurt", {"people": 0, "share": "0"}, 1, 1000, True),
    ("everybody may be", {"people": 0, "share": "1"}, 1000, 1000, False),
    ("nobody is", {"people": 0, "share": "0"}, 0, 1000, False),
]


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(
    ("setting", "people", "total", "held"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS]
)
def test_the_limit_is_a_number_and_a_share_and_both_must_be_passed(
    setting: Mapping[str, Any] | None, people: int, total: int, held: bool
) -> None:
    limit = Limit.of({"brake": setting} if setting else {})
    found = brake(limit, {"end": people}, people, total)
    assert (found is not None) == held


def test_what_is_held_says_whom_it_would_hurt_and_what_the_limit_is() -> None:
    found = brake(Limit(), {"pay": 4, "end": 3}, 6, 50)
    assert found
    assert (found["people"], found["total"], found["risks"]) == (6, 50, {"pay": 4, "end": 3})
    for part in ("6 of 50", "end: 3, pay: 4", "5 people and 10 %"):
        assert part in found["message"]
    assert "admin" in found["remedy"]
