"""The records of a run (RUN-7)."""

from __future__ import annotations

from call import Answer, Call
from query import cursor, one_of, page, page_size
from withheld import record_views

from payrelay.domain.records import Outcome
from payrelay.flows.reasons import every_reason
from payrelay.ledger.records import Filter, records_of


def list_records(call: Call, run_id: str) -> Answer:
    """The records of a run that were not unchanged (those are only counted)."""
    query = call.query(
        outcome=one_of(Outcome),
        reason=one_of(every_reason()),
        limit=page_size,
        cursor=cursor("records", int, int, int),
    )
    run, wanted = call.run(run_id), Filter(query["outcome"], query["reason"])
    found = records_of(call.container.ledger, run, wanted, query["cursor"])
    items, following = page("records", found, query["limit"])
    return Answer({"items": record_views(call, run, items), "next_cursor": following})
