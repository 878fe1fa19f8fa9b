"""What a running stack is given to work with, told to its clients in stack.json."""

import time
from collections.abc import Mapping
from typing import Any

import requests

from payrelay.ledger import Ledger

from .clients import client
from .errors import StackError
from .users import USERS, tokens

ADD_ON = "simployer_xledger"
TENANT = USERS[0].tenant
CREDENTIALS = {
    "simployer": {"access_token": "simployer-sandbox-token"},
    "xledger": {"api_token": "xledger-sandbox-token"},
}


def seed(
    outputs: Mapping[str, str], endpoint: str, sandboxes: Mapping[str, str], api_url: str
) -> dict[str, Any]:
    """Users, add-ons and connections; answers `tokens`, `hook_secret` and `connections`."""
    signed_in = tokens(endpoint, outputs["UserPoolId"], outputs["UserPoolClientId"])
    ledger = Ledger.open(
        client("dynamodb", endpoint), outputs["TableName"], client("s3", endpoint), outputs["PlansBucket"]
    )
    ledger.connections.set_add_ons(TENANT, frozenset({ADD_ON}))
    ledger.connections.set_app(outputs["AppClientId"], TENANT, "operator")
    api = Api(api_url, signed_in["admin"])
    api.await_ready()
    return {
        "tokens": signed_in,
        "hook_secret": "",
        "connections": {ADD_ON: connection(api, sandboxes)} if sandboxes else {},
    }


class Api:
    """The stack's own API, as an admin of the first tenant."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    def await_ready(self, seconds: float = 30.0) -> None:
        """Wait until the API answers; its first start takes a second or two."""
        until = time.monotonic() + seconds
        while requests.get(f"{self._url}/health", timeout=30).status_code != requests.codes.ok:
            if time.monotonic() > until:
                raise StackError("The API does not answer; see the emulator's log in .local/logs.")
            time.sleep(0.2)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer; a refusal ends the start with its reason."""
        answer = requests.request(method, f"{self._url}{path}", json=body, headers=self._headers, timeout=60)
        if not answer.ok:
            raise StackError(f"{method} {path} was answered {answer.status_code}: {answer.text}")
        return answer.json()


def connection(api: Api, sandboxes: Mapping[str, str]) -> str:
    """The id of the connected connection to the sandboxes; made at the first start, and then kept."""
    settings = {name: {"base_url": sandboxes[name]} for name in CREDENTIALS}
    known = [one for one in api.call("GET", "/connections?limit=200")["items"] if one["kind"] == ADD_ON]
    if known:
        found = known[0]
        if any(found["settings"].get(name) != address for name, address in settings.items()):
            api.call("PATCH", f"/connections/{found['connection_id']}", {"settings": settings})
    else:
        body = {"name": "Nordlys Energi", "kind": ADD_ON, "settings": settings, "credentials": CREDENTIALS}
        found = api.call("POST", "/connections", body)
    connection_id = str(found["connection_id"])
    if found["status"] != "connected":
        api.call("POST", f"/connections/{connection_id}/connect")
    return connection_id
