"""Employment conditions and where the net wage goes: payments that never overlap, and the bank account."""

import re
from collections.abc import Iterable

from local.sandbox.frame.calls import Answer, json_answer
from local.sandbox.frame.kinds import (
    DAY,
    FLAG,
    KEY,
    NAME,
    TEXT,
    Fields,
    fitting,
    like,
    misfit,
    one_of,
    or_null,
)
from local.sandbox.frame.reading import Reading
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Row
from local.sandbox.frame.routes import Asked, Route
from local.sandbox.frame.system import System

from .rows import MONEY

KINDS = ("basicWage", "netPayment", "grossPaymentTable", "netDeduction", "grossDeduction")
# Basic wage has no item, and so one component.
BASIC_WAGE, BASIC = "basicWage", "BASIC"
NETTOLOON = "NETTOLOON"
_FOR_EVER = "9999-12-31"
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "NL"), 18),
    **dict.fromkeys(("AT", "EE", "LT", "LU"), 20),
    **dict.fromkeys(("CH", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "DE", "GB", "IE"), 22),
    **dict.fromkeys(("CZ", "ES", "RO", "SE", "SK"), 24),
    **dict.fromkeys(("PT",), 25),
    **dict.fromkeys(("FR", "GR", "IT"), 27),
    **dict.fromkeys(("CY", "HU", "PL"), 28),
    **dict.fromkeys(("MT",), 31),
}
_PAYMENT: Fields = {"amount": MONEY, "endDate": or_null(DAY), "sourceRef": NAME}
_BANK: Fields = {
    "component": one_of(NETTOLOON),
    "iban": TEXT,
    "bic": or_null(like("a BIC of 8 or 11 characters", r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")),
    "visibleOnPaySlip": FLAG,
    "beneficiary": NAME,
    "city": or_null(TEXT),
    "description1": TEXT,
    "description2": TEXT,
}

PAYMENTS = Resource(
    "payments",
    ("employeeId", "kind", "component", "startDate"),
    {
        "employeeId": KEY,
        "kind": one_of(*KINDS),
        "component": NAME,
        "amount": MONEY,
        "startDate": DAY,
        "endDate": or_null(DAY),
        # One that a person has entered has none.
        "sourceRef": or_null(NAME),
    },
    needed=("employeeId", "kind", "component", "amount", "startDate"),
    defaults={"endDate": None, "sourceRef": None},
    refers={"employeeId": "employees"},
    order=("kind", "component", "startDate"),
    group=("employeeId",),
    hidden=("employeeId",),
)


def _account(row: Row, _: Reading) -> Row:
    return {"component": NETTOLOON, "visibleOnPaySlip": True, "description1": "", "description2": "", **row}


BANK_PAYMENTS = Resource(
    "sepaBankPayments",
    ("employeeId", "component"),
    {"employeeId": KEY, **_BANK},
    needed=("employeeId", "iban"),
    made=_account,
    refers={"employeeId": "employees"},
    group=("employeeId",),
    hidden=("employeeId",),
)
RESOURCES = (PAYMENTS, BANK_PAYMENTS)


class Conditions:
    """The routes of payments and of the bank account, over the store of a room."""

    def __init__(self, room: System) -> None:
        self._room = room

    def routes(self) -> Iterable[Route]:
        """Below one employee."""
        below = "/employees/<employeeId>"
        return (
            self._room.lists(f"{below}/payments", PAYMENTS, parent="employees"),
            Route(
                "PUT",
                f"{below}/payments/<kind>/<component>/<startDate>",
                "change payments",
                self._put_payment,
            ),
            Route("PUT", f"{below}/sepaBankPayments/NETTOLOON", "change sepaBankPayments", self._put_account),
        )

    def _put_payment(self, asked: Asked) -> Answer:
        """Written whole; two payments of one component never hold on one day."""
        self._room.row("employees", asked)
        path = fitting(PAYMENTS.fields, {name: asked.path[name] for name in PAYMENTS.keys})
        body = fitting(_PAYMENT, asked.json(), ("amount", "sourceRef"))
        row: Row = PAYMENTS.in_order({**path, "endDate": None, **body})
        self._check_component(row)
        if row["endDate"] is not None and row["endDate"] < row["startDate"]:
            raise misfit("endDate", "must not be before startDate")
        table = self._room.store["payments"]
        for other in table.of(row["employeeId"]):
            if _same_payment(other, row) and other["startDate"] != row["startDate"] and _overlap(other, row):
                raise Refused(
                    "OverlappingPayment",
                    f"{row['component']} from {other['startDate']} to {other['endDate'] or 'further notice'} "
                    f"({other['sourceRef'] or 'entered by hand'}) holds on the same days.",
                    "startDate",
                )
        old = table.get(table.key_of(row))
        table.put(row)
        return json_answer(201 if old is None else 200, PAYMENTS.shown(row))

    def _check_component(self, row: Row) -> None:
        """Basic wage has its own; the others are those of the employer, of this kind."""
        known = self._room.store["components"].get(row["component"])
        kinds = {known["kind"]} if known else set()
        if row["component"] == BASIC:
            kinds.add(BASIC_WAGE)
        if row["kind"] not in kinds:
            raise Refused("UnknownComponent", f"{row['component']} is no {row['kind']}.", "component")

    def _put_account(self, asked: Asked) -> Answer:
        """Written whole; an account in the Netherlands has no BIC, not even an empty one."""
        employee = self._room.row("employees", asked)
        sent = asked.json()
        iban = sent.get("iban") if isinstance(sent, dict) else None
        if isinstance(iban, str) and not _is_iban(iban):
            raise Refused("InvalidIban", "The IBAN does not exist.", "iban")
        if isinstance(iban, str) and iban.startswith("NL") and "bic" in sent:
            raise Refused("BicNotAllowed", "A BIC is not allowed with an IBAN of the Netherlands.", "bic")
        body = fitting(_BANK, sent, ("iban", "visibleOnPaySlip", "beneficiary"))
        given = {"component": NETTOLOON, "city": None, "description1": "", "description2": "", **body}
        row = BANK_PAYMENTS.in_order({"employeeId": employee["employeeId"], **given})
        table = self._room.store["sepaBankPayments"]
        old = table.get(table.key_of(row))
        table.put(row)
        return json_answer(201 if old is None else 200, BANK_PAYMENTS.shown(row))


def _same_payment(one: Row, other: Row) -> bool:
    return bool((one["kind"], one["component"]) == (other["kind"], other["component"]))


def _overlap(one: Row, other: Row) -> bool:
    """Whether there is a day on which both hold."""
    return bool(
        one["startDate"] <= (other["endDate"] or _FOR_EVER)
        and other["startDate"] <= (one["endDate"] or _FOR_EVER)
    )


def _is_iban(text: str) -> bool:
    """Whether its form, its length and its check digits are right; blanks and small letters are not."""
    if not _IBAN.fullmatch(text) or len(text) != _LENGTHS.get(text[:2], len(text)):
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1
