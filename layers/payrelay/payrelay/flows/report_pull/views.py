"""A person's payroll report, for those whom Exact Synergy gives the right at this moment (REP-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.domain.ids import ME
from payrelay.errors import NoRights, NotShown
from payrelay.flows.exact import ExactSystems
from payrelay.flows.exact_ids import resource_id
from payrelay.flows.report_pull.access import reader_by, shown, systems_of
from payrelay.flows.report_pull.rules import ROLE, Refusal, Right, right_to_read, slip_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from payrelay.domain.runs import Connection
    from payrelay.flows.opening import Container
    from payrelay.ledger.reports import Report
    from payrelay.systems.rows import BadRow
    from payrelay.systems.synergy.models import Person


# Of whose records who asks may see what changed (`confidential` in the catalog).
changes_shown = shown


class Reading(Struct, frozen=True):
    """Who reads whose report, by which right, and what is in it: by period, each with its versions."""

    reader_id: int
    right: Right
    person_id: str
    name: str
    periods: list[tuple[Report, ...]]

    def as_json(self, at: str) -> dict[str, Any]:
        """The report as clients see it; `at` is when the right to read it was checked."""
        items = []
        for newest, *former in self.periods:
            before = [_version(version) for version in former]
            items.append({"period": newest.period, **_version(newest), "former": before})
        return {
            "person_id": self.person_id,
            "name": self.name,
            "read_as": self.right.value,
            "checked_at": at,
            "items": items,
        }

    def as_page(self, at: str) -> tuple[str, str, dict[str, str]]:
        """The same as a page to look at and to print; its media type, and the headers that go with it."""
        from payrelay.flows.report_pull import page  # noqa: PLC0415  (Jinja2 is slow to import)

        return page.page(self.as_json(at)), page.MEDIA, page.HEADERS


def _version(version: Report) -> dict[str, Any]:
    """One version of a period's report; the one place where amounts are shown."""
    components = [
        {"component": code, "description": text, "amount": amount.reveal()}
        for code, lines in sorted(version.components.items(), key=lambda one: slip_order(one[0]))
        for text, amount in lines
    ]
    return {"version": version.version, "pulled_at": version.pulled_at, "components": components}


def read_report(
    container: Container,
    connection: Connection,
    email: str,
    person_id: str,
    period: str,
    *,
    own_only: bool,
    refused: Callable[[int | None], None],
) -> Reading:
    """The report as the person with this verified e-mail may read it; NoRights or NotShown.

    Exact Synergy is asked each time, and nothing of its answers is kept. The person `me` is the reader.
    `refused` is told the id of a reader without rights, if there is such a person. Whoever has no right
    causes the same calls, and gets the same answer, whether there is such a person or not. With `own_only`
    nobody reads another's.
    """
    where = (connection.tenant, connection.connection_id)
    systems = systems_of(container, connection)
    reader = reader_by(systems, email)
    if isinstance(reader, Refusal):
        refused(None)
        raise NoRights(reader.condition, reader.remedy)
    roles = systems.synergy.roles_of(reader.id)
    number = reader.id if person_id == ME else resource_id(person_id)
    person, readable = _person(systems, number)
    manager = person.manager_id if person else None
    right = right_to_read(reader, roles, number, manager, own_only=own_only)
    if isinstance(right, Refusal):
        refused(reader.id)
        raise NoRights(right.condition, right.remedy)
    if person is None and not readable:
        raise NotShown(f"The card of the person {person_id} in Exact Synergy can't be read.")
    if person is None or number is None:
        raise NotShown(f"Exact Synergy has no person {person_id[:100]}.")
    if ROLE not in systems.synergy.roles_of(number):
        raise NotShown("The report is not shown for people without the Payroll Plus employee role.")
    periods = container.ledger.reports.of(*where, str(number), period)
    return Reading(reader.id, right, str(number), person.full_name, periods)


def _person(systems: ExactSystems, number: int | None) -> tuple[Person | None, bool]:
    """The card of a person, if there is one; and whether what is there can be read."""
    if number is None:
        return None, True
    bad: list[BadRow] = []
    found = systems.synergy.people([number]).take(bad)
    return (found[0] if found else None), not bad
