"""What a browser is asked while the console is measured in it: when a view was there, and what took long."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize

WINDOW = ViewportSize(width=1440, height=900)
PATIENCE = 120_000

# Whoever is signed in comes back from the user pool's page; the exchange of the code is its own affair.
SIGNED_IN = """
  const fetched = window.fetch;
  window.fetch = (where, how) => String(where).endsWith("/oauth2/token")
    ? Promise.resolve(new Response(JSON.stringify({id_token: TOKEN}))) : fetched(where, how);
  sessionStorage.setItem("payrelay.sign-in", JSON.stringify({state: "bench", verifier: "bench", view: VIEW}));
"""
# When it is drawn, in milliseconds since the navigation, and what kept the page busy for long until now.
NOTED = """
  const bench = (window.bench = {tasks: [], there: {}});
  new PerformanceObserver((list) => bench.tasks.push(...list.getEntries().map((one) => one.duration)))
    .observe({type: "longtask", buffered: true});
  bench.when = (ready) => new Promise((done) => {
    const look = () => ready() ? requestAnimationFrame(() => setTimeout(() => done(performance.now())))
      : requestAnimationFrame(look);
    look();
  });
  const shown = bench.when(() => READY);
"""
REQUESTS = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .map((one) => ({name: one.name, bytes: one.encodedBodySize}))"""
# As many tiny answers of the same server, in the same turns: the page, its files, and the rest one by one.
FLOOR = """async ([files, answers, tiny, api]) => {
  const one = (address, n) => fetch(`${address}?n=${n}`, {cache: "no-store"}).then((answer) => answer.text());
  const began = performance.now();
  await one(tiny, 0);
  await Promise.all([...Array(files - 2).keys()].map((n) => one(tiny, 1 + n)));
  for (let n = 0; n < answers; n += 1) {
    await Promise.all([one(api, n), n ? null : one(tiny, files)]);
  }
  return performance.now() - began;
}"""
# Of a long table only what is near is drawn: how far one is, the pages tell that were read.
SCROLLED = """async (rows) => {
  bench.tasks.length = 0;
  let longest = 0;
  let before = performance.now();
  const read = () => 100 + 100 * performance.getEntriesByType("resource")
    .filter((one) => /\\/records\\?.*cursor=/.test(one.name)).length;
  const until = before + 120000;
  while (read() < rows && before < until) {
    scrollBy(0, 250);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  await new Promise((done) => setTimeout(done, 200));
  return {rows: read(), frame: longest, task: Math.max(0, ...bench.tasks)};
}"""
# The same rows put into a table that does nothing, hundred by hundred.
BARE = """([rows, selector]) => {
  const models = [...document.querySelectorAll(selector)].slice(0, 100);
  const table = models[0].closest(".records").cloneNode(true);
  const body = table.querySelector("tbody");
  body.replaceChildren();
  document.querySelector("main").append(table);
  let longest = 0;
  for (let n = 0; n < rows; n += models.length) {
    const began = performance.now();
    body.append(...models.map((row) => row.cloneNode(true)));
    body.getBoundingClientRect();
    longest = Math.max(longest, performance.now() - began);
  }
  table.remove();
  return longest;
}"""


class Seen(NamedTuple):
    """A view that was opened: when it could be used, and what was asked for until then."""

    milliseconds: float
    requests: list[dict[str, Any]]


class Window:
    """A window of a browser, with an empty cache, of somebody who has just signed in."""

    def __init__(self, page: Page, console: str) -> None:
        self.page, self._console = page, console

    def open(self, view: str, ready: str, token: str) -> Seen:
        """Open a view; `ready` is an expression that holds once it can be used."""
        told = {"TOKEN": json.dumps(token), "VIEW": json.dumps(view), "READY": ready}
        script = f"{{{SIGNED_IN}{NOTED} window.bench.shown = shown;}}"
        for name, value in told.items():
            script = script.replace(name, value)
        self.page.add_init_script(script)
        self.page.goto(f"{self._console}?code=bench&state=bench", wait_until="commit")
        milliseconds = self.page.evaluate("() => window.bench.shown")
        return Seen(milliseconds, self.page.evaluate(REQUESTS))


@contextmanager
def window(browser: Browser, console: str) -> Iterator[Window]:
    """A window for as long as the block lasts."""
    context = browser.new_context(viewport=WINDOW, locale="en-GB", timezone_id="Europe/Oslo")
    context.set_default_timeout(PATIENCE)
    try:
        yield Window(context.new_page(), console)
    finally:
        context.close()
