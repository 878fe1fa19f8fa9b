"""Who may see of whose reports what changed: the same people who may read the report itself (REP-2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from payrelay.errors import PayrelayError, VendorError
from payrelay.flows.exact import ExactSystems
from payrelay.flows.exact_ids import resource_id
from payrelay.flows.report_pull.rules import (
    ROLE,
    Card,
    Reader,
    Refusal,
    Right,
    person_in,
    reader_of,
    right_to_read,
)
from payrelay.systems.registry import label

if TYPE_CHECKING:
    from payrelay.domain.runs import Connection
    from payrelay.flows.opening import Container
    from payrelay.systems.rows import BadRow

NO_ROLE = "the report is not shown for people without the Payroll Plus employee role"


def systems_of(container: Container, connection: Connection) -> ExactSystems:
    """The two systems of a connection."""
    where = (connection.tenant, connection.connection_id, connection.settings)
    return ExactSystems(lambda system: container.client_of(*where, system))


def reader_by(systems: ExactSystems, email: str) -> Reader | Refusal:
    """Who asks; an app, and a user without a verified e-mail, is nobody."""
    cards = systems.synergy.person_by_email(email)
    return reader_of(email, [Card(card.id, card.email, card.employee_status) for card in cards])


def shown(
    container: Container, connection: Connection, email: str, keys: Iterable[str], *, own_only: bool
) -> dict[str, str | None]:
    """For each of these keys of records None, if who asks may read that report, and else why not.

    Exact Synergy is asked for all of them at once. Where it can't be, nobody sees anything; the records
    themselves can still be listed, so that whoever is on call sees what failed.
    """
    wanted = list(dict.fromkeys(keys))
    try:
        return _shown(systems_of(container, connection), email, wanted, own_only=own_only)
    except VendorError as error:
        why = f"{label(error.system)} could not be asked for the right to see it: {error.message}"
    except PayrelayError:
        why = "Exact Synergy could not be asked for the right to see it"
    return dict.fromkeys(wanted, why)


def _shown(systems: ExactSystems, email: str, keys: list[str], *, own_only: bool) -> dict[str, str | None]:
    reader = reader_by(systems, email)
    if isinstance(reader, Refusal):
        return dict.fromkeys(keys, reader.condition)
    people = {key: resource_id(person_in(key)) for key in keys}
    roles = systems.synergy.roles_of(reader.id)
    numbers = sorted({number for number in people.values() if number is not None})
    bad: list[BadRow] = []
    cards = {card.id: card for card in systems.synergy.people(numbers).take(bad)} if numbers else {}
    rights = {
        number: right_to_read(reader, roles, number, card.manager_id, own_only=own_only)
        for number, card in cards.items()
    }
    readable = [number for number, right in rights.items() if isinstance(right, Right)]
    members = systems.synergy.roles_of_all(readable) if readable else {}
    found: dict[str, str | None] = {}
    for key, number in people.items():
        right = rights.get(number) if number is not None else None
        if right is None:
            # A period as a whole, and whoever is nobody in Exact Synergy: those who may read everybody's.
            right = right_to_read(reader, roles, None, None, own_only=own_only)
        if isinstance(right, Refusal):
            found[key] = right.condition
        elif number in cards and ROLE not in members.get(number, ()):
            found[key] = NO_ROLE
        else:
            found[key] = None
    return found
