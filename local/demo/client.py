"""What the demo does as a user: calls the API, edits data in the outside systems, prints what it sees."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

import requests

Json = dict[str, Any]
# A line of the story, and what it ends with.
Line: TypeAlias = tuple[str, str]
PATIENCE_SECONDS = 120
# A run is looked at again after this part of the time that it took so far: each look is work for the stack.
LOOK_AFTER, LEAST_SECONDS, MOST_SECONDS = 0.15, 0.1, 1.0
BAR = 28
_keep: ContextVar[Callable[[Line], None] | None] = ContextVar("keep", default=None)


class DemoFailedError(Exception):
    """The demo did not see what it promised to show."""


class Api:
    """One user of the API."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, expect: int = 2) -> Json:
        """The JSON of an answer whose status begins with `expect`."""
        answer = self._session.request(method, f"{self._url}{path}", json=body, timeout=60)
        if answer.status_code // 100 != expect:
            raise DemoFailedError(f"{method} {path} was answered {answer.status_code}: {answer.text}")
        found: Json = answer.json() if answer.content else {}
        return found

    def run(self, connection_id: str, flow: str, mode: str = "sync", **options: Any) -> Json:
        """Start a run and follow it to its end."""
        body = {"flow": flow, "mode": mode, "options": options}
        return self.follow(self.call("POST", f"/connections/{connection_id}/runs", body))

    def follow(self, run: Json) -> Json:
        """A run as it has ended; its progress is shown while it runs."""
        began = time.monotonic()
        while (taken := time.monotonic() - began) < PATIENCE_SECONDS:
            run = self.call("GET", f"/runs/{run['run_id']}")
            show_progress(run)
            if run["finished_at"]:
                return run
            time.sleep(min(max(taken * LOOK_AFTER, LEAST_SECONDS), MOST_SECONDS))
        raise DemoFailedError(f"run {run['run_id']} did not end within {PATIENCE_SECONDS} s")

    def records(self, run: Json, **filters: str) -> list[Json]:
        """All records of a run."""
        found: list[Json] = []
        query = "".join(f"&{name}={value}" for name, value in filters.items())
        cursor = ""
        while True:
            page = self.call("GET", f"/runs/{run['run_id']}/records?limit=200{query}{cursor}")
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"


class Outside:
    """An outside system, by the admin interface of its sandbox."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_sandbox"

    def state(self) -> Json:
        """All data as it is now."""
        found: Json = requests.get(f"{self._url}/state", timeout=60).json()
        return found

    def put(self, state: Json) -> None:
        """Replace all data."""
        answer = requests.put(f"{self._url}/state", json=state, timeout=60)
        if not answer.ok:
            raise DemoFailedError(f"the sandbox refused its new state: {answer.text}")

    def edit(self, resource: str, chosen: Callable[[Json], bool], **values: Any) -> None:
        """Give the chosen rows of a resource new values, as somebody does at the screen."""
        state = self.state()
        for row in state[resource]:
            if chosen(row):
                row.update(values)
        self.put(state)

    def call(self, method: str, path: str, body: Json, headers: Mapping[str, str]) -> None:
        """What somebody does at the system itself, by its own API."""
        url = f"{self._url.removesuffix('/_sandbox')}{path}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=60)
        if not answer.ok:
            raise DemoFailedError(f"the sandbox answered {answer.status_code}: {answer.text}")

    def faults(self, **faults: Any) -> None:
        """Let calls fail from now on."""
        requests.put(f"{self._url}/faults", json=faults, timeout=60).raise_for_status()

    def calm(self) -> None:
        """No more faults."""
        requests.delete(f"{self._url}/faults", timeout=60)

    def calls(self) -> list[Json]:
        """The calls that it has seen since they were last forgotten, each with the `fault` it suffered."""
        found: list[Json] = requests.get(f"{self._url}/requests", timeout=60).json()
        return found

    def writes(self) -> int:
        """How many of them were writing."""
        return sum(1 for call in self.calls() if call["writes"])

    def forget(self) -> None:
        """Forget the calls seen so far."""
        requests.delete(f"{self._url}/requests", timeout=60)


def say(text: str = "", end: str = "\n") -> None:
    """One line of the story."""
    keep = _keep.get()
    if keep is None:
        print(text, end=end, flush=True)
    else:
        keep((text, end))


def hold(keep: Callable[[Line], None]) -> None:
    """From now on the lines of this thread are kept, and not said."""
    _keep.set(keep)


def chapter(number: int, title: str) -> None:
    """The next part of the story."""
    say(f"\n\033[1m{number}. {title}\033[0m" if sys.stdout.isatty() else f"\n{number}. {title}")


def show_progress(run: Json) -> None:
    """A moving bar on a terminal; nothing elsewhere."""
    if not sys.stdout.isatty():
        return
    done, total = run["progress"]["done"], max(run["progress"]["total"], 1)
    filled = BAR * done // total
    end = "\r" if run["finished_at"] is None else "\r" + " " * 70 + "\r"
    say(f"   [{'#' * filled}{'.' * (BAR - filled)}] {done} / {total} {run['status']}", end)


def show_run(run: Json) -> None:
    """A run in one line: status, counts and time."""
    counts = ", ".join(f"{count} {name}" for name, count in run["counts"].items() if count)
    say(f"   {run['run_id']}  {run['mode']}  {run['status'].upper()}: {counts or 'nothing to do'}")


def show_changes(record: Json, most: int = 6) -> None:
    """The changes of a record, old → new."""
    for change in record["changes"][:most]:
        old, new = (value if value is not None else "(blank)" for value in (change["old"], change["new"]))
        say(f"        {change['field']}: {old} → {new}")
    if len(record["changes"]) > most:
        say(f"        … and {len(record['changes']) - most} more fields")


def show_reasons(records: Sequence[Json]) -> None:
    """Each record with why it did not sync, and what to do about it."""
    for record in records:
        reason = record["reason"]
        say(f"   {record['label']}: {record['outcome']}, {reason['code']}")
        say(f"        why:  {reason['message']}")
        say(f"        cure: {reason['remedy']}")


def show_checks(checks: Sequence[Json]) -> None:
    """What a diagnosis found, check by check."""
    for check in checks:
        mark = {True: "ok  ", False: "FAIL", None: "?   "}[check["passed"]]
        say(f"        {mark} {check['name']}: {check['seen']}")


def must(condition: bool, otherwise: str) -> None:
    """The demo ends with an error when it does not see what it promised."""
    if not condition:
        raise DemoFailedError(otherwise)
