"""What is kept of a record's last outcome, until when it holds, and when everything is compared (RUN-11)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payrelay.domain.mirror import NEVER, Entry, Kind, day_number, is_full_due, pack, unpack, until

TODAY = date(2026, 11, 29)
NOW = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

entries = st.builds(
    Entry,
    kind=st.sampled_from(Kind),
    digest=st.binary(min_size=16, max_size=16),
    ids=st.lists(st.text(max_size=12), max_size=3).map(tuple),
    versions=st.lists(st.integers(0, 2**40), max_size=3).map(tuple),
    until=st.integers(0, NEVER),
)


@pytest.mark.requirement("RUN-11")
@given(st.dictionaries(st.text(max_size=30), entries))
def test_what_is_packed_comes_back_and_is_the_same_whatever_its_order(found: dict[str, Entry]) -> None:
    data = pack(found)
    assert unpack(data) == found
    assert list(unpack(data)) == sorted(found)
    assert pack(dict(reversed(found.items()))) == data


@pytest.mark.requirement("RUN-11")
def test_a_record_takes_little_room() -> None:
    """A mirror of 100,000 is at most 12 MB: 120 bytes of each."""
    chance = random.Random(1)
    page = {
        f"{chance.getrandbits(96):024x}": Entry(
            Kind.EQUAL,
            chance.randbytes(16),
            (f"{chance.randrange(10**9)}", f"{chance.randrange(10**9)}"),
            (chance.randrange(2**31), chance.randrange(2**31)),
            chance.choice((NEVER, 20_500 + chance.randrange(365))),
        )
        for _ in range(999)
    }
    assert len(pack(page)) / len(page) <= 120


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], None),
        ([None], None),
        ([TODAY - DAY], None),
        ([TODAY], TODAY + DAY),
        ([TODAY + DAY], TODAY + DAY),
        ([TODAY + 9 * DAY], TODAY + 9 * DAY),
        ([TODAY + 9 * DAY, None, TODAY - 3 * DAY, TODAY + 2 * DAY], TODAY + 2 * DAY),
        ([TODAY, TODAY + DAY], TODAY + DAY),
        ([date.min], None),
        ([date.max], date.max),
    ],
)
def test_an_entry_holds_until_the_next_day_that_could_change_it(
    days: list[date | None], expected: date | None
) -> None:
    assert until(TODAY, days) == (NEVER if expected is None else day_number(expected))


@pytest.mark.requirement("RUN-11")
@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.lists(st.dates(date(2000, 1, 1), date(2040, 1, 1)), max_size=4),
    st.integers(0, 4000),
)
def test_before_that_day_every_day_is_as_far_ahead_or_past_as_it_was(
    today: date, days: list[date], later: int
) -> None:
    def order(now: date) -> list[int]:
        return [(one > now) - (one < now) for one in days]

    holds = until(today, days)
    then = today + timedelta(days=later)
    if day_number(then) < holds:
        assert order(then) == order(today)
    if day_number(then) == holds:
        assert order(then) != order(today)


@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    ("full_at", "due"),
    [
        (None, True),
        (NOW - 7 * DAY, True),
        (NOW - 7 * DAY + HOUR, True),
        (NOW - 30 * DAY, True),
        (NOW, False),
        (NOW + timedelta(minutes=5), False),
        (NOW + 2 * HOUR, True),
        (NOW + 400 * DAY, True),
    ],
    ids=["never", "a week ago", "nearly a week", "a month ago", "now", "clocks", "ahead", "far ahead"],
)
def test_everything_is_compared_when_it_never_was_or_not_for_so_many_days(
    full_at: datetime | None, due: bool
) -> None:
    spread = next(name for name in map(str, range(99)) if not is_full_due(NOW, NOW + 3 * HOUR, 7, name))
    assert is_full_due(full_at, NOW, 7, spread) is due


@pytest.mark.requirement("RUN-11")
@given(st.integers(1, 7), st.text(max_size=20), st.integers(0, 10**6))
def test_a_daily_run_compares_everything_once_in_so_many_days(days: int, spread: str, minutes: int) -> None:
    full_at, gaps = NOW + timedelta(minutes=minutes), []
    for number in range(1, 60):
        now = NOW + timedelta(minutes=minutes) + number * DAY
        if is_full_due(full_at, now, days, spread):
            gaps.append((now - full_at).days)
            full_at = now
    assert set(gaps[1:]) == {days}
    assert 1 <= gaps[0] <= days


@pytest.mark.requirement("RUN-11")
def test_tenants_are_spread_over_the_days() -> None:
    """Of 700 that were all compared at one moment, about a hundred are due on each of the next days."""
    due = [0] * 8
    for number in range(700):
        first = next(day for day in range(1, 8) if is_full_due(NOW, NOW + day * DAY, 7, f"con_{number}"))
        due[first] += 1
    assert all(60 <= count <= 140 for count in due[1:])
