"""The sandbox of Bulletin: what it takes, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEADERS = {"Authorization": "Bearer bulletin-sandbox-token"}
MILK = {"text": "Buy milk"}


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/pins/n1", HEADERS, MILK, 200),
        ("/pins/n1", HEADERS, {"text": " "}, 400),
        ("/pins/n1", HEADERS, {**MILK, "colour": "red"}, 400),
        ("/pins/n1", {}, MILK, 401),
        ("/notes/n1", HEADERS, MILK, 404),
    ],
)
def test_a_pin_has_a_text_and_the_owners_token(
    client: Callable[..., Any], path: str, headers: dict[str, str], body: dict[str, str], status: int
) -> None:
    answer = client("bulletin", headers).call("PUT", path, json=body)
    assert answer.status_code == status, answer.text
