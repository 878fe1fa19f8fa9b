"""What one does next about a run, by what became of it: only what would help, and the first thing first."""

from __future__ import annotations

from collections.abc import Sequence

from .api import Json
from .screen import Words, for_admin
from .show import FAILING, WRITES

# Systems that a person gives consent to; all others have credentials that are entered.
CONSENTED = ("quickbooks", "xero", "sage", "attache")
# What the connection has to be mended for, before any run can help.
CONNECTING = (
    "CREDENTIALS_REFUSED",
    "CREDENTIALS_MISSING",
    "CONSENT_NEEDED",
    "NOT_CONNECTED",
    "LAPSED",
    "CONNECTION_DISCONNECTED",
    "CONNECTION_MOVED",
    "ADDRESS_CHANGED",
    "OTHER_ORGANISATION",
)
# A replay would meet the same: what is planned has to be planned afresh.
AFRESH = ("DEPLOYED_MEANWHILE", "PLAN_EXPIRED", "CONNECTION_DISCONNECTED", "CONNECTION_MOVED")
MENDED = "# once its remedy is done"


def right(run: Json) -> bool:
    """Whether a run that was looked at is right, or still on its way."""
    return run["finished_at"] is None or run["status"] == "succeeded"


def after(run: Json, failing: Sequence[Json] = (), *, shown: bool = False) -> list[Words]:
    """What one would type next. `failing` are records that are known; `shown`: the run itself is."""
    run_id = run["run_id"]
    look: list[Words] = [] if shown else [["show", run_id]]
    if run["finished_at"] is None:
        return [["tail", run_id], ["stop", run_id]]
    if run.get("applied_by"):
        return [["show", str(run["applied_by"])]]
    if run["status"] == "held" or (run["mode"] == "preview" and run.get("held")):
        return [*look, for_admin("apply", run_id, "# an admin of the customer decides")]
    if run["mode"] == "preview" and any(run["counts"][name] for name in WRITES):
        return [*look, ["apply", run_id], *_records(run_id, failing[:1])]
    error = run["error"]
    if error is not None:
        return [*look, *_by_error(run, error["code"])]
    if any(run["counts"][name] for name in FAILING):
        if run["mode"] == "preview":
            return [*look, *_records(run_id, failing[:1])]
        return [*look, *_records(run_id, failing[:1]), ["replay", run_id, MENDED]]
    return [] if run["status"] == "succeeded" else [*look, ["replay", run_id, "--all"]]


def _records(run_id: str, failing: Sequence[Json]) -> list[Words]:
    found: list[Words] = []
    for record in failing:
        found.append(["show", run_id, record["record_id"]])
        if record["outcome"] == "failed":
            found.append(["logs", run_id, record["record_id"]])
    return found


def _by_error(run: Json, code: str) -> list[Words]:
    """By what ended the run as a whole."""
    run_id, connection = run["run_id"], run["connection_id"]
    again = ["start", connection, run["flow"]] if code in AFRESH else ["replay", run_id, "--all"]
    if code in CONNECTING:
        return [*connecting(connection, code, system_of(run)), [*again, "# once it is connected"]]
    if code in ("SYSTEM_UNREACHABLE", "COME_BACK_LATER"):
        return [["logs", run_id, "--calls"], [*again, "# once the system answers"]]
    if code == "STOPPED_BY_USER":
        return [again]
    if code in AFRESH:
        return [["start", connection, run["flow"], "--mode", "preview"]]
    return [["logs", run_id], again]


def system_of(run: Json) -> str:
    """The system of a run's failed call; "" if there was none."""
    return str((run.get("request") or {}).get("system", ""))


def connecting(connection: str, code: str, system: str, kind: str = "") -> list[Words]:
    """How a connection is mended, by what keeps it from running."""
    consent = system in CONSENTED or (not system and kind in ("autovu_accounting", "attache_express_leave"))
    plain = for_admin("connect", connection)
    if code == "OTHER_ORGANISATION":
        return [for_admin("connect", connection, "--confirm-organisation", "# if the new one is meant")]
    if code in ("CREDENTIALS_REFUSED", "CREDENTIALS_MISSING", "ADDRESS_CHANGED", "CONSENT_NEEDED"):
        if consent or code == "CONSENT_NEEDED":
            return [for_admin("connect", connection, "--consent")]
        if system:
            return [for_admin("credentials", connection, system, "# asks for them"), plain]
        return [for_admin("credentials", connection, "# says which systems it has"), plain]
    return [plain]
