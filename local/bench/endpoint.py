"""The ledger in memory behind the wire formats of AWS, so that a real handler in another process can use it.

As much of DynamoDB, S3, KMS, Secrets Manager and EventBridge as the steps of a run need; all else is refused.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from local.bench.kms import KEY, OpenKms
from local.bench.memory_bucket import NoSuchKey
from local.memory.ledger import MemoryLedger
from payrelay.ledger.table import Item, from_wire, to_wire

TABLE = "state"
_CONDITIONS = (
    "#pk = :pk",
    "#pk = :pk AND begins_with(#sk, :prefix)",
    "#pk = :pk AND #sk > :after",
    "#pk = :pk AND #sk < :after",
)
# A page of a query holds a megabyte.
PAGE = 1_000_000


def _to_json(item: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(to_wire(item), default=lambda raw: b64encode(raw).decode()))


def _from_json(value: Any) -> Any:
    """Attribute values of a request, their binaries decoded."""
    if isinstance(value, dict):
        return {
            name: b64decode(inner) if name == "B" and isinstance(inner, str) else _from_json(inner)
            for name, inner in value.items()
        }
    return [_from_json(inner) for inner in value] if isinstance(value, list) else value


def _read(raw: Mapping[str, Any]) -> Item:
    return from_wire(_from_json(raw))


class Cancelled(Exception):
    """A transaction of which these positions did not hold, so many in all."""

    def __init__(self, failed: Collection[int], count: int) -> None:
        super().__init__("Transaction cancelled")
        self.reasons = [
            {"Code": "ConditionalCheckFailed" if place in failed else "None"} for place in range(count)
        ]


class Services:
    """What the endpoint answers, over one ledger and one secret."""

    def __init__(self, memory: MemoryLedger, secret: str) -> None:
        self._memory, self._secret = memory, secret

    def call(self, target: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call of a service that speaks JSON; `target` names service and operation."""
        table, operation = self._memory.table, target.rpartition(".")[2]
        match operation:
            case "GetItem":
                item = table.get(_read(body["Key"]))
                return {"Item": _to_json(item)} if item else {}
            case "BatchGetItem":
                found = iter(table.get_many(_read(key) for key in body["RequestItems"][TABLE]["Keys"]))
                return {"Responses": {TABLE: [_to_json(item) for item in found]}, "UnprocessedKeys": {}}
            case "PutItem" | "DeleteItem":
                self._write([{operation.removesuffix("Item"): body}])
                return {}
            case "TransactWriteItems":
                self._write(body["TransactItems"])
                return {}
            case "UpdateItem":
                self._write([{"Update": body}])
                return {"Attributes": _to_json(table.get(_read(body["Key"])) or {})}
            case "Query" if body["KeyConditionExpression"] in _CONDITIONS:
                return self._query(body)
            case "GetSecretValue":
                return {"SecretString": self._secret}
            case "Encrypt":
                text = b64decode(body["Plaintext"])
                sealed = OpenKms().encrypt(
                    KeyId=KEY, Plaintext=text, EncryptionContext=body["EncryptionContext"]
                )
                return {"KeyId": KEY, "CiphertextBlob": b64encode(sealed["CiphertextBlob"]).decode()}
            case "Decrypt":
                part = b64decode(body["CiphertextBlob"])
                opened = OpenKms().decrypt(CiphertextBlob=part, EncryptionContext=body["EncryptionContext"])
                return {"KeyId": KEY, "Plaintext": b64encode(opened["Plaintext"]).decode()}
            case "PutEvents":
                return {"FailedEntryCount": 0, "Entries": [{"EventId": "0"} for _ in body["Entries"]]}
        raise ValueError(f"{target} is not served here: {body}")

    def _write(self, raws: Sequence[Mapping[str, Any]]) -> None:
        """All of these writes, or `Cancelled` and none."""
        failed = self._memory.table.transact(
            [self._action(kind, raw) for one in raws for kind, raw in one.items()]
        )
        if failed:
            raise Cancelled(failed, len(raws))

    def _action(self, kind: str, raw: Mapping[str, Any]) -> Item:
        table, given = self._memory.table, _read(raw.get("ExpressionAttributeValues", {}))
        values = {name.removeprefix(":"): value for name, value in given.items()}
        condition = raw.get("ConditionExpression")
        if kind == "Put":
            return table.putting(_read(raw["Item"]), condition=condition, **values)
        if kind == "Delete":
            return table.deleting(_read(raw["Key"]), condition=condition, **values)
        change = raw["UpdateExpression"]
        return table.updating(_read(raw["Key"]), change, condition=raw["ConditionExpression"], **values)

    def _query(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """One page of a partition, or of one of an index: DynamoDB answers a megabyte at most, too."""
        index = body.get("IndexName")
        sk = f"{index}_sk" if index else "sk"
        start = _read(body["ExclusiveStartKey"]) if "ExclusiveStartKey" in body else {}
        values = _read(body["ExpressionAttributeValues"])
        after = start.get(sk, values.get(":after"))
        pk, prefix = values[":pk"], values.get(":prefix", "")
        newest_first = not body.get("ScanIndexForward", True)
        found, left = [], PAGE
        rows = self._memory.table.query(
            pk, prefix=prefix, after=after, newest_first=newest_first, index=index
        )
        for item in rows:
            found.append(item)
            left -= len(json.dumps(item, default=str))
            if left <= 0:
                break
        names = body.get("ExpressionAttributeNames", {})
        fields = [names[one] for one in body.get("ProjectionExpression", "").split(", ") if one]
        shown = [{name: one[name] for name in fields if name in one} if fields else one for one in found]
        answer: dict[str, Any] = {"Items": [_to_json(item) for item in shown]}
        if left <= 0:
            last = found[-1]
            own = {"pk": last["pk"], "sk": last["sk"]}
            answer["LastEvaluatedKey"] = _to_json({**own, sk: last[sk]} if index else own)
        return answer

    def get_object(self, path: str) -> bytes:
        """An object by `/bucket/key`; `NoSuchKey` if there is none."""
        _, bucket, key = path.split("/", 2)
        found: bytes = self._memory.bucket.get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def put_object(self, path: str, body: bytes) -> None:
        """Keep an object."""
        _, bucket, key = path.split("/", 2)
        self._memory.bucket.put_object(Bucket=bucket, Key=key, Body=body)


class Handler(BaseHTTPRequestHandler):
    """HTTP in and out."""

    services: Services
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self._body())
        try:
            answer, status = self.services.call(self.headers["X-Amz-Target"], body), 200
        except Cancelled as cancelled:
            code = (
                "TransactionCanceledException"
                if "TransactItems" in body
                else "ConditionalCheckFailedException"
            )
            answer = {"__type": code, "message": str(cancelled), "CancellationReasons": cancelled.reasons}
            status = 400
        except ValueError as refused:
            answer, status = {"__type": "ValidationException", "message": str(refused)}, 400
        self._answer(status, json.dumps(answer).encode())

    def do_GET(self) -> None:
        try:
            self._answer(200, self.services.get_object(self.path.partition("?")[0]))
        except NoSuchKey:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_PUT(self) -> None:
        self.services.put_object(self.path.partition("?")[0], self._body())
        self._answer(200, b"")

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Content-Encoding", ""):
            raise ValueError("a body in signed chunks is not read here")
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""


@contextmanager
def served(memory: MemoryLedger, secret: str) -> Iterator[str]:
    """The endpoint's address; it ends with the block."""
    kind = type("Served", (Handler,), {"services": Services(memory, secret)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
