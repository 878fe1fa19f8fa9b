"""Consent and tokens: each consent opens one organisation, and its refresh token is good once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from local.sandbox.frame.consent import Code, Consents, OAuthError
from local.sandbox.frame.room import Row
from local.sandbox.frame.table import Table

SCOPE = frozenset({"leave.read", "employees.read"})


class Tokens(Consents):
    """One row for each connection: `refresh_token`, `organisation_id`, `access_tokens` and when they end."""

    authorize, token, revoke = "/oauth/authorize", "/oauth/token", "/oauth/revoke"
    may_ask: ClassVar = frozenset({"organisation_id"})
    access_life: ClassVar = timedelta(minutes=30)

    def __init__(self, now: Callable[[], datetime], organisations: Callable[[], Sequence[str]]) -> None:
        kept = Table("refresh_token")
        super().__init__(lambda: kept, now)
        self._organisations = organisations

    def replace(self, rows: list[Row]) -> None:
        """Other connections than before."""
        for row in self.table.rows():
            self.table.remove(row["refresh_token"])
        for row in rows:
            self.table.put(row)

    def organisation_of(self, access_token: str) -> str | None:
        """The organisation that an access token opens, if it is still good."""
        row = self.opened_by(access_token)
        return str(row["organisation_id"]) if row else None

    def check(self, asked: Mapping[str, str]) -> None:
        """`organisation_id` is the radio button."""
        if frozenset(asked["scope"].split()) != SCOPE:
            raise OAuthError("invalid_scope", f"the scope is {' '.join(sorted(SCOPE, reverse=True))}")
        if self.facts(asked)["organisation_id"] not in self._organisations():
            raise OAuthError("invalid_request", "the organisation is not known")

    def facts(self, asked: Mapping[str, str]) -> Row:
        return {"organisation_id": asked.get("organisation_id", next(iter(self._organisations()), ""))}

    def check_code(self, code: Code, form: Mapping[str, str]) -> None:  # noqa: ARG002
        if code.facts["organisation_id"] not in self._organisations():
            raise OAuthError("invalid_grant")

    def renewable(self, refresh_token: str) -> Row | None:
        row = super().renewable(refresh_token)
        return row if row and row["organisation_id"] in self._organisations() else None

    def told(self, row: Row) -> Row:
        return {"organisation_id": row["organisation_id"]}
