"""What a function is told by its environment; the template sets it."""

from __future__ import annotations

import os

from msgspec import Struct


class RuntimeSettings(Struct, frozen=True):
    """Names of the stack's resources. `local_endpoint` is set in the local stack only.

    A function that takes a role to touch credentials is told which; without one it has the right itself.
    """

    table_name: str
    plans_bucket: str
    event_bus: str
    secret_prefix: str
    state_machine_prefix: str
    local_endpoint: str
    connections_role: str = ""
    old_credentials_role: str = ""
    tokens_key: str = ""

    @property
    def local(self) -> bool:
        """Whether this is the local stack: only there may a system's address be loopback."""
        return bool(self.local_endpoint)

    @classmethod
    def from_environment(cls) -> RuntimeSettings:
        """KeyError names a variable that the template forgot."""
        return cls(
            table_name=os.environ["TABLE_NAME"],
            plans_bucket=os.environ["PLANS_BUCKET"],
            event_bus=os.environ["EVENT_BUS"],
            secret_prefix=os.environ["SECRET_PREFIX"],
            state_machine_prefix=os.environ["STATE_MACHINE_PREFIX"],
            local_endpoint=os.environ.get("LOCAL_ENDPOINT", ""),
            connections_role=os.environ.get("CONNECTIONS_ROLE_ARN", ""),
            old_credentials_role=os.environ.get("OLD_CREDENTIALS_ROLE_ARN", ""),
            tokens_key=os.environ.get("TOKENS_KEY", ""),
        )
