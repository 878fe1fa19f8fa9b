"""The one door out: addresses, time limits, short retries, error translation and redaction for every call."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from msgspec import Struct
from urllib3.exceptions import HTTPError

from payrelay.domain.ids import is_usable
from payrelay.domain.sensitive import Secret
from payrelay.errors import MadeCall, Rejected, RetryLater, newest_call

from .address import check_address
from .answers import (
    Answer,
    Explain,
    NoAnswer,
    error_of_answer,
    error_of_no_answer,
    error_of_unreadable,
    growing_wait,
    named_wait,
    shown,
    time_in,
)
from .limits import left_of_day
from .masking import clean, parts_of
from .pace import Pace, Rate
from .patience import Patience
from .session import open_session, was_never_sent
from .sign_in import bearer
from .tally import Tally
from .wire import Shape, sensitive_texts, write_form, write_json

UNAUTHORIZED = 401
_TRIES = 3
_CHUNK = 1 << 16
# A pooled connection that slept longer may be half dead: a write sent into it would end as "unknown".
_IDLE_SECONDS = 20.0


T = TypeVar("T")


class Call(Struct, frozen=True):
    """One request on the wire, as observers and metrics may know it: no values, no query, no body."""

    system: str
    method: str
    path: str
    safe: bool


class Observer:
    """Stands at the door and counts; a subclass may raise before a call leaves or after its answer came."""

    def __init__(self) -> None:
        self.calls = 0

    def before(self, call: Call) -> None:  # noqa: ARG002
        """`call` is about to leave."""
        self.calls += 1

    def after(self, call: Call) -> None:
        """The answer of `call` came, or was given up."""


# Where a door has no observer of its own; a test may put another here and so stand at every door.
observer = Observer()


class DoorOptions(Struct, frozen=True):
    """What may differ between production, the local stack and tests. Times in seconds.

    `renew` fetches another access token when the one in use is refused, or the first; without it a refusal
    is final.
    `paced` keeps calls within the system's own limit. Somebody who waits has a `patience`. The `tally` counts
    calls and waits.
    """

    allow_loopback: bool = False
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    answer_timeout: float = 120.0
    largest_answer: int = 64 * 1024 * 1024
    longest_pause: float = 5.0
    all_pauses: float = 15.0
    on_call: Callable[[str, str, str, int, float], None] | None = None
    observer: Observer | None = None
    tally: Tally | None = None
    renew: Callable[[], Secret] | None = None
    paced: bool = True
    patience: Patience | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random


class _Request(Struct, frozen=True):
    call: Call
    url: str
    params: Sequence[tuple[str, str]]
    body: object | None
    accept: Collection[int]
    headers: Mapping[str, str]
    form: bool
    empty: bool
    shape: Shape | None = None

    def __repr__(self) -> str:
        return f"_Request({self.call!r})"


class _Pauses(Struct):
    """The sleeping that one call may do."""

    left: float
    tries: int = _TRIES - 1

    def take(self, seconds: float) -> bool:
        if self.tries < 1 or seconds > self.left:
            return False
        self.tries -= 1
        self.left -= seconds
        return True


def named_seconds(error: RetryLater) -> float | None:
    """The seconds that the system itself named, if it did."""
    return error.seconds if error.named else None


class Door:
    """All calls to one system at one base address, with one set of secret headers.

    `safe` calls change nothing there: they are tried again after a blip. A write is sent once; when its
    answer is lost the error is OutcomeUnknown. `rate` is the limit: so many calls in so many seconds.
    """

    def __init__(
        self,
        system: str,
        base_url: str,
        allowed_hosts: Sequence[str],
        *,
        secret_headers: Mapping[str, Secret],
        explain: Explain,
        options: DoorOptions,
        rate: Rate | None = None,
    ) -> None:
        self.system, self.options = system, options
        self.base_url = check_address(
            shown(system), base_url, allowed_hosts, allow_loopback=options.allow_loopback
        )
        self._explain, self._secrets = explain, tuple(secret_headers.values())
        self._refusals = 0
        self._last_used = options.clock()
        self._told_time = ""
        self._pace = Pace(rate if options.paced else None, options.clock)
        self._session = open_session(system, secret_headers)

    def server_time(self) -> datetime | None:
        """What the system's clock said when it began its newest answer; None if it did not say."""
        return time_in(self._told_time)

    def get(
        self,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        values: Mapping[str, str] | None = None,
        shape: Shape | None = None,
    ) -> Any:
        """The JSON that GET answers, as far as its `shape` tells; `values` fill the braces of `path`."""
        return self.send("GET", path, params=params, values=values, safe=True, shape=shape)

    def content(
        self, path: str, params: Sequence[tuple[str, str]] = (), *, values: Mapping[str, str] | None = None
    ) -> bytes:
        """What GET answers as it stands, where that is no JSON but a file."""
        call, url = self._called("GET", path, values, safe=True)
        return self._exchange(_Request(call, url, params, None, (), {}, form=False, empty=False)).body

    def post(
        self,
        path: str,
        body: object,
        *,
        safe: bool = False,
        accept: Collection[int] = (),
        shape: Shape | None = None,
    ) -> Any:
        """The JSON that POST answers; statuses in `accept` are answers to read, not refusals."""
        return self.send("POST", path, body=body, safe=safe, accept=accept, shape=shape)

    def send(
        self,
        method: str,
        path: str,
        *,
        safe: bool,
        values: Mapping[str, str] | None = None,
        params: Sequence[tuple[str, str]] = (),
        body: object | None = None,
        form: bool = False,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        empty: bool = False,
        shape: Shape | None = None,
    ) -> Any:
        """The JSON that a call answers; with `empty`, None where it answers well without a body.

        `values` fill the braces of `path`; with `form` the body, a mapping, goes out as a form. `headers`
        hold nothing secret. A call that is not `safe` is sent once.
        """
        call, url = self._called(method, path, values, safe=safe)
        return self._json(_Request(call, url, params, body, accept, headers or {}, form, empty, shape))

    def _called(
        self, method: str, path: str, values: Mapping[str, str] | None, *, safe: bool
    ) -> tuple[Call, str]:
        """A call as observers know it, and its address."""
        parts = {name: self._path_part(value) for name, value in (values or {}).items()}
        return Call(self.system, method, path, safe), self.base_url + path.format_map(parts)

    def _path_part(self, value: str) -> str:
        """An id as a part of a path; one that would lead elsewhere is refused, as the system itself would."""
        if not is_usable(value):
            raise Rejected(self.system, f"{value!a} can't be an id in a path", code="UNUSABLE_ID")
        return quote(value, safe="")

    def _use_token(self, token: Secret) -> None:
        headers = {"Authorization": bearer(token)}
        self._secrets = (*self._secrets, *headers.values())
        self._session.close()
        self._session = open_session(self.system, headers)

    def hidden_with(self, body: object) -> frozenset[str]:
        """What must not show of an answer to `body`: its sensitive values, and the credentials."""
        return sensitive_texts(body) | {part for secret in self._secrets for part in parts_of(secret)}

    def patiently(
        self,
        call: Callable[[], T],
        pause_after: Callable[[RetryLater], float | None] = named_seconds,
        *,
        tries: int = _TRIES,
    ) -> T:
        """What `call` answers, made again, be it a write, while the system says that it did nothing yet.

        `pause_after` tells the seconds to wait after such a refusal, None if the call is not to be made again
        after it: by default those that the system itself named. A lost answer (OutcomeUnknown) is never one.
        """
        while True:
            tries -= 1
            try:
                return call()
            except RetryLater as error:
                seconds = pause_after(error) if tries and type(error) is RetryLater else None
                if seconds is None or seconds > self.options.longest_pause:
                    raise
            self._sleep(seconds)
            self._note_again()

    def _json(self, request: _Request) -> Any:
        answer = self._exchange(request)
        if request.empty and not answer.body:
            return None
        try:
            return answer.json(request.shape)
        except ValueError:
            pass  # Ours is raised outside, and does not carry this one along: it may quote the answer.
        raise error_of_unreadable(self.system, "not JSON", safe=request.call.safe)

    def _exchange(self, request: _Request) -> Answer:
        pauses, renew = _Pauses(self.options.all_pauses), self.options.renew
        if renew and not self._secrets:
            self._use_token(renew())
        while True:
            outcome = self._attempt(request)
            if isinstance(outcome, Answer) and outcome.status == UNAUTHORIZED and renew:
                # Nothing was done, so that a write may be sent again, too.
                self._use_token(renew())
                renew = None
                self._note_again()
                continue
            if isinstance(outcome, Answer) and (
                outcome.status // 100 == 2 or outcome.status in request.accept
            ):
                self._refusals = 0
                return outcome
            wait = self._pause_after(outcome) if request.call.safe else None
            if wait is None or not self._may_pause(wait) or not pauses.take(wait):
                raise self._error(request, outcome)
            self._sleep(wait)
            self._note_again()

    def _note_again(self) -> None:
        """The call that comes next was made before."""
        if self.options.tally is not None:
            self.options.tally.again(self.system)

    def _sleep(self, seconds: float) -> None:
        if self.options.tally is not None:
            self.options.tally.wait(self.system, seconds)
        self.options.sleep(seconds)

    def _may_pause(self, seconds: float) -> bool:
        """Whether whoever waits can wait so long, and then for an answer."""
        patience = self.options.patience
        return patience is None or seconds < patience.left(self.system)

    def _pause_after(self, outcome: Answer | NoAnswer) -> float | None:
        """How long to wait here before trying a safe call again; None if that is not ours to do."""
        if isinstance(outcome, NoAnswer):
            return None if outcome.too_large else 0.2 + 0.8 * self.options.jitter()
        wait = named_wait(outcome, self.options.now()) if outcome.status in (429, 503) else None
        return wait if wait is not None and wait <= self.options.longest_pause else None

    def _error(self, request: _Request, outcome: Answer | NoAnswer) -> Exception:
        refusals, self._refusals, safe = self._refusals, self._refusals + 1, request.call.safe
        if isinstance(outcome, NoAnswer):
            return error_of_no_answer(self.system, outcome, safe=safe, seconds=growing_wait(refusals))
        code, message = self._explain(outcome)
        hidden = self.hidden_with(request.body)
        words = (clean(code, hidden), clean(message, hidden))
        wait = named_wait(outcome, self.options.now())
        return error_of_answer(self.system, outcome, safe=safe, wait=wait, refusals=refusals, words=words)

    def _attempt(self, request: _Request) -> Answer | NoAnswer:
        options, call = self.options, request.call
        if options.tally is not None:
            options.tally.ask(call.system)
        wait = self._pace.take()
        if not self._may_pause(wait):
            return NoAnswer("it gave no answer in the time that a call of Payrelay has", sent=False)
        if wait:
            self._sleep(wait)
        watcher = options.observer or observer
        watcher.before(call)
        started = options.clock()
        if started - self._last_used > _IDLE_SECONDS:
            self._session.close()
        newest_call.set(MadeCall(call.system, call.method, call.path, None))
        allowed = options.patience.left(self.system) if options.patience else options.answer_timeout
        outcome = self._send(request, started + allowed, allowed)
        self._last_used = options.clock()
        if options.patience and isinstance(outcome, NoAnswer):
            options.patience.waited(self.system, self._last_used - started, allowed)
        status = outcome.status if isinstance(outcome, Answer) else 0
        newest_call.set(MadeCall(call.system, call.method, call.path, status or None))
        if options.on_call is not None:
            options.on_call(call.system, call.method, call.path, status, self._last_used - started)
        if options.tally is not None:
            headers = outcome.headers if isinstance(outcome, Answer) else {}
            options.tally.call(call.system, status, left_of_day(status, headers, options.now()))
        watcher.after(call)
        return outcome

    def _send(self, request: _Request, deadline: float, seconds: float) -> Answer | NoAnswer:
        """One request. What goes wrong comes back as a value: requests' errors carry URLs and headers."""
        options = self.options
        try:
            with self._session.request(
                request.call.method,
                request.url,
                params=list(request.params),
                data=_written(request),
                headers={**_media(request), **request.headers},
                timeout=(min(options.connect_timeout, seconds), min(options.read_timeout, seconds)),
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._read(response, deadline)
        except requests.ConnectTimeout:
            return NoAnswer("no connection in time", sent=False)
        except requests.ConnectionError as error:
            return (
                NoAnswer("not reachable", sent=False)
                if was_never_sent(error)
                else NoAnswer("connection lost")
            )
        except requests.Timeout:
            return NoAnswer("no answer in time")
        except (requests.RequestException, HTTPError):
            return NoAnswer("answer broken off")

    def _read(self, response: requests.Response, deadline: float) -> Answer | NoAnswer:
        chunks, size = [], 0
        for chunk in _as_it_comes(response):
            chunks.append(chunk)
            size += len(chunk)
            if size > self.options.largest_answer:
                return NoAnswer(f"answer larger than {self.options.largest_answer} bytes", too_large=True)
            if self.options.clock() > deadline:
                return NoAnswer("answer not complete in time")
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._told_time = headers.get("date", "")
        return Answer(response.status_code, headers, b"".join(chunks))


def _written(request: _Request) -> bytes | None:
    """The body on the wire."""
    if request.body is None:
        return None
    return write_form(request.body) if request.form else write_json(request.body)


def _media(request: _Request) -> dict[str, str]:
    if request.body is None:
        return {}
    return {"Content-Type": "application/x-www-form-urlencoded" if request.form else "application/json"}


def _as_it_comes(response: requests.Response) -> Iterator[bytes]:
    """The body in pieces; of one that trickles no piece is waited for until it is large enough."""
    if response.is_redirect:  # requests has read that one already
        return response.iter_content(_CHUNK)
    return iter(lambda: response.raw.read1(_CHUNK, decode_content=True), b"")
