"""The calls to Exact Globe Next: the look-ups of a company, and its lines and headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from payrelay.domain.groups import in_groups
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, Rejected
from payrelay.systems.http.answers import error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.masking import clean
from payrelay.systems.http.sign_in import basic
from payrelay.systems.http.words import in_json
from payrelay.systems.odata import midnight, rows, text, words_of
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import Listed, R, Reader, all_of

from .models import (
    ACCOUNTS,
    ADDED,
    CENTRES,
    HEADERS,
    JOURNALS,
    LINES,
    PERIODS,
    SETTINGS,
    Account,
    Added,
    Coded,
    CompanySetting,
    Header,
    Journal,
    Line,
    Period,
)

SYSTEM = "globe_next"
NAME = "Exact Globe Next"
_PATH = "/services/Exact.Entity.REST.EG"
_MISSING_HEADERS, _NOT_FOUND = 400, "404"
# So many marks still fit into the address of one call.
_MARKS_AT_ONCE = 20
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
Values = Mapping[str, object]


class GlobeNextClient:
    """One server, for one of its users. Errors are those of `payrelay.errors`.

    `base_url` is the address of Globe Next, with or without `/services/Exact.Entity.REST.EG`.
    """

    def __init__(
        self, base_url: str, username: Secret, password: Secret, *, options: DoorOptions | None = None
    ) -> None:
        if not username or not password:
            raise CredentialsRefused(SYSTEM, "not given: user name and password")
        self._password = password
        self._door = Door(
            SYSTEM,
            base_url.rstrip("/").removesuffix(_PATH) + _PATH,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": basic(SYSTEM, username, password)},
            explain=in_json(self._words),
            options=options or DoorOptions(),
        )

    def organisation(self) -> str:
        """That the server lets the user in. It asks for a company only after that, and none is named here."""
        answer = self._door.send("GET", "/CompanySetting", safe=True, accept=(_MISSING_HEADERS,))
        match answer:
            case {"d": {"results": list()}} | {"error": {"message": {"value": str()}}}:
                return NAME
        raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)

    def company(self, server: str, database: str) -> Books:
        """The books of a company: its SQL Server and its database there."""
        return Books(self._door, server, database)

    def _words(self, body: object) -> tuple[str, str]:
        return "", clean(words_of(body), {self._password.reveal()})


class Books:
    """One company. Every call names it by both headers."""

    def __init__(self, door: Door, server: str, database: str) -> None:
        self._door, self.database = door, database
        self._headers = {"ServerName": server, "DatabaseName": database}

    # --- look-ups ----------------------------------------------------------------------------------------

    def setting(self) -> CompanySetting:
        """The company's own settings, as they are now."""
        found = all_of(self._all(SETTINGS, "CompanySetting"), SYSTEM)
        if len(found) != 1:
            raise error_of_unreadable(SYSTEM, f"{len(found)} rows of CompanySetting", safe=True)
        return found[0]

    def journals(self) -> Listed[Journal]:
        """All journals."""
        return self._all(JOURNALS, "Journal")

    def accounts(self) -> Listed[Account]:
        """All general ledger accounts."""
        return self._all(ACCOUNTS, "GLAccount")

    def centres(self) -> Listed[Coded]:
        """All cost centres."""
        return self._all(CENTRES, "CostCenter")

    def units(self) -> Listed[Coded]:
        """All cost units."""
        return self._all(CENTRES, "CostUnit")

    def periods(self) -> Listed[Period]:
        """All financial periods."""
        return self._all(PERIODS, "FinancialPeriod")

    # --- entries -----------------------------------------------------------------------------------------

    def header(self, key: str) -> Header | None:
        """The header of a transaction key; None while its lines are pending."""
        found = all_of(self._all(HEADERS, "FinancialHeader", _of_key(key)), SYSTEM)
        return found[0] if found else None

    def marked(self, marks: Iterable[str]) -> list[Header]:
        """The headers whose description has one of these marks."""
        found: list[Header] = []
        for group in in_groups(dict.fromkeys(marks), _MARKS_AT_ONCE):
            where = " or ".join(f"substringof({text(one)},Description)" for one in group)
            found += all_of(self._all(HEADERS, "FinancialHeader", where), SYSTEM)
        return found

    def lines(self, key: str) -> list[Line]:
        """The lines of a transaction key, pending or not."""
        return all_of(self._all(LINES, "FinancialLine", _of_key(key)), SYSTEM)

    def lines_of_day(self, day: date, description: str) -> list[Line]:
        """The lines of a day with this description, pending or not."""
        where = f"EntryDate eq datetime'{midnight(day)}' and Description eq {text(description)}"
        return all_of(self._all(LINES, "FinancialLine", where), SYSTEM)

    def add_line(self, values: Values) -> Added:
        """A new line, pending; without a `TransactionKey` the answer has a new one."""
        return ADDED.one(self._single("/FinancialLine", values), SYSTEM, safe=False)

    def add_header(self, values: Values) -> Header:
        """The header, which processes the lines of its key."""
        return HEADERS.one(self._single("/FinancialHeader", values), SYSTEM, safe=False)

    def remove_line(self, line: int) -> None:
        """Remove a pending line; no error when it is gone already."""
        try:
            self._door.send(
                "DELETE", f"/FinancialLine({line:d})", headers=self._headers, safe=False, empty=True
            )
        except Rejected as refusal:
            if refusal.code != _NOT_FOUND:
                raise

    def _single(self, path: str, values: Values) -> Any:
        """What a new entity is answered with."""
        match self._door.send("POST", path, body=values, headers=self._headers, safe=False):
            case {"d": dict(row)}:
                return row
        raise error_of_unreadable(SYSTEM, "not a row", safe=False)

    def _all(self, reader: Reader[R], entity: str, where: str | None = None) -> Listed[R]:
        params = (("$filter", where),) if where else ()
        raws = rows(
            SYSTEM,
            lambda onwards: self._door.send(
                "GET", f"/{entity}", params=(*params, *onwards), headers=self._headers, safe=True
            ),
        )
        return Listed(*reader.read(raws))


def _of_key(key: str) -> str:
    """The filter of a transaction key; a text that is none is refused as Globe Next would."""
    if not _GUID.fullmatch(key):
        raise Rejected(SYSTEM, "a transaction key that is no guid", code="UNUSABLE_ID")
    return f"TransactionKey eq guid'{key}'"
