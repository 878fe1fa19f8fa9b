"""Who is meant by what people type, and who a verified e-mail is: pure rules (LB-10, LB-12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from payrelay.domain.addresses import plain_address, same_address
from payrelay.domain.spelling import READER, folded
from payrelay.flows.balance_sync.people import Staff


def same_code(asked: str, code: str) -> bool:
    """Whether what was typed is this code: in any case, with blanks or invisible signs around it."""
    return asked == code or folded(asked, READER) == folded(code, READER)


def meant(asked: str, staff: Iterable[Staff]) -> list[str]:
    """The codes of those whom people mean: by code as it stands, else spelled otherwise, else by e-mail."""
    return found([asked], staff)[asked]


def found(asked: Collection[str], staff: Iterable[Staff]) -> dict[str, list[str]]:
    """The codes of those whom each of these texts means."""
    alike: dict[str, list[str]] = {folded(text, READER): [] for text in asked}
    by_email: dict[str, list[str]] = {plain_address(text): [] for text in asked}
    exact = set()
    for one in staff:
        if one.code in asked:
            exact.add(one.code)
        for known, name in (
            (alike, folded(one.code, READER)),
            (by_email, plain_address(one.details.email or "")),
        ):
            if name in known:
                known[name].append(one.code)
    return {
        text: [text]
        if text in exact
        else sorted(alike[folded(text, READER)] or by_email[plain_address(text)])
        for text in asked
    }


def owner(email: str, staff: Iterable[Staff], today: date) -> Staff | None:
    """The one employee of payroll who has this verified e-mail; None for nobody, and for several (LB-12).

    Of several the one who is still employed: an address is given to somebody new once its owner has left.
    """
    found = [one for one in staff if same_address(email, one.details.email)]
    if len(found) > 1:
        found = [one for one in found if one.terminated is None or one.terminated >= today]
    return found[0] if len(found) == 1 else None


def is_theirs(asked: str, own: Staff) -> bool:
    """Whether what somebody asked for names themselves, by their code or e-mail."""
    return same_code(asked, own.code) or same_address(asked, own.details.email)
