"""Calls of the API that a remedy names are whole, so that they can be typed (oncall OC-25)."""

import pytest

from payrelay.domain.whole import whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Link this (POST …/accounts/a-20/link).", "Link this (POST /connections/con_1/accounts/a-20/link)."),
        (
            "(DELETE …/accounts/a-1/link, then POST …/accounts/a-1/link)",
            "(DELETE /connections/con_1/accounts/a-1/link, then POST /connections/con_1/accounts/a-1/link)",
        ),
        ("Connect again (POST …/connect).", "Connect again (POST /connections/con_1/connect)."),
        ("Correct the name … and so on.", "Correct the name … and so on."),
        ("Connect (POST /connections/con_2/connect).", "Connect (POST /connections/con_2/connect)."),
    ],
)
def test_a_call_is_whole(text: str, expected: str) -> None:
    assert whole(text, "con_1") == expected
