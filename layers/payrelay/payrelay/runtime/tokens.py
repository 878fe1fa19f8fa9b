"""Tokens of a system behind OAuth: fetched from its consent, renewed in time, given back (CON-2, CON-3)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OtherCompany
from payrelay.systems.oauth import Grant, TokenEndpoint

if TYPE_CHECKING:
    from payrelay.runtime.credentials import Credentials, Held, Values

# The shortest tokens there are live 300 seconds; no step of a run takes longer than this.
RENEWED_BEFORE = 120
# What an admin entered, and what outlives the tokens.
ENTERED = ("client_id", "client_secret")


class Tokens:
    """The tokens of one system of one connection, kept with its credentials.

    Timeline of two workers whose token is about to expire: one takes the lock of the secret and renews; the
    other waits for the lock, finds another token there than it had, and uses that. A new refresh token is
    stored before anything is done with what came with it. Those of a connection go to the `address` that its
    credentials were entered for, and to no other.
    """

    def __init__(
        self,
        credentials: Credentials,
        endpoint: TokenEndpoint,
        whose: tuple[str, str, str],
        now: Callable[[], float] = time.time,
        address: str | None = None,
    ) -> None:
        self._credentials, self._endpoint, self._now = credentials, endpoint, now
        self._address = address
        self._tenant, self._connection_id, self._system = whose
        self._used = ""

    def current(self) -> Secret:
        """An access token that is good for the step at hand; CredentialsRefused when there was no consent."""
        stored = self._credentials.of(self._tenant, self._connection_id, self._system, self._address)
        kept = {name: secret.reveal() for name, secret in stored.items()}
        if self._lasts(kept):
            return self._use(kept)
        self._used = kept.get("access_token", "")
        return self.renew()

    def renew(self) -> Secret:
        """Another access token than the one that was given out last."""
        with self._held() as held:
            kept = held.of(self._system)
            if kept.get("access_token", "") != self._used and self._lasts(kept):
                return self._use(kept)
            refresh_token = kept.get("refresh_token")
            if not refresh_token:
                raise CredentialsRefused(self._system, "no consent was given, or it was withdrawn")
            return self._keep(held, self._endpoint.refresh(Secret(refresh_token)))

    def company(self) -> Secret:
        """The company that was chosen at the consent."""
        company_id = self.chosen()
        if company_id is None:
            raise CredentialsRefused(self._system, "no company was chosen")
        return Secret(company_id)

    def chosen(self) -> str | None:
        """The id of that company, if there is one."""
        kept = self._credentials.of(self._tenant, self._connection_id, self._system)
        return kept["company_id"].reveal() if "company_id" in kept else None

    def given(self) -> bool:
        """Whether a consent was given, and not withdrawn by us."""
        return "refresh_token" in self._credentials.of(self._tenant, self._connection_id, self._system)

    def exchange(self, code: Secret, redirect_uri: str, verifier: Secret | None = None) -> Secret:
        """The first access token, for a consent's code, with the `verifier` that it was asked with.

        A consent for another company than before is given back: OtherCompany.
        """
        with self._held() as held:
            grant = self._endpoint.exchange(code, redirect_uri, verifier)
            chosen = held.of(self._system).get("company_id")
            if chosen and grant.company and grant.company != chosen:
                self._endpoint.revoke(grant.refresh_token)
                raise OtherCompany(grant.company, chosen)
            return self._keep(held, grant)

    def choose(self, company_id: str) -> None:
        """Note which company of those that the consent reaches is meant."""
        with self._held() as held:
            held.put({self._system: {**held.of(self._system), "company_id": company_id}})

    def revoke(self) -> None:
        """Give the tokens back and forget them; without any there is nothing to do."""
        with self._held() as held:
            kept = held.of(self._system)
            refresh_token = kept.get("refresh_token")
            if refresh_token:
                self._endpoint.revoke(Secret(refresh_token))
                held.put({self._system: {name: text for name, text in kept.items() if name in ENTERED}})

    @contextmanager
    def _held(self) -> Iterator[Held]:
        """The secret under its lock, if it may go to this address."""
        with self._credentials.held(self._tenant, self._connection_id) as held:
            if self._address is not None:
                held.may_go(self._system, self._address)
            yield held

    def _lasts(self, kept: Values) -> bool:
        return int(kept.get("expires_at", "0")) - self._now() > RENEWED_BEFORE

    def _use(self, kept: Values) -> Secret:
        self._used = kept["access_token"]
        return Secret(self._used)

    def _keep(self, held: Held, grant: Grant) -> Secret:
        kept = {
            **held.of(self._system),
            "access_token": grant.access_token.reveal(),
            "refresh_token": grant.refresh_token.reveal(),
            "expires_at": str(int(self._now()) + grant.seconds),
            **({} if grant.company is None else {"company_id": grant.company}),
        }
        held.put({self._system: kept})
        return self._use(kept)
