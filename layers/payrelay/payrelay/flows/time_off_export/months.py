"""Which months were exported before: kept as links of their own, beside those of the absences (TO-3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from payrelay.domain.runs import Link
from payrelay.flows.time_off_export.earlier import Exported
from payrelay.flows.time_off_export.rules import Period, Scope, months_in
from payrelay.ledger.links import Links

ENTITY = "exported_month"
# Between the codes of a month; one that has none was exported with all of them.
AND = "\n"


class Months(Struct, frozen=True):
    """The months of one connection."""

    links: Links
    connection: tuple[str, str]

    def exported(self, scope: Scope) -> dict[str, str]:
        """Of the months that are looked at again those that were exported, with their codes."""
        if scope.before is None:
            return {}
        names = [name_of(month.start) for month in months_in(scope.before)]
        found = self.links.get(*self.connection, ENTITY, names)
        return {name: link.facts["codes"] for name, link in found.items()}

    def note(self, scope: Scope, options: Mapping[str, Any]) -> None:
        """From now on the whole months of this scope were exported; not by a run that was about less."""
        if scope.numbers is not None or options.get("absence_types"):
            return
        names = [name_of(month.start) for month in months_in(scope.period) if _holds(scope.period, month)]
        known = self.links.get(*self.connection, ENTITY, names)
        for name in names:
            before = known[name].facts["codes"].split(AND) if name in known else []
            codes = AND.join(sorted({*scope.codes, *before})) if scope.codes and before != [""] else ""
            if name not in known or known[name].facts["codes"] != codes:
                link = Link(ENTITY, name, name, name, facts={"codes": codes})
                self.links.put(*self.connection, link)


def name_of(day: date) -> str:
    """`2026-02`."""
    return f"{day:%Y-%m}"


def exported_in(context: Mapping[str, Any]) -> Exported:
    """Whether the month of a day was exported with a code, as the context of a run keeps it."""
    months: Mapping[str, str] = context.get("exported", {})

    def exported(code: str, day: date) -> bool:
        codes = months.get(name_of(day))
        return codes is not None and (not codes or code in codes.split(AND))

    return exported


def _holds(period: Period, month: Period) -> bool:
    return period.start <= month.start and month.end <= period.end
