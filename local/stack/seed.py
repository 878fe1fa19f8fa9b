"""What a running stack is given to work with, told to its clients in stack.json."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from payrelay.ledger import Ledger
from payrelay.systems.registry import PACKAGES

from .clients import client
from .errors import StackError
from .users import USERS, tokens

ADD_ON = "simployer_xledger"
TENANT = USERS[0].tenant
CREDENTIALS = {
    "simployer": {"access_token": "simployer-sandbox-token"},
    "xledger": {"api_token": "xledger-sandbox-token"},
}
INTEGRATION_KEY = {"integration_key": "autovu-sandbox-key"}
APP = {"client_id": "payrelay-sandbox", "client_secret": "sandbox-secret"}
# Where a browser would come back to; nobody listens there, its query is all that counts.
BACK = "http://127.0.0.1/back"
# Customers and suppliers that are linked from the start, so that a first sync has something to post.
LINKED = (
    ("Harper Ltd", "customer"),
    ("O'Neil & Sons", "customer"),
    ("St. Mary's School", "customer"),
    ("Pennine Plumbing Supplies", "supplier"),
)


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
        "connections": connections(api, sandboxes) if sandboxes else {},
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


def connections(api: Api, sandboxes: Mapping[str, str]) -> dict[str, str]:
    """The ids of all connections, by the names under which stack.json tells them."""
    found = {ADD_ON: connection(api, sandboxes)}
    for package in PACKAGES:
        found[f"autovu_{package}"] = accounting(api, sandboxes, package)
    return found


def accounting(api: Api, sandboxes: Mapping[str, str], package: str) -> str:
    """The connection of AutoVu with one package: made and linked at the first start, and then kept."""
    source = f"autovu_{package}"
    settings = {
        "package": package,
        "autovu": {"base_url": sandboxes[source]},
        package: {"base_url": sandboxes[package]},
    }
    known = [
        one
        for one in api.call("GET", "/connections?limit=200")["items"]
        if one["kind"] == "autovu_accounting" and one["settings"]["package"] == package
    ]
    if known:
        found = known[0]
        addresses = {name: found["settings"][name]["base_url"] for name in ("autovu", package)}
        if addresses != {"autovu": sandboxes[source], package: sandboxes[package]}:
            api.call("PATCH", f"/connections/{found['connection_id']}", {"settings": settings})
    else:
        credentials = {"autovu": INTEGRATION_KEY, package: APP}
        body = {"name": f"Workforce {package}", "kind": "autovu_accounting", "settings": settings}
        found = api.call("POST", "/connections", {**body, "credentials": credentials})
    connection_id = str(found["connection_id"])
    if found["status"] != "connected":
        consent(api, connection_id)
    if not known:
        link(api, connection_id)
    return connection_id


def consent(api: Api, connection_id: str) -> None:
    """What a person does in a browser: open the page of consent, and come back with its code."""
    connect = f"/connections/{connection_id}/connect"
    page = api.call("POST", connect, {"redirect_uri": BACK})["consent_url"]
    answer = requests.get(page, allow_redirects=False, timeout=30)
    if answer.status_code != requests.codes.found:
        raise StackError(f"The sandbox gave no consent ({answer.status_code}): {answer.text}")
    back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    given = {"code": back["code"], "state": back["state"], "realm_id": back.get("realmId")}
    api.call("POST", connect, {name: value for name, value in given.items() if value})


def link(api: Api, connection_id: str) -> None:
    """Link the accounts of the first documents with those of exactly the same name."""
    where = f"/connections/{connection_id}"
    todo = set(LINKED)
    for document in api.call("GET", f"{where}/documents?limit=8")["items"]:
        side = "supplier" if document["kind"] == "SupplierInvoice" else "customer"
        exact = [one["account_id"] for one in document["suggestions"] if one["exact"]]
        if (document["customer"], side) in todo and exact:
            todo.remove((document["customer"], side))
            body = {"account_id": exact[0], "side": side}
            api.call("POST", f"{where}/accounts/{document['customer_id']}/link", body)


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
