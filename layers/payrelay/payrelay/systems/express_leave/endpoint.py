"""Calls to Express Leave: the company they are for, its limit, and the vendor's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.http.masking import clean
from payrelay.systems.http.words import coded, in_json
from payrelay.systems.registry import allowed_hosts, rate_of

SYSTEM = "express_leave"
_PATH = "/api/v1"
_COMPANY = "/companies/{company}"
Params = tuple[tuple[str, str], ...]


class Endpoint:
    """All calls for one company. Paths are below the company's own."""

    def __init__(self, base_url: str, company_id: str, api_key: Secret, options: DoorOptions) -> None:
        if company_id in ("", ".", "..") or not api_key:
            raise CredentialsRefused(SYSTEM, "not given: the company's id and API key")
        self._door = Door(
            SYSTEM,
            base_url.rstrip("/").removesuffix(_PATH) + _PATH,
            allowed_hosts(SYSTEM),
            secret_headers={"X-Api-Key": api_key},
            explain=in_json(words_of),
            options=options,
            rate=rate_of(SYSTEM),
        )
        self._company = Secret(company_id)

    def get(self, path: str, params: Params = (), *, values: Mapping[str, str] | None = None) -> Any:
        """The JSON that GET answers."""
        return self._door.get(_COMPANY + path, params, values=self._values(values))

    def repeatable(
        self,
        method: str,
        path: str,
        body: Mapping[str, object],
        *,
        values: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> Any:
        """The JSON that a write answers which comes to the same however often it arrives."""
        return self._door.send(
            method,
            _COMPANY + path,
            safe=True,
            values=self._values(values),
            body=body,
            headers=headers,
            accept=accept,
        )

    def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        values: Mapping[str, str] | None = None,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        empty: bool = False,
    ) -> Any:
        """The JSON that a write answers; it waits where the limit was met, since then nothing was done."""
        return self._door.patiently(
            lambda: self._door.send(
                method,
                _COMPANY + path,
                safe=False,
                values=self._values(values),
                params=params,
                body=body,
                headers=headers,
                empty=empty,
            )
        )

    def shown(self, text: str, body: object) -> str:
        """The vendor's words in an answer to `body`, without what must not show."""
        return clean(text, self._door.hidden_with(body))

    def _values(self, values: Mapping[str, str] | None) -> dict[str, str]:
        return {"company": self._company.reveal(), **(values or {})}


def words_of(body: object) -> tuple[str, str]:
    """Code and message of `{"Error": {"Code", "Message", "Field"}}`; the field goes into the message."""
    return coded(body.get("Error") if isinstance(body, Mapping) else None)
