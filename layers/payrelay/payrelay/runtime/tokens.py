"""Tokens of a system behind OAuth: fetched from its consent, renewed in time, given back (CON-2, CON-3)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OtherCompany, RetryLater
from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.seals import Parts, Sealed
from payrelay.ledger.table import ConditionFailed
from payrelay.runtime.keyring import Unreadable
from payrelay.systems.http.address import plain_address

if TYPE_CHECKING:
    from payrelay.runtime.credentials import Credentials
    from payrelay.runtime.safe import Safe
    from payrelay.systems.oauth import Grant, TokenEndpoint

# The shortest tokens there are live 300 seconds; no step of a run takes longer than this.
RENEWED_BEFORE = 120
TOO_LATE = "there was no time left in which to get a new token"
# What the token endpoint says of a refresh token that is dead, or was never good (RFC 6749).
DEAD = "invalid_grant"
# The pair of now, the one before it, and those of workers who renewed at the same time.
MOST_PAIRS = 4

# To seal a new pair and to write it, when one call of each is in vain.
STORED_SECONDS = 8.0

# A pair of tokens, with what it belongs to.
Pair = dict[str, Secret]


def bound(client_id: str, address: str | None) -> dict[str, str]:
    """What a pair belongs to: the app that consent was given to, and the server that gave it."""
    return {"client_id": client_id, "address": plain_address(address) if address else ""}


class Tokens:
    """The tokens of one system of one connection.

    Timeline of two workers whose token is about to expire: one takes the lock of the connection and renews;
    the other waits for the lock, finds another token there than it had, and uses that. Should both renew all
    the same, because the first one was held up for longer than a lock lasts, the second one to write finds
    out by the version: it uses what is there, and leaves its own pair beside it.

    A new pair is stored before anything is done with it, and the one that it was made from is kept until the
    new one has been renewed in turn: when an answer is lost nobody knows whether the vendor has replaced the
    old pair, and which one is good then is tried. Tokens go to the `address` that they are from, and to no
    other; those of another app or another server are none.

    No vendor is asked unless whoever calls has `time_left` for its answer, and to store that.
    """

    def __init__(
        self,
        credentials: Credentials,
        safe: Safe,
        endpoint: TokenEndpoint,
        whose: tuple[str, str, str],
        client_id: Secret,
        now: Callable[[], float] = time.time,
        address: str | None = None,
        time_left: Callable[[], float] = lambda: inf,
    ) -> None:
        self._credentials, self._safe, self._endpoint, self._now = credentials, safe, endpoint, now
        self._time_left = time_left
        self._address, self._bound = address, bound(client_id.reveal(), address)
        self._tenant, self._connection_id, self._system = whose
        self._used: Pair = {}

    def current(self) -> Secret:
        """An access token that is good for the step at hand; CredentialsRefused when there was no consent."""
        newest = self._newest(self._safe.read())
        self._used = newest
        return newest["access_token"] if self._lasts(newest) else self.renew()

    def renew(self) -> Secret:
        """Another access token than the one that was given out last."""
        with self._held():
            self._save_unsaved()
            tried: set[Secret] = set()
            refused: CredentialsRefused | None = None
            while True:
                before = self._safe.read()
                newest = self._newest(before)
                if newest.get("access_token") != self._used.get("access_token") and self._lasts(newest):
                    return self._use(newest)
                pair = self._next(before, tried)
                if pair is None:
                    raise refused or CredentialsRefused(
                        self._system, "no consent was given, or it was withdrawn"
                    )
                parts, refresh_token = pair
                self.ready()
                try:
                    grant = self._endpoint.refresh(refresh_token)
                except CredentialsRefused as error:
                    if error.code != DEAD:
                        raise
                    # It may have been replaced meanwhile, or the one before it may still be good.
                    tried.add(refresh_token)
                    refused = error
                    continue
                return self._keep(before, grant, newest.get("company_id"), parts)

    def company(self) -> Secret:
        """The company that was chosen at the consent."""
        company_id = self._used.get("company_id") or self._newest(self._safe.read()).get("company_id")
        if company_id is None:
            raise CredentialsRefused(self._system, "no company was chosen")
        return company_id

    def chosen(self) -> str | None:
        """The id of that company, if there is one."""
        company_id = self._newest(self._safe.read()).get("company_id")
        return company_id.reveal() if company_id else None

    def given(self) -> bool:
        """Whether a consent was given, and not withdrawn by us."""
        return "refresh_token" in self._newest(self._safe.read())

    def ready(self) -> None:
        """That a new pair could be stored if the vendor were asked for one now; RetryLater if not."""
        self._safe.ready()
        if self._time_left() < self._endpoint.answer_seconds + STORED_SECONDS:
            raise RetryLater("payrelay", TOO_LATE, seconds=5, named=True)

    def exchange(self, code: Secret, redirect_uri: str, verifier: Secret | None = None) -> Secret:
        """The first access token, for a consent's code, with the `verifier` that it was asked with.

        A consent for another company than before is given back: OtherCompany.
        """
        with self._held():
            before = self._safe.read()
            chosen = self._newest(before).get("company_id")
            self.ready()
            grant = self._endpoint.exchange(code, redirect_uri, verifier)
            if chosen and grant.company and grant.company != chosen.reveal():
                self._endpoint.revoke(grant.refresh_token)
                raise OtherCompany(grant.company, chosen.reveal())
            return self._keep(before, grant, chosen, None)

    def choose(self, company_id: str) -> None:
        """Note which company of those that the consent reaches is meant."""
        with self._held():
            before = self._safe.read()
            newest = self._newest(before)
            if newest:
                values = {name: secret.reveal() for name, secret in newest.items()}
                chosen = self._safe.seal({**values, "company_id": company_id})
                self._safe.write(before, [chosen, *before.kept[1:]])
                self._used = {}

    def revoke(self) -> None:
        """Give the tokens back and forget them; without any there is nothing to do."""
        with self._held():
            before = self._safe.read()
            given_back: set[Secret] = set()
            while pair := self._next(before, given_back):
                self._endpoint.revoke(pair[1])
                given_back.add(pair[1])
            self._used = {}
            if before.version:
                self._safe.forget(before)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The lock of the connection: only one may renew. CON-3, and SEC-3 if it may go to this address."""
        with self._credentials.held(self._tenant, self._connection_id) as held:
            if self._address is not None:
                held.may_go(self._system, self._address)
            yield

    def _newest(self, sealed: Sealed) -> Pair:
        """The newest pair; empty if there is none."""
        return self._opened(sealed.kept[0]) if sealed.kept else {}

    def _opened(self, parts: Parts) -> Pair:
        """A pair; empty if it is of another app or server, or can't be read."""
        try:
            pair = self._safe.open(parts)
        except Unreadable:
            return {}
        ours = all(pair.get(name, Secret("")).reveal() == value for name, value in self._bound.items())
        return pair if ours else {}

    def _next(self, sealed: Sealed, tried: set[Secret]) -> tuple[Parts, Secret] | None:
        """The newest pair with a refresh token that was not tried yet, and that token."""
        for parts in sealed.kept:
            refresh_token = self._opened(parts).get("refresh_token")
            if refresh_token and refresh_token not in tried:
                return parts, refresh_token
        return None

    def _lasts(self, pair: Pair) -> bool:
        until = int(pair["expires_at"].reveal()) if "expires_at" in pair else 0
        return until - self._now() > RENEWED_BEFORE

    def _use(self, pair: Pair) -> Secret:
        self._used = pair
        return pair["access_token"]

    def _keep(self, before: Sealed, grant: Grant, company: Secret | None, made_from: Parts | None) -> Secret:
        """Store a new pair in one write, with the one that it was made from; the access token to use."""
        company_id = grant.company or (company.reveal() if company else None)
        values = {
            "access_token": grant.access_token.reveal(),
            "refresh_token": grant.refresh_token.reveal(),
            "expires_at": str(int(self._now()) + grant.seconds),
            **({"company_id": company_id} if company_id else {}),
            **self._bound,
        }
        return self._store(before, values, made_from)

    def _save_unsaved(self) -> None:
        """Store a pair that could not be stored when it came: as the newest, if nobody was here since."""
        unsaved, used = self._safe.unsaved(), self._used
        if unsaved is None:
            return
        version, values = unsaved
        there = self._safe.read()
        before = there if there.version == version else Sealed(version)
        self._store(before, values, before.kept[0] if before.kept else None)
        self._safe.saved()
        self._used = used

    def _store(self, before: Sealed, values: dict[str, str], made_from: Parts | None) -> Secret:
        """Write a pair; one that can't be written is kept by this worker, as the vendor may have no other."""
        try:
            return self._written(before, values, made_from)
        except (RetryLater, TableBusy, ClientError, BotoCoreError):
            self._safe.leave_unsaved(before.version, values)
            raise

    def _written(self, before: Sealed, values: dict[str, str], made_from: Parts | None) -> Secret:
        new = self._safe.seal(values)
        ours = {name: Secret(value) for name, value in values.items()}
        kept = [new] if made_from is None else [new, made_from]
        while True:
            try:
                self._safe.write(before, kept)
                return self._use(ours)
            except ConditionFailed:
                before = self._safe.read()
            winner = self._newest(before)
            if new in before.kept:
                # It was written, and the answer to that was lost.
                return self._use(ours)
            if not before.kept:
                self._endpoint.revoke(ours["refresh_token"])
                self._safe.saved()
                raise CredentialsRefused(self._system, "the consent was withdrawn meanwhile")
            kept = [before.kept[0], new, *before.kept[1:]][:MOST_PAIRS]
            ours = winner if self._lasts(winner) else ours
