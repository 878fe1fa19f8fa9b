"""The records of a run (RUN-7)."""

from __future__ import annotations

from call import Answer, Call
from query import cursor, one_of, page, page_size, text_up_to
from withheld import no_secret_field, record_views

from payrelay.domain.records import Outcome
from payrelay.flows.reasons import every_reason
from payrelay.ledger.records import Filter, records_of

LONGEST_SEARCH = 200
# A part of a run is read by a call of its own, which takes about as long as looking at so many records.
A_PART = 100


def list_records(call: Call, run_id: str) -> Answer:
    """The records of a run that were not unchanged (those are only counted)."""
    query = call.query(
        outcome=one_of(Outcome),
        reason=one_of(every_reason()),
        search=text_up_to(LONGEST_SEARCH),
        field=text_up_to(LONGEST_SEARCH),
        limit=page_size,
        cursor=cursor("records", int, int, int),
    )
    run = call.run(run_id)
    no_secret_field(run.flow, query["field"])
    wanted = Filter(query["outcome"], query["reason"], query["search"], query["field"])
    found = records_of(call.container.ledger, run, wanted, query["cursor"])
    items, following = page("records", found, query["limit"], each_part=A_PART)
    return Answer({"items": record_views(call, run, items), "next_cursor": following})
