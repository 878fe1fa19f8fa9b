"""The questions to Exact Synergy: whose licence, which persons, and who has which role."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from payrelay.domain.groups import in_groups
from payrelay.domain.reasons import reason
from payrelay.domain.sensitive import Secret
from payrelay.errors import NeedsAttention
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.rows import BadRow, Listed, R, Reader

from .models import LICENCE, LICENCES, MEMBER, MEMBERS, PEOPLE, PERSON, Person, RoleMember
from .odata import SYSTEM, Service, any_of, code, in_calls
from .wire import text

# What a property below imports is imported where it is used: a flow needs one or two of them.
if TYPE_CHECKING:
    from .cards import Cards
    from .documents import Documents
    from .requests import Requests

CODE, OPTION = "YA1740", 36
# Of a list that is as long as the server is large, so many rows are there at once.
_READ_AT_ONCE = 500


class SynergyClient:
    """One server, for one of its users. Errors are those of `payrelay.errors`.

    `base_url` is the address of Synergy, with or without `/services/Exact.Entity.REST.svc`.
    """

    def __init__(
        self, base_url: str, username: Secret, password: Secret, *, options: DoorOptions | None = None
    ) -> None:
        self._service = Service(base_url, username, password, options or DoorOptions())
        self.server_time = self._service.server_time

    @cached_property
    def cards(self) -> Cards:
        """The cards of persons."""
        from .cards import Cards  # noqa: PLC0415

        return Cards(self._service)

    @cached_property
    def documents(self) -> Documents:
        """The documents in dossiers."""
        from .documents import Documents  # noqa: PLC0415

        return Documents(self._service)

    @cached_property
    def requests(self) -> Requests:
        """The requests that change somebody's pay."""
        from .requests import Requests  # noqa: PLC0415

        return Requests(self._service)

    def organisation(self) -> str:
        """The licence that payroll needs; NeedsAttention (LICENCE_MISSING) without it."""
        where = f"Code eq {text(CODE)}"
        rows = self._all(LICENCES, "License", where, LICENCE, lambda row: row.code == CODE)
        if any(row.active and row.option == OPTION for row in rows):
            return f"Exact Synergy with licence {CODE}"
        why = reason("LICENCE_MISSING")
        raise NeedsAttention(why.code, why.message, why.remedy)

    # --- persons -----------------------------------------------------------------------------------------

    def person(self, resource_id: int) -> Person | None:
        """One person as they are now; None when there is none with that id."""
        bad: list[BadRow] = []
        found = self.people([resource_id]).take(bad)
        _refuse(bad)
        return found[0] if found else None

    def person_by_email(self, email: str) -> list[Person]:
        """All persons with that e-mail address, in any case; nobody has an empty one."""
        address = email.strip()
        if not address:
            return []
        where = f"Email eq {text(address)}"
        return self._all(PEOPLE, "Resource", where, PERSON, lambda row: _has_address(row, address))

    def people(self, ids: Sequence[int]) -> Listed[Person]:
        """The persons with these ids, of whom some may not be there; 40 ids are one call."""
        rows: list[Person] = []
        bad_rows: list[BadRow] = []
        for part in in_calls(ids):
            found, bad = PEOPLE.read(self._service.rows("Resource", where=any_of("ID", part), select=PERSON))
            _refuse_unasked(all(row.id in part for row in found))
            rows += found
            bad_rows += bad
        return Listed(rows, bad_rows)

    # --- roles -------------------------------------------------------------------------------------------

    def members(self, role_code: str) -> AbstractSet[int]:
        """The ids of all who have a role, whether or not there is such a person."""
        raws = self._service.rows("RoleMember", where=f"RoleCode eq {code(role_code)}", select=MEMBER)
        found: set[int] = set()
        for group in in_groups(raws, _READ_AT_ONCE):
            rows = _asked_for(MEMBERS, group, lambda row: row.role_code == role_code)
            found.update(row.resource_id for row in rows)
        return found

    def roles_of(self, resource_id: int) -> frozenset[str]:
        """The codes of a person's roles."""
        return self.roles_of_all([resource_id])[resource_id]

    def roles_of_all(self, ids: Sequence[int]) -> dict[int, frozenset[str]]:
        """The codes of several people's roles, by person; 40 people are one call."""
        found: dict[int, set[str]] = {number: set() for number in ids}
        for part in in_calls(found):
            where, wanted = any_of("ResourceID", part), frozenset(part)
            for row in self._all(MEMBERS, "RoleMember", where, MEMBER, partial(_is_of, wanted)):
                found[row.resource_id].add(str(row.role_code))
        return {number: frozenset(codes) for number, codes in found.items()}

    def _all(
        self,
        reader: Reader[R],
        entity: str,
        where: str,
        select: tuple[str, ...],
        is_asked_for: Callable[[R], bool],
    ) -> list[R]:
        """All rows that a filter finds."""
        return _asked_for(reader, self._service.rows(entity, where=where, select=select), is_asked_for)


def _asked_for(reader: Reader[R], raws: Iterable[Any], is_asked_for: Callable[[R], bool]) -> list[R]:
    """Rows as they are read. Rights depend on them: none may be bad, or another's."""
    rows, bad_rows = reader.read(raws)
    _refuse(bad_rows)
    _refuse_unasked(all(is_asked_for(row) for row in rows))
    return rows


def _is_of(people: Collection[int], row: RoleMember) -> bool:
    return row.resource_id in people


def _has_address(row: Person, address: str) -> bool:
    return row.email is not None and row.email.strip().casefold() == address.casefold()


def _refuse(bad_rows: Sequence[BadRow]) -> None:
    if bad_rows:
        bad = bad_rows[0]
        raise error_of_unreadable(SYSTEM, f"{bad.field} {bad.problem} (of {bad.number})", safe=True)


def _refuse_unasked(asked: bool) -> None:
    if not asked:
        raise error_of_unreadable(SYSTEM, "a row that was not asked for", safe=True)
