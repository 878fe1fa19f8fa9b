"""One room with its admin interface, faults and request log around it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .calls import Answer, Call, DroppedError, json_answer
from .clock import Clock
from .faults import COMMON_FAULTS, FaultPlan, Faults, FaultsRefusedError, read_faults
from .request_log import Entry, RequestLog
from .room import Description, Options, Room, StateRefusedError

ADMIN = "/_sandbox/"
SHOWN_PROBLEMS = 50


class Sandbox:
    """Serves one room: admin calls here, all others through the faults to the room."""

    def __init__(self, kind: type[Room], options: Options) -> None:
        self.clock = Clock(options.now)
        self.room = kind(replace(options, now=self.clock))
        self.log = RequestLog()
        self.plan = self._planned(Faults())

    def serve(self, call: Call) -> Answer:
        """The answer to a call; raises DroppedError when the connection is to be dropped."""
        if call.path.startswith(ADMIN):
            return self._administer(call)
        description = self.room.describe(call)
        entry = self.log.arrive(call, description)
        plan = self.plan
        status = None
        try:
            answer = self._answer(call, description, plan, entry)
            status = answer.status
            return answer
        finally:
            entry.finish(status)

    def _answer(self, call: Call, description: Description, plan: FaultPlan, entry: Entry) -> Answer:
        wait = plan.limited()
        if wait:
            plan.pause()
            entry.suffer("rate_limit_per_minute")
            return self.room.refuse(429, retry_after=wait)
        fault = plan.pick(call, description, self.room.can_suffer)
        if fault is None:
            return self.room.answer(call, plan.pause)
        entry.suffer(fault)
        plan.pause()
        if isinstance(fault, int):
            return self.room.refuse(fault, retry_after=1 if fault == 429 else None)
        if fault not in COMMON_FAULTS:
            return self.room.suffer(fault, call, plan.faults.reset_in_seconds)
        if fault == "timeout":
            plan.cleared.wait(self.room.options.hold_seconds)
        elif fault == "after_write_reset":
            self.room.answer(call)
        raise DroppedError(fault)

    def _administer(self, call: Call) -> Answer:
        what = call.path.removeprefix(ADMIN)
        match call.method, what:
            case "GET", "state":
                return json_answer(200, self.room.state())
            case "PUT", "state":
                return self._put_state(call)
            case "GET", "requests":
                return json_answer(200, self.log.entries())
            case "DELETE", "requests":
                self.log.clear()
                return Answer(204)
            case "GET", "faults":
                return json_answer(200, self.plan.settings())
            case "PUT", "faults":
                return self._put_faults(call)
            case "DELETE", "faults":
                self._replace_plan(Faults())
                return Answer(204)
            case "GET", "clock":
                return json_answer(200, self.clock.told())
            case "POST", "clock":
                return self._ordered(call, self.clock.put)
            case "POST", name if name in self.room.orders():
                return self._ordered(call, self.room.orders()[name])
        return problem(404, f"{call.method} {call.path} is not in the admin interface", [])

    def _put_state(self, call: Call) -> Answer:
        started = time.monotonic()
        try:
            state = call.json(exact=self.room.exact_numbers)
            self.room.replace_state(state)  # type: ignore[arg-type]  # the room checks it whole
        except ValueError as error:
            return problem(400, f"the body is no JSON: {error}", [])
        except StateRefusedError as refused:
            return problem(400, "the state does not fit the contract", refused.problems)
        counts = {resource: len(rows) for resource, rows in self.room.state().items()}
        return json_answer(200, {"rows": counts, "seconds": round(time.monotonic() - started, 3)})

    def _ordered(self, call: Call, order: Callable[[Any], object]) -> Answer:
        try:
            return json_answer(200, order(call.json() if call.body else None))
        except ValueError as error:
            return problem(400, f"the body does not fit: {error}", [])

    def _put_faults(self, call: Call) -> Answer:
        try:
            faults = read_faults(call.json(), self.room.named_faults)
        except ValueError as error:
            return problem(400, f"the body is no JSON: {error}", [])
        except FaultsRefusedError as refused:
            return problem(400, "these faults are not known", list(refused.problems))
        self._replace_plan(faults)
        return json_answer(200, self.plan.settings())

    def _replace_plan(self, faults: Faults) -> None:
        old, self.plan = self.plan, self._planned(faults)
        old.cleared.set()

    def _planned(self, faults: Faults) -> FaultPlan:
        return FaultPlan(faults, self.room.options.clock)


def problem(status: int, detail: str, errors: list[dict[str, object]] | list[dict[str, str]]) -> Answer:
    """A problem document of the admin interface; the first problems are shown."""
    body = {"title": "Not accepted", "status": status, "detail": detail, "errors": errors[:SHOWN_PROBLEMS]}
    return json_answer(status, body, media="application/problem+json")
