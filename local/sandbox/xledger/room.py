"""The room of Xledger: the one endpoint, its token, its limits and its named faults."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from local.sandbox.frame.calls import Answer, Call
from local.sandbox.frame.kinds import Misfit
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Description, Options, State
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import Limit, System

from . import rows
from .documents import checked_document, coerced, count_nodes, is_mutation, prepare, read_request, root_fields
from .errors import RefusedError, error
from .executor import execute_whole
from .projection import resolve_root, run
from .store import Books, clock

_TOKEN_FORM = 'Bad format for API Token. Expected header: "Authorization: token <your-token>"'
_BURST = "Burst rate limit reached"
# The codes that stand at the top of an error, by those of the refusals; all others are BAD_REQUEST.
_CODES = {
    **dict.fromkeys(("burst", "busy"), "BAD_REQUEST.BURST_RATE_LIMIT_REACHED"),
    "concurrency": "BAD_REQUEST.CONCURRENCY_LIMIT_REACHED",
    "credits": "BAD_REQUEST.INSUFFICIENT_CREDITS",
    **dict.fromkeys(("unhandled", "failed", "partial"), "UNHANDLED_ERROR"),
    **dict.fromkeys(("token", "token form"), "UNAUTHORIZED"),
}


class Xledger(System):
    """Xledger's GraphQL endpoint over one store. It mostly refuses with HTTP 200."""

    name = "xledger"
    resources = rows.RESOURCES
    tokens = frozenset({"xledger-sandbox-token", "xledger-sandbox-token-2"})
    limits = (Limit(20, 5.0, code="burst"),)
    refusals: ClassVar = {
        "request": (200, ""),
        "burst": (200, _BURST),
        "concurrency": (200, "Too many concurrent requests"),
        "credits": (200, "Insufficient credits"),
        "unhandled": (200, "An unhandled error occurred"),
        "query_timeout": (200, "Your query timed out."),
        "media": (400, "The Content-Type must be application/json"),
        "token": (401, "The API Token is unknown or has been withdrawn."),
        "token form": (401, _TOKEN_FORM),
        "nothing": (404, ""),
        "method": (405, "GraphQL is served by POST only"),
        "busy": (429, _BURST),
        "failed": (500, "An unhandled error occurred"),
    }
    server: ClassVar = {429: "busy", 500: "failed", 503: "failed"}
    faults: ClassVar = {
        **{name: name for name in ("burst", "concurrency", "unhandled", "query_timeout")},
        "credits": "",
        "token": "token",
        "partial": "",
    }

    def __init__(self, options: Options) -> None:
        self._resolve: Callable[[Books, str, dict[str, Any]], dict[str, Any]] = resolve_root
        super().__init__(options)

    def new_store(self, base_version: int) -> Store:
        return Books(self.resources, base_version, self.options.now)

    def replace_state(self, state: State) -> None:
        with self.lock:
            before = self.store
            super().replace_state(state)
            if isinstance(self.store, Books) and isinstance(before, Books):
                self.store.go_on_behind(before)

    def complete(self, reading: Reading) -> None:
        rows.complete(reading)

    def state(self) -> State:
        with self.lock:
            return rows.shown_state(self.store)

    def routes(self) -> Iterable[Route]:
        return (Route("POST", "/graphql", "graphql", self._graphql, None),)

    def describe(self, call: Call) -> Description:
        """The body tells what is asked for."""
        try:
            request = read_request(call.json())
            operation = prepare(request.query).operation(request.operation_name)
        except (ValueError, Refused):
            return Description(writes=False)
        fields = root_fields(operation)
        names = ",".join(field.name.value for field in fields)
        if not is_mutation(operation):
            return Description(writes=False, operation=names)
        return Description(True, names, count_nodes(fields, request.variables))

    # --- all calls ------------------------------------------------------------------------------------------

    def admit(self, call: Call) -> str:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme != "token" or not token:
            raise Refused("token form")
        if token not in self.let_in:
            raise Refused("token")
        return token

    def body(self, refused: Refused) -> object:
        code = _CODES.get(refused.code, "BAD_REQUEST")
        return {"errors": refused.beside or [error(refused.message, code=code)]}

    def unfit(self, found: list[Misfit], where: str) -> Refused:
        return Refused("media") if where == "headers" else Refused("request", found[0].said)

    def not_there(self, asked: Asked) -> Refused:
        if asked.allowed:
            return Refused("method", headers={"Allow": "POST"})
        return Refused("nothing", f"Nothing is served at {asked.call.path}")

    def _graphql(self, asked: Asked) -> object:
        request = read_request(asked.json())
        document = checked_document(request)
        operation = document.operation(request.operation_name)
        variables = coerced(operation, request.variables)
        store: Any = self.store
        if any(field.name.value in ("__schema", "__type") for field in root_fields(operation)):
            return execute_whole(store, document, request).formatted
        data, errors = run(store, operation, document.fragments, variables, self._resolve)
        return {"data": data, **({"errors": errors} if errors else {})}

    # --- faults ---------------------------------------------------------------------------------------------

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:  # noqa: ARG002
        """Only a mutation of two nodes or more can be written in part."""
        return fault != "partial" or (description.writes and (description.nodes or 0) > 1)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault == "partial":
            return self._answer_in_part(call)
        if fault == "credits":
            at = clock(self.options.now() + timedelta(seconds=reset_in_seconds))
            wrong = error(self.refusals["credits"][1], code=_CODES["credits"], resetAt=at)
            return self.worded(Refused("credits", beside=[wrong]).by(self.refusals))
        return super().suffer(fault, call, reset_in_seconds)

    def _answer_in_part(self, call: Call) -> Answer:
        # Calls are served one at a time, so that no other sees it.
        with self.lock:
            self._resolve = _half
            try:
                return self.answer(call)
            finally:
                self._resolve = resolve_root


def _half(store: Books, name: str, args: dict[str, Any]) -> dict[str, Any]:
    """A bulk mutation of which only the first half is written; the others are named."""
    given: Sequence[Any] = args.get("inputs") or args.get("dbIds") or []
    if len(given) < 2:
        return resolve_root(store, name, args)
    key, cut = ("inputs" if "inputs" in args else "dbIds"), (len(given) + 1) // 2
    value = resolve_root(store, name, {key: given[:cut]})
    left = [item.get("clientId") if isinstance(item, dict) else item for item in given[cut:]]
    wrong = [error(f'Not written: "{one}"', code=_CODES["partial"], clientId=one) for one in left]
    raise RefusedError(wrong, written=value)
