"""What the tests of all rooms do alike: states that are refused, the log, a limit that is met, a JWT."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any


def check_refused(client: Any, state: Any, row: int | None, field: str, said: str) -> None:
    """A state is refused whole, its first problem told, and nothing has changed."""
    before = client.state()
    answer = client.put_state(state)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json()["errors"][0]
    assert (problem["row"], problem["field"]) == (row, field)
    assert said in problem["message"]
    assert client.state() == before


def check_log(client: Any, calls: Iterable[tuple[str, str, str | None]]) -> None:
    """The log names the operation of each call, and says whether it writes: all methods do but GET."""
    told = list(calls)
    client.call("DELETE", "/_sandbox/requests")
    for method, path, _ in told:
        client.call(method, path)
    logged = [(entry["operation"], entry["writes"]) for entry in client.log()]
    assert logged == [(operation, method != "GET") for method, _, operation in told]


def check_limit(client: Any, clocks: Any, path: str, calls: int, words: Mapping[str, Any]) -> None:
    """So many calls in a second, and the next has to wait for one."""
    client.session.hooks["response"].clear()
    clocks.seconds += 1
    answers = [client.get(path) for _ in range(calls + 1)]
    assert [answer.status_code for answer in answers] == [200] * calls + [429]
    assert answers[-1].json().items() >= words.items()
    assert answers[-1].headers["Retry-After"] == "1"
    clocks.seconds += 1
    assert client.get(path).status_code == 200


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says, of whose three parts the claims are the second."""
    head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(head)["typ"] == "JWT"
    assert signature
    return dict(json.loads(claims))
