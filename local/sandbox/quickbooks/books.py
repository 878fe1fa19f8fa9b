"""A company's books: the rows, the ids given out, the answers under a requestid, and what one call sees."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.repeats import Repeats
from local.sandbox.frame.resources import Resource, Store
from local.sandbox.frame.room import Row

from .kinds import Entity

ZONE = ZoneInfo("America/Los_Angeles")
# Exchange rates that say nothing, as clients send where there is one currency.
_NO_RATE = (None, 0, 1)


class Books(Store):
    """All rows. Those of one series, such as all documents, share one run of ids."""

    def __init__(self, resources: Iterable[Resource], base_version: int = 0) -> None:
        super().__init__(resources, base_version)
        self._last_ids: dict[str, int] = {}
        # The entities whose ids have been looked at.
        self._counted: set[str] = set()
        # When rows were deleted, by entity and id.
        self.deleted: dict[tuple[str, str], datetime] = {}
        # By the requestid of their calls.
        self.first_answers = Repeats(timedelta(hours=24))

    @property
    def preferences(self) -> Row:
        """The one row of Preferences."""
        return self.one("Preferences")

    @property
    def home_currency(self) -> str:
        return str(self.preferences["CurrencyPrefs"]["HomeCurrency"]["value"])

    @property
    def many_currencies(self) -> bool:
        return bool(self.preferences["CurrencyPrefs"].get("MultiCurrencyEnabled"))

    @property
    def has_vat(self) -> bool:
        """Whether every line needs a tax code; a company in the US says TAX or NON instead."""
        return bool(self.one("CompanyInfo").get("Country") != "US")

    def of_series(self, series: str) -> list[tuple[Entity, Row]]:
        """The rows of all entities of a series."""
        entities = (one for one in self.resources.values() if isinstance(one, Entity))
        return [(one, row) for one in entities if one.series == series for row in self[one.name].rows()]

    def next_id(self, entity: Entity, given: Iterable[Any] = ()) -> str:
        """An id that no row of the series ever had, nor any of those that are `given` and come later."""
        series = entity.series
        if entity.name not in self._counted:
            self._counted.add(entity.name)
            told = [str(row.get("Id")) for row in given if isinstance(row, dict)]
            there = [row["Id"] for _, row in self.of_series(series)]
            ids = [int(one) for one in (*told, *there, *self[entity.name].gone) if one.isdecimal()]
            self._last_ids[series] = max(self._last_ids.get(series, 0), *ids, 0)
        self._last_ids[series] += 1
        return str(self._last_ids[series])

    def count_anew(self) -> None:
        """Ids go on behind all that there are by now."""
        self._counted.clear()


@dataclass
class Session:
    """One call's writes. Rows that a batch made are `unseen` by its later items."""

    books: Books
    now: datetime
    allow_duplicates: bool = False
    unseen: set[tuple[str, str]] = field(default_factory=set)

    def referred(self, entity: str, ref: Row, path: str) -> Row:
        """The active row that a reference means."""
        if "value" not in ref:
            raise Refused("2020", f"Required parameter {path}.value is missing in the request", path)
        key = ref["value"]
        row = None if (entity, key) in self.unseen else self.books[entity].get(key)
        if row is None:
            words = f"Invalid Reference Id : {entity} element id {key} not found"
            raise Refused("2500", words, path)
        if not row.get("Active", True):
            words = "Something you're trying to use has been made inactive. Check the fields with accounts, "
            raise Refused("610", f"{words}customers, items, vendors or employees.", path)
        return row


def need(given: Row, *names: str, within: str = "") -> None:
    """Refuse where one of the members is missing."""
    for name in names:
        if name not in given:
            path = f"{within}{name}"
            raise Refused("2020", f"Required parameter {path} is missing in the request", path)


def check_currency(books: Books, given: Row) -> str:
    """The currency that a row names, or the company's own."""
    currency = str(given.get("CurrencyRef", {}).get("value", books.home_currency))
    has_rate = given.get("ExchangeRate") not in _NO_RATE
    if not books.many_currencies and (has_rate or currency != books.home_currency):
        raise Refused("6000", "Multicurrency is off in this company.", "CurrencyRef")
    return currency


def label(row: Row) -> Any:
    """What a reference shows as the name of a row."""
    return row.get("DisplayName") or row.get("Name")


def moment(now: datetime) -> str:
    """A timestamp with its offset, in QuickBooks' own zone."""
    return now.astimezone(ZONE).isoformat(timespec="seconds")


def times(now: datetime) -> Row:
    """The `MetaData` of a new row."""
    return {"CreateTime": moment(now), "LastUpdatedTime": moment(now)}
