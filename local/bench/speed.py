"""The time of a run beside a floor: the very same pages, fetched and parsed with `requests` and no more."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from local.bench.company import Company
from payrelay.flows.engine.step import Payload


@contextmanager
def recorded() -> Iterator[list[requests.PreparedRequest]]:
    """The requests that are sent within the block, ready to be sent again."""
    sent: list[requests.PreparedRequest] = []
    real = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> Any:
        sent.append(request)
        return real(session, request, **more)

    requests.Session.send = send  # type: ignore[method-assign, assignment]
    try:
        yield sent
    finally:
        requests.Session.send = real  # type: ignore[method-assign]


class Floor:
    """Fetches and parses pages, over one connection, with nothing of the environment looked up."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def fetch(self, pages: Sequence[requests.PreparedRequest]) -> None:
        """The same requests once more."""
        for page in pages:
            answer = self._session.request(
                str(page.method), str(page.url), data=page.body, headers=page.headers, timeout=120
            )
            answer.raise_for_status()
            answer.json()


@dataclass(slots=True)
class Pair:
    """A run and its floor, page by page in turn: seconds by the clock, and of CPU those of the run."""

    run: float = 0.0
    run_cpu: float = 0.0
    floor: float = 0.0
    by_step: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """The run over its floor."""
        return self.run / self.floor


def pair(
    company: Company, reading: str = "page", methods: Sequence[str] = ("GET", "POST"), **more: Any
) -> Pair:
    """One run of the whole flow; after each step of it that is `reading`, the floor fetches the same again.

    Reading calls are those of the `methods`: Xledger reads by POST. `more` is of the order.
    """
    found, floor = Pair(), Floor()

    def around(name: str, act: Callable[[], Payload]) -> Payload:
        with recorded() as sent:
            began, cpu = time.perf_counter(), time.process_time()
            answer = act()
            seconds = time.perf_counter() - began
        found.run += seconds
        found.run_cpu += time.process_time() - cpu
        found.by_step[name] = found.by_step.get(name, 0.0) + seconds
        if name == reading:
            began = time.perf_counter()
            floor.fetch([request for request in sent if request.method in methods])
            found.floor += time.perf_counter() - began
        return answer

    _quiet()
    company.run(around, **more)
    return found


@dataclass(frozen=True, slots=True)
class Turn:
    """A run that reads only what moved, and a full comparison, one after the other: their seconds."""

    short: float
    full: float

    @property
    def ratio(self) -> float:
        """The one over the other."""
        return self.short / self.full


def turns(company: Company, count: int, before: Callable[[], None]) -> Iterator[Turn]:
    """Both ways in turns; what is to happen `before` each run does. Every other turn begins with the full."""
    for number in range(count):
        seconds: dict[bool, float] = {}
        for full in (number % 2 == 1, number % 2 == 0):
            before()
            seconds[full] = timed(company, full=full)
        yield Turn(seconds[False], seconds[True])


def timed(company: Company, *, full: bool) -> float:
    """The seconds of a run's steps."""
    found = 0.0

    def around(name: str, act: Callable[[], Payload]) -> Payload:  # noqa: ARG001
        nonlocal found
        began = time.perf_counter()
        answer = act()
        found += time.perf_counter() - began
        return answer

    _quiet()
    run = company.run(around, options={"full": True} if full else {})
    if run.full is not full:
        raise RuntimeError(f"a run that was to be {'full' if full else 'short'} was not")
    return found


def _quiet() -> None:
    """The ledger is in this process here and in DynamoDB in truth: its objects are not for the collector."""
    gc.collect()
    gc.freeze()


def median(pairs: Sequence[Pair] | Sequence[Turn]) -> float:
    """The median ratio."""
    return statistics.median(one.ratio for one in pairs)
