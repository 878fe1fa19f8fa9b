"""Sensitive values show a mask wherever a value can show."""

import copy
import json
import logging
import pickle
import traceback
from dataclasses import asdict, dataclass

import pytest

from payrelay.domain.sensitive import BankAccount, Secret, Sensitive, SocialSecurityNumber

SSN = "01019012345"
VALUES = [
    pytest.param(SocialSecurityNumber(SSN), SSN, "*****45", id="security number"),
    pytest.param(BankAccount("NO9386011117947"), "NO9386011117947", "*****47", id="bank account"),
    pytest.param(Secret("token-abc-123"), "token-abc-123", "*****", id="token"),
    pytest.param(SocialSecurityNumber("123"), "123", "*****", id="too short for a tail"),
]
pytestmark = pytest.mark.requirement("SEC-1")


@dataclass(frozen=True)
class Holder:
    value: object


def _raise_with(value: object) -> str:
    try:
        raise ValueError(f"bad value {value}", value)
    except ValueError:
        return traceback.format_exc()


@pytest.mark.parametrize(("value", "inside", "mask"), VALUES)
def test_every_way_to_print_shows_the_mask(value: Sensitive, inside: str, mask: str) -> None:
    printed = [
        str(value),
        repr(value),
        f"{value}",
        f"{value:>40}",
        "%s %r" % (value, value),  # noqa: UP031
        repr([value]),
        repr({"key": value}),
        repr(Holder(value)),
        str(asdict(Holder(value))),
        json.dumps({"value": value}, default=str),
        _raise_with(value),
    ]

    assert not [text for text in printed if inside in text]
    assert str(value) == value.masked() == mask


@pytest.mark.parametrize(("value", "inside", "mask"), VALUES)
def test_a_log_line_shows_the_mask(
    value: Sensitive, inside: str, mask: str, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("test").warning("saw %s %r", value, [value])

    assert mask in caplog.text
    assert inside not in caplog.text


@pytest.mark.parametrize(("value", "inside", "mask"), VALUES)
def test_it_can_not_be_dumped_or_pickled(value: Sensitive, inside: str, mask: str) -> None:
    for dump in (json.dumps, pickle.dumps):
        with pytest.raises(TypeError) as refusal:
            dump(value)
        assert inside not in str(refusal.value)
    with pytest.raises(TypeError):
        json.dumps({"deep": [{"inside": value}]})
    with pytest.raises(TypeError):
        "".join([value])  # type: ignore[list-item]


@pytest.mark.parametrize(("value", "inside", "mask"), VALUES)
def test_only_reveal_gives_it_out(value: Sensitive, inside: str, mask: str) -> None:
    assert value.reveal() == inside
    assert not hasattr(value, "__dict__")
    with pytest.raises(AttributeError):
        value.anything = 1


def test_two_are_equal_when_kind_and_value_are() -> None:
    assert SocialSecurityNumber(SSN) == SocialSecurityNumber(SSN)
    assert SocialSecurityNumber(SSN) != SocialSecurityNumber("01019012346")
    assert SocialSecurityNumber(SSN) != BankAccount(SSN)
    assert SocialSecurityNumber(SSN) != SSN
    assert len({SocialSecurityNumber(SSN), SocialSecurityNumber(SSN), BankAccount(SSN)}) == 2


def test_an_empty_text_is_false() -> None:
    assert not Secret("")
    assert Secret("x")


def test_a_copy_is_the_same_value() -> None:
    secret = Secret("token")

    assert copy.copy(secret) is copy.deepcopy(secret) is secret


@pytest.mark.parametrize("wrong", [None, 1, 1.5, b"x"])
def test_it_holds_its_own_type_only(wrong: object) -> None:
    with pytest.raises(TypeError, match="SocialSecurityNumber holds str"):
        SocialSecurityNumber(wrong)  # type: ignore[arg-type]


def test_a_fingerprint_depends_on_key_and_value() -> None:
    number = SocialSecurityNumber(SSN)

    assert number.fingerprint(b"key") == SocialSecurityNumber(SSN).fingerprint(b"key")
    assert len(number.fingerprint(b"key")) == 64
    assert number.fingerprint(b"key") != number.fingerprint(b"other")
    assert number.fingerprint(b"key") != SocialSecurityNumber("01019012346").fingerprint(b"key")
    with pytest.raises(ValueError, match="needs a key"):
        number.fingerprint(b"")


def test_it_is_read_from_a_wire() -> None:
    assert SocialSecurityNumber.from_wire(SSN) == SocialSecurityNumber(SSN)


@pytest.mark.parametrize("wrong", [1019012345, [SSN], None])
def test_a_wire_value_of_the_wrong_type_is_refused_without_showing_it(wrong: object) -> None:
    with pytest.raises(ValueError, match="should be str for a SocialSecurityNumber") as refusal:
        SocialSecurityNumber.from_wire(wrong)
    assert "1019012345" not in str(refusal.value)
