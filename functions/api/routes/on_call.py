"""What on-call engineers look at beside runs and records: dead letters, and log lines (OPS-3, OPS-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from call import Answer, Call
from fields import Fields
from query import USUAL_PAGE, cursor, cursor_text, one_of, page, page_size, text_up_to

from payrelay.domain.runs import Status
from payrelay.ledger.changes import Act
from payrelay.ledger.parts import BATCH
from payrelay.ledger.records import STAGES, records_of
from payrelay.runtime.dead_letters import Kept, dead_letters
from payrelay.runtime.log_lines import START, About, NoSuchPlace, Search, log_lines
from payrelay.runtime.problems import PROBLEMS, Problem, in_one_line

if TYPE_CHECKING:
    from payrelay.domain.runs import Run
    from payrelay.runtime.dead_letters import DeadLetter

LONGEST_ID = 300
# Of a place in the log, which the service names.
LONGEST_PLACE = 2500
# The kinds of a part, and what stands for none in a cursor.
PARTS = ("batch", "page")
NO_PART = ("-", 0)
GONE = {"CONNECTION_GONE": "CONNECTION_DELETED"}


def list_dead_letters(call: Call) -> Answer:
    """What could not start or end a run of this tenant, oldest first."""
    query = call.query(limit=page_size, cursor=cursor("letters", str))
    after = query["cursor"][0] if query["cursor"] else ""
    found = [one for one in dead_letters(call.container).of(call.tenant) if _position(one) > after]
    items, following = page(
        "letters", (((_position(one),), _view(call, one)) for one in found), query["limit"]
    )
    return Answer({"items": items, "next_cursor": following})


def redrive(call: Call, letter_id: str) -> Answer:
    """Give one dead letter to its function again; it stays where no run was started or joined."""
    Fields(call.body(), ()).stop_if_wrong()
    try:
        found = dead_letters(call.container).redrive(call.tenant, letter_id)
    except Kept as kept:
        raise _kept(kept) from kept
    if found is None:
        raise Problem("NOT_FOUND", "There is no dead letter with this id.")
    letter = found.letter
    if letter.connection_id:
        call.note(letter.connection_id, Act.REDRIVEN, [f"dead_letters.{letter.flow or letter.kind}"])
    body = {
        "letter_id": letter.letter_id,
        "kind": letter.kind,
        "outcome": found.outcome,
        "run_id": found.run_id,
    }
    return Answer(body, 202)


def _kept(kept: Kept) -> Problem:
    """Why a letter stays: with the code of what is in its run's way, where that is known."""
    told: dict[str, Any] = {"letter_kept": kept.letter.letter_id}
    if kept.reason is None:
        told |= {"remedy": "Mend the cause, then redrive it again."}
        return Problem("LETTER_KEPT", f"Nothing was done: {kept.problem}.", **told)
    code = GONE.get(kept.reason.code, kept.reason.code)
    remedy = f"{kept.reason.remedy} Then redrive it again." if kept.reason.remedy else ""
    told |= {"remedy": remedy} if remedy else {}
    detail = f"No run was started, and the letter is kept: {kept.reason.message}"
    return Problem(code if code in PROBLEMS else "LETTER_KEPT", detail, **told)


def list_logs(call: Call, run_id: str) -> Answer:
    """What the steps of a run logged; of one record if it is named, with its page or batch.

    A log is searched as far as the time allows: then the cursor tells where to go on.
    """
    query = call.query(
        record=text_up_to(LONGEST_ID),
        looking=one_of(("true", "false")),
        limit=page_size,
        cursor=cursor("logs", str, str, str, int, longest=LONGEST_PLACE),
    )
    run, record_id = call.run(run_id), query["record"]
    if query["cursor"]:
        # A place is one of this very search; a record that is in a batch by now would make it another.
        until, place, kind, index = query["cursor"]
        part = (kind, index) if kind in PARTS else None
    else:
        until, place = None, START
        part = _part(call, run, record_id) if record_id else None
    about = About(record_id, part, looking=query["looking"] == "true")
    search = Search.of(run, about, until)
    try:
        found = log_lines(call.container).search(search, place, query["limit"] or USUAL_PAGE)
    except NoSuchPlace as error:
        message = "is not known to the log any more; leave it out to search from the start"
        errors = [("cursor", message)]
        raise Problem("BAD_REQUEST", in_one_line(errors), errors=errors) from error
    if found.place is None:
        return Answer({"items": found.lines, "next_cursor": None})
    following = cursor_text("logs", (search.end, found.place, *(part or NO_PART)))
    return Answer({"items": found.lines, "next_cursor": following})


def _part(call: Call, run: Run, record_id: str) -> tuple[str, int] | None:
    """What the lines of a record's part carry: its page or its batch."""
    for (stage, index, _), record in records_of(call.container.ledger, run):
        if record is not None and record.record_id == record_id:
            return ("batch" if STAGES[stage] == BATCH else "page", index)
    return None


def _position(dead_letter: DeadLetter) -> str:
    return f"{dead_letter.left_at} {dead_letter.letter_id}"


def _view(call: Call, dead_letter: DeadLetter) -> dict[str, Any]:
    names = ("letter_id", "kind", "trigger", "left_at", "connection_id", "flow", "run_id", "problem")
    found = {name: getattr(dead_letter, name) for name in names}
    return {**found, "run_id": dead_letter.run_id or _queued(call, dead_letter)}


def _queued(call: Call, letter: DeadLetter) -> str | None:
    """The run that stands queued already of a letter that asks for one: it got no further than that."""
    if letter.kind != "start" or not letter.connection_id or not letter.flow:
        return None
    run = call.container.ledger.runs.in_progress(call.tenant, letter.connection_id, letter.flow)
    return run.run_id if run and run.status is Status.QUEUED else None
