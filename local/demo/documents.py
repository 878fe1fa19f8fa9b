"""The story of slips and statements: no document type, somebody unknown, a wrong content, and each once."""

from collections import Counter

from local.demo.client import Json, must, say, show_reasons, show_run
from local.demo.reports import Delft

FLOW = "document_pull"
MISSING = (
    "Reason = Error in retrieving settings from ESE. Error: Exact Payroll Plus setting(s) not defined in "
    "ESE HRM Settings"
)
UNKNOWN = "No document synchronization for Exact Payroll Plus employees (Employee number : "
SLIP_TYPE, NOBODY = 310, "2999"


def slips_and_statements(delft: Delft) -> None:
    """What waits for a document type, who is unknown, what is not what was announced; each is stored once."""
    plan = delft.director.call("GET", f"/connections/{delft.connection}/schedules/{FLOW}")
    say(f"   Scheduled since it was connected: every day at {plan['time']} {plan['time_zone']}.")
    _slip_type(delft, None)
    say("   Nobody has chosen a document type for the payroll slip in Exact Synergy.")
    waiting = [one for one in _blocked(delft, _run(delft)) if one["reason"]["message"] == MISSING]
    must(bool(waiting), "no missing document type was told")
    show_reasons(waiting[:1])
    stored = _dossiers(delft)
    must(bool(stored) and all(key.startswith("statement:") for key in stored), "not the statements alone")
    _slip_type(delft, SLIP_TYPE)
    say(f"   The {len(stored)} statements were stored all the same. Now the type is chosen.")
    _strange_slips(delft, _slip_of(waiting[0]))
    say("   Of one slip Exact Payroll Plus announces another content than it gives; one is of nobody known.")
    left = _blocked(delft, _run(delft))
    unknown = [one for one in left if one["reason"]["message"].startswith(UNKNOWN)]
    wrong = [one for one in left if one["reason"]["code"] == "CONTENT_NOT_ANNOUNCED"]
    must((len(wrong), len(unknown)) == (1, 1), "not exactly one content was found wrong, and one unknown")
    show_reasons([wrong[0], unknown[0]])
    delft.synergy.forget()
    _run(delft)
    must(delft.synergy.writes() == 0, "a document was stored twice")
    kinds = Counter(key.partition(":")[0] for key in _dossiers(delft))
    there = f"{kinds['slip']} slips and {kinds['statement']} statements"
    say(f"   Exact Synergy has {there}, each once, in the dossier of its person.")


def _strange_slips(delft: Delft, document: str) -> None:
    """Announce another content of a slip, and give the same slip to somebody without a card."""
    state = delft.payroll.state()
    (slip,) = (row for row in state["documents"] if row["documentId"] == document)
    state["documents"].append({**slip, "documentId": f"ps-{NOBODY}", "employeeId": NOBODY})
    slip["sha256"] = "0" * 64
    delft.payroll.put(state)


def _dossiers(delft: Delft) -> list[str]:
    """The keys of all documents that were pulled; each stands there once, in the dossier of its person."""
    rows = [row for row in delft.synergy.state()["Document"] if row["TextFreeField1"]]
    owners = {row["documentId"]: row["employeeId"] for row in delft.payroll.state()["documents"]}
    for row in rows:
        _, document, *_ = row["TextFreeField1"].split(":")
        must(str(row["ResourceID"]) == owners[document].lstrip("0"), f"{document} is in a wrong dossier")
    keys = [row["TextFreeField1"] for row in rows]
    must(len(set(keys)) == len(keys), "a document is there twice")
    return keys


def _slip_of(record: Json) -> str:
    """The document of a record, whose key is `slip:<id>`."""
    document: str = record["key"].split(":")[1]
    return document


def _slip_type(delft: Delft, number: int | None) -> None:
    delft.synergy.edit("HRMSetting", lambda _: True, PayrollSlipDocumentType=number)


def _blocked(delft: Delft, run: Json) -> list[Json]:
    return delft.director.records(run, outcome="blocked")


def _run(delft: Delft) -> Json:
    run = delft.director.run(delft.connection, FLOW)
    show_run(run)
    must(run["status"] in ("succeeded", "partial"), f"the run of {FLOW} is {run['status']}")
    return run
