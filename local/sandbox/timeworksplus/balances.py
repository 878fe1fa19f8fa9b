"""What a balance is on a day, how it came about, and how one is set."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from local.sandbox.frame.kinds import listed, misfit, record
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Store
from local.sandbox.frame.room import Row

from .rows import ACCRUALS, DOWN, UP, WRITTEN, WRITTEN_NEEDED, categories

LARGEST_WRITE = 500
_ROWS = listed(record(WRITTEN, WRITTEN_NEEDED))


class Balances:
    """The balances of one person: each is the last that was set, less the hours used since.

    Hours of the very day as of which it was set are in it already. They count where the AccrueDownScript
    names the category; where nothing was ever set, or nothing that is a number, there is no balance.
    """

    def __init__(self, store: Store, site: str, code: str) -> None:
        self._set: dict[str, list[Row]] = {}
        self._used: dict[str, list[Row]] = {}
        lowered = categories(store, site, DOWN)
        for row in store["accruals"].of((site, code)):
            self._set.setdefault(row["category"], []).append(row)
        for row in store["usage"].of((site, code)):
            if row["category"] in lowered:
                self._used.setdefault(row["category"], []).append(row)

    def on(self, category: str, day: str) -> Row:
        """The balance of a category at the end of a day."""
        last = self._last(category, day)
        row = {"category": category, "isHidden": False, "value": "", "date": day, "effective": None}
        if last is None:
            return {**row, "expires": None, "notes": ""}
        row |= {name: last[name] for name in ("isHidden", "effective", "expires", "notes")}
        if last["value"]:
            used = list(self._uses(category, last["effective"], day))
            row["value"] = str(Decimal(last["value"]) - sum(Decimal(one["hours"]) for one in used))
            row["effective"] = max([last["effective"], *(one["date"] for one in used)])
        return row

    def over(self, category: str, start: str, end: str) -> tuple[Row, Row, list[Row]]:
        """The balance on the first day and on the last, and of each day after the first on which something
        happened to it, with what it was.
        """
        days = {row["effective"] for row in self._set.get(category, ())}
        days |= {row["date"] for row in self._used.get(category, ())}
        first = before = self.on(category, start)
        found = []
        for day in sorted(day for day in days if start < day <= end):
            row = self.on(category, day)
            found.append({**row, "Activity": list(self._activity(category, day, before["value"]))})
            before = row
        return first, {**before, "date": end}, found

    def _last(self, category: str, day: str) -> Row | None:
        """What was set last; rows are in order of their days."""
        rows = [row for row in self._set.get(category, ()) if row["effective"] <= day]
        return rows[-1] if rows else None

    def _uses(self, category: str, after: str, day: str) -> Iterable[Row]:
        return (row for row in self._used.get(category, ()) if after < row["date"] <= day)

    def _activity(self, category: str, day: str, before: str) -> Iterable[Row]:
        """The hours of a day first, and then what the balance was set to."""
        value = Decimal(before or 0)
        for use in (one for one in self._used.get(category, ()) if one["date"] == day):
            taken = -Decimal(use["hours"])
            yield _change(DOWN, "Script", taken, taken if before else Decimal(), absolute=False)
            value += taken if before else Decimal()
        for row in self._set.get(category, ()):
            if row["effective"] == day and row["value"]:
                amount = Decimal(row["value"])
                yield _change(row["SavedBy"], row["SavedFrom"], amount, amount - value, absolute=True)


def _change(by: str, source: str, amount: Decimal, delta: Decimal, *, absolute: bool) -> Row:
    return {
        "SavedBy": by,
        "SavedFrom": source,
        "Amount": amount,
        "IsAbsolute": absolute,
        "ChangeType": "Set" if absolute else "Use",
        "Delta": delta,
    }


def write(store: Store, site: str, body: Any) -> object:
    """Set balances, all of them or, where a row is wrong or of a finalized period, none.

    What a row leaves out is reset. Rows of nobody of the site are rejected one by one.
    """
    rows = _fitting(body)
    known = categories(store, site, UP)
    for number, row in enumerate(rows):
        if row["category"] not in known:
            raise Refused("InvalidValue", f"[{number}].category: there is no category {row['category']!r}.")
    finalized = [period for period in store["payperiods"].of(site) if period["IsFinalized"]]
    for day in {row["effective"] for row in rows}:
        if any(period["BeginDate"] <= day <= period["EndDate"] for period in finalized):
            raise Refused("Finalized")
    rejected = []
    for row in rows:
        if (site, row["id"]) in store["employees"]:
            store["accruals"].put(_kept(site, row))
        else:
            told = {name: row[name] for name in ("id", "category", "effective")}
            rejected.append({**told, "Message": f"There is no employee {row['id']}."})
    return {"Accepted": len(rows) - len(rejected), "Rejected": rejected}


def _fitting(body: Any) -> list[Row]:
    if not isinstance(body, list):
        raise misfit("", "a list is needed")
    if len(body) > LARGEST_WRITE:
        raise misfit("", f"at most {LARGEST_WRITE} rows are taken at a time")
    rows: list[Row] = _ROWS.take(body)
    return rows


def _kept(site: str, row: Row) -> Row:
    given = {"siteId": site, "EmployeeCode": row["id"], **ACCRUALS.defaults, **row}
    return ACCRUALS.in_order(given)
