"""The fields of both systems as their screens call them, for messages: no field of a wire shows there."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SCREENS: Mapping[str, str] = {
    # Attaché Payroll: the Online Services tab, and the Leave tab.
    "AOemail": "Attaché Online e-mail",
    "EnableAttacheOnline": "Enable Attaché Online",
    "HourPerDay": "Hours per day",
    "LeaveAccrueTo": "Leave accrued up to and including",
    "LeaveAccruedUpToAndIncluding": "Leave accrued up to and including",
    "ModifiedAt": "Time of the last change",
    # Express Leave: Manage Users, and Company Admin.
    "EmployeeId": "Employee ID",
    "UserId": "User ID",
    "BalanceHours": "Balance",
    "SyncedAt": "Time of the sync",
}
_ENTITLED = re.compile(r"([A-Z]{2,3})EntitleHourAcc")
_PRO_RATA = re.compile(r"([A-Z]{2,3})ProRataHourAcc")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def on_screen(field: str) -> str:
    """A field as people know it: `HourPerDay` is Hours per day, `VisibleTo` is Visible To."""
    if field in _SCREENS:
        return _SCREENS[field]
    text = _PRO_RATA.sub(r"Pro Rata Owing of \1", _ENTITLED.sub(r"Entitlement Owing of \1", field))
    return _CAPITAL.sub(" ", text)
