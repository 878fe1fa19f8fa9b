"""Leave balances at random: what a preview promises, the sync after it keeps (RUN-7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from payrelay.domain.records import Record
from tests.machines.chance import NAMES, SEEDS, Chance
from tests.machines.promises import kept
from tests.worlds.leave import FLOW, Acme
from tests.worlds.leave_api import Row, employee, held, leave, user

PEOPLE = 30
HOURS = (76.0, 0.0, -7.6, 31.4512, 0.0001, 99999.99, None)
DAYS = ("2026-01-04", "2026-01-05", "2025-12-31", "2026-12-31")


def somebody(chance: Chance, code: str) -> Row:
    """An employee of Payroll, mostly a usual one."""
    return employee(code) | chance.some(
        10,
        FullName=NAMES,
        AOemail=(
            "",
            None,
            f"{code}@ACME.EXAMPLE",
            f" {code.lower()}@acme.example",
            "e101@acme.example",
            "no e-mail",
            "e102@acme.example",
            "e103@acme.example",
            "e104@other.example",
        ),
        EnableAttacheOnline=(False,),
        Location=("", *NAMES),
        State=("", "VIC", "nsw"),
        Country=("New Zealand",),
        HourPerDay=(0.0, 7.6, 8),
        TerminationDate=("2026-01-01", "2026-12-31"),
    )


def owed(chance: Chance, code: str) -> Row:
    """What they are owed."""
    al, sl = ((chance.one(*HOURS), chance.one(*HOURS)) for _ in range(2))
    row = leave(code, al=None if None in al else al, sl=None if None in sl else sl)
    return row | chance.some(
        20, LeaveAccrueTo=DAYS, ModifiedAt=("2026-01-05T03:12:00Z", "2026-01-06T00:00:00Z")
    )


def there(chance: Chance, serial: int, code: str) -> Row:
    """Their user in Express Leave, or that of somebody who was made by hand."""
    row = user(f"u-{serial}", code, payroll=chance.happens(85))
    return row | chance.some(
        10,
        Email=(f"{code.lower()}@other.example", f"{code}@ACME.EXAMPLE".lower()),
        Name=NAMES[:6],
        EmployeeId=(f"HAND{serial}", f"{code.lower()}"),
        UserType=("Administrator", "HR Manager"),
    )


def at_express_leave(acme: Acme, record: Record) -> Mapping[str, Any]:
    """What Express Leave has of a balance, by the names of the changes."""
    if record.entity != "balance":
        return {}
    found = acme.balances().get(record.key.replace("-", ":"), (None, None))
    return dict(zip(("balance_hours", "as_at"), found, strict=True))


@pytest.mark.requirement("RUN-7", "LB-8")
@pytest.mark.parametrize("seed", SEEDS)
def test_balances_end_up_as_the_preview_said(acme: Acme, seed: int) -> None:
    chance = Chance(seed)
    codes = [f"E{100 + serial}" for serial in range(PEOPLE)]
    staff = [somebody(chance, code) for code in codes]
    balances = [owed(chance, code) for code in codes if chance.happens(90)]
    users = {
        row["EmployeeId"]: row
        for row in (there(chance, serial, code) for serial, code in enumerate(codes) if chance.happens(60))
    }
    emails: set[str] = set()
    unique = [row for row in users.values() if not (row["Email"] in emails or emails.add(row["Email"]))]  # type: ignore[func-returns-value]
    shown = [
        held(row["EmployeeId"], kind, chance.one("107.45", "0.00", "-1.00"), chance.one(*DAYS))
        for row in unique
        for kind in ("AL", "SL")
        if row["PayrollUser"] == "Yes" and chance.happens(50)
    ]
    acme.settings(brake={"people": 1000, "share": 1})
    acme.fill(*staff, leave=balances, users=unique, balances=shown)
    standing = lambda record: at_express_leave(acme, record)  # noqa: E731
    for many in (3, 12):  # read alone, and from the lists
        some = {"employees": chance.sample([*codes, "E999", "e101"], many)}
        kept(acme, FLOW, "express_leave", standing, options=some)
    kept(acme, FLOW, "express_leave", standing)
    later = [
        somebody(chance, code) if chance.happens(20) else row for code, row in zip(codes, staff, strict=True)
    ]
    acme.put("attache", {**acme.state("attache"), "employees": later})
    for row in (row for row in staff if chance.happens(5)):
        acme.without("attache", "employees", EmployeeCode=row["EmployeeCode"])
    kept(acme, FLOW, "express_leave", standing)
