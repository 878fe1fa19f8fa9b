"""What a running stack is given to work with, told to its clients in stack.json."""

from collections.abc import Mapping
from typing import Any

from .users import tokens


def seed(outputs: Mapping[str, str], endpoint: str, sandboxes: Mapping[str, str]) -> dict[str, Any]:
    """Users, connections and sandbox data; answers `tokens`, `hook_secret` and `connections`."""
    del sandboxes
    return {
        "tokens": tokens(endpoint, outputs["UserPoolId"], outputs["UserPoolClientId"]),
        "hook_secret": "",
        "connections": {},
    }
