"""The steps of a run one after the other, as `sync.asl.json` takes them, in one process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.memory.session import go_on
from payrelay.domain.runs import Run
from payrelay.flows.engine import apply, close, plan, review
from payrelay.flows.engine.engine import Engine


class Crash(BaseException):
    """The process dies here; nothing of ours may catch it."""


@dataclass(kw_only=True)
class Steps:
    """Somebody who takes the steps of runs, and waits on a clock of their own."""

    waits: list[int] = field(default_factory=list)
    crashes: int = 0
    # How many invocations there were.
    invoked: int = 0
    # Called between two pages of one read: what other people do at the source meanwhile.
    meanwhile: Callable[[], None] = lambda: None

    @property
    def engine(self) -> Engine:
        raise NotImplementedError

    def opening(self, run: Run) -> Any:
        """The flow of a run."""
        raise NotImplementedError

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        raise NotImplementedError

    def get(self, run: Run) -> Run:
        """A run as it is now."""
        found = self.engine.ledger.runs.get(run.tenant, run.run_id)
        assert found
        return found

    def drive(self, run: Run) -> Run:
        """What `sync.asl.json` does, step by step."""
        self.act(run)
        return self.get(run)

    def act(self, run: Run) -> None:
        """The steps of a run, to its end."""
        self.steps(run)
        self.invoke(close.close_run, self.engine, {"run": event(run)})

    def act_by_itself(self, run: Run, look_again: Callable[[int], None]) -> None:
        """What `auto_sync.asl.json` does, step by step."""
        base = {"run": event(run)}
        self.invoke(plan.open_run, self.engine, base)
        self.step(plan.list_pages, base)
        go_on(self.step, base, look_again)
        self.invoke(close.close_run, self.engine, base)

    def invoke(self, function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        """One Lambda invocation; one that crashes is invoked again, as the state machine does it."""
        self.invoked += 1
        try:
            return function(*arguments)
        except Crash:
            self.crashes += 1
            return function(*arguments)

    def steps(self, run: Run) -> str:
        """All steps but the last; how they ended."""
        base = {"run": event(run)}
        status = self.invoke(plan.open_run, self.engine, base)["status"]
        if status == "list":
            status = self.planned(run)
            if status != "done":
                return status
        elif status != "apply":
            return str(status)
        answer = self.invoke(review.review_plan, self.engine, base)
        for batch in answer.get("batches", []):
            self.step(apply.apply_page, {**base, "batch": batch})
        return str(answer["status"])

    def planned(self, run: Run) -> str:
        base = {"run": event(run)}
        while True:
            listed = self.step(plan.list_pages, base)
            if listed["status"] != "done":
                return str(listed["status"])
            for number, page in enumerate(listed["pages"]):
                if number:
                    self.meanwhile()
                self.step(plan.plan, {**base, "page": page})
            status = str(self.step(plan.plan, base)["status"])
            if status != "again":
                return status

    def step(self, function: Callable[..., dict[str, Any]], message: Mapping[str, Any]) -> dict[str, Any]:
        """One step; a vendor's wait is waited out on the test's clock."""
        tries = 0
        while True:
            answer = self.invoke(function, self.engine, self.opening, {**message, "tries": tries})
            if answer["status"] != "later":
                return answer
            self.waits.append(answer["wait_seconds"])
            self.wait(answer["wait_seconds"])
            tries = answer["tries"]


def event(run: Run) -> dict[str, str]:
    """The run as it travels through the state machine."""
    return {"tenant": run.tenant, "connection_id": run.connection_id, "run_id": run.run_id}
