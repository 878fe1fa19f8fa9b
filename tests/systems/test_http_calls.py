"""What the door sends beside JSON: forms, headers, other methods; and a token that is renewed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, OutcomeUnknown, RetryLater
from tests.systems.conftest import Bench
from tests.systems.doors import OK, TOKEN, door
from tests.systems.loopback import Loopback, Reply, reply
from tests.worlds.structs import replace


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_and_headers_go_out_as_given(method: str, loopback: Loopback, bench: Bench) -> None:
    loopback.answers(OK)

    sent = door(loopback.origin, bench.options).send(
        method, "/rows/{id}", values={"id": "1"}, body={"a": "b"}, headers={"If-Match": "r7"}, safe=False
    )

    assert sent == {"rows": 1}
    (seen,) = loopback.seen
    assert (seen.method, seen.path, seen.body) == (method, "/rows/1", {"a": "b"})
    assert (seen.headers["If-Match"], seen.headers["Authorization"]) == ("r7", TOKEN)


def test_a_form_reveals_its_secrets_only_on_the_wire(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(OK)
    form = {"grant_type": "x", "code": Secret("a b&c"), "amount": Decimal("1.50")}

    door(loopback.origin, bench.options).send("POST", "/token", body=form, form=True, safe=False)

    (seen,) = loopback.seen
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert seen.body == {"grant_type": "x", "code": "a b&c", "amount": "1.50"}


def test_a_form_is_a_mapping(loopback: Loopback, bench: Bench) -> None:
    with pytest.raises(TypeError, match="a form is a mapping"):
        door(loopback.origin, bench.options).send("POST", "/token", body=["x"], form=True, safe=False)
    assert loopback.seen == []


@pytest.mark.parametrize("status", [200, 201, 204])
def test_an_answer_without_a_body_is_taken_only_where_it_is_expected(
    status: int, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(Reply(status, b""))
    made = door(loopback.origin, bench.options)

    assert made.send("DELETE", "/rows/1", safe=False, empty=True) is None
    with pytest.raises(OutcomeUnknown):
        made.send("DELETE", "/rows/1", safe=False)


@pytest.mark.requirement("CON-3")
@pytest.mark.parametrize("safe", [True, False])
def test_a_refused_token_is_renewed_once_and_the_call_sent_again(
    safe: bool, loopback: Loopback, bench: Bench
) -> None:
    loopback.answers(reply({}, 401), OK)
    made = door(loopback.origin, replace(bench.options, renew=lambda: Secret("second")))

    assert made.send("POST", "/rows", body={}, safe=safe) == {"rows": 1}
    assert [seen.headers["Authorization"] for seen in loopback.seen] == [TOKEN, "Bearer second"]


@pytest.mark.requirement("CON-3")
def test_a_token_that_is_refused_after_its_renewal_is_refused(loopback: Loopback, bench: Bench) -> None:
    loopback.answers(reply({"code": "401", "message": "no"}, 401))
    made = door(loopback.origin, replace(bench.options, renew=lambda: Secret("second")))

    with pytest.raises(CredentialsRefused):
        made.get("/rows")
    assert len(loopback.seen) == 2


@pytest.mark.requirement("CON-3")
def test_a_renewal_that_has_to_wait_makes_the_call_wait(loopback: Loopback, bench: Bench) -> None:
    def renew() -> Secret:
        raise RetryLater("vendor", "busy", seconds=5)

    loopback.answers(reply({}, 401))

    with pytest.raises(RetryLater):
        door(loopback.origin, replace(bench.options, renew=renew)).get("/rows")
