"""Signed messages: whose they are, and which are refused before anything in them is read (TRG-3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest

from payrelay.domain.webhooks import (
    Form,
    SignatureRefused,
    SignatureUnreadable,
    Signed,
    check,
    new_key,
    sign,
)

pytestmark = pytest.mark.requirement("TRG-3")

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"another key of thirty-two bytes.").decode()
BODY = b'{"test": 2432232314}'
NOW = 1_614_265_330
STANDARD, EXPRESS_LEAVE = Form.STANDARD, Form.EXPRESS_LEAVE

Headers = dict[str, str]


def standard(key: str = KEY, message_id: str = "msg_1", moment: int = NOW, body: bytes = BODY) -> Headers:
    return sign(key, message_id, moment, body)


def express_leave(key: bytes = KEY.encode(), moment: int = NOW, body: bytes = BODY) -> Headers:
    digest = hmac.new(key, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-expressleave-timestamp": str(moment), "x-expressleave-signature": f"sha256={digest}"}


BOTH: list[Callable[..., Headers]] = [standard, express_leave]
both = pytest.mark.parametrize("signed", BOTH)


# The message by which implementations of Standard Webhooks are compared.
VECTOR = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(NOW),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


@pytest.mark.parametrize("key", [KEY, KEY.removeprefix("whsec_")])
def test_the_known_message_of_standard_webhooks_is_accepted(key: str) -> None:
    assert check(VECTOR, BODY, [key], NOW) == Signed(STANDARD, VECTOR["webhook-id"])
    assert sign(key, VECTOR["webhook-id"], NOW, BODY) == VECTOR


def test_a_message_in_the_form_of_express_leave_has_its_id_in_the_body() -> None:
    assert check(express_leave(), BODY, [KEY], NOW) == Signed(EXPRESS_LEAVE, None)


def test_express_leave_may_take_the_text_of_the_secret_or_what_it_stands_for() -> None:
    key = new_key()
    for one in (key.encode(), base64.b64decode(key.removeprefix("whsec_"))):
        assert check(express_leave(one), BODY, [key], NOW).form is EXPRESS_LEAVE


@both
def test_of_several_secrets_each_is_good(signed: Callable[..., Headers]) -> None:
    form = check(signed(), BODY, [KEY], NOW)
    assert check(signed(), BODY, [OTHER, KEY], NOW) == check(signed(), BODY, [KEY, OTHER], NOW) == form


def test_one_good_signature_among_several_is_enough() -> None:
    good, other = standard(), standard(OTHER)["webhook-signature"]
    given = f"v1a,bm90IGZvciB1cw== {other} {good['webhook-signature']}"
    assert check({**good, "webhook-signature": given}, BODY, [KEY], NOW).form is STANDARD
    with pytest.raises(SignatureRefused, match="not right"):
        check({**good, "webhook-signature": f"{other} {other}"}, BODY, [KEY], NOW)


def bare(headers: Headers) -> str:
    return headers["webhook-signature"].removeprefix("v1,")


FORGED = [
    ("another key", standard(OTHER), BODY),
    ("another body", standard(), b'{"test": 2432232315}'),
    ("a space more", standard(), BODY + b" "),
    ("no body", standard(), b""),
    ("another id", {**standard(), "webhook-id": "msg_2"}, BODY),
    ("another time", {**standard(), "webhook-timestamp": str(NOW + 1)}, BODY),
    ("the time written otherwise", {**standard(), "webhook-timestamp": f"0{NOW}"}, BODY),
    ("id and time cut elsewhere", {**standard(message_id=f"m.{NOW}"), "webhook-id": "m"}, BODY),
    ("no version", {**standard(), "webhook-signature": bare(standard())}, BODY),
    ("another version", {**standard(), "webhook-signature": f"v2,{bare(standard())}"}, BODY),
    ("no signature in the header", {**standard(), "webhook-signature": " "}, BODY),
    ("a signature that is no ASCII", {**standard(), "webhook-signature": "v1,é"}, BODY),
    ("no headers", {}, BODY),
    ("the id only", {"webhook-id": "msg_1", "webhook-timestamp": str(NOW)}, BODY),
    ("no time", {name: text for name, text in standard().items() if name != "webhook-timestamp"}, BODY),
    ("Express Leave: another key", express_leave(OTHER.encode()), BODY),
    ("Express Leave: another body", express_leave(), b"{}"),
    ("Express Leave: another time", {**express_leave(), "x-expressleave-timestamp": str(NOW + 1)}, BODY),
    ("Express Leave: no time", {"x-expressleave-signature": "sha256=00"}, BODY),
    ("Express Leave: no signature", {**express_leave(), "x-expressleave-signature": ""}, BODY),
    (
        "Express Leave: no name of the hash",
        {**express_leave(), "x-expressleave-signature": express_leave()["x-expressleave-signature"][7:]},
        BODY,
    ),
    # A second signature does not help a first one that is wrong: it is told by its header whose form it is.
    ("both forms, one wrong", {**standard(), **express_leave(OTHER.encode())}, BODY),
]


@pytest.mark.parametrize(("headers", "body"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED])
def test_what_the_sender_has_not_signed_like_this_is_refused(headers: Headers, body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        check(headers, body, [KEY], NOW)


def test_no_secret_accepts_nothing() -> None:
    with pytest.raises(SignatureRefused):
        check(standard(), BODY, [], NOW)


@both
@pytest.mark.parametrize("off", [-300, -299, 0, 299, 300])
def test_five_minutes_on_the_way_or_of_difference_between_clocks_are_allowed(
    signed: Callable[..., Headers], off: int
) -> None:
    assert check(signed(moment=NOW + off), BODY, [KEY], NOW)


@both
@pytest.mark.parametrize("off", [-86_400, -301, 301, 86_400])
def test_what_is_older_or_further_ahead_is_refused(signed: Callable[..., Headers], off: int) -> None:
    with pytest.raises(SignatureRefused, match="more than 5 minutes"):
        check(signed(moment=NOW + off), BODY, [KEY], NOW)


UNREADABLE = [
    ("no id", {"webhook-id": ""}),
    ("a long id", {"webhook-id": "m" * 256}),
    ("an id with a line break", {"webhook-id": "msg_1\n"}),
    ("a time that is none", {"webhook-timestamp": "yesterday"}),
    ("a negative time", {"webhook-timestamp": f"-{NOW}"}),
    ("a time with a fraction", {"webhook-timestamp": f"{NOW}.5"}),
    ("a time in other digits", {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"}),
    ("a time without end", {"webhook-timestamp": "9" * 5000}),
]


@pytest.mark.parametrize("changed", [row[1] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_headers_that_are_not_as_they_have_to_be_are_told_apart(changed: Headers) -> None:
    with pytest.raises(SignatureUnreadable, match="must"):
        check({**standard(), **changed}, BODY, [KEY], NOW)
    if "webhook-timestamp" in changed:
        times = {"x-expressleave-timestamp": changed["webhook-timestamp"]}
        with pytest.raises(SignatureUnreadable, match="X-ExpressLeave-Timestamp"):
            check({**express_leave(), **times}, BODY, [KEY], NOW)


def test_the_longest_id_is_accepted() -> None:
    assert check(standard(message_id="m" * 255), BODY, [KEY], NOW).message_id == "m" * 255


def test_a_new_secret_is_one_of_its_own_and_long_enough() -> None:
    keys = {new_key() for _ in range(20)}
    assert len(keys) == 20
    assert {len(base64.b64decode(key.removeprefix("whsec_"), validate=True)) for key in keys} == {32}
    assert all(key.startswith("whsec_") for key in keys)
