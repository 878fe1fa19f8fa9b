"""The calls to outside systems that one call of the API makes: counted, and kept within bounds (RUN-11)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from payrelay.flows.engine.budget import Days, allowed_to_diagnose, days_of
from payrelay.flows.engine.engine import stamp
from payrelay.ledger.backoff import TableBusy
from payrelay.runtime.problems import Problem
from payrelay.systems.http.tally import AllowanceSpent
from payrelay.systems.registry import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from call import Call

    from payrelay.domain.runs import Connection


def put_down(call: Call, connection_id: str, *, diagnosed: bool = False) -> None:
    """Add what was called so far to the connection's day; whoever waits for an answer does not wait for
    that."""
    spent = call.container.tally.take_day()
    if spent:
        now = call.container.engine.clock()
        try:
            calls = call.container.ledger.calls
            calls.add(call.tenant, connection_id, spent, now, diagnosed=diagnosed, patient=False)
        except TableBusy:
            return


@contextmanager
def within_share(call: Call, connection: Connection) -> Iterator[None]:
    """Calls of a diagnosis: they are counted as such, and are no more than its share of a day's."""
    days = days_of(call.container.engine, connection)
    allowed = allowed_to_diagnose(days, connection.settings)
    spent = next((system for system, calls in allowed.items() if calls < 1), None)
    if spent:
        raise _over(call, days, spent)
    call.container.tally.allow(allowed)
    try:
        yield
    except AllowanceSpent as error:
        raise _over(call, days, error.system) from None
    finally:
        put_down(call, connection.connection_id, diagnosed=True)
        call.container.tally.allow({})


def _over(call: Call, days: Days, system: str) -> Problem:
    day, name = days.by_system[system], label(system)
    seconds = max(1, int((day.reset - call.container.engine.clock()).total_seconds()))
    return Problem(
        "DIAGNOSIS_SHARE_USED",
        f"Diagnoses of this connection have used their share of the {day.limit:,} calls a day of {name}.",
        headers={"Retry-After": str(seconds)},
        system=system,
        reset=stamp(day.reset),
        remedy=(
            f"Ask again after {stamp(day.reset)}, when all calls of {name} are there again; previews and "
            "runs go on meanwhile. A larger share is a setting of the connection (`diagnosis_share`)."
        ),
    )
