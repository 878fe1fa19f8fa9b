"""What Delft Techniek's pay runs give back: slips, last year's statements, and the entries for the ledger."""

import base64
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from .payroll_cards import card
from .payroll_people import ADMINISTRATION, Colleague
from .pdf import pdf
from .state import Row

# A second company of the same payroll, whose entry is small, and made by cost unit.
SECOND_ADMINISTRATION, COST_UNIT = "600", "P1"
# Whose statement was made before there was anything to state.
BLANK_STATEMENT = "2025"
NET, SECOND_WAGES = "1700", (Decimal("4120.50"), Decimal("2875.25"))
# The account of each component; those of the first are told by cost centre.
_COSTS = {
    "BRUTOLOON": "4000",
    "OVERWERK": "4000",
    "PLOEGENTOESLAG": "4000",
    "REISKOSTEN": "4020",
    "THUISWERK": "4020",
    "TELEFOON": "4020",
}
_OWED = {
    "LOONHEFFING": "1710",
    "PENSIOEN": "1720",
    "WGAPREMIE": "1720",
    "FIETSPLAN": "1730",
    "PERSVER": "1730",
}
# What somebody was paid in a month, by component.
Pay = Mapping[str, Decimal]


def run_of(month: date) -> str:
    """The id of a month's run."""
    return f"run-{month:%Y%m}"


def slips(month: date, people: Iterable[Colleague]) -> Iterator[Row]:
    """A slip for everybody who was paid."""
    for person in people:
        yield {
            "documentId": f"ps-{month:%Y%m}-{person.id}",
            "employeeId": str(person.id),
            "runId": run_of(month),
            "fileName": f"{month:%Y-%m}.pdf",
            "content": _content(f"Salarisstrook {month:%Y-%m}, {person.first} {person.last}"),
        }


def statements(year: int, people: Iterable[Colleague]) -> Iterator[Row]:
    """A statement of a year for everybody, of which one is blank."""
    for person in people:
        yield {
            "documentId": f"as-{year}-{person.id}",
            "employeeId": str(person.id),
            "year": year,
            "blank": str(person.id) == BLANK_STATEMENT,
            "fileName": f"jaaropgaaf-{year}.pdf",
            "content": _content(f"Jaaropgaaf {year}, {person.first} {person.last}"),
        }


def entries(month: date, description: str, pay: Mapping[Colleague, Pay]) -> Iterator[Row]:
    """The entry of a month's run for either company."""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    for administration, lines in ((ADMINISTRATION, _lines(pay)), (SECOND_ADMINISTRATION, _second_lines())):
        yield {
            "entryId": f"je-{month:%Y%m}-{administration}",
            "runId": run_of(month),
            "administratienummer": administration,
            "description": description,
            "entryDate": str(last),
            "lines": [{"lineNo": number, **line} for number, line in enumerate(lines, 1)],
        }


def _lines(pay: Mapping[Colleague, Pay]) -> Iterator[Row]:
    """Costs by account and cost centre, then what is owed by account."""
    costs: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for person, parts in pay.items():
        for code, amount in parts.items():
            if code in _COSTS:
                costs[_COSTS[code], card(person).cost_centre] += amount
            else:
                owed[_OWED.get(code, NET)] += amount if code in _OWED else -amount
    for (account, centre), amount in sorted(costs.items()):
        yield {"glAccount": account, "costCentre": centre, "amount": str(amount)}
    for account, amount in sorted(owed.items()):
        yield {"glAccount": account, "amount": str(amount)}


def _second_lines() -> Iterator[Row]:
    for amount in SECOND_WAGES:
        yield {"glAccount": "4000", "costUnit": COST_UNIT, "amount": str(amount)}
    yield {"glAccount": NET, "amount": str(-sum(SECOND_WAGES))}


def _content(title: str) -> str:
    return base64.b64encode(pdf(title)).decode()
