"""The console in a browser, over a stack of its own: the first view, and runs of very many records.

Every time stands beside a floor of the same browser, server and minute.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from statistics import median
from typing import Any

import requests
from playwright.sync_api import Browser

from local.bench.browser import BARE, FLOOR, SCROLLED, Seen, Window, window
from local.bench.console_data import Data
from local.bench.figures import Figure, exactly, within
from local.console.chromium import WITHOUT, chromium, launched
from local.stack.stack import THROW_AWAY, Stack, running_stack
from payrelay.domain.runs import Mode

Say = Callable[[str], None]

FILES = "/console/"
MOST_REQUESTS, MOST_BYTES, MOST_SECONDS, MOST_MS = 12, 120_000, 1, 100
CONNECTIONS, ROUNDS, A_PAGE = 50, 5, 100
ROW = ".records tbody tr"
# As many as a browser asks for at once.
AT_ONCE = 6


def measure(records: int, rows: int, say: Say) -> Iterator[Figure]:
    """Every figure of it; without a browser, that there is none."""
    path = chromium()
    if path is None:
        say(f"left out: {WITHOUT}")
        yield Figure("the console in a browser", f"left out: {WITHOUT}")
        return
    with running_stack(plan=replace(THROW_AWAY, rate_limits=False)) as stack, launched(path) as browser:
        bench = _Bench(stack, browser, say)
        yield from bench.first_view()
        for mode, what in ((Mode.SYNC, "a run"), (Mode.PREVIEW, "a plan")):
            yield from bench.long_list(records, rows, mode, f"{what} of {records:,} records")
    yield Figure("load of the machine at the end of it", f"{os.getloadavg()[0]:.1f}")


class _Bench:
    def __init__(self, stack: Stack, browser: Browser, say: Say) -> None:
        self._stack, self._browser, self._say = stack, browser, say
        self._console = str(stack.facts["console"]["url"])
        self._token = stack.facts["tokens"]["admin"]
        self._data = Data(stack)

    def first_view(self) -> Iterator[Figure]:
        """The overview of fifty connections."""
        self._say(f"{CONNECTIONS} connections")
        flows = self._data.connections(CONNECTIONS)
        self._warm("/me", "/connections?limit=200")
        ready = (
            f'document.querySelectorAll(".home-all tbody tr").length >= {flows} '
            '&& document.querySelector(".home-all button:enabled")'
        )
        seen, floors = [], []
        for _ in range(ROUNDS):
            with window(self._browser, self._console) as one:
                seen.append(one.open("#/", ready, self._token))
                floors.append(self._floor(one, seen[-1]))
        what = f"overview of {CONNECTIONS} connections"
        yield from self._times(what, seen, floors)
        asked = seen[-1].requests
        yield within(f"{what}: requests", len(asked), MOST_REQUESTS, digits=0)
        yield within(f"{what}: bytes of its files", _bytes(seen[-1], files=True), MOST_BYTES, digits=0)
        yield Figure(f"{what}: bytes of the API's answers", f"{_bytes(seen[-1], files=False):,}")

    def long_list(self, records: int, rows: int, mode: Mode, what: str) -> Iterator[Figure]:
        """A run, or the plan of a preview: its first rows, scrolling on, and a search."""
        self._say(what)
        run = self._data.run(records, mode)
        view = f"#/runs/{run}/plan" if mode is Mode.PREVIEW else f"#/runs/{run}"
        self._warm(f"/runs/{run}", f"/runs/{run}/records?limit={A_PAGE}")
        ready = f'document.querySelectorAll("{ROW}").length >= {A_PAGE}'
        seen, floors = [], []
        for _ in range(ROUNDS):
            with window(self._browser, self._console) as one:
                seen.append(one.open(view, ready, self._token))
                floors.append(self._floor(one, seen[-1]))
        yield from self._times(f"{what}: first rows", seen, floors)
        yield from self._scrolled(what, view, ready, rows)

    def _scrolled(self, what: str, view: str, ready: str, rows: int) -> Iterator[Figure]:
        with window(self._browser, self._console) as one:
            one.open(view, ready, self._token)
            asked: list[str] = []
            one.page.on("request", lambda request: asked.append(request.url))
            found: Mapping[str, Any] = one.page.evaluate(SCROLLED, rows)
            bare = one.page.evaluate(BARE, [rows, ROW])
            yield within(f"{what}: longest task, {rows:,} rows down", found["task"], MOST_MS, " ms", 0)
            yield Figure(f"{what}: longest frame", f"{found['frame']:.0f} ms")
            yield Figure(f"{what}: the same rows into a bare table, longest hundred", f"{bare:.0f} ms")
            pages = [url for url in asked if "/records?" in url]
            yield exactly(f"{what}: requests on the way that are no page", len(asked) - len(pages), 0)
            yield within(f"{what}: requests for these rows", len(pages), found["rows"] // A_PAGE, digits=0)
            yield self._searched(what, one)

    def _searched(self, what: str, one: Window) -> Figure:
        """From the last key to the one row that is left."""
        last = one.page.locator(f"{ROW} a").last.inner_text().split()[-1]
        began = one.page.evaluate("() => performance.now()")
        one.page.locator('.filters input[type="search"]').fill(last)
        ended = one.page.evaluate(f"() => bench.when(() => document.querySelectorAll('{ROW}').length === 1)")
        return Figure(f"{what}: search for one of the rows", f"{(ended - began) / 1000:.2f} s")

    def _times(self, what: str, seen: list[Seen], floors: list[float]) -> Iterator[Figure]:
        taken = median(one.milliseconds for one in seen)
        floor = median(floors)
        yield within(f"{what}, usable after", taken / 1000, MOST_SECONDS, " s")
        yield Figure(
            f"{what}: over as many tiny answers", f"{taken / floor:.2f} ({taken:.0f} ms over {floor:.0f} ms)"
        )

    def _floor(self, one: Window, seen: Seen) -> float:
        files = sum(FILES in request["name"] for request in seen.requests)
        tiny, api = f"{self._console}icon.svg", f"{self._stack.api_url}/health"
        found: float = one.page.evaluate(FLOOR, [files, len(seen.requests) - files, tiny, api])
        return found

    def _warm(self, *paths: str) -> None:
        """Have as many workers of the console and of the API as a browser asks at once."""
        headers = {"Authorization": f"Bearer {self._token}"}
        for _ in range(2):
            with ThreadPoolExecutor(AT_ONCE) as pool:
                pool.map(lambda _: requests.get(self._console, timeout=60), range(AT_ONCE))
                for path in paths:
                    calls = [
                        pool.submit(requests.get, f"{self._stack.api_url}{path}", headers=headers, timeout=60)
                        for _ in range(AT_ONCE)
                    ]
                    for call in calls:
                        call.result().raise_for_status()


def _bytes(seen: Seen, *, files: bool) -> int:
    return sum(one["bytes"] for one in seen.requests if (FILES in one["name"]) == files)
