"""Credentials of connections, in Secrets Manager and nowhere else (CON-3)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from payrelay.domain.sensitive import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FINGERPRINT = "fingerprint_key"


class CredentialsMissing(Exception):
    """The connection has no stored credentials."""


class Credentials:
    """One secret per connection: `{"<system>": {"<field>": …}, "fingerprint_key": …}`.

    The fingerprint key is made with the connection and never changes: it keys the hashes by which values
    that the target does not show are compared.
    """

    def __init__(self, client: SecretsManagerClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def name(self, tenant: str, connection_id: str) -> str:
        """`payrelay/demo/con_01J…`: the tenant is part of the secret's name."""
        return f"{self._prefix}/{tenant}/{connection_id}"

    def create(self, tenant: str, connection_id: str, values: Mapping[str, Mapping[str, str]]) -> None:
        """Store a new connection's credentials."""
        stored = {**values, FINGERPRINT: secrets.token_hex(32)}
        self._client.create_secret(Name=self.name(tenant, connection_id), SecretString=json.dumps(stored))

    def replace(self, tenant: str, connection_id: str, values: Mapping[str, Mapping[str, str]]) -> None:
        """Replace the credentials of the systems in `values`; the others stay."""
        stored = self._read(tenant, connection_id)
        merged = {**stored, **values}
        self._client.put_secret_value(
            SecretId=self.name(tenant, connection_id), SecretString=json.dumps(merged)
        )

    def of(self, tenant: str, connection_id: str, system: str) -> dict[str, Secret]:
        """The credentials of one system of a connection."""
        stored = self._read(tenant, connection_id)
        if system not in stored:
            raise CredentialsMissing(f"{connection_id} has no credentials of {system}")
        return {name: Secret(value) for name, value in stored[system].items()}

    def fingerprint_key(self, tenant: str, connection_id: str) -> bytes:
        """The key of the connection's hashes."""
        return bytes.fromhex(self._read(tenant, connection_id)[FINGERPRINT])

    def delete(self, tenant: str, connection_id: str) -> None:
        """Forget a connection's credentials; no error when there are none."""
        self._client.delete_secret(SecretId=self.name(tenant, connection_id), ForceDeleteWithoutRecovery=True)

    def _read(self, tenant: str, connection_id: str) -> dict[str, Any]:
        try:
            answer = self._client.get_secret_value(SecretId=self.name(tenant, connection_id))
        except self._client.exceptions.ResourceNotFoundException as error:
            raise CredentialsMissing(f"{connection_id} has no stored credentials") from error
        found: dict[str, Any] = json.loads(answer["SecretString"])
        return found
