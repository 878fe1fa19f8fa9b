"""The parts of a run, planned pages and applied batches: summaries that are put, never added to.

A part that is done again puts the same items again, so a repeat never counts or lists anything twice.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from payrelay.domain.forecast import Loads, stored
from payrelay.domain.groups import in_groups
from payrelay.domain.mirror import Part
from payrelay.domain.records import Change, Counts, Outcome, PlannedPage, Reason, Record, Request, Seen
from payrelay.domain.runs import Mode, Run
from payrelay.ledger import keys
from payrelay.ledger.table import Item, Table, plain
from payrelay.ledger.told import Told

PAGE = "PAGE"
BATCH = "BATCH"
CHUNK = 200
CHUNK_DIGITS = 3
SUMMARY = (
    *("sk", "counts", "planned", "looked_at", "writes", "risks", "chunks", "reads", "calls"),
    *(
        "newer",
        "untried",
        "people",
        "failed",
        "told",
        "planned_told",
        "asked",
        "loads",
        "looks",
        "spared",
        "drift",
    ),
)
# What is known of a page beside its summary: what it saw, what it left, what it kept of the mirror.
PROOF = ("seen", "before", "total", "left", "mirror")
# Summaries that are read together by whoever goes through a run part by part.
AT_A_TIME = 25


def squeeze(value: Any) -> bytes:
    """JSON, compressed; the same bytes for the same value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return gzip.compress(text.encode(), compresslevel=5, mtime=0)


def unsqueeze(data: bytes) -> Any:
    """What `squeeze` was given."""
    return json.loads(gzip.decompress(data))


class Failing(Struct, frozen=True):
    """A part of a run in which records failed or are blocked: how many for which reason, and its place."""

    place: str
    run_id: str
    kind: str
    index: int
    flow: str
    reasons: Mapping[str, int]
    # None of a part that was stored before it was kept with it.
    connection_id: str | None = None


class Parts:
    """Summaries and records of the pages and batches of runs."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put_page(
        self,
        run: Run,
        page: PlannedPage,
        ttl: int,
        calls: int = 0,
        named: Sequence[str] = (),
        asked: Mapping[str, int] | None = None,
        loads: Loads | None = None,
        looks: Loads | None = None,
    ) -> None:
        """Store a planned page: its counts, what it saw, and the records that are not for writing.

        `calls` are those that planning took and applying would take, `loads` what that sends, and `looks`
        what is asked for before a plan is applied that was looked at; `named` are the source ids of a page of
        named records. What was `asked` of each system is added to what it was if the page is planned again.
        """
        chunks = self._put_records(run, PAGE, page.index, page.records, ttl)
        item: Item = {
            **keys.part(run.tenant, run.run_id, PAGE, page.index),
            "counts": Counts.of(page.records, unchanged=page.unchanged).as_dict(),
            "looked_at": page.looked_at,
            "planned": Counts.of(write.record for write in page.writes).as_dict(),
            "writes": len(page.writes),
            "risks": _risks(page),
            "chunks": chunks,
            "reads": run.reads,
            "calls": calls,
            "newer": sum(1 for record in page.records if _is(record, "NEWER_AT_TARGET")),
            "told": Told.of(page.records).stored() or None,
            "planned_told": Told.of(write.record for write in page.writes).stored() or None,
            "asked": asked or None,
            "loads": stored(loads or {}) or None,
            "looks": stored(looks or {}) or None,
            "spared": dict(page.spared) or None,
            "ttl": ttl,
        }
        if page.people is not None:
            item["people"] = page.people
        if named:
            item["named"] = squeeze(list(named))
        if page.left:
            item["left"] = squeeze(list(page.left))
        if page.mirror:
            item["mirror"] = asdict(page.mirror)
        if page.drift:
            item["drift"] = page.drift
        if page.seen:
            seen = page.seen
            both = {"ids": seen.ids, "linked": seen.linked}
            item |= {"seen": squeeze(both), "before": seen.before, "total": seen.total}
        item |= self._failure_index(run, PAGE, page.index, page.records)
        before = self._table.replace(item)
        if before and "asked" in before:
            self._table.put({**item, "asked": dict(Counter(before["asked"]) + Counter(asked or {}))})

    def put_batch(
        self,
        run: Run,
        index: int,
        records: Sequence[Record],
        ttl: int,
        asked: Mapping[str, int] | None = None,
    ) -> None:
        """Store what became of a batch of writes, and what was `asked` of each system for it."""
        chunks = self._put_records(run, BATCH, index, records, ttl)
        item = {
            **keys.part(run.tenant, run.run_id, BATCH, index),
            "counts": Counts.of(records).as_dict(),
            "untried": sum(1 for record in records if _is(record, "NOT_ATTEMPTED", "OUTCOME_UNKNOWN")),
            "chunks": chunks,
            "told": Told.of(records).stored() or None,
            "asked": asked or None,
            "ttl": ttl,
        }
        self._table.put(item | self._failure_index(run, BATCH, index, records))

    def looked_at(self, run: Run) -> set[str]:
        """The source ids that a run's pages and batches tell of; of an unchanged one only where pages do.

        Not those that a page has left, until they were looked at together.
        """
        found: set[str] = set()
        partition = keys.run(run.tenant, run.run_id)["pk"]
        for item in self._table.query(
            partition, prefix=f"{PAGE}#", fields=["reads", "named", "seen", "total", "left"]
        ):
            if item["reads"] != run.reads:
                continue
            found.update(unsqueeze(item["named"]) if "named" in item else ())
            if "seen" in item:
                seen = seen_by(item)
                found.update({*seen.ids, *seen.present}.difference(left_by(item)))
        for kind in (PAGE, BATCH):
            found.update(record.source_id for _, records in self.records(run, kind) for record in records)
        return found

    def put_cured(self, run: Run, cured: Sequence[str], ttl: int) -> None:
        """Note which earlier failures, by record id, the run has written or found right."""
        key = keys.cured(run.tenant, run.connection_id, run.flow, run.run_id)
        self._table.put({**key, "run_id": run.run_id, "records": squeeze(sorted(cured)), "ttl": ttl})

    def cured(
        self, tenant: str, connection_id: str, flow: str, since: str
    ) -> list[tuple[str, frozenset[str]]]:
        """The runs after `since` that have cured earlier failures of a flow, and which, oldest first."""
        prefix = keys.cured(tenant, connection_id, flow, "")
        after = keys.cured(tenant, connection_id, flow, since)["sk"]
        found = self._table.query(prefix["pk"], prefix=prefix["sk"], after=after)
        return [(item["run_id"], frozenset(unsqueeze(item["records"]))) for item in found]

    def batch_done(self, run: Run, index: int) -> bool:
        """Whether this batch was applied and recorded already."""
        return self._table.get(keys.part(run.tenant, run.run_id, BATCH, index)) is not None

    def summaries(self, run: Run, kind: str, *, seen: bool = False) -> list[Item]:
        """The summaries of a run's pages or batches, in order; without what was seen or left unless asked."""
        fields = [*SUMMARY, *(PROOF if seen else ())]
        partition = keys.run(run.tenant, run.run_id)["pk"]
        return [*_indexed(run, kind, self._table.query(partition, prefix=f"{kind}#", fields=fields))]

    def summaries_from(self, run: Run, kind: str, first: int) -> Iterator[Item]:
        """The same from an index on, for whoever stops soon: a few are read at a time."""
        begin, last = keys.part(run.tenant, run.run_id, kind, first), f"{kind}#~"
        return _indexed(
            run,
            kind,
            self._table.query(begin["pk"], after=begin["sk"], last=last, fields=SUMMARY, few=AT_A_TIME),
        )

    def records(self, run: Run, kind: str, *, after: str | None = None) -> Iterator[tuple[str, list[Record]]]:
        """The stored records of a run's pages or batches, chunk by chunk, with each chunk's own name."""
        partition = keys.run(run.tenant, run.run_id)["pk"]
        for item in self._table.query(partition, prefix=f"RECORDS#{kind}#", after=after):
            if kind != PAGE or item["reads"] == run.reads:
                yield item["sk"], _records_in(item)

    def failing(self, tenant: str, start: str | None = None) -> Iterator[Failing]:
        """The parts in which records failed or are blocked, newest run first, from the place `start` on."""
        # Nothing sorts between a place and itself with a tilde: so the place itself is among those before.
        after = f"{start}~" if start else None
        found = self._table.query(keys.failures(tenant), index=keys.BY_TIME, after=after, newest_first=True)
        for item in found:
            run_id, kind, index = item["by_time_sk"].split("#")
            where = (item["flow"], item["reasons"], item.get("connection_id"))
            yield Failing(item["by_time_sk"], run_id, kind, int(index), *where)

    def part_records(self, run: Run, kind: str, index: int) -> list[Record]:
        """All stored records of one part."""
        return [record for _, records in self.part_chunks(run, kind, index) for record in records]

    def part_chunks(
        self, run: Run, kind: str, index: int, first: int = 0
    ) -> Iterator[tuple[int, list[Record]]]:
        """The records of one part by chunks, each with its number, from the chunk `first` on."""
        begin = keys.records(run.tenant, run.run_id, kind, index, first)
        for item in self._table.query(begin["pk"], after=begin["sk"], last=f"{begin['sk'][:-CHUNK_DIGITS]}~"):
            chunk = int(item["sk"].rsplit("#", 1)[1])
            if kind != PAGE or item["reads"] == run.reads:
                yield chunk, _records_in(item)

    def _put_records(self, run: Run, kind: str, index: int, records: Sequence[Record], ttl: int) -> int:
        chunks = 0
        for chunk, group in enumerate(in_groups(records, CHUNK)):
            item = {
                **keys.records(run.tenant, run.run_id, kind, index, chunk),
                "records": squeeze([record_to(record) for record in group]),
                "reads": run.reads,
                "ttl": ttl,
            }
            self._table.put(item)
            chunks += 1
        return chunks

    @staticmethod
    def _failure_index(run: Run, kind: str, index: int, records: Sequence[Record]) -> Item:
        """Puts the part among the failures; a preview attempted nothing, and is none."""
        bad = [record for record in records if record.failing]
        if not bad or run.mode is Mode.PREVIEW:
            return {}
        reasons = Counter(record.reason.code for record in bad if record.reason)
        failed = Counter(one.reason.code for one in bad if one.reason and one.outcome is Outcome.FAILED)
        index_key = keys.failure_index(run.tenant, run.run_id, f"{kind}#{index:05d}")
        where = {"flow": run.flow, "connection_id": run.connection_id}
        return {**index_key, **where, "reasons": dict(reasons), "failed": dict(failed)}


def _indexed(run: Run, kind: str, items: Iterable[Item]) -> Iterator[Item]:
    """Summaries with their index; of pages those of the last reading of the source."""
    for item in items:
        if kind != PAGE or item["reads"] == run.reads:
            yield {**item, "index": int(item["sk"].rsplit("#", 1)[1])}


def _records_in(item: Item) -> list[Record]:
    """The records of a chunk; none once a piece of it is forgotten, as all of it soon will be."""
    return [record_from(raw) for raw in unsqueeze(item["records"])] if "records" in item else []


def _is(record: Record, *codes: str) -> bool:
    return record.reason is not None and record.reason.code in codes


def _risks(page: PlannedPage) -> dict[str, int]:
    """How many people the page's writes would hurt, by risk, and in all under `people`."""
    found: dict[str, int] = {}
    for write in page.writes:
        for risk in write.risks:
            found[risk.value] = found.get(risk.value, 0) + 1
    hurt = sum(1 for write in page.writes if write.risks)
    return {**found, "people": hurt} if hurt else {}


def seen_by(item: Item) -> Seen:
    """What a stored page saw of the source."""
    both = unsqueeze(item["seen"])
    linked = both["linked"]
    return Seen(
        tuple(both["ids"]), item.get("before"), item["total"], None if linked is None else tuple(linked)
    )


def left_by(item: Item) -> list[str]:
    """The source ids that a stored page has left to be looked at together with others."""
    return list(unsqueeze(item["left"])) if "left" in item else []


def kept_by(item: Item) -> Part | None:
    """What a stored page has kept of the mirror."""
    return Part(**item["mirror"]) if "mirror" in item else None


def record_to(record: Record) -> Item:
    """A record as stored; empty parts are left out."""
    raw = {name: value for name, value in plain(record).items() if value}
    return {**raw, "outcome": record.outcome.value}


def record_from(raw: Item) -> Record:
    """A stored record."""
    reason, request = raw.get("reason"), raw.get("request")
    return Record(
        entity=raw["entity"],
        key=raw["key"],
        label=raw["label"],
        outcome=Outcome(raw["outcome"]),
        source_id=raw["source_id"],
        reason=Reason(**reason) if reason else None,
        changes=tuple(Change(**change) for change in raw.get("changes", ())),
        attempts=raw.get("attempts", 1),
        request=Request(**request) if request else None,
    )
