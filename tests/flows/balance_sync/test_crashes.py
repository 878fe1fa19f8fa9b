"""The process dies at every edge of every call of a balance sync; what follows ends as one clean run does."""

from __future__ import annotations

from typing import Any

import pytest

from local.memory.ledger import memory_ledger
from payrelay.domain.records import Record
from payrelay.domain.runs import Run
from payrelay.systems.http import door as http
from tests.flows.conftest import Clock
from tests.worlds.leave import SYSTEM_NAMES, Acme, office
from tests.worlds.leave_api import TYPES, Row, employee, held, leave, user
from tests.worlds.saboteur import Saboteur, back_to, moments
from tests.worlds.steps import Crash

CHUNKS = 4
VOLATILE = {"SyncedAt", "UserId", "Version"}
REFUSED = {"EmployeeId": "E7", "IncomeCode": "SL"}

PEOPLE = [
    employee("E1", FullName="New"),
    employee("E2", FullName="Renamed", Location="Perth"),
    employee("E3"),
    employee("E4", FullName="Overtyped And Renamed"),
    employee("E5"),
    employee("E6", EnableAttacheOnline=False),
    employee("E7"),
]
LEAVE = [
    leave("E1"),
    leave("E2"),
    leave("E3", al=(80.0, 31.4512)),
    leave("E4"),
    leave("E5", sl=None),
    leave("E6"),
    leave("E7", sl=(40.0, 0.0)),
]
USERS = [user(f"u-{number}", f"E{number}") for number in (2, 3, 4, 5, 7)]
HELD: list[Row] = [
    row for code in ("E3", "E4", "E7") for row in (held(code, "AL", "107.4512"), held(code, "SL", "38.00"))
]


def before(acme: Acme) -> None:
    """A first sync; then payroll overtypes, others edit, and one balance is refused when it is written."""
    known = [held(row["EmployeeCode"], code, "1.00") for row in LEAVE[2:4] for code in ("AL", "SL")]
    acme.fill(*PEOPLE[2:5], PEOPLE[6], leave=[LEAVE[3]], users=USERS[1:], balances=known)
    assert acme.sync().error is None
    acme.fill(*PEOPLE, leave=LEAVE, users=USERS, balances=HELD, leavetypes=TYPES)
    acme.overtype("E4", 38.0, "Updated to resync Express Leave balance", "SL")
    acme.before_apply = lambda: acme.edit("express_leave", "balances", REFUSED, AsAt="2026-02-01")


class Trial:
    """One run in a world of its own that dies at one edge or not at all."""

    def __init__(self, urls: dict[str, str], clock: Clock, patch: pytest.MonkeyPatch, *, stays_dead: bool):
        self.urls, self.clock, self.patch, self.stays_dead = urls, clock, patch, stays_dead
        self.first = office(urls, clock)
        before(self.first)
        self.as_before = back_to(self.first, SYSTEM_NAMES)

    def _again(self, saboteur: Saboteur) -> Acme:
        """The office as it stood before the run."""
        memory = memory_ledger(saboteur.edge)
        acme = Acme(self.urls, memory.ledger, memory, self.clock)
        acme.access, acme.refresh_token = self.first.access, self.first.refresh_token
        acme.before_apply = self.first.before_apply
        self.as_before(acme)
        return acme

    def __call__(self, at: int | None) -> dict[str, Any] | None:
        """The outcome; None when the run ended without getting to edge `at`."""
        saboteur = Saboteur(at)
        self.patch.setattr(http, "observer", saboteur)
        acme = self._again(saboteur)
        run = acme.start()
        died = self._dies(acme, run, saboteur)
        if at is not None and not died:
            return None
        ended = acme.get(run)
        if self.stays_dead and died:
            self.clock.pass_by(acme.limits.lease_seconds + 1)
            assert acme.get(run).finished_at is None or ended.finished_at
            acme.sync()
            if not ended.finished_at:
                assert acme.get(run).status == "failed"
        outcome = self._outcome(acme, ended)
        acme.settled()
        return outcome

    def _dies(self, acme: Acme, run: Run, saboteur: Saboteur) -> bool:
        saboteur.awake = True
        try:
            if self.stays_dead:
                acme.invoke = lambda function, *arguments: function(*arguments)  # type: ignore[method-assign]
            acme.act(run)
        except Crash:
            acme.crashes += 1
        saboteur.awake = False
        acme.__dict__.pop("invoke", None)
        ended = acme.get(run)
        if ended.status.final:
            acme.tell(ended)
        self.edges = saboteur.seen
        return acme.crashes > 0

    def _outcome(self, acme: Acme, run: Run) -> dict[str, Any]:
        """Everything that a crash must not change."""
        users = [{k: v for k, v in row.items() if k not in VOLATILE} for row in acme.rows("users")]
        balances = [{k: v for k, v in row.items() if k not in VOLATILE} for row in acme.rows("balances")]
        found: dict[str, Any] = {
            "users": sorted(users, key=lambda row: str(row["EmployeeId"])),
            "balances": balances,
            # Whoever was saved again is sent again, whatever dies.
            "sent again": _synced(acme, "E4", "SL") > _synced(acme, "E4", "AL"),
        }
        if not self.stays_dead:
            assert run.counts
            assert run.total == sum(run.counts.values())
            records = acme.records(run)
            trail = acme.ledger.history
            found["status"] = (run.status, run.error, run.counts)
            found["records"] = {
                name: (record.outcome, record.reason and record.reason.code, _written(record))
                for name, record in records.items()
            }
            found["history"] = {
                name: [entry["changes"] for entry in trail.of("demo", acme.connection_id, name)]
                for name in records
            }
        return found


def _written(record: Record) -> Any:
    """The changes of a record that was written; one that was refused is told as it was planned, or not."""
    return record.changes if record.outcome in ("created", "updated") else None


def _synced(acme: Acme, code: str, income_code: str) -> str:
    (found,) = [
        row for row in acme.rows("balances") if (row["EmployeeId"], row["IncomeCode"]) == (code, income_code)
    ]
    return str(found["SyncedAt"])


@pytest.fixture
def trial(
    leave_sandboxes: tuple[Any, Clock], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Trial:
    served, clock = leave_sandboxes
    return Trial(dict(served.urls), clock, monkeypatch, stays_dead=request.param)


@pytest.mark.requirement("RUN-4", "RUN-5", "LB-8")
@pytest.mark.parametrize("trial", [False, True], ids=["repeated", "left dead"], indirect=True)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_crash_at_any_edge_ends_as_a_clean_run_and_loses_no_refresh(trial: Trial, chunk: int) -> None:
    clean = trial(None)
    assert clean
    assert clean["sent again"]
    assert [row["EmployeeId"] for row in clean["users"]] == ["E1", "E2", "E3", "E4", "E5", "E7"]
    edges = list(trial.edges)
    assert len(edges) > 60, "a run of this shape makes more calls than that"
    for at in moments(edges)[chunk::CHUNKS]:
        assert trial(at) == clean, f"edge {at}: {edges[at]}"
    if chunk == 0:
        assert trial(len(edges) + 10) is None
