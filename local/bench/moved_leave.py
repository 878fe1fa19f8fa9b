"""What a login costs that reads only what moved, beside one that compares everything, in the same run."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from local.bench import speed
from local.bench.figures import Figure, exactly, within
from local.bench.leave import LEAVE_PAGE, TYPES, Acme, counts, words
from local.bench.sandboxes import sandboxes
from local.bench.story import FULL

Say = Callable[[str], None]
# Beside the pages of users: the company, the types of leave, the sync, what moved at payroll, and a proof.
BESIDE_USERS = 7
FOR_EACH_HUNDRED = 2
LARGEST_SHARE, PACED_TURNS = 0.35, 3
# Attaché takes 60 calls a minute, of which a full comparison makes 20.
PAUSE = 20.0
# A first login, and what follows until one reads only what moved.
MOST_RUNS = 4


def measure(size: int, turns: int, say: Say) -> Iterator[Figure]:
    """Every figure of logins, as it is known."""
    with sandboxes() as systems:
        acme = Acme(systems, size)
        say(f"logins of a company of {size:,} employees")
        _settle(acme)
        yield from _unmoved(acme)
        yield from _paid(acme)
        if turns:
            found = _turns(acme, turns, say)
            middle = sorted(found, key=lambda turn: turn.ratio)[len(found) // 2]
            shown = f"{middle.ratio:.2f} ({middle.short:.2f} s over {middle.full:.2f} s)"
            yield Figure("a login, nothing moved: the same without any pace or distance", shown)
    if turns:
        with sandboxes(rate_limits=True) as systems:
            acme = Acme(systems, size)
            acme.paced = True
            say("the same within the vendors' limits")
            _settle(acme)
            found = _turns(acme, min(turns, PACED_TURNS), say, PAUSE)
            yield from shares("a login, nothing moved", found, LARGEST_SHARE)


def _turns(acme: Acme, turns: int, say: Say, pause: float = 0) -> list[speed.Turn]:
    """Logins with a pause before each, in which the vendors forget the calls of the one before."""

    def before() -> None:
        acme.later()
        time.sleep(pause)

    found = []
    for number, turn in enumerate(speed.turns(acme, turns, before), 1):
        say(f"turn {number}: {turn.short:.2f} s, full {turn.full:.2f} s, ratio {turn.ratio:.2f}")
        found.append(turn)
    return found


def shares(what: str, turns: Sequence[speed.Turn], most: float) -> Iterator[Figure]:
    """The time of the short way over that of the full comparison."""
    middle = sorted(turns, key=lambda turn: turn.ratio)[len(turns) // 2]
    yield within(f"{what}: time over that of the full comparison", speed.median(turns), most)
    yield Figure(f"{what}: the turn of the median", f"{middle.short:.2f} s over {middle.full:.2f} s")


def _settle(acme: Acme) -> None:
    for _ in range(MOST_RUNS):
        acme.later()
        if acme.run().full is False:
            return
    raise RuntimeError("no login has read only what moved")


def _most(acme: Acme) -> int:
    return math.ceil(acme.size / LEAVE_PAGE) + BESIDE_USERS


def _unmoved(acme: Acme) -> Iterator[Figure]:
    records = acme.size * (1 + len(TYPES))
    what = "a login, nothing moved"
    found, calls = _seen(acme)
    yield exactly(f"{what}: records unchanged", found.get("unchanged"), records)
    yield within(f"{what}: calls", calls.total(), _most(acme), digits=0)
    yield Figure(f"{what}: these calls", words(calls))
    found, calls = _seen(acme, full=True)
    yield exactly("the same in full: records unchanged", found.get("unchanged"), records)
    yield Figure("the same in full: calls", f"{calls.total()} ({words(calls)})")


def _paid(acme: Acme) -> Iterator[Figure]:
    people = acme.pay(100)
    found, calls = _seen(acme)
    most = _most(acme) + FOR_EACH_HUNDRED * math.ceil(people / 100)
    yield exactly("a login, 1 % paid: balances updated", found.get("updated"), people * len(TYPES))
    yield within("a login, 1 % paid: calls", calls.total(), most, digits=0)
    yield Figure("a login, 1 % paid: these calls", words(calls))


def _seen(acme: Acme, *, full: bool = False) -> tuple[dict[str, int], Counter[str]]:
    """What became of the records of the next login, and its calls."""
    acme.later()
    acme.systems.forget()
    run = acme.run(options=FULL if full else {})
    if run.full is not full:
        raise RuntimeError(f"a login that was to be {'full' if full else 'short'} was not")
    return counts(run), acme.calls()
