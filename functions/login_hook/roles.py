"""Which logins start a sync, by Express Leave's user type, however that is spelled: pure rules (LB-1)."""

from __future__ import annotations

import unicodedata
from enum import Enum


class Starts(Enum):
    """What a login starts."""

    SYNC = "a sync"
    NOTHING = "nothing"
    # Nothing, and somebody has to look: the vendor may have renamed a role that starts one.
    UNKNOWN = "nothing, unknown"


_SYNC = frozenset({"administrator", "hrmanager"})
_NOTHING = frozenset({"nonemployee", "employeenonapprover", "employeeapprover"})


def starts(role: str) -> Starts:
    """What a login by this user type starts: `HR Manager`, `hr-manager` and `HR\u00a0Manager` are one.

    Only letters count. A role that is none of Express Leave's five starts nothing.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKC", role).casefold() if char.isalnum())
    if plain in _SYNC:
        return Starts.SYNC
    return Starts.NOTHING if plain in _NOTHING else Starts.UNKNOWN
