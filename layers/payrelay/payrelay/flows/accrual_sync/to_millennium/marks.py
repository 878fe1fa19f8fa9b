"""Which starts of payrolls were answered to by runs that ended well, and which code each category had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import asdict

from payrelay.domain.runs import Link, Run
from payrelay.flows.accrual_sync.records import CATEGORY
from payrelay.flows.accrual_sync.to_millennium.one_to_one import Fit
from payrelay.flows.accrual_sync.to_millennium.payroll_starts import Payroll, Start
from payrelay.ledger import Ledger

_START = "payroll_start"


class Marks(Struct, frozen=True):
    """What is kept of a connection beside its balances."""

    ledger: Ledger
    tenant: str
    connection_id: str

    def handled(self, payrolls: Iterable[Payroll]) -> dict[int, Start]:
        """By payroll the start that was answered to last.

        By a run that ended well, or whose plan an admin has applied: after any other it is news still (AC-7).
        """
        ids = [f"{one.calendar_id}" for one in payrolls]
        found = {}
        for name, link in self.ledger.links.get(self.tenant, self.connection_id, _START, ids).items():
            facts = dict(link.facts)
            run = self.ledger.runs.get(self.tenant, facts.pop("run_id"))
            if run and (run.status.well or run.applied_by):
                found[int(name)] = Start(int(name), **facts)
        return found

    def begin(self, run: Run, starts: Iterable[Start]) -> None:
        """Note that this run answers to these starts; it counts once the run has ended well."""
        links = []
        for start in starts:
            facts = {**asdict(start), "run_id": run.run_id}
            key = f"{facts.pop('calendar_id')}"
            links.append(Link(_START, key, key, key, facts=facts))
        self.ledger.links.put_many(self.tenant, self.connection_id, links)

    def linked(self) -> dict[str, str]:
        """The code that each category had in the runs before (AC-9)."""
        links = self.ledger.links.all(self.tenant, self.connection_id, CATEGORY)
        return {link.source_id: link.target_id for link in links}

    def link(self, fitted: Fit) -> None:
        """Keep the codes of the categories that go now; forget those on which nothing depends any more."""
        links: Mapping[str, str] = fitted.links
        self.ledger.links.put_many(
            self.tenant,
            self.connection_id,
            [Link(CATEGORY, category, category, code) for category, code in links.items()],
        )
        for category in fitted.settled:
            self.ledger.links.forget(self.tenant, self.connection_id, CATEGORY, category)
