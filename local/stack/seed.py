"""What a running stack is given to work with, told to its clients in stack.json."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import requests

from local.seed.attache import next_pay
from local.seed.trade import TAX_CODES
from payrelay.ledger import Ledger
from payrelay.systems.registry import PACKAGES

from .clients import client
from .errors import StackError
from .users import USERS, tokens

Json: TypeAlias = dict[str, Any]

ADD_ON = "simployer_xledger"
PAYROLL = "synergy_payroll_plus"
LEAVE = "attache_express_leave"
TENANT = USERS[0].tenant
CREDENTIALS = {
    "simployer": {"access_token": "simployer-sandbox-token"},
    "xledger": {"api_token": "xledger-sandbox-token"},
}
SIGN_IN = {"username": "payrelay-sandbox", "password": "sandbox-password"}
PAYROLL_CREDENTIALS = {
    "synergy": SIGN_IN,
    "payroll_plus": {"employer_id": "emp-500", **SIGN_IN},
    "globe_next": SIGN_IN,
}
# Where the journal of each administration is booked.
GLOBE_COMPANIES = [
    {"administratienummer": number, "server_name": "SRV01", "database_name": number}
    for number in ("500", "600")
]
INTEGRATION_KEY = {"integration_key": "autovu-sandbox-key"}
APP = {"client_id": "payrelay-sandbox", "client_secret": "sandbox-secret"}
LEAVE_CREDENTIALS = {
    "attache": APP,
    "express_leave": {"company_id": "c-9", "api_key": "express-leave-sandbox-key"},
}
ACCRUALS = "millennium_timeworksplus"
ACCRUAL_CREDENTIALS = {
    "millennium": SIGN_IN,
    "timeworksplus": {"issuer_id": "9001", "api_secret": "timeworksplus-sandbox-secret"},
}


class Plain(NamedTuple):
    """A connection that needs no page of consent: what each system asks for, and further settings."""

    kind: str
    name: str
    credentials: Mapping[str, Mapping[str, str]]
    settings: Mapping[str, Any]


# By the names under which stack.json tells them.
PLAIN: Mapping[str, Plain] = {
    ADD_ON: Plain(ADD_ON, "Nordlys Energi", CREDENTIALS, {}),
    PAYROLL: Plain(PAYROLL, "Delft Techniek", PAYROLL_CREDENTIALS, {"globe_companies": GLOBE_COMPANIES}),
    ACCRUALS: Plain(
        ACCRUALS,
        "Acme",
        ACCRUAL_CREDENTIALS,
        {"company": "ACME", "site_id": "51234", "system_of_record": "millennium"},
    ),
    f"{ACCRUALS}_beta": Plain(
        ACCRUALS,
        "Beta",
        ACCRUAL_CREDENTIALS,
        {"company": "BETA", "site_id": "51235", "system_of_record": "timeworksplus"},
    ),
}
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
    outputs: Mapping[str, str], endpoint: str, sandboxes: Mapping[str, str], api_url: str, password: str
) -> dict[str, Any]:
    """Users, add-ons and connections; answers `tokens`, `hook_secret`, `connections` and `console`."""
    signed_in = tokens(endpoint, outputs["UserPoolId"], outputs["UserPoolClientId"], password)
    ledger = Ledger.open(
        client("dynamodb", endpoint), outputs["TableName"], client("s3", endpoint), outputs["PlansBucket"]
    )
    ledger.connections.set_add_ons(TENANT, frozenset({ADD_ON}))
    api = Api(api_url, signed_in["admin"])
    api.await_ready()
    found = connections(api, sandboxes) if sandboxes else {}
    return {
        "tokens": signed_in,
        "hook_secret": hook_secret(api, found[LEAVE]) if found else "",
        "connections": found,
        "console": {
            # With its stage: without one MiniStack cuts the last slash off, and the console's links need it.
            "url": f"{api_url}/$default/console/",
            "people": {user.token: user.name for user in USERS},
            "password": password,
        },
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

    def await_end(self, run_id: str, seconds: float = 120.0) -> None:
        """Wait until a run has ended."""
        until = time.monotonic() + seconds
        while not self.call("GET", f"/runs/{run_id}")["finished_at"]:
            if time.monotonic() > until:
                raise StackError(f"The run {run_id} did not end; see .local/logs.")
            time.sleep(0.2)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer; a refusal ends the start with its reason."""
        answer = requests.request(method, f"{self._url}{path}", json=body, headers=self._headers, timeout=60)
        if not answer.ok:
            raise StackError(f"{method} {path} was answered {answer.status_code}: {answer.text}")
        return answer.json()


def connections(api: Api, sandboxes: Mapping[str, str]) -> dict[str, str]:
    """The ids of all connections, by the names under which stack.json tells them.

    They are made one after the other, for which one process of the API is enough, while the first sync of
    leave balances keeps all others busy.
    """
    there: list[Json] = api.call("GET", "/connections?limit=200")["items"]
    found, first_sync = leave(api, sandboxes, there)
    made = {LEAVE: found}
    made |= {f"autovu_{package}": accounting(api, sandboxes, there, package) for package in PACKAGES}
    made |= {name: connection(api, sandboxes, there, plain) for name, plain in PLAIN.items()}
    if first_sync:
        api.await_end(first_sync)
        process_pay(sandboxes["attache"])
    return made


def leave(api: Api, sandboxes: Mapping[str, str], there: Sequence[Json]) -> tuple[str, str]:
    """The connection of Attaché Payroll with Express Leave: made at the first start, and then kept.

    Connecting it starts a full sync, whose id comes with it; after that a pay is processed, so that a first
    login has work to do.
    """
    settings = {name: {"base_url": sandboxes[name]} for name in LEAVE_CREDENTIALS}
    known = [one for one in there if one["kind"] == LEAVE]
    if known:
        found = known[0]
        if any(found["settings"].get(name) != address for name, address in settings.items()):
            # Sandboxes that are somewhere else by now are given their credentials anew.
            changed = {"settings": settings, "credentials": LEAVE_CREDENTIALS}
            found = api.call("PATCH", f"/connections/{found['connection_id']}", changed)
    else:
        body = {"name": "Acme", "kind": LEAVE, "settings": settings, "credentials": LEAVE_CREDENTIALS}
        found = api.call("POST", "/connections", body)
    connection_id = str(found["connection_id"])
    if found["status"] == "connected":
        return connection_id, ""
    return connection_id, str(consent(api, connection_id)["run_id"])


def process_pay(attache: str) -> None:
    """What payroll officers do every fortnight: leave accrues, and somebody new has started."""
    state = requests.get(f"{attache}/_sandbox/state", timeout=60).json(parse_float=str)
    answer = requests.put(f"{attache}/_sandbox/state", json=next_pay(state), timeout=60)
    if not answer.ok:
        raise StackError(f"The sandbox of Attaché refused the next pay: {answer.text}")


def hook_secret(api: Api, connection_id: str) -> str:
    """A new secret for the login hook; the one of the start before is good for another day."""
    return str(api.call("POST", f"/connections/{connection_id}/hook-secret", {})["secret"])


def accounting(api: Api, sandboxes: Mapping[str, str], there: Sequence[Json], package: str) -> str:
    """The connection of AutoVu with one package: made and linked at the first start, and then kept."""
    source = f"autovu_{package}"
    credentials = {"autovu": INTEGRATION_KEY, package: APP}
    settings = {
        "package": package,
        "autovu": {"base_url": sandboxes[source]},
        package: {"base_url": sandboxes[package]},
        "tax_codes": TAX_CODES[package],
    }
    known = [
        one for one in there if one["kind"] == "autovu_accounting" and one["settings"]["package"] == package
    ]
    if known:
        found = known[0]
        addresses = {name: found["settings"][name]["base_url"] for name in ("autovu", package)}
        if addresses != {"autovu": sandboxes[source], package: sandboxes[package]}:
            changed = {"settings": settings, "credentials": credentials}
            found = api.call("PATCH", f"/connections/{found['connection_id']}", changed)
    else:
        body = {"name": f"Workforce {package}", "kind": "autovu_accounting", "settings": settings}
        found = api.call("POST", "/connections", {**body, "credentials": credentials})
    connection_id = str(found["connection_id"])
    if found["status"] != "connected":
        consent(api, connection_id)
    if not known:
        link(api, connection_id)
    return connection_id


def consent(api: Api, connection_id: str) -> dict[str, Any]:
    """What a person does in a browser: open the page of consent, and come back with its code."""
    connect = f"/connections/{connection_id}/connect"
    page = api.call("POST", connect, {"redirect_uri": BACK})["consent_url"]
    answer = requests.get(page, allow_redirects=False, timeout=30)
    if answer.status_code != requests.codes.found:
        raise StackError(f"The sandbox gave no consent ({answer.status_code}): {answer.text}")
    back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    given = {"code": back["code"], "state": back["state"], "realm_id": back.get("realmId")}
    connected: dict[str, Any] = api.call(
        "POST", connect, {name: value for name, value in given.items() if value}
    )
    return connected


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


def connection(api: Api, sandboxes: Mapping[str, str], there: Sequence[Json], plain: Plain) -> str:
    """The id of a connected connection to the sandboxes; made at the first start, and then kept."""
    kind, name, credentials, further = plain
    settings = {system: {"base_url": sandboxes[system]} for system in credentials} | dict(further)
    known = [
        one
        for one in there
        if one["kind"] == kind and one["settings"].get("company") == further.get("company")
    ]
    if known:
        found = known[0]
        if any(found["settings"].get(setting) != value for setting, value in settings.items()):
            changed = {"settings": settings, "credentials": credentials}
            found = api.call("PATCH", f"/connections/{found['connection_id']}", changed)
    else:
        body = {"name": name, "kind": kind, "settings": settings, "credentials": credentials}
        found = api.call("POST", "/connections", body)
    connection_id = str(found["connection_id"])
    if found["status"] != "connected":
        api.call("POST", f"/connections/{connection_id}/connect")
    return connection_id
