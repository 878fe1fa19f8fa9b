"""The standard suite: every adapter gets it by naming itself and the calls to try.

class TestVendor(WritingAdapterSuite):
    system = "vendor"
    def read(self, client): return client.rows()
    def write(self, client): return client.add_rows([...])
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
from typing import Any, ClassVar

import pytest
import requests

from payrelay.errors import (
    CredentialsRefused,
    NeedsAttention,
    OutcomeUnknown,
    PayrelayError,
    RetryLater,
)
from payrelay.systems import registry
from payrelay.systems.http.door import DoorOptions
from tests.systems.conftest import Bench, credentials
from tests.systems.loopback import CUT, HOLD, RESET, Loopback, Reply, closed_port, reply
from tests.worlds.structs import replace

TOKEN = "secret-token-9f8e7d6c"


class AdapterSuite:
    """For every room: inherit, name the system, give a call that reads."""

    system: ClassVar[str]
    # How the token stands in the headers.
    sent: ClassVar[str] = TOKEN

    def read(self, client: Any) -> object:
        """Any call that only reads."""
        raise NotImplementedError

    def client(
        self, base_url: str, bench: Bench, token: str = TOKEN, options: DoorOptions | None = None
    ) -> Any:
        row = registry.system(self.system)
        return row.connect(base_url, credentials(row, token), options or bench.options)

    def attempts(self, client: Any) -> list[Any]:
        """Each kind of call that this adapter makes."""
        return [client.organisation, lambda: self.read(client)]

    # --- the address -------------------------------------------------------------------------------------

    @pytest.mark.requirement("SEC-3")
    def test_its_default_address_is_one_of_its_hosts(self) -> None:
        row = registry.system(self.system)
        assert row.check_address(row.base_url, allow_loopback=False) == row.base_url

    @pytest.mark.requirement("SEC-3")
    def test_a_foreign_host_is_refused_before_any_call(self, bench: Bench) -> None:
        with pytest.raises(NeedsAttention) as refusal:
            self.client("https://evil.example", bench)
        assert refusal.value.code == "ADDRESS_NOT_ALLOWED"

    @pytest.mark.requirement("SEC-3")
    def test_loopback_is_for_the_local_stack_only(self, loopback: Loopback, bench: Bench) -> None:
        outside = Bench(replace(bench.options, allow_loopback=False))
        with pytest.raises(NeedsAttention):
            self.client(loopback.origin, outside)

    @pytest.mark.requirement("SEC-3")
    def test_a_redirect_is_refused(self, loopback: Loopback, bench: Bench) -> None:
        loopback.answers(reply({}, 307, Location=f"{loopback.origin}/elsewhere"))
        for attempt in self.attempts(self.client(loopback.origin, bench)):
            loopback.seen.clear()
            with pytest.raises(NeedsAttention) as refusal:
                attempt()
            assert refusal.value.code == "REDIRECT_REFUSED"
            assert len(loopback.seen) == 1

    # --- time and trouble --------------------------------------------------------------------------------

    def test_every_call_has_time_limits(
        self, loopback: Loopback, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        limits: list[object] = []

        def send(*_: object, **options: Any) -> None:
            limits.append(options["timeout"])
            raise requests.ReadTimeout

        monkeypatch.setattr(requests.Session, "send", send)
        for attempt in self.attempts(self.client(loopback.origin, bench)):
            with pytest.raises(RetryLater):
                attempt()
        assert set(limits) == {(5.0, 10.0)}

    def test_nothing_is_called_by_making_a_client(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("a call"))
        self.client(registry.system(self.system).base_url, bench)

    @pytest.mark.parametrize("status", [401, 403])
    def test_refused_credentials_say_so(self, status: int, loopback: Loopback, bench: Bench) -> None:
        loopback.answers(reply({}, status))
        for attempt in self.attempts(self.client(loopback.origin, bench)):
            with pytest.raises(CredentialsRefused):
                attempt()

    def test_a_named_wait_is_passed_on_exactly(self, loopback: Loopback, bench: Bench) -> None:
        loopback.answers(reply({}, 429, Retry_After="4321"))
        for attempt in self.attempts(self.client(loopback.origin, bench)):
            with pytest.raises(RetryLater) as later:
                attempt()
            assert type(later.value) is RetryLater
            assert (later.value.seconds, later.value.named) == (4321, True)
        assert bench.pauses == []

    @pytest.mark.parametrize(
        "broken", [reply({}, 500), reply({}, 503), Reply(body=b"<html>"), reply([]), reply({})]
    )
    def test_trouble_of_theirs_is_for_later(self, broken: Reply, loopback: Loopback, bench: Bench) -> None:
        loopback.answers(broken)
        client = self.client(loopback.origin, bench)
        for attempt in (client.organisation, lambda: self.read(client)):
            with pytest.raises(RetryLater) as later:
                attempt()
            assert type(later.value) is RetryLater

    @pytest.mark.parametrize("blip", [RESET, CUT], ids=["reset", "cut"])
    def test_a_read_outlives_two_blips_and_then_is_for_later(
        self, blip: Reply, loopback: Loopback, bench: Bench
    ) -> None:
        loopback.answers(blip)
        with pytest.raises(RetryLater):
            self.read(self.client(loopback.origin, bench))
        assert len(loopback.seen) == 3

    def test_a_system_that_is_not_there_is_for_later(self, bench: Bench) -> None:
        for attempt in self.attempts(self.client(closed_port(), bench)):
            with pytest.raises(RetryLater) as later:
                attempt()
            assert type(later.value) is RetryLater

    # --- secrets -----------------------------------------------------------------------------------------

    @pytest.mark.requirement("SEC-1")
    @pytest.mark.parametrize(
        "broken",
        [
            RESET,
            CUT,
            Reply(body=f"<{TOKEN}".encode()),
            reply({"message": f"bad {TOKEN}", "errors": [{"message": f"bad {TOKEN}"}]}, 400),
            reply({"message": f"bad {TOKEN}", "errors": [{"message": f"bad {TOKEN}", "code": TOKEN}]}, 422),
            reply({"message": f"bad {TOKEN}", "errors": [{"message": f"bad {TOKEN}"}]}, 500),
            reply({}, 401),
        ],
    )
    def test_the_token_never_shows(
        self, broken: Reply, loopback: Loopback, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        loopback.answers(broken)
        client = self.client(loopback.origin, bench)
        shown = [repr(client), repr(vars(client)), repr(bench.options)]
        for attempt in self.attempts(client):
            with pytest.raises(PayrelayError) as raised:
                attempt()
            error: BaseException | None = raised.value
            while error is not None:
                shown += [str(error), repr(error), repr(vars(error))]
                error = error.__cause__ or error.__context__
        everything = " ".join([*shown, caplog.text, repr(bench.calls)])
        assert TOKEN not in everything
        assert self.sent not in everything
        assert self.sent in str([seen.headers for seen in loopback.seen])

    @pytest.mark.parametrize("token", ["", "a\r\nX-Evil: 1", "tøken"])
    def test_a_token_that_can_not_be_one_is_refused(
        self, token: str, loopback: Loopback, bench: Bench
    ) -> None:
        with pytest.raises(CredentialsRefused):
            self.client(loopback.origin, bench, token)

    # --- imports -----------------------------------------------------------------------------------------

    def test_its_import_calls_nothing_and_brings_no_other_room(self) -> None:
        room = registry.system(self.system).room
        others = [row.room for row in registry.SYSTEMS.values() if row.room != room]
        script = (
            "import socket, sys\n"
            "def refuse(*a, **k): raise SystemExit('a call at import')\n"
            "socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse\n"
            f"import {room}\n"
            f"brought = [name for name in sys.modules if name in {others!r}]\n"
            "sys.exit(f'brought {brought}' if brought else 0)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


class WritingAdapterSuite(AdapterSuite):
    """For a room that also writes: give a call that does."""

    def write(self, client: Any) -> object:
        """Any call that changes something."""
        raise NotImplementedError

    def attempts(self, client: Any) -> list[Any]:
        return [*super().attempts(client), lambda: self.write(client)]

    @pytest.mark.requirement("RUN-5")
    @pytest.mark.parametrize(
        "broken",
        [RESET, CUT, HOLD, reply({}, 500), reply({}, 504), Reply(body=b"<html>"), reply([]), reply({})],
    )
    def test_a_write_without_its_answer_is_unknown_and_sent_once(
        self, broken: Reply, loopback: Loopback, bench: Bench
    ) -> None:
        loopback.answers(broken)
        with pytest.raises(OutcomeUnknown):
            self.write(self.client(loopback.origin, bench, options=bench.waiting_for(broken)))
        assert len(loopback.seen) == 1
