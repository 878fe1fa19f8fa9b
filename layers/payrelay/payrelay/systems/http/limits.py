"""What the headers of an answer tell of a vendor's limits: how many calls are left of its day, until when.

Read are the IETF's fields in both of their forms (`RateLimit` with `RateLimit-Policy`, and
`RateLimit-Limit`, `-Remaining` and `-Reset`), `X-RateLimit-…`, and Xero's `X-DayLimit-Remaining`. What makes
no sense is as if it were not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from payrelay.domain.budget import Left

DAY = 86_400
# A stretch that is reset later than this is no hour, and one that lasts longer than a day is no day.
_MORE_THAN_AN_HOUR = 3600
_MOST = 10**9
# Numbers of seconds from here on are since 1970, and from there on milliseconds.
_SINCE_1970, _MILLISECONDS = 10**9, 10**12
_WHOLE = re.compile(r"\d{1,14}")
_MEMBER = re.compile(r'"(?:[^"\\]|\\.)*"|[^,"]+')
_PAIR = re.compile(r"([a-z*][a-z0-9_.*-]*)\s*=\s*(\d+)")
THROTTLED = 429


class Limit(Struct, frozen=True):
    """A limit as an answer told it: calls `left`, and how many there are in how many seconds.

    `reset` is in how many seconds all are there again. What was not told is None.
    """

    left: int
    calls: int | None = None
    seconds: int | None = None
    reset: float | None = None

    @property
    def of_day(self) -> bool:
        """Whether it is one of a day: told as such, or by when it is reset."""
        if self.seconds is not None:
            return self.seconds == DAY
        return self.reset is not None and _MORE_THAN_AN_HOUR < self.reset <= DAY


def left_of_day(status: int, headers: Mapping[str, str], now: datetime) -> Left | None:
    """What is left of the vendor's day by an answer; None if it tells nothing of that.

    Of several such limits the one that ends first counts.
    """
    found = [one for one in limits_of(status, headers, now) if one.of_day]
    if not found:
        return None
    least = min(found, key=lambda one: one.left)
    reset = None if least.reset is None else now + timedelta(seconds=least.reset)
    return Left(least.left, now, reset)


def limits_of(status: int, headers: Mapping[str, str], now: datetime) -> Iterator[Limit]:
    """All limits that an answer tells of; the names of its headers are in lower case."""
    if not any("limit" in name for name in headers) and status != THROTTLED:
        return
    yield from _of_one_field(headers)
    for prefix in ("ratelimit", "x-ratelimit", "x-rate-limit"):
        yield from _of_three_fields(prefix, headers, now)
    yield from _of_xero(status, headers)


def _of_one_field(headers: Mapping[str, str]) -> Iterator[Limit]:
    """`"day";r=4188;t=3600` with the policy `"day";q=5000;w=86400`, or `limit=5000, remaining=4188, …`.

    A policy without a name is that of a limit without one.
    """
    text = headers.get("ratelimit", "")
    policies = dict(_members(headers.get("ratelimit-policy", "")))
    whole = dict(_PAIR.findall(text.lower()))
    if "remaining" in whole:
        yield from _limit(whole.get("remaining"), whole.get("limit"), policies, whole.get("reset"))
        return
    for name, values in _members(text):
        policy = policies.get(name, {})
        yield from _limit(values.get("r"), policy.get("q"), {name: policy} if policy else {}, values.get("t"))


def _of_three_fields(prefix: str, headers: Mapping[str, str], now: datetime) -> Iterator[Limit]:
    """`…-Limit`, `…-Remaining` and `…-Reset`, or the same for one stretch: `…-Remaining-Day`."""
    left = headers.get(f"{prefix}-remaining")
    if left is not None:
        told = headers.get(f"{prefix}-limit", "")
        policies = dict(_members(",".join(told.split(",")[1:]) or headers.get(f"{prefix}-policy", "")))
        reset = _until(headers.get(f"{prefix}-reset"), now)
        yield from _limit(left, told.split(",")[0].split(";")[0], policies, reset)
    of_day = headers.get(f"{prefix}-remaining-day")
    if of_day is not None:
        calls = headers.get(f"{prefix}-limit-day")
        yield from _limit(of_day, calls, {"": {"w": str(DAY)}}, None)


def _of_xero(status: int, headers: Mapping[str, str]) -> Iterator[Limit]:
    """The day of Xero, and what it says once that is over; its minutes are of no interest by then."""
    over = status == THROTTLED and headers.get("x-rate-limit-problem", "").strip().lower() == "day"
    wait = _number(headers.get("retry-after")) if over else None
    left = 0 if over else _number(headers.get("x-daylimit-remaining"))
    if left is not None:
        yield Limit(left, None, DAY, wait if wait is not None and wait <= DAY else None)


def _limit(
    left: str | None,
    calls: str | None,
    policies: Mapping[str, Mapping[str, str]],
    reset: str | float | None,
) -> Iterator[Limit]:
    """The limit of these texts, with the policy that goes with it; nothing if it can't be."""
    remaining, most = _number(left), _number(calls)
    if remaining is None or (most is not None and remaining > most):
        return
    policy = _policy(most, policies)
    seconds = _number(policy.get("w"))
    until = float(number) if isinstance(reset, str) and (number := _number(reset)) is not None else reset
    yield Limit(remaining, most, seconds or None, None if isinstance(until, str) else until)


def _policy(calls: int | None, policies: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """The one policy there is, or that of so many calls."""
    if len(policies) == 1:
        return next(iter(policies.values()))
    same = [one for name, one in policies.items() if calls is not None and calls in _calls_of(name, one)]
    return same[0] if len(same) == 1 else {}


def _calls_of(name: str, policy: Mapping[str, str]) -> Iterator[int]:
    for text in (name, policy.get("q")):
        number = _number(text)
        if number is not None:
            yield number


def _members(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The members of a list, each with its parameters: `"day";q=5000;w=86400` or `5000;w=86400`."""
    for member in _MEMBER.sub(lambda found: found[0].replace(",", " "), text).split(","):
        name, _, rest = member.partition(";")
        if name.strip():
            yield name.strip().strip('"'), dict(_PAIR.findall(rest.lower()))


def _until(text: str | None, now: datetime) -> float | None:
    """In how many seconds a limit is reset, told so, or as a moment since 1970."""
    number = _number(text)
    if number is None:
        return None
    if number < _SINCE_1970:
        return float(number)
    moment = number / 1000 if number >= _MILLISECONDS else number
    left = moment - now.astimezone(UTC).timestamp()
    return left if left >= 0 else None


def _number(text: str | None) -> int | None:
    """A whole number; None for anything else."""
    return int(text) if text is not None and _WHOLE.fullmatch(text := text.strip()) else None
