"""Payroll reports: what a person's components came to in a period, and every version before (REP-1).

Amounts of pay, in the encrypted table: they leave only by the route that asks for the reader's right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from payrelay.domain.sensitive import Secret
from payrelay.ledger import keys
from payrelay.ledger.parts import squeeze, unsqueeze
from payrelay.ledger.table import ConditionFailed, Item, Table


class Report(Struct, frozen=True):
    """One person's report of one period; `components` holds description and amount by component.

    Version 1 is the first; a report that was taken back has no components.
    """

    person_id: str
    period: str
    version: int
    digest: str
    pulled_at: str
    run_id: str
    components: Mapping[str, tuple[str, Secret]] = {}


class Reports:
    """The reports of all connections; each call names tenant, connection and person or period."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def heads(
        self, tenant: str, connection_id: str, period: str, people: Iterable[str]
    ) -> dict[str, tuple[int, str]]:
        """Version and digest of the reports that these people have of a period."""
        wanted = [keys.report(tenant, connection_id, person, period) for person in people]
        return {item["person_id"]: (item["version"], item["digest"]) for item in self._table.get_many(wanted)}

    def of(self, tenant: str, connection_id: str, person_id: str) -> Iterator[Report]:
        """A person's reports, newest period first, without former versions."""
        for item in self._table.query(keys.reports(tenant, connection_id, person_id), newest_first=True):
            if "#" not in item["sk"]:
                yield _parse(item)

    def versions(self, tenant: str, connection_id: str, person_id: str, period: str) -> list[Report]:
        """All versions of one report, newest first."""
        partition = keys.reports(tenant, connection_id, person_id)
        found = [_parse(item) for item in self._table.query(partition, prefix=period)]
        return sorted(found, key=lambda report: -report.version)

    def put(self, tenant: str, connection_id: str, report: Report) -> bool:
        """Keep a newer version, and the one before it beside; False if somebody has put it, or a newer one.

        Crash before or after: the same call again keeps the same.
        """
        key = keys.report(tenant, connection_id, report.person_id, report.period)
        current = self._table.get(key)
        if current and current["version"] >= report.version:
            return bool(current["digest"] == report.digest)
        item = {**key, **_item(report)}
        if current is None:
            putting = self._table.putting(item, condition="attribute_not_exists(pk)")
            return not self._table.transact([putting])
        former = keys.former_report(
            tenant, connection_id, report.person_id, report.period, current["version"]
        )
        actions = [
            self._table.putting(item, condition="version = :version", version=current["version"]),
            self._table.putting({**current, **former}),
        ]
        try:
            self._table.transact_or_raise(actions)
        except ConditionFailed:
            return False
        return True


def _item(report: Report) -> Item:
    raw = {name: [text, amount.reveal()] for name, (text, amount) in report.components.items()}
    return {
        "person_id": report.person_id,
        "period": report.period,
        "version": report.version,
        "digest": report.digest,
        "pulled_at": report.pulled_at,
        "run_id": report.run_id,
        "components": squeeze(raw),
    }


def _parse(item: Item) -> Report:
    raw: Mapping[str, Any] = unsqueeze(item["components"])
    return Report(
        item["person_id"],
        item["period"],
        item["version"],
        item["digest"],
        item["pulled_at"],
        item["run_id"],
        {name: (text, Secret(amount)) for name, (text, amount) in raw.items()},
    )
