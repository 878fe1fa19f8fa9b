"""What the console is measured over: fifty connections with their runs, and runs of very many records."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import requests
from msgspec.structs import replace

from local.stack.stack import Stack
from payrelay.domain.groups import in_groups
from payrelay.domain.records import Change, Outcome, PlannedPage, Reason, Record, Write
from payrelay.domain.runs import Connection, Mode, Run, Status, Trigger
from payrelay.flows.catalog import KINDS
from payrelay.flows.engine.close import count, told_by
from payrelay.flows.engine.engine import stamp_at
from payrelay.ledger import Ledger, keys
from payrelay.ledger.parts import BATCH, PAGE
from payrelay.ledger.recent import KEPT, with_ended
from payrelay.runtime.ids import ulid

FLOW, ENTITY = "employee_export", "employee"
# As many as one page of Simployer One has, and as one call to Xledger takes.
A_PAGE, A_BATCH = 999, 500
REASONS = (
    Reason(
        "COST_CENTRE_UNKNOWN", "Xledger has no cost centre 990.", "Create it in Xledger, then sync again."
    ),
    Reason("MANAGER_NOT_FOUND", "Xledger has no employee 1007.", "Sync that employee first."),
)
SCHEDULE = {"days": ["MON", "TUE", "WED", "THU", "FRI"], "time": "05:00", "time_zone": "Europe/Oslo"}
MONTH_SECONDS = 30 * 24 * 3600
AT_ONCE = 4


class Data:
    """One tenant's data of a running stack, put there by the ledger's own code."""

    def __init__(self, stack: Stack) -> None:
        self._api, self._token = stack.api_url, stack.facts["tokens"]["admin"]
        self.ledger = Ledger.open(
            stack.client("dynamodb"),
            stack.outputs["TableName"],
            stack.client("s3"),
            stack.outputs["PlansBucket"],
        )
        self.tenant = "demo"
        self.now = int(time.time())

    def connections(self, wanted: int) -> int:
        """Make so many connections of all kinds, each flow with thirty runs behind it; how many flows."""
        there = list(self.ledger.connections.list(self.tenant))
        models = [*{one.kind: one for one in there}.values()]
        made = [self._copy(models[n % len(models)], n) for n in range(wanted - len(there))]
        for connection in made:
            self.ledger.connections.create(connection)
        flows = [(one, flow) for one in [*there, *made] for flow in KINDS[one.kind].flows]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda pair: self._behind(*pair), flows))
            list(pool.map(self._schedule, [one for one in made if one.usable]))
        for connection in made:
            self.ledger.connections.touch(self.tenant, connection.connection_id, self.now)
        return len(flows)

    def _copy(self, model: Connection, number: int) -> Connection:
        name = f"{model.name} {number + 1:02d}"
        return replace(model, connection_id=f"con_{ulid()}", name=name, version=1)

    def _behind(self, connection: Connection, flow: str) -> None:
        """The standing of a flow after thirty runs, as closing them one after the other leaves it."""
        standing: dict[str, Any] = {}
        for number in range(KEPT):
            at = self.now - (KEPT - number) * 24 * 3600
            run = self._run(connection.connection_id, flow, Mode.SYNC, at)
            bad = number % 7 == 0
            counts = {"created": number % 3, "updated": 12 + number, "unchanged": 4200, "blocked": 3 * bad}
            reasons = {"blocked": {one.code: 1 + n for n, one in enumerate(REASONS)}} if bad else {}
            status = Status.PARTIAL if bad else Status.SUCCEEDED
            run = replace(run, status=status, finished_at=stamp_at(at + 90), counts=counts, reasons=reasons)
            standing |= with_ended(standing, run)
            standing |= {
                "last_run_id": run.run_id,
                "last_status": status.value,
                "last_finished_at": run.finished_at,
            }
        standing |= {
            "first_load_done": True,
            "agreed_at": run.finished_at,
            "synced_at": run.finished_at,
            "waiting": 0,
        }
        key = keys.standing(self.tenant, connection.connection_id, flow)
        self.ledger.table.put({**key, **standing})

    def _schedule(self, connection: Connection) -> None:
        flow = next(iter(KINDS[connection.kind].flows))
        where = f"{self._api}/connections/{connection.connection_id}/schedules/{flow}"
        headers = {"Authorization": f"Bearer {self._token}"}
        requests.put(where, json=SCHEDULE, headers=headers, timeout=60).raise_for_status()

    def _run(self, connection_id: str, flow: str, mode: Mode, at: int) -> Run:
        when = stamp_at(at)
        return Run(
            self.tenant,
            connection_id,
            f"run_{ulid()}",
            flow,
            Trigger.MANUAL,
            mode,
            Status.RUNNING,
            "bench",
            when,
            started_at=when,
            lease="bench",
        )

    def run(self, records: int, mode: Mode) -> str:
        """A run that looked at so many people and did something about each, ended; its id.

        Of ten, six are written, two blocked, one skipped and one failed. A preview has them as its plan.
        """
        connection = next(
            one for one in self.ledger.connections.list(self.tenant) if FLOW in KINDS[one.kind].flows
        )
        run = self._run(connection.connection_id, FLOW, mode, self.now)
        ttl = self.now + MONTH_SECONDS
        self.ledger.runs.start(run, now=self.now, lease_seconds=900, ttl=ttl)
        people = [_person(number, mode) for number in range(records)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(partial(self._page, run, ttl), enumerate(in_groups(people, A_PAGE))))
            if mode is not Mode.PREVIEW:
                written = [one for one in people if _written(one)]
                batches = enumerate(in_groups(written, A_BATCH))
                list(pool.map(lambda batch: self.ledger.parts.put_batch(run, *batch, ttl), batches))
        self._close(run)
        return run.run_id

    def _page(self, run: Run, ttl: int, page: tuple[int, Sequence[Record]]) -> None:
        index, people = page
        settled = tuple(one for one in people if not _written(one))
        writes = tuple(Write(one, {"number": one.key}) for one in people if _written(one))
        planned = PlannedPage(index, 0, settled, writes)
        self.ledger.plans.put_writes(run, index, writes)
        self.ledger.parts.put_page(run, planned, ttl)

    def _close(self, run: Run) -> None:
        pages, batches = (self.ledger.parts.summaries(run, kind) for kind in (PAGE, BATCH))
        told = told_by(run, Status.PARTIAL, pages, batches)
        counts = count(run, Status.PARTIAL, pages, batches)
        ended = replace(
            run,
            status=Status.PARTIAL,
            finished_at=stamp_at(self.now + 60),
            counts=counts.as_dict(),
            done=counts.total,
            total=counts.total,
            reasons=told.reasons,
            fields=told.fields,
        )
        if not self.ledger.runs.finish(ended, standing={}):
            raise RuntimeError("the run did not end")


OUTCOMES = (
    *[Outcome.CREATED] * 2,
    *[Outcome.UPDATED] * 4,
    *[Outcome.BLOCKED] * 2,
    Outcome.SKIPPED,
    Outcome.FAILED,
)


def _person(number: int, mode: Mode) -> Record:
    outcome = OUTCOMES[number % len(OUTCOMES)]
    if mode is Mode.PREVIEW and outcome is Outcome.FAILED:
        outcome = Outcome.UPDATED
    key = f"{number:06d}"
    written = outcome in (Outcome.CREATED, Outcome.UPDATED)
    changes = (
        Change("jobTitle", "Trainee", "Controller"),
        Change("costCentre", "110", f"{number % 90 + 100}"),
        Change("email", None, f"person.{key}@example.com"),
    )
    return Record(
        ENTITY,
        key,
        f"Employee {key}",
        outcome,
        f"source-{key}",
        reason=None if written else REASONS[number % 2],
        changes=changes if written else (),
    )


def _written(record: Record) -> bool:
    return bool(record.changes)
