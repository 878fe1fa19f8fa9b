"""A person's payroll report, for those whom Exact Synergy gives the right at this moment (REP-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from payrelay.errors import NoRights, NotShown
from payrelay.flows.report_pull.flow import ROLE
from payrelay.flows.report_pull.read import Sides
from payrelay.flows.report_pull.rules import Card, Right, reader_of, resource_id, right_to_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from payrelay.domain.runs import Connection
    from payrelay.flows.opening import Container
    from payrelay.ledger.reports import Report
    from payrelay.systems.synergy.models import Person


class Reading(Struct, frozen=True):
    """Who reads whose report, by which right, and what is in it: by period, each with its versions."""

    reader_id: int
    right: Right
    person_id: str
    name: str
    periods: list[tuple[Report, ...]]


def read_report(
    container: Container,
    connection: Connection,
    email: str,
    person_id: str,
    period: str,
    refused: Callable[[int | None], None],
) -> Reading:
    """The report as the person with this verified e-mail may read it; NoRights or NotShown.

    Exact Synergy is asked each time, and nothing of its answers is kept. `refused` is told the id of a reader
    without rights, if there is such a person. Whoever has no right causes the same calls, and gets the same
    answer, whether there is such a person or not.
    """
    where = (connection.tenant, connection.connection_id)
    sides = Sides(lambda system: container.client_of(*where, connection.settings, system))
    reader = _reader(sides, email)
    if reader is None:
        refused(None)
        raise NoRights
    roles = sides.synergy.roles_of(reader)
    number = resource_id(person_id)
    person, readable = _person(sides, number)
    right = right_to_read(reader, roles, number, person.manager_id if person else None)
    if right is None:
        refused(reader)
        raise NoRights
    if person is None and not readable:
        raise NotShown(f"The card of the person {person_id} in Exact Synergy can't be read.")
    if person is None or number is None:
        raise NotShown(f"Exact Synergy has no person {person_id[:100]}.")
    if ROLE not in sides.synergy.roles_of(number):
        raise NotShown("The report is not shown for people without the Payroll Plus employee role.")
    periods = container.ledger.reports.of(*where, person_id, period)
    return Reading(reader, right, person_id, person.full_name, periods)


def _reader(sides: Sides, email: str) -> int | None:
    """Who asks; an app, and a user without a verified e-mail, is nobody."""
    cards = sides.synergy.person_by_email(email)
    return reader_of(email, [Card(card.id, card.email, card.employee_status) for card in cards])


def _person(sides: Sides, number: int | None) -> tuple[Person | None, bool]:
    """The card of a person, if there is one; and whether what is there can be read."""
    if number is None:
        return None, True
    found = sides.synergy.people([number])
    return (found[0] if found else None), not found.bad_rows
