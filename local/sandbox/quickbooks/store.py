"""QuickBooks' data: one table per entity, the company's settings, and the answers under a requestid."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from local.sandbox.frame.calls import Answer
from local.sandbox.frame.room import Row, State
from local.sandbox.frame.table import Table

from .entities import ENTITIES, Entity

REMEMBERED = timedelta(hours=24)
SETTINGS = {"allow_duplicate_numbers": False, "keep_refresh_token": False}
COMPANY: Row = {"Id": "1", "SyncToken": "0", "CompanyName": "Sandbox Company", "Country": "GB"}
PREFERENCES: Row = {
    "Id": "1",
    "SyncToken": "0",
    "CurrencyPrefs": {"HomeCurrency": {"value": "GBP"}, "MultiCurrencyEnabled": False},
    "SalesFormsPrefs": {"CustomTxnNumbers": True},
    "TaxPrefs": {"UsingSalesTax": True},
    "AccountingInfoPrefs": {"UseAccountNumbers": True},
}


class Store:
    """All rows. Those of one series, such as all documents, share one run of ids."""

    def __init__(self, base_version: int = 0) -> None:
        self.tables = {name: Table("Id", order=int) for name in ENTITIES}
        self.settings: Row = dict(SETTINGS)
        self._base_version = base_version
        self._last_ids: dict[str, int] = {}
        self._answers: dict[str, tuple[datetime, Answer]] = {}

    @property
    def version(self) -> int:
        """Grows with every change, also over a replaced state."""
        return self._base_version + sum(table.version for table in self.tables.values())

    @property
    def company(self) -> Row:
        """The one row of CompanyInfo."""
        return self.tables["CompanyInfo"].rows()[0]

    @property
    def preferences(self) -> Row:
        """The one row of Preferences."""
        return self.tables["Preferences"].rows()[0]

    @property
    def home_currency(self) -> str:
        return str(self.preferences["CurrencyPrefs"]["HomeCurrency"]["value"])

    @property
    def many_currencies(self) -> bool:
        return bool(self.preferences["CurrencyPrefs"].get("MultiCurrencyEnabled"))

    @property
    def has_vat(self) -> bool:
        """Whether every line needs a tax code; a company in the US says TAX or NON instead."""
        return bool(self.company.get("Country") != "US")

    def state(self) -> State:
        """All rows by entity."""
        rows = {name: list(table.rows()) for name, table in self.tables.items()}
        return {**rows, "settings": [dict(self.settings)]}

    def put(self, entity: Entity, row: Row) -> None:
        """Add or replace a row, and move its series past its id."""
        self.tables[entity.name].put(row)
        self.reserve(entity, row["Id"])

    def reserve(self, entity: Entity, row_id: str) -> None:
        """Never give this id out."""
        self._last_ids[entity.series] = max(self._last_ids.get(entity.series, 0), int(row_id))

    def next_id(self, entity: Entity) -> str:
        """An id that no row of the series ever had."""
        return str(self._last_ids.get(entity.series, 0) + 1)

    def rows(self, names: Iterable[str]) -> list[tuple[str, Row]]:
        """The rows of several entities, each with its entity's name."""
        return [(name, row) for name in names for row in self.tables[name].rows()]

    def remembered(self, request_id: str, now: datetime) -> Answer | None:
        """The first answer under this requestid, within a day."""
        moment, answer = self._answers.get(request_id, (now - 2 * REMEMBERED, None))
        return answer if now - moment < REMEMBERED else None

    def remember(self, request_id: str, answer: Answer, now: datetime) -> None:
        """Keep the first answer under a requestid."""
        self._answers[request_id] = now, answer


def label(row: Row) -> Any:
    """What a reference shows as the name of a row."""
    return row.get("DisplayName") or row.get("Name")
