"""The records of a run (RUN-7)."""

from __future__ import annotations

from call import Answer, Call
from query import cursor, one_of, page, page_size, text_up_to
from withheld import no_secret_field, record_views

from payrelay.domain.records import Outcome, Risk
from payrelay.flows.catalog import flow_row
from payrelay.flows.reasons import every_reason
from payrelay.ledger.records import ANY_RISK, Filter, records_of

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
        risk=one_of((ANY_RISK, *Risk)),
        limit=page_size,
        cursor=cursor("records", int, int, int),
    )
    run = call.run(run_id)
    no_secret_field(run.flow, query["field"])
    wanted = Filter(
        outcome=query["outcome"],
        code=query["reason"],
        search=query["search"],
        field=query["field"],
        risk=query["risk"],
        no_values=flow_row(run.flow).confidential,
    )
    found = records_of(call.container.ledger, run, wanted, query["cursor"])
    items, following = page("records", found, query["limit"], each_part=A_PART)
    return Answer({"items": record_views(call, run, items), "next_cursor": following})
