"""State machines without a state machine: the steps of each run, by their own handlers, on a thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Event, RLock, Thread
from types import SimpleNamespace
from typing import Any

from payrelay.domain.runs import Mode, Run
from payrelay.flows.engine.engine import GONE, Engine
from payrelay.flows.engine.start import start_waiting
from payrelay.runtime.container import Container
from payrelay.runtime.handler import flow_step, run_step
from tests.worlds.steps import Steps

LONGEST_WAIT = 0.2


class Machines(Steps):
    """Starts executions as the container's, and carries them out, each beside the calls of the API.

    `working` is held by whatever works: a function has one call at a time, and there is one container.
    """

    def __init__(self, container: Container, working: RLock) -> None:
        super().__init__()
        self._container, self._working = container, working
        self._threads: dict[str, Thread] = {}
        self._free = Event()
        self._free.set()
        self.broken: list[BaseException] = []

    @property
    def engine(self) -> Engine:
        return self._container.engine

    def start(self, run: Run) -> None:
        """As `Executions` does it."""
        if run.run_id not in self._threads:
            thread = Thread(target=self._execute, args=(run,), daemon=True)
            self._threads[run.run_id] = thread
            thread.start()

    def ended(self, run: Run) -> str | None:
        thread = self._threads.get(run.run_id)
        return GONE if thread is None else None if thread.is_alive() else "SUCCEEDED"

    @contextmanager
    def held(self) -> Iterator[None]:
        """No run goes further than its opening, for as long as the block lasts."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def stop(self) -> None:
        """Wait for the runs that are on their way."""
        for thread in self._threads.values():
            thread.join(30)

    def wait(self, seconds: float) -> None:
        time.sleep(min(seconds, LONGEST_WAIT))

    def invoke(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """A step by its handler."""
        message = arguments[-1]
        if len(arguments) == 2:
            handler = run_step(function)
        else:
            self._free.wait()
            run = self.engine.ledger.runs.get(message["run"]["tenant"], message["run"]["run_id"])
            assert run
            handler = flow_step(function, import_module(f"payrelay.flows.{run.flow}.flow").open_flow)
        with self._working:
            return dict(handler(message, SimpleNamespace(aws_request_id=f"step-{message['run']['run_id']}")))

    def opening(self, run: Run) -> Any:
        raise NotImplementedError("a step's handler opens its flow")

    def _execute(self, run: Run) -> None:
        try:
            if run.mode is Mode.AUTO:
                self.act_by_itself(run, self.wait)
            else:
                self.act(run)
            with self._working:
                start_waiting(self.engine, self, run.tenant, run.connection_id, run.flow)
        except BaseException as error:
            self.broken.append(error)
            raise
