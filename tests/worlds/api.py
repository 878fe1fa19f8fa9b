"""The API in one process: its real handler, AWS in memory, an issuer of tokens, and no state machines."""

from __future__ import annotations

import base64
import gzip
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from local.memory.ledger import MemoryLedger
from payrelay.domain.records import Change, Outcome, PlannedPage, Reason, Record, Write
from payrelay.domain.runs import Connection, ConnectionStatus, Mode, Run, Status, Trigger
from payrelay.flows.engine import close, review
from payrelay.runtime import container
from payrelay.runtime.ids import connection_id, run_id
from payrelay.runtime.tokens import bound
from payrelay.systems.registry import address_of
from tests.worlds import contract
from tests.worlds.aws import REGION, client
from tests.worlds.http_event import CONTEXT, http_event
from tests.worlds.structs import replace

FUNCTIONS = Path(__file__).parents[2] / "functions"
ISSUER = "https://issuer.example/pool"
AUDIENCE = "payrelay-app"
KEY_ID = "key-1"

CREDENTIALS = {
    "simployer": {"access_token": "plant-simployer-token"},
    "xledger": {"api_token": "plant-xledger-token"},
}
BODY = {"name": "Nordlys", "kind": "simployer_xledger", "settings": {}, "credentials": CREDENTIALS}

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "TABLE_NAME": "state",
    "PLANS_BUCKET": "plans",
    "EVENT_BUS": "bus",
    "SECRET_PREFIX": "payrelay",
    "STATE_MACHINE_PREFIX": "arn:aws:states:eu-north-1:123456789012:stateMachine:payrelay-",
    "TOKEN_ISSUER": ISSUER,
    "TOKEN_AUDIENCE": f"another-app, {AUDIENCE}",
    "JWKS_URL": f"{ISSUER}/.well-known/jwks.json",
    "SCHEDULE_GROUP": "payrelay",
    "SCHEDULE_TARGET_ARN": "arn:aws:lambda:eu-north-1:123456789012:function:start-run",
    "SCHEDULE_ROLE_ARN": "arn:aws:iam::123456789012:role/scheduler",
    "SCHEDULE_DLQ_ARN": "arn:aws:sqs:eu-north-1:123456789012:dead-letters",
    "DEAD_LETTERS_URL": f"https://sqs.{REGION}.amazonaws.com/123456789012/dead-letters",
}


@lru_cache(maxsize=2)
def private_key(name: str = KEY_ID) -> rsa.RSAPrivateKey:
    """A key of the issuer, made once for all tests."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set() -> dict[str, Any]:
    """What the issuer publishes."""
    public = RSAAlgorithm.to_jwk(private_key().public_key(), as_dict=True)
    return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}


def claims_of(role: str = "admin", tenant: str = "demo", /, **more: Any) -> dict[str, Any]:
    """The claims of an id token of Cognito."""
    now = int(time.time())
    return {
        "sub": "3f6c",
        "email": f"{role}@{tenant}.example",
        "email_verified": True,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "token_use": "id",
        "iat": now - 10,
        "exp": now + 600,
        "custom:tenant": tenant,
        "cognito:groups": [role],
        **more,
    }


def token_of(claims: Mapping[str, Any], *, kid: str | None = KEY_ID, key: Any = None) -> str:
    """Signed as the issuer does it."""
    headers = {"kid": kid} if kid else {}
    return jwt.encode(dict(claims), key or private_key(), algorithm="RS256", headers=headers)


@lru_cache(maxsize=50)
def _bearer(role: str, tenant: str, minute: int) -> str:
    """What a user sends for some time; to sign a token takes longer than many a call."""
    del minute
    return f"Bearer {token_of(claims_of(role, tenant))}"


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        return str(self.json["code"])

    @property
    def fields(self) -> dict[str, str]:
        """The messages of a problem by field."""
        return {error["field"]: error["message"] for error in self.json["errors"]}


class RecordingExecutions:
    """Stands in for the state machines: notes what would be started."""

    def __init__(self) -> None:
        self.started: list[str] = []
        # How executions have ended, by the ids of their runs; all others go on.
        self.endings: dict[str, str] = {}

    def start(self, run: Run) -> None:
        self.started.append(run.run_id)

    def ended(self, run: Run) -> str | None:
        return self.endings.get(run.run_id)


@dataclass
class World:
    """One stack with two tenants."""

    api: Any
    container: container.Container
    memory: MemoryLedger
    executions: RecordingExecutions = field(default_factory=RecordingExecutions)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        role: str = "admin",
        tenant: str = "demo",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        raw: str | None = None,
    ) -> Reply:
        """One call, as API Gateway's HTTP API hands it over; its answer is one that OpenAPI describes."""
        place = path.partition("?")[0]
        if method != "GET":
            time.sleep(0.001)  # Ids are in order by the millisecond, and two acts of people are never in one.
        bearer = token if token is not None else _bearer(role, tenant, int(time.time()) // 60)
        told = {"content-type": "application/json", "authorization": bearer, **(headers or {})}
        sent = raw if raw is not None or body is None else json.dumps(body)
        answer = self.api.handler(http_event(method, path, told, sent), CONTEXT)
        body = answer["body"] or ""
        if answer.get("isBase64Encoded"):
            body = gzip.decompress(base64.b64decode(body)).decode()
        reply = Reply(answer["statusCode"], answer["headers"], body)
        contract.check(method, place, reply.status, reply.headers, reply.text)
        return reply

    def create(self, tenant: str = "demo", **changed: Any) -> str:
        """A new connection of a tenant; its id."""
        made = self.call("POST", "/connections", {**BODY, **changed}, tenant=tenant)
        assert made.status == 201, made.text
        return str(made.json["connection_id"])

    def connected(self, tenant: str = "demo", **changed: Any) -> str:
        """A new connection that counts as connected; its id."""
        connection_id = self.create(tenant, **changed)
        self.set_status(connection_id, ConnectionStatus.CONNECTED, tenant)
        return connection_id

    def set_status(self, connection_id: str, status: ConnectionStatus, tenant: str = "demo") -> None:
        connection = self.connection(connection_id, tenant)
        names = {"simployer": "Nordlys AS", "xledger": "Xledger entity 500"}
        self.container.ledger.connections.save(replace(connection, status=status, organisations=names))

    def connection(self, connection_id: str, tenant: str = "demo") -> Connection:
        found = self.container.ledger.connections.get(tenant, connection_id)
        assert found
        return found

    def kept(self, connection_id: str, system: str, tenant: str = "demo") -> dict[str, str]:
        """What is kept of a system: what was entered, and what renews itself, as far as it is of that app."""
        kind, whose = self.connection(connection_id, tenant).kind, (tenant, connection_id, system)
        entered = self.container.credentials_of(kind).of(*whose)
        safe = self.container._safe_of(whose)
        sealed = safe.read()
        renewed = safe.open(sealed.kept[0]) if sealed.kept else {}
        if renewed.get("client_id") != entered.get("client_id"):
            renewed = {}
        shown = {**entered, **renewed}
        of_no_interest = ("address", "opened_for")
        return {name: secret.reveal() for name, secret in shown.items() if name not in of_no_interest}

    def keep(self, connection_id: str, system: str, **tokens: str) -> None:
        """These tokens instead of what is kept of a system behind OAuth."""
        connection = self.connection(connection_id)
        safe = self.container._safe_of(("demo", connection_id, system))
        entered = self.container.credentials_of(connection.kind).of("demo", connection_id, system)
        of = bound(entered["client_id"].reveal(), address_of(system, connection.settings))
        safe.write(safe.read(), [safe.seal({**tokens, **of})])

    def start(self, connection_id: str, tenant: str = "demo", **body: Any) -> str:
        """A run in progress; its id."""
        order = {"flow": "employee_export", "mode": "sync", "options": {}, **body}
        made = self.call("POST", f"/connections/{connection_id}/runs", order, tenant=tenant)
        assert made.status == 202, made.text
        return str(made.json["run_id"])

    def stored_run(self, flow: str, tenant: str = "demo") -> str:
        """A queued run of some connection, in the ledger only; its id."""
        engine = self.container.engine
        run = Run(
            tenant=tenant,
            connection_id=connection_id(),
            run_id=run_id(),
            flow=flow,
            trigger=Trigger.MANUAL,
            mode=Mode.SYNC,
            status=Status.QUEUED,
            requested_by="tester",
            queued_at=engine.stamp(),
        )
        engine.ledger.runs.start(run, now=engine.now, lease_seconds=60, ttl=engine.ttl(run))
        return run.run_id

    def stored(self) -> list[dict[str, Any]]:
        """Everything in the table."""
        return list(self.memory.table.everything())

    def pages(self, path: str, name: str) -> list[list[str]]:
        """One field of the items on every page of a list."""
        pages, cursor = [], ""
        while True:
            answer = self.call("GET", f"{path}{cursor}").json
            pages.append([item[name] for item in answer["items"]])
            if answer["next_cursor"] is None:
                return pages
            cursor = f"&cursor={answer['next_cursor']}"

    def run(self, run_id: str, tenant: str = "demo") -> Run:
        found = self.container.ledger.runs.get(tenant, run_id)
        assert found
        return found

    def plan(
        self, run_id: str, records: Sequence[Record] = (), writes: Sequence[Write] = (), **page: Any
    ) -> Run:
        """What the steps of a run do before the first write, with one page."""
        engine, run = self.container.engine, self.run(run_id, page.pop("tenant", "demo"))
        looked_at = page.get("unchanged", 0) + len(records) + len(writes)
        run = engine.ledger.runs.change(
            run,
            status=Status.RUNNING,
            started_at=engine.stamp(),
            total=looked_at,
            pages=1,
            reads=1,
            complete=True,
        )
        planned = PlannedPage(0, page.get("unchanged", 0), tuple(records), tuple(writes))
        engine.ledger.plans.put_writes(run, 0, writes)
        engine.ledger.parts.put_page(run, planned, engine.ttl(run))
        return run

    def finish(self, run_id: str, written: Sequence[Record] = (), tenant: str = "demo") -> Run:
        """What the steps of a run do after its plan."""
        engine, run = self.container.engine, self.run(run_id, tenant)
        event = {"run": {"tenant": tenant, "connection_id": run.connection_id, "run_id": run_id}}
        if run.status is Status.RUNNING:
            review.review_plan(engine, event)
        if written:
            engine.ledger.parts.put_batch(self.run(run_id, tenant), 0, written, engine.ttl(run))
        close.close_run(engine, event)
        return self.run(run_id, tenant)

    def finished(self, connection_id: str, tenant: str = "demo", **body: Any) -> str:
        """A run that ended with one record of each kind; its id. Two were unchanged."""
        run_id = self.start(connection_id, tenant, **body)
        self.plan(run_id, [SKIPPED, BLOCKED], [write(UPDATED), write(FAILED)], unchanged=2, tenant=tenant)
        self.finish(run_id, [UPDATED, FAILED], tenant)
        return run_id


def record(key: str, outcome: Outcome, code: str | None = None, *changes: Change) -> Record:
    """A record of an employee."""
    why = Reason(code, f"Employee {key}: {code}.", "Mend it in Simployer One.") if code else None
    return Record("employee", key, f"Employee {key}", outcome, f"source-{key}", why, changes)


def write(record: Record, *, risks: tuple[Any, ...] = ()) -> Write:
    """What a flow would plan for a record."""
    send = {"employee": {change.field: change.new for change in record.changes}}
    return Write(record, send, risks=risks)


SKIPPED = record("1041", Outcome.SKIPPED, "NOT_ACTIVE")
BLOCKED = record("1042", Outcome.BLOCKED, "REQUIRED_FIELD_MISSING")
UPDATED = record("1043", Outcome.UPDATED, None, Change("email", "old@demo.example", "new@demo.example"))
FAILED = record("1044", Outcome.FAILED, "REFUSED_BY_TARGET", Change("phone", None, "+4790000001"))


def secrets_stored() -> dict[str, Any]:
    """Everything in Secrets Manager, by name."""
    manager = client("secretsmanager")
    names = [secret["Name"] for secret in manager.list_secrets()["SecretList"]]
    return {name: json.loads(manager.get_secret_value(SecretId=name)["SecretString"]) for name in names}


def flat(pages: Sequence[Sequence[str]]) -> list[str]:
    """The items of all pages."""
    return [item for page in pages for item in page]


def load(folder: str, module: str) -> Any:
    """A function's module, imported as Lambda does it: from its own folder, which is on the path."""
    where = str(FUNCTIONS / folder)
    if where not in sys.path:
        sys.path.insert(0, where)
    return __import__(module)
