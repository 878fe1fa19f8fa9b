"""Payroll reports: what a person's components came to in a period, and every version before (REP-1).

Amounts of pay, in the encrypted table: they leave only by the route that asks for the reader's right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from payrelay.domain.sensitive import Secret
from payrelay.ledger import keys
from payrelay.ledger.eras import OfEra
from payrelay.ledger.parts import squeeze, unsqueeze
from payrelay.ledger.table import Item


class Report(Struct, frozen=True):
    """One person's report of one period; `components` holds the rows of each component: text and amount.

    Version 1 is the first; a report that was taken back has no components. It `expires` at a Unix time.
    """

    person_id: str
    period: str
    version: int
    digest: str
    pulled_at: str
    run_id: str
    expires: int
    components: Mapping[str, tuple[tuple[str, Secret], ...]] = {}


class Reports(OfEra):
    """The reports of all connections; each call names tenant, connection and person or period."""

    def heads(
        self, tenant: str, connection_id: str, period: str, people: Iterable[str] | None = None
    ) -> dict[str, tuple[int, str]]:
        """Version and digest of the reports of a period, of these people or of all who have one."""
        if people is None:
            partition = keys.reports_of_period(tenant, self._place(connection_id), period)
            items = list(self._table.query(partition))
        else:
            wanted = [
                keys.report_of_period(tenant, self._place(connection_id), period, person) for person in people
            ]
            items = self._table.get_many(wanted)
        return {item["person_id"]: (item["version"], item["digest"]) for item in items}

    def any_of(self, tenant: str, connection_id: str, period: str) -> bool:
        """Whether anybody has a report of a period."""
        found = self._table.query(keys.reports_of_period(tenant, self._place(connection_id), period))
        return next(iter(found), None) is not None

    def of(
        self, tenant: str, connection_id: str, person_id: str, period: str = ""
    ) -> list[tuple[Report, ...]]:
        """A person's reports, newest period first, or that of one; of each all versions, newest first."""
        partition = keys.reports(tenant, self._place(connection_id), person_id)
        found: dict[str, list[Report]] = defaultdict(list)
        for item in self._table.query(partition, prefix=period):
            report = _parse(item)
            found[report.period].append(report)
        return [
            tuple(sorted(found[name], key=lambda report: -report.version))
            for name in sorted(found, reverse=True)
        ]

    def put(self, tenant: str, connection_id: str, report: Report) -> bool:
        """Keep a newer version, and the one before it beside; False if somebody has put it, or a newer one.

        Crash before or after: the same call again keeps the same.
        """
        key = keys.report(tenant, self._place(connection_id), report.person_id, report.period)
        current = self._table.get(key)
        if current and current["version"] >= report.version:
            return bool(current["digest"] == report.digest)
        item = {**key, **_item(report)}
        head = self._head(tenant, connection_id, report)
        if current is None:
            first = self._table.putting(item, condition="attribute_not_exists(pk)")
            return not self._table.transact([first, head])
        former = keys.former_report(
            tenant, self._place(connection_id), report.person_id, report.period, current["version"]
        )
        actions = [
            self._table.putting(item, condition="version = :version", version=current["version"]),
            self._table.putting({**current, **former}),
            head,
        ]
        return not self._table.transact(actions)

    def _head(self, tenant: str, connection_id: str, report: Report) -> Item:
        """The report in the list of its period: who has one, and which."""
        key = keys.report_of_period(tenant, self._place(connection_id), report.period, report.person_id)
        head: Item = {
            "person_id": report.person_id,
            "version": report.version,
            "digest": report.digest,
            "ttl": report.expires,
        }
        return self._table.putting({**key, **head})


def _item(report: Report) -> Item:
    raw = {name: plain_lines(lines) for name, lines in report.components.items()}
    return {
        "person_id": report.person_id,
        "period": report.period,
        "version": report.version,
        "digest": report.digest,
        "pulled_at": report.pulled_at,
        "run_id": report.run_id,
        "ttl": report.expires,
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
        int(item["ttl"]),
        {name: _lines(plain) for name, plain in raw.items()},
    )


def plain_lines(lines: Sequence[tuple[str, Secret]]) -> list[Any]:
    """The rows of a component in clear: one as text and amount, as it was always kept, several as a list."""
    plain = sorted([text, amount.reveal()] for text, amount in lines)
    return plain[0] if len(plain) == 1 else plain


def _lines(plain: Sequence[Any]) -> tuple[tuple[str, Secret], ...]:
    rows = [plain] if isinstance(plain[0], str) else plain
    return tuple((text, Secret(amount)) for text, amount in rows)
