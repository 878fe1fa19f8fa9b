"""What the headers of an answer tell of a vendor's day (RUN-11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payrelay.systems.http.limits import Limit, left_of_day, limits_of

pytestmark = pytest.mark.requirement("RUN-11")
NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
SINCE_1970 = int(NOW.timestamp())
DAY = 86_400

# What it is, the headers, the limits that they tell.
LIMITS = [
    ("nothing", {}, []),
    (
        "the newest form",
        {"ratelimit": '"day";r=4188;t=3600', "ratelimit-policy": '"day";q=5000;w=86400'},
        [Limit(4188, 5000, DAY, 3600)],
    ),
    (
        "two of the newest form",
        {
            "ratelimit": '"burst";r=9;t=1, "day";r=4188;t=60',
            "ratelimit-policy": '"burst";q=10;w=1,"day";q=5000;w=86400',
        },
        [Limit(9, 10, 1, 1), Limit(4188, 5000, DAY, 60)],
    ),
    (
        "a name with a comma",
        {"ratelimit": '"a, b";r=1', "ratelimit-policy": '"a, b";q=2;w=60'},
        [Limit(1, 2, 60)],
    ),
    ("without its policy", {"ratelimit": '"day";r=4188;t=7200'}, [Limit(4188, None, None, 7200)]),
    ("with that of another", {"ratelimit": '"day";r=7', "ratelimit-policy": '"hour";q=9;w=3600'}, [Limit(7)]),
    (
        "the form before",
        {"ratelimit": "limit=5000, remaining=4188, reset=50", "ratelimit-policy": "5000;w=86400"},
        [Limit(4188, 5000, DAY, 50)],
    ),
    (
        "the form before, of several policies",
        {"ratelimit": "limit=100, remaining=50, reset=5", "ratelimit-policy": "100;w=60, 5000;w=86400"},
        [Limit(50, 100, 60, 5)],
    ),
    (
        "three fields",
        {"ratelimit-limit": "5000", "ratelimit-remaining": "4188", "ratelimit-reset": "50"},
        [Limit(4188, 5000, None, 50)],
    ),
    (
        "three fields, with the stretch",
        {"ratelimit-limit": "5000, 5000;w=86400", "ratelimit-remaining": "4188", "ratelimit-reset": "50"},
        [Limit(4188, 5000, DAY, 50)],
    ),
    ("three fields of old", {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59"}, [Limit(59, 60)]),
    (
        "a moment since 1970",
        {"x-ratelimit-remaining": "5", "x-ratelimit-reset": f"{SINCE_1970 + 7200}"},
        [Limit(5, None, None, 7200)],
    ),
    (
        "in milliseconds",
        {"x-rate-limit-remaining": "5", "x-rate-limit-reset": f"{SINCE_1970 + 7200}000"},
        [Limit(5, None, None, 7200)],
    ),
    (
        "a moment that is over",
        {"x-ratelimit-remaining": "5", "x-ratelimit-reset": f"{SINCE_1970 - 9}"},
        [Limit(5)],
    ),
    (
        "one for each stretch",
        {
            "x-ratelimit-remaining-day": "4188",
            "x-ratelimit-limit-day": "5000",
            "x-ratelimit-remaining-minute": "3",
        },
        [Limit(4188, 5000, DAY)],
    ),
    (
        "Xero",
        {"x-daylimit-remaining": "4188", "x-minlimit-remaining": "59", "x-appminlimit-remaining": "9999"},
        [Limit(4188, None, DAY)],
    ),
    (
        "no number",
        {"ratelimit-remaining": "many", "x-daylimit-remaining": "-3", "x-ratelimit-remaining": "1e3"},
        [],
    ),
    ("more than there are", {"ratelimit-limit": "10", "ratelimit-remaining": "11"}, []),
    ("no structure", {"ratelimit": ';;,"";=,r', "ratelimit-policy": '"w=;q'}, []),
    ("far too long a number", {"x-daylimit-remaining": "9" * 40}, []),
]


@pytest.mark.parametrize(("headers", "expected"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_what_headers_tell_of_limits(headers: dict[str, str], expected: list[Limit]) -> None:
    assert list(limits_of(200, headers, NOW)) == expected


# What it is, status, headers, what is left of the day, and in how many seconds that is over.
DAYS = [
    ("Xero", 200, {"x-daylimit-remaining": "4188"}, (4188, None)),
    (
        "Xero, and its day is over",
        429,
        {"x-rate-limit-problem": "day", "retry-after": "67000", "x-daylimit-remaining": "0"},
        (0, 67_000),
    ),
    (
        "Xero, and its minute is over",
        429,
        {"x-rate-limit-problem": "minute", "retry-after": "40", "x-daylimit-remaining": "4188"},
        (4188, None),
    ),
    ("a wait of more than a day", 429, {"x-rate-limit-problem": "day", "retry-after": "100000"}, (0, None)),
    ("a limit of a minute", 200, {"ratelimit": '"m";r=59', "ratelimit-policy": '"m";q=60;w=60'}, None),
    (
        "one that is reset in hours",
        200,
        {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "7200"},
        (7, 7200),
    ),
    (
        "one that is reset within the hour",
        200,
        {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "3600"},
        None,
    ),
    ("one of a month", 200, {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "90000"}, None),
    ("busy, without a word of limits", 429, {"retry-after": "5000"}, None),
    (
        "two of a day",
        200,
        {
            "ratelimit": '"app";r=9, "mine";r=3;t=50',
            "ratelimit-policy": '"app";q=10;w=86400,"mine";q=5;w=86400',
        },
        (3, 50),
    ),
]


@pytest.mark.parametrize(
    ("status", "headers", "expected"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS]
)
def test_what_is_left_of_a_day(
    status: int, headers: dict[str, str], expected: tuple[int, int | None] | None
) -> None:
    found = left_of_day(status, headers, NOW)
    if expected is None:
        assert found is None
        return
    calls, seconds = expected
    assert found
    assert (found.calls, found.at) == (calls, NOW)
    assert found.reset == (None if seconds is None else NOW + timedelta(seconds=seconds))
