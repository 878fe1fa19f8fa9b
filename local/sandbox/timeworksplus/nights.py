"""Pay periods that the night finalizes, when it is told to."""

from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from local.sandbox.frame.kinds import fitting, is_day
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row

from .rows import NOW, present

_EVENING, _MORNING = 18, 6
_STAYS_OPEN = timedelta(hours=24)
# So many periods before the present one are left to people.
_LEFT_OPEN = 2
_ORDER = {"now": NOW}


def night(store: Store, body: Any, now: datetime) -> object:
    """Finalize what is older than two periods before the present one, and what was opened a day ago.

    `now` of the body says which night: that of its day, if it is no time of a night itself. Where neither it
    nor the settings say so, enough nights have passed since a period was opened, and after the last period it
    is still that one. Gives what was finalized.
    """
    told = fitting(_ORDER, body or {}).get("now") or store.one("settings")["now"] or ""
    moment = _in_the_night(told, datetime.fromisoformat(told) if told else present(store, now))
    done = []
    for site in store["sites"].rows():
        periods = list(store["payperiods"].of(site["siteId"]))
        begun = list(takewhile(lambda row: row["BeginDate"] <= f"{moment:%Y-%m-%d}", periods))
        for place, row in enumerate(begun[:-1]):
            if row["IsFinalized"]:
                continue
            opened = row["UnfinalizedAt"]
            is_due = _was_opened_long_ago(opened, moment) or not told if opened else _is_old(place, begun)
            if not is_due:
                break  # Periods are finalized in order.
            done.append(finalize(store, row, moment))
    return {"finalized": [{name: row[name] for name in ("siteId", "BeginDate", "EndDate")} for row in done]}


def finalize(store: Store, row: Row, moment: datetime) -> Row:
    """The period as finalized."""
    at = f"{moment:%Y-%m-%dT%H:%M:%S}"
    closed = {**row, "IsFinalized": True, "FinalizedAt": at, "UnfinalizedAt": None}
    store["payperiods"].put(closed)
    return closed


def _is_old(place: int, begun: list[Row]) -> bool:
    return place < len(begun) - 1 - _LEFT_OPEN


def _was_opened_long_ago(opened: str, moment: datetime) -> bool:
    return moment - datetime.fromisoformat(opened) >= _STAYS_OPEN


def _in_the_night(told: str, moment: datetime) -> datetime:
    """By day, and of a day alone, the evening is meant."""
    by_day = _MORNING <= moment.hour < _EVENING or is_day(told)
    return moment.replace(hour=_EVENING, minute=0, second=0) if by_day else moment
