"""An incident within one entry of a journal: some of its lines are there, and the function died."""

import time
from collections import Counter

from local.demo.client import Json
from local.demo.journal import FLOW

from .failing import must
from .incident import PATIENCE_SECONDS, SUCCEEDED, Incident, Scene, ended
from .inside import expire_claim

SENT = 2
LINE = "create FinancialLine"


class KilledLines(Incident):
    """The function dies between two lines of the first entry, at every try."""

    title = "A crash between two lines of a journal entry: Exact Globe Next has some of them, and no header"
    entry = "a-function-dies"
    alarm = "RunFailedAlarm"
    tells = ("RUN_DIED", "ApplyPage", "TaskFailed", "journal_entry:")
    fixed = (SUCCEEDED,)

    def harm(self, scene: Scene) -> list[str]:
        """Exact Globe Next hangs at the third line, and the function is killed there."""
        globe = scene.delft.globe
        globe.forget()
        globe.faults(errors=["timeout"], match=LINE, after=SENT)
        run, killed = scene.start(scene.delft.connection, FLOW), 0
        until = time.monotonic() + PATIENCE_SECONDS
        while not scene.admin.call("GET", f"/runs/{run['run_id']}")["finished_at"]:
            must(time.monotonic() < until, f"{run['run_id']} did not end")
            if len(_hanging(scene)) > killed:
                killed += scene.stack.crash("JournalSyncApplyPage")
            time.sleep(0.1)
        run = scene.admin.follow(run)
        ended(run, "failed")
        self.values = {"RUN": run["run_id"], "CONNECTION": scene.delft.connection, "FLOW": FLOW}
        pending = _pending(globe.state())
        must(len(pending) == SENT, f"{len(pending)} lines are pending")
        return [
            f"Exact Globe Next takes {SENT} lines of an entry, then hangs; kill -9 of the function that",
            f"waits for it, {killed} times",
            f"{run['run_id']} {run['status']}: {run['error']['code']}",
            f"{len(pending)} lines are pending under one key, and no entry is booked",
        ]

    def others(self, scene: Scene) -> list[str]:
        """Exact Globe Next answers again, and the claims that the function left behind have ended."""
        scene.delft.globe.calm()
        for entry in scene.delft.payroll.state()["journalEntries"]:
            expire_claim(scene, scene.delft.connection, f"journal_entry:{entry['entryId']}")
        return [
            "Exact Globe Next answers again; a quarter of an hour passes, and what was claimed is free again",
            "(here the end of the claims is put back in the table, so that it has passed)",
        ]

    def prove(self, scene: Scene) -> list[str]:
        """Each entry of Payroll Plus is booked once, with each of its lines once, and no line is pending."""
        wanted = {row["entryId"]: len(row["lines"]) for row in scene.delft.payroll.state()["journalEntries"]}
        state = scene.delft.globe.state()
        found = _booked(state)
        must(found == wanted, f"Exact Globe Next has {found}, not {wanted}")
        must(not _pending(state), "lines are pending")
        return [
            f"Exact Globe Next has all {len(wanted)} entries of the pay runs, each once, and each line once:",
            f"{sum(wanted.values())} in all; none is pending",
        ]


def _hanging(scene: Scene) -> list[Json]:
    """The lines whose answer was waited for."""
    return [one for one in scene.delft.globe.calls() if one["operation"] == LINE and one["fault"]]


def _pending(state: Json) -> list[Json]:
    """The lines that no header has processed."""
    done = {row["TransactionKey"] for row in state["FinancialHeader"]}
    return [row for row in state["FinancialLine"] if row["TransactionKey"] not in done]


def _booked(state: Json) -> dict[str, int]:
    """How many lines each of our entries has in the ledger; one that stands there twice is told as none."""
    lines = Counter(row["TransactionKey"] for row in state["FinancialLine"])
    ours = [row for row in state["FinancialHeader"] if (row["Description"] or "").endswith("]")]
    marks = Counter(_mark(row) for row in ours)
    return {_mark(row): lines[row["TransactionKey"]] if marks[_mark(row)] == 1 else 0 for row in ours}


def _mark(row: Json) -> str:
    return str(row["Description"].rpartition("[")[2][:-1])
